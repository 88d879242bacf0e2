public import CRDT
public import Domain
import Wire

/// The summaries of subjects: derived rows that a list reads instead of the subjects.
///
/// A scope is marked as summarized when its summaries are written, and loses the mark in the very
/// transaction that writes to it or changes what of it counts; so a row of a scope with the mark
/// is never stale.
enum SummaryTables {
    static let definition = """
        ALTER TABLE scope ADD COLUMN is_summarized INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX scope_stale ON scope (number) WHERE kind = 3 AND is_summarized = 0;

        CREATE TABLE summary (
            scope INTEGER PRIMARY KEY,
            sort  TEXT    NOT NULL,
            row   BLOB    NOT NULL
        ) STRICT;

        -- name and value: of a facet; both empty for the list of all.
        CREATE TABLE facet (
            name  TEXT    NOT NULL,
            value TEXT    NOT NULL,
            sort  TEXT    NOT NULL,
            key   BLOB    NOT NULL CHECK (length(key) = 16),
            scope INTEGER NOT NULL,
            PRIMARY KEY (name, value, sort, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX facet_scope ON facet (scope);
        """

    /// What the summaries rest on beside their scopes, as it was when they were written.
    static let basisKey = "summaries"
}

/// What a summary was made from: it is kept only if that is what there is still.
public struct SummaryMoment: Hashable, Sendable {
    let position: Int64
    let standing: [UInt8]
}

extension View {
    /// Stands for what records of some kinds in a scope say: equal only where nothing changed.
    public func fingerprint(
        of entities: [Entity],
        in scope: Scope
    ) throws(StorageError) -> Hash {
        guard let number = try connection.number(of: scope) else { return .zero }
        // Clock verdicts decide what is shown of heads side by side.
        let clocks = try connection.prepare(
            "SELECT replica, first, last, hash, time FROM clock WHERE scope = ?"
        )
        .bind(number)
        .all { "\($0.bytes(0)) \($0.bits(1)) \($0.bits(2)) \($0.bytes(3)) \($0.bits(4))" }
        var bytes = Array(clocks.joined(separator: "\n").utf8)
        for entity in entities {
            let states = try connection.prepare(
                "SELECT id, state FROM record WHERE scope = ? AND entity = ? ORDER BY id"
            )
            .bind(number).bind(Int64(entity.number)).all { ($0.bytes(0), $0.bytes(1)) }
            for (id, state) in states { bytes += id + Hash(of: state).bytes }
        }
        return Hash(of: bytes)
    }

    /// The subjects whose summaries must be made before a list can be read.
    ///
    /// - Parameter basis: What summaries rest on beside their scopes; all are stale if it changed.
    /// - Returns: The subjects, each with what its summary will have been made from.
    /// - Throws: What the disk says.
    public func staleSubjects(
        _ basis: [UInt8]
    ) throws(StorageError) -> [(scope: Scope, moment: SummaryMoment)] {
        let isCurrent = try connection.meta(SummaryTables.basisKey) == basis
        // Said outright, for the planner takes an index of all subjects for as good.
        let stale =
            "\(isOfPerson ? "" : "INDEXED BY scope_stale") WHERE kind = 3 AND is_summarized = 0"
        let standing = try connection.meta("standing") ?? []
        let rows = try connection.prepare(
            """
            SELECT number, \(Connection.scopePosition) FROM scope
            \(isCurrent ? stale : "WHERE kind = 3")
            """
        )
        .all { ($0.integer(0), $0.integer(1)) }
        var subjects: [(scope: Scope, moment: SummaryMoment)] = []
        for (number, position) in rows where position > 0 {
            let moment = SummaryMoment(position: position, standing: standing)
            subjects.append((try connection.scope(numbered: number), moment))
        }
        return subjects
    }

    /// The summaries of a page among those that are not stale, in order, and one more if there is.
    ///
    /// - Complexity: O(the page · log n), and of rows passed over where several facets are asked.
    public func summaries(
        _ query: SummaryQuery,
        _ basis: [UInt8]
    ) throws(StorageError) -> [ListedSummary] {
        guard try connection.meta(SummaryTables.basisKey) == basis else { return [] }
        var (query, found): (SummaryQuery, [ListedSummary]) = (query, [])
        let wanted = query.limit < .max ? query.limit + 1 : .max
        while found.count < wanted {
            let most = min(wanted - found.count, Self.summariesAtOnce)
            let rows = try rows(query, most)
            for row in rows {
                if query.admits(row.listed) { found.append(row.listed) }
                query.after = row.cursor
            }
            if rows.count < most { break }
        }
        return found
    }

    /// Rows that are held in memory at once.
    private static let summariesAtOnce = 256

    private func rows(
        _ query: SummaryQuery,
        _ most: Int
    ) throws(StorageError) -> [(listed: ListedSummary, cursor: SummaryQuery.Cursor)] {
        let driver = query.driver
        let isRange = driver.below != nil
        let order = (isRange ? "facet.value, " : "") + "facet.sort, facet.key"
        let rest = isRange ? "AND (\(order)) > (?, ?, ?)" : "AND (\(order)) > (?, ?)"
        let statement = try connection.prepare(
            """
            SELECT facet.value, facet.sort, facet.key, facet.scope, summary.row
            FROM facet JOIN scope ON scope.number = facet.scope AND scope.is_summarized = 1
                JOIN summary ON summary.scope = facet.scope
            WHERE facet.name = ? AND facet.value \(isRange ? "<" : "=") ?
                \(query.after == nil ? "" : rest)
            ORDER BY \(order) LIMIT ?
            """
        )
        .bind(driver.name).bind(driver.below ?? driver.value ?? "")
        if let after = query.after {
            if isRange { statement.bind(after.value) }
            statement.bind(after.sort).bind(after.key)
        }
        let rows = try statement.bind(Int64(most)).all { row in
            (
                SummaryQuery.Cursor(
                    value: row.text(0),
                    sort: row.text(1),
                    key: row.id(2) ?? .zero
                ), row.integer(3), row.bytes(4)
            )
        }
        var found: [(listed: ListedSummary, cursor: SummaryQuery.Cursor)] = []
        for (cursor, scope, bytes) in rows {
            // One facet needs no other look: the driver has said that it fits.
            let facets =
                query.facets.count + (query.below == nil ? 0 : 1) > 1
                ? try facets(of: scope) : Self.facets(driver, cursor)
            let summary = Summary(sort: cursor.sort, facets: facets, bytes: bytes)
            let listed = ListedSummary(summary, of: try connection.scope(numbered: scope))
            found.append((listed, cursor))
        }
        return found
    }

    private static func facets(
        _ driver: (name: String, value: String?, below: String?),
        _ cursor: SummaryQuery.Cursor
    ) -> Set<Summary.Facet> {
        driver.name.isEmpty ? [] : [Summary.Facet(driver.name, cursor.value)]
    }

    private func facets(of scope: Int64) throws(StorageError) -> Set<Summary.Facet> {
        let rows = try connection.prepare("SELECT name, value FROM facet WHERE scope = ?")
            .bind(scope).all { Summary.Facet($0.text(0), $0.text(1)) }
        return Set(rows.filter { !$0.name.isEmpty })
    }
}

extension Store {
    /// Keeps what was made of stale subjects; what has changed meanwhile is left stale.
    ///
    /// - Parameters:
    ///   - summaries: Of each subject its summary; nil where lists say nothing of it.
    ///   - basis: What they rest on beside their scopes.
    /// - Throws: What the disk says.
    public func keep(
        _ summaries: [(scope: Scope, moment: SummaryMoment, summary: Summary?)],
        _ basis: [UInt8]
    ) throws(StorageError) {
        guard !summaries.isEmpty else { return }
        try writing { writer throws(StorageError) in
            let connection = writer.connection
            if try connection.meta(SummaryTables.basisKey) != basis {
                try connection.forgetSummaries()
                try connection.setMeta(SummaryTables.basisKey, basis)
            }
            let standing = try connection.meta("standing") ?? []
            for (scope, moment, summary) in summaries where moment.standing == standing {
                try connection.keep(summary, of: scope, moment)
            }
        }
    }
}

extension Connection {
    /// Takes the mark from a subject whose rows changed.
    func noteStale(_ scope: Scope, _ number: Int64) throws(StorageError) {
        guard scope.kind == .subject else { return }
        try prepare("UPDATE scope SET is_summarized = 0 WHERE number = ? AND is_summarized = 1")
            .bind(number).run()
    }

    /// Takes the marks from all subjects.
    func forgetSummaries() throws(StorageError) {
        try execute("UPDATE scope SET is_summarized = 0 WHERE is_summarized = 1")
    }

    fileprivate func keep(
        _ summary: Summary?,
        of scope: Scope,
        _ moment: SummaryMoment
    ) throws(StorageError) {
        guard let number = try number(of: scope) else { return }
        let before = totalChanges
        try prepare(
            """
            UPDATE scope SET is_summarized = 1
            WHERE number = ? AND \(Self.scopePosition) = ? AND is_summarized = 0
            """
        )
        .bind(number).bind(moment.position).run()
        guard totalChanges != before else { return }
        try prepare("DELETE FROM facet WHERE scope = ?").bind(number).run()
        guard let summary else {
            return try prepare("DELETE FROM summary WHERE scope = ?").bind(number).run()
        }
        try prepare(
            """
            INSERT INTO summary VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET sort = excluded.sort, row = excluded.row
            """
        )
        .bind(number).bind(summary.sort).bind(summary.bytes).run()
        for facet in summary.facets.union([Summary.Facet("", "")]) {
            try prepare("INSERT INTO facet VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(facet.name).bind(facet.value).bind(summary.sort).bind(scope.key)
                .bind(number)
                .run()
        }
    }
}
