import CRDT
import Domain
import Simulation
import Storage
import Sync
import Wire

/// Four stores that play: what the product does, by its own means.
final class StorePlayer: Player {
    /// A session of one direction over frontiers, which stands still between steps.
    struct Line {
        let from: Int
        let to: Int
        let scopes: [Scope]
        let frontiers: [Scope: Frontier]
        var cursor: Int64 = 0
        var isOver = false
    }

    let kit: TenantKit
    private(set) var nodes: [SimulatedNode] = []
    var stage = Stage()
    var now = TenantKit.start
    var refused: [String] = []
    private(set) var things: [Place: ID] = [:]
    private(set) var labels: [Hash: Label] = [:]
    private(set) var points: [Label: FeedPoint] = [:]
    private(set) var labelsByName: [Name: Label] = [:]
    private var backups: [Int: String] = [:]
    private var attested: Set<Label> = []
    private var hasJoined = false
    var lines: [Line] = []
    private var meetings: UInt64 = 0

    init(_ play: Play) throws {
        kit = try TenantKit()
        let kinds: [(String, Certificate.Kind, ID)] = [
            ("hub", .hub, .zero), ("a1", .station, World.siteA), ("a2", .station, World.siteA),
            ("b1", .station, World.siteB),
        ]
        for (index, (name, kind, site)) in kinds.enumerated() {
            let isOld = play.family == .versions && index > 0
            nodes.append(
                try SimulatedNode(
                    name,
                    kind,
                    site: site,
                    kit: kit,
                    seed: play.seed &* 100 &+ UInt64(index) &+ 1,
                    schema: isOld ? MistakeSchema.old : MistakeSchema.new
                )
            )
        }
        try subscribe(1, World.siteA, .shared)
        try subscribe(1, World.siteA, .partial)
        try subscribe(3, World.siteB, .shared)
        for node in 1...3 { try meet(node, 0) }
        for place in Place.allCases { try create(place) }
        for _ in 0..<2 {
            for node in 1...3 { try meet(node, 0) }
        }
        pass(7_200_000)
    }

    private func subscribe(_ node: Int, _ site: ID, _ place: Place) throws {
        _ = try act(at: node) { draft in
            let opening = FieldEdit(1, .write(.id(place.scope.key), replacing: []))
            draft.add(Operation(Opening.number, .event, edits: [opening]), in: .site(site))
            let opened = FieldEdit(1, .write(.id(site), replacing: []))
            draft.add(Operation(Opened.number, .event, edits: [opened]), in: place.scope)
        }
    }

    private func create(_ place: Place) throws {
        let words = [(Cell.plain, "p"), (.cautious, "PASS")]
        let saved = try act(at: 0) { draft in
            let edits = words.map {
                FieldEdit($0.rawValue, .write(.text($1), replacing: []))
            }
            draft.add(Operation(MistakeSchema.thing.number, .new, edits: edits), in: place.scope)
        }
        things[place] = ID(createdAt: saved.stamp, index: 0)
        let label = Label(act: -1, place: place)
        let stored = try note(saved, as: label, at: 0)
        let parts = words.map { Part.write($0, $1, seen: []) }
        stage.authored[label] = Authored(node: 0, parts: parts, isBad: false, stored: stored)
    }

    /// A person who logs in for each act, so that no two acts of a clone and its original are one
    /// change, byte for byte.
    static func actor(_ act: Int) -> Actor {
        Actor(user: History.actor.user, login: UInt64(act + 2), method: .secretInLogin)
    }

    func act(
        _ number: Int = -1,
        at node: Int,
        _ fill: @escaping @Sendable (inout Draft) -> Void
    ) throws -> Saved {
        let (store, actor) = (nodes[node].store, Self.actor(number))
        return try store.act(actor, wallMilliseconds: nodes[node].wall(now)) { _ in
            var draft = Draft()
            fill(&draft)
            return draft
        }
    }

    /// Remembers how a change is called.
    func note(_ saved: Saved, as label: Label, at node: Int) throws -> Authored.Stored {
        guard let part = saved.changes.first(where: { $0.scope == label.place.scope }) else {
            throw StorageError(.damaged, "nothing was written")
        }
        let name = Name(saved.stamp, hash: part.hash.prefix)
        let replica = saved.stamp.replica
        labels[part.hash] = label
        points[label] = FeedPoint(replica: replica, sequence: part.sequence, hash: part.hash)
        labelsByName[name] = label
        return Authored.Stored(name: name, replica: replica, sequence: part.sequence)
    }

    // MARK: - Time and disks

    var position: Int { nodes.reduce(0) { $0 + Int($1.store.position) } }

    func pass(_ milliseconds: UInt64) { now += milliseconds }

    func setClock(_ error: Int64, of node: Int) { nodes[node].clockError = error }

    func backUp(_ node: Int) throws { backups[node] = try nodes[node].snapshot(withState: true) }

    func restore(_ node: Int, asClone: Bool) throws -> Bool {
        guard let copy = backups[node] else { return false }
        try nodes[node].restore(copy, withState: asClone, at: now)
        for index in lines.indices where lines[index].from == node || lines[index].to == node {
            lines[index].isOver = true
        }
        return true
    }

    func upgrade(_ node: Int) throws {
        guard isOld(node) else { return }
        try nodes[node].restart(at: now, as: MistakeSchema.new)
    }

    func join() throws {
        guard !hasJoined else { return }
        hasJoined = true
        try subscribe(3, World.siteB, .partial)
    }

    /// A store never leaves a scope.
    func leave(_ node: Int) -> Bool { false }

    func isOld(_ node: Int) -> Bool { nodes[node].schema.version == MistakeSchema.old.version }

    func meet(_ one: Int, _ other: Int) throws {
        guard one != other else { return }
        try meet(one, other, meanwhile: nil)
    }

    /// A session, in which something happens before a frame is delivered.
    func meet(_ one: Int, _ other: Int, meanwhile: ((_ frame: Int) throws -> Void)?) throws {
        meetings += 1
        var meeting = Meeting(nodes[one], nodes[other], now: now, seed: meetings)
        meeting.meanwhile = meanwhile
        let outcome = try meeting.run()
        for ending in [outcome.initiatorEnding, outcome.responderEnding] {
            if let ending, ending.code != .done { refused.append("\(ending)") }
        }
        for case .refusedHere(let run) in outcome.reports { refused.append("\(run)") }
    }

    // MARK: - Ruling

    func rulings(on label: Label) throws -> [Label: Ruling]? {
        guard let point = points[label], let thing = things[label.place],
            let name = stage.authored[label]?.stored.name
        else { return nil }
        let scope = label.place.scope
        let id = ID(
            naturalKey: Verdict.key(of: point),
            of: Verdict.number,
            in: scope,
            tenant: kit.tenant
        )
        return try nodes[0].store.read { view in
            let number = MistakeSchema.thing.number
            let history = try view.history(of: thing, entity: number, in: scope)
            guard history.contains(where: { $0.name == name }) else { return nil }
            let verdict = try view.record(id, of: Verdict.entity, in: scope)
            let heads = (verdict?.heads(Verdict.ruling) ?? []).compactMap { head in
                guard case .text(let word) = head.value, let said = labelsByName[head.name],
                    let ruling = Ruling(rawValue: word)
                else { return nil as (Label, Ruling)? }
                return (said, ruling)
            }
            return Dictionary(uniqueKeysWithValues: heads)
        }
    }

    func attest(_ act: Int) throws -> [Label: HybridTime] {
        let wall = nodes[0].wall(now)
        var said: [Label: HybridTime] = [:]
        for place in Place.allCases {
            for label in try held(place, at: 0) where attested.insert(label).inserted {
                guard let change = stage.authored[label], change.node != 0,
                    change.stored.name.stamp.time.milliseconds
                        > wall + HybridClock.boundMilliseconds
                else { continue }
                said[label] = HybridTime(milliseconds: wall)
            }
        }
        try nodes[0].store.attest(wallMilliseconds: wall)
        return said
    }
}

/// What is written in plays: a thing, and a step of a stream.
enum MistakeSchema {
    static let new = schema(version: 2, [Field(Cell.newer.rawValue, "newer", .text)])
    static let old = schema(version: 1, [])
    static let thing = new.entities.first { $0.number == 1_001 } ?? SimulationSchema.thing
    static let step = SimulationSchema.step

    private static func schema(version: UInt32, _ more: [Field]) -> Schema {
        let full = SimulationSchema.thing
        let thing = Entity(
            full.number,
            full.name,
            in: full.scopes,
            form: full.form,
            fields: full.fields.filter { $0.number <= 5 } + more
        )
        return Schema(
            version: version,
            entities: [thing, step, Opening.entity, Opened.entity] + HubStatement.entities
        )
    }
}
