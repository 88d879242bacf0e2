import CRDT
import Domain
import Storage

// Workflows, inspection processes and projects of an import.

extension ImportPlan {
    mutating func add(_ workflows: WorkflowDocument) throws {
        for stage in workflows.stages ?? [] {
            try add(WorkflowStage.entity) { values in
                values.set(WorkflowStage.slug, stage.slug)
                values.set(WorkflowStage.name, stage.name)
                values.set(WorkflowStage.order, stage.order)
                values.add(WorkflowStage.responsibleRoles, (stage.roles ?? []).map(Value.text))
                values.set(WorkflowStage.estimatedDays, stage.days)
                values.set(WorkflowStage.isActive, stage.isActive ?? true)
            }
        }
        for subStage in workflows.subStages ?? [] { try add(subStage) }
        for definition in workflows.definitions ?? [] { try add(definition) }
    }

    private mutating func add(_ subStage: WorkflowDocument.SubStage) throws {
        try add(WorkflowSubStage.entity) { values in
            values.set(WorkflowSubStage.slug, subStage.key)
            values.set(WorkflowSubStage.stage, subStage.stage)
            values.set(WorkflowSubStage.name, subStage.name)
            values.set(WorkflowSubStage.order, subStage.order)
            values.set(WorkflowSubStage.isRequired, subStage.isRequired)
            values.set(WorkflowSubStage.requiresApproval, subStage.requiresApproval)
            values.set(WorkflowSubStage.canSkip, subStage.canSkip)
            values.set(WorkflowSubStage.autoAdvance, subStage.autoAdvance)
            values.add(
                WorkflowSubStage.responsibleRoles,
                (subStage.roles ?? []).map(Value.text)
            )
            values.set(WorkflowSubStage.estimatedHours, subStage.hours)
            values.set(WorkflowSubStage.isActive, subStage.isActive ?? true)
            values.set(WorkflowSubStage.isRegulated, subStage.isRegulated)
        }
    }

    private mutating func add(_ definition: WorkflowDocument.Definition) throws {
        var faults: [String] = []
        let outline = definition.outline(&faults)
        guard faults.isEmpty else {
            throw CommandFault(.badInput, faults.joined(separator: "; "), reason: "bad-workflow")
        }
        try add(WorkflowDefinition.entity) { values in
            values.set(WorkflowDefinition.name, definition.name)
            values.set(WorkflowDefinition.version, definition.version)
            values.set(WorkflowDefinition.isActive, true)
            values.add(WorkflowDefinition.stages, outline.stages.map(\.value))
            values.add(WorkflowDefinition.subStages, outline.subStages.map(\.value))
            values.add(WorkflowDefinition.documents, outline.documents.map(\.value))
            values.add(WorkflowDefinition.criteria, outline.criteria.map(\.value))
            values.add(WorkflowDefinition.moves, outline.moves.map(\.value))
            values.add(WorkflowDefinition.statuses, outline.statuses.map(\.value))
        }
    }

    mutating func add(_ process: ImportFiles.Process) throws {
        try add(QualityProcess.entity) { values in
            values.set(QualityProcess.code, process.code)
            values.set(QualityProcess.version, process.version)
            values.set(QualityProcess.phase, process.phase)
            values.set(QualityProcess.name, process.name)
            values.set(QualityProcess.passThreshold, process.passThreshold)
            values.set(QualityProcess.estimatedMinutes, process.estimatedMinutes)
            values.set(QualityProcess.isActive, true)
        }
        for item in process.items ?? [] {
            let low = try item.low.map { try DecimalNumber(typed: $0).value }
            let high = try item.high.map { try DecimalNumber(typed: $0).value }
            try add(QualityItem.entity) { values in
                values.set(QualityItem.process, process.code)
                values.set(QualityItem.processVersion, process.version)
                values.set(QualityItem.item, item.item)
                values.set(QualityItem.title, item.title)
                values.set(QualityItem.category, item.category)
                values.set(QualityItem.isRequired, item.isRequired)
                values.set(QualityItem.unit, item.unit)
                values[QualityItem.low] = low
                values[QualityItem.high] = high
                values.set(QualityItem.expected, item.expected)
                values.set(QualityItem.procedure, item.procedure)
            }
        }
    }

    /// Adds a project, opened at its sites: stations of these subscribe to it.
    mutating func add(_ project: ImportFiles.Project) throws {
        let subject = try id(project.id)
        let scope = Scope.subject(subject)
        let isNew = try add(Project.entity, in: scope) { values in
            values.set(Project.title, project.title)
            values.set(Project.subject, subject)
            values.set(Project.humanNumber, project.number)
            values.set(Project.definition, project.definition)
            values.set(Project.definitionVersion, project.definitionVersion)
            values.set(Project.priority, project.priority)
            values.set(Project.requestedDueDate, project.requestedDueDate)
        }
        guard isNew else { return }
        let places = try project.sites.map { try $0.map(site) } ?? Array(sites.values)
        for place in places.sorted() {
            try add(Opening.entity, in: .site(place)) { $0 = Opening(of: subject).values }
            try add(Opened.entity, in: scope) { $0 = Opened(at: place).values }
        }
    }
}
