import CRDT
import Domain
import Simulation
import Storage
import Wire

// What people write and read at stores that play, and chunks that are sent by hand.

extension StorePlayer {
    private static let tag = Value.text("tag")
    private static let stream = Value.text("s0")

    func isOpen(_ place: Place, at node: Int) throws -> Bool {
        try record(place, at: node) != nil
    }

    private func record(_ place: Place, at node: Int) throws -> StoredRecord? {
        guard let thing = things[place] else { return nil }
        return try nodes[node].store.read {
            try $0.record(thing, of: MistakeSchema.thing, in: place.scope)
        }
    }

    func heads(_ cell: Cell, _ place: Place, at node: Int) throws -> Set<Label> {
        Set((try record(place, at: node)?.names(cell.rawValue) ?? []).compactMap(label))
    }

    func tags(_ place: Place, at node: Int) throws -> Set<Label> {
        let record = try record(place, at: node)?.record
        return Set((record?.sets[4]?.additions[Self.tag] ?? []).compactMap(label))
    }

    func stream(_ place: Place, at node: Int) throws -> Set<Label> {
        let events = try nodes[node].store.read {
            try $0.events(of: MistakeSchema.step, in: place.scope, stream: [Self.stream])
        }
        let stream = Stream(
            events.map { Stream.Entry($0.id, rank: $0.rank, index: $0.index, after: $0.after) }
        )
        return Set(stream.heads.compactMap(label))
    }

    private func label(_ name: Name) -> Label? { labelsByName[name] }

    private func names(_ labels: Set<Label>) -> [Name] {
        labels.compactMap { stage.authored[$0]?.stored.name }.sorted()
    }

    // MARK: - Writing

    func write(_ parts: [Part], as label: Label, at node: Int) throws -> Authored.Stored {
        if case .verdict(_, let ruling, _) = parts.first {
            return try rule(ruling, parts, as: label)
        }
        let operation = operation(parts, on: things[label.place] ?? .zero)
        let scope = label.place.scope
        let saved = try act(label.act, at: node) { $0.add(operation, in: scope) }
        return try note(saved, as: label, at: node)
    }

    private func rule(
        _ ruling: Ruling,
        _ parts: [Part],
        as label: Label
    ) throws -> Authored.Stored {
        let targets = parts.compactMap { part -> FeedPoint? in
            if case .verdict(let target, _, _) = part { points[target] } else { nil }
        }
        let saved = try nodes[0].store.rule(
            ruling,
            on: targets.map { (label.place.scope, $0) },
            reason: "",
            by: Self.actor(label.act),
            wallMilliseconds: nodes[0].wall(now)
        )
        return try note(saved, as: label, at: 0)
    }

    private func operation(_ parts: [Part], on thing: ID) -> Operation {
        if case .event(let after) = parts.first {
            let edits = [
                FieldEdit(1, .write(Self.stream, replacing: [])),
                FieldEdit(2, .write(.text("word"), replacing: [])),
            ]
            let number = MistakeSchema.step.number
            return Operation(number, .event, after: names(after), edits: edits)
        }
        let edits = parts.compactMap { part -> FieldEdit? in
            switch part {
            case .write(let cell, let value, let seen):
                FieldEdit(cell.rawValue, .write(.text(value), replacing: names(seen)))
            case .add: FieldEdit(4, .add(Self.tag, replacing: []))
            case .remove(let labels): FieldEdit(4, .remove(Self.tag, names: names(labels)))
            case .event, .verdict: nil
            }
        }
        return Operation(MistakeSchema.thing.number, .existing(thing), edits: edits)
    }

    // MARK: - Chunks by hand

    func open(from: Int, to: Int) throws {
        let scopes = Place.allCases.map(\.scope).filter { scope in
            to != 3 && from != 3 || scope == Place.shared.scope
        }
        let frontiers = try nodes[to].store.frontiers(of: scopes)
        lines.append(Line(from: from, to: to, scopes: scopes, frontiers: frontiers))
    }

    func step(back: Int, isScrambled: Bool) throws {
        let index = lines.count - 1 - back
        guard lines.indices.contains(index), !lines[index].isOver else { return }
        let line = lines[index]
        let end = nodes[line.from].store.position
        for scope in line.scopes {
            var cursor = isScrambled ? 0 : line.cursor
            let now = isScrambled ? try nodes[line.to].store.frontiers(of: [scope]) : [:]
            while true {
                let chunk = try nodes[line.from].store.readChunk(
                    of: scope,
                    after: cursor,
                    upTo: end,
                    lacking: isScrambled ? now[scope] ?? Frontier() : line.frontiers[scope],
                    known: [:],
                    introduced: []
                )
                let items = isScrambled ? scrambled(chunk.items) : chunk.items
                guard try deliver(items, of: scope, line, counts: !isScrambled) else {
                    if !isScrambled { lines[index].isOver = true }
                    return
                }
                cursor = chunk.position
                if chunk.isComplete { break }
            }
        }
        if !isScrambled { lines[index].cursor = max(line.cursor, end) }
    }

    /// - Returns: Whether the session goes on.
    private func deliver(
        _ items: [Chunk.Item],
        of scope: Scope,
        _ line: Line,
        counts: Bool
    ) throws -> Bool {
        let ingested = try nodes[line.to].store.ingest(
            Chunk(scope: scope, items: items),
            from: nodes[line.from].store.device,
            wallMilliseconds: nodes[line.to].wall(now)
        )
        if counts, ingested.isOrderBroken || !ingested.refused.isEmpty {
            refused.append("from \(line.from) to \(line.to): \(ingested)")
        }
        return !ingested.isOrderBroken
    }

    /// Feed by feed, the last to begin first: dense, but not in order of arrival.
    private func scrambled(_ items: [Chunk.Item]) -> [Chunk.Item] {
        var bindings: [Chunk.Item] = []
        var feeds: [(replica: ID, runs: [Chunk.Item])] = []
        for item in items {
            guard case .run(let run) = item else {
                bindings.append(item)
                continue
            }
            if let place = feeds.firstIndex(where: { $0.replica == run.replica }) {
                feeds[place].runs.append(item)
            } else {
                feeds.append((run.replica, [item]))
            }
        }
        return bindings + feeds.reversed().flatMap(\.runs)
    }

    // MARK: - What is shown

    func held(_ place: Place, at node: Int) throws -> [Label] {
        try NaiveScope(place.scope, of: nodes[node].store).changes.compactMap {
            labels[$0.point.hash]
        }
    }

    func shown() throws -> [Int: [Place: Shown]] {
        var all: [Int: [Place: Shown]] = [:]
        for node in nodes.indices {
            for place in Place.allCases {
                guard let record = try record(place, at: node) else { continue }
                var shown = Shown()
                shown.held = try held(place, at: node)
                for cell in Cell.allCases {
                    guard let value = record.fields.text(cell.rawValue) else { continue }
                    let heads = record.heads(cell.rawValue)
                    shown.heads[cell] = Set(heads.compactMap { label($0.name) })
                    shown.values[cell] = value
                    shown.shown[cell] = heads.first { $0.value == .text(value) }
                        .flatMap { label($0.name) }
                }
                shown.tags = try tags(place, at: node)
                shown.stream = try stream(place, at: node)
                all[node, default: [:]][place] = shown
            }
        }
        return all
    }

    /// What is wrong with the stores themselves.
    func faults() throws -> [String] {
        try nodes.flatMap { node in
            let naive = try Place.allCases.flatMap { place in
                try node.store.digests().contains { $0.scope == place.scope }
                    ? NaiveState(NaiveScope(place.scope, of: node.store)).differences(node.name)
                    : []
            }
            return try node.store.verify { _ in }.faults + naive
        }
    }
}
