import CRDT
import Domain
import Storage

// Projects, tasks and check plans.

extension TablePlan {
    mutating func project(_ row: TableRow) throws -> (Outcome, Step) {
        let number = row.text("number")
        guard row.id("id") != nil || number != nil else {
            throw RuleFault(.empty, "a project has an id or a number")
        }
        let known = number.flatMap { references.projects[$0.lowercased()] }
        let subject = row.id("id") ?? known ?? newID(Project.entity, number)
        guard known == nil || known == subject else {
            throw CommandFault(.refused, "another project has the number \(number ?? "")")
        }
        let scope = Scope.subject(subject)
        var said = row.said(
            columns(without: "id", "workflow", "workflow_version"),
            of: Project.entity
        )
        if let day = try deliveryDay(row) {
            said.registers[Project.estimatedDeliveryDate] = .text(day)
        }
        let key = [Project.subject: Value.id(subject)]
        if let record = try records(of: Project.entity, in: scope).values.first {
            try checkHeld(record, row, in: scope)
            var (outcome, step) = try put(Project.entity, in: scope, key: key, said)
            let openings = try openings(of: subject, row)
            if !openings.isEmpty, outcome == .unchanged { outcome = .changed }
            step += openings
            return (outcome, step)
        }
        let template = try view.workflow(
            named: row.text("workflow"),
            version: row.integer("workflow_version")
        )
        var creating = Said()
        creating.registers[Project.definition] = .text(template.name)
        creating.registers[Project.definitionVersion] = .integer(template.version)
        creating.registers[Project.priority] = .text("normal")
        if number == nil { creating.registers[Project.humanNumber] = .text(nextNumber()) }
        var (outcome, step) = try put(
            Project.entity,
            in: scope,
            key: key,
            said,
            creating: creating
        )
        step += try openings(of: subject, row)
        if let stage = row.text("stage") {
            step.append((scope, try entering(stage, of: subject, template)))
        }
        let shown = said.registers[Project.humanNumber] ?? creating.registers[Project.humanNumber]
        references.add(project: subject, shown?.shown ?? "\(subject)")
        outcome = .created
        return (outcome, step)
    }

    /// The day that is so many days after the one that the import starts from.
    private func deliveryDay(_ row: TableRow) throws -> String? {
        guard let days = row.integer("delivery_in_days") else { return nil }
        guard let start = options.startDay else {
            throw CommandFault(.usage, "delivery_in_days needs --start DAY")
        }
        return try CalendarDay.text(days: days, after: start)
    }

    /// What an import does not change of a project that is here.
    private func checkHeld(_ record: StoredRecord, _ row: TableRow, in scope: Scope) throws {
        if let name = row.text("workflow"), record.fields.text(Project.definition) != name {
            throw RuleFault(.wrongOrder, "a project keeps its workflow")
        }
        guard let stage = row.text("stage") else { return }
        let advances = try view.events(of: StageAdvance.entity, in: scope)
        let stages = ProjectStages(Stream(advances.map { $0.entry(as: StageAdvance.self) }))
        let wasThere = stages.current == stage || stages.entered.contains(stage)
        guard wasThere else {
            throw RuleFault(.wrongOrder, "stages are entered by gemba stage advance")
        }
    }

    private func entering(
        _ slug: String,
        of subject: ID,
        _ template: WorkflowTemplate
    ) throws -> Operation {
        guard let stage = template[slug] else {
            throw RuleFault(.unknownStage, "\(template.name) has no stage \(Column.short(slug))")
        }
        let isFirst = template.first?.slug == slug
        let advance = StageAdvance(
            of: subject,
            from: nil,
            to: stage,
            kind: isFirst ? .begin : .override,
            reason: isFirst ? nil : "imported in this stage",
            in: template
        )
        return advance.operation()
    }

    /// The openings that a row asks for and that are not there; a new project without sites is
    /// opened at all.
    private mutating func openings(of subject: ID, _ row: TableRow) throws -> Step {
        let scope = Scope.subject(subject)
        let isHere = try !records(of: Project.entity, in: scope).isEmpty
        let wanted = row.ids("sites") ?? (isHere ? [] : references.allSites)
        let held = try view.events(of: Opened.entity, in: scope).compactMap {
            $0.fields.id(Opened.siteField)
        }
        return Set(wanted).subtracting(held).sorted().flatMap { site in
            [
                (Scope.site(site), Opening(of: subject).operation()),
                (scope, Opened(at: site).operation()),
            ]
        }
    }

    /// The number after the greatest of those held and of earlier rows.
    private func nextNumber() -> String {
        let numbers = references.projectNumbers.values.compactMap { number in
            number.hasPrefix("PRJ-") ? Int64(number.dropFirst(4)) : nil
        }
        let digits = String(min(numbers.max() ?? 0, 999_999_998) + 1)
        return "PRJ-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    mutating func task(_ row: TableRow) throws -> (Outcome, Step) {
        let scope = Scope.subject(try references.project(row.text("project") ?? ""))
        guard (row.list("instructions") ?? []).count <= Field.listItemsMax else {
            throw RuleFault(.tooLong, "a task has at most \(Field.listItemsMax) instructions")
        }
        let said = row.said(columns(without: "code"), of: WorkTask.entity)
        let key = [WorkTask.code: row["code"] ?? .null]
        guard let definition = TaskDefinition(Fields(said.registers.merging(key) { $1 })) else {
            throw RuleFault(.empty, "code is missing")
        }
        try definition.check(by: Self.importer)
        return try put(WorkTask.entity, in: scope, key: key, said)
    }

    /// Whoever may import may do what is imported.
    private static let importer = Standing(user: .zero, levels: ["management": 3])

    // MARK: Check plans

    /// Plans the rows of check plans, plan by plan: each is taken whole or not at all.
    mutating func addPlans(_ rows: [TableRow]) throws {
        var order: [String] = []
        var groups: [String: [TableRow]] = [:]
        for row in rows {
            let key = "\(row.text("process") ?? "")\u{1f}\(row.integer("version") ?? 0)"
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(row)
        }
        for key in order {
            let group = groups[key] ?? []
            guard var first = group.first else { continue }
            for row in group.dropFirst() { first.note(place: row.place) }
            attempt(first) { plan in try plan.plan(group) }
        }
    }

    private mutating func plan(_ rows: [TableRow]) throws -> (Outcome, Step) {
        guard let head = rows.first, let code = head.text("process") else {
            return (.unchanged, [])
        }
        let version = head.integer("version") ?? 1
        if let names = refusedPlans["\(code)\u{1f}\(version)"] {
            throw RuleFault(.empty, "the plan is not taken, for \(names)")
        }
        var plan = CheckPlan(
            code,
            version: version,
            phase: head.text("phase") ?? "",
            name: head.text("name") ?? "",
            passThreshold: head.integer("pass_threshold") ?? 10_000,
            estimatedMinutes: head.integer("estimated_minutes") ?? 30,
            holds: Set((head.list("holds") ?? []).map(\.shown)),
            items: rows.compactMap { ItemDefinition($0.item) }
        )
        plan.assembly = head.text("assembly")
        for row in rows where row.planFields != head.planFields {
            throw RuleFault(.wrongOrder, "\(row.place): the rows of a plan say the same of it")
        }
        let versions = try records(of: QualityProcess.entity, in: .tenant).values.filter {
            $0.fields.text(QualityProcess.code) == code
        }
        let items = try records(of: QualityItem.entity, in: .tenant).values.map(\.fields)
        if let held = versions.first(where: {
            $0.fields.integer(QualityProcess.version) == version
        }) {
            guard CheckPlan(held.fields, items: items) == plan else {
                throw RuleFault(.wrongOrder, "that version is written: publish the next one")
            }
            return (.unchanged, [])
        }
        let latest = versions.compactMap { $0.fields.integer(QualityProcess.version) }.max()
        try plan.check(latest: latest, by: Self.importer)
        let values = plan.values
        let process = Operation(
            creating: QualityProcess.entity,
            values,
            in: .tenant,
            tenant: tenant
        )
        let operations = plan.items.map { item in
            Operation(
                creating: QualityItem.entity,
                item.values(process: code, version: version),
                in: .tenant,
                tenant: tenant
            )
        }
        return (.created, ([process] + operations).map { (Scope.tenant, $0) })
    }
}

extension TableRow {
    /// What a row says of its item, as the record would.
    fileprivate var item: Fields {
        let own = RecordTable.checkPlan.filter { column in
            ![
                "process", "version", "phase", "name", "pass_threshold", "estimated_minutes",
                "assembly", "holds",
            ]
            .contains(column.name)
        }
        let said = said(own, of: QualityItem.entity)
        return Fields(said.registers, sets: said.sets)
    }

    /// What a row says of its plan: the same in all its rows.
    fileprivate var planFields: [Value?] {
        ["phase", "name", "pass_threshold", "estimated_minutes", "assembly"].map { self[$0] }
            + [list("holds").map { .list($0) }]
    }
}
