import Bytes
import CRDT
import Wire

// Changes that came one by one are put into blocks, some time after.

extension Connection {
    /// Puts changes of a feed that have rows of their own into blocks, whenever the feed has grown
    /// by another stretch.
    ///
    /// - Parameters:
    ///   - replica: Whose feed it is; it has no branches.
    ///   - before: The sequence before what came just now.
    ///   - last: The last sequence.
    ///   - scope: Where.
    /// - Returns: Whether the feed had grown by a stretch.
    /// - Throws: What the disk says.
    func seal(
        _ replica: InternedReplica,
        from before: UInt64,
        to last: UInt64,
        in scope: Int64
    ) throws(StorageError) -> Bool {
        let end = last / Self.stretch * Self.stretch
        guard end > before else { return false }
        let rows = try rows(of: replica.number, from: end - Self.stretch + 1, to: end, in: scope)
        for group in try groups(rows, of: replica.number, in: scope) {
            for part in Self.parts(of: group) { try seal(part, of: replica, in: scope) }
        }
        return true
    }

    /// How many changes of a feed wait before they are put into blocks.
    private static let stretch: UInt64 = 64

    /// The changes of the scope that have rows, between those of two sequences of a replica.
    private func rows(
        of replica: Int64,
        from first: UInt64,
        to last: UInt64,
        in scope: Int64
    ) throws(StorageError) -> [LoggedChange] {
        let ends = try prepare(
            """
            SELECT min(position), max(position) FROM change
            WHERE scope = ? AND replica = ? AND sequence BETWEEN ? AND ?
            """
        )
        .bind(scope).bind(replica).bind(Int64(clamping: first)).bind(Int64(clamping: last))
        .first { row in row.isNull(0) ? nil : (row.integer(0), row.integer(1)) }
        guard let (start, end) = ends ?? nil else { return [] }
        return try changesInRows(of: scope, from: start, to: end)
    }

    /// Stretches of small changes of one replica with nothing else of the scope in between.
    private func groups(
        _ rows: [LoggedChange],
        of replica: Int64,
        in scope: Int64
    ) throws(StorageError) -> [[LoggedChange]] {
        var groups: [[LoggedChange]] = []
        var open: [LoggedChange] = []
        for row in rows {
            let isSmall = (1..<PackedBody.compressedBytesMin).contains(row.bytes.count)
            guard row.replica.number == replica, isSmall, row.previous == nil else {
                groups.append(open)
                open = []
                continue
            }
            if let last = open.last {
                let between = try block(from: last.position, in: scope)
                if last.sequence &+ 1 != row.sequence
                    || between.map({ $0.first < row.position }) == true
                {
                    groups.append(open)
                    open = []
                }
            }
            open.append(row)
        }
        return (groups + [open]).filter { $0.count >= Block.changesMin }
    }

    /// A group cut at signatures, so that none is left further from the next than a run may reach.
    private static func parts(of group: [LoggedChange]) -> [ArraySlice<LoggedChange>] {
        var parts: [ArraySlice<LoggedChange>] = []
        var start = group.startIndex
        var signed = start
        for index in group.indices {
            if index - start >= Block.changesMax, signed > start {
                parts.append(group[start..<signed])
                start = signed
            }
            if group[index].signature != nil { signed = index + 1 }
        }
        if signed > start { parts.append(group[start..<signed]) }
        return parts.filter {
            (Block.changesMin...Limits.runChangesMax).contains($0.count)
        }
    }

    private func seal(
        _ part: ArraySlice<LoggedChange>,
        of replica: InternedReplica,
        in scope: Int64
    ) throws(StorageError) {
        guard let first = part.first, let last = part.last else { return }
        var bodies: [(bytes: [UInt8], body: Body?)] = []
        for change in part { bodies.append((change.bytes, try change.body())) }
        let block = Block(
            scope: scope,
            position: last.position,
            first: first.position,
            count: Int64(part.count),
            replica: replica.number,
            sequence: last.sequence,
            hash: last.hash,
            time: bodies.compactMap(\.body?.time).max() ?? .zero
        )
        let before = try changes(of: replica.number, at: first.sequence - 1, in: scope).first
        var previous = before?.hash
        if previous == nil { previous = try beginning(of: replica, in: scope) }
        try insert(
            block,
            try PackedBodies(storing: bodies),
            after: previous ?? .zero,
            gaps: Block.gaps(between: part.map(\.position)),
            last.signature
        )
        try prepare("DELETE FROM change WHERE scope = ? AND position BETWEEN ? AND ?")
            .bind(scope).bind(first.position).bind(last.position).run()
    }

    /// What the first change of a replica in a scope links to.
    private func beginning(
        of replica: InternedReplica,
        in scope: Int64
    ) throws(StorageError) -> Hash {
        guard let binding = try binding(of: replica.id) else {
            throw StorageError(.damaged, "replica \(replica.id) has no binding")
        }
        let feed = Change.Feed(
            tenant: try tenant(),
            scope: try self.scope(numbered: scope),
            replica: replica.id
        )
        return Change.beginning(of: feed, statement: binding.statement.structure.hash)
    }
}
