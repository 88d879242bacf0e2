import CRDT
import Domain
import Storage

/// What the node knows that rules of companies ask for, and the operations that follow.
struct CompanyNode: Sendable {
    let tenant: ID
    let site: ID
    let isHub: Bool

    init(_ node: LocalNode) {
        tenant = node.store.tenant
        site = node.site
        isHub = node.isHub
    }

    /// Opens the directory at this site, at a hub at every site, so that its stations hold it.
    func open(_ draft: inout Draft, on view: View) throws {
        let all = try view.records(of: Site.entity, in: .tenant).compactMap {
            $0.fields.id(Site.site)
        }
        // Both halves of an opening are written at once; in the directory there are few.
        let opened = try Set(
            view.events(of: Opened.entity, in: Company.directory).compactMap {
                $0.fields.id(Opened.siteField)
            }
        )
        for place in isHub ? all.sorted() : [site] where !opened.contains(place) {
            draft.add(Opening(of: Company.directory.key).operation(), in: .site(place))
            draft.add(Opened(at: place).operation(), in: Company.directory)
        }
    }

    /// A draft of one edit in the directory.
    ///
    /// - Throws: `.usage` if nothing differs.
    func draft(_ edit: RecordEdit, on view: View) throws -> Draft {
        var draft = try Node.draft(edit, in: Company.directory)
        try open(&draft, on: view)
        return draft
    }

    // MARK: Values

    /// The value of a cell that is one text; an empty one empties the field.
    func value(_ cell: Cell, _ column: Column, _ entity: Entity) throws -> Value {
        guard case .text(let text) = cell, !text.allSatisfy(\.isWhitespace) else { return .null }
        let value = try column.value(text, References())
        if case .text(let text) = value {
            try CompanyRules.check(text, in: column.field, of: entity)
        }
        return value
    }

    /// The elements of a cell of a set.
    func elements(_ cell: Cell, _ column: Column) throws -> Set<Value> {
        guard cell.elements.count <= Column.elementsMax else {
            throw RuleFault(.tooLong, "\(column.name) holds at most \(Column.elementsMax)")
        }
        return try Set(cell.elements.map { try column.value($0, References()) })
    }

    /// The fields of a new record.
    func values(
        _ cells: Cells,
        _ table: RecordTable,
        _ entity: Entity
    ) throws -> FieldValues {
        var values = FieldValues()
        for (column, cell) in try cells.columns(of: table) {
            if column.isList {
                values.add(column.field, try elements(cell, column))
            } else {
                values[column.field] = try value(cell, column, entity)
            }
        }
        return values
    }

    /// What cells change of a record; nil if they change nothing.
    func edit(
        _ record: StoredRecord,
        _ cells: Cells,
        _ table: RecordTable,
        _ seen: Seen?,
        _ view: View,
        in scope: Scope = Company.directory
    ) throws -> Operation? {
        guard cells.count == 1 || seen == nil else {
            throw CommandFault(.usage, "--seen goes with one field", reason: "seen-of-many")
        }
        var edit = RecordEdit(record)
        for (column, cell) in try cells.columns(of: table) {
            if column.isList {
                edit.make(column.field, try elements(cell, column))
                continue
            }
            var names: [Name]?
            if let seen {
                let number = record.entity.number
                let known = try view.history(of: record.id, entity: number, in: scope)
                names = try seen.names(among: known.map(\.name))
            }
            let value = try value(cell, column, record.entity)
            edit.write(column.field, value, seen: names)
        }
        return edit.operation
    }

    // MARK: Companies

    /// The creation of a company.
    ///
    /// - Throws: `RuleFault`, `.refused` for a name or number that is taken.
    func newCompany(
        _ id: ID,
        _ cells: Cells,
        isAccepted: Bool,
        _ directory: CompanyDirectory,
        primaryContact: ID? = nil
    ) throws -> Operation {
        let plain = cells.filter { RecordTable.company.map(\.name).contains($0.key) }
        let fields = try cells.columns(of: .companies).map(\.column.field)
        try CompanyRules.check(fields: fields, of: Company.entity, isHub: isHub)
        try checkNames(cells, unlike: id, in: directory)
        var values = try values(plain, .companies, Company.entity)
        guard values[Company.name] != nil else { throw RuleFault(.empty, "a company has a name") }
        guard !(cells["kinds"]?.elements ?? []).isEmpty else {
            let known = Company.allKinds.joined(separator: ", ")
            throw RuleFault(.empty, "say what it is, one or more of \(known)")
        }
        values.set(Company.company, id)
        values.set(Company.primaryContact, primaryContact)
        if isAccepted {
            values.set(Company.isAccepted, true)
            values.set(Company.status, values[Company.status].map(\.shown) ?? "ACTIVE")
        }
        return Operation(
            creating: Company.entity,
            values,
            in: Company.directory,
            tenant: tenant
        )
    }

    /// Refuses a name or number that another company has.
    func checkNames(_ cells: Cells, unlike id: ID, in directory: CompanyDirectory) throws {
        func check(_ cell: Cell?, _ found: (String) -> [ID]) throws {
            guard case .text(let text) = cell, let other = found(text).first(where: { $0 != id })
            else { return }
            throw CommandFault(
                .refused,
                "\(Column.short(text)) is the company \(other)",
                reason: "exists"
            )
        }
        try check(cells["number"], directory.ids(numbered:))
        try check(cells["name"], directory.ids(named:))
    }

    /// The operation on the commercial record of a company; nil if no cell is of it.
    ///
    /// - Throws: `RuleFault`: `hubOnly`.
    func commercial(_ cells: Cells, of id: ID, on view: View) throws -> Operation? {
        let own = cells.filter { RecordTable.companyCommercial.map(\.name).contains($0.key) }
        guard !own.isEmpty else { return nil }
        guard isHub else { throw RuleFault(.hubOnly, "only hubs hold what is commercial") }
        var values = try values(own, .companies, Company.entity)
        values.set(Company.company, id)
        let creation = Operation(
            creating: Company.entity,
            values,
            in: Company.commercial,
            tenant: tenant
        )
        guard case .natural(let key) = creation.target,
            let record = try view.record(key, of: Company.entity, in: Company.commercial)
        else { return creation }
        return try edit(record, own, .companies, nil, view, in: Company.commercial)
    }
}
