import CRDT
import Domain
import Node
import Storage
import Testing
import Wire

/// S-19: items of an advance, stood in for by requests with an amount.
@Suite("S-19 Advancing cost tiers and edit after approval")
struct AdvancingApprovalTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        try firm.grant("production_manager", 1, to: "ly.van.k")
        try firm.grant("event_director", 1, to: "le.van.c")
        try firm.importPolicies("advancing")
    }

    private func ask(
        _ station: Station,
        _ item: String,
        _ amount: String,
        vendor: String? = nil,
        currency: String? = nil
    ) throws -> ApprovalCase {
        try station.ask("advance_item", .advanceItem, item, amount) {
            ($0.vendor, $0.partOf, $0.currency) = (vendor, "ADV-0007", currency)
        }
    }

    @Test("AD-015 AD-016 S-19: six items have their approvers, and the least is approved by itself")
    func tiers() throws {
        let items: [(String, [String])] = [
            ("500.00", []), ("500.01", ["production-manager"]),
            ("5000.00", ["production-manager"]),
            ("5000.01", ["production-manager", "event-director"]),
            ("25000.00", ["production-manager", "event-director"]),
            ("25000.01", ["production-manager", "event-director", "finance"]),
        ]
        let asked = try items.map { try ask(firm.st1, "item \($0.0)", $0.0) }
        try firm.meet(firm.st1, firm.hub)
        try firm.hub.node.performDuties()

        for (item, found) in zip(items, asked) {
            let shown = try firm.hub.again(found)
            #expect(shown.chain == item.1, "\(item.0)")
            #expect(shown.progress.status == (item.1.isEmpty ? .approved : .pending))
            let policy = shown.record.fields.text(ApprovalRequest.policy)
            #expect(policy == "advance-item-approval")
        }
        let automatic = try firm.hub.again(asked[0])
        #expect(automatic.progress.flags == [ApprovalEvent.Flag.automatic])
        #expect(automatic.decision?.origin.method == .machine)
        #expect(automatic.decision?.origin.user == .zero)
    }

    @Test("S-19: an item that is changed at the venue is outdated there, and needs two approvers")
    func changed() throws {
        let first = try ask(firm.st1, "10 x 500.00", "5000.00")
        try firm.meetAll()
        try firm.hub.node.performDuties()
        try firm.hub.decide(first, as: "ly.van.k")
        try firm.meetAll()
        #expect(try firm.st1.again(first).progress.status == .approved)

        let second = try ask(firm.st1, "10 x 500.00", "6000.00")
        let shown = try firm.st1.node.approvalView("\(first.id)")
        #expect(shown.isOutdated && shown.status == .approved)
        try firm.meetAll()
        try firm.hub.node.performDuties()

        let old = try firm.hub.again(first)
        #expect(old.progress.isOutdated && old.progress.status == .approved)
        let new = try firm.hub.again(second)
        #expect(new.chain == ["production-manager", "event-director"])
        try firm.hub.decide(new, as: "ly.van.k")
        #expect(try firm.hub.again(new).progress.status == .inReview)
        try firm.hub.decide(new, as: "le.van.c")
        #expect(try firm.hub.again(new).progress.status == .approved)
    }

    @Test("S-19: what was split to stay below the bound is never approved without an audit flag")
    func split() throws {
        let one = try ask(firm.st1, "cable 1", "300.00", vendor: "Sound Co")
        let two = try ask(firm.st1, "cable 2", "300.00", vendor: "Sound Co")
        let other = try ask(firm.st1, "lamp", "300.00", vendor: "Light Co")
        try firm.meet(firm.st1, firm.hub)
        try firm.hub.node.performDuties()

        for (found, isSplit) in [(one, true), (two, true), (other, false)] {
            let shown = try firm.hub.again(found)
            #expect(shown.progress.status == .approved)
            #expect(shown.progress.flags.contains(ApprovalEvent.Flag.split) == isSplit)
        }
        #expect(try firm.hub.told("nguyen.van.a", "split").count == 2)
    }

    @Test("C-35: another currency has its dated rate, and without one the highest tier")
    func currency() throws {
        try firm.hub.node.setApprovalSetting("rate_EUR", "1.10", by: .machine)
        let euros = try ask(firm.st1, "in euros", "454.54", currency: "EUR")
        let above = try ask(firm.st1, "in euros too", "454.55", currency: "EUR")
        let yen = try ask(firm.st1, "in yen", "1", currency: "JPY")
        try firm.meet(firm.st1, firm.hub)
        try firm.hub.node.performDuties()

        let route = try #require(try firm.hub.again(euros).events(.assign).first)
        #expect(try firm.hub.again(euros).progress.status == .approved)
        #expect(route.amount?.description == "499.9940" && route.rate?.description == "1.10")
        #expect((route.ratedAt ?? 0) > 0)
        #expect(try firm.hub.again(above).chain == ["production-manager"])
        #expect(try firm.hub.again(yen).chain.count == 3)
    }

    @Test("AD-014 AD-018 AD-019: approvals of all systems are one kind of record, all else derived")
    func derived() throws {
        let names = Set(Catalogue.schema.entities.map(\.name))
        #expect(names.filter { $0.contains("approv") }.count == 3)
        let fields = Catalogue.schema.entities.flatMap { entity in entity.fields.map(\.name) }
        for column in ["approved_by", "approved_at", "approval_date", "approval_status"] {
            #expect(!fields.contains(column))
        }
        let found = try ask(firm.hub, "one", "700")
        try firm.hub.node.performDuties()
        firm.at("09:30")
        try firm.hub.decide(found, as: "ly.van.k")

        let json = try firm.hub.node.approvalView("\(found.id)").json.text
        #expect(json.contains("\"approved_by\":\"ly.van.k\""))
        #expect(json.contains("\"approved_at\":\"2025-11-24T02:30:00Z\""))
        #expect(json.contains("\"status\":\"approved\""))
    }

    @Test("AD-020 C-36: from the tablet to the decision and back: approval alone confirms nothing")
    func wholeWay() throws {
        firm.at("08:00")
        let found = try ask(firm.tec7, "PA system", "12800.00", vendor: "Sound Co")
        try firm.meetAll()
        try firm.hub.node.performDuties()
        try firm.meetAll()
        let before = try firm.st1.node.project(Firm.project).record.fields
        #expect(try firm.st1.told("ly.van.k", "request").count == 1)
        #expect(refusal { _ = try firm.hub.decide(found, as: "le.van.c") } == .notAllowed)
        try firm.hub.decide(found, as: "ly.van.k", comment: "in the plan")
        try firm.hub.node.performDuties()
        #expect(try firm.hub.told("le.van.c", "request").count == 1)
        try firm.hub.decide(found, as: "le.van.c")
        try firm.hub.node.performDuties()
        try firm.meetAll()

        for station in firm.all {
            let shown = try station.again(found)
            #expect(shown.progress.status == .approved)
            #expect(shown.actions.suffix(2).contains("approve"))
        }
        #expect(try firm.tec7.told("do.thi.j", "approved").count == 1)
        #expect(try firm.st1.node.project(Firm.project).record.fields == before)
        #expect(try firm.differences() == [])
    }

    @Test("FP-086: asked again after a rejection it is another request; while it is open it is not")
    func again() throws {
        let first = try ask(firm.hub, "one", "700")
        #expect(refusal { _ = try ask(firm.hub, "one", "700") } == .alreadyThere)
        try firm.hub.node.performDuties()
        try firm.hub.decide(first, .reject, as: "ly.van.k", comment: "too dear")
        let second = try ask(firm.hub, "one", "700")
        try firm.hub.node.performDuties()

        #expect(second.id != first.id)
        #expect(try firm.hub.again(first).progress.status == .rejected)
        #expect(try firm.hub.again(second).progress.status == .pending)
    }
}
