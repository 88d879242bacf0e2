import CRDT
import Domain
import Storage

// What follows from a decision, in the records that it is about (DOM-205).

extension Draft {
    /// Writes what an approval or rejection does to its subject, as a hub.
    ///
    /// - Throws: `RuleFault`: `wrongOrder` if the subject is not in the state that was reviewed.
    mutating func addOutcome(
        of found: ApprovalCase,
        _ status: ApprovalProgress.Status,
        comment: String?,
        in project: ProjectView?,
        at stamp: Stamp,
        on view: View
    ) throws {
        guard let project, status == .approved || status == .rejected else { return }
        let isApproved = status == .approved
        let ask = found.ask
        switch ask.subject.kind {
        case .progress:
            let action: ProgressStep.Action =
                isApproved
                ? .approve(revision: ask.revision) : .reject(revision: ask.revision)
            let step = ProgressStep(
                ask.subject.key,
                action,
                reason: isApproved ? nil : comment,
                comment: isApproved ? comment : nil
            )
            try add(step, to: project, at: stamp, on: view)
        case .task where !isApproved:
            let tasks = try ProjectTasks(in: project.scope, on: view, now: 0)
            guard let task = tasks.items.first(where: { $0.definition.code == ask.subject.key })
            else { return }
            let step = TaskStep(ask.subject.key, .reopen, reason: comment)
            add(step.operation(after: task.stream.heads), in: project.scope)
        case .waiver:
            let all = try view.inspections(of: project)
            guard let inspection = all.first(where: { "\($0.record.id)" == ask.subject.key })
            else { return }
            let waiver = Waiver(
                inspection: inspection.record.id,
                accepts: inspection.askedMeasurements.intersection(inspection.failing),
                isApproved ? .waived : .refused,
                reason: comment ?? ask.comment ?? ""
            )
            add(waiver.operation(after: inspection.waiverStream.heads), in: project.scope)
        default: break
        }
    }

    private mutating func add(
        _ step: ProgressStep,
        to project: ProjectView,
        at stamp: Stamp,
        on view: View
    ) throws {
        guard let row = project.rows.first(where: { $0.seed.slug == step.subStage }) else {
            throw RuleFault(.wrongOrder, "\(step.subStage) is in no stage")
        }
        try ProgressRules.checkDecision(step, on: row)
        let heads = project.steps[step.subStage]?.heads ?? []
        add(step.operation(after: heads), in: project.scope)
        let entry = step.entry(at: stamp, after: heads)
        try addFollowing(entry, of: project, isHub: true, on: view)
    }
}
