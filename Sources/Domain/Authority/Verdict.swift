public import CRDT

/// What a hub says of a change that it has judged.
public enum Ruling: String, Hashable, Sendable, CaseIterable {
    /// It counts, even above a cut-off.
    case accepted
    /// It does not count, for good.
    case rejected
    /// It does not count until a person has looked at it.
    case quarantined
}

/// A hub's ruling on one change of its scope.
///
/// - Source: CHG-20; W8 and W9 of the design's `merging.md`.
public enum Verdict {
    public static let number: UInt32 = 209
    /// The replica that wrote the change.
    public static let replica: UInt32 = 1
    public static let sequence: UInt32 = 2
    /// The hash of the change.
    public static let change: UInt32 = 3
    /// One of ``Ruling``.
    public static let ruling: UInt32 = 4
    /// For people.
    public static let reason: UInt32 = 5

    public static let entity = Entity(
        number,
        "verdict",
        in: HubStatement.scopes,
        form: .entity(key: [replica, sequence, change]),
        writer: .hub,
        fields: [
            Field(replica, "replica", .id, .fixed),
            Field(sequence, "sequence", .integer, .fixed),
            Field(change, "change", .bytes, .fixed),
            Field(ruling, "ruling", .text, .cautious(leastFirst: caution)),
            Field(reason, "reason", .text, .authority),
        ]
    )

    /// The rulings, the least cautious first (W9).
    static let caution: [Value] = Ruling.allCases.map { .text($0.rawValue) }

    /// The values of a verdict's key, in the order of the entity's key.
    public static func key(of point: FeedPoint) -> [Value] {
        [
            .id(point.replica), .integer(Int64(clamping: point.sequence)),
            .bytes(point.hash.bytes),
        ]
    }

    /// What a verdict is about; nil for one whose key is no change.
    public static func point(_ fields: Fields) -> FeedPoint? {
        FeedPoint(fields, replica: replica, sequence: sequence, hash: change)
    }

    /// What is ruled, of all that was written: a ruling of a newer version is taken as quarantine.
    ///
    /// - Returns: nil if nothing was written.
    public static func ruling(_ fields: Fields, isWritten: Bool) -> Ruling? {
        guard isWritten else { return nil }
        return fields.text(ruling).flatMap(Ruling.init(rawValue:)) ?? .quarantined
    }
}

/// The records by which a hub says what counts: in the scope of what they are about.
public enum HubStatement {
    /// Every kind of scope holds its own.
    public static let scopes: Set<Scope.Kind> = [.tenant, .site, .subject, .restricted]

    public static let entities = [
        Verdict.entity, ClockVerdict.entity, CutOff.entity, Receipt.entity,
    ]

    /// Whether an entity is one of them.
    ///
    /// No verdict takes a statement out of force; only a cut-off of its author does.
    public static func isOne(_ entity: UInt32) -> Bool {
        Verdict.number...Receipt.number ~= entity
    }
}

extension FeedPoint {
    /// Reads a change from three fields; nil unless all are there and make sense.
    init?(_ fields: Fields, replica: UInt32, sequence: UInt32, hash: UInt32) {
        guard let replica = fields.id(replica),
            let sequence = fields.integer(sequence).flatMap(UInt64.init(exactly:)),
            let hash = fields.bytes(hash).flatMap({ Hash($0) })
        else { return nil }
        self.init(replica: replica, sequence: sequence, hash: hash)
    }
}
