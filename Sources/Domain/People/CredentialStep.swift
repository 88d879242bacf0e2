public import CRDT

/// "This was done about what a person is known by": a PIN set or changed, a badge, a key.
///
/// What the secret is stands nowhere; who did it is the author of the change.
///
/// - Source: DOM-276; SIG-8, SIG-9.
public struct CredentialStep: Fact {
    public static let number: UInt32 = 10
    public static let userField: UInt32 = 1
    public static let actionField: UInt32 = 2
    public static let claimField: UInt32 = 3
    public static let keyField: UInt32 = 4
    public static let reasonField: UInt32 = 5

    public static let entity = Entity(
        number,
        "credential_step",
        in: [.site, .restricted],
        form: .event(stream: []),
        fields: [
            Field(userField, "user", .id, .fixed),
            Field(actionField, "action", .text, .fixed),
            Field(claimField, "claim", .bytes, .fixed),
            Field(keyField, "key", .bytes, .fixed),
            Field(reasonField, "reason", .text, .fixed),
        ]
    )

    /// What was done.
    public enum Action: String, Hashable, Sendable, CaseIterable {
        /// By somebody else, or for the first time: the person must choose another.
        case pinSet = "pin_set"
        /// By the person.
        case pinChanged = "pin_changed"
        case badgeGiven = "badge_given"
        case badgesTaken = "badges_taken"
        /// The person asks a hub to certify the key of the claim.
        case keyClaimed = "key_claimed"
        /// Somebody asks a hub to end a key.
        case keyEnded = "key_ended"
        /// Of a newer version.
        case other
    }

    /// Whom it is about; nil only in what a newer version wrote.
    public let user: ID?
    public let action: Action
    /// The signed claim of a new key.
    public var claim: [UInt8]?
    /// The public key that ends.
    public var key: [UInt8]?
    public var reason: String?

    public init(_ action: Action, of user: ID) {
        self.user = user
        self.action = action
    }

    public init(_ fields: Fields) {
        user = fields.id(Self.userField)
        action = fields.text(Self.actionField).flatMap(Action.init) ?? .other
        claim = fields.bytes(Self.claimField)
        key = fields.bytes(Self.keyField)
        reason = fields.text(Self.reasonField)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.userField, user)
        values.set(Self.actionField, action.rawValue)
        values[Self.claimField] = claim.map(Value.bytes)
        values[Self.keyField] = key.map(Value.bytes)
        values.set(Self.reasonField, reason)
        return values
    }
}
