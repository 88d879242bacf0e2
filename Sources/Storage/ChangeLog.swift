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
    /// What the body says, where it was found on the way here.
    let reading: Body?

    /// What the body says; nil for a format of a newer version.
    func body() throws(StorageError) -> Body? {
        if let reading { return reading }
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

// MARK: - Changes

extension Connection {
    static let changeColumns =
        "position, replica, sequence, hash, previous, body, length, signature FROM change"

    /// Appends verified changes of one feed, the first at a position; `previous` is kept only where
    /// the replica has branches.
    func insert(
        _ changes: [VerifiedChange],
        as packing: Packing,
        at position: Int64,
        scope: Int64,
        by replica: InternedReplica,
        keepingPrevious: Bool
    ) throws(StorageError) {
        switch packing {
        case .blocks(let blocks):
            for (places, bodies) in blocks {
                try insert(
                    changes[places],
                    as: bodies,
                    at: position + Int64(places.lowerBound),
                    scope: scope,
                    replica: replica.number
                )
            }
        case .rows(let rows):
            for (index, (verified, row)) in zip(changes, rows).enumerated() {
                let change = verified.change
                let logged = LoggedChange(
                    position: position + Int64(index),
                    replica: replica,
                    sequence: change.sequence,
                    hash: change.hash,
                    previous: keepingPrevious ? change.previous : nil,
                    bytes: change.body,
                    signature: verified.signature,
                    reading: nil
                )
                try insert(logged, as: row, scope: scope)
            }
        }
    }

    /// Gives a change a row of its own.
    func insert(_ change: LoggedChange, as row: PackedBody, scope: Int64) throws(StorageError) {
        let statement = try prepare(
            """
            INSERT INTO change
                (scope, position, replica, sequence, hash, previous, body, length, signature)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        statement.bind(scope).bind(change.position).bind(change.replica.number)
            .bind(bits: change.sequence).bind(change.hash)
        _ = change.previous.map { statement.bind($0) } ?? statement.bindNull()
        statement.bind(row.bytes)
        _ = row.length.map { statement.bind(Int64($0)) } ?? statement.bindNull()
        _ = change.signature.map { statement.bind($0) } ?? statement.bindNull()
        try statement.run()
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

    /// Notes how far the log of a scope reaches, but for changes with rows of their own.
    func setPosition(_ position: Int64, of scope: Int64) throws(StorageError) {
        try prepare("UPDATE scope SET position = ? WHERE number = ?")
            .bind(position).bind(scope).run()
    }

    /// The position of the last change of a row of the table of scopes.
    ///
    /// Found by the small keys of the feeds: to search the log itself by position, SQLite would
    /// read whole bodies.
    static let scopePosition = """
        max(position, ifnull((
            SELECT max((
                SELECT tail.position FROM change AS tail
                WHERE tail.scope = feed.scope AND tail.replica = feed.replica
                    AND tail.sequence > feed.sequence
                ORDER BY tail.sequence DESC LIMIT 1
            ))
            FROM feed WHERE feed.scope = scope.number
        ), 0))
        """

    /// The position of the last change of all scopes.
    func lastPosition() throws(StorageError) -> Int64 {
        try prepare("SELECT ifnull(max(\(Self.scopePosition)), 0) FROM scope")
            .first { $0.integer(0) } ?? 0
    }

    /// The hashes held of a replica at a sequence, with positions: several where it has branches.
    func changes(
        of replica: Int64,
        at sequence: UInt64,
        in scope: Int64
    ) throws(StorageError) -> [(position: Int64, hash: Hash)] {
        let rows = try prepare(
            """
            SELECT position, hash FROM change
            WHERE scope = ? AND replica = ? AND sequence = ? ORDER BY position
            """
        )
        .bind(scope).bind(replica).bind(bits: sequence)
        .all { (position: $0.integer(0), hash: $0.hash(1) ?? .zero) }
        guard rows.isEmpty, let block = try block(with: sequence, of: replica, in: scope) else {
            return rows
        }
        if sequence == block.sequence { return [(block.position, block.hash)] }
        return try changes(of: block).filter { $0.sequence == sequence }
            .map { ($0.position, $0.hash) }
    }

    /// The change at a position of a scope.
    func change(at position: Int64, in scope: Int64) throws(StorageError) -> LoggedChange {
        // Whoever reads for a person shows of its body what is for them.
        guard session == nil || isBeneath else {
            return try beneath { () throws(StorageError) in try change(at: position, in: scope) }
        }
        let sql = "SELECT \(Self.changeColumns) WHERE scope = ? AND position = ?"
        if let row = try prepare(sql).bind(scope).bind(position).first(Self.readRow) {
            return try logged(row)
        }
        guard let block = try block(from: position, in: scope), block.first <= position,
            let change = try changes(of: block).first(where: { $0.position == position })
        else {
            throw StorageError(.damaged, "no change at position \(position) of scope \(scope)")
        }
        return change
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
        guard session == nil || isBeneath else {
            return try forEachShownChange(in: scope, after: after, upTo: upTo, body)
        }
        var isWanted = true
        var after = after
        while isWanted, after < upTo {
            let block = try block(from: after + 1, in: scope)
            let end = min(upTo, block.map { $0.first - 1 } ?? upTo)
            try prepare(sql).bind(scope).bind(after).bind(end).forEach { row throws(StorageError) in
                isWanted = try body(try logged(Self.readRow(row)))
                return isWanted
            }
            guard isWanted, let block, block.first <= upTo else { return }
            for change in try changes(of: block)
            where isWanted && after < change.position && change.position <= upTo {
                isWanted = try body(change)
            }
            after = block.position
        }
    }

    /// The same for a person: some at a time are unpacked beneath, and handed over above.
    private func forEachShownChange(
        in scope: Int64,
        after: Int64,
        upTo: Int64,
        _ body: (LoggedChange) throws(StorageError) -> Bool
    ) throws(StorageError) {
        var after = after
        while after < upTo {
            var some: [LoggedChange] = []
            try beneath { () throws(StorageError) in
                try forEachChange(in: scope, after: after, upTo: upTo) { change in
                    some.append(change)
                    return some.count < Self.unpackedAtOnce
                }
            }
            for change in some where try !body(change) { return }
            guard some.count == Self.unpackedAtOnce, let last = some.last else { return }
            after = last.position
        }
    }

    private static let unpackedAtOnce = 256

    /// The changes of a scope between two positions that have rows of their own; those that lie
    /// compressed come without their bodies.
    func changesInRows(
        of scope: Int64,
        from first: Int64,
        to last: Int64
    ) throws(StorageError) -> [LoggedChange] {
        let sql = """
            SELECT position, replica, sequence, hash, previous,
                CASE WHEN length IS NULL THEN body END, NULL, signature
            FROM change WHERE scope = ? AND position BETWEEN ? AND ? ORDER BY position
            """
        var changes: [LoggedChange] = []
        for row in try prepare(sql).bind(scope).bind(first).bind(last).all(Self.readRow) {
            changes.append(try logged(row))
        }
        return changes
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
        let blocks = try blocks(of: replica, in: scope)
        guard !blocks.isEmpty else { return changes }
        for block in blocks { changes += try self.changes(of: block) }
        // Where there are blocks no two changes have one sequence.
        return changes.sorted { $0.sequence < $1.sequence }
    }

    /// Hands over where the changes of a replica from a sequence on lie, and their hashes, in no
    /// order.
    func forEachPlace(
        of replica: Int64,
        from sequence: UInt64,
        in scope: Int64,
        _ body: (_ position: Int64, _ sequence: UInt64, _ hash: Hash) -> Void
    ) throws(StorageError) {
        try prepare(
            """
            SELECT position, sequence, hash FROM change
            WHERE scope = ? AND replica = ? AND sequence >= ?
            """
        )
        .bind(scope).bind(replica).bind(Int64(clamping: sequence))
        .forEach { row in
            body(row.integer(0), row.bits(1), row.hash(2) ?? .zero)
            return true
        }
        for block in try blocks(of: replica, from: sequence, in: scope) {
            for change in try changes(of: block) where change.sequence >= sequence {
                body(change.position, change.sequence, change.hash)
            }
        }
    }

    /// How many changes are held.
    func changeCount() throws(StorageError) -> Int64 {
        try prepare(
            "SELECT (SELECT count(*) FROM change) + (SELECT ifnull(sum(count), 0) FROM block)"
        )
        .first { $0.integer(0) } ?? 0
    }

    struct ChangeRow {
        let position: Int64
        let replica: Int64
        let sequence: UInt64
        let hash: Hash
        let previous: Hash?
        let body: [UInt8]
        let length: Int64?
        let signature: [UInt8]?
    }

    static func readRow(_ row: borrowing RowReader) -> ChangeRow {
        ChangeRow(
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

    func logged(_ row: ChangeRow) throws(StorageError) -> LoggedChange {
        LoggedChange(
            position: row.position,
            replica: try replica(numbered: row.replica),
            sequence: row.sequence,
            hash: row.hash,
            previous: row.previous,
            bytes: try expanded(row.body, length: row.length, at: row.position),
            signature: row.signature,
            reading: nil
        )
    }
}
