import CRDT

/// A hub's word that it holds feeds of its scope up to these changes, durably.
///
/// - Source: CHG-22; `trust.md` 14 and U16 of the design.
public struct Receipt: Fact {
    public static let number: UInt32 = 212
    private static let time: UInt32 = 1
    private static let held: UInt32 = 2
    /// Feeds that one receipt names at most.
    public static let feedsMax = 64

    public static let entity = Entity(
        number,
        "receipt",
        in: HubStatement.scopes,
        form: .event(stream: []),
        writer: .hub,
        fields: [
            Field(time, "time", .integer, .fixed),
            Field(held, "held", .list, .set),
        ]
    )

    /// The hub's time, milliseconds since 1970.
    public let milliseconds: UInt64
    /// None in what says nothing.
    public let held: Set<FeedPoint>

    public init(_ held: Set<FeedPoint>, milliseconds: UInt64) {
        self.held = held
        self.milliseconds = milliseconds
    }

    public init(_ fields: Fields) {
        let time = fields.integer(Self.time).flatMap(UInt64.init(exactly:))
        let elements = fields.elements(Self.held)
        let points = elements.compactMap { element -> FeedPoint? in
            guard case .list(let items) = element, items.count == 2,
                case .id(let replica) = items[0]
            else { return nil }
            return FeedPoint(replica: replica, mark: items[1])
        }
        milliseconds = time ?? 0
        // One thing wrong, and it says nothing at all (CHG-20).
        held = time != nil && points.count == elements.count ? Set(points) : []
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.time, Int64(clamping: milliseconds))
        values.add(Self.held, held.map { .list([.id($0.replica), $0.mark]) })
        return values
    }
}
