import CRDT
import Domain
import Storage

// The workflows of the tenant, as records and as files hold them.

extension View {
    /// All versions of all workflows, by name and version.
    func outlines() throws -> [WorkflowOutline] {
        try records(of: WorkflowDefinition.entity, in: .tenant)
            .filter { !$0.isDeleted }
            .compactMap { WorkflowOutline($0.fields) }
            .sorted { ($0.name, $0.version) < ($1.name, $1.version) }
    }

    func versions(of name: String) throws -> [Int64] {
        try outlines().filter { $0.name == name }.map(\.version)
    }

    /// A version of a workflow.
    ///
    /// - Parameters:
    ///   - typed: Its name.
    ///   - version: nil: the greatest that is published, or the greatest draft.
    ///   - draftsToo: Whether the greatest may be a draft.
    /// - Returns: The version as its author wrote it.
    /// - Throws: `.notFound`.
    func outline(
        named typed: String,
        version: Int64?,
        draftsToo: Bool = false
    ) throws -> WorkflowOutline {
        var newest: [String: WorkflowOutline] = [:]
        for outline in try outlines() where version == nil || outline.version == version {
            let isBetter = draftsToo || outline.isPublished || newest[outline.name] == nil
            let hides = newest[outline.name]?.isPublished == true && !outline.isPublished
            if isBetter, draftsToo || !hides { newest[outline.name] = outline }
        }
        var choice = NameChoice<WorkflowOutline>("workflow")
        for (name, outline) in newest { choice.add(outline, names: [name]) }
        return try choice.only(called: typed)
    }

    /// The stages of the catalogue as a file holds them: those of the slugs, or all.
    func catalogueStages(_ slugs: [String]?) throws -> [WorkflowDocument.Stage] {
        try records(of: WorkflowStage.entity, in: .tenant)
            .compactMap { WorkflowDocument.Stage($0.fields) }
            .filter { slugs?.contains($0.slug) ?? true }
            .sorted { ($0.order ?? .max, $0.slug) < ($1.order ?? .max, $1.slug) }
    }

    func catalogueSubStages(_ slugs: [String]?) throws -> [WorkflowDocument.SubStage] {
        try records(of: WorkflowSubStage.entity, in: .tenant)
            .compactMap { WorkflowDocument.SubStage($0.fields) }
            .filter { slugs?.contains($0.key) ?? true }
            .sorted { ($0.stage, $0.order ?? .max, $0.key) < ($1.stage, $1.order ?? .max, $1.key) }
    }
}

extension WorkflowPlan {
    /// A stage of the catalogue as a file holds it.
    func stage(_ slug: String) -> WorkflowDocument.Stage? {
        stageFields(slug).flatMap(WorkflowDocument.Stage.init)
    }
}

extension WorkflowDocument.Stage {
    init?(_ fields: Fields) {
        guard let slug = fields.text(WorkflowStage.slug) else { return nil }
        let roles = fields.texts(WorkflowStage.responsibleRoles).sorted()
        self.init(
            slug: slug,
            name: fields.text(WorkflowStage.name) ?? slug,
            order: fields.integer(WorkflowStage.order),
            days: fields.integer(WorkflowStage.estimatedDays),
            roles: roles.isEmpty ? nil : roles,
            isActive: fields.bool(WorkflowStage.isActive) == false ? false : nil
        )
    }
}

extension WorkflowDocument.SubStage {
    init?(_ fields: Fields) {
        guard let slug = fields.text(WorkflowSubStage.slug) else { return nil }
        let roles = fields.texts(WorkflowSubStage.responsibleRoles).sorted()
        self.init(
            slug: slug,
            stage: fields.text(WorkflowSubStage.stage) ?? "",
            name: fields.text(WorkflowSubStage.name) ?? slug,
            order: fields.integer(WorkflowSubStage.order),
            isRequired: fields.bool(WorkflowSubStage.isRequired),
            requiresApproval: fields.bool(WorkflowSubStage.requiresApproval),
            canSkip: fields.bool(WorkflowSubStage.canSkip),
            autoAdvance: fields.bool(WorkflowSubStage.autoAdvance),
            isRegulated: fields.bool(WorkflowSubStage.isRegulated),
            hours: fields.integer(WorkflowSubStage.estimatedHours),
            roles: roles.isEmpty ? nil : roles,
            isActive: fields.bool(WorkflowSubStage.isActive) == false ? false : nil
        )
    }
}
