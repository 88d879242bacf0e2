import CRDT
import Domain

// How changes are written, sent, checked and taken in at reference replicas.

extension Reference {
    // MARK: - Writing

    func write(_ parts: [Part], as label: Label, at node: Int) throws -> Authored.Stored {
        var parts = parts
        let isVerdict = parts.contains { if case .verdict = $0 { true } else { false } }
        let isUndoing =
            isVerdict && (mistake == .compensation || mistake == .compensationWithheld)
        if isUndoing { parts = undoing(parts, by: label) }
        if mistake == .headsAtCommit { parts = parts.map { atCommit($0, label.place, node) } }
        var place = label.place
        if mistake == .verdictElsewhere, isVerdict { place = .partial }
        return append(parts, as: label, in: place, at: node, isUndoing: isUndoing)
    }

    func append(
        _ parts: [Part],
        as label: Label,
        in place: Place,
        at node: Int,
        isUndoing: Bool = false
    ) -> Authored.Stored {
        let key = ReferenceReplica.FeedKey(place: place, replica: replicas[node].replica)
        let tip = replicas[node].own[key]
        let time = replicas[node].clock.tick(wallMilliseconds: wall(node)) ?? .max
        let author = ID(high: UInt64(key.replica), low: 0)
        let hash = UInt64(label.act + 2) &* 0x9e37_79b9_7f4a_7c15
        let change = ReferenceChange(
            label: label,
            place: place,
            replica: key.replica,
            sequence: (tip?.sequence ?? 0) + 1,
            previous: tip?.label,
            name: names[label] ?? Name(Stamp(time, author), hash: hash),
            parts: parts,
            informedBy: replicas[node].held,
            isUndoing: isUndoing
        )
        changes[label] = change
        replicas[node].own[key] = .init(sequence: change.sequence, label: label)
        replicas[node].written.insert(label)
        settle(node) { keep(change, at: node) }
        return Authored.Stored(
            name: change.name,
            replica: author,
            sequence: UInt64(change.sequence)
        )
    }

    private func atCommit(_ part: Part, _ place: Place, _ node: Int) -> Part {
        guard case .write(let cell, let value, _) = part else { return part }
        return .write(cell, value, seen: heads(cell, place, at: node))
    }

    /// Ordinary operations that undo what a verdict would have taken out.
    private func undoing(_ verdicts: [Part], by label: Label) -> [Part] {
        var parts: [Part] = []
        for case .verdict(let target, let ruling, _) in verdicts {
            undone[target] = label
            guard ruling != .accepted else { continue }
            for said in changes[target]?.parts ?? [] {
                switch said {
                case .write(let cell, _, let seen):
                    let old = seen.min().flatMap { value(of: cell, in: $0) } ?? ""
                    parts.append(.write(cell, old, seen: [target]))
                case .add: parts.append(.remove([target]))
                case .remove: parts.append(.add)
                case .event, .verdict: break
                }
            }
        }
        return parts
    }

    private func value(of cell: Cell, in label: Label) -> String? {
        for case .write(cell, let value, _) in changes[label]?.parts ?? [] { return value }
        return nil
    }

    /// The hub says at what time changes rank whose stamps are ahead of its clock.
    func attest(_ act: Int) -> [Label: HybridTime] {
        let wall = wall(0)
        var said: [Label: HybridTime] = [:]
        for label in replicas[0].log where replicas[0].clockRulings[label] == nil {
            guard let change = changes[label], stage.authored[label]?.node != 0,
                change.name.stamp.time.milliseconds > wall + HybridClock.boundMilliseconds
            else { continue }
            said[label] = HybridTime(milliseconds: wall)
        }
        for place in Place.allCases {
            let part = said.filter { $0.key.place == place }
            guard !part.isEmpty else { continue }
            let label = Label(act: act, place: place)
            clockVerdicts[label] = part
            _ = append([], as: label, in: place, at: 0)
        }
        return said
    }

    // MARK: - Sending

    func meet(_ one: Int, _ other: Int) {
        let (there, back) = (session(from: one, to: other), session(from: other, to: one))
        let ends = [replicas[one].log.count, replicas[other].log.count]
        for (session, end) in [(there, ends[0]), (back, ends[1])] {
            guard var session else { continue }
            settle(session.to) { send(&session, upTo: end) }
        }
    }

    func open(from: Int, to: Int) {
        if let session = session(from: from, to: to) { sessions.append(session) }
    }

    func step(back: Int, isScrambled: Bool) {
        let index = sessions.count - 1 - back
        guard sessions.indices.contains(index), !sessions[index].isOver else { return }
        if isScrambled { return scramble(sessions[index]) }
        let end = replicas[sessions[index].from].log.count
        settle(sessions[index].to) { send(&sessions[index], upTo: end) }
    }

    private func session(from: Int, to: Int) -> Session? {
        guard from != to else { return nil }
        let cursor = mistake == .rememberedCursor ? cursors[Pair(from: from, to: to)] : nil
        return Session(
            from: from,
            to: to,
            places: replicas[from].places.intersection(replicas[to].places),
            held: replicas[to].held,
            cursor: cursor ?? 0
        )
    }

    private func send(_ session: inout Session, upTo end: Int) {
        let log = replicas[session.from].log
        let fresh = log.prefix(end).dropFirst(session.cursor)
        let isLive = mistake == .liveThroughJoin
        let places = isLive ? replicas[session.to].places : session.places
        for place in Place.allCases where places.contains(place) {
            for label in fresh where changes[label]?.place == place {
                guard !session.held.contains(label), let change = changes[label] else { continue }
                if let fault = refusal(of: change, at: session.to) {
                    refused.append("\(label) from \(session.from) to \(session.to): \(fault)")
                    session.isOver = true
                    return
                }
                take(change, at: session.to)
            }
        }
        session.cursor = max(session.cursor, end)
        cursors[Pair(from: session.from, to: session.to)] = session.cursor
    }

    /// Sends feed by feed, the last to begin first: dense, but not in order of arrival.
    private func scramble(_ session: Session) {
        let log = replicas[session.from].log
        for place in Place.allCases where session.places.contains(place) {
            let lacking = log.filter {
                changes[$0]?.place == place && !replicas[session.to].held.contains($0)
            }
            var authors: [ID] = []
            for label in lacking where !authors.contains(name(label).stamp.replica) {
                authors.append(name(label).stamp.replica)
            }
            for author in authors.reversed() {
                let feed = lacking.filter { name($0).stamp.replica == author }
                for label in feed {
                    guard let change = changes[label] else { continue }
                    guard refusal(of: change, at: session.to) == nil else { return }
                    take(change, at: session.to)
                }
            }
        }
    }

    // MARK: - Taking in

    /// Why a change is not stored.
    private func refusal(of change: ReferenceChange, at node: Int) -> String? {
        let replica = replicas[node]
        if replica.held.contains(change.label) { return nil }
        let key = ReferenceReplica.FeedKey(place: change.place, replica: change.replica)
        if mistake == .linearFeeds, change.previous != replica.tips[key]?.label {
            return "another branch"
        }
        if let previous = change.previous, !replica.held.contains(previous) { return "a gap" }
        guard mistake != .uncheckedOrder else { return nil }
        let named = change.parts.reduce(into: Set<Label>()) { $0.formUnion($1.named) }
        let isHeld = named.filter { changes[$0]?.place == change.place }.allSatisfy { name in
            replica.held.contains(name) || mistake == .namedByStamp
        }
        if !isHeld { return "names what is not held" }
        guard mistake == .orderAcrossScopes else { return nil }
        let lacking = change.informedBy.subtracting(replica.held)
        let isKnown = lacking.allSatisfy { label in
            changes[label].map { !replica.places.contains($0.place) } ?? true
        }
        return isKnown ? nil : "its author had seen what is not held"
    }

    private func take(_ change: ReferenceChange, at node: Int) {
        guard !replicas[node].held.contains(change.label) else { return }
        let time = change.name.stamp.time
        _ = replicas[node].clock.observe(time, wallMilliseconds: wall(node))
        if time.milliseconds > wall(node) + HybridClock.boundMilliseconds {
            replicas[node].marks[change.label] = wall(node)
        }
        keep(change, at: node)
        // Somebody else writes as this replica, or it has forgotten what it wrote.
        guard change.replica == replicas[node].replica, mistake != .restoredGoesOn,
            !replicas[node].written.contains(change.label)
        else { return }
        replicas[node].replica = newReplica()
    }

    private func keep(_ change: ReferenceChange, at node: Int) {
        replicas[node].log.append(change.label)
        replicas[node].order.append(change.label)
        replicas[node].held.insert(change.label)
        let key = ReferenceReplica.FeedKey(place: change.place, replica: change.replica)
        replicas[node].tips[key] = .init(sequence: change.sequence, label: change.label)
        for (label, time) in clockVerdicts[change.label] ?? [:] {
            let known = replicas[node].clockRulings[label] ?? .max
            replicas[node].clockRulings[label] = min(known, time)
        }
    }

    /// What came in one commit is judged together: what has begun to count is applied at the end
    /// by who does so.
    private func settle(_ node: Int, _ arrive: () -> Void) {
        guard mistake == .lateAfterRelease else { return arrive() }
        let before = excluded(at: replicas[node])
        arrive()
        let released = before.subtracting(excluded(at: replicas[node]))
        apply(replicas[node].log.filter { released.contains($0) }, at: node)
    }

    /// Applies at the end what has begun to count.
    func apply(_ late: [Label], at node: Int) {
        replicas[node].order.removeAll { late.contains($0) }
        replicas[node].order += late
    }
}
