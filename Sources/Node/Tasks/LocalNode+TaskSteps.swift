import CRDT
import Domain
public import Storage

extension LocalNode {
    /// Takes a step on a task, as it was shown to the person.
    ///
    /// At a station a cancellation asks the hub; at the hub it decides.
    ///
    /// - Returns: The task as it is then.
    /// - Throws: `RuleFault`, `.notFound`.
    @discardableResult
    public func take(_ request: TaskStepRequest, by actor: Actor) throws -> TasksReport {
        try ShortText.text(request.reason)
        try ShortText.text(request.comment)
        let shown = try read { view in try view.projectRecord(named: request.project) }
        let (isHub, now) = (isHub, Int64(clamping: wallMilliseconds))
        let tenant = store.tenant
        _ = try act(by: actor) { acting, person in
            let project = try ProjectView(shown.record, in: shown.scope, on: acting.view)
            let work = try ProjectWork(of: project, on: acting.view, now: now)
            let item = try work.tasks.task(named: request.task)
            let names = try request.seen?.names(among: item.stream.entries.map(\.name))
            let progress = names.map { TaskProgress(item.stream.shown($0)) } ?? item.progress
            let step = TaskStep(
                item.definition.code,
                request.action(on: progress, isHub: isHub),
                reason: request.reason,
                comment: request.comment
            )
            try work.check(step, on: item, progress, by: person.standing)
            try person.checkMethod(step.action.act)
            var draft = Draft()
            let heads = names ?? item.stream.heads
            draft.add(step.operation(after: heads), in: shown.scope)
            if step.action == .complete, item.definition.approvalRequired {
                let ask = item.signOff(after: heads, by: person.user, at: now)
                draft.add(ask, in: shown.scope, tenant: tenant)
            }
            return draft
        }
        return try tasks(of: "\(shown.scope.key)", task: request.task)
    }
}

extension ProjectTasks.Item {
    /// What a completion that is to be signed off asks for.
    fileprivate func signOff(after seen: [Name], by user: ID, at now: Int64) -> ApprovalAsk {
        let subject = ApprovalSubject(.task, definition.code)
        var ask = ApprovalAsk(subject, "task_signoff", by: user, at: now)
        ask.attempt = Int64(progress.attempt)
        ask.revision = SubjectRevision(ofTask: definition.code, stream.shown(seen)).hash
        ask.priority = definition.priority ?? "normal"
        return ask
    }
}

extension ProjectWork {
    /// Asks the rules whether a step may be taken.
    ///
    /// - Throws: `RuleFault`.
    fileprivate func check(
        _ step: TaskStep,
        on item: ProjectTasks.Item,
        _ progress: TaskProgress,
        by person: Standing
    ) throws(RuleFault) {
        if step.action == .cancel {
            return try TaskRules.checkDecision(step, on: progress, by: person)
        }
        let task = item.definition
        let waits = tasks.schedule.waits(of: task.code, toFinish: step.action == .complete)
        try TaskRules.check(
            step,
            on: task,
            progress,
            waits: waits,
            quality: task.inspectionRequired ? gate(of: nil, builds: [task.build]) : nil,
            responsible: project.roles(of: task.subStage),
            by: person
        )
    }
}
