public import CRDT
public import Domain
public import Wire

/// A record of an entity as the store holds it, and as a node shows it.
public struct StoredRecord: Sendable {
    public let id: ID
    public let entity: Entity
    public let record: Record
    /// The values that are shown: by caution where the field declares it, else by rank.
    public let fields: Fields

    init(id: ID, entity: Entity, record: Record) {
        self.id = id
        self.entity = entity
        self.record = record
        fields = Fields(of: record, entity)
    }

    /// Whether the record is shown as deleted.
    public var isDeleted: Bool { fields.bool(FieldEdit.deleted) ?? false }

    /// The writes of a register, or of a key of a map, that stand, greatest rank first.
    public func heads(_ field: UInt32, key: String? = nil) -> [Head<Value>] {
        record.registers[Record.Cell(field: field, key: key)]?.heads ?? []
    }

    /// What an edit of a register carries as seen, if this is what was shown (MERGE-9).
    public func names(_ field: UInt32, key: String? = nil) -> [Name] {
        heads(field, key: key).map(\.name).sorted()
    }

    /// Whether heads of different values stand side by side.
    public func isInConflict(_ field: UInt32) -> Bool {
        record.registers[Record.Cell(field: field)]?.isInConflict ?? false
    }
}

/// A fact as the store holds it.
public struct StoredEvent: Sendable {
    public let id: ID
    public let rank: Rank
    /// Which operation of its change the event is.
    public let index: UInt16
    /// The heads of its stream that its author was shown.
    public let after: [Name]
    /// The values that count: of an event that is set aside those alone that name its stream.
    ///
    /// There it stays as a link, so that what its author had seen stays known.
    public let fields: Fields
    /// Why the event is set aside by statements of hubs; nil if it counts.
    public let exclusion: Exclusion?
    public let origin: Origin
}

/// Who wrote a change, where, when, and how the node there knew the person.
public struct Origin: Hashable, Sendable {
    public let change: Hash
    public let scope: Scope
    public let replica: ID
    public let device: ID
    public let deviceKind: UInt8
    /// Zero for a hub.
    public let site: ID
    public let user: ID
    public let login: UInt64
    public let method: Method
    public let time: HybridTime
    /// The place in this store's log.
    public let position: Int64
    /// Whether the stamp lies outside the validity of the author's certificate.
    public let isSuspect: Bool
    public let schema: UInt64

    init(_ logged: LoggedChange, _ body: Body, scope: Scope) {
        change = logged.hash
        self.scope = scope
        replica = logged.replica.id
        device = logged.replica.device
        deviceKind = logged.replica.kind
        site = logged.replica.site
        user = body.user
        login = body.login
        method = body.method
        time = body.time
        position = logged.position
        isSuspect = !logged.replica.validity.contains(body.time.milliseconds)
        schema = body.schema
    }
}

/// One operation on a record, as its author wrote it.
public struct HistoryEntry: Sendable {
    public let origin: Origin
    public let name: Name
    public let operation: Operation
    /// Why no node of this version counts it; nil if it could count.
    public let setAside: Uncounted?
    /// Why statements of hubs set its change aside; nil if they do not.
    public let exclusion: Exclusion?
    /// A hub's receipt that covers it; nil if none is held.
    public let receipt: HeldAtHub?

    /// Whether it counts.
    public var counts: Bool { setAside == nil && exclusion == nil }
}

/// A register in which writes that had not seen each other stand side by side.
public struct Conflict: Hashable, Sendable {
    public let scope: Scope
    public let entity: UInt32
    public let id: ID
    public let field: UInt32
    /// The key of a map; empty for a field that is one register.
    public let key: String
}
