public import CRDT

/// Where the feed of a revoked replica ends, in one scope: what is not this change or before it is
/// set aside.
///
/// - Source: CHG-21; `trust.md` 8 of the design.
public struct CutOff: Fact {
    public static let number: UInt32 = 211
    private static let revocation: UInt32 = 1
    private static let replica: UInt32 = 2
    private static let sequence: UInt32 = 3
    private static let hash: UInt32 = 4

    public static let entity = Entity(
        number,
        "cut_off",
        in: HubStatement.scopes,
        form: .event(stream: []),
        writer: .hub,
        fields: [
            Field(revocation, "revocation", .bytes, .fixed),
            Field(replica, "replica", .id, .fixed),
            Field(sequence, "sequence", .integer, .fixed),
            Field(hash, "hash", .bytes, .fixed),
        ]
    )

    /// The hash of the revocation's statement; nil in what says nothing.
    public let revocation: Hash?
    /// The last change that counts; sequence 0 and a hash of zeros: none does.
    public let last: FeedPoint?

    public init(_ revocation: Hash, after last: FeedPoint) {
        self.revocation = revocation
        self.last = last
    }

    public init(_ fields: Fields) {
        revocation = fields.bytes(Self.revocation).flatMap { Hash($0) }
        last = FeedPoint(
            fields,
            replica: Self.replica,
            sequence: Self.sequence,
            hash: Self.hash
        )
    }

    public var values: FieldValues {
        var values = FieldValues()
        values[Self.revocation] = (revocation?.bytes).map(Value.bytes)
        values.set(Self.replica, last?.replica)
        values.set(Self.sequence, last.map { Int64(clamping: $0.sequence) })
        values[Self.hash] = (last?.hash.bytes).map(Value.bytes)
        return values
    }
}
