import CRDT
import Domain
import Node
import Storage
import Testing
import Wire

@Suite("Approvals of the work")
struct ApprovalFlowTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        try firm.grant("qa", 3, to: "tran.thi.b")
        try firm.importPolicies("factory-pulse")
        try firm.importPolicies("torvan")
    }

    private func reviewed() throws -> ApprovalCase {
        firm.at("13:05")
        try firm.enterReview()
        return try #require(try firm.hub.approval())
    }

    // MARK: - Finishing a sub-stage

    @Test("FP-080 FP-089 FP-100 C-21: a finish that needs approval asks, and is in review")
    func asks() throws {
        let found = try reviewed()
        let row = try firm.hub.row("quality_testing")

        #expect(row?.status == .inReview && row?.progress.revision == found.ask.revision)
        #expect(found.ask.subject == ApprovalSubject(.progress, "quality_testing"))
        #expect(found.ask.type == "quality_review" && found.ask.attempt == 1)
        #expect(found.ask.revision?.count == 32)
        #expect(try found.ask.requestedBy == firm.user("ngo.van.i"))
        #expect(found.receivedAt != nil && found.dueAt != nil)
        #expect(found.actions == ["request", "assign", "assign"])
        #expect(try firm.hub.row("production_setup")?.status != .inReview)
        // Two that finish alike ask once.
        #expect(try firm.hub.node.approvals().count == 1)
    }

    @Test("FP-101: an approval completes the sub-stage, at the time of the decision")
    func approves() throws {
        let found = try reviewed()
        firm.at("15:00")
        try firm.hub.decide(found, as: "bui.thi.h", comment: "fine")
        try firm.meetAll()

        for station in [firm.hub, firm.st1] {
            #expect(try station.row("quality_testing")?.status == .completed)
            let json = try station.node.progress(of: Firm.project, subStage: "quality_testing").json
            #expect(json.text.contains("\"completed_at\":\"2025-11-24T08:00:00Z\""))
        }
    }

    @Test("FP-102 C-21: a rejection blocks it with the comment, and needs one")
    func rejects() throws {
        let found = try reviewed()
        let silent = refusal { _ = try firm.hub.decide(found, .reject, as: "bui.thi.h") }
        #expect(silent == .reasonRequired)
        try firm.hub.decide(found, .reject, as: "bui.thi.h", comment: "gauge not calibrated")
        try firm.meetAll()

        let row = try #require(try firm.st1.row("quality_testing"))
        #expect(row.status == .blocked)
        #expect(row.progress.blocks.map(\.reason) == ["gauge not calibrated"])
        #expect(row.progress.blocks.first?.isRejection == true)
        #expect(try firm.st1.told("ngo.van.i", "rejected").count == 1)
        // Finished again it is another revision, and asks again.
        try firm.st1.step(.unblock, "quality_testing", as: "bui.thi.h")
        try firm.st1.step(.finish, "quality_testing", as: "ngo.van.i")
        try firm.meetAll()
        try firm.hub.node.performDuties()
        let next = try #require(try firm.hub.approval(open: true))
        #expect(next.id != found.id)
    }

    @Test("P9: who finished it does not approve it, whatever their role")
    func author() throws {
        try firm.enterProduction()
        try firm.st1.step(.start, "quality_testing", as: "bui.thi.h")
        try firm.st1.step(.finish, "quality_testing", as: "bui.thi.h")
        try firm.meetAll()
        try firm.hub.node.performDuties()
        let found = try #require(try firm.hub.approval())

        #expect(refusal { _ = try firm.hub.decide(found, as: "bui.thi.h") } == .sameAuthor)
        #expect(try found.progress.currentApprovers == firm.users("tran.thi.b"))
        #expect(refusal { _ = try firm.hub.decide(found, as: "do.thi.j") } == .notAllowed)
        try firm.hub.decide(found, as: "tran.thi.b")
        #expect(try firm.hub.row("quality_testing")?.status == .completed)
    }

    @Test("FP-081 FP-104 FP-107: the trail has both times, old and new status, and stays")
    func trail() throws {
        let found = try reviewed()
        try firm.st1.node.commentApproval(
            "\(found.id)",
            nil,
            attachments: [ApprovalEvidence("qa_report", .init(repeating: 9, count: 32))],
            by: firm.st1.actor("bui.thi.h")
        )
        try firm.meetAll()
        firm.at("15:00")
        try firm.hub.decide(found, as: "bui.thi.h")
        try firm.meetAll()

        let shown = try firm.st1.node.approvalView("\(found.id)").whole.text
        for part in [
            "\"requested_at\":\"2025-11-24T06:05", "\"hub_received_at\":\"2025-11-24T06:05",
            "\"old_status\":\"pending\",\"new_status\":\"approved\"", "\"action\":\"request\"",
            "\"action\":\"comment\"", "\"name\":\"qa_report\"", "\"sla_due_at\":\"2025-11-26",
            String(repeating: "09", count: 32),
        ] {
            #expect(shown.contains(part), "\(part)")
        }
        let fields = ApprovalEvent.entity.fields
        #expect(fields.allSatisfy { [.fixed, .set, .authority].contains($0.merge) })
        #expect(try firm.faults() == [])
    }

    @Test("FP-082: a document lies beside a request by its hash, and is part of what is reviewed")
    func attachments() throws {
        let report = ApprovalEvidence("report.pdf", .init(repeating: 3, count: 32))
        try firm.enterReview([report])
        let found = try #require(try firm.hub.approval())
        let bad = ApprovalEvidence("report.pdf", [3])

        #expect(found.ask.attachments == [report])
        #expect(
            refusal {
                _ = try firm.hub.ask("quote_approval", .quote, "Q-1") { $0.attachments = [bad] }
            } == .unknownValue
        )
    }

    @Test("FP-084 FP-107: approvers and whoever asked are told, and no longer when it is decided")
    func notices() throws {
        let found = try reviewed()
        #expect(try firm.hub.told("bui.thi.h", "request").count == 1)
        #expect(try firm.hub.told("ly.van.k", "request").isEmpty)
        try firm.hub.decide(found, as: "bui.thi.h")
        #expect(try firm.hub.told("tran.thi.b", "request").isEmpty)
        #expect(try firm.hub.told("ngo.van.i", "approved").count == 1)
    }

    @Test("FP-106: lists are by status and by person; but at the hub they say how old they are")
    func lists() throws {
        let found = try reviewed()
        try firm.meetAll()
        var mine = ApprovalQuery()
        (mine.isMine, mine.status) = (true, .pending)
        func count(_ station: Station, _ user: String, _ query: ApprovalQuery) throws -> Int {
            try station.node.approvals(query, of: station.actor(user)).count
        }
        for station in [firm.hub, firm.st1] {
            #expect(try count(station, "bui.thi.h", mine) == 1)
            #expect(try count(station, "ngo.van.i", mine) == 1)
            #expect(try count(station, "ly.van.k", mine) == 0)
        }
        var approved = ApprovalQuery()
        approved.status = .approved
        #expect(try firm.hub.node.approvals(approved).isEmpty)
        try firm.hub.decide(found, as: "bui.thi.h")
        #expect(try firm.hub.node.approvals(approved).count == 1)
        let station = try firm.st1.node.approvals()
        #expect(station.map(\.status) == [.pending])
        #expect(station.first?.json.text.contains("\"authoritative\":false") == true)
        #expect(try firm.hub.node.approvals()[0].json.text.contains("\"authoritative\":true"))
    }

    @Test("FP-087: a request is taken back by whoever asked, and handed on by whoever decides")
    func others() throws {
        let found = try reviewed()
        #expect(
            refusal {
                _ = try firm.hub.node.delegateApproval(
                    "\(found.id)",
                    to: "ngo.van.i",
                    reason: "x",
                    by: firm.hub.actor("bui.thi.h")
                )
            } == .sameAuthor
        )
        let handed = try firm.hub.node.delegateApproval(
            "\(found.id)",
            to: "dinh.van.g",
            reason: "away",
            by: firm.hub.actor("bui.thi.h")
        )
        #expect(try handed.progress.currentApprovers.contains(firm.user("dinh.van.g")))
        #expect(try !handed.progress.currentApprovers.contains(firm.user("bui.thi.h")))
        #expect(
            refusal {
                _ = try firm.hub.node.cancelApproval(
                    "\(found.id)",
                    reason: "x",
                    by: firm.hub.actor("ly.van.k")
                )
            } == .notAllowed
        )
        let closed = try firm.hub.node.cancelApproval(
            "\(found.id)",
            reason: "asked too early",
            by: firm.hub.actor("ngo.van.i")
        )
        #expect(closed.progress.status == .cancelled)
        #expect(refusal { _ = try firm.hub.decide(found, as: "dinh.van.g") } == .wrongOrder)
    }

    // MARK: - What else is approved

    @Test(
        "TV-029 TV-030 TV-033 TV-034: BOM, configuration, document and order are approved alike",
        arguments: [
            ("bom_approval", .bom, ["dinh.van.g"]),
            ("configuration_approval", .configuration, ["dinh.van.g"]),
            ("document_release", .document, ["bui.thi.h", "dinh.van.g"]),
            ("order_approval", .order, ["le.van.c"]),
        ] as [(String, ApprovalSubject.Kind, [String])]
    )
    func packs(type: String, kind: ApprovalSubject.Kind, approvers: [String]) throws {
        let found = try firm.st1.ask(type, kind, "X-1")
        try firm.meetAll()
        try firm.hub.node.performDuties()
        for approver in approvers {
            #expect(try firm.hub.again(found).progress.status.isOpen)
            try firm.hub.decide(found, as: approver)
        }
        let shown = try firm.hub.node.approvalView("\(found.id)")

        #expect(shown.status == .approved)
        #expect(try shown.approvedBy == firm.user(approvers.last ?? ""))
        #expect(shown.json.text.contains("\"approved_at\":\"2025"))
    }

    @Test("TV-031: a completion that is signed off asks; refused, the task is open again")
    func tasks() throws {
        var request = TaskRequest()
        (request.code, request.title, request.approvalRequired) = ("T-1", "Wire it", true)
        _ = try firm.st1.node.addTask(request, to: Firm.project, by: firm.st1.actor("do.thi.j"))
        try firm.st1.task(.start, "T-1")
        try firm.st1.task(.complete, "T-1")
        try firm.meetAll()
        try firm.hub.node.performDuties()
        let first = try #require(try firm.hub.approval())
        #expect(first.ask.type == "task_signoff")
        #expect(refusal { _ = try firm.hub.decide(first, as: "ly.van.k") } == .sameAuthor)
        try firm.hub.decide(first, .reject, as: "do.thi.j", comment: "label missing")
        try firm.meetAll()
        #expect(try firm.st1.task("T-1")?.progress.status == .inProgress)
        try firm.st1.task(.complete, "T-1")
        try firm.meetAll()
        try firm.hub.node.performDuties()
        let second = try #require(try firm.hub.approval(open: true))
        try firm.hub.decide(second, as: "do.thi.j")

        let shown = try firm.hub.node.approvalView("\(second.id)")
        #expect(try shown.approvedBy == firm.user("do.thi.j"))
        #expect(try firm.hub.task("T-1")?.progress.status == .completed)
        #expect(try firm.hub.again(first).progress.status == .rejected)
    }

    @Test("TV-032: an inspection is reviewed as it stands, and no longer when it is measured again")
    func inspections() throws {
        try firm.publishPlan(holds: [])
        try firm.st1.open("LEAK", "B-1")
        try firm.st1.measure(1, "pass", of: "LEAK")
        try firm.st1.measure(2, "0.4", of: "LEAK")
        let key = "\(try firm.st1.inspection("LEAK").record.id)"
        let found = try firm.st1.ask("quality_review", .inspection, key, as: "ngo.van.i")
        try firm.meetAll()
        try firm.hub.node.performDuties()
        try firm.hub.decide(found, as: "bui.thi.h", comment: "complete")
        let text = try firm.hub.node.approvalView("\(found.id)").whole.text
        #expect(text.contains("\"approved_by\":\"bui.thi.h\"") && text.contains("complete"))

        try firm.st1.measure(2, "0.45", of: "LEAK")
        try firm.meetAll()
        try firm.hub.node.performDuties()
        #expect(try firm.hub.again(found).progress.isOutdated)
    }

    @Test("C-74: a waiver that was asked for is decided by its chain, with a reason")
    func waivers() throws {
        try firm.publishPlan(holds: [])
        try firm.st1.open("LEAK", "B-1")
        try firm.st1.measure(1, "fail", of: "LEAK") { $0.comment = "scratched" }
        try firm.st1.measure(2, "0.4", of: "LEAK")
        let name = InspectionName(Firm.project, "LEAK")
        let request = WaiverRequest(reason: "cannot be seen")
        try firm.st1.node.waive(request, of: name, by: firm.st1.actor("bui.thi.h"))
        try firm.meetAll()
        try firm.hub.node.performDuties()
        let found = try #require(try firm.hub.approval())
        #expect(found.ask.type == "qc_waiver" && found.ask.comment == "cannot be seen")
        #expect(refusal { _ = try firm.hub.decide(found, as: "bui.thi.h") } == .sameAuthor)
        try firm.hub.decide(found, as: "tran.thi.b", comment: "agreed")
        try firm.meetAll()

        #expect(try firm.st1.inspection("LEAK").result == "WAIVED")
        #expect(try firm.hub.again(found).progress.status == .approved)
        try firm.st2.measure(1, "fail", of: "LEAK") { $0.comment = "again" }
        #expect(try firm.st2.inspection("LEAK").result == "FAIL")
    }

    @Test("FP-105 P13: a step that is signed needs the PIN for this act, and signs that revision")
    func signed() throws {
        try firm.hub.withFile(
            "p.json",
            """
            {"policies": [{"slug": "supplier", "name": "Supplier", "published": true,
              "approval_type": "supplier_selection",
              "steps": [{"step": "one", "role": "procurement", "method": 5}]}]}
            """
        ) { path in _ = try firm.hub.node.importApprovalPolicies(path, by: .machine) }
        try firm.grant("admin", 1, to: "john.smith")
        let (node, user) = (firm.hub.node, try firm.user("hoang.van.e"))
        try node.setPIN("481516", of: "hoang.van.e", by: firm.hub.actor("john.smith"))
        try node.changePIN(from: "481516", to: "724951", of: user)
        let found = try firm.hub.ask("supplier_selection", .supplier, "ACME")
        let other = try firm.hub.ask("supplier_selection", .supplier, "OTHER")
        let decision = ApprovalRules.Decision(.approve, comment: "best of three")
        for method in [Method.asserted, .secretInLogin, .secretForAct] {
            let code = refusal {
                let actor = Actor(user: user, method: method)
                _ = try node.decideApproval("\(found.id)", decision, by: actor)
            }
            #expect(code == .methodTooWeak)
        }
        func sign(_ pin: String) throws {
            let proof = SignatureProof.pin(pin, name: "hoang.van.e")
            let caller = Caller(uid: 1_000) { _ in true }
            _ = try node.signApproval("\(found.id)", decision, with: proof, by: caller)
        }
        #expect(throws: CommandFault.self) { try sign("724950") }
        #expect(try firm.hub.again(found).progress.status == .pending)
        try sign("724951")
        try firm.meetAll()

        for station in [firm.hub, firm.st1] {
            let shown = try station.node.approvalView("\(found.id)")
            #expect(shown.status == .approved && shown.signatures.map(\.holds) == [true])
            #expect(shown.signatures.first?.reason == "best of three")
            #expect(shown.whole.text.contains("\"meaning\":\"approved\""))
        }
        let bytes = try #require(try firm.hub.again(found).events(.approve).first?.signature)
        #expect(
            try node.verify(signature: bytes, of: node.subject(of: bytes, isCurrent: true)).holds
        )
        let moved = SignedSubject(
            other.id,
            in: other.scope,
            revision: other.ask.revision.flatMap { Hash($0) }
        )
        let faults = try node.verify(signature: bytes, of: moved).faults
        #expect(faults == [.otherRecord, .otherRevision])
    }
}
