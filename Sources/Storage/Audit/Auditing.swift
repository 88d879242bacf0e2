import Bytes
import CRDT
import Domain
import Wire

/// The audit as the writer knows it.
struct AuditTrail: Sendable {
    var tree: GrowingTree
    /// When the newest entry was recorded, milliseconds since 1970.
    var lastTime: UInt64 = 0
    /// Why nothing can be recorded: then nothing is written that would need an entry (AUD-1).
    var fault: StorageError?

    var head: AuditHead { AuditHead(size: tree.size, root: tree.root) }
}

/// An entry on its way into the table.
private struct NewEntry {
    var kind: AuditKind
    var time: UInt64
    var position: Int64
    var actor: ID
    var subject: AuditSubject
    var detail: AuditDetail
    /// Of a change: the entity of all its operations, or -1.
    var entity: Int64
    /// Of a change: its scope, and only then the parts are not stored.
    var changeScope: Int64?
}

extension StoreWriter {
    /// Records changes that were just appended, in the transaction that appended them (AUD-8).
    ///
    /// - Parameters:
    ///   - changes: What follows each other in the log.
    ///   - first: The position of the first.
    ///   - replica: Whose they are.
    ///   - scope: Where they lie.
    ///   - number: Of the scope.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Throws: What the disk says, or why the audit records nothing any more.
    func audit(
        _ changes: [VerifiedChange],
        from first: Int64,
        by replica: InternedReplica,
        in scope: Scope,
        _ number: Int64,
        wallMilliseconds: UInt64
    ) throws(StorageError) {
        guard state.audit != nil else { return }
        var position = first
        for change in changes {
            let audited = AuditedChange(change.change.hash, change.body, replica)
            try audit(audited, at: position, in: scope, number, wallMilliseconds)
            position += 1
        }
    }

    /// Records one change that lies in the log.
    func audit(
        _ change: AuditedChange,
        at position: Int64,
        in scope: Scope,
        _ number: Int64,
        _ wall: UInt64
    ) throws(StorageError) {
        try add(
            NewEntry(
                kind: change.kind,
                time: wall,
                position: position,
                actor: change.device,
                subject: AuditSubject(user: change.user, scope: scope),
                detail: .change(change.hash),
                entity: change.entity,
                changeScope: number
            )
        )
    }

    /// Records an act that is no change; nothing at a node that keeps no audit.
    ///
    /// - Parameters:
    ///   - act: What was done.
    ///   - device: Whose act it is; nil: this node's.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Returns: The number of the entry.
    /// - Throws: What the disk says, or why the audit records nothing any more.
    @discardableResult
    func audit(
        _ act: AuditAct,
        of device: ID? = nil,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> UInt64? {
        guard let number = state.audit?.tree.size else { return nil }
        try add(
            NewEntry(
                kind: act.kind,
                time: wallMilliseconds,
                position: state.position,
                actor: device ?? state.own.statement.device,
                subject: act.subject,
                detail: .act(act.fields),
                entity: Int64(act.subject.entity)
            )
        )
        return number
    }

    /// Records what an authority log says beyond an earlier one.
    func audit(
        _ log: AuthorityLog,
        beyond known: AuthorityLog?,
        at position: Int64? = nil,
        wallMilliseconds: UInt64
    ) throws(StorageError) {
        guard state.audit != nil else { return }
        let position = position ?? state.position
        for root in log.roots.dropFirst(known?.roots.count ?? 0) {
            let bytes = root.encoded
            let number = UInt64(root.structure.number)
            try add(statement(0, number, bytes, about: .zero, position, wallMilliseconds))
        }
        for signed in log.statements.dropFirst(known?.statements.count ?? 0) {
            let (number, device) = (signed.structure.number, signed.structure.about)
            let bytes = signed.encoded
            try add(statement(3, number, bytes, about: device, position, wallMilliseconds))
        }
    }

    private func statement(
        _ kind: UInt8,
        _ number: UInt64,
        _ bytes: [UInt8],
        about device: ID,
        _ position: Int64,
        _ wall: UInt64
    ) -> NewEntry {
        NewEntry(
            kind: .authority,
            time: wall,
            position: position,
            actor: state.own.statement.device,
            subject: AuditSubject(user: .zero, record: device),
            detail: .statement(kind: kind, number: number, hash: Hash(of: bytes)),
            entity: 0
        )
    }

    /// Records that the store goes on from an earlier state, as another replica.
    func auditRestore(
        _ reason: ReplicaStatement.Reason,
        wallMilliseconds: UInt64
    ) throws(StorageError) {
        guard state.audit?.fault == nil else { return }
        let fields = [
            "reason": "\(reason)", "replica": "\(state.own.statement.replica)",
            "incarnation": "\(state.own.statement.incarnation)",
        ]
        let subject = AuditSubject(user: .zero, record: state.own.statement.device)
        try audit(AuditAct(.restore, subject, fields), wallMilliseconds: wallMilliseconds)
    }

    /// Records that changes of a device were not taken, each time their number has doubled: who
    /// sends nothing else fills no disk.
    func auditRefusals(
        _ count: Int,
        after before: Int64,
        _ code: UInt16,
        from device: ID,
        wallMilliseconds: UInt64
    ) throws(StorageError) {
        let sum = before + Int64(count)
        guard sum.leadingZeroBitCount < before.leadingZeroBitCount else { return }
        let reason = Inadmissible(rawValue: code).map { "\($0)" } ?? "\(code)"
        try audit(
            AuditAct(
                .refusal,
                AuditSubject(user: .zero, record: device),
                ["outcome": "refused", "reason": reason, "count": "\(sum)"]
            ),
            of: device,
            wallMilliseconds: wallMilliseconds
        )
    }
}

// MARK: - One entry

extension StoreWriter {
    /// How far the clock may stand before the newest entry without being recorded, milliseconds.
    private static let clockSteps: UInt64 = 10_000

    private func add(_ entry: NewEntry) throws(StorageError) {
        guard let last = state.audit?.lastTime else { return }
        if entry.kind != .clock, entry.time <= last, last - entry.time >= Self.clockSteps {
            let fields = ["before": "\(last)", "after": "\(entry.time)"]
            var set = entry
            set.kind = .clock
            set.position = entry.changeScope == nil ? entry.position : entry.position - 1
            set.actor = state.own.statement.device
            set.subject = AuditSubject(user: .zero)
            set.detail = .act(AuditFields(fields))
            set.entity = 0
            set.changeScope = nil
            try append(set)
        }
        try append(entry)
    }

    private func append(_ entry: NewEntry) throws(StorageError) {
        guard var trail = state.audit else { return }
        if let fault = trail.fault { throw fault }
        // One more reference to the tree would copy its edge.
        state.audit = nil
        defer { state.audit = trail }
        guard let keys = AuditKeys(chance.bytes(AuditKeys.byteCount)) else {
            throw StorageError(.file, "no random bytes for an entry of the audit")
        }
        let number = trail.tree.size
        let (subject, detail) = (entry.subject.encoded, entry.detail.encoded)
        let leaf = AuditLeaf(
            kind: entry.kind.rawValue,
            time: entry.time & 0xffff_ffff_ffff,
            actor: entry.actor,
            subject: AuditKeys.commitment(to: subject, key: keys.subject),
            detail: AuditKeys.commitment(to: detail, key: keys.detail)
        )
        try insert(entry, number, leaf, keys, subject, detail)
        for tile in trail.tree.append(leaf.hash) { try connection.insert(tile) }
        trail.lastTime = leaf.time
        guard trail.tree.size % AuditTables.spanEntries == 0 else { return }
        try connection.insertAuditSpan(number / AuditTables.spanEntries)
    }

    private func insert(
        _ entry: NewEntry,
        _ number: UInt64,
        _ leaf: AuditLeaf,
        _ keys: AuditKeys,
        _ subject: [UInt8],
        _ detail: [UInt8]
    ) throws(StorageError) {
        let (user, record) = (entry.subject.user, entry.subject.record)
        let actor = try connection.intern(entry.actor)
        let person = user == .zero ? nil : try connection.intern(user)
        let about = record == .zero ? nil : try connection.intern(record)
        var scope = entry.changeScope
        if scope == nil { scope = try connection.number(of: entry.subject.scope) }
        let isAct = entry.changeScope == nil
        let statement = try connection.prepare(
            hot: """
                INSERT INTO audit (number, kind, time, position, actor, person, entity, record,
                    scope, keys, subject, detail)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        statement.bind(bits: number).bind(Int64(leaf.kind)).bind(bits: leaf.time)
            .bind(entry.position).bind(actor)
        _ = person.map { statement.bind($0) } ?? statement.bindNull()
        statement.bind(entry.entity)
        _ = about.map { statement.bind($0) } ?? statement.bindNull()
        _ = scope.map { statement.bind($0) } ?? statement.bindNull()
        statement.bind(keys.bytes)
        _ = isAct ? statement.bind(subject).bind(detail) : statement.bindNull().bindNull()
        try statement.run()
    }

    /// Writes how far the tree has come, once a commit.
    func saveAuditHead(_ before: State) throws(StorageError) {
        guard let trail = state.audit, trail.fault == nil,
            trail.tree.size != before.audit?.tree.size
        else { return }
        try connection.setAuditHead(trail.head)
    }
}

/// What an entry says of a change.
struct AuditedChange {
    let hash: Hash
    let device: ID
    var user = ID.zero
    var kind = AuditKind.change
    var entity: Int64 = 0

    init(_ hash: Hash, _ body: Body?, _ replica: InternedReplica) {
        self.hash = hash
        device = replica.device
        guard let body else { return }
        user = body.user
        entity = body.operations.first.map { Int64($0.entity) } ?? 0
        if body.operations.contains(where: { Int64($0.entity) != entity }) { entity = -1 }
        let isRuling = body.operations.contains { HubStatement.isOne($0.entity) }
        if replica.isHub, isRuling { kind = .ruling }
    }
}

extension Statement {
    /// The device that a statement is about; zero for none.
    fileprivate var about: ID {
        switch payload {
        case .certificate(let certificate): certificate.structure.device
        case .revocation(let device, _, _, _), .suspend(let device, _, _): device
        default: .zero
        }
    }
}

extension Connection {
    fileprivate func insert(_ tile: Tile) throws(StorageError) {
        var writer = Writer(capacity: 8_192)
        for hash in tile.hashes { writer.hash(hash) }
        try prepare("INSERT INTO audit_tile (place, root, hashes) VALUES (?, ?, ?)")
            .bind(tile.place.row).bind(tile.root).bind(writer.bytes).run()
    }

    /// Notes what stands in a span of entries that is full.
    func insertAuditSpan(_ span: UInt64) throws(StorageError) {
        let first = Int64(clamping: span * AuditTables.spanEntries)
        let last = first + Int64(AuditTables.spanEntries) - 1
        try prepare(
            """
            INSERT INTO audit_span SELECT ?, min(time), max(time) FROM audit
            WHERE number BETWEEN ? AND ?
            """
        )
        .bind(bits: span).bind(first).bind(last).run()
        for (field, column) in AuditTables.fields {
            try prepare(
                """
                INSERT INTO audit_mention SELECT DISTINCT \(field), \(column), ? FROM audit
                WHERE number BETWEEN ? AND ? AND \(column) IS NOT NULL
                """
            )
            .bind(bits: span).bind(first).bind(last).run()
        }
    }

    func setAuditHead(_ head: AuditHead) throws(StorageError) {
        var writer = Writer(capacity: 40)
        writer.u64(head.size)
        writer.hash(head.root)
        try setMeta(AuditTables.headKey, writer.bytes)
    }

    /// How far the tree had come at the last commit; nil for a store without an audit.
    func auditHead() throws(StorageError) -> AuditHead? {
        guard let bytes = try meta(AuditTables.headKey) else { return nil }
        var reader = Reader(bytes)
        do throws(Malformed) {
            let head = AuditHead(size: try reader.u64("size"), root: try reader.hash("root"))
            try reader.end("head")
            return head
        } catch {
            throw StorageError(.damaged, "the size and the root of the audit are not readable")
        }
    }
}

extension Tile.Place {
    /// Its key in the table of tiles.
    var row: Int64 { Int64(level) << 48 | Int64(clamping: number) }
}
