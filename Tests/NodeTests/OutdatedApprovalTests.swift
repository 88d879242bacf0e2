import CRDT
import Domain
import Node
import Storage
import Testing

/// S-04: approved at the hub while the station, not knowing it, opens the work again.
@Suite("S-04 Approval decided while the station reworks")
struct OutdatedApprovalTests {
    private let firm: Firm
    private static let first: Set = [
        ApprovalEvidence("qa_report v1", .init(repeating: 1, count: 32))
    ]
    private static let second: Set = [
        ApprovalEvidence("qa_report v2", .init(repeating: 2, count: 32))
    ]

    init() throws {
        firm = try Firm()
        try firm.grant("qa", 3, to: "tran.thi.b")
        try firm.importPolicies("factory-pulse")
        firm.at("13:00")
        try firm.enterReview(Self.first)
    }

    private func rework() throws -> ApprovalCase {
        let found = try #require(try firm.hub.approval())
        firm.at("14:40")
        try firm.st1.step(.reopen, "quality_testing", as: "bui.thi.h", reason: "a new defect")
        firm.at("15:00")
        try firm.hub.decide(found, as: "tran.thi.b", comment: "looks fine")
        return found
    }

    @Test(
        "S-04 FP-101: the approval stays valid for H1 alone; everywhere attempt 2 is in progress",
        arguments: Firm.orders
    )
    func reworked(order: [Int]) throws {
        let found = try rework()
        #expect(try firm.hub.row("quality_testing")?.status == .completed)
        try firm.meet(inOrder: order)
        try firm.hub.node.performDuties()
        try firm.meetAll()

        for station in [firm.hub, firm.st1, firm.st2] {
            let row = try #require(try station.row("quality_testing"))
            #expect(row.status == .inProgress && row.progress.attempt == 2)
            let steps = try station.node.project(Firm.project).steps["quality_testing"]
            let approvals = steps?.entries.filter { entry in
                if case .approve(found.ask.revision) = entry.event.action { true } else { false }
            }
            #expect(approvals?.count == 1)
            let shown = try station.again(found)
            #expect(shown.progress.status == .approved && shown.progress.isOutdated)
            #expect(shown.events(.outdated).count == 1)
        }
        #expect(try firm.differences() == [])
    }

    @Test("S-04: who approved and who asked are told that it is outdated by rework")
    func told() throws {
        _ = try rework()
        try firm.meetAll()
        try firm.hub.node.performDuties()
        try firm.hub.node.performDuties()
        try firm.meetAll()

        for (station, user) in [(firm.hub, "tran.thi.b"), (firm.st1, "ngo.van.i")] {
            let titles = try station.told(user, "outdated")
            #expect(titles.count == 1 && titles[0].contains("outdated by rework"), "\(user)")
        }
    }

    @Test("P13 T26 S-04: what was approved is H1; H2 is asked for anew, and needs its own decision")
    func askedAnew() throws {
        let found = try rework()
        try firm.meetAll()
        try firm.hub.node.performDuties()
        firm.at("16:00")
        try firm.st1.finish("quality_testing", as: "ngo.van.i", Self.second)
        try firm.meetAll()
        try firm.hub.node.performDuties()

        let next = try #require(try firm.hub.approval(open: true))
        #expect(next.id != found.id && next.ask.revision != found.ask.revision)
        #expect(try firm.hub.row("quality_testing")?.status == .inReview)
        #expect(refusal { _ = try firm.hub.decide(found, as: "le.van.c") } == .wrongOrder)
        try firm.hub.decide(next, as: "bui.thi.h")
        #expect(try firm.hub.row("quality_testing")?.status == .completed)
    }

    @Test("P13 T26: what changed after it was asked for is not decided, but asked for again")
    func changed() throws {
        let found = try #require(try firm.hub.approval())
        try firm.st1.step(.block, "quality_testing", as: "ly.van.k", reason: "crack")
        try firm.meet(firm.st1, firm.hub)

        // The hub looks before it lets anybody decide.
        #expect(refusal { _ = try firm.hub.decide(found, as: "tran.thi.b") } == .wrongOrder)
        let closed = try firm.hub.again(found)
        #expect(closed.progress.status == .cancelled && closed.progress.isOutdated)
        #expect(try firm.hub.row("quality_testing")?.status == .blocked)
    }

    @Test("FP-103: a flagged sub-stage is completed by nothing but an approval of a hub")
    func forged() throws {
        let project = try firm.st1.node.project(Firm.project)
        let stream = try #require(project.steps["quality_testing"])
        let revision = try #require(try firm.st1.approval()?.ask.revision)
        _ = try firm.st1.node.act(firm.st1.actor("tran.thi.b")) { _ in
            var draft = Draft()
            let approve = ProgressStep("quality_testing", .approve(revision: revision))
            draft.add(approve.operation(after: stream.heads), in: project.scope)
            let finish = ProgressStep(
                "quality_testing",
                .finish(needsApproval: false, revision: revision)
            )
            draft.add(finish.operation(after: stream.heads), in: project.scope)
            return draft
        }
        try firm.meetAll()

        for station in [firm.st1, firm.hub] {
            #expect(try station.row("quality_testing")?.status == .inReview)
        }
    }

    @Test("FP-103 S-16: an approval that a station writes counts nowhere")
    func forgedEvent() throws {
        let found = try #require(try firm.st1.approval())
        let user = try firm.user("tran.thi.b")
        _ = try firm.st1.node.act(firm.st1.actor("tran.thi.b")) { _ in
            var event = ApprovalEvent(found.id, .approve)
            (event.by, event.step, event.revision) = (user, "quality", found.ask.revision)
            var draft = Draft()
            draft.add(event.operation(after: found.stream.heads), in: found.scope)
            return draft
        }
        try firm.meetAll()

        for station in [firm.st1, firm.hub] {
            #expect(try station.again(found).progress.status == .pending)
        }
        try firm.hub.decide(found, as: "tran.thi.b")
        #expect(try firm.hub.again(found).progress.status == .approved)
    }
}
