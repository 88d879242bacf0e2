public import CRDT

/// "This subject was opened here": how a station learns, from its site, what to subscribe to.
public struct Opening: Fact {
    public static let number: UInt32 = 205
    /// The subject; the key of its scope.
    public static let subjectField: UInt32 = 1

    public static let entity = Entity(
        number,
        "opening",
        in: [.site],
        form: .event(stream: []),
        fields: [Field(subjectField, "subject", .id, .fixed)]
    )

    /// Nil only in what a newer version wrote.
    public let subject: ID?

    public init(of subject: ID) { self.subject = subject }

    public init(_ fields: Fields) { subject = fields.id(Self.subjectField) }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.subjectField, subject)
        return values
    }
}

/// "This subject was opened at that site": how a hub learns who subscribes to a subject.
public struct Opened: Fact {
    public static let number: UInt32 = 206
    public static let siteField: UInt32 = 1

    public static let entity = Entity(
        number,
        "opened",
        in: [.subject],
        form: .event(stream: []),
        fields: [Field(siteField, "site", .id, .fixed)]
    )

    /// Nil only in what a newer version wrote.
    public let site: ID?

    public init(at site: ID) { self.site = site }

    public init(_ fields: Fields) { site = fields.id(Self.siteField) }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.siteField, site)
        return values
    }
}
