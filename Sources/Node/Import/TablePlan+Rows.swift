import CRDT
import Domain
import Storage

// Which rows belong together, and what each kind of table makes of them.

extension TablePlan {
    /// What rows have in common that are one.
    func key(of row: TableRow) -> String {
        func joined(_ columns: String...) -> String {
            columns.map { row[$0]?.shown.lowercased() ?? "" }.joined(separator: "\u{1f}")
        }
        switch table {
        case .companies: return row["id"].map(\.shown) ?? joined("number", "name")
        case .addresses: return row["id"].map(\.shown) ?? joined("company", "label", "type")
        case .contacts: return row["id"].map(\.shown) ?? joined("company", "email", "name")
        case .users: return joined("username", "email", "id")
        case .memberships: return joined("user", "role", "effective_from")
        case .stages, .subStages: return joined("slug")
        case .definitions: return joined("name", "version")
        case .checkPlans: return joined("process", "version", "item")
        case .projects: return row["id"].map(\.shown) ?? joined("number")
        case .projectContacts: return joined("project", "contact", "role")
        case .tasks: return joined("project", "code")
        }
    }

    /// Plans the rows of the table.
    mutating func add(_ rows: [TableRow]) throws {
        if table == .checkPlans { return try addPlans(rows) }
        for row in rows {
            attempt(row) { plan in
                switch plan.table {
                case .companies: try plan.company(row)
                case .addresses: try plan.address(row)
                case .contacts: try plan.contact(row)
                case .users: try plan.user(row)
                case .memberships: try plan.membership(row)
                case .stages: try plan.stage(row)
                case .subStages: try plan.subStage(row)
                case .definitions: try plan.definition(row)
                case .projects: try plan.project(row)
                case .projectContacts: try plan.projectContact(row)
                case .tasks: try plan.task(row)
                case .checkPlans: (.unchanged, [])
                }
            }
        }
    }

    /// The columns of the table that are fields of its entity, beside these.
    func columns(without names: String...) -> [Column] {
        table.columns.filter { $0.field != 0 && !names.contains($0.name) }
    }

    // MARK: People

    /// The rows with what they say of each other: of people, who reports to whom (C-07).
    mutating func prepared(_ rows: [TableFile.Row]) -> [TableFile.Row] {
        guard table == .users else { return rows }
        for row in rows {
            guard let name = row.cells["username"] ?? row.cells["email"],
                case .text(let name) = name
            else { continue }
            let typed = row.cells["id"].flatMap { cell -> ID? in
                if case .text(let text) = cell { try? Column.id(text.trimmed) } else { nil }
            }
            let id = references.knownUser(name.trimmed) ?? typed ?? newID(User.entity, name)
            var email: String?
            if case .text(let text) = row.cells["email"] { email = text.trimmed }
            references.add(user: id, name.trimmed, email)
            if let typed { references.add(alias: typed, for: id) }
        }
        return ReportingLines(rows, references).rows
    }

    private mutating func user(_ row: TableRow) throws -> (Outcome, Step) {
        guard let name = row.text("username") ?? row.text("email"),
            let id = references.knownUser(name)
        else { throw RuleFault(.empty, "a person has a user name or an e-mail address") }
        var said = row.said(columns(without: "id"), of: User.entity)
        let existing = try records(of: User.entity, in: .tenant).values.first {
            $0.fields.id(User.user) == id
        }
        if existing == nil { said.registers[User.username] = .text(name) }
        guard said.registers[User.manager] != .id(id) else {
            throw RuleFault(.cycle, "nobody is their own manager")
        }
        var creating = Said()
        creating.registers[User.displayName] = .text(name)
        creating.registers[User.status] = .text("active")
        return try put(
            User.entity,
            in: .tenant,
            key: [User.user: .id(id)],
            said,
            creating: creating
        )
    }

    private mutating func membership(_ row: TableRow) throws -> (Outcome, Step) {
        var row = row
        let typed = row.text("role") ?? ""
        let meant = RecordTable.roleWords[typed.lowercased()]
        let code = meant?.code ?? typed.lowercased()
        guard references.roles.contains(code) else {
            throw RuleFault(.unknownValue, "no role is called \(Column.short(typed))")
        }
        row["role"] = .text(code)
        let words = ["member": Int64(1), "lead": 2, "manager": 3, "1": 1, "2": 2, "3": 3]
        let word = row.text("level")
        let level = try word.map { word throws -> Int64 in
            guard let level = words[word.lowercased()] else {
                throw RuleFault(.outOfRange, "a level is 1 member, 2 lead or 3 manager")
            }
            return level
        }
        row["level"] = (level ?? meant?.level).map(Value.integer)
        var key: [UInt32: Value] = [:]
        for (column, field) in [
            ("user", Membership.user), ("role", Membership.role),
            ("effective_from", Membership.effectiveFrom),
        ] { key[field] = row[column] }
        var creating = Said()
        creating.registers[Membership.level] = .integer(1)
        let said = row.said(
            columns(without: "user", "role", "effective_from"),
            of: Membership.entity
        )
        return try put(Membership.entity, in: .tenant, key: key, said, creating: creating)
    }

    // MARK: Workflows

    private mutating func stage(_ row: TableRow) throws -> (Outcome, Step) {
        var creating = Said()
        creating.registers[WorkflowStage.isActive] = .bool(true)
        let said = row.said(columns(without: "slug"), of: WorkflowStage.entity)
        let key = [WorkflowStage.slug: row["slug"] ?? .null]
        return try put(WorkflowStage.entity, in: .tenant, key: key, said, creating: creating)
    }

    private mutating func subStage(_ row: TableRow) throws -> (Outcome, Step) {
        try check(stages: [row.text("stage") ?? ""])
        var creating = Said()
        creating.registers[WorkflowSubStage.isActive] = .bool(true)
        let said = row.said(columns(without: "slug"), of: WorkflowSubStage.entity)
        let key = [WorkflowSubStage.slug: row["slug"] ?? .null]
        return try put(WorkflowSubStage.entity, in: .tenant, key: key, said, creating: creating)
    }

    private mutating func check(stages slugs: [String]) throws {
        let known = try Set(
            records(of: WorkflowStage.entity, in: .tenant).values.compactMap {
                $0.fields.text(WorkflowStage.slug)
            }
        )
        if let missing = slugs.first(where: { !known.contains($0) }) {
            throw RuleFault(.unknownStage, "no stage has the slug \(Column.short(missing))")
        }
    }

    private mutating func definition(_ row: TableRow) throws -> (Outcome, Step) {
        let parts = (row.list("stages") ?? []).compactMap(WorkflowDefinition.StagePart.init)
        try check(stages: parts.map(\.slug))
        let key: [UInt32: Value] = [
            WorkflowDefinition.name: row["name"] ?? .null,
            WorkflowDefinition.version: row["version"] ?? .null,
        ]
        let said = row.said(columns(without: "name", "version"), of: WorkflowDefinition.entity)
        let existing = try records(of: WorkflowDefinition.entity, in: .tenant).values.first {
            record in key.allSatisfy { record.fields[$0.key] == $0.value }
        }
        if let existing {
            for (field, elements) in said.sets where existing.fields.elements(field) != elements {
                throw RuleFault(.wrongOrder, "that version is written: publish the next one")
            }
        } else if parts.isEmpty {
            throw RuleFault(.empty, "a workflow has stages")
        }
        var creating = Said()
        creating.registers[WorkflowDefinition.isActive] = .bool(true)
        return try put(WorkflowDefinition.entity, in: .tenant, key: key, said, creating: creating)
    }
}

/// The direct reports that rows list, as managers in the rows of those who report (C-07).
private struct ReportingLines {
    private(set) var rows: [TableFile.Row]
    private let references: References

    init(_ rows: [TableFile.Row], _ references: References) {
        self.rows = rows
        self.references = references
        var places: [ID: Int] = [:]
        for (place, row) in rows.enumerated() {
            if let id = person(of: row) { places[id] = place }
        }
        for row in rows {
            guard let manager = name(of: row) else { continue }
            for report in (row.cells["direct_reports"] ?? .empty).elements {
                guard let id = (try? references.user(report.trimmed)) else {
                    fault(row.place, "direct_reports: no user is called \(Column.short(report))")
                    continue
                }
                add(manager, to: id, places[id])
            }
        }
    }

    private func name(of row: TableFile.Row) -> String? {
        guard case .text(let name) = row.cells["username"] ?? row.cells["email"] ?? .empty else {
            return nil
        }
        return name.trimmed
    }

    private func person(of row: TableFile.Row) -> ID? {
        name(of: row).flatMap(references.knownUser)
    }

    private mutating func fault(_ place: String, _ words: String) {
        for index in rows.indices where rows[index].place == place {
            rows[index].faults.append(words)
        }
    }

    private mutating func add(_ manager: String, to report: ID, _ place: Int?) {
        guard let place else {
            let name = references.userName(report)
            rows.append(
                TableFile.Row(
                    place: "a report of \(manager)",
                    cells: ["username": .text(name), "manager": .text(manager)],
                    faults: []
                )
            )
            return
        }
        if case .text(let other) = rows[place].cells["manager"] ?? .empty,
            references.knownUser(other.trimmed) != references.knownUser(manager)
        {
            rows[place].faults.append("has two managers: \(other.trimmed) and \(manager)")
        } else {
            rows[place].cells["manager"] = .text(manager)
        }
    }
}
