/// The events of one stream, and what each of them had seen.
///
/// Folds that ask "who knew what" (progress, a measured item, corrections) ask it here, and
/// nowhere else: never of order of arrival, stamps or local time.
///
/// - Invariant: `saw` is transitive; an event has seen the earlier ones of its own change.
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
    }

    /// The events, by rank and then by their index in their change.
    public let entries: [Entry]
    private let seenNames: [Name: Set<Name>]

    /// Takes events in any order.
    public init(_ events: some Sequence<Entry>) {
        entries = events.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
        seenNames = Self.closure(of: entries)
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
        if later.name == earlier.name { return later.index > earlier.index }
        return seenNames[later.name]?.contains(earlier.name) ?? false
    }

    /// Whether neither of two events had seen the other.
    public func areConcurrent(_ left: Entry, _ right: Entry) -> Bool {
        !saw(left, right) && !saw(right, left) && !(left.name == right.name && left.index == right.index)
    }

    /// What each change of the stream had seen of it, transitively.
    ///
    /// Walks without recursion and marks before it follows, so that even a cycle, which only
    /// forged bytes could claim, ends.
    private static func closure(of entries: [Entry]) -> [Name: Set<Name>] {
        var direct: [Name: Set<Name>] = [:]
        for entry in entries {
            direct[entry.name, default: []].formUnion(entry.after)
        }
        var closure: [Name: Set<Name>] = [:]
        for name in direct.keys {
            var found: Set<Name> = []
            var pending = Array(direct[name] ?? [])
            while let next = pending.popLast() {
                guard next != name, direct[next] != nil, found.insert(next).inserted else {
                    continue
                }
                pending.append(contentsOf: closure[next] ?? direct[next] ?? [])
            }
            closure[name] = found
        }
        return closure
    }
}
