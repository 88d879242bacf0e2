public import CRDT
import Domain
public import Storage
public import Wire

// What a hub does that is no change: recorded before it is done, or with it.

extension LocalNode {
    /// Records an act that is no change; a node that keeps no audit records nothing.
    ///
    /// - Parameters:
    ///   - kind: What was done.
    ///   - user: Who did it; zero for the machine.
    ///   - scope: What it is about.
    ///   - entity: The kind of record that it is about; 0 for none.
    ///   - record: The record, person or device that it is about; zero for none.
    ///   - fields: What more there is to say, such as `command`, `outcome`, `reason`.
    /// - Throws: What the disk says: then the act is not to be done (AUD-1).
    public func record(
        _ kind: AuditKind,
        by user: ID,
        in scope: Scope = .tenant,
        entity: UInt32 = 0,
        record: ID = .zero,
        _ fields: [String: String]
    ) throws {
        guard isHub else { return }
        let subject = AuditSubject(user: user, scope: scope, entity: entity, record: record)
        try store.record(AuditAct(kind, subject, fields), wallMilliseconds: wallMilliseconds)
    }

    /// The same for whoever gave a command: the person that their account is bound to.
    public func record(
        _ kind: AuditKind,
        by caller: Caller,
        _ fields: [String: String]
    ) throws {
        guard isHub else { return }
        var fields = fields
        fields["account"] = "\(caller.uid)"
        let login = try desk(of: caller.uid).current
        let user = try login?.user ?? user(boundTo: caller.uid)
        try record(kind, by: user ?? .zero, fields)
    }

    /// Sets or removes a value of this node alone; a hub records it in the same commit.
    ///
    /// - Parameters:
    ///   - value: nil removes it; it is not told.
    ///   - key: Of the value.
    ///   - setting: What it is, for people.
    ///   - user: Whose it is.
    ///   - fields: What more may be told of it.
    /// - Throws: What the disk says.
    func configure(
        _ value: [UInt8]?,
        for key: String,
        _ setting: String,
        of user: ID? = nil,
        _ fields: [String: String] = [:]
    ) throws(StorageError) {
        var fields = fields
        fields["setting"] = setting
        fields["outcome"] = value == nil ? "removed" : "set"
        let subject = AuditSubject(user: .zero, record: user ?? .zero)
        try store.setLocalValue(
            value,
            for: key,
            recording: AuditAct(.configuration, subject, fields),
            wallMilliseconds: wallMilliseconds
        )
    }

    /// Records that somebody read what is sensitive.
    ///
    /// Where nothing can be recorded any more, because the disk is full or the audit is damaged,
    /// reading goes on (P23): nothing else does.
    public func recordReading(
        _ command: String,
        _ fields: [String: String],
        by actor: Actor
    ) throws {
        var fields = fields
        fields["command"] = command
        fields["known_by"] = actor.method.word
        do {
            try record(.read, by: actor.user, fields)
        } catch let error as StorageError where [.full, .damaged].contains(error.code) {
            return
        }
    }
}
