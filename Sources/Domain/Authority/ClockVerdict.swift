import CRDT

/// A hub's ruling that stamps were ahead of time: writes of these changes rank as if written at the
/// time at which the hub met them.
///
/// - Source: MERGE-14; W6 of the design's `merging.md`.
public struct ClockVerdict: Fact {
    public static let number: UInt32 = 210
    private static let replica: UInt32 = 1
    private static let first: UInt32 = 2
    private static let last: UInt32 = 3
    private static let hash: UInt32 = 4
    private static let time: UInt32 = 5

    public static let entity = Entity(
        number,
        "clock_verdict",
        in: HubStatement.scopes,
        form: .event(stream: []),
        writer: .hub,
        fields: [
            Field(replica, "replica", .id, .fixed),
            Field(first, "first", .integer, .fixed),
            Field(last, "last", .integer, .fixed),
            Field(hash, "hash", .bytes, .fixed),
            Field(time, "time", .integer, .fixed),
        ]
    )

    /// The first sequence that is ruled on.
    public let first: UInt64
    /// The last change that is ruled on; nil in what says nothing.
    public let last: FeedPoint?
    /// The hub's time, milliseconds since 1970.
    public let milliseconds: UInt64

    public init(from first: UInt64, to last: FeedPoint, milliseconds: UInt64) {
        self.first = first
        self.last = last
        self.milliseconds = milliseconds
    }

    public init(_ fields: Fields) {
        let first = fields.integer(Self.first).flatMap(UInt64.init(exactly:))
        let time = fields.integer(Self.time).flatMap(UInt64.init(exactly:))
        let last = FeedPoint(fields, replica: Self.replica, sequence: Self.last, hash: Self.hash)
        self.first = first ?? 0
        self.last = first == nil || time.map({ $0 >> 48 != 0 }) ?? true ? nil : last
        milliseconds = time ?? 0
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.replica, last?.replica)
        values.set(Self.first, Int64(clamping: first))
        values.set(Self.last, last.map { Int64(clamping: $0.sequence) })
        values[Self.hash] = (last?.hash.bytes).map(Value.bytes)
        values.set(Self.time, Int64(clamping: milliseconds))
        return values
    }
}
