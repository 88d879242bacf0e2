import CRDT
import Domain
import Storage

// Workflows, inspection processes and projects of an import.

extension ImportPlan {
    mutating func add(_ workflows: ImportFiles.Workflows) throws {
        for stage in workflows.stages ?? [] {
            try add(WorkflowStage.entity) { values in
                values.set(WorkflowStage.slug, stage.slug)
                values.set(WorkflowStage.name, stage.name)
                values.set(WorkflowStage.order, stage.order)
                values.add(WorkflowStage.responsibleRoles, (stage.roles ?? []).map(Value.text))
                values.set(WorkflowStage.estimatedDays, stage.days)
                values.set(WorkflowStage.isActive, true)
            }
        }
        for subStage in workflows.subStages ?? [] { try add(subStage) }
        for definition in workflows.definitions ?? [] { try add(definition) }
    }

    private mutating func add(_ subStage: ImportFiles.SubStage) throws {
        try add(WorkflowSubStage.entity) { values in
            values.set(WorkflowSubStage.slug, subStage.slug)
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
            values.set(WorkflowSubStage.isActive, true)
            values.set(WorkflowSubStage.isRegulated, subStage.isRegulated)
        }
    }

    private mutating func add(_ definition: ImportFiles.Definition) throws {
        let stages = (definition.stages ?? []).map { part in
            WorkflowDefinition.StagePart(
                part.slug,
                order: part.order,
                days: part.days,
                requiresApproval: part.requiresApproval,
                roles: part.roles ?? []
            ).value
        }
        let subStages = (definition.subStages ?? []).map { part in
            WorkflowDefinition.SubStagePart(
                part.slug,
                order: part.order,
                hours: part.hours,
                requiresApproval: part.requiresApproval,
                canSkip: part.canSkip,
                autoAdvance: part.autoAdvance,
                roles: part.roles ?? []
            ).value
        }
        try add(WorkflowDefinition.entity) { values in
            values.set(WorkflowDefinition.name, definition.name)
            values.set(WorkflowDefinition.version, definition.version)
            values.set(WorkflowDefinition.isActive, true)
            values.add(WorkflowDefinition.stages, stages)
            values.add(WorkflowDefinition.subStages, subStages)
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
