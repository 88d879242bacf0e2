public import CRDT

/// Who something is meant for: people, whoever holds one of some roles, or everybody who is there.
///
/// - Source: DOM-175.
public struct Addressees: Hashable, Sendable {
    /// One by one.
    public var people: Set<ID>
    /// The least level by role code.
    public var roles: [String: Int]
    /// Whether it is for everybody who holds any role.
    public var isEverybody: Bool

    public init(people: Set<ID> = [], roles: [String: Int] = [:], isEverybody: Bool = false) {
        self.people = people
        self.roles = roles
        self.isEverybody = isEverybody
    }

    public static let everybody = Addressees(isEverybody: true)
    public static let nobody = Addressees()

    public static func person(_ person: ID) -> Addressees { Addressees(people: [person]) }

    /// Whoever holds one of the roles, at any level.
    public static func roles(_ roles: some Sequence<String>) -> Addressees {
        Addressees(roles: Dictionary(roles.map { ($0, 1) }) { first, _ in first })
    }

    /// Those of either; of a role the lower level.
    public func union(_ other: Addressees) -> Addressees {
        Addressees(
            people: people.union(other.people),
            roles: roles.merging(other.roles, uniquingKeysWith: min),
            isEverybody: isEverybody || other.isEverybody
        )
    }

    public func include(_ person: Standing) -> Bool {
        people.contains(person.user) || (isEverybody && !person.levels.isEmpty)
            || roles.contains { person.level(in: $0.key) >= $0.value }
    }
}

/// What a person wrote to others: on a subject, to a person, to a role, or to a whole site.
///
/// Never edited and never taken back. Who sent it is who signed its change.
public struct Message: Fact {
    public static let number: UInt32 = 37
    public static let contentField: UInt32 = 1
    public static let titleField: UInt32 = 2
    public static let recipientField: UInt32 = 3
    public static let roleField: UInt32 = 4
    public static let replyField: UInt32 = 5

    public static let entity = Entity(
        number,
        "message",
        in: [.tenant, .site, .subject],
        form: .event(stream: []),
        fields: [
            Field(contentField, "content", .text, .fixed),
            Field(titleField, "title", .text, .fixed),
            Field(recipientField, "recipient", .id, .fixed),
            Field(roleField, "role", .text, .fixed),
            Field(replyField, "reply_to", .id, .fixed),
        ]
    )

    public let content: String
    public let title: String?
    /// nil: nobody in particular.
    public let recipient: ID?
    /// The code of the role that it is for.
    public let role: String?
    /// The message that it answers; it may not be here.
    public let replyTo: ID?

    public init(
        _ content: String,
        title: String? = nil,
        to recipient: ID? = nil,
        role: String? = nil,
        replyTo: ID? = nil
    ) {
        self.content = content
        self.title = title
        self.recipient = recipient
        self.role = role
        self.replyTo = replyTo
    }

    public init(_ fields: Fields) {
        content = fields.text(Self.contentField) ?? ""
        title = fields.text(Self.titleField)
        recipient = fields.id(Self.recipientField)
        role = fields.text(Self.roleField)
        replyTo = fields.id(Self.replyField)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.contentField, content)
        values.set(Self.titleField, title)
        values.set(Self.recipientField, recipient)
        values.set(Self.roleField, role)
        values.set(Self.replyField, replyTo)
        return values
    }

    /// Who is told of it: whoever it names; else, as a broadcast, everybody who reads its scope.
    public var addressees: Addressees {
        guard recipient != nil || role != nil else { return .everybody }
        return Addressees(
            people: Set([recipient].compactMap(\.self)),
            roles: role.map { [$0: 1] } ?? [:]
        )
    }

    /// - Throws: `empty`, `tooLong`.
    public func check() throws(RuleFault) {
        guard !content.allSatisfy(\.isWhitespace) else {
            throw RuleFault(.empty, "a message says something")
        }
        try TextRule.comment(content)
        if let title { try TextRule.title(title) }
    }
}
