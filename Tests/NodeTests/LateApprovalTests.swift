import CRDT
import Domain
import Node
import Storage
import Testing

/// S-18: an urgent quote, asked for offline at 08:00, that nobody decides in time.
@Suite("S-18 SLA, escalation and late arrival")
struct LateApprovalTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        try firm.importPolicies("factory-pulse")
    }

    /// The sales lead lends her role; at 08:00 she asks at ST-1, at 15:30 the hub has it.
    private func arrive(
        delegates: [String] = ["hoang.van.e"],
        priority: String = "urgent"
    ) throws -> ApprovalCase {
        firm.at("07:00")
        for (place, delegate) in delegates.enumerated() {
            var request = LocalNode.DelegationRequest(to: delegate, until: "2026-01-01")
            (request.role, request.reason) = ("sales", "at the customer's")
            request.from = "2025-11-\(10 + place)"
            try firm.hub.node.delegate(request, by: firm.hub.actor("pham.thi.d"))
        }
        firm.at("08:00")
        let asked = try firm.st1.ask("quote_approval", .quote, "Q-17", as: "pham.thi.d") {
            $0.priority = priority
        }
        firm.at("15:30")
        try firm.meet(firm.st1, firm.hub)
        try firm.hub.node.performDuties()
        return try firm.hub.again(asked)
    }

    @Test("FP-098 S-18: the clock starts at the hub's receipt: due at 23:30, 15.5 hours old")
    func due() throws {
        let found = try arrive()
        firm.at("23:30")
        let shown = try firm.hub.node.approvalView("\(found.id)")

        #expect(found.ask.requestedAt == Firm.milliseconds("08:00"))
        #expect((found.receivedAt ?? 0) / 60_000 == Firm.milliseconds("15:30") / 60_000)
        #expect((found.dueAt ?? 0) / 60_000 == Firm.milliseconds("23:30") / 60_000)
        #expect(shown.ageTenths == 155)
        #expect(found.chain == ["sales", "finance", "management"])
        #expect(try found.progress.currentApprovers == firm.users("hoang.van.e"))
        let assigned = try #require(found.events(.assign).last)
        #expect(try assigned.onBehalfOf == firm.user("pham.thi.d"))
        #expect(try firm.hub.told("hoang.van.e", "request").count == 1)
    }

    @Test("FP-099 S-18: at the breach exactly one escalation goes to the managers above, once")
    func escalation() throws {
        let found = try arrive()
        firm.at("21:31")
        try firm.hub.node.performApprovalDuties()
        #expect(try firm.hub.again(found).events(.remind).count == 1)
        #expect(try firm.hub.again(found).events(.escalate).isEmpty)
        firm.at("23:31")
        try firm.hub.node.performApprovalDuties()
        try firm.hub.restart()
        firm.at("23:59")
        try firm.hub.node.performApprovalDuties()
        try firm.hub.node.performDuties()

        let late = try firm.hub.again(found)
        let escalations = late.events(.escalate)
        #expect(escalations.count == 1 && late.events(.remind).count == 1)
        #expect(try escalations.first?.people == firm.users("nguyen.van.a", "john.smith"))
        #expect(escalations.first?.due == late.dueAt)
        #expect(late.progress.status == .pending)
        for manager in ["nguyen.van.a", "john.smith"] {
            #expect(try firm.hub.told(manager, "escalated").count == 1)
        }
        #expect(try firm.hub.told("le.van.c", "escalated").isEmpty)
        #expect(try firm.hub.node.approvalView("\(found.id)").isOverdue)
    }

    @Test("S-18: above Vu Thi F, who has no manager, all of management is told")
    func withoutManager() throws {
        let found = try arrive(delegates: ["vu.thi.f"])
        firm.at("23:31")
        try firm.hub.node.performApprovalDuties()

        let management = try firm.users(
            "john.smith",
            "mary.johnson",
            "nguyen.van.a",
            "tran.thi.b",
            "le.van.c"
        )
        #expect(try firm.hub.again(found).events(.escalate).map(\.people) == [management])
    }

    @Test("S-18: a breach gives it to the next to whom the rights are lent")
    func nextDelegate() throws {
        let found = try arrive(delegates: ["hoang.van.e", "vu.thi.f"])
        #expect(found.progress.currentApprovers.count == 1)
        firm.at("23:31")
        try firm.hub.node.performApprovalDuties()
        try firm.hub.node.performApprovalDuties()

        let late = try firm.hub.again(found)
        #expect(late.events(.reassign).count == 1)
        #expect(try late.progress.currentApprovers == firm.users("hoang.van.e", "vu.thi.f"))
        #expect(late.progress.status == .pending)
    }

    @Test("S-18: a hub that is killed after each deed ends where one that lived does")
    func killed() throws {
        func run(killing: Bool) throws -> (actions: [String], people: [Set<ID>]) {
            let firm = try Firm()
            let other = try LateApprovalTests(firm)
            let found = try other.arrive(delegates: ["hoang.van.e", "vu.thi.f"])
            for clock in ["21:31", "23:31", "23:40"] {
                firm.at(clock)
                var done = 1
                while done > 0 {
                    let work = try firm.hub.node.performApprovalDuties(atMost: killing ? 1 : .max)
                    done = work.received + work.events + work.settled
                    if killing { try firm.hub.restart() }
                }
            }
            let late = try firm.hub.again(found)
            #expect(try firm.hub.node.store.verify { _ in }.faults == [])
            return (late.actions, late.stream.entries.map(\.event.people))
        }
        let lived = try run(killing: false)
        let killed = try run(killing: true)

        #expect(
            lived.actions == ["request", "assign", "assign", "remind", "escalate", "reassign"]
        )
        #expect(killed.actions == lived.actions)
        #expect(killed.people.map(\.count) == lived.people.map(\.count))
    }

    private init(_ firm: Firm) throws {
        self.firm = firm
        try firm.importPolicies("factory-pulse")
    }

    @Test("C-19 S-18: low priority without hours of its own has those of the tenant")
    func tenantHours() throws {
        let found = try arrive(priority: "low")
        #expect((found.dueAt ?? 0) - (found.receivedAt ?? 0) == 96 * 3_600_000)
        try firm.hub.node.setApprovalSetting("sla_hours_low", "120", by: .machine)
        let next = try firm.hub.ask("quote_approval", .quote, "Q-18", as: "pham.thi.d") {
            $0.priority = "low"
        }
        try firm.hub.node.performDuties()
        let later = try firm.hub.again(next)
        #expect((later.dueAt ?? 0) - (later.receivedAt ?? 0) == 120 * 3_600_000)
    }

    @Test("C-66: a breach expires nothing; the days of the policy do, and then it stays so")
    func expiry() throws {
        try firm.hub.withFile(
            "p.json",
            """
            {"policies": [{"slug": "supplier", "name": "Supplier", "published": true,
              "approval_type": "supplier_selection", "expiry_days": 2,
              "steps": [{"step": "one", "role": "procurement"}]}]}
            """
        ) { path in _ = try firm.hub.node.importApprovalPolicies(path, by: .machine) }
        firm.at("08:00")
        let found = try firm.hub.ask("supplier_selection", .supplier, "ACME")
        try firm.hub.node.performDuties()
        firm.at("55:59")
        try firm.hub.node.performApprovalDuties()
        #expect(try firm.hub.again(found).progress.status == .pending)
        firm.at("56:01")
        try firm.hub.node.performApprovalDuties()

        let expired = try firm.hub.again(found)
        #expect(expired.progress.status == .expired)
        #expect(try firm.hub.told("do.thi.j", "expired").count == 1)
        #expect(
            refusal { _ = try firm.hub.decide(found, as: "hoang.van.e") } == .wrongOrder
        )
        #expect(try firm.hub.node.performApprovalDuties() == ApprovalWork())
    }

    @Test("C-75: nothing is decided at a station; a recommendation is, and is seen at the hub")
    func recommendation() throws {
        let found = try arrive()
        try firm.meetAll()
        let text = refusalText { _ = try firm.st2.decide(found, as: "hoang.van.e") }
        #expect(text.contains("only the hub decides") && text.contains("hoang.van.e"))
        for act in [
            { _ = try firm.st2.decide(found, as: "hoang.van.e") },
            {
                _ = try firm.st2.node.cancelApproval(
                    "\(found.id)",
                    reason: "x",
                    by: firm.st2.actor("pham.thi.d")
                )
            },
            {
                _ = try firm.st2.node.delegateApproval(
                    "\(found.id)",
                    to: "vu.thi.f",
                    reason: "x",
                    by: firm.st2.actor("hoang.van.e")
                )
            },
        ] as [() throws -> Void] {
            #expect(refusal(act) == .hubOnly)
        }
        try firm.st2.node.commentApproval(
            "\(found.id)",
            "price is right",
            recommends: .approve,
            by: firm.st2.actor("hoang.van.e")
        )
        try firm.meetAll()

        let seen = try firm.hub.again(found)
        #expect(seen.events(.comment).map(\.recommends) == [.approve])
        #expect(seen.progress.status == .pending)
        #expect(try firm.hub.told("pham.thi.d", "comment").count == 1)
    }
}
