import CRDT
import Domain
import Node
import Storage
import Testing

/// The routings of Factory Pulse, as they ship.
@Suite("Approval routings")
struct ApprovalRoutingTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        try firm.importPolicies("factory-pulse")
    }

    /// The steps of a request that the hub asks itself.
    private func chain(
        _ type: String,
        _ amount: String? = nil,
        _ facts: [String: String] = [:]
    ) throws -> [String] {
        let kind: ApprovalSubject.Kind = type == "po_approval" ? .purchaseOrder : .quote
        let key = "\(type) \(amount ?? "") \(facts.sorted { $0.key < $1.key })"
        let found = try firm.hub.ask(type, kind, String(key.prefix(90)), amount) {
            $0.facts = facts.map { (name: $0.key, value: $0.value) }
        }
        try firm.hub.node.performDuties()
        return try firm.hub.again(found).chain
    }

    @Test("FP-090: a technical review: engineering, then quality where it is critical to it")
    func technical() throws {
        #expect(try chain("technical_review", nil, ["ctq": "no"]) == ["engineering"])
        #expect(try chain("technical_review", nil, ["ctq": "yes"]) == ["engineering", "quality"])
        #expect(try chain("technical_review") == ["engineering", "quality"])
    }

    @Test("FP-091: a quote: sales, finance, then management below the margin or above the total")
    func quote() throws {
        let two = ["sales", "finance"]
        #expect(try chain("quote_approval", "50000", ["margin_percent": "15"]) == two)
        for (amount, margin) in [("50000", "14.99"), ("50000.01", "15"), ("90000", "3")] {
            let steps = try chain("quote_approval", amount, ["margin_percent": margin])
            #expect(steps == two + ["management"], "\(amount) \(margin)")
        }
    }

    @Test("FP-092: a large purchase order: procurement, finance, management")
    func purchase() throws {
        #expect(try chain("po_approval", "9999.99") == ["procurement"])
        #expect(try chain("po_approval", "10000") == ["procurement", "finance", "management"])
        #expect(try chain("po_approval") == ["procurement", "finance", "management"])
    }

    @Test("FP-093: quality testing: the lead; with an open defect the manager")
    func quality() throws {
        #expect(try chain("quality_review") == ["quality"])
        try firm.hub.report("D-1", .major)
        #expect(try chain("quality_review", "1") == ["quality-manager"])
    }

    @Test("FP-094: a shipment: logistics, then management if expedited or export controlled")
    func shipment() throws {
        let plain = ["expedited": "no", "export_controlled": "no"]
        #expect(try chain("shipment_release", nil, plain) == ["logistics"])
        for fact in plain.keys {
            var facts = plain
            facts[fact] = "yes"
            #expect(try chain("shipment_release", nil, facts) == ["logistics", "management"])
        }
    }

    @Test("FP-095 FP-096: final sign-off: the project manager, then management")
    func signOff() throws {
        let dinh = try firm.user("dinh.van.g")
        var edit = LocalNode.ProjectEdit()
        edit.assignedTo = "dinh.van.g"
        try firm.hub.node.edit(Firm.project, edit, by: firm.hub.actor("nguyen.van.a"))
        let found = try firm.hub.ask("final_signoff", .project, Firm.project)
        try firm.hub.node.performDuties()
        let shown = try firm.hub.again(found)

        #expect(shown.chain == ["project-manager", "management"])
        #expect(shown.progress.currentApprovers == [dinh])
        #expect(refusal { _ = try firm.hub.decide(found, as: "nguyen.van.a") } == .notAllowed)
        try firm.hub.decide(found, as: "dinh.van.g")
        #expect(try firm.hub.again(found).progress.status == .inReview)
    }

    @Test("FP-096: a lead is whoever holds the role at level 2; where nobody may, management does")
    func leads() throws {
        let found = try firm.hub.ask("technical_review", .quote, "Q-1", as: "dinh.van.g")
        try firm.hub.node.performDuties()
        // Dinh Van G is the only lead of engineering, and asked.
        let management = try firm.users(
            "john.smith",
            "mary.johnson",
            "nguyen.van.a",
            "tran.thi.b",
            "le.van.c"
        )
        #expect(try firm.hub.again(found).progress.currentApprovers == management)
    }

    @Test("FP-083 C-34: policies ship as files; what uses an empty setting is not published")
    func files() throws {
        let fresh = try Firm(seed: 2)
        let path = "\(Sources.top)/fixtures/approvals"
        let file = "\(path)/factory-pulse.json"
        let text = refusalText {
            _ = try fresh.hub.node.importApprovalPolicies(file, by: .machine)
        }
        for setting in ["quote_margin_min", "quote_total_max", "large_spend_min"] {
            #expect(text.contains(setting))
        }
        #expect(try fresh.hub.node.approvalPolicies().isEmpty)
        let again = try firm.hub.node.importApprovalPolicies(
            "\(path)/factory-pulse.json",
            by: .machine
        )
        #expect(again.new == 0 && again.changed == 0)
        #expect(try firm.st1.node.approvalPolicies().count == 8)
    }

    /// Who decides the first step of a new request.
    private func step() throws -> ApprovalStep.Who? {
        let key = "\(firm.hub.node.store.position)"
        let found = try firm.hub.ask("supplier_selection", .supplier, key)
        try firm.hub.node.performDuties()
        let shown = try firm.hub.again(found)
        return shown.progress.steps.first?.step.who
    }

    @Test("FP-083: a published version never changes; the next is a draft until it is published")
    func versions() throws {
        func put(_ version: Int, _ role: String, published: Bool) throws {
            try firm.hub.withFile(
                "p.json",
                """
                {"policies": [{"slug": "supplier", "version": \(version), "name": "Supplier",
                  "published": \(published), "approval_type": "supplier_selection",
                  "steps": [{"step": "one", "role": "\(role)"}]}]}
                """
            ) { path in
                _ = try firm.hub.node.importApprovalPolicies(
                    path,
                    by: firm.hub.actor("nguyen.van.a")
                )
            }
        }
        try put(1, "procurement", published: true)
        let refused = refusalText { try put(1, "finance", published: true) }
        #expect(refused.contains("published"))
        try put(2, "finance", published: false)
        #expect(try step() == .role("procurement", level: 1))
        try put(2, "sales", published: false)
        let manager = try firm.hub.actor("nguyen.van.a")
        _ = try firm.hub.node.publishApprovalPolicy("supplier", version: 2, by: manager)
        #expect(try step() == .role("sales", level: 1))
        #expect(
            refusal {
                _ = try firm.hub.node.publishApprovalPolicy("supplier", version: 2, by: manager)
            } == .published
        )
        try firm.hub.node.setActive(false, approvalPolicy: "supplier", by: manager)
        #expect(try step() == .role("management", level: 1))
        #expect(
            refusal {
                try firm.hub.node.setApprovalSetting(
                    "rate_EUR",
                    "1",
                    by: firm.hub.actor("ly.van.k")
                )
            } == .notAllowed
        )
        #expect(
            refusal {
                try firm.st1.node.setApprovalSetting(
                    "rate_EUR",
                    "1",
                    by: firm.st1.actor("john.smith")
                )
            } == .hubOnly
        )
    }
}
