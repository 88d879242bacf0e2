import CRDT
public import Domain
public import Storage

/// What an import of workflows does, or would do.
public struct WorkflowImport: Hashable, Sendable {
    /// How many records of each kind are new, by name.
    public let new: [String: Int]
    /// How many records of each kind change.
    public let changed: [String: Int]

    public var isEmpty: Bool { new.isEmpty && changed.isEmpty }

    public var json: JSON {
        func members(_ counts: [String: Int]) -> JSON {
            let sorted = counts.sorted { $0.key < $1.key }
            return .object(sorted.map { JSON.Member($0.key, .number($0.value)) })
        }
        return ["new": members(new), "changed": members(changed)]
    }

    public var lines: [String] {
        func words(_ counts: [String: Int], _ word: String) -> [String] {
            counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key) \(word)" }
        }
        return isEmpty ? ["nothing new"] : words(new, "new") + words(changed, "changed")
    }
}

extension LocalNode {
    /// Takes in a file of workflows; what is here already is passed over.
    ///
    /// All of it or nothing: one row that cannot be taken refuses the file, with the reasons of
    /// every such row.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isDryRun: Whether only to say what would change.
    ///   - actor: Who imports.
    /// - Returns: What changed, or would.
    /// - Throws: `.refused` at any node but a hub, `.badInput`, `.notFound`, `RuleFault`.
    public func importWorkflows(
        _ path: String,
        isDryRun: Bool = false,
        by actor: Actor
    ) throws -> WorkflowImport {
        let document = try WorkflowDocument(file: path)
        return try plan(isDryRun: isDryRun, by: actor) { plan in try plan.add(document) }
    }

    /// The definition of a name with the stages and sub-stages it uses, as a file holds them.
    ///
    /// - Throws: `.notFound`.
    public func exportWorkflow(_ name: String, version: Int64? = nil) throws -> String {
        try read { view in
            let outline = try view.outline(named: name, version: version)
            var document = WorkflowDocument()
            document.stages = try view.catalogueStages(outline.stages.map(\.slug))
            document.subStages = try view.catalogueSubStages(outline.subStages.map(\.slug))
            document.definitions = [WorkflowDocument.Definition(outline)]
            return try document.text()
        }
    }

    /// Makes version *n* + 1 of a workflow, as a draft with the parts of another version.
    ///
    /// - Returns: The new version.
    /// - Throws: `RuleFault`, `.notFound`.
    public func cloneWorkflow(
        _ name: String,
        version: Int64? = nil,
        by actor: Actor
    ) throws -> Int64 {
        let (outline, last) = try read { view in
            let source = try view.outline(named: name, version: version)
            return (source, try view.versions(of: source.name).max() ?? source.version)
        }
        let (next, overflow) = last.addingReportingOverflow(1)
        guard !overflow else { throw RuleFault(.outOfRange, "there is no version after that") }
        _ = try plan(by: actor) { plan in
            try plan.add(outline.next(next), [], row: "\(name) version \(next)")
        }
        return next
    }

    /// Changes a draft.
    ///
    /// - Parameters:
    ///   - name: The workflow.
    ///   - version: Which draft; nil: the greatest version.
    ///   - actor: Who edits.
    ///   - change: What is different then.
    /// - Returns: The draft as it is then.
    /// - Throws: `RuleFault`: `published` for a version that is; `.badInput` for what cannot be
    ///   followed.
    public func editWorkflow(
        _ name: String,
        version: Int64? = nil,
        by actor: Actor,
        _ change: (inout WorkflowOutline) throws -> Void
    ) throws -> WorkflowOutline {
        var outline = try read { try $0.outline(named: name, version: version, draftsToo: true) }
        guard !outline.isPublished else {
            throw RuleFault(
                .published,
                "version \(outline.version) is published and never changes: gemba workflow clone"
            )
        }
        try change(&outline)
        let edited = outline
        _ = try plan(by: actor) { plan in
            try plan.add(edited, [], row: "\(edited.name) version \(edited.version)")
        }
        return edited
    }

    /// Freezes a draft: from then on projects can follow it, and it never changes.
    ///
    /// - Throws: as ``editWorkflow(_:version:by:_:)``.
    public func publishWorkflow(
        _ name: String,
        version: Int64? = nil,
        by actor: Actor
    ) throws -> WorkflowOutline {
        try editWorkflow(name, version: version, by: actor) { $0.isPublished = true }
    }

    /// Whether new projects may follow a workflow: all its versions.
    ///
    /// - Throws: `RuleFault`, `.notFound`.
    public func setActive(_ isActive: Bool, workflow name: String, by actor: Actor) throws {
        try requireHub()
        _ = try act(by: actor) { acting, person in
            try person.check(.defineWorkflow)
            let view = acting.view
            let known = try view.outline(named: name, version: nil, draftsToo: true).name
            var draft = Draft()
            for record in try view.records(of: WorkflowDefinition.entity, in: .tenant)
            where record.fields.text(WorkflowDefinition.name) == known {
                let field = WorkflowDefinition.isActive
                let write = FieldEdit.Action.write(
                    .bool(isActive),
                    replacing: record.names(field)
                )
                let edits = [FieldEdit(field, write)]
                let number = WorkflowDefinition.number
                draft.add(Operation(number, .existing(record.id), edits: edits), in: .tenant)
            }
            return draft
        }
    }

    /// Works out changes of workflows and writes them in one action.
    func plan(
        isDryRun: Bool = false,
        by actor: Actor,
        _ fill: @escaping @Sendable (inout WorkflowPlan) throws -> Void
    ) throws -> WorkflowImport {
        try requireHub()
        let tenant = store.tenant
        let isMachine = actor == .machine
        if isMachine { try requireSettingUp(.defineWorkflow) }
        return try inTurn {
            let counts = try read { view in
                var plan = try WorkflowPlan(view, tenant: tenant)
                try fill(&plan)
                try plan.check()
                return plan.counts
            }
            let isIdle = isDryRun || counts.isEmpty
            _ = try act(by: actor) { acting, person in
                if !isMachine { try person.check(.defineWorkflow) }
                var plan = try WorkflowPlan(acting.view, tenant: tenant)
                guard !isIdle else { return Draft() }
                try fill(&plan)
                try plan.check()
                return plan.draft
            }
            return WorkflowImport(
                new: counts.mapValues(\.new).filter { $0.value > 0 },
                changed: counts.mapValues(\.changed).filter { $0.value > 0 }
            )
        }
    }

    func requireHub() throws {
        guard isHub else {
            throw CommandFault(.refused, "only a hub does that: go there", reason: "hub-only")
        }
    }
}

// MARK: - The catalogue

/// What a person says of a stage of the catalogue; nil leaves it, or the default of a new one.
public struct StageEdit: Hashable, Sendable {
    public let slug: String
    public var name: String?
    public var order: Int64?
    public var days: Int64?
    /// Empty leaves them.
    public var roles: [String] = []
    public var isActive: Bool?

    public init(_ slug: String) { self.slug = slug }
}

extension LocalNode {
    /// Creates a stage of the catalogue, or changes the one that is there.
    ///
    /// - Throws: `RuleFault`, `.badInput`, `.refused` at any node but a hub.
    public func put(_ stage: StageEdit, by actor: Actor) throws -> WorkflowImport {
        try plan(by: actor) { plan in
            var document = WorkflowDocument()
            var row = plan.stage(stage.slug) ?? .init(slug: stage.slug, name: stage.slug)
            row.name = stage.name ?? row.name
            row.order = stage.order ?? row.order
            row.days = stage.days ?? row.days
            row.roles = stage.roles.isEmpty ? row.roles : stage.roles
            row.isActive = stage.isActive ?? row.isActive
            document.stages = [row]
            try plan.add(document)
        }
    }

    /// The stages of the catalogue with their sub-stages, as a file holds them.
    public func catalogue() throws -> String {
        try read { view in
            var document = WorkflowDocument()
            document.stages = try view.catalogueStages(nil)
            document.subStages = try view.catalogueSubStages(nil)
            return try document.text()
        }
    }
}
