import CRDT
import Domain
import Testing

/// Parts of workflows, criteria, dates and status as pure functions.
@Suite("Workflow rules")
struct WorkflowRuleTests {
    private typealias Parts = WorkflowDefinition

    @Test("every part of a workflow comes back from its list; what is none is nil (DOM-110)")
    func parts() {
        let document = Parts.DocumentPart("s", "po", count: 2)
        let criterion = Parts.CriterionPart("s", "k", .decision, text: "Is it?")
        let move = Parts.MovePart("a", "b", roles: ["qa:2", "management"])
        let status = Parts.StatusPart("s", "production", done: "completed")
        #expect(Parts.DocumentPart(document.value) == document)
        #expect(Parts.CriterionPart(criterion.value) == criterion)
        #expect(Parts.MovePart(move.value) == move)
        #expect(Parts.StatusPart(status.value) == status)
        #expect(move.grants == [.role("qa", level: 2), .role("management", level: 1)])
        for value in [Value.null, .text("s"), .list([]), .list([.text("s")])] {
            #expect(Parts.DocumentPart(value) == nil && Parts.CriterionPart(value) == nil)
            #expect(Parts.MovePart(value) == nil && Parts.StatusPart(value) == nil)
        }
        let odd = Parts.CriterionPart(.list([.text("s"), .text("k"), .text("dream")]))
        #expect(odd?.kind == .exit && odd?.text == "k")
        // A level that is none is the highest.
        #expect(Parts.MovePart("a", "b", roles: ["qa:x"]).grants == [.role("qa", level: 3)])
    }

    @Test("FP-034: an outline comes back from its record; an old record is published (DOM-110)")
    func outline() {
        var outline = WorkflowOutline("W", version: 3)
        outline.subjectType = "order"
        outline.isPublished = false
        outline.criteriaHold = true
        outline.stages = [Parts.StagePart("a", order: 1), Parts.StagePart("b", order: 2, days: 4)]
        outline.subStages = [Parts.SubStagePart("x", order: 1, hours: 8, autoAdvance: true)]
        outline.documents = [Parts.DocumentPart("a", "po")]
        outline.criteria = [Parts.CriterionPart("a", "k", text: "t")]
        outline.moves = [Parts.MovePart("b", "a")]
        outline.statuses = [Parts.StatusPart("a", "quoted")]
        let fields = Fields(
            of: Operation(WorkflowDefinition.number, .new, edits: outline.values.edits)
        )
        #expect(WorkflowOutline(fields) == outline)
        let next = outline.next(4)
        #expect(
            next.version == 4 && !next.isPublished
                && next.elements.map(\.values)
                    == outline.elements.map(\.values)
        )
        let old = Fields([
            WorkflowDefinition.name: .text("W"), WorkflowDefinition.version: .integer(1),
        ])
        #expect(WorkflowOutline(old)?.isPublished == true)
        #expect(WorkflowOutline(old)?.subjectType == "project")
        #expect(WorkflowOutline(Fields([:])) == nil)
    }

    @Test("FP-037: an override counts where it is not null, else the catalogue; all eight of them")
    func effective() {
        let base = Fields(
            [
                WorkflowSubStage.slug: .text("x"), WorkflowSubStage.stage: .text("s"),
                WorkflowSubStage.order: .integer(5), WorkflowSubStage.canSkip: .bool(true),
                WorkflowSubStage.autoAdvance: .bool(true),
                WorkflowSubStage.requiresApproval: .bool(true),
                WorkflowSubStage.estimatedHours: .integer(10),
            ],
            sets: [WorkflowSubStage.responsibleRoles: [.text("qa")]]
        )
        let stage = Fields(
            [
                WorkflowStage.slug: .text("s"), WorkflowStage.order: .integer(2),
                WorkflowStage.estimatedDays: .integer(6),
            ],
            sets: [WorkflowStage.responsibleRoles: [.text("sales")]]
        )
        func template(
            _ stagePart: Parts.StagePart,
            _ part: Parts.SubStagePart
        )
            -> WorkflowTemplate.Stage?
        {
            var outline = WorkflowOutline("W", version: 1)
            (outline.stages, outline.subStages) = ([stagePart], [part])
            let record = Operation(WorkflowDefinition.number, .new, edits: outline.values.edits)
            return WorkflowTemplate(Fields(of: record), stages: [stage], subStages: [base])?.first
        }
        let plain = template(Parts.StagePart("s"), Parts.SubStagePart("x"))
        #expect(plain?.order == 2 && plain?.days == 6 && plain?.roles == ["sales"])
        let catalogue = plain?.seeds.first
        #expect(catalogue?.order == 5 && catalogue?.hours == 10 && catalogue?.roles == ["qa"])
        #expect(catalogue?.requiresApproval == true && catalogue?.canSkip == true)
        #expect(catalogue?.autoAdvance == true)
        let other = template(
            Parts.StagePart("s", order: 0, days: 0, roles: ["finance"]),
            Parts.SubStagePart(
                "x",
                order: 0,
                hours: 0,
                requiresApproval: false,
                canSkip: false,
                autoAdvance: false,
                roles: ["production"]
            )
        )
        #expect(other?.order == 0 && other?.days == 0 && other?.roles == ["finance"])
        let over = other?.seeds.first
        #expect(over?.order == 0 && over?.hours == 0 && over?.roles == ["production"])
        #expect(over?.requiresApproval == false && over?.canSkip == false)
        #expect(over?.autoAdvance == false)
        #expect(template(Parts.StagePart("gone"), Parts.SubStagePart("x")) == nil)
    }

    @Test("DOM-111: what cannot be followed is said, all of it")
    func faults() {
        let catalogue = WorkflowCatalogue(
            stages: [Fields([WorkflowStage.slug: .text("a")])],
            subStages: [
                Fields([
                    WorkflowSubStage.slug: .text("x"), WorkflowSubStage.stage: .text("a"),
                    WorkflowSubStage.isRegulated: .bool(true),
                    WorkflowSubStage.requiresApproval: .bool(true),
                ]),
                Fields([
                    WorkflowSubStage.slug: .text("y"), WorkflowSubStage.stage: .text("b"),
                ]),
            ],
            roles: ["qa"]
        )
        var good = WorkflowOutline("W", version: 1)
        good.stages = [Parts.StagePart("a")]
        good.subStages = [Parts.SubStagePart("x")]
        #expect(good.faults(in: catalogue) == [])
        let changes: [((inout WorkflowOutline) -> Void, String)] = [
            ({ $0.stages = [] }, "no stage"),
            ({ $0.stages.append(Parts.StagePart("a")) }, "twice"),
            ({ $0.subStages = [Parts.SubStagePart("y")] }, "left out"),
            ({ $0.subStages = [Parts.SubStagePart("x", requiresApproval: false)] }, "regulated"),
            ({ $0.subStages = [Parts.SubStagePart("x", hours: -1)] }, "hours"),
            ({ $0.stages = [Parts.StagePart("a", days: -1)] }, "days"),
            ({ $0.stages = [Parts.StagePart("a", roles: ["wizard"])] }, "no role"),
            ({ $0.moves = [Parts.MovePart("a", "b")] }, "none of its stages"),
            ({ $0.documents = [Parts.DocumentPart("a", "po", count: 0)] }, "at least one"),
            (
                { outline in
                    outline.criteria = (0..<300).map {
                        Parts.CriterionPart("a", "k\($0)", text: "t")
                    }
                }, "parts"
            ),
            (
                { outline in
                    let roles = (0..<40).map { "r\($0)" }
                    outline.stages = [Parts.StagePart("a", roles: roles)]
                }, "at most 20 roles"
            ),
        ]
        for (change, word) in changes {
            var bad = good
            change(&bad)
            let faults = bad.faults(in: catalogue)
            #expect(faults.contains { $0.contains(word) }, "\(word): \(faults)")
        }
        var side = good
        side.moves = [Parts.MovePart("a", Parts.MovePart.cancelled)]
        #expect(side.faults(in: catalogue) == [])
    }

    @Test("FP-072: times saturate, whatever hours and days a file says (DOM-117)")
    func saturating() {
        let seed = SubStageSeed("x", order: 1, hours: .max, roles: [])
        let row = SubStageRow(
            seed: seed,
            stage: "s",
            progress: SubStageProgress(Stream([])),
            startsAtOnce: true
        )
        let dates = SubStageDates.all([row, row], entered: .max - 5) { _ in nil }
        #expect(dates.map(\.due) == [.max, nil] && dates.map(\.planned) == [.max, .max])
        #expect(SubStageDates.due(entered: 5, days: -3) == 5)
        #expect(SubStageDates.all([row], entered: nil) { _ in nil }.first?.due == nil)
        #expect(!row.isOverdue(dates[0], now: .max))
    }

    @Test("FP-065: a sub-stage has one of six states, pending before anything happened")
    func states() {
        #expect(
            SubStageProgress.Status.allCases.map(\.rawValue) == [
                "pending", "in_progress", "in_review", "blocked", "skipped", "completed",
            ]
        )
        #expect(SubStageProgress(Stream([])).status == .pending)
    }

    @Test("FP-066 FP-067 C-15: the actions and from where each may be taken")
    func actions() {
        let finish = ProgressStep.Action.finish(needsApproval: true, revision: nil)
        #expect(ProgressRules.allowed(from: .start) == [.pending])
        #expect(ProgressRules.allowed(from: finish) == [.inProgress])
        #expect(ProgressRules.allowed(from: .skip) == [.pending, .inProgress])
        #expect(ProgressRules.allowed(from: .unblock([])) == [.blocked])
        #expect(ProgressRules.allowed(from: .reopen) == [.inReview, .completed, .skipped])
        #expect(
            ProgressRules.allowed(from: .block) == [.pending, .inProgress, .inReview, .blocked]
        )
        var history = History<ProgressStep>()
        history.add(.start)
        history.add(finish, seen: [0])
        #expect(SubStageProgress(history.stream).status == .inReview)
        history.add(.approve(revision: nil), seen: [1])
        #expect(SubStageProgress(history.stream).status == .completed)
    }

    @Test("DOM-119: a priority of any vocabulary is one of four, and no other word is any")
    func priorities() {
        #expect(Priority.canonical("Rush") == "high" && Priority.canonical("") == nil)
        #expect(Project.priorities.allSatisfy { Priority.canonical($0) == $0 })
    }
}
