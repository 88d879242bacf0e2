import CRDT
import Domain
import Storage

/// What may hold the work of a project up: its tasks, inspections and defects.
///
/// - Source: DOM-61, DOM-78, DOM-140, DOM-141.
struct ProjectWork: Sendable {
    let project: ProjectView
    let tasks: ProjectTasks
    let defects: ProjectDefects
    let inspections: [InspectionView]
    private let plans: [CheckPlan]

    init(of project: ProjectView, on view: View, now: Int64) throws {
        self.project = project
        tasks = try ProjectTasks(in: project.scope, on: view, now: now)
        defects = try ProjectDefects(in: project.scope, on: view)
        inspections = try view.inspections(of: project)
        plans = try view.plans().filter(\.isActive).map(\.plan)
    }

    /// The builds that anything of the project names.
    var builds: Set<String> {
        let named =
            inspections.map { Optional($0.build) } + tasks.items.map(\.definition.build)
            + defects.items.map(\.definition.build)
        return QualityBuilds.of(named, subject: project.number)
    }

    /// What quality holds of a stage or sub-stage; nil: of whatever the plans hold.
    func gate(of slug: String?, builds: [String?] = []) -> QualityGate {
        let named = Set(builds.compactMap(\.self))
        return QualityGate(
            of: slug,
            plans: plans,
            builds: named.isEmpty ? self.builds : named,
            inspections: inspections.map(\.standing),
            defects: defects.progress
        )
    }
}

extension View {
    /// Asks whether tasks and quality let a sub-stage be closed.
    ///
    /// - Throws: `RuleFault`: `taskOpen`, `qualityHolds`, naming what holds it.
    func checkClosing(_ subStage: String, of project: ProjectView, now: Int64) throws {
        let work = try ProjectWork(of: project, on: self, now: now)
        try WorkHold.checkFinish(
            of: subStage,
            tasks: work.tasks.pairs,
            quality: work.gate(of: subStage)
        )
    }

    /// Asks whether quality lets a stage be left.
    ///
    /// - Throws: `RuleFault`: `qualityHolds`, naming what holds it.
    func checkLeaving(
        _ advance: StageAdvance,
        of project: ProjectView,
        in template: WorkflowTemplate,
        now: Int64
    ) throws {
        guard WorkHold.leaves(advance, in: template), let from = advance.from else { return }
        try ProjectWork(of: project, on: self, now: now).gate(of: from).check()
    }
}
