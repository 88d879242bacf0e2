import CRDT
import Domain
import Simulation

/// Four reference replicas that keep every rule but one, and what they say to each other.
final class Reference: Player {
    struct Session {
        let from: Int
        let to: Int
        let places: Set<Place>
        /// What the receiver held when the session was opened.
        let held: Set<Label>
        /// How much of the sender's log is done with.
        var cursor: Int
        var isOver = false
    }

    struct Pair: Hashable {
        let from: Int
        let to: Int
    }

    let mistake: Mistake?
    /// How stores have named the same changes, so that ties are decided alike.
    let names: [Label: Name]
    var stage = Stage()
    var changes: [Label: ReferenceChange] = [:]
    var replicas: [ReferenceReplica]
    var sessions: [Session] = []
    var cursors: [Pair: Int] = [:]
    var backups: [Int: ReferenceReplica] = [:]
    var now = TenantKit.start
    var refused: [String] = []
    /// What the hub has undone, for who compensates.
    var undone: [Label: Label] = [:]
    /// What each clock verdict of the hub says.
    var clockVerdicts: [Label: [Label: HybridTime]] = [:]
    private var nextReplica = 10

    init(_ play: Play, without mistake: Mistake? = nil, names: [Label: Name] = [:]) throws {
        self.mistake = mistake
        self.names = names
        replicas = (0...3).map { node in
            ReferenceReplica(
                node: node,
                replica: node,
                places: node == 3 ? [.shared] : [.shared, .partial],
                isOld: play.family == .versions && node > 0
            )
        }
        for place in Place.allCases {
            let label = Label(act: -1, place: place)
            let parts = [
                Part.write(.plain, "p", seen: []), Part.write(.cautious, "PASS", seen: []),
            ]
            let stored = try write(parts, as: label, at: 0)
            stage.authored[label] = Authored(node: 0, parts: parts, isBad: false, stored: stored)
        }
        for node in 1...3 { meet(0, node) }
        pass(7_200_000)
    }

    func newReplica() -> Int {
        nextReplica += 1
        return nextReplica
    }

    var position: Int { replicas.reduce(0) { $0 + $1.log.count } }

    func name(_ label: Label) -> Name {
        names[label] ?? changes[label]?.name ?? Name(Stamp(.zero, .zero), hash: 0)
    }

    func wall(_ node: Int) -> UInt64 { UInt64(max(0, Int64(now) + replicas[node].error)) }
}

// MARK: - Time and disks

extension Reference {
    func pass(_ milliseconds: UInt64) { now += milliseconds }

    func setClock(_ error: Int64, of node: Int) { replicas[node].error = error }

    func backUp(_ node: Int) { backups[node] = replicas[node] }

    func restore(_ node: Int, asClone: Bool) -> Bool {
        guard var backup = backups[node] else { return false }
        backup.error = replicas[node].error
        if !asClone, mistake != .restoredGoesOn { backup.replica = newReplica() }
        // The schema comes with the software, not with the disk.
        backup.isOld = replicas[node].isOld
        replicas[node] = backup
        for index in sessions.indices
        where sessions[index].from == node || sessions[index].to == node {
            sessions[index].isOver = true
        }
        return true
    }

    func upgrade(_ node: Int) {
        guard replicas[node].isOld else { return }
        replicas[node].isOld = false
        guard mistake == .lateAfterUpgrade else { return }
        apply(replicas[node].log.filter { changes[$0]?.isAbout(.newer) == true }, at: node)
    }

    func join() {
        for node in replicas.indices { replicas[node].places.insert(.partial) }
    }

    func leave(_ node: Int) -> Bool {
        let isUnsent = replicas[node].log.contains { label in
            changes[label]?.place == .partial && stage.authored[label]?.node == node
                && !replicas[0].held.contains(label)
        }
        guard replicas[node].places.contains(.partial) else { return false }
        guard !isUnsent || mistake == .unsentDropped else { return false }
        let gone = Set(replicas[node].log.filter { changes[$0]?.place == .partial })
        replicas[node].places.remove(.partial)
        replicas[node].log.removeAll { gone.contains($0) }
        replicas[node].order.removeAll { gone.contains($0) }
        replicas[node].held.subtract(gone)
        if mistake == .sequenceForgotten {
            replicas[node].own = replicas[node].own.filter { $0.key.place != .partial }
            replicas[node].written.subtract(gone)
        }
        return true
    }
}

// MARK: - Reading

extension Reference {
    func isOpen(_ place: Place, at node: Int) -> Bool {
        let replica = replicas[node]
        // Nothing is written before the own feed is back.
        let isBack = replica.ownTip(place).map { replica.held.contains($0.label) } ?? true
        return replica.places.contains(place) && isBack
            && replica.held.contains(Label(act: -1, place: place))
    }

    func isOld(_ node: Int) -> Bool { replicas[node].isOld }

    func heads(_ cell: Cell, _ place: Place, at node: Int) -> Set<Label> {
        Set((state(of: place, at: node).registers[cell] ?? []).map(\.label))
    }

    func tags(_ place: Place, at node: Int) -> Set<Label> {
        Set(state(of: place, at: node).tags)
    }

    func stream(_ place: Place, at node: Int) -> Set<Label> {
        state(of: place, at: node).unseen
    }

    func rulings(on label: Label) -> [Label: Ruling]? {
        guard replicas[0].held.contains(label) else { return nil }
        if let verdict = undone[label] { return [verdict: .accepted] }
        return rulings(at: replicas[0])[label] ?? [:]
    }

    func shown() -> [Int: [Place: Shown]] {
        var all: [Int: [Place: Shown]] = [:]
        for replica in replicas {
            for place in replica.places {
                all[replica.node, default: [:]][place] = shown(place, at: replica)
            }
        }
        return all
    }

    private func shown(_ place: Place, at replica: ReferenceReplica) -> Shown {
        let state = state(of: place, at: replica.node)
        var shown = Shown()
        shown.held = replica.log.filter {
            changes[$0]?.place == place && changes[$0]?.isSilent == false
        }
        for cell in Cell.allCases {
            guard let head = state.shown(cell) else { continue }
            shown.heads[cell] = Set((state.registers[cell] ?? []).map(\.label))
            shown.shown[cell] = head.label
            shown.values[cell] = head.value
        }
        shown.tags = Set(state.tags)
        shown.stream = state.outcome
        return shown
    }
}

// MARK: - What counts

extension Reference {
    func state(of place: Place, at node: Int) -> ReferenceState {
        let replica = replicas[node]
        let excluded = excluded(at: replica)
        var state = ReferenceState(mistake: mistake, nameOf: name)
        for label in replica.order where !excluded.contains(label) {
            guard let change = changes[label], change.place == place else { continue }
            state.take(change, isOld: replica.isOld, time: time(of: change, at: replica))
        }
        return state
    }

    private func time(of change: ReferenceChange, at replica: ReferenceReplica) -> HybridTime {
        let own = change.name.stamp.time
        switch mistake {
        case .rankClamped:
            return min(own, replica.marks[change.label].map { .init(milliseconds: $0) } ?? .max)
        case .markedLast: return replica.marks[change.label] == nil ? own : .zero
        case .rulingPassedOver: return own
        default: return min(own, replica.clockRulings[change.label] ?? .max)
        }
    }

    func excluded(at replica: ReferenceReplica) -> Set<Label> {
        let rulings = rulings(at: replica)
        var excluded = Set(
            rulings.filter { $0.value.contains { $0.value != .accepted } }.keys
        )
        if mistake == .lateAfterUpgrade, replica.isOld {
            excluded.formUnion(replica.log.filter { changes[$0]?.isAbout(.newer) == true })
        }
        guard replica.node == 0 else { return excluded }
        let bad = replica.log.filter { stage.authored[$0]?.isBad == true }
        if mistake == .hubWithholds { excluded.formUnion(bad.filter { rulings[$0] == nil }) }
        if mistake == .compensationWithheld {
            excluded.formUnion(bad + replica.log.filter { changes[$0]?.isUndoing == true })
        }
        return excluded
    }

    /// The rulings that stand, by the change that they are about.
    private func rulings(at replica: ReferenceReplica) -> [Label: [Label: Ruling]] {
        var rulings: [Label: [Label: Ruling]] = [:]
        for label in replica.log {
            for case .verdict(let target, let ruling, let seen) in changes[label]?.parts ?? [] {
                if mistake == .lastVerdict { rulings[target] = [:] }
                var standing = rulings[target] ?? [:]
                for replaced in seen { standing[replaced] = nil }
                standing[label] = ruling
                rulings[target] = standing
            }
        }
        return rulings
    }
}
