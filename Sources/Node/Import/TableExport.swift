import CRDT
import Domain
import Storage

/// The records of a table as rows of cells, in the order of the columns and of the keys.
///
/// What a node does not hold is not in it: commercial columns are empty everywhere but at hubs.
///
/// - Source: DOM-165, DOM-167.
public struct TableExport: Sendable {
    public let table: RecordTable
    /// One list a record, as long as the columns are.
    public let rows: [[Cell]]

    init(_ table: RecordTable, on view: View) throws {
        self.table = table
        let reading = try ExportReading(table, view)
        rows = try reading.rows().map { row in table.columns.map { row[$0.name] ?? .empty } }
            .sorted { left, right in
                left.map(\.joined).lexicographicallyPrecedes(right.map(\.joined))
            }
    }

    /// RFC 4180, in UTF-8.
    ///
    /// - Parameter withMark: Whether a byte order mark begins it, for spreadsheets that need one.
    /// - Returns: The file.
    public func commaSeparated(withMark: Bool = false) -> String {
        let lines = rows.map { row in row.map { CommaSeparated.guarded($0.joined) } }
        return CommaSeparated.text([table.columnNames] + lines, withMark: withMark)
    }

    /// `{TABLE: [{COLUMN: value}]}`; absent is null, decimals and ids are texts.
    public var json: JSON {
        let columns = table.columns
        let items = rows.map { row in
            JSON.object(
                zip(columns, row).map { column, cell in
                    JSON.Member(column.name, column.json(cell))
                }
            )
        }
        return .object([JSON.Member(table.rawValue, .list(items))])
    }
}

extension Column {
    fileprivate func json(_ cell: Cell) -> JSON {
        switch (cell, kind) {
        case (.empty, _): .null
        case (.list(let elements), _): .list(elements, JSON.text)
        case (.text(let text), .integer): Int64(text).map(JSON.integer) ?? .text(text)
        case (.text(let text), .bool): .bool(text == "yes")
        case (.text(let text), _): .text(text)
        }
    }
}

extension LocalNode {
    /// The records of a table that this node holds.
    public func export(_ table: RecordTable) throws -> TableExport {
        try read { try TableExport(table, on: $0) }
    }
}

/// The records of a table as cells by column.
private struct ExportReading {
    private let table: RecordTable
    private let view: View
    private let references: References

    init(_ table: RecordTable, _ view: View) throws {
        self.table = table
        self.view = view
        references = try References(view)
    }

    func rows() throws -> [[String: Cell]] {
        switch table {
        case .companies: try companies()
        case .addresses: references.companies.allAddresses.map(address)
        case .contacts: references.companies.allContacts.map(contact)
        case .users: try records(of: User.entity)
        case .memberships: try records(of: Membership.entity)
        case .stages: try records(of: WorkflowStage.entity)
        case .subStages: try records(of: WorkflowSubStage.entity)
        case .definitions: try records(of: WorkflowDefinition.entity)
        case .checkPlans: try plans()
        case .projects: try view.projectRecords().map(project)
        case .projectContacts: try view.projectRecords().flatMap(contacts)
        case .tasks: try view.projectRecords().flatMap(tasks)
        }
    }

    private func cells(_ fields: Fields, _ columns: [Column]? = nil) -> [String: Cell] {
        let own = (columns ?? table.columns).filter { $0.field != 0 }
        let pairs = own.map { ($0.name, $0.cell(fields, references)) }
        return Dictionary(pairs) { first, _ in first }
    }

    private func records(of entity: Entity) throws -> [[String: Cell]] {
        try view.records(of: entity, in: .tenant).filter { !$0.isDeleted }.map { cells($0.fields) }
    }

    private func companies() throws -> [[String: Cell]] {
        var commercial: [ID: Fields] = [:]
        for record in try view.records(of: Company.entity, in: Company.commercial) {
            if let id = record.fields.id(Company.company) { commercial[id] = record.fields }
        }
        return references.companies.companies.map { entry in
            let open = cells(entry.fields, RecordTable.company)
            guard let fields = commercial[entry.id] else { return open }
            return open.merging(cells(fields, RecordTable.companyCommercial)) { first, _ in first }
        }
    }

    private func company(of fields: Fields, _ field: UInt32) -> CompanyDirectory.Entry? {
        fields.id(field).flatMap { references.companies[$0] }
    }

    private func flag(_ bool: Bool) -> Cell { .text(bool ? "yes" : "no") }

    private func address(_ record: StoredRecord) -> [String: Cell] {
        let fields = record.fields
        let owner = company(of: fields, CompanyAddress.company)
        let id = fields.id(CompanyAddress.address)
        let plain = RecordTable.address.filter { ["id", "type"].contains($0.name) }
        var row = cells(fields, plain)
        row["company"] = owner.map { .text("\($0.id)") } ?? .empty
        for (part, value) in zip(CompanyAddress.parts, fields.list(CompanyAddress.lines)) {
            row[part] = value == .null ? .empty : .text(value.shown)
        }
        row["is_validated"] = flag(CompanyAddress.isValidated(fields))
        row["is_default_billing"] = flag(owner?.fields.id(Company.defaultBilling) == id)
        row["is_default_shipping"] = flag(owner?.fields.id(Company.defaultShipping) == id)
        return row
    }

    private func contact(_ record: StoredRecord) -> [String: Cell] {
        let owner = company(of: record.fields, Contact.company)
        var row = cells(record.fields)
        row["company"] = owner.map { .text("\($0.id)") } ?? .empty
        let isPrimary =
            owner.flatMap(references.companies.primaryContact) == record.fields.id(Contact.contact)
        row["is_primary"] = owner == nil ? .empty : flag(isPrimary)
        return row
    }

    private func plans() throws -> [[String: Cell]] {
        let heads = Set(["process", "version", "item"])
        let ofPlan: Set<String> = [
            "phase", "name", "pass_threshold", "estimated_minutes", "assembly", "holds",
        ]
        let items = try view.records(of: QualityItem.entity, in: .tenant).map(\.fields)
        return try view.records(of: QualityProcess.entity, in: .tenant).flatMap { process in
            guard let plan = CheckPlan(process.fields, items: items) else {
                return [] as [[String: Cell]]
            }
            let shared = cells(process.fields, table.columns.filter { ofPlan.contains($0.name) })
            let own = table.columns.filter {
                heads.contains($0.name) || !ofPlan.contains($0.name)
            }
            return plan.items.map { item in
                let values = item.values(process: plan.code, version: plan.version)
                let operation = Operation(QualityItem.number, .event, edits: values.edits)
                return shared.merging(cells(Fields(of: operation), own)) { first, _ in first }
            }
        }
    }

    private func project(_ scope: Scope, _ record: StoredRecord) throws -> [String: Cell] {
        var row = cells(record.fields)
        if let customer = company(of: record.fields, Project.customer) {
            row["customer"] = .text("\(customer.id)")
        }
        let advances = try view.events(of: StageAdvance.entity, in: scope)
        let stages = ProjectStages(Stream(advances.map { $0.entry(as: StageAdvance.self) }))
        row["stage"] = stages.current.map(Cell.text) ?? .empty
        let sites = try view.events(of: Opened.entity, in: scope)
            .compactMap { $0.fields.id(Opened.siteField) }
        let codes = Set(sites.map(references.siteCode)).sorted()
        row["sites"] = codes.isEmpty ? .empty : .list(codes)
        return row
    }

    private func number(_ scope: Scope) -> Cell {
        .text(references.projectNumbers[scope.key] ?? "\(scope.key)")
    }

    private func contacts(_ scope: Scope, _ project: StoredRecord) throws -> [[String: Cell]] {
        let primary = project.fields.id(Project.primaryContact)
        return try view.records(of: SubjectContact.entity, in: scope).filter { !$0.isDeleted }
            .map { record in
                var row = cells(record.fields)
                row["project"] = number(scope)
                row["is_primary"] = flag(record.fields.id(SubjectContact.contact) == primary)
                return row
            }
    }

    private func tasks(_ scope: Scope, _ project: StoredRecord) throws -> [[String: Cell]] {
        try view.records(of: WorkTask.entity, in: scope).filter { !$0.isDeleted }.map { record in
            var row = cells(record.fields)
            row["project"] = number(scope)
            return row
        }
    }
}
