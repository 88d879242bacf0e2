import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

/// Exit criteria, moves and the history of stages.
@Suite("Criteria, moves, history")
struct CriterionTests {
    private let firm: Firm
    private var hub: LocalNode { firm.hub.node }

    init() throws { firm = try Firm() }

    private func actor(_ user: String = "nguyen.van.a") throws -> Actor {
        try firm.hub.actor(user)
    }

    private func take(_ file: String) throws {
        _ = try hub.importWorkflows("\(Sources.top)/fixtures/workflows/\(file)", by: actor())
    }

    private func create(_ workflow: String) throws -> String {
        var new = NewProject("Subject")
        (new.workflow, new.sites, new.begins) = (workflow, ["HCM"], true)
        return try hub.project("\(hub.create(new, by: actor("pham.thi.d")))").number
    }

    /// A project at the end of procurement, whose version holds a stage for its criteria or not.
    private func procurement(isHeld: Bool) throws -> String {
        try take("factory-pulse.json")
        _ = try hub.cloneWorkflow("Default Workflow", by: actor())
        var change = WorkflowChange()
        change.criteriaHold = isHeld ? .yes : .no
        change.exclude = ["purchase_order_creation", "supplier_confirmation"]
        _ = try hub.editWorkflow("Default Workflow", by: actor(), change.apply)
        _ = try hub.publishWorkflow("Default Workflow", by: actor())
        let number = try create("Default Workflow")
        try hub.advance(number, to: "procurement_planning", reason: "test", by: actor())
        return number
    }

    private func finish(_ number: String, at station: Station) throws {
        let request = ProgressRequest(.finish, number, "bom_finalization")
        try station.node.take(request, by: station.actor("dinh.van.g"))
    }

    private func check(
        _ number: String,
        _ isMet: Bool,
        at station: Station,
        as user: String
    ) throws {
        try station.node.check(
            criterion: "critical_pos_placed",
            of: number,
            isMet: isMet,
            by: station.actor(user)
        )
    }

    @Test(
        "FP-076: a missing criterion holds the stage where the workflow says so, and else does not"
    )
    func holding() throws {
        for isHeld in [true, false] {
            let test = try CriterionTests()
            let number = try test.procurement(isHeld: isHeld)
            try test.finish(number, at: test.firm.hub)
            let stage = try test.hub.project(number).stage
            #expect(stage == (isHeld ? "procurement_planning" : "production"))
            guard isHeld else { continue }
            let fault = #expect(throws: RuleFault.self) {
                try test.hub.advance(number, to: "production", by: test.actor("do.thi.j"))
            }
            #expect(fault?.code == .criteriaOpen)
            try test.check(number, true, at: test.firm.hub, as: "hoang.van.e")
            #expect(try test.hub.project(number).stage == "production")
            #expect(try test.hub.project(number).stages.official == "production")
        }
    }

    @Test("FP-076: who confirmed is shown; where people differ both stand, and it is not met")
    func disputed() throws {
        let number = try procurement(isHeld: true)
        try firm.meetAll()
        try finish(number, at: firm.st1)
        try check(number, true, at: firm.st1, as: "hoang.van.e")
        #expect(try firm.st1.node.project(number).stage == "production")
        try check(number, false, at: firm.st2, as: "dinh.van.g")
        try firm.meetAll()
        try hub.performDuties()

        let project = try hub.project(number)
        let (key, stage) = ("critical_pos_placed", "procurement_planning")
        #expect(project.criteria.state(of: key, in: stage) == .disputed)
        #expect(project.criteria.words(of: key, in: stage).map(\.event.isMet).count == 2)
        // The hub does not confirm what the criteria hold.
        #expect(project.stages.official == "procurement_planning")
        #expect(project.stages.isProvisional)
        let other = try firm.st2.node.project(number)
        #expect(other.stage == "production")
    }

    @Test("DOM-115: of each person the newest word counts")
    func newest() throws {
        let number = try procurement(isHeld: true)
        let (key, stage) = ("critical_pos_placed", "procurement_planning")
        func state() throws -> StageCriteria.State {
            try hub.project(number).criteria.state(of: key, in: stage)
        }
        #expect(try state() == .open)
        try check(number, false, at: firm.hub, as: "hoang.van.e")
        #expect(try state() == .notMet)
        try check(number, true, at: firm.hub, as: "dinh.van.g")
        #expect(try state() == .disputed)
        try check(number, true, at: firm.hub, as: "hoang.van.e")
        #expect(try state() == .met)
        let text = try hub.stage(of: number).json.text
        #expect(text.contains("\"state\":\"met\"") && text.contains("\"user\":\"hoang.van.e\""))
        let unknown = #expect(throws: CommandFault.self) {
            try hub.check(criterion: "nonsense", of: number, isMet: true, by: actor())
        }
        #expect(unknown?.reason == "unknown-name")
    }

    @Test(
        "DOM-123: phases go forth and back by the moves, each by whom it says, back with a reason"
    )
    func moves() throws {
        try take("torvan-order.json")
        let number = try create("TORVAN order")
        func fault(
            _ to: String,
            _ user: String,
            _ reason: String? = nil
        ) throws
            -> RuleFault.Code?
        {
            do {
                try hub.advance(number, to: to, reason: reason, by: actor(user))
                return nil
            } catch let fault as RuleFault {
                return fault.code
            }
        }
        #expect(try hub.project(number).status == "DRAFT")
        #expect(try fault("order_production", "pham.thi.d") == .noSuchMove)
        #expect(try fault("order_configuration", "pham.thi.d") == nil)
        #expect(try fault("order_approval", "dinh.van.g") == nil)
        #expect(try fault("order_production", "pham.thi.d") == .notAllowed)
        #expect(try fault("order_production", "nguyen.van.a") == nil)
        #expect(try fault("order_quality_control", "do.thi.j") == nil)
        #expect(try fault("order_production", "bui.thi.h") == .reasonRequired)
        #expect(try fault("order_production", "do.thi.j", "rework of B-2025-0012") == .notAllowed)
        #expect(try fault("order_production", "bui.thi.h", "rework of B-2025-0012") == nil)
        #expect(try hub.project(number).status == "PRODUCTION")
        #expect(try fault("order_quality_control", "do.thi.j") == nil)

        let kinds = try hub.stageHistory(of: number).history.visits.map(\.entered.event.kind)
        #expect(kinds == [.begin] + Array(repeating: .move, count: 6))
        let side = #expect(throws: RuleFault.self) {
            try hub.cancel(number, reason: "gone", by: actor())
        }
        #expect(side?.code == .noSuchMove)
        let other = try create("TORVAN order")
        try hub.cancel(other, reason: "gone", by: actor())
        #expect(try hub.project(other).status == "cancelled")
        #expect(try hub.project(other).stage == "order_draft")
    }

    @Test("DOM-116: each stay has its time, by whom, why, and how long all stays in a stage were")
    func history() throws {
        for (clock, stage) in [
            ("07:00", "production"), ("09:00", "procurement_planning"), ("10:30", "production"),
        ] {
            firm.at(clock)
            try hub.advance(Firm.project, to: stage, reason: "because", by: actor())
        }
        firm.at("12:00")
        let report = try hub.stageHistory(of: Firm.project)
        let hours = report.history.visits.map { (report.length(of: $0) ?? 0) / 60_000 }
        #expect(
            report.history.visits.map(\.stage) == [
                "production", "procurement_planning", "production",
            ]
        )
        #expect(hours == [120, 90, 90])
        #expect(report.json.text.contains("\"production\":12600000"))
        #expect(report.json.text.contains("\"reason\":\"because\""))
        #expect(report.lines.count == 4)
    }
}
