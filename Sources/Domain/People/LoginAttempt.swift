public import CRDT

/// "Somebody tried to act as somebody here": a login, its end, a lock-out, a command refused.
///
/// The machine writes it, in the scope of its site; a hub where hubs alone read. Neither a PIN nor
/// what was typed as a name stands in it.
///
/// - Source: DOM-273 to DOM-275; TV-049 of the design's requirements.
public struct LoginAttempt: Fact {
    public static let number: UInt32 = 11
    public static let userField: UInt32 = 1
    public static let nameHashField: UInt32 = 2
    public static let kindField: UInt32 = 3
    public static let successField: UInt32 = 4
    public static let reasonField: UInt32 = 5
    public static let methodField: UInt32 = 6
    public static let countField: UInt32 = 7
    public static let firstField: UInt32 = 8
    public static let lastField: UInt32 = 9
    public static let actField: UInt32 = 10
    public static let accountField: UInt32 = 11

    /// Where hubs keep what happened at them about logins and credentials: no station holds it.
    public static let hubScope = Scope.restricted(ID(high: 0, low: UInt64(number)))

    public static let entity = Entity(
        number,
        "login_attempt",
        in: [.site, .restricted],
        form: .event(stream: []),
        fields: [
            Field(userField, "user", .id, .fixed),
            Field(nameHashField, "name_hash", .bytes, .fixed),
            Field(kindField, "kind", .text, .fixed),
            Field(successField, "success", .bool, .fixed),
            Field(reasonField, "reason", .text, .fixed),
            Field(methodField, "method", .integer, .fixed),
            Field(countField, "count", .integer, .fixed),
            Field(firstField, "first_at", .integer, .fixed),
            Field(lastField, "last_at", .integer, .fixed),
            Field(actField, "act", .text, .fixed),
            Field(accountField, "account", .integer, .fixed),
        ]
    )

    /// What was tried, or happened.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case login
        case logout
        /// So many wrong secrets that nobody may try for a while.
        case lockOut = "lock_out"
        /// A command that a person gave and a rule refused.
        case refusal
        case signature
        /// Of a newer version.
        case other
    }

    /// Who tried what, by what, and what came of it: alike attempts are counted together.
    public struct Content: Hashable, Sendable {
        /// nil: nobody has the name that was given.
        public var user: ID?
        /// A keyed hash of that name, 16 bytes; nil where there is no key, or a person was found.
        public var nameHash: [UInt8]?
        public var kind: Kind
        public var isSuccess: Bool
        /// Why not, as the code of the fault: `wrong-secret`.
        public var reason: String?
        /// As in CHG-2.
        public var method: UInt8
        /// The permission that was wanted, of a refusal.
        public var act: String?
        /// The account of the machine.
        public var account: UInt32?

        public init(_ kind: Kind, isSuccess: Bool, method: UInt8) {
            self.kind = kind
            self.isSuccess = isSuccess
            self.method = method
        }
    }

    public let content: Content
    /// At least 1.
    public let count: Int64
    /// Milliseconds since 1970.
    public let first: Int64
    public let last: Int64

    public init(_ content: Content, count: Int64, first: Int64, last: Int64) {
        self.content = content
        self.count = max(1, count)
        self.first = first
        self.last = last
    }

    public init(_ fields: Fields) {
        let kind = fields.text(Self.kindField).flatMap(Kind.init) ?? .other
        var content = Content(
            kind,
            isSuccess: fields.bool(Self.successField) ?? false,
            method: UInt8(clamping: fields.integer(Self.methodField) ?? 0)
        )
        content.user = fields.id(Self.userField)
        content.nameHash = fields.bytes(Self.nameHashField)
        content.reason = fields.text(Self.reasonField)
        content.act = fields.text(Self.actField)
        content.account = fields.integer(Self.accountField).map { UInt32(clamping: $0) }
        self.init(
            content,
            count: fields.integer(Self.countField) ?? 1,
            first: fields.integer(Self.firstField) ?? 0,
            last: fields.integer(Self.lastField) ?? 0
        )
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.userField, content.user)
        values[Self.nameHashField] = content.nameHash.map(Value.bytes)
        values.set(Self.kindField, content.kind.rawValue)
        values.set(Self.successField, content.isSuccess)
        values.set(Self.reasonField, content.reason)
        values.set(Self.methodField, Int64(content.method))
        values.set(Self.countField, count)
        values.set(Self.firstField, first)
        values.set(Self.lastField, last)
        values.set(Self.actField, content.act)
        values.set(Self.accountField, content.account.map(Int64.init))
        return values
    }
}
