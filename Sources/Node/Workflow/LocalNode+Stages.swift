import CRDT
import Domain
public import Storage

extension LocalNode {
    /// Moves a project to another stage, and gives it the stage's sub-stages.
    ///
    /// To the first stage it begins; to the next one it follows, once all required sub-stages are
    /// closed; to any other, or with a reason, somebody of management overrides.
    ///
    /// - Parameters:
    ///   - projectName: A number, a title or an id.
    ///   - stageName: A slug or a name.
    ///   - reason: For an override.
    ///   - actor: Who moves it.
    /// - Returns: The project as it is then.
    /// - Throws: `RuleFault`, `.notFound`.
    @discardableResult
    public func advance(
        _ projectName: String,
        to stageName: String,
        reason: String? = nil,
        by actor: Actor
    ) throws -> ProjectView {
        try ShortText.text(reason)
        let shown = try project(projectName)
        let now = Int64(clamping: wallMilliseconds)
        let isHub = isHub
        _ = try act(by: actor) { acting, person in
            let view = acting.view
            let project = try ProjectView(shown.record, in: shown.scope, on: view)
            try project.checkAlive()
            let template = try view.workflow(of: project)
            let stage = try view.stage(named: stageName, in: template)
            let rows = project.stage.map(project.rows) ?? []
            let advance = StageAdvance(
                of: project.subject,
                from: project.stage,
                to: stage,
                kind: project.kind(to: stage, reason: reason, rows: rows, in: template),
                reason: reason,
                in: template,
                isConfirmed: isHub
            )
            try StageRules.check(
                advance,
                from: project.stages,
                rows: rows,
                criteria: project.criteria,
                in: template,
                by: person.standing
            )
            try person.checkMethod(advance.kind == .override ? .overrideStage : .advanceStage)
            try view.checkLeaving(advance, of: project, in: template, now: now)
            var draft = Draft()
            draft.addDerived(of: project)
            draft.add(advance.operation(after: project.advances.heads), in: shown.scope)
            return draft
        }
        return try project("\(shown.subject)")
    }
}

extension ProjectView {
    /// Why a stage would be entered, as the rules will read it.
    fileprivate func kind(
        to stage: WorkflowTemplate.Stage,
        reason: String?,
        rows: [SubStageRow],
        in template: WorkflowTemplate
    ) -> StageAdvance.Kind {
        if self.stage == nil, stage.slug == template.first?.slug { return .begin }
        let follows = self.stage.flatMap(template.stage(after:))?.slug == stage.slug
        if let from = self.stage, template.move(from: from, to: stage.slug) != nil { return .move }
        if self.stage != nil, reason == nil, !template.moves.isEmpty { return .move }
        guard reason != nil else { return self.stage == nil ? .begin : .automatic }
        return follows && StageRules.isComplete(rows) ? .automatic : .override
    }
}

extension View {
    /// The workflow that a project was created with.
    func workflow(of project: ProjectView) throws -> WorkflowTemplate {
        try workflow(of: project.record)
    }

    /// The workflow that a project's record names.
    func workflow(of record: StoredRecord) throws -> WorkflowTemplate {
        let fields = record.fields
        guard let name = fields.text(Project.definition) else {
            throw CommandFault(.refused, "this project has no workflow", reason: "no-workflow")
        }
        return try workflow(named: name, version: fields.integer(Project.definitionVersion))
    }

    /// The stage of a slug or a name, in a workflow.
    fileprivate func stage(
        named typed: String,
        in template: WorkflowTemplate
    ) throws -> WorkflowTemplate.Stage {
        let titles = try titles(of: WorkflowStage.entity, WorkflowStage.slug, WorkflowStage.name)
        var choice = NameChoice<WorkflowTemplate.Stage>("stage")
        for stage in template.stages { choice.add(stage, names: [stage.slug, titles[stage.slug]]) }
        return try choice.only(called: typed)
    }

    /// The names that go with slugs.
    func titles(
        of entity: Entity,
        _ slug: UInt32,
        _ name: UInt32
    ) throws -> [String: String] {
        let pairs = try records(of: entity, in: .tenant).compactMap { record in
            record.fields.text(slug).flatMap { slug in
                record.fields.text(name).map { (slug, $0) }
            }
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
