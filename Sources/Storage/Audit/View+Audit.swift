import CRDT
import Wire

extension View {
    /// One entry; nil for a number that is not there.
    public func auditEntry(_ number: UInt64) throws(StorageError) -> AuditEntry? {
        guard try connection.auditHead() != nil else { return nil }
        return try connection.auditEntries(from: number, upTo: number &+ 1).first
    }

    /// The entries from a number up to another, which is left out.
    ///
    /// - Complexity: O(entries): the caller asks for few thousands at once.
    public func auditEntries(
        from first: UInt64,
        upTo end: UInt64
    ) throws(StorageError) -> [AuditEntry] {
        guard try connection.auditHead() != nil else { return [] }
        return try connection.auditEntries(from: first, upTo: end)
    }

    /// A page of entries, the newest first.
    ///
    /// - Throws: What the disk says.
    /// - Complexity: Rows of the spans of 4,096 entries in which all that is asked for stands.
    public func auditPage(_ filter: AuditFilter) throws(StorageError) -> AuditPage {
        guard let head = try connection.auditHead(),
            let search = try AuditSearch(filter, head.size, self)
        else { return AuditPage(entries: [], next: nil) }
        return try search.page()
    }
}

/// A search through the audit, from its newest entry down.
private struct AuditSearch {
    private let connection: Connection
    private let filter: AuditFilter
    private let end: UInt64
    /// Conditions on rows, by the fields of ``AuditTables/fields``.
    private var values: [(field: Int64, column: String, value: Int64)] = []
    /// The entries of the changes that touch a record; nil unless one is asked for.
    private var touching: Set<UInt64>?

    /// - Returns: nil if nothing can be found.
    init?(_ filter: AuditFilter, _ size: UInt64, _ view: View) throws(StorageError) {
        connection = view.connection
        self.filter = filter
        end = min(size, filter.before ?? size)
        if let kind = filter.kind { values.append((2, "kind", Int64(kind.rawValue))) }
        if let user = filter.user {
            guard let number = try connection.referenceNumber(of: user) else { return nil }
            values.append((1, "person", number))
        }
        if let scope = filter.scope {
            guard let number = try connection.number(of: scope) else { return nil }
            values.append((4, "scope", number))
        }
        guard let record = filter.record else { return }
        touching = try Self.entries(touching: record, view)
        if let number = try connection.referenceNumber(of: record) {
            values.append((5, "record", number))
        }
    }

    func page() throws(StorageError) -> AuditPage {
        var found: [AuditEntry] = []
        let limit = max(1, filter.limit)
        if let touching {
            let known = touching.filter { $0 < end }
            found = try page(known)
        } else {
            for span in try spans() where found.count <= limit {
                let rows = try rows(of: span, atMost: limit + 1 - found.count)
                found += try connection.auditEntries(rows)
            }
        }
        let entries = Array(found.prefix(limit))
        return AuditPage(entries: entries, next: found.count > limit ? entries.last?.number : nil)
    }

    /// The spans that may hold what is asked for, the newest first; the last of all is not full.
    private func spans() throws(StorageError) -> [UInt64] {
        guard end > 0 else { return [] }
        let last = (end - 1) / AuditTables.spanEntries
        var sql = """
            SELECT number FROM audit_span WHERE number <= ? AND latest >= ? AND earliest < ?
            """
        var arguments = [
            Int64(clamping: last), Int64(clamping: filter.from ?? 0),
            Int64(clamping: filter.to ?? UInt64(Int64.max)),
        ]
        var mentions = values.map { ($0.field, [$0.value]) }
        if let entity = filter.entity { mentions.append((3, [Int64(entity), -1])) }
        for (field, values) in mentions {
            let list = values.map { "\($0)" }.joined(separator: ", ")
            sql += """
                 AND EXISTS (SELECT 1 FROM audit_mention AS mention WHERE mention.field = ?
                    AND mention.value IN (\(list)) AND mention.span = audit_span.number)
                """
            arguments.append(field)
        }
        let statement = try connection.prepare(sql + " ORDER BY number DESC")
        for argument in arguments { statement.bind(argument) }
        let full = try statement.all { $0.bits(0) }
        let newest =
            try connection.prepare("SELECT ifnull(max(number) + 1, 0) FROM audit_span")
            .first { $0.bits(0) } ?? 0
        return newest <= last ? [newest] + full : full
    }

    /// The rows of a span that are asked for, the newest first.
    private func rows(of span: UInt64, atMost count: Int) throws(StorageError) -> [AuditRow] {
        let first = span * AuditTables.spanEntries
        var sql = "SELECT \(AuditRow.columns), entity FROM audit WHERE number >= ? AND number < ?"
        var arguments = [
            Int64(clamping: first), Int64(clamping: min(end, first + AuditTables.spanEntries)),
        ]
        for (_, column, value) in values {
            sql += " AND \(column) = ?"
            arguments.append(value)
        }
        if let entity = filter.entity {
            sql += " AND entity IN (?, -1)"
            arguments.append(Int64(entity))
        }
        if let from = filter.from {
            sql += " AND time >= ?"
            arguments.append(Int64(clamping: from))
        }
        if let to = filter.to {
            sql += " AND time < ?"
            arguments.append(Int64(clamping: to))
        }
        let statement = try connection.prepare(sql + " ORDER BY number DESC")
        for argument in arguments { statement.bind(argument) }
        var rows: [AuditRow] = []
        try statement.forEach { row throws(StorageError) in
            let isMixed = row.integer(10) == -1
            let found = AuditRow(row)
            let isWanted = isMixed ? try isOfEntity(found) : true
            if isWanted { rows.append(found) }
            return rows.count < count
        }
        return rows
    }

    /// Whether a change of several entities is of the one that is asked for.
    private func isOfEntity(_ row: AuditRow) throws(StorageError) -> Bool {
        guard let entity = filter.entity, let scope = row.scope, row.isChange else { return true }
        let body = try connection.change(at: row.position, in: scope).body()
        return body?.operations.contains { $0.entity == entity } ?? false
    }
}

// MARK: - One record

extension AuditSearch {
    /// Those of some entries, and of the acts about the record, that are asked for.
    private func page(_ changes: Set<UInt64>) throws(StorageError) -> [AuditEntry] {
        var numbers = changes
        if let record = values.first(where: { $0.field == 5 }) {
            let acts = try connection.prepare(
                """
                SELECT audit.number FROM audit_mention AS mention
                JOIN audit ON audit.number BETWEEN mention.span * ?3
                    AND mention.span * ?3 + ?3 - 1 AND audit.record = mention.value
                WHERE mention.field = 5 AND mention.value = ?1
                UNION SELECT number FROM audit WHERE record = ?1 AND number >= ?2
                """
            )
            .bind(record.value)
            .bind(Int64(clamping: end / AuditTables.spanEntries * AuditTables.spanEntries))
            .bind(Int64(clamping: AuditTables.spanEntries))
            .all { $0.bits(0) }
            numbers.formUnion(acts.filter { $0 < end })
        }
        var found: [AuditEntry] = []
        for number in numbers.sorted(by: >) where found.count <= max(1, filter.limit) {
            let entries = try connection.auditEntries(from: number, upTo: number + 1)
            for entry in entries where try isWanted(entry) { found.append(entry) }
        }
        return found
    }

    private func isWanted(_ entry: AuditEntry) throws(StorageError) -> Bool {
        if let kind = filter.kind, kind.rawValue != entry.kind { return false }
        if let user = filter.user, entry.subject?.user != user { return false }
        if let scope = filter.scope, entry.subject?.scope != scope { return false }
        if let from = filter.from, entry.time < from { return false }
        if let to = filter.to, entry.time >= to { return false }
        guard let entity = filter.entity else { return true }
        guard let change = entry.change, let scope = try connection.number(of: change.scope) else {
            return entry.subject?.entity == entity
        }
        let body = try connection.change(at: change.position, in: scope).body()
        return body?.operations.contains { $0.entity == entity } ?? false
    }

    /// The entries of the changes that touch a record.
    private static func entries(
        touching record: ID,
        _ view: View
    ) throws(StorageError) -> Set<UInt64> {
        var numbers: Set<UInt64> = []
        for (scope, entity) in try view.locate(record) {
            guard let number = try view.connection.number(of: scope) else { continue }
            let events = try view.connection.prepare(
                "SELECT position FROM event WHERE scope = ? AND entity = ? AND id = ?"
            )
            .bind(number).bind(Int64(entity)).bind(record).all { $0.integer(0) }
            let positions =
                try view.connection.positions(touching: record, of: entity, in: number) + events
            for position in positions {
                guard let entry = try view.connection.auditNumber(at: position) else { continue }
                numbers.insert(entry)
            }
        }
        return numbers
    }
}

extension Connection {
    /// The entry of the change at a position of the log: entries lie in the order of positions.
    fileprivate func auditNumber(at position: Int64) throws(StorageError) -> UInt64? {
        guard let head = try auditHead() else { return nil }
        var (low, high) = (UInt64(0), head.size)
        while low < high {
            let middle = (low + high) / 2
            let reached = try prepare("SELECT position FROM audit WHERE number = ?")
                .bind(bits: middle).first { $0.integer(0) }
            if reached ?? .max < position { low = middle + 1 } else { high = middle }
        }
        let found = try prepare(
            "SELECT number FROM audit WHERE number = ? AND position = ? AND kind IN (1, 2)"
        )
        .bind(bits: low).bind(position).first { $0.bits(0) }
        return found
    }
}
