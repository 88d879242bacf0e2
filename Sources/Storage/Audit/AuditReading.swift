import Bytes
import CRDT
import Wire

/// An entry as its row has it.
struct AuditRow {
    let number: UInt64
    let kind: UInt8
    let time: UInt64
    let position: Int64
    let actor: Int64
    let person: Int64?
    let scope: Int64?
    let keys: [UInt8]?
    let subject: [UInt8]?
    let detail: [UInt8]?

    static let columns = "number, kind, time, position, actor, person, scope, keys, subject, detail"

    init(_ row: borrowing RowReader) {
        number = row.bits(0)
        kind = UInt8(truncatingIfNeeded: row.integer(1))
        time = row.bits(2)
        position = row.integer(3)
        actor = row.integer(4)
        person = row.isNull(5) ? nil : row.integer(5)
        scope = row.isNull(6) ? nil : row.integer(6)
        keys = row.isNull(7) ? nil : row.bytes(7)
        subject = row.isNull(8) ? nil : row.bytes(8)
        detail = row.isNull(9) ? nil : row.bytes(9)
    }

    /// Whether what it records is a change of the log that is still told.
    var isChange: Bool { subject == nil && detail == nil }
}

extension Connection {
    /// The entries from a number up to another, which is left out.
    func auditEntries(
        from first: UInt64,
        upTo end: UInt64
    ) throws(StorageError) -> [AuditEntry] {
        let rows = try prepare(
            """
            SELECT \(AuditRow.columns) FROM audit WHERE number >= ? AND number < ?
            ORDER BY number
            """
        )
        .bind(bits: first).bind(bits: end).all(AuditRow.init)
        return try auditEntries(rows)
    }

    /// What rows say, with the changes that they refer to.
    func auditEntries(_ rows: [AuditRow]) throws(StorageError) -> [AuditEntry] {
        let hashes = try changeHashes(of: rows)
        var entries: [AuditEntry] = []
        entries.reserveCapacity(rows.count)
        for row in rows { entries.append(try entry(row, hashes[row.position])) }
        return entries
    }

    /// The hashes of the changes that rows refer to, by position.
    private func changeHashes(of rows: [AuditRow]) throws(StorageError) -> [Int64: Hash] {
        var wanted: [Int64: Set<Int64>] = [:]
        for row in rows where row.isChange {
            guard let scope = row.scope else { continue }
            wanted[scope, default: []].insert(row.position)
        }
        var hashes: [Int64: Hash] = [:]
        for (scope, positions) in wanted {
            guard let first = positions.min(), let last = positions.max() else { continue }
            if last - first > Int64(positions.count) * Self.sparse {
                for position in positions {
                    hashes[position] = try change(at: position, in: scope).hash
                }
                continue
            }
            try forEachChange(in: scope, after: first - 1, upTo: last) {
                change throws(StorageError) in
                if positions.contains(change.position) { hashes[change.position] = change.hash }
                return true
            }
        }
        return hashes
    }

    /// Changes that lie further apart than this are looked up one by one.
    private static let sparse: Int64 = 64

    /// What a row says.
    ///
    /// - Parameters:
    ///   - row: As it is stored.
    ///   - hash: Of the change that it refers to.
    /// - Returns: The entry.
    /// - Throws: `.damaged` if it cannot be read.
    func entry(_ row: AuditRow, _ hash: Hash?) throws(StorageError) -> AuditEntry {
        do {
            guard let keys = row.keys.flatMap({ AuditKeys($0) }) else { return try erased(row) }
            var change: AuditEntry.Place?
            let (subject, detail): (AuditSubject, AuditDetail)
            if let parts = row.subject, let rest = row.detail {
                subject = try AuditSubject(decoding: parts)
                detail = try AuditDetail(decoding: rest, of: row.kind)
            } else {
                guard let number = row.scope, let hash else {
                    throw StorageError(.damaged, "the change of audit entry \(row.number)")
                }
                let scope = try scope(numbered: number)
                change = AuditEntry.Place(scope: scope, position: row.position)
                let user = try row.person.map { try referenced($0) }
                subject = AuditSubject(user: user ?? .zero, scope: scope)
                detail = .change(hash)
            }
            return AuditEntry(
                number: row.number,
                kind: row.kind,
                time: row.time,
                actor: try referenced(row.actor),
                keys: keys,
                subject: subject,
                detail: detail,
                change: change,
                leaf: AuditLeaf(
                    kind: row.kind,
                    time: row.time,
                    actor: try referenced(row.actor),
                    subject: AuditKeys.commitment(to: subject.encoded, key: keys.subject),
                    detail: AuditKeys.commitment(to: detail.encoded, key: keys.detail)
                )
            )
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(.damaged, "audit entry \(row.number): \(error)")
        }
    }

    /// What is left of an entry whose keys are gone.
    private func erased(_ row: AuditRow) throws(StorageError) -> AuditEntry {
        guard let subject = row.subject.flatMap({ Hash($0) }),
            let detail = row.detail.flatMap({ Hash($0) })
        else { throw StorageError(.damaged, "audit entry \(row.number) has lost its keys") }
        let actor = try referenced(row.actor)
        return AuditEntry(
            number: row.number,
            kind: row.kind,
            time: row.time,
            actor: actor,
            keys: nil,
            subject: nil,
            detail: nil,
            change: nil,
            leaf: AuditLeaf(
                kind: row.kind,
                time: row.time,
                actor: actor,
                subject: subject,
                detail: detail
            )
        )
    }

    /// The hashes of a full tile; nil if it is not there.
    func auditTile(_ place: Tile.Place) throws(StorageError) -> Tile? {
        let bytes = try prepare("SELECT hashes FROM audit_tile WHERE place = ?").bind(place.row)
            .first { $0.bytes(0) }
        guard let bytes else { return nil }
        var reader = Reader(bytes)
        var hashes: [Hash] = []
        do throws(Malformed) {
            while reader.remaining > 0 { hashes.append(try reader.hash("tile")) }
        } catch {
            throw StorageError(.damaged, "a tile of the audit: \(error)")
        }
        return Tile(place, hashes)
    }
}

extension Connection {
    /// Has the entries of a scope's changes say by themselves who, where, and the hash.
    ///
    /// For the changes are about to go (RET-8).
    func detachEntries(of scope: Scope, _ number: Int64) throws(StorageError) {
        guard try hasAudit() else { return }
        let rows = try prepare(
            """
            SELECT \(AuditRow.columns) FROM audit
            WHERE scope = ? AND subject IS NULL AND keys IS NOT NULL ORDER BY number
            """
        )
        .bind(number).all(AuditRow.init)
        let hashes = try changeHashes(of: rows)
        for row in rows {
            let entry = try entry(row, hashes[row.position])
            guard let subject = entry.subject, let detail = entry.detail else { continue }
            try prepare("UPDATE audit SET subject = ?, detail = ? WHERE number = ?")
                .bind(subject.encoded).bind(detail.encoded).bind(bits: row.number)
                .run()
        }
    }

    /// Whether this store keeps an audit: a hub's does.
    func hasAudit() throws(StorageError) -> Bool {
        try prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'audit'")
            .first { $0.integer(0) } == 1
    }
}
