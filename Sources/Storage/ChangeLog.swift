import Bytes
import CRDT
import Wire

/// A change as it lies in the log.
struct LoggedChange {
    let position: Int64
    let replica: InternedReplica
    let sequence: UInt64
    let hash: Hash
    /// Kept only where the replica has branches; otherwise the change before it is the one with
    /// the sequence before.
    let previous: Hash?
    let bytes: [UInt8]
    let signature: [UInt8]?

    /// What the body says; nil for a format of a newer version.
    func body() throws(StorageError) -> Body? {
        guard Body.format(of: bytes) == 1 else { return nil }
        do throws(Malformed) {
            return try Body(decoding: bytes)
        } catch {
            throw StorageError(.damaged, "the body at position \(position): \(error)")
        }
    }

    /// The rank of what the change writes.
    func rank(_ body: Body) -> Rank {
        replica.rank(Name(Stamp(body.time, replica.id), hash: hash.prefix))
    }
}

/// A feed of one scope, or a branch of it, and where it stands.
struct Feed {
    let branch: Hash
    let tip: FeedTip
}

// MARK: - Tips

extension Connection {
    /// Where the feeds of a replica in a scope stand: one, or one a branch; none before its first
    /// change.
    func feeds(_ replica: Int64, in scope: Int64) throws(StorageError) -> [Feed] {
        let sql = """
            SELECT branch, sequence, hash, time, authority FROM feed
            WHERE scope = ? AND replica = ? ORDER BY branch
            """
        return try prepare(sql).bind(scope).bind(replica).all { row in
            Feed(
                branch: row.hash(0) ?? .zero,
                tip: FeedTip(
                    sequence: row.bits(1),
                    hash: row.hash(2) ?? .zero,
                    time: HybridTime(raw: row.bits(3)),
                    authority: row.bits(4)
                )
            )
        }
    }

    func setFeed(_ feed: Feed, of replica: Int64, in scope: Int64) throws(StorageError) {
        try prepare(
            """
            INSERT INTO feed (scope, replica, branch, sequence, hash, time, authority)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash,
                time = excluded.time, authority = excluded.authority
            """
        )
        .bind(scope).bind(replica).bind(feed.branch).bind(bits: feed.tip.sequence)
        .bind(feed.tip.hash).bind(bits: feed.tip.time.raw).bind(bits: feed.tip.authority)
        .run()
    }

    func removeFeeds(of replica: Int64, in scope: Int64) throws(StorageError) {
        try prepare("DELETE FROM feed WHERE scope = ? AND replica = ?")
            .bind(scope).bind(replica).run()
    }

    /// What is held of a scope: the tips of all its feeds.
    func frontier(of scope: Int64) throws(StorageError) -> Frontier {
        let rows = try prepare("SELECT replica, branch, sequence, hash FROM feed WHERE scope = ?")
            .bind(scope)
            .all { ($0.integer(0), $0.bytes(1), $0.bits(2), $0.bytes(3)) }
        var tips: [Frontier.Tip] = []
        for (replica, branch, sequence, hash) in rows {
            tips.append(
                Frontier.Tip(
                    replica: try self.replica(numbered: replica).id,
                    branch: Hash(branch) ?? .zero,
                    sequence: sequence,
                    hash: Hash(hash) ?? .zero
                )
            )
        }
        return Frontier(tips)
    }
}

// MARK: - Changes

extension Connection {
    private static let changeColumns =
        "position, replica, sequence, hash, previous, body, length, signature FROM change"

    /// Appends a change at a position; `previous` is kept only where the replica has branches.
    func insert(
        _ verified: VerifiedChange,
        at position: Int64,
        scope: Int64,
        replica: Int64,
        keepingPrevious: Bool
    ) throws(StorageError) {
        let statement = try prepare(
            """
            INSERT INTO change
                (scope, position, replica, sequence, hash, previous, body, length, signature)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        let change = verified.change
        statement.bind(scope).bind(position).bind(replica).bind(bits: change.sequence)
            .bind(change.hash)
        _ = keepingPrevious ? statement.bind(change.previous) : statement.bindNull()
        if let packed = try Self.packed(change.body) {
            statement.bind(packed).bind(Int64(change.body.count))
        } else {
            statement.bind(change.body).bindNull()
        }
        _ = verified.signature.map { statement.bind($0) } ?? statement.bindNull()
        try statement.run()
    }

    /// Bodies from this length on are tried to compress: an import, or a day's work of a machine.
    private static let packedBytesMin = 1_024

    /// A body as it is stored compressed; nil if it lies better as it is.
    private static func packed(_ body: [UInt8]) throws(StorageError) -> [UInt8]? {
        guard body.count >= packedBytesMin else { return nil }
        do throws(Malformed) {
            let packed = try Zstd.compress(body, .stored)
            return packed.count < body.count / 4 * 3 ? packed : nil
        } catch {
            throw StorageError(.database, "a body could not be compressed: \(error)")
        }
    }

    /// A body as it was hashed; `length` is given where it lies compressed.
    func expanded(
        _ stored: [UInt8],
        length: Int64?,
        at position: Int64
    ) throws(StorageError) -> [UInt8] {
        guard let length else { return stored }
        guard (0...Int64(Limits.bodyBytesMax)).contains(length) else {
            throw StorageError(.damaged, "the length of the body at position \(position)")
        }
        do throws(Malformed) {
            return try Zstd.expand(stored, to: Int(length))
        } catch {
            throw StorageError(.damaged, "the body at position \(position): \(error)")
        }
    }

    /// Notes how far the log of a scope reaches.
    func setPosition(_ position: Int64, of scope: Int64) throws(StorageError) {
        try prepare("UPDATE scope SET position = ? WHERE number = ?")
            .bind(position).bind(scope).run()
    }

    /// The position of the last change of all scopes.
    func lastPosition() throws(StorageError) -> Int64 {
        try prepare("SELECT ifnull(max(position), 0) FROM scope").first { $0.integer(0) } ?? 0
    }

    /// The hashes held of a replica at a sequence, with positions: several where it has branches.
    func changes(
        of replica: Int64,
        at sequence: UInt64,
        in scope: Int64
    ) throws(StorageError) -> [(position: Int64, hash: Hash)] {
        try prepare(
            """
            SELECT position, hash FROM change
            WHERE scope = ? AND replica = ? AND sequence = ? ORDER BY position
            """
        )
        .bind(scope).bind(replica).bind(bits: sequence)
        .all { ($0.integer(0), $0.hash(1) ?? .zero) }
    }

    /// The change at a position of a scope.
    func change(at position: Int64, in scope: Int64) throws(StorageError) -> LoggedChange {
        let sql = "SELECT \(Self.changeColumns) WHERE scope = ? AND position = ?"
        let row = try prepare(sql).bind(scope).bind(position).first(Self.readRow)
        guard let row else {
            throw StorageError(.damaged, "no change at position \(position) of scope \(scope)")
        }
        return try logged(row)
    }

    /// Hands over the changes of a scope in order of arrival, until `body` returns false.
    func forEachChange(
        in scope: Int64,
        after: Int64,
        upTo: Int64,
        _ body: (LoggedChange) throws(StorageError) -> Bool
    ) throws(StorageError) {
        let sql = """
            SELECT \(Self.changeColumns)
            WHERE scope = ? AND position > ? AND position <= ? ORDER BY position
            """
        try prepare(sql).bind(scope).bind(after).bind(upTo).forEach { row throws(StorageError) in
            try body(try logged(Self.readRow(row)))
        }
    }

    /// Every change of a replica in a scope, by sequence and then by arrival.
    func changes(of replica: Int64, in scope: Int64) throws(StorageError) -> [LoggedChange] {
        let sql = """
            SELECT \(Self.changeColumns)
            WHERE scope = ? AND replica = ? ORDER BY sequence, position
            """
        let rows = try prepare(sql).bind(scope).bind(replica).all(Self.readRow)
        var changes: [LoggedChange] = []
        for row in rows { changes.append(try logged(row)) }
        return changes
    }

    private struct Row {
        let position: Int64
        let replica: Int64
        let sequence: UInt64
        let hash: Hash
        let previous: Hash?
        let body: [UInt8]
        let length: Int64?
        let signature: [UInt8]?
    }

    private static func readRow(_ row: borrowing RowReader) -> Row {
        Row(
            position: row.integer(0),
            replica: row.integer(1),
            sequence: row.bits(2),
            hash: row.hash(3) ?? .zero,
            previous: row.isNull(4) ? nil : row.hash(4),
            body: row.bytes(5),
            length: row.isNull(6) ? nil : row.integer(6),
            signature: row.isNull(7) ? nil : row.bytes(7)
        )
    }

    private func logged(_ row: Row) throws(StorageError) -> LoggedChange {
        LoggedChange(
            position: row.position,
            replica: try replica(numbered: row.replica),
            sequence: row.sequence,
            hash: row.hash,
            previous: row.previous,
            bytes: try expanded(row.body, length: row.length, at: row.position),
            signature: row.signature
        )
    }
}
