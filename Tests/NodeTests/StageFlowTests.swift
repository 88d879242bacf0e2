import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

/// S-05: the stage advances by itself, on every node alike, and a hub confirms it once.
@Suite("S-05 Stage auto-advance and manual override")
struct StageFlowTests {
    private let firm: Firm

    /// QA Review and Production Review are completed; Engineering Review runs on every node.
    init() throws {
        firm = try Firm()
        let hub = firm.hub
        let management = try hub.actor("nguyen.van.a")
        let stage = "technical_review"
        try hub.node.advance(Firm.project, to: stage, reason: "drawings came", by: management)
        for (slug, user) in [("qa_review", "bui.thi.h"), ("production_review", "do.thi.j")] {
            try hub.step(.start, slug, as: user)
            try hub.step(.finish, slug, as: user)
        }
        try firm.meetAll()
    }

    private func finish(_ station: Station) throws {
        try station.step(.finish, "engineering_review", as: "dinh.van.g")
    }

    private func project(_ station: Station) throws -> ProjectView {
        try station.node.project(Firm.project)
    }

    private func events(_ station: Station, to stage: String) throws -> [StageAdvance] {
        try project(station).advances.entries.map(\.event).filter { $0.to == stage }
    }

    @Test("S-05 FP-068: the last review shows the next stage at once, as provisional")
    func provisional() throws {
        try finish(firm.st3)

        let project = try project(firm.st3)
        #expect(project.stage == "supplier_rfq_sent" && project.stages.isProvisional)
        #expect(project.stages.official == "technical_review")
        #expect(
            project.rows(of: "supplier_rfq_sent").map(\.seed.slug) == [
                "supplier_identification", "rfq_preparation", "response_collection",
            ]
        )
        #expect(try firm.st3.states() == ["in_progress", "pending", "pending"])
        #expect(try self.project(firm.st1).stage == "technical_review")
    }

    @Test("S-05 FP-068: the hub confirms one event although two stations derived the advance")
    func once() throws {
        for order in 0..<6 {
            let firm = try StageFlowTests().firm
            let stations = [firm.st3, firm.st1]
            for station in stations {
                try station.step(.finish, "engineering_review", as: "dinh.van.g")
            }
            // Every order in which the two and the hub's duties can come.
            if order % 3 == 0 { try firm.meet(firm.st1, firm.st3) }
            for station in order < 3 ? stations : stations.reversed() {
                try firm.meet(station, firm.hub)
                if order % 3 == 1 { try firm.hub.node.performDuties() }
            }
            try firm.hub.node.performDuties()
            let again = try firm.hub.node.performDuties()
            try firm.meetAll()

            #expect(again.isEmpty)
            for station in firm.all {
                let project = try station.node.project(Firm.project)
                let events = project.advances.entries.map(\.event)
                    .filter { $0.to == "supplier_rfq_sent" }
                #expect(events.count { $0.isConfirmed } == 1, "\(order) \(station.name)")
                #expect(events.count == 3, "\(order) \(station.name)")
                #expect(project.stage == "supplier_rfq_sent" && !project.stages.isProvisional)
                #expect(project.stages.official == "supplier_rfq_sent")
                #expect(!project.stages.isInConflict)
                #expect(project.rows(of: "supplier_rfq_sent").count == 3)
            }
            #expect(try firm.differences() == [])
        }
    }

    @Test(
        "S-05: what a station derived in vain moves nothing back, however late it comes (DOM-113)"
    )
    func late() throws {
        try finish(firm.st3)
        try finish(firm.st1)
        try firm.meet(firm.st3, firm.hub)
        try firm.hub.node.performDuties()
        let management = try firm.hub.actor("nguyen.van.a")
        let reason = "quote by phone"
        try firm.hub.node.advance(Firm.project, to: "quoted", reason: reason, by: management)

        try firm.meet(firm.st1, firm.hub)
        try firm.hub.node.performDuties()

        let project = try project(firm.hub)
        #expect(project.stage == "quoted" && project.stages.official == "quoted")
        #expect(!project.stages.isInConflict && !project.stages.isProvisional)
    }

    @Test("FP-068: what two stations close together no one of them alone, the hub writes once")
    func together() throws {
        let management = try firm.hub.actor("nguyen.van.a")
        let reason = "next"
        let stage = "procurement_planning"
        try firm.hub.node.advance(Firm.project, to: stage, reason: reason, by: management)
        try firm.hub.step(.finish, "bom_finalization", as: "dinh.van.g")
        try firm.meetAll()
        for (station, slug) in [
            (firm.st1, "purchase_order_creation"), (firm.st3, "supplier_confirmation"),
        ] {
            try station.step(.start, slug, as: "hoang.van.e")
            try station.step(.finish, slug, as: "hoang.van.e")
        }
        #expect(try project(firm.st1).stage == stage && project(firm.st3).stage == stage)

        try firm.meet(firm.st1, firm.st3)

        // Nobody has written it, and both show it.
        #expect(try events(firm.st1, to: "production").isEmpty)
        for station in [firm.st1, firm.st3] {
            #expect(try project(station).stage == "production")
            #expect(try project(station).stages.isProvisional)
            #expect(try station.states() == ["in_progress", "pending", "pending", "pending"])
        }
        try firm.st1.step(.finish, "production_setup", as: "do.thi.j")
        #expect(try events(firm.st1, to: "production").count == 1)
        try firm.meetAll()
        try firm.hub.node.performDuties()
        try firm.meetAll()
        #expect(try events(firm.st3, to: "production").count { $0.isConfirmed } == 1)
        #expect(try project(firm.st3).stages.official == "production")
        #expect(try firm.st3.states() == ["completed", "pending", "pending", "pending"])
    }

    @Test("S-02 FP-068: a block beside the last finish takes the unconfirmed advance back")
    func held() throws {
        try finish(firm.st3)
        try firm.st1.step(.block, "engineering_review", as: "ly.van.k", reason: "wrong drawing")
        try firm.meet(firm.st1, firm.st3)
        try firm.meet(firm.st1, firm.hub)

        #expect(try firm.hub.node.performDuties().confirmed == 0)
        for station in [firm.hub, firm.st1, firm.st3] {
            #expect(try project(station).stage == "technical_review")
        }
        try firm.st3.step(.unblock, "engineering_review", as: "dinh.van.g")
        try finish(firm.st3)
        try firm.meet(firm.st3, firm.hub)
        #expect(try firm.hub.node.performDuties().confirmed == 1)
        #expect(try project(firm.hub).stage == "supplier_rfq_sent")
    }

    @Test("S-05 FP-069: an override needs management and a reason")
    func overriding() throws {
        let station = firm.st1
        func fault(_ user: String, _ reason: String?) throws -> RuleFault.Code? {
            let actor = try station.actor(user)
            do {
                try station.node.advance(Firm.project, to: "quoted", reason: reason, by: actor)
                return nil
            } catch let fault as RuleFault {
                return fault.code
            }
        }
        #expect(try fault("pham.thi.d", "customer waived RFQ") == .notAllowed)
        #expect(try fault("nguyen.van.a", "") == .reasonRequired)
        #expect(try fault("nguyen.van.a", "   ") == .reasonRequired)
        #expect(try fault("nguyen.van.a", nil) == .wrongOrder)
        #expect(try fault("nguyen.van.a", "customer waived RFQ") == nil)

        try firm.meet(station, firm.hub)
        #expect(try firm.hub.node.performDuties().quarantined == 0)
        let visits = try firm.hub.node.stageHistory(of: Firm.project).history.visits
        #expect(visits.last?.entered.event.reason == "customer waived RFQ")
        #expect(try project(firm.hub).stages.official == "quoted")
        let history = try firm.hub.node.history(of: Firm.project, isWhole: true)
        #expect(history.text.joined().contains("recorded stage_event: nguyen.van.a at ST-1"))
    }

    /// Writes what no command of this program would.
    private func forge(
        _ event: some Fact,
        after heads: [Name],
        at station: Station,
        as user: String
    ) throws {
        let scope = try project(station).scope
        _ = try station.node.act(station.actor(user)) { _ in
            var draft = Draft()
            draft.add(event.operation(after: heads), in: scope)
            return draft
        }
    }

    @Test("S-05 FP-069 DOM-125: a forged override of sales is set aside everywhere")
    func forgedOverride() throws {
        let station = firm.st1
        let project = try project(station)
        let template = try station.node.workflow("Default Workflow").template
        let forged = StageAdvance(
            of: project.subject,
            from: project.stage,
            to: try #require(template["quoted"]),
            kind: .override,
            reason: "customer waived RFQ",
            in: template
        )
        try forge(forged, after: project.advances.heads, at: station, as: "pham.thi.d")
        #expect(try self.project(station).stage == "quoted")

        try firm.meet(station, firm.hub)
        #expect(try firm.hub.node.performDuties().quarantined == 1)
        #expect(try firm.hub.node.performDuties().isEmpty)
        try firm.meetAll()

        for other in firm.all {
            #expect(try self.project(other).stage == "technical_review")
            #expect(try self.project(other).stages.official == "technical_review")
        }
        let aside = try firm.hub.node.store.status().excluded
        #expect(aside == 1)
    }

    @Test(
        "S-05 FP-066 C-68: a skip of what cannot be skipped is refused, and quarantined if forged"
    )
    func forgedSkip() throws {
        let station = firm.st1
        let refused = #expect(throws: RuleFault.self) {
            try station.step(.skip, "engineering_review", as: "dinh.van.g", reason: "no time")
        }
        #expect(refused?.code == .notSkippable)
        let stream = try project(station).steps["engineering_review"] ?? Stream([])
        let skip = ProgressStep("engineering_review", .skip, reason: "no time")
        try forge(skip, after: stream.heads, at: station, as: "dinh.van.g")

        try firm.meet(station, firm.hub)
        #expect(try firm.hub.node.performDuties().quarantined == 1)
        try firm.meetAll()
        for other in firm.all {
            #expect(try other.row("engineering_review")?.status == .inProgress)
            #expect(try project(other).stage == "technical_review")
        }
    }

    @Test("DOM-112: a stage that was left before is left by a person, not by itself")
    func reentered() throws {
        try finish(firm.hub)
        let management = try firm.hub.actor("nguyen.van.a")
        let reason = "drawing changed"
        try firm.hub.node.advance(
            Firm.project,
            to: "technical_review",
            reason: reason,
            by: management
        )
        #expect(try project(firm.hub).stage == "technical_review")
        #expect(try firm.hub.node.performDuties().isEmpty)
        let actor = try firm.hub.actor("dinh.van.g")
        try firm.hub.node.advance(Firm.project, to: "supplier_rfq_sent", by: actor)
        #expect(try project(firm.hub).stage == "supplier_rfq_sent")
    }

    @Test("FP-066 DOM-32: what was begun in a stage is finished there after the subject went on")
    func behind() throws {
        try finish(firm.hub)
        let management = try firm.hub.actor("nguyen.van.a")
        var request = ProgressRequest(.reopen, Firm.project, "qa_review", reason: "new finding")
        try firm.hub.node.take(request, by: management)
        #expect(try project(firm.hub).stage == "supplier_rfq_sent")
        #expect(try firm.hub.row("qa_review")?.status == .inProgress)
        request = ProgressRequest(.finish, Firm.project, "qa_review")
        try firm.hub.node.take(request, by: firm.hub.actor("bui.thi.h"))
        #expect(try firm.hub.row("qa_review")?.status == .completed)
        #expect(try project(firm.hub).stage == "supplier_rfq_sent")
    }
}
