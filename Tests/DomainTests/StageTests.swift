import CRDT
import Domain
import Testing

/// Stages, seeding and rows (DOM-10 to DOM-13), and what advancing needs (DOM-34).
@Suite("Stages")
struct StageTests {
    private let company: Company
    private let template: WorkflowTemplate
    private let subject = id(123)
    private let finish = ProgressStep.Action.finish(needsApproval: false, revision: nil)

    init() throws {
        company = try Company()
        template = try #require(company.template("Default Workflow"))
    }

    private func advance(
        from: String?,
        to: String,
        kind: StageAdvance.Kind = .automatic,
        reason: String? = nil
    ) throws -> StageAdvance {
        StageAdvance(
            of: subject,
            from: from,
            to: try #require(template[to]),
            kind: kind,
            reason: reason,
            in: template
        )
    }

    private func rows(
        _ stage: String,
        _ stages: History<StageAdvance>,
        _ steps: [String: [ProgressStep.Action]] = [:]
    ) -> [SubStageRow] {
        let streams = steps.mapValues { actions in
            var history = History<ProgressStep>()
            for action in actions { history.add(action, seen: Array(history.entries.indices)) }
            return history.stream
        }
        return ProjectStages(stages.stream).rows(of: stage, steps: streams)
    }

    @Test("S-01: entering Production brings four rows, the first in progress, the others pending")
    func seeding() throws {
        var stages = History<StageAdvance>()
        stages.add(try advance(from: "procurement_planning", to: "production"))

        let rows = rows("production", stages)

        let slugs = ["production_setup", "assembly", "quality_testing", "packaging"]
        #expect(rows.map(\.seed.slug) == slugs)
        #expect(rows.map(\.status) == [.inProgress, .pending, .pending, .pending])
        #expect(rows.map(\.seed.requiresApproval) == [false, false, true, false])
        #expect(rows.map(\.progress.attempt) == [1, 1, 1, 1])
        #expect(rows.last?.seed.roles == ["logistics", "production"])
    }

    @Test("S-01: seeding again, here or at another station, adds nothing")
    func seedingAgain() throws {
        var stages = History<StageAdvance>()
        let entry = try advance(from: "procurement_planning", to: "production")
        stages.add(entry)
        let once = rows("production", stages, ["assembly": [.start]])
        stages.add(entry)
        stages.add(entry, seen: [0])

        #expect(rows("production", stages, ["assembly": [.start]]) == once)
        #expect(!ProjectStages(stages.stream).isInConflict)
    }

    @Test("S-01: the day ends with setup and assembly completed, testing in review, packing open")
    func day() throws {
        var stages = History<StageAdvance>()
        stages.add(try advance(from: "procurement_planning", to: "production"))

        let rows = rows(
            "production",
            stages,
            [
                "production_setup": [finish], "assembly": [.start, finish],
                "quality_testing": [.start, .finish(needsApproval: true, revision: [1])],
            ]
        )

        #expect(rows.map(\.status) == [.completed, .completed, .inReview, .pending])
        #expect(!StageRules.isComplete(rows))
    }

    @Test("what advances by itself starts the next")
    func autoAdvance() throws {
        var entry = History<StageAdvance>()
        let plain = try advance(from: nil, to: "production")
        var fields = plain.values
        var seed = plain.seeds[0]
        seed.autoAdvance = true
        fields = FieldValues()
        fields.set(StageAdvance.toField, "production" as String?)
        fields.add(StageAdvance.seedsField, [seed.value, plain.seeds[1].value])
        let operation = Operation(StageAdvance.number, .event, edits: fields.edits)
        entry.add(StageAdvance(Fields(of: operation)))

        #expect(rows("production", entry).map(\.status) == [.inProgress, .pending])
        let finished = rows("production", entry, ["production_setup": [finish]])
        #expect(finished.map(\.status) == [.completed, .inProgress])
    }

    @Test("seeds that differ join to the more cautious")
    func joined() throws {
        var stages = History<StageAdvance>()
        for (approval, skip) in [(false, true), (true, true), (false, false)] {
            var fields = FieldValues()
            fields.set(StageAdvance.toField, "production" as String?)
            let seed = SubStageSeed(
                "assembly",
                order: 1,
                requiresApproval: approval,
                canSkip: skip,
                roles: ["qa"]
            )
            fields.add(StageAdvance.seedsField, [seed.value])
            let operation = Operation(StageAdvance.number, .event, edits: fields.edits)
            stages.add(StageAdvance(Fields(of: operation)))
        }

        let seed = ProjectStages(stages.stream).seeds(of: "production").first
        #expect(seed?.requiresApproval == true)
        #expect(seed?.canSkip == false)
        #expect(SubStageSeed(.list([.text("x")]))?.requiresApproval == true)
    }

    @Test("S-05: two stations that derive one advance agree; different ones are a conflict")
    func conflict() throws {
        var stages = History<StageAdvance>()
        stages.add(try advance(from: nil, to: "technical_review", kind: .begin))
        stages.add(try advance(from: "technical_review", to: "supplier_rfq_sent"), seen: [0])
        stages.add(try advance(from: "technical_review", to: "supplier_rfq_sent"), seen: [0])
        #expect(ProjectStages(stages.stream).current == "supplier_rfq_sent")
        #expect(!ProjectStages(stages.stream).isInConflict)

        stages.add(
            try advance(from: "technical_review", to: "quoted", kind: .override, reason: "waived"),
            seen: [0],
            time: 1
        )
        #expect(ProjectStages(stages.stream).isInConflict)
        #expect(ProjectStages(stages.stream).current == "supplier_rfq_sent")

        stages.add(try advance(from: "supplier_rfq_sent", to: "quoted"), seen: [1, 2, 3], time: 2)
        #expect(ProjectStages(stages.stream).current == "quoted")
        #expect(!ProjectStages(stages.stream).isInConflict)
    }

    @Test("S-05: sales cannot override; management can, with a reason")
    func overriding() throws {
        var stages = History<StageAdvance>()
        stages.add(try advance(from: nil, to: "inquiry_received", kind: .begin))
        let shown = ProjectStages(stages.stream)
        func fault(_ advance: StageAdvance, _ user: String) -> RuleFault.Code? {
            do throws(RuleFault) {
                try StageRules.check(
                    advance,
                    from: shown,
                    rows: rows("inquiry_received", stages),
                    in: template,
                    by: company.standing(user)
                )
                return nil
            } catch {
                return error.code
            }
        }
        func override(_ reason: String?) throws -> StageAdvance {
            try advance(from: "inquiry_received", to: "quoted", kind: .override, reason: reason)
        }

        #expect(fault(try override("customer waived RFQ"), "pham.thi.d") == .notAllowed)
        #expect(fault(try override(""), "nguyen.van.a") == .reasonRequired)
        #expect(fault(try override("customer waived RFQ"), "nguyen.van.a") == nil)
        let next = try advance(from: "inquiry_received", to: "technical_review")
        #expect(fault(next, "pham.thi.d") == .stageNotComplete)
        let leap = try advance(from: "inquiry_received", to: "quoted")
        #expect(fault(leap, "pham.thi.d") == .wrongOrder)
        let stale = try advance(from: nil, to: "quoted", kind: .begin)
        #expect(fault(stale, "pham.thi.d") == .wrongOrder)
    }

    @Test("a definition overrides what its stages say, but not a regulated approval (DOM-11)")
    func overrides() {
        let definition = Fields(
            [WorkflowDefinition.name: .text("w"), WorkflowDefinition.version: .integer(1)],
            sets: [
                WorkflowDefinition.stages: [
                    WorkflowDefinition.StagePart("s", requiresApproval: true).value
                ],
                WorkflowDefinition.subStages: [
                    WorkflowDefinition.SubStagePart("a", order: 9, roles: ["sales"]).value,
                    WorkflowDefinition.SubStagePart("b", requiresApproval: false).value,
                    WorkflowDefinition.SubStagePart("c", requiresApproval: false).value,
                ],
            ]
        )
        func subStage(_ slug: String, regulated: Bool) -> Fields {
            Fields([
                WorkflowSubStage.slug: .text(slug), WorkflowSubStage.stage: .text("s"),
                WorkflowSubStage.order: .integer(1),
                WorkflowSubStage.requiresApproval: .bool(true),
                WorkflowSubStage.isRegulated: .bool(regulated),
            ])
        }
        let template = WorkflowTemplate(
            definition,
            stages: [Fields([WorkflowStage.slug: .text("s")])],
            subStages: [
                subStage("a", regulated: false), subStage("b", regulated: false),
                subStage("c", regulated: true),
            ]
        )

        let seeds = template?["s"]?.seeds
        #expect(seeds?.map(\.slug) == ["b", "c", "a"])
        #expect(seeds?.map(\.requiresApproval) == [false, true, true])
        #expect(seeds?.last?.roles == ["sales"])
        #expect(template?.stage(after: "s") == nil)
    }

    @Test("openings come back from their operations as they were")
    func openings() {
        #expect(Opening(Fields(of: Opening(of: subject).operation())) == Opening(of: subject))
        #expect(Opened(Fields(of: Opened(at: id(2)).operation())) == Opened(at: id(2)))
        #expect(Opening.entity.number == 205 && Opening.subjectField == 1)
        #expect(Opened.entity.number == 206 && Opened.siteField == 1)
    }
}
