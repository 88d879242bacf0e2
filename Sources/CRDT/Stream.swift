/// The events of one stream, and what each of them had seen.
///
/// Folds that ask "who knew what" (progress, a measured item, corrections) ask it here, and
/// nowhere else: never of order of arrival, stamps or local time.
///
/// - Invariant: `saw` is transitive; an event has seen the earlier ones of its own change, and
///   nothing that only a later one of its change names.
/// - Complexity: One bit for each pair of events.
/// - Source: MERGE-10.
public struct Stream<Event: Sendable>: Sendable {
    /// An event with its place in the stream.
    public struct Entry: Sendable {
        /// The rank of the change that holds the event.
        public let rank: Rank
        /// Which operation of its change the event is.
        public let index: UInt16
        /// The heads of the stream that the author was shown.
        public let after: [Name]
        public let event: Event

        public init(_ event: Event, rank: Rank, index: UInt16, after: [Name]) {
            self.event = event
            self.rank = rank
            self.index = index
            self.after = after
        }

        public var name: Name { rank.name }

        fileprivate var place: Place { Place(name: name, index: index) }
    }

    fileprivate struct Place: Hashable {
        let name: Name
        let index: UInt16
    }

    /// The events, by rank and then by their index in their change.
    public let entries: [Entry]
    private let positions: [Place: Int]
    /// For each entry, the entries it has seen.
    private let seen: [BitSet]

    /// Takes events in any order.
    public init(_ events: some Sequence<Entry>) {
        let sorted = events.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
        entries = sorted
        positions = Dictionary(
            zip(sorted.map(\.place), sorted.indices),
            uniquingKeysWith: { _, last in last }
        )
        seen = Self.closure(of: Self.directlySeen(by: sorted))
    }

    /// The names that no event of the stream has seen: what a form shows and a command carries.
    public var heads: [Name] {
        var named: Set<Name> = []
        for entry in entries {
            named.formUnion(entry.after.filter { $0 != entry.name })
        }
        return Set(entries.map(\.name)).subtracting(named).sorted()
    }

    /// Whether one event had seen another, directly or through others.
    public func saw(_ later: Entry, _ earlier: Entry) -> Bool {
        guard let from = positions[later.place], let to = positions[earlier.place] else {
            return false
        }
        return seen[from].contains(to)
    }

    /// Whether neither of two events had seen the other.
    public func areConcurrent(_ left: Entry, _ right: Entry) -> Bool {
        left.place != right.place && !saw(left, right) && !saw(right, left)
    }

    /// For each entry, the one before it in its change and the last one of each change it names.
    private static func directlySeen(by entries: [Entry]) -> [[Int]] {
        let lasts = Dictionary(
            zip(entries.map(\.name), entries.indices),
            uniquingKeysWith: { _, last in last }
        )
        return entries.indices.map { position in
            let entry = entries[position]
            let named = entry.after.compactMap { $0 == entry.name ? nil : lasts[$0] }
            let follows = position > 0 && entries[position - 1].name == entry.name
            return follows ? named + [position - 1] : named
        }
    }

    /// What each entry had seen, transitively.
    ///
    /// Walks without recursion and marks before it follows, so that even a cycle, which only
    /// forged bytes could claim, ends.
    private static func closure(of direct: [[Int]]) -> [BitSet] {
        var closure: [BitSet] = []
        for position in direct.indices {
            var found = BitSet(capacity: direct.count)
            var pending = direct[position]
            while let next = pending.popLast() {
                guard !found.contains(next) else { continue }
                found.insert(next)
                if next < closure.count {
                    found.formUnion(closure[next])
                } else {
                    pending += direct[next]
                }
            }
            found.remove(position)
            closure.append(found)
        }
        return closure
    }
}

/// Some of the numbers below a capacity, a bit each.
private struct BitSet: Sendable {
    private var words: [UInt64]

    init(capacity: Int) {
        words = [UInt64](repeating: 0, count: (capacity + 63) / 64)
    }

    func contains(_ number: Int) -> Bool { words[number / 64] >> (number % 64) & 1 == 1 }

    mutating func insert(_ number: Int) { words[number / 64] |= 1 << (number % 64) }

    mutating func remove(_ number: Int) { words[number / 64] &= ~(1 << (number % 64)) }

    mutating func formUnion(_ other: BitSet) {
        for index in words.indices {
            words[index] |= other.words[index]
        }
    }
}
