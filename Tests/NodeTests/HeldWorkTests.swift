import CRDT
import Domain
import Node
import Testing

/// Tasks, inspections and defects that hold a sub-stage or a stage.
@Suite("Held work")
struct HeldWorkTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        try firm.enterProduction()
    }

    @Test("TV-132 a sub-stage is neither finished nor skipped while its tasks are open")
    func tasks() throws {
        let st1 = firm.st1
        try st1.addTask("T-1", subStage: "production_setup", assign: ["ly.van.k"])
        try st1.addTask("T-2", subStage: "production_setup", assign: ["ly.van.k"])
        try st1.addTask("T-3", subStage: "assembly", assign: ["ly.van.k"])
        func finish() throws { try st1.step(.finish, "production_setup", as: "do.thi.j") }

        #expect(refusal { try finish() } == .taskOpen)
        #expect(refusalText { try finish() }.contains("T-1, T-2"))
        try st1.task(.start, "T-1")
        try st1.task(.complete, "T-1")
        #expect(refusalText { try finish() }.hasSuffix(": T-2"))
        try st1.task(.cancel, "T-2", as: "do.thi.j", reason: "not needed")
        #expect(refusal { try finish() } == .taskOpen)
        try firm.meetAll()
        try firm.hub.task(.cancel, "T-2", as: "nguyen.van.a", reason: "agreed")
        try firm.meetAll()
        try finish()
        #expect(try st1.row("production_setup")?.status == .completed)
    }

    @Test("TV-128 an open critical defect holds every sub-stage; waived or closed it does not")
    func criticalDefect() throws {
        let st1 = firm.st1
        try st1.report("D-1", .major)
        try st1.step(.finish, "production_setup", as: "do.thi.j")
        try st1.step(.start, "assembly", as: "do.thi.j")
        try st1.defect(.grade, "D-1", as: "ly.van.k", reason: "worse", severity: .critical)
        func finish() throws { try st1.step(.finish, "assembly", as: "do.thi.j") }

        #expect(refusal { try finish() } == .qualityHolds)
        #expect(refusalText { try finish() }.contains("critical defect D-1 is open"))
        try st1.defect(.cause, "D-1", text: "seal too short")
        try st1.defect(.correct, "D-1", text: "seal replaced")
        try st1.defect(.resolve, "D-1")
        #expect(refusal { try finish() } == .qualityHolds)
        try st1.defect(.verify, "D-1", as: "bui.thi.h")
        try finish()
        #expect(try st1.row("assembly")?.status == .completed)
    }

    @Test("S-03 TV-130 a plan holds its sub-stage and its stage until it has passed")
    func plan() throws {
        try firm.publishPlan(holds: ["assembly", "production"])
        let st1 = firm.st1
        try st1.step(.finish, "production_setup", as: "do.thi.j")
        try st1.step(.start, "assembly", as: "do.thi.j")
        func finish() throws { try st1.step(.finish, "assembly", as: "do.thi.j") }

        #expect(refusalText { try finish() }.contains("LEAK of PRJ-000123 was not inspected"))
        try st1.open("LEAK", "B-7")
        #expect(refusalText { try finish() }.contains("LEAK of B-7 is PENDING"))
        try st1.measure(1, "pass", of: "LEAK")
        try st1.measure(2, "0.71", of: "LEAK")
        #expect(refusalText { try finish() }.contains("LEAK of B-7 is FAIL"))
        let manager = try firm.st1.actor("nguyen.van.a")
        let leaving = refusalText {
            try st1.node.advance(Firm.project, to: "completed", reason: "urgent", by: manager)
        }
        #expect(leaving.contains("LEAK of B-7 is FAIL"))
        try st1.measure(2, "0.44", of: "LEAK")
        try finish()
        try st1.node.advance(Firm.project, to: "completed", reason: "urgent", by: manager)
        #expect(try st1.node.project(Firm.project).stage == "completed")
    }

    @Test("TV-130 DOM-141 a stage that would follow by itself waits for what quality holds")
    func followsByItself() throws {
        try firm.publishPlan(holds: ["inquiry_received"])
        let hub = firm.hub.node
        var new = NewProject("Held")
        new.workflow = "Default Workflow"
        new.begins = true
        new.sites = ["HCM"]
        let number = "\(try hub.create(new, by: firm.hub.actor("pham.thi.d")))"
        for row in try hub.project(number).rows {
            let person = row.seed.roles.contains("sales") ? "pham.thi.d" : "dinh.van.g"
            let actor = try firm.hub.actor(person)
            if try hub.project(number).rows.contains(where: {
                $0.seed.slug == row.seed.slug && $0.status == .pending
            }) {
                try hub.take(ProgressRequest(.start, number, row.seed.slug), by: actor)
            }
            try hub.take(ProgressRequest(.finish, number, row.seed.slug), by: actor)
        }
        #expect(try hub.project(number).rows.allSatisfy { $0.status == .completed })
        #expect(try hub.project(number).stage == "inquiry_received")
        try hub.performDuties()
        #expect(try hub.project(number).stage == "inquiry_received")

        let inspector = try firm.hub.actor("bui.thi.h")
        let name = InspectionName(number, "LEAK", build: "B-9")
        _ = try hub.openInspection(name, by: inspector)
        try hub.measure(1, of: name, LocalNode.Finding("pass"), by: inspector)
        try hub.measure(2, of: name, LocalNode.Finding("0.44"), by: inspector)

        #expect(try hub.project(number).stage == "technical_review")
    }

    @Test("TV-130 what quality holds can still go back a stage")
    func back() throws {
        try firm.publishPlan(holds: ["production"])
        let manager = try firm.hub.actor("nguyen.van.a")
        func advance(_ stage: String) throws {
            try firm.hub.node.advance(Firm.project, to: stage, reason: "rework", by: manager)
        }
        #expect(refusal { try advance("completed") } == .qualityHolds)
        try advance("procurement_planning")
        #expect(try firm.hub.node.project(Firm.project).stage == "procurement_planning")
    }

    @Test("TV-133 a task that asks for inspection is completed once its build has passed")
    func inspectedTask() throws {
        try firm.publishPlan(holds: ["packaging"])
        let st1 = firm.st1
        var request = TaskRequest()
        request.code = "T-1"
        request.title = "Close the housing"
        request.build = "B-7"
        request.assignees = ["ly.van.k"]
        request.inspectionRequired = true
        try st1.node.addTask(request, to: Firm.project, by: st1.actor("do.thi.j"))
        try st1.task(.start, "T-1")

        #expect(refusal { try st1.task(.complete, "T-1") } == .qualityHolds)
        try st1.open("LEAK", "B-7")
        try st1.measure(1, "pass", of: "LEAK")
        try st1.measure(2, "0.1", of: "LEAK")
        try st1.task(.complete, "T-1")
        #expect(try st1.task("T-1")?.progress.status == .completed)
    }

    @Test("S-02 a finish that knew of no open task counts, and is shown with it at every node")
    func apart() throws {
        try firm.st1.step(.finish, "production_setup", as: "do.thi.j")
        try firm.st2.addTask("T-1", subStage: "production_setup", assign: ["ly.van.k"])
        try firm.meetAll()

        for station in firm.all {
            #expect(try station.row("production_setup")?.status == .completed)
            let held = try #require(try station.conflicts(.held).first)
            #expect(held.what == "production_setup")
            #expect(
                held.sides.map(\.value) == ["production_setup closed", "task T-1 is PENDING"]
            )
            #expect(held.sides.first?.author?.device == "ST-1")
        }
        try firm.st2.task(.start, "T-1")
        try firm.st2.task(.complete, "T-1")
        try firm.meetAll()
        for station in firm.all { #expect(try station.conflicts(.held).isEmpty) }
        #expect(try firm.differences() == [])
    }

    @Test("S-02 a critical defect that a finish knew nothing of is shown, and then holds")
    func defectApart() throws {
        try firm.st1.step(.finish, "production_setup", as: "do.thi.j")
        try firm.st2.report("D-1", .critical)
        try firm.meetAll()

        for station in firm.all {
            let held = try #require(try station.conflicts(.held).first)
            #expect(held.sides.map(\.value).last == "critical defect D-1 is open")
        }
        try firm.st1.step(.start, "assembly", as: "do.thi.j")
        #expect(
            refusal { try firm.st1.step(.finish, "assembly", as: "do.thi.j") } == .qualityHolds
        )
        try firm.hub.defect(.waive, "D-1", as: "tran.thi.b", reason: "seen, harmless")
        try firm.meetAll()
        try firm.st1.step(.finish, "assembly", as: "do.thi.j")
        #expect(try firm.st1.conflicts(.held).isEmpty)
    }
}
