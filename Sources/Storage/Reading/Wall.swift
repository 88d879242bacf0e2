import CRDT
import Domain
import Wire

/// What stands between one person and the rows: the reading policy, with what it has to know.
///
/// Lives as long as one moment of a connection, so what it found once holds.
///
/// - Source: DOM-238.
final class Wall {
    let reading: Reading
    let rules: ReadingRules
    private let schema: Schema
    private let tenant: ID
    private var scopes: [Int64: Bool] = [:]
    private var subjects: [Int64: Reading.SubjectFacts] = [:]
    private var rows: [Row: Bool] = [:]
    private var extents: [UInt32: Reading.Extent] = [:]

    private var hiddenFields: [UInt32: Set<UInt32>] = [:]

    private struct Row: Hashable {
        let scope: Int64
        let entity: UInt32
        let id: ID
    }

    init(_ reading: Reading, _ rules: ReadingRules, schema: Schema, tenant: ID) {
        self.reading = reading
        self.rules = rules
        self.schema = schema
        self.tenant = tenant
    }

    /// Whether anything of a scope may be read.
    func reads(scope number: Int64, on connection: Connection) throws(StorageError) -> Bool {
        if let known = scopes[number] { return known }
        let reads = try connection.beneath { () throws(StorageError) in
            let scope = try connection.scope(numbered: number)
            return try reading.reads(scope) { () throws(StorageError) in
                try facts(ofSubject: number, on: connection)
            }
        }
        scopes[number] = reads
        return reads
    }

    /// What of a kind may be read.
    func extent(of entity: UInt32) -> Reading.Extent {
        if let known = extents[entity] { return known }
        let extent = reading.extent(of: rules[entity])
        extents[entity] = extent
        return extent
    }

    /// Whether a record or event may be read.
    func reads(
        _ id: ID,
        of entity: UInt32,
        in number: Int64,
        on connection: Connection
    ) throws(StorageError) -> Bool {
        guard try reads(scope: number, on: connection) else { return false }
        switch extent(of: entity) {
        case .none: return false
        case .all: return true
        case .some: break
        }
        let row = Row(scope: number, entity: entity, id: id)
        if let known = rows[row] { return known }
        let reads = try connection.beneath { () throws(StorageError) in
            guard let facts = try facts(of: row, on: connection) else { return false }
            return reading.reads(facts, of: rules[entity])
        }
        rows[row] = reads
        return reads
    }

    /// Whether a row that is about to be written may be read by whoever writes it.
    func reads(
        new fields: Fields,
        of entity: UInt32,
        on connection: Connection
    ) throws(StorageError) -> Bool {
        switch extent(of: entity) {
        case .none: return false
        case .all: return true
        case .some: break
        }
        guard let rule = rules[entity] else { return false }
        let company: Reading.CompanyFacts?
        if case .ofCompany(let field) = rule.rows {
            // What hangs on no company is the firm's own.
            guard let id = fields.id(field) else { return true }
            company = try connection.beneath { () throws(StorageError) in
                try facts(ofCompany: id, on: connection)
            }
            guard company != nil else { return true }
        } else {
            company = Reading.CompanyFacts(fields, by: reading.user, orders: [])
        }
        return reading.reads(
            Reading.RowFacts(fields, by: reading.user, company: company),
            of: rule
        )
    }

    /// The fields of a kind that may not be read.
    func hidden(of entity: UInt32) -> Set<UInt32> {
        if let known = hiddenFields[entity] { return known }
        let fields = rules[entity]?.fields.keys.filter { !reads(field: $0, of: entity) } ?? []
        hiddenFields[entity] = Set(fields)
        return Set(fields)
    }

    /// Whether a field may be read, where its record may.
    func reads(field: UInt32, of entity: UInt32) -> Bool {
        guard let rule = rules[entity], rule.fields[field] != nil else { return true }
        return reading.reads(field: field, of: rule)
    }
}

// MARK: - Facts, beneath the views

extension Wall {
    /// Where a subject was opened, who created it, and whom it is assigned to.
    private func facts(
        ofSubject number: Int64,
        on connection: Connection
    ) throws(StorageError) -> Reading.SubjectFacts {
        if let known = subjects[number] { return known }
        let scope = try connection.scope(numbered: number)
        var facts = Reading.SubjectFacts()
        facts.sites = Set(
            try connection.prepare("SELECT site FROM interest WHERE subject = ?").bind(scope.key)
                .all { $0.id(0) }.compactMap(\.self)
        )
        let subject = try records(of: rules.subject, in: number, on: connection).first
        facts.creator = try subject.flatMap { (row) throws(StorageError) in
            try author(at: row.position, in: number, on: connection)
        }
        for assignment in rules.assignments {
            for row in try records(of: assignment.entity, in: number, on: connection) {
                if let person = row.fields.id(assignment.field) { facts.assigned.insert(person) }
                for case .id(let person) in row.fields.elements(assignment.field) {
                    facts.assigned.insert(person)
                }
            }
        }
        subjects[number] = facts
        return facts
    }

    private struct FoundRow {
        let fields: Fields
        let position: Int64
    }

    private func records(
        of entity: UInt32,
        in number: Int64,
        on connection: Connection
    ) throws(StorageError) -> [FoundRow] {
        guard schema[entity] != nil else { return [] }
        let rows = try connection.prepare(
            "SELECT id, state, position FROM record WHERE scope = ? AND entity = ? ORDER BY id"
        )
        .bind(number).bind(Int64(entity)).all { ($0.id(0), $0.bytes(1), $0.integer(2)) }
        var found: [FoundRow] = []
        for (id, state, position) in rows {
            guard let id, let row = try readable(state, id, entity, position, number, connection)
            else { continue }
            found.append(row)
        }
        return found
    }

    private func readable(
        _ state: [UInt8],
        _ id: ID,
        _ entity: UInt32,
        _ position: Int64,
        _ number: Int64,
        _ connection: Connection
    ) throws(StorageError) -> FoundRow? {
        guard let kind = schema[entity],
            let record = try connection.record(state, of: id, in: number), record.exists
        else { return nil }
        return FoundRow(fields: Fields(of: record, kind), position: position)
    }

    private func author(
        at position: Int64,
        in number: Int64,
        on connection: Connection
    ) throws(StorageError) -> ID? {
        try connection.change(at: position, in: number).body()?.user
    }

    /// What the policy asks of a row; nil for one that is not there.
    private func facts(
        of row: Row,
        on connection: Connection
    ) throws(StorageError) -> Reading.RowFacts? {
        guard let entity = schema[row.entity], let rule = rules[row.entity] else { return nil }
        let found = try entity.isEvent ? event(row, on: connection) : record(row, on: connection)
        guard let found else { return nil }
        let author = try author(at: found.position, in: row.scope, on: connection)
        var company: Reading.CompanyFacts?
        switch rule.rows {
        case .customers:
            let id = found.fields.id(Company.company)
            company = try id.flatMap { (id) throws(StorageError) in
                try facts(ofCompany: id, on: connection)
            }
        case .ofCompany(let field):
            guard let id = found.fields.id(field) else {
                // What hangs on no company is the firm's own.
                company = Reading.CompanyFacts(Fields([:]), by: author, orders: [])
                break
            }
            company = try facts(ofCompany: id, on: connection)
        case .ofScope, .own, .addressed: break
        }
        return Reading.RowFacts(found.fields, by: author, company: company)
    }

    private func record(_ row: Row, on connection: Connection) throws(StorageError) -> FoundRow? {
        let held = try connection.prepare(
            "SELECT state, position FROM record WHERE scope = ? AND entity = ? AND id = ?"
        )
        .bind(row.scope).bind(Int64(row.entity)).bind(row.id)
        .first { ($0.bytes(0), $0.integer(1)) }
        guard let (state, position) = held else { return nil }
        return try readable(state, row.id, row.entity, position, row.scope, connection)
    }

    private func event(_ row: Row, on connection: Connection) throws(StorageError) -> FoundRow? {
        let held = try connection.prepare(
            """
            SELECT position, operation FROM event
            WHERE scope = ? AND entity = ? AND id = ? ORDER BY position LIMIT 1
            """
        )
        .bind(row.scope).bind(Int64(row.entity)).bind(row.id)
        .first { ($0.integer(0), Int($0.integer(1))) }
        guard let (position, index) = held,
            let body = try connection.change(at: position, in: row.scope).body(),
            body.operations.indices.contains(index)
        else { return nil }
        return FoundRow(fields: Fields(of: body.operations[index]), position: position)
    }

    /// What the directory says of a company, and the orders that name it as their customer.
    private func facts(
        ofCompany id: ID,
        on connection: Connection
    ) throws(StorageError) -> Reading.CompanyFacts? {
        guard let number = try connection.number(of: Company.directory) else { return nil }
        let key = ID(
            naturalKey: [.id(id)],
            of: Company.number,
            in: Company.directory,
            tenant: tenant
        )
        let row = Row(scope: number, entity: Company.number, id: key)
        guard let found = try record(row, on: connection) else { return nil }
        return Reading.CompanyFacts(
            found.fields,
            by: try author(at: found.position, in: number, on: connection),
            orders: try orders(of: id, on: connection)
        )
    }

    private func orders(
        of company: ID,
        on connection: Connection
    ) throws(StorageError) -> [Reading.SubjectFacts] {
        guard schema[Project.number]?.indexes.contains(Project.byCustomer) == true else {
            return []
        }
        let whole = View(connection: connection, schema: schema, tenant: tenant)
        let lookUp = LookUp(Project.byCustomer, of: Project.entity, [.id(company)])
        var orders: [Reading.SubjectFacts] = []
        for order in try whole.records(lookUp).items {
            guard let number = try connection.number(of: order.scope) else { continue }
            orders.append(try facts(ofSubject: number, on: connection))
        }
        return orders
    }
}

extension Optional {
    /// The standard one, with typed errors.
    fileprivate func flatMap<Mapped, Failure: Error>(
        _ transform: (Wrapped) throws(Failure) -> Mapped?
    ) throws(Failure) -> Mapped? {
        guard let self else { return nil }
        return try transform(self)
    }
}
