public import CRDT

/// What a replica may still give out of its leases of one series.
///
/// - Source: DOM-121.
public struct NumberStock: Hashable, Sendable {
    private let ranges: [ClosedRange<Int64>]
    private let taken: Set<Int64>
    /// The ordinal that the replica asks for next.
    public let nextOrdinal: Int64
    /// Whether a lease was asked for and not granted yet.
    public let isWaiting: Bool

    /// - Parameters:
    ///   - leases: All that are known; those of other replicas and series do not matter.
    ///   - series: Which numbers.
    ///   - replica: Whose.
    ///   - taken: The numbers that are known to be given out.
    ///   - given: The greatest that the replica remembers to have given out, whatever became of it.
    public init(
        _ leases: some Sequence<NumberLease>,
        of series: NumberSeries,
        for replica: ID,
        taken: Set<Int64>,
        given: Int64 = 0
    ) {
        let own = leases.filter { $0.replica == replica && $0.series == series }
        ranges = own.compactMap(\.range).sorted { $0.lowerBound < $1.lowerBound }
        var gone = taken
        // Within a lease numbers go up: what lies below the last one given is given, or left.
        for range in ranges {
            let last = max(taken.filter(range.contains).max() ?? 0, min(given, range.upperBound))
            if last >= range.lowerBound { gone.formUnion(range.lowerBound...last) }
        }
        self.taken = gone
        nextOrdinal = (own.map(\.ordinal).max() ?? 0) &+ 1
        isWaiting = own.contains { $0.range == nil }
    }

    /// The next number; nil where none is left.
    public var next: Int64? {
        for range in ranges {
            if let free = range.first(where: { !taken.contains($0) }) { return free }
        }
        return nil
    }

    public var total: Int { ranges.reduce(0) { $0 + $1.count } }

    public var used: Int { ranges.reduce(0) { $0 + $1.count { taken.contains($0) } } }

    /// Whether at least 80 percent of the last lease is used, or there is none.
    public var isLow: Bool {
        guard let last = ranges.last else { return true }
        let used = last.count { taken.contains($0) }
        return used * 5 >= last.count * 4
    }
}

/// Which numbers a hub grants next.
///
/// - Source: DOM-122.
public enum NumberGrant {
    /// How many numbers a lease holds.
    public static let countDefault: Int64 = 50
    /// How many a lease can hold.
    public static let countMax: Int64 = 10_000
    /// How many leases a hub leaves out, for each life before, where it cannot know what it granted
    /// in them.
    public static let leasesLeftOut: Int64 = 20

    /// The next range that nobody has been granted and nobody is known to use.
    ///
    /// - Parameters:
    ///   - series: Which numbers.
    ///   - count: How many.
    ///   - granted: The ranges that were granted, to anybody.
    ///   - taken: The numbers that are in use.
    ///   - reopenings: How often the hub's disk was restored or copied, if it was so since it
    ///     granted last; else 0.
    /// - Returns: The range.
    /// - Throws: `outOfRange` if the series is used up: it never begins again.
    public static func next(
        of series: NumberSeries,
        count: Int64 = countDefault,
        granted: some Sequence<ClosedRange<Int64>>,
        taken: some Sequence<Int64>,
        reopenings: UInt32
    ) throws(RuleFault) -> ClosedRange<Int64> {
        guard (1...countMax).contains(count) else {
            throw RuleFault(.outOfRange, "a lease holds 1 to \(countMax) numbers")
        }
        let last = max(granted.map(\.upperBound).max() ?? 0, taken.max() ?? 0)
        let gap = Int64(reopenings) * leasesLeftOut * countDefault
        guard last >= 0, last < series.greatest, series.greatest - last > gap else {
            throw RuleFault(
                .outOfRange,
                "the numbers after \(series.text(series.greatest)) are used up: take a new prefix"
            )
        }
        let first = last + gap + 1
        return first...min(series.greatest, first + count - 1)
    }
}
