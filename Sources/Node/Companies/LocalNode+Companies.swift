public import CRDT
import Domain
public import Storage
import Wire

/// What a person writes of a record, by the names of columns; an empty cell empties the field.
public typealias Cells = [String: Cell]

extension LocalNode {
    /// The companies, contacts and addresses that this node holds.
    public func companies() throws -> CompanyDirectory { try read { try $0.companies() } }

    /// Adds a company: taken in at a hub by whoever may decide, proposed everywhere else.
    ///
    /// - Parameters:
    ///   - cells: Columns of the table `companies`; `name` and `kinds` are needed.
    ///   - actor: Who adds it.
    /// - Returns: Its id.
    /// - Throws: `RuleFault`; `.refused` if a company has the name or number already.
    @discardableResult
    public func addCompany(_ cells: Cells, by actor: Actor) throws -> ID {
        let id = chance.id
        let node = CompanyNode(self)
        _ = try act(by: actor) { acting, person in
            try person.check(.proposeCompany)
            if try cells.columns(of: .companies).contains(where: { $0.column.isAuthority }) {
                try person.check(.decideCompany)
            }
            let needs = CompanyNeeds(names: cells.names)
            let directory = try acting.view.companies(needs)
            var draft = Draft()
            try node.open(&draft, on: acting.view)
            let operation = try node.newCompany(
                id,
                cells,
                isAccepted: node.isHub && person.may(.decideCompany),
                directory
            )
            draft.add(operation, in: Company.directory)
            if let commercial = try node.commercial(cells, of: id, on: acting.view) {
                try person.check(.decideCompany)
                draft.add(commercial, in: Company.commercial)
            }
            return draft
        }
        return id
    }

    /// Edits a company in place of what the person was shown (MERGE-9).
    ///
    /// - Parameters:
    ///   - name: A number, name or id.
    ///   - cells: What is to be different.
    ///   - seen: What the form showed of the one field that is edited.
    ///   - actor: Who edits it.
    /// - Returns: Its id.
    /// - Throws: `RuleFault`, `hubOnly` for number, status and commercial fields at a station.
    @discardableResult
    public func editCompany(
        _ name: String,
        _ cells: Cells,
        seen: Seen? = nil,
        by actor: Actor
    ) throws -> ID {
        let id = try read { try $0.companyID(named: name) }
        let node = CompanyNode(self)
        _ = try act(by: actor) { acting, person in
            try person.check(.editCompany)
            let columns = try cells.columns(of: .companies)
            let fields = columns.map(\.column.field)
            try CompanyRules.check(fields: fields, of: Company.entity, isHub: node.isHub)
            if columns.contains(where: \.column.isAuthority) {
                try person.check(.decideCompany)
            }
            let needs = CompanyNeeds(names: cells.names, companies: [id])
            let directory = try acting.view.companies(needs)
            guard let entry = directory.written(id) else {
                throw CommandFault(.notFound, "that company is gone", reason: "unknown-name")
            }
            try node.checkNames(cells, unlike: id, in: directory)
            let plain = cells.filter { RecordTable.company.map(\.name).contains($0.key) }
            var draft = Draft()
            if let operation = try node.edit(entry.record, plain, .companies, seen, acting.view) {
                draft.add(operation, in: Company.directory)
            }
            if let commercial = try node.commercial(cells, of: id, on: acting.view) {
                draft.add(commercial, in: Company.commercial)
            }
            guard !draft.isEmpty else {
                throw CommandFault(.usage, "that changes nothing", reason: "no-edit")
            }
            try node.open(&draft, on: acting.view)
            return draft
        }
        return id
    }

    /// Takes a proposed company into the directory, with a number and a status.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `wrongOrder` if it is in already.
    @discardableResult
    public func acceptCompany(
        _ name: String,
        number: String? = nil,
        status: String? = nil,
        by actor: Actor
    ) throws -> ID {
        let id = try read { try $0.companyID(named: name) }
        let node = CompanyNode(self)
        _ = try act(by: actor) { acting, person in
            guard node.isHub else { throw RuleFault(.hubOnly, "the hub takes companies in") }
            try person.check(.decideCompany)
            let needs = CompanyNeeds(names: [number].compactMap(\.self), companies: [id])
            let directory = try acting.view.companies(needs)
            guard let entry = directory.written(id), entry.isProposed else {
                throw RuleFault(.wrongOrder, "it is accepted already")
            }
            var cells: Cells = ["status": .text(status ?? "ACTIVE")]
            if let number { cells["number"] = .text(number) }
            try node.checkNames(cells, unlike: id, in: directory)
            var edit = RecordEdit(entry.record)
            edit.write(Company.isAccepted, .bool(true))
            for (column, cell) in try cells.columns(of: .companies) {
                edit.write(column.field, try node.value(cell, column, Company.entity))
            }
            return try node.draft(edit, on: acting.view)
        }
        return id
    }

    /// Says that a company is another one, under which it is found from then on.
    ///
    /// Its contacts, addresses, projects and ratings keep its id and are read as the other's.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `wrongOrder`, `cycle`.
    @discardableResult
    public func mergeCompany(_ name: String, into other: String, by actor: Actor) throws -> ID {
        let (id, target) = try read { view in
            (try view.companyID(named: name), try view.companyID(named: other))
        }
        let node = CompanyNode(self)
        _ = try act(by: actor) { acting, person in
            guard node.isHub else { throw RuleFault(.hubOnly, "the hub merges companies") }
            try person.check(.decideCompany)
            let needs = CompanyNeeds(companies: [id, target])
            let directory = try acting.view.companies(needs)
            try CompanyRules.check(merging: id, into: target, directory.mergers)
            guard let entry = directory.written(id) else {
                throw CommandFault(.notFound, "that company is gone", reason: "unknown-name")
            }
            var edit = RecordEdit(entry.record)
            edit.write(Company.mergedInto, .id(target))
            return try node.draft(edit, on: acting.view)
        }
        return target
    }
}

/// A draft of one edit.
///
/// - Throws: `.usage` if nothing differs.
func draft(_ edit: RecordEdit, in scope: Scope) throws -> Draft {
    guard let operation = edit.operation else {
        throw CommandFault(.usage, "that changes nothing", reason: "no-edit")
    }
    var draft = Draft()
    draft.add(operation, in: scope)
    return draft
}

extension ActingPerson {
    /// Whether an act would be allowed.
    func may(_ act: Act) -> Bool { (try? check(act)) != nil }
}

extension Column {
    /// Whether the field of a company is one that only hubs write.
    fileprivate var isAuthority: Bool { Company.entity.field(field)?.merge == .authority }
}

extension Cells {
    /// What a company is to be called by them.
    var names: [String] {
        ["name", "number"].compactMap { column in
            if case .text(let text) = self[column] { text } else { nil }
        }
    }

    /// The cells with the columns of a table that they belong to, by field.
    ///
    /// - Throws: `.usage` for a name that is no column.
    func columns(of table: RecordTable) throws -> [(column: Column, cell: Cell)] {
        try map { name, cell in
            guard let column = table.column(named: name) else {
                throw CommandFault(.usage, "\(table.rawValue) have no \(Column.short(name))")
            }
            return (column, cell)
        }
        .sorted { $0.0.field < $1.0.field }
    }
}
