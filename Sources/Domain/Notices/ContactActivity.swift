public import CRDT

/// A call, mail, meeting or visit with somebody outside: one event, never edited.
///
/// - Source: DOM-185.
public struct ContactActivity: Fact {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case email
        case call
        case meeting
        case visit
    }

    public static let number: UInt32 = 38
    public static let kindField: UInt32 = 1
    public static let titleField: UInt32 = 2
    public static let descriptionField: UInt32 = 3
    public static let companyField: UInt32 = 4
    public static let contactField: UInt32 = 5
    public static let timeField: UInt32 = 6

    public static let entity = Entity(
        number,
        "activity",
        in: [.tenant, .site, .subject],
        form: .event(stream: []),
        fields: [
            Field(kindField, "activity_type", .text, .fixed),
            Field(titleField, "title", .text, .fixed),
            Field(descriptionField, "description", .text, .fixed),
            Field(companyField, "company", .id, .fixed),
            Field(contactField, "contact", .id, .fixed),
            Field(timeField, "happened_at", .integer, .fixed),
        ],
        searched: [Searched(titleField, .name), Searched(descriptionField, .description)]
    )

    /// nil: of a newer version.
    public let kind: Kind?
    public let title: String
    public let description: String?
    /// The record of the company; it may not be here.
    public let company: ID?
    public let contact: ID?
    /// Milliseconds since 1970; nil: when it was written.
    public let time: Int64?

    public init(
        _ kind: Kind,
        _ title: String,
        description: String? = nil,
        company: ID? = nil,
        contact: ID? = nil,
        time: Int64? = nil
    ) {
        self.kind = kind
        self.title = title
        self.description = description
        self.company = company
        self.contact = contact
        self.time = time
    }

    public init(_ fields: Fields) {
        kind = fields.text(Self.kindField).flatMap(Kind.init)
        title = fields.text(Self.titleField) ?? ""
        description = fields.text(Self.descriptionField)
        company = fields.id(Self.companyField)
        contact = fields.id(Self.contactField)
        time = fields.integer(Self.timeField)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.kindField, kind?.rawValue)
        values.set(Self.titleField, title)
        values.set(Self.descriptionField, description)
        values.set(Self.companyField, company)
        values.set(Self.contactField, contact)
        values.set(Self.timeField, time)
        return values
    }

    /// - Throws: `empty`, `tooLong`, `unknownValue`.
    public func check() throws(RuleFault) {
        guard kind != nil else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw RuleFault(.unknownValue, "an activity is one of \(known)")
        }
        try TextRule.title(title)
        try TextRule.comment(description)
    }
}
