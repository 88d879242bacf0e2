public import CRDT
public import Wire

/// Something to be recorded that is no change: a login, an export, a run of the scheduler.
public struct AuditAct: Hashable, Sendable {
    public var kind: AuditKind
    public var subject: AuditSubject
    /// What was done, such as `command`, `outcome`, `reason`, `role`, `rows`.
    public var fields: AuditFields

    public init(_ kind: AuditKind, _ subject: AuditSubject, _ fields: [String: String]) {
        self.kind = kind
        self.subject = subject
        self.fields = AuditFields(fields)
    }
}

/// How large the tree is, and its root: what a checkpoint says.
public struct AuditHead: Hashable, Sendable {
    /// Entries.
    public let size: UInt64
    public let root: Hash

    public init(size: UInt64, root: Hash) {
        self.size = size
        self.root = root
    }
}

/// A checkpoint as it was stored before anybody saw it.
public struct AuditCheckpoint: Hashable, Sendable {
    public let epoch: UInt32
    public let head: AuditHead
    /// When it was made, milliseconds since 1970.
    public let time: UInt64
    /// The note that is shown, with its signature.
    public let signed: [UInt8]
}

/// One entry, with what can still be read of it.
public struct AuditEntry: Hashable, Sendable {
    public let number: UInt64
    /// The number of an ``AuditKind``, also of one that is not known.
    public let kind: UInt8
    /// When it was recorded, milliseconds since 1970.
    public let time: UInt64
    /// The device that did it.
    public let actor: ID
    /// nil once erased, and then so are both parts.
    public let keys: AuditKeys?
    public let subject: AuditSubject?
    public let detail: AuditDetail?
    /// Where the change lies that it records; nil for an act that is none.
    public let change: Place?
    /// What the tree holds of it.
    public let leaf: AuditLeaf

    /// A change of the log.
    public struct Place: Hashable, Sendable {
        public let scope: Scope
        public let position: Int64
    }
}

/// Which entries are looked for.
public struct AuditFilter: Hashable, Sendable {
    public var user: ID?
    public var kind: AuditKind?
    public var entity: UInt32?
    /// Only what is of a scope, such as that of a project.
    public var scope: Scope?
    /// Only what is of this record, event, person or device.
    public var record: ID?
    /// Recorded at or after, milliseconds since 1970.
    public var from: UInt64?
    /// Recorded before, milliseconds since 1970.
    public var to: UInt64?
    /// Only entries of a smaller number; nil: from the newest.
    public var before: UInt64?
    /// At most this many.
    public var limit = 50

    public init() {}
}

/// Entries, the newest first, and where the next page begins.
public struct AuditPage: Hashable, Sendable {
    public let entries: [AuditEntry]
    /// For ``AuditFilter/before``; nil if there is no more.
    public let next: UInt64?
}
