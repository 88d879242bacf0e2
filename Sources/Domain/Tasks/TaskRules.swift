public import CRDT

/// What a step on a task, a task or a dependency needs: asked before it is written, and again by
/// the hub.
///
/// - Source: DOM-59 to DOM-63.
public enum TaskRules {
    /// Checks a step on a task as it was shown to the person.
    ///
    /// - Parameters:
    ///   - step: What the person wants to do.
    ///   - task: The task as it was shown.
    ///   - progress: The fold of its steps as it was shown.
    ///   - waits: What its start, or for a completion its finish, waits for.
    ///   - quality: What of quality holds its build, where the task requires inspection.
    ///   - responsible: The roles of the sub-stage's seed; without a sub-stage those of the site.
    ///   - person: Who acts.
    /// - Throws: `notAllowed`, `wrongOrder`, `reasonRequired`, `tooLong`, `holdsNotNamed`,
    ///   `progressFalls`, `unknownValue`, `dependencyOpen`, `qualityHolds`, `hubOnly`.
    public static func check(
        _ step: TaskStep,
        on task: TaskDefinition,
        _ progress: TaskProgress,
        waits: [TaskSchedule.Wait] = [],
        quality: QualityGate? = nil,
        responsible: [String] = ["production"],
        by person: Standing
    ) throws(RuleFault) {
        guard let act = act(of: step.action) else {
            throw RuleFault(.hubOnly, "the hub cancels: ask it to")
        }
        try act.check(person, responsible: responsible, assigned: task.assignees)
        guard step.task == task.code, allowed(from: step.action).contains(progress.status) else {
            let state = progress.status.rawValue
            throw RuleFault(.wrongOrder, "\(task.code) is \(state): this does not follow")
        }
        if needsReason(step.action) { try TextRule.reason(step.reason) }
        try TextRule.comment(step.comment)
        switch step.action {
        case .progress(let share): try check(share, after: progress.progress)
        case .resume(let lifted): try check(lifted, of: progress)
        case .start: try check(waits)
        case .complete:
            try check(waits)
            if task.inspectionRequired, let quality { try quality.check() }
        default: break
        }
    }

    /// Checks a cancellation by the hub.
    ///
    /// - Throws: `notAllowed`, `wrongOrder`, `reasonRequired`, `tooLong`.
    public static func checkDecision(
        _ step: TaskStep,
        on progress: TaskProgress,
        by person: Standing
    ) throws(RuleFault) {
        try Act.cancelTask.check(person)
        guard step.action == .cancel, allowed(from: .cancel).contains(progress.status) else {
            throw RuleFault(.wrongOrder, "only an open task is cancelled")
        }
        try TextRule.reason(step.reason)
    }

    /// Checks who is to be given an open task: people take one themselves, planners give it.
    ///
    /// - Throws: `notAllowed`, `wrongOrder` for a closed task, `tooLong`.
    public static func checkAssignment(
        of task: TaskDefinition,
        to assignees: Set<ID>,
        _ progress: TaskProgress,
        responsible: [String] = ["production"],
        by person: Standing
    ) throws(RuleFault) {
        let isOwn = task.assignees.symmetricDifference(assignees).isSubset(of: [person.user])
        let act: Act = isOwn ? .takeTask : .planTasks
        do throws(RuleFault) {
            try act.check(person, responsible: responsible)
        } catch {
            try Act.planTasks.check(person)
        }
        guard !progress.isClosed else {
            throw RuleFault(.wrongOrder, "\(task.code) is closed: reopen it first")
        }
        guard assignees.count <= TaskDefinition.listMax else {
            throw RuleFault(.tooLong, "a task has at most \(TaskDefinition.listMax) assignees")
        }
    }

    /// Whether tasks let their sub-stage be finished: all that belong to it are closed.
    ///
    /// - Throws: `taskOpen`, naming the open ones.
    public static func checkFinish(
        of subStage: String,
        tasks: some Sequence<(TaskDefinition, TaskProgress)>
    ) throws(RuleFault) {
        let open = tasks.filter { $0.0.subStage == subStage && !$0.1.isClosed }
            .map(\.0.code).sorted()
        guard open.isEmpty else {
            let names = open.prefix(5).joined(separator: ", ")
            throw RuleFault(.taskOpen, "complete or cancel its tasks first: \(names)")
        }
    }

    /// Checks a new dependency against those of the subject as they were shown.
    ///
    /// - Parameters:
    ///   - edge: What is to be added.
    ///   - lagMinutes: As the person gave it.
    ///   - graph: The dependencies that were shown.
    ///   - tasks: The codes of the subject's tasks.
    ///   - person: Who acts.
    /// - Throws: `notAllowed`, `unknownTask`, `cycle`, `alreadyThere`, `outOfRange`.
    public static func check(
        _ edge: TaskDependency.Edge,
        lagMinutes: Int64,
        in graph: TaskGraph,
        tasks: Set<String>,
        by person: Standing
    ) throws(RuleFault) {
        try Act.planTasks.check(person)
        for code in [edge.predecessor, edge.successor] where !tasks.contains(code) {
            throw RuleFault(.unknownTask, "the subject has no task \(code)")
        }
        guard (0...TaskDependency.lagMinutesMax).contains(lagMinutes) else {
            throw RuleFault(.outOfRange, "a lag is 0 to \(TaskDependency.lagMinutesMax) minutes")
        }
        if let path = graph.path(from: edge.successor, to: edge.predecessor) {
            let way = path.prefix(8).joined(separator: " > ")
            throw RuleFault(.cycle, "\(edge.predecessor) already waits: \(way)")
        }
        let isThere = graph.edges(into: edge.successor)
            .contains { $0.edge.predecessor == edge.predecessor }
        guard !isThere else {
            throw RuleFault(.alreadyThere, "they depend already: remove that one first")
        }
    }

    /// The states in which a step may be taken.
    public static func allowed(from action: TaskStep.Action) -> Set<TaskProgress.Status> {
        switch action {
        case .start: [.pending]
        case .progress, .complete: [.inProgress]
        case .hold, .askToCancel, .cancel: [.pending, .inProgress, .onHold]
        case .resume: [.onHold]
        case .reopen: [.completed, .cancelled]
        case .issue: Set(TaskProgress.Status.allCases)
        case .unknown: []
        }
    }

    static func act(of action: TaskStep.Action) -> Act? {
        switch action {
        case .start, .progress, .complete, .resume: .workOnTask
        case .hold, .issue: .holdTask
        case .askToCancel: .askToCancelTask
        case .reopen: .reopenTask
        case .cancel, .unknown: nil
        }
    }

    private static func needsReason(_ action: TaskStep.Action) -> Bool {
        [.hold, .askToCancel, .reopen, .issue].contains(action)
    }

    private static func check(_ share: Int64, after shown: Int) throws(RuleFault) {
        guard (0...10_000).contains(share) else {
            throw RuleFault(.outOfRange, "progress is 0 to 100 percent")
        }
        guard share >= shown else {
            throw RuleFault(.progressFalls, "progress does not fall: reopen the task instead")
        }
    }

    private static func check(
        _ lifted: [ID],
        of progress: TaskProgress
    ) throws(RuleFault) {
        guard !lifted.isEmpty, Set(progress.holds.map(\.id)).isSuperset(of: lifted) else {
            throw RuleFault(.holdsNotNamed, "name the holds to lift, of those that stand")
        }
    }

    private static func check(_ waits: [TaskSchedule.Wait]) throws(RuleFault) {
        guard let first = waits.first else { return }
        let edge = first.edge.edge
        let kind = edge.kind.rawValue
        throw RuleFault(.dependencyOpen, "\(edge.successor) waits for \(edge.predecessor): \(kind)")
    }
}

extension TaskDefinition {
    /// Checks a task before it is created or edited.
    ///
    /// - Throws: `notAllowed`, `empty`, `tooLong`, `unknownValue`, `outOfRange`, `notADay`.
    public func check(by person: Standing) throws(RuleFault) {
        try Act.planTasks.check(person)
        try TextRule.code(code)
        try TextRule.title(title)
        for text in instructions + [description, safetyRequirements, notes].compactMap(\.self) {
            try TextRule.comment(text)
        }
        for text in [subStage, build, parent, workCenter].compactMap(\.self) {
            try TextRule.code(text)
        }
        let counts = [assignees.count, skills.count, tools.count, instructions.count]
        guard counts.allSatisfy({ $0 <= Self.listMax }) else {
            throw RuleFault(.tooLong, "a list of a task holds at most \(Self.listMax)")
        }
        guard instructions.count <= Field.listItemsMax else {
            throw RuleFault(.tooLong, "a task has at most \(Field.listItemsMax) instructions")
        }
        for word in skills.union(tools) { try TextRule.code(word) }
        if let type, !WorkTask.types.contains(type) {
            let types = WorkTask.types.joined(separator: ", ")
            throw RuleFault(.unknownValue, "a task is one of \(types)")
        }
        if let priority, !WorkTask.priorities.contains(priority) {
            throw RuleFault(.unknownValue, "a priority is one of \(WorkTask.priorities)")
        }
        if let estimatedMinutes, !(0...Self.minutesMax).contains(estimatedMinutes) {
            throw RuleFault(.outOfRange, "an estimate is 0 to \(Self.minutesMax) minutes")
        }
        if let due { try TextRule.day(due) }
    }
}
