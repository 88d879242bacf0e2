import CRDT
import Domain
import Testing

/// Tasks: examples, and who may do what when (DOM-50 to DOM-63).
@Suite("Tasks")
struct TaskTests {
    private let company: Company
    private let lead: Standing
    private let worker: Standing

    init() throws {
        company = try Company()
        lead = company.standing("do.thi.j")
        worker = Standing(user: id(7), levels: ["production": 1])
    }

    private func history(_ actions: [TaskStep.Action]) -> History<TaskStep> {
        var history = History<TaskStep>()
        for action in actions {
            history.add(TaskStep("T-1", action), seen: Array(history.entries.indices))
        }
        return history
    }

    private func code(_ body: () throws(RuleFault) -> Void) -> RuleFault.Code? {
        do throws(RuleFault) {
            try body()
            return nil
        } catch {
            #expect(!error.message.isEmpty)
            return error.code
        }
    }

    private func fault(
        _ action: TaskStep.Action,
        after actions: [TaskStep.Action],
        reason: String? = nil,
        task: TaskDefinition = TaskDefinition("T-1", title: "Mount the pump"),
        by person: Standing? = nil
    ) -> RuleFault.Code? {
        let progress = TaskProgress(history(actions).stream)
        let step = TaskStep("T-1", action, reason: reason)
        return code { () throws(RuleFault) in
            try TaskRules.check(step, on: task, progress, by: person ?? worker)
        }
    }

    @Test("TV-135 a completion beside a hold does not count until someone who saw both completes")
    func hold() {
        var history = history([.start])
        history.add(TaskStep("T-1", .complete), seen: [0])
        history.add(TaskStep("T-1", .hold, reason: "no screws"), seen: [0])

        let beside = TaskProgress(history.stream)
        #expect(beside.status == .onHold)
        #expect(beside.progress == 10_000)
        #expect(beside.holds.map(\.reason) == ["no screws"])
        #expect(beside.conflicts.map(\.kind) == [.hold])

        history.add(TaskStep("T-1", .resume([history[2]])), seen: [1, 2])
        #expect(TaskProgress(history.stream).status == .inProgress)
        #expect(TaskProgress(history.stream).conflicts.count == 1)

        history.add(TaskStep("T-1", .complete), seen: [3])
        let done = TaskProgress(history.stream)
        #expect(done.status == .completed)
        #expect(done.conflicts.isEmpty)
        #expect(done.closed == history[4])
    }

    @Test("TV-135 only a hub cancels: a station's cancel asks, and work stops until it is decided")
    func cancel() {
        let asked = TaskProgress(history([.start, .askToCancel]).stream)
        #expect(asked.status == .onHold)
        #expect(asked.holds.map(\.asksToCancel) == [true])

        let forged = Catalogue.schema.counted(
            TaskStep("T-1", .cancel).operation(),
            in: .subject(id(1)),
            isHub: false,
            naturalID: { _, _ in .zero }
        )
        guard case .counts(let rest) = forged else {
            Issue.record("\(forged)")
            return
        }
        #expect(TaskStep(Fields(of: rest)).action == .askToCancel)
        #expect(TaskProgress(history([.start, .cancel]).stream).status == .cancelled)
    }

    @Test("TV-135 a completion beside a cancellation is a conflict that a reopening settles")
    func cancelBesideCompletion() {
        var history = history([.start])
        history.add(TaskStep("T-1", .complete), seen: [0])
        history.add(TaskStep("T-1", .cancel), seen: [0])
        let beside = TaskProgress(history.stream)
        #expect(beside.status == .cancelled)
        #expect(beside.conflicts.map(\.kind) == [.cancel])

        history.add(TaskStep("T-1", .reopen, reason: "it was done"), seen: [1, 2])
        let open = TaskProgress(history.stream)
        #expect(open.status == .inProgress)
        #expect(open.attempt == 2)
        #expect(open.progress == 0)
        #expect(open.conflicts.isEmpty)
    }

    @Test(
        "TV-135 a step is taken from the states of the table",
        arguments: [
            (.start, [.start]), (.complete, []), (.progress(10), [.hold]), (.resume([]), [.start]),
            (.reopen, [.start]), (.hold, [.start, .complete]), (.askToCancel, [.cancel]),
            (.start, [.start, .complete]),
        ] as [(TaskStep.Action, [TaskStep.Action])]
    )
    func order(action: TaskStep.Action, before: [TaskStep.Action]) {
        let standing = Standing(user: id(9), levels: ["production": 2, "qa": 2])
        #expect(fault(action, after: before, reason: "x", by: standing) == .wrongOrder)
    }

    @Test("TV-132 what a step needs: reason, holds by name, progress that does not fall")
    func needs() {
        #expect(fault(.start, after: []) == nil)
        #expect(fault(.progress(4_000), after: [.start]) == nil)
        #expect(fault(.progress(2_000), after: [.start, .progress(4_000)]) == .progressFalls)
        #expect(fault(.progress(10_001), after: [.start]) == .outOfRange)
        #expect(fault(.hold, after: [.start]) == .reasonRequired)
        #expect(fault(.issue, after: [.start], reason: " ") == .reasonRequired)
        #expect(fault(.resume([]), after: [.start, .hold]) == .holdsNotNamed)
        #expect(fault(.resume([id(3)]), after: [.start, .hold]) == .holdsNotNamed)
        #expect(fault(.cancel, after: [.start], reason: "x") == .hubOnly)
        #expect(fault(.unknown, after: [.start]) == .hubOnly)
        #expect(fault(.reopen, after: [.start, .complete], reason: "x") == .notAllowed)
        #expect(fault(.reopen, after: [.start, .complete], reason: "x", by: lead) == nil)
    }

    @Test("TV-132 the assignee works on a task, whatever their role; a stranger does not")
    func assignee() {
        let guest = Standing(user: id(8), levels: ["service": 1])
        let own = TaskDefinition("T-1", title: "Fix", assignees: [id(8)])

        #expect(fault(.start, after: [], by: guest) == .notAllowed)
        #expect(fault(.start, after: [], task: own, by: guest) == nil)
        let nobody = Standing(user: id(8), levels: [:])
        #expect(fault(.start, after: [], task: own, by: nobody) == .notAllowed)
        #expect(fault(.hold, after: [.start], reason: "x", by: guest) == nil)
    }

    @Test("TV-132 people take a task themselves, planners give it; a closed one nobody")
    func assignment() {
        let open = TaskProgress(history([.start]).stream)
        let done = TaskProgress(history([.start, .complete]).stream)
        let task = TaskDefinition("T-1", title: "Fix", assignees: [id(8)])
        func fault(
            _ ids: Set<ID>,
            _ shown: TaskProgress,
            _ person: Standing
        ) -> RuleFault.Code? {
            code { () throws(RuleFault) in
                try TaskRules.checkAssignment(of: task, to: ids, shown, by: person)
            }
        }
        #expect(fault([id(8), id(7)], open, worker) == nil)
        #expect(fault([id(7)], open, worker) == .notAllowed)
        #expect(fault([id(7)], open, lead) == nil)
        #expect(fault([id(8), id(7)], done, worker) == .wrongOrder)
        let crowd = Set((1...101).map { id(UInt64($0)) })
        #expect(fault(crowd, open, lead) == .tooLong)
    }

    @Test("TV-135 the hub cancels an open task, with a reason")
    func decision() {
        let manager = Standing(user: id(2), levels: ["management": 1])
        func fault(_ actions: [TaskStep.Action], _ step: TaskStep) -> RuleFault.Code? {
            let progress = TaskProgress(history(actions).stream)
            return code { () throws(RuleFault) in
                try TaskRules.checkDecision(step, on: progress, by: manager)
            }
        }
        #expect(fault([.start, .hold], TaskStep("T-1", .cancel, reason: "order gone")) == nil)
        #expect(fault([.start], TaskStep("T-1", .cancel)) == .reasonRequired)
        #expect(fault([.start, .complete], TaskStep("T-1", .cancel, reason: "x")) == .wrongOrder)
        #expect(fault([.start], TaskStep("T-1", .hold, reason: "x")) == .wrongOrder)
    }

    @Test("TV-137 what a task waits for refuses its start; what quality holds, its completion")
    func waits() {
        var history = History<TaskDependency>()
        history.add(TaskDependency(.init("T-0", before: "T-1")))
        let schedule = TaskSchedule(TaskGraph(history.entries), tasks: [:], now: 0)
        var task = TaskDefinition("T-1", title: "Test")
        let held = QualityGate(
            of: nil,
            plans: [],
            builds: [],
            inspections: [],
            defects: ["D-1": DefectProgress(Stream([]))]
        )
        func fault(_ action: TaskStep.Action, _ before: [TaskStep.Action]) -> RuleFault.Code? {
            let progress = TaskProgress(self.history(before).stream)
            return code { () throws(RuleFault) in
                try TaskRules.check(
                    TaskStep("T-1", action),
                    on: task,
                    progress,
                    waits: schedule.waits(of: "T-1", toFinish: action == .complete),
                    quality: held,
                    by: worker
                )
            }
        }
        #expect(fault(.start, []) == .dependencyOpen)
        #expect(fault(.complete, [.start]) == nil)
        task.inspectionRequired = true
        #expect(fault(.complete, [.start]) == .qualityHolds)
    }

    @Test("TV-137 a dependency is refused that closes a cycle, is there, or names no task")
    func dependencies() {
        var history = History<TaskDependency>()
        history.add(TaskDependency(.init("a", before: "b")))
        history.add(TaskDependency(.init("b", before: "c")))
        let graph = TaskGraph(history.entries)
        func fault(_ early: String, _ late: String, lag: Int64 = 0) -> RuleFault.Code? {
            code { () throws(RuleFault) in
                try TaskRules.check(
                    .init(early, before: late, .startToStart),
                    lagMinutes: lag,
                    in: graph,
                    tasks: ["a", "b", "c", "d"],
                    by: lead
                )
            }
        }
        #expect(fault("c", "a") == .cycle)
        #expect(fault("d", "d") == .cycle)
        #expect(fault("a", "b") == .alreadyThere)
        #expect(fault("a", "x") == .unknownTask)
        #expect(fault("c", "d", lag: -1) == .outOfRange)
        #expect(fault("c", "d", lag: 525_601) == .outOfRange)
        #expect(fault("c", "d", lag: 30) == nil)
        #expect(fault("a", "c") == nil)
    }

    @Test("TV-132 a sub-stage is not finished while one of its tasks is open")
    func tied() {
        let task = TaskDefinition("T-1", title: "Test", subStage: "assembly")
        func fault(_ slug: String, _ actions: [TaskStep.Action]) -> RuleFault.Code? {
            code { () throws(RuleFault) in
                try TaskRules.checkFinish(
                    of: slug,
                    tasks: [(task, TaskProgress(history(actions).stream))]
                )
            }
        }
        #expect(fault("assembly", [.start]) == .taskOpen)
        #expect(fault("assembly", [.start, .hold]) == .taskOpen)
        #expect(fault("packaging", [.start]) == nil)
        #expect(fault("assembly", [.start, .complete]) == nil)
        #expect(fault("assembly", [.cancel]) == nil)
    }
}
