public import CRDT

/// A word of the tenant that something must not be purged, or that it may be again.
///
/// A hold stands until a later fact names it; of two that did not know of each other both stand.
///
/// - Source: DOM-252.
public struct LegalHold: Fact {
    public static let number: UInt32 = 74
    private static let actionField: UInt32 = 1
    private static let scopeField: UInt32 = 2
    private static let recordsField: UInt32 = 3
    private static let reasonField: UInt32 = 4
    private static let liftsField: UInt32 = 5
    private static let release = "release"

    public static let entity = Entity(
        number,
        "legal_hold",
        in: [.tenant],
        form: .event(stream: []),
        writer: .hub,
        fields: [
            Field(actionField, "action", .text, .fixed),
            Field(scopeField, "scope", .bytes, .fixed),
            Field(recordsField, "records", .id, .set),
            Field(reasonField, "reason", .text, .fixed),
            Field(liftsField, "lifts", .id, .set),
        ]
    )

    /// What is said.
    public enum Action: Hashable, Sendable {
        /// A scope is kept; nil: all are, and everything in them.
        case hold(Scope?)
        /// The holds of these ids stand no longer.
        case lift(Set<ID>)
        /// Nothing: the fact is set aside.
        case nothing
    }

    public let action: Action
    /// The records that the hold is about: they keep their whole scope.
    public let records: Set<ID>
    public let reason: String?

    public init(_ action: Action, records: Set<ID> = [], reason: String?) {
        self.action = action
        self.records = records
        self.reason = reason
    }

    public init(_ fields: Fields) {
        reason = fields.text(Self.reasonField)
        records = Self.ids(fields.elements(Self.recordsField))
        switch fields.text(Self.actionField) {
        case nil: action = .nothing
        case Self.release: action = .lift(Self.ids(fields.elements(Self.liftsField)))
        // A word of a newer version may hold more; it never holds less.
        default: action = .hold(fields.bytes(Self.scopeField).flatMap(Scope.init(bytes:)))
        }
    }

    private static func ids(_ elements: Set<Value>) -> Set<ID> {
        Set(
            elements.compactMap {
                if case .id(let id) = $0 { id } else { nil }
            }
        )
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.reasonField, reason)
        values.add(Self.recordsField, records.map(Value.id))
        switch action {
        case .hold(let scope):
            values.set(Self.actionField, "hold")
            values[Self.scopeField] = scope.map { .bytes($0.bytes) }
        case .lift(let holds):
            values.set(Self.actionField, Self.release)
            values.add(Self.liftsField, holds.map(Value.id))
        case .nothing: break
        }
        return values
    }
}

/// The holds that stand.
public struct LegalHolds: Hashable, Sendable {
    /// A hold that nothing has lifted.
    public struct Standing: Hashable, Sendable {
        public let id: ID
        /// nil: it holds every scope.
        public let scope: Scope?
        public let records: Set<ID>
        public let reason: String?
    }

    /// Ascending by id.
    public let standing: [Standing]

    /// - Parameter facts: In any order.
    public init(_ facts: [(id: ID, fact: LegalHold)]) {
        var lifted: Set<ID> = []
        for (_, fact) in facts {
            if case .lift(let holds) = fact.action { lifted.formUnion(holds) }
        }
        standing = facts.compactMap { id, fact in
            guard case .hold(let scope) = fact.action, !lifted.contains(id) else { return nil }
            return Standing(id: id, scope: scope, records: fact.records, reason: fact.reason)
        }
        .sorted { $0.id < $1.id }
    }

    /// The holds on a scope, or on anything in it.
    public func on(_ scope: Scope) -> [Standing] {
        standing.filter { $0.scope == nil || $0.scope == scope }
    }
}

extension Scope {
    /// Nil for bytes that are none.
    init?(bytes: [UInt8]) {
        guard bytes.count == 17, let key = ID(bytes[1...]) else { return nil }
        self.init(kind: bytes[0], key: key)
    }
}
