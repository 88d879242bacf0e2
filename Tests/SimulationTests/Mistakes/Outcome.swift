import CRDT
import Domain

/// What a change of a play says, by what its author was shown.
enum Part: Hashable {
    case write(Cell, String, seen: Set<Label>)
    case add
    case remove(Set<Label>)
    case event(after: Set<Label>)
    case verdict(of: Label, Ruling, seen: Set<Label>)

    /// The changes that it names.
    var named: Set<Label> {
        switch self {
        case .write(_, _, let seen), .event(let seen): seen
        case .remove(let names): names
        case .verdict(let target, _, let seen): seen.union([target])
        case .add: []
        }
    }
}

/// What somebody wrote in a play, and how it was stored where it was written.
struct Authored {
    let node: Int
    let parts: [Part]
    let isBad: Bool
    let stored: Stored

    /// A change as its author's node appended it.
    struct Stored {
        let name: Name
        let replica: ID
        let sequence: UInt64
    }
}

/// What a node shows of a place at the end of a play.
struct Shown: Equatable {
    /// The changes held, in order of arrival.
    var held: [Label] = []
    var heads: [Cell: Set<Label>] = [:]
    /// The head that is shown of each register, and its value.
    var shown: [Cell: Label] = [:]
    var values: [Cell: String] = [:]
    /// The additions of the one tag that stand.
    var tags: Set<Label> = []
    /// The outcome of the one stream: the events that no other had seen.
    var stream: Set<Label> = []
}

/// What came of a play.
struct Outcome {
    var authored: [Label: Authored] = [:]
    /// At most at which time a change ranks, by what the hub has said.
    var clockRulings: [Label: HybridTime] = [:]
    var shown: [Int: [Place: Shown]] = [:]
    /// Deliveries of senders that keep to the rules which were refused, in words.
    var refused: [String] = []
}

/// What must hold at the end of a play, once everybody has met.
enum Law: String, CaseIterable {
    /// Who holds a place holds the same of it, and shows the same.
    case convergence
    /// What is shown is what follows, by definition, from what was written and what was ruled.
    case meaning
    /// The same, of values alone, whoever wrote them.
    case value
    /// Nothing was stored before what it names.
    case order
    /// No sequence number was used twice.
    case sequence
    /// Nobody who keeps to the rules was refused.
    case delivery
    /// Nothing that was written is lost.
    case durability
}

extension Outcome {
    /// The laws that were broken.
    func broken(in play: Play) -> Set<Law> {
        Set(
            Law.allCases.filter { law in
                switch law {
                case .convergence: !isConvergent
                case .meaning: !isMeant { $0 == $1 }
                case .value:
                    !isMeant {
                        $0.values == $1.values && $0.tags.isEmpty == $1.tags.isEmpty
                            && $0.stream.isSubset(of: $1.stream)
                    }
                case .order: !isOrdered
                case .sequence: !play.isForked && isSequenceReused
                case .delivery: !refused.isEmpty
                case .durability: !play.isRestored && isSomethingLost
                }
            }
        )
    }

    private var isConvergent: Bool {
        Place.allCases.allSatisfy { place in
            var forms = shown.values.compactMap { $0[place] }
            for index in forms.indices { forms[index].held.sort() }
            return forms.allSatisfy { $0 == forms[0] }
        }
    }

    private func isMeant(_ agrees: (Shown, Shown) -> Bool) -> Bool {
        shown.values.flatMap(\.values).allSatisfy { agrees($0, meaning(of: $0.held)) }
    }

    private var isOrdered: Bool {
        shown.values.flatMap(\.values).allSatisfy { shown in
            var before: Set<Label> = []
            return shown.held.allSatisfy { label in
                defer { before.insert(label) }
                return (authored[label]?.parts ?? []).allSatisfy { before.isSuperset(of: $0.named) }
            }
        }
    }

    private var isSequenceReused: Bool {
        struct Key: Hashable {
            let place: Place
            let replica: ID
            let sequence: UInt64
        }
        let keys = authored.map { label, change in
            Key(
                place: label.place,
                replica: change.stored.replica,
                sequence: change.stored.sequence
            )
        }
        return Set(keys).count < keys.count
    }

    private var isSomethingLost: Bool {
        authored.keys.contains { label in
            shown[0]?[label.place]?.held.contains(label) != true
        }
    }
}

// MARK: - The naive evaluator

extension Outcome {
    /// What follows from changes by definition, whatever the order in which they came.
    private func meaning(of held: [Label]) -> Shown {
        let parts = held.flatMap { label in
            (authored[label]?.parts ?? []).map { (label: label, part: $0) }
        }
        let excluded = excluded(parts)
        let effective = parts.filter { !excluded.contains($0.label) }
        var meaning = Shown(held: held)
        var replaced: [Cell: Set<Label>] = [:]
        var values: [Cell: [Label: String]] = [:]
        for (label, part) in effective {
            switch part {
            case .write(let cell, let value, let seen):
                replaced[cell, default: []].formUnion(seen)
                values[cell, default: [:]][label] = value
            case .add: meaning.tags.insert(label)
            case .event: meaning.stream.insert(label)
            case .remove, .verdict: break
            }
        }
        for (_, part) in effective {
            switch part {
            case .remove(let names): meaning.tags.subtract(names)
            case .event(let after): meaning.stream.subtract(after)
            case .write, .add, .verdict: break
            }
        }
        for (cell, written) in values {
            let heads = written.filter { replaced[cell]?.contains($0.key) != true }
            meaning.heads[cell] = Set(heads.keys)
            let best = heads.max { left, right in
                let careful = [left, right].map { cell == .cautious && $0.value == "FAIL" ? 1 : 0 }
                if careful[0] != careful[1] { return careful[0] < careful[1] }
                return rank(left.key) < rank(right.key)
            }
            meaning.shown[cell] = best?.key
            meaning.values[cell] = best?.value
        }
        return meaning
    }

    private func rank(_ label: Label) -> Rank {
        let name = authored[label]?.stored.name ?? Name(Stamp(.zero, .zero), hash: 0)
        return Rank(name, isPlausible: true, ruling: clockRulings[label])
    }

    private func excluded(_ parts: [(label: Label, part: Part)]) -> Set<Label> {
        var rulings: [Label: [Label: Ruling]] = [:]
        var replaced: Set<Label> = []
        for case (let label, .verdict(let target, let ruling, let seen)) in parts {
            rulings[target, default: [:]][label] = ruling
            replaced.formUnion(seen)
        }
        return Set(
            rulings.filter { _, said in
                said.contains { !replaced.contains($0.key) && $0.value != .accepted }
            }.keys
        )
    }
}
