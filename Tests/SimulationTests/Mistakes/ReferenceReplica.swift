import CRDT
import Domain

/// A change as a reference replica keeps it: in words, without bytes.
struct ReferenceChange {
    let label: Label
    let place: Place
    let replica: Int
    let sequence: Int
    let previous: Label?
    let name: Name
    var parts: [Part]
    /// What its author's node held when it was written, of all places.
    let informedBy: Set<Label>
    /// Whether it undoes what was refused; only who compensates writes such.
    var isUndoing = false

    func isAbout(_ cell: Cell) -> Bool {
        parts.contains { if case .write(cell, _, _) = $0 { true } else { false } }
    }

    /// Whether nobody is to see it: it only says at what time others rank.
    var isSilent: Bool { parts.isEmpty }
}

/// A replica by the letter of the rules: a log, and everything else follows from it.
struct ReferenceReplica {
    struct FeedKey: Hashable {
        let place: Place
        let replica: Int
    }

    struct Tip: Hashable {
        let sequence: Int
        let label: Label
    }

    let node: Int
    var replica: Int
    var places: Set<Place>
    var isOld: Bool
    var clock = HybridClock(last: .zero)
    var error: Int64 = 0
    /// The labels of what is held, in order of arrival.
    var log: [Label] = []
    var held: Set<Label> = []
    /// The last change of each own feed, for life.
    var own: [FeedKey: Tip] = [:]
    /// What was written here as any replica, for life.
    var written: Set<Label> = []
    /// The last change of each feed, for who takes feeds for lines.
    var tips: [FeedKey: Tip] = [:]
    /// The wall clock when changes came whose stamps were ahead of it.
    var marks: [Label: UInt64] = [:]
    /// The clock verdicts held: at most at which time changes rank.
    var clockRulings: [Label: HybridTime] = [:]
    /// The same in the order in which it is applied: another one only for who applies things late.
    var order: [Label] = []

    func ownTip(_ place: Place) -> Tip? { own[FeedKey(place: place, replica: replica)] }
}

/// What follows from changes in an order.
struct ReferenceState {
    struct Head {
        let label: Label
        let name: Name
        let value: String
        let weight: Weight
    }

    /// What decides between heads: caution first, then rank.
    struct Weight: Comparable {
        let caution: Int
        let time: HybridTime
        let name: Name

        static func < (left: Weight, right: Weight) -> Bool {
            (left.caution, left.time, left.name) < (right.caution, right.time, right.name)
        }
    }

    let mistake: Mistake?
    let nameOf: (Label) -> Name
    /// The heads of each register; the first is shown by who lets a write simply follow.
    private(set) var registers: [Cell: [Head]] = [:]
    private(set) var tags: [Label] = []
    private(set) var events: [ReferenceChange] = []

    mutating func take(_ change: ReferenceChange, isOld: Bool, time: HybridTime) {
        for (index, part) in change.parts.enumerated() {
            switch part {
            case .write(let cell, let value, let seen):
                if cell == .newer, isOld { continue }
                let weight = Weight(
                    caution: cell == .cautious && value == "FAIL" ? 1 : 0,
                    time: time,
                    name: change.name
                )
                let head = Head(
                    label: change.label,
                    name: change.name,
                    value: value,
                    weight: weight
                )
                write(head, to: cell, seen: seen)
            case .add: tags.append(change.label)
            case .remove(let names): tags = tags.filter { !isNamed($0, in: names) }
            case .event: if index == 0 { events.append(change) }
            case .verdict: break
            }
        }
    }

    private func isNamed(_ label: Label, in names: Set<Label>) -> Bool {
        guard mistake == .namedByStamp else { return names.contains(label) }
        return names.contains { nameOf($0).stamp == nameOf(label).stamp }
    }

    private mutating func write(_ head: Head, to cell: Cell, seen: Set<Label>) {
        var heads = registers[cell] ?? []
        let current = heads.first
        heads.removeAll { isNamed($0.label, in: seen) }
        defer { registers[cell] = heads }
        if mistake == .equalValuesOneHead,
            let equal = heads.firstIndex(where: {
                $0.value == head.value
            })
        {
            if heads[equal].weight < head.weight { heads[equal] = head }
            return
        }
        let follows = current.map { isNamed($0.label, in: seen) } ?? true
        let isFollower =
            mistake == .followsCautious && cell == .cautious
            || mistake == .followsPlain && cell == .plain
        let isFirst = isFollower && (follows || current.map { $0.weight < head.weight } ?? true)
        heads.insert(head, at: isFirst ? 0 : heads.endIndex)
    }

    /// The head that is shown.
    func shown(_ cell: Cell) -> Head? {
        let heads = registers[cell] ?? []
        switch (mistake, cell) {
        case (.followsCautious, .cautious), (.followsPlain, .plain): return heads.first
        default: return heads.max { $0.weight < $1.weight }
        }
    }

    /// The events that no other had seen.
    var unseen: Set<Label> {
        let seen = events.reduce(into: Set<Label>()) { seen, change in
            for case .event(let after) in change.parts { seen.formUnion(after) }
        }
        return Set(events.map(\.label).filter { !isNamed($0, in: seen) })
    }

    /// What a stream comes to.
    var outcome: Set<Label> {
        switch mistake {
        case .eventsByArrival: Set(events.suffix(1).map(\.label))
        case .eventsByStamp: Set(events.max { $0.name < $1.name }.map { [$0.label] } ?? [])
        default: unseen
        }
    }
}
