import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

/// S-01: a day of a station with no network.
@Suite("S-01 Station day with no network")
struct StationDayTests {
    private let firm: Firm

    /// The morning of S-01 at ST-1, which last met the hub at 06:00.
    init() throws {
        firm = try Firm()
        try Self.prepare(firm)
        let st1 = firm.st1
        firm.at("07:02")
        let doThiJ = try st1.actor("do.thi.j")
        try st1.node.advance(Firm.project, to: "Production", by: doThiJ)
        firm.at("08:10")
        try st1.step(.finish, "production_setup", as: "do.thi.j")
        firm.at("08:11")
        try st1.step(.start, "assembly", as: "do.thi.j")
        firm.at("11:30")
        for (kind, start, end) in [("SETUP", "08:15", "08:55"), ("WORK", "09:00", "10:35")] {
            var request = HoursRequest(kind)
            request.project = Firm.project
            request.subStage = "assembly"
            _ = try st1.node.logHours(request, from: start, to: end, by: doThiJ)
        }
        try st1.step(.finish, "assembly", as: "do.thi.j")
        firm.at("13:04")
        try st1.step(.start, "quality_testing", as: "bui.thi.h")
        firm.at("13:05")
        try st1.step(.finish, "quality_testing", as: "bui.thi.h")
    }

    /// Brings the project to the end of procurement, and everybody to the hub at 06:00.
    private static func prepare(_ firm: Firm) throws {
        let hub = firm.hub
        let management = try hub.actor("nguyen.van.a")
        let reason = "customer waived the RFQ"
        let stage = "procurement_planning"
        try hub.node.advance(Firm.project, to: stage, reason: reason, by: management)
        try hub.step(.finish, "bom_finalization", as: "dinh.van.g")
        for subStage in ["purchase_order_creation", "supplier_confirmation"] {
            try hub.step(.start, subStage, as: "hoang.van.e")
            try hub.step(.finish, subStage, as: "hoang.van.e")
        }
        // It has gone on to production by itself; taken back, it waits for a person.
        let again = "a part is asked for again"
        try hub.node.advance(Firm.project, to: stage, reason: again, by: management)
        try firm.meetAll()
    }

    @Test("S-01 four sub-stages exist, and a station that seeds alike has the same four")
    func four() throws {
        let slugs = ["production_setup", "assembly", "quality_testing", "packaging"]

        let other = try firm.st2.actor("ly.van.k")
        try firm.st2.node.advance(Firm.project, to: "production", by: other)
        try firm.meet(firm.st1, firm.st2)

        for station in [firm.st1, firm.st2] {
            let project = try station.node.project(Firm.project)
            #expect(project.rows(of: "production").map(\.seed.slug) == slugs)
            #expect(!project.stages.isInConflict)
        }
    }

    @Test("S-01 Production Setup was in progress at once and the other three pending")
    func atOnce() throws {
        let firm = try Firm()
        try Self.prepare(firm)

        try firm.st1.node.advance(Firm.project, to: "production", by: firm.st1.actor("do.thi.j"))

        #expect(try firm.st1.states() == ["in_progress", "pending", "pending", "pending"])
        let project = try firm.st1.node.project(Firm.project)
        #expect(
            project.rows(of: "production").map(\.seed.requiresApproval) == [
                false, false, true, false,
            ]
        )
    }

    @Test("S-01 seeding the stage again adds nothing")
    func seedingAgain() throws {
        let before = try firm.st1.states()
        let management = try firm.st1.actor("nguyen.van.a")

        let error = #expect(throws: RuleFault.self) {
            try firm.st1.node.advance(
                Firm.project,
                to: "production",
                by: firm.st1.actor("do.thi.j")
            )
        }
        try firm.st1.node.advance(
            Firm.project,
            to: "production",
            reason: "again",
            by: management
        )

        #expect(error?.code == .wrongOrder)
        #expect(try firm.st1.states() == before)
        #expect(try firm.st1.node.project(Firm.project).rows(of: "production").count == 4)
    }

    @Test("S-01 Quality Testing waits in review with one request, Packaging is pending")
    func inReview() throws {
        let states = try firm.st1.states()
        let requests = try firm.st1.node.read { view in
            let scope = try view.project(named: Firm.project).scope
            return try view.records(of: ApprovalRequest.entity, in: scope)
        }

        #expect(states == ["completed", "completed", "in_review", "pending"])
        #expect(requests.count == 1)
        #expect(requests.first?.fields.text(ApprovalRequest.subjectKey) == "quality_testing")
        #expect(
            requests.first?.fields.integer(ApprovalRequest.requestedAt)
                == Firm.milliseconds("13:05")
        )
    }

    @Test("S-01 SETUP of 40 minutes and WORK of 95 are on record for Do Thi J")
    func hours() throws {
        let entries = try firm.st1.node.hours(of: "do.thi.j").entries

        #expect(entries.map(\.activity) == ["SETUP", "WORK"])
        #expect(entries.map { ($0.duration ?? 0) / 60_000 } == [40, 95])
        #expect(entries.allSatisfy { $0.subStage == "assembly" })
    }

    @Test("S-01 every act is on record with its person, in feeds whose chains are whole")
    func onRecord() throws {
        let history = try firm.st1.node.history(of: Firm.project, isWhole: true)
        let text = history.text.joined(separator: "\n")

        #expect(text.contains("recorded stage_event: do.thi.j at ST-1"))
        #expect(text.contains("recorded progress_event: bui.thi.h at ST-1"))
        #expect(text.contains("created approval_request: bui.thi.h at ST-1"))
        #expect(try firm.st1.node.store.verify { _ in }.faults == [])
    }

    @Test("S-01 one session sends all of it once, and the hub shows the same four")
    func oneSession() throws {
        firm.at("17:00")
        let before = firm.hub.node.store.position

        try firm.meet(firm.st1, firm.hub)
        let after = firm.hub.node.store.position
        let again = try firm.meet(firm.st1, firm.hub)

        #expect(after > before)
        #expect(again.isEqual)
        #expect(firm.hub.node.store.position == after)
        #expect(try firm.hub.states() == firm.st1.states())
        #expect(try firm.differences().filter { $0.contains("ST-1") } == [])
    }

    @Test("S-01 the hub shows 13:05 as the time of the request, whenever it comes")
    func requestTime() throws {
        firm.at("17:00")

        try firm.meet(firm.st1, firm.hub)

        let report = try firm.hub.node.progress(of: Firm.project, subStage: "quality_testing")
        #expect(report.json.text.contains("\"requested_by\":\"bui.thi.h\""))
        #expect(report.json.text.contains("\"requested_at\":\"2025-11-24T06:05:00Z\""))
    }
}
