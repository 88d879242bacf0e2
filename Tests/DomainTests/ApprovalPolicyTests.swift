import CRDT
import Domain
import Testing

@Suite("Approval policies")
struct ApprovalPolicyTests {
    private func number(_ text: String) -> DecimalNumber? { try? DecimalNumber(typed: text) }

    private func settings(_ values: [String: String] = [:]) -> ApprovalSettings {
        ApprovalSettings(values.compactMapValues(number))
    }

    private func facts(_ values: [ApprovalFact: String]) -> ApprovalFacts {
        ApprovalFacts(
            Dictionary(
                values.compactMap { fact, text in
                    ApprovalFacts.Value(text, of: fact.kind).map { (fact, $0) }
                }
            ) { first, _ in first }
        )
    }

    private func outline(_ edit: (inout ApprovalOutline) -> Void = { _ in }) -> ApprovalOutline {
        var outline = ApprovalOutline("quote", version: 1, "quote_approval")
        outline.steps = [ApprovalStep("sales", order: 1, .role("sales", level: 2))]
        outline.isPublished = true
        edit(&outline)
        return outline
    }

    private func ask(_ amount: String? = nil, priority: String = "normal") -> ApprovalAsk {
        var ask = ApprovalAsk(ApprovalSubject(.quote, "Q-1"), "quote_approval", by: id(1), at: 0)
        ask.amount = amount.flatMap(number)
        ask.priority = priority
        return ask
    }

    // MARK: - Conditions

    @Test(
        "FP-097: a condition is a fact, an operator and a literal, and each operator is exact",
        arguments: [
            ("amount = 5000.00", true), ("amount != 5000", false), ("amount < 5000.01", true),
            ("amount < 5000", false), ("amount <= 5000", true), ("amount > 4999.99", true),
            ("amount > 5000", false), ("amount >= 5000", true), ("amount >= 5000.01", false),
            ("ctq = yes", true), ("ctq != yes", false), ("ctq = no", false),
            ("priority = urgent", true), ("priority != urgent", false),
            ("amount >= $large_spend_min", true), ("amount > $large_spend_min", false),
        ]
    )
    func operators(text: String, isMet: Bool) throws {
        let condition = try #require(ApprovalCondition(text))
        let known = facts([.amount: "5000", .ctq: "yes", .priority: "urgent"])
        let settings = settings(["large_spend_min": "5000"])

        #expect(condition.fault(settings) == nil)
        #expect(condition.isMet(by: known, settings) == isMet)
        #expect(condition.text == text)
    }

    @Test("DOM-192: what is not known meets every condition, for conditions only add people")
    func unknown() {
        for fact in ApprovalFact.allCases {
            for comparison in ApprovalCondition.Comparison.allCases {
                let condition = ApprovalCondition(fact.rawValue, comparison.rawValue, "1")
                #expect(condition.isMet(by: ApprovalFacts(), settings()))
            }
        }
        #expect(ApprovalCondition("colour", "=", "red").isMet(by: ApprovalFacts(), settings()))
    }

    @Test(
        "FP-097: what is not of the language is refused when it is to be published",
        arguments: [
            "colour = red", "amount ~ 5", "amount = five", "ctq > yes", "ctq = maybe",
            "priority < high", "priority = soon", "amount > $budget", "ctq = $large_spend_min",
            "amount > 1,000",
        ]
    )
    func refused(text: String) throws {
        let condition = try #require(ApprovalCondition(text))
        #expect(condition.fault(settings(["large_spend_min": "1"])) != nil)
        let policy = outline { $0.when = ApprovalConditions([[condition]]) }
        #expect(!policy.faults(roles: ["sales"], settings()).isEmpty)
    }

    @Test("C-34: a policy is not published while a setting that it uses is empty")
    func emptySettings() {
        for name in ApprovalSettings.limits {
            let condition = ApprovalCondition("amount", ">", "$\(name)")
            let policy = outline { $0.stepsWhen["sales"] = ApprovalConditions([[condition]]) }
            let faults = policy.faults(roles: ["sales"], settings())
            #expect(faults.count == 1 && faults[0].contains(name))
            #expect(policy.faults(roles: ["sales"], settings([name: "0"])).isEmpty)
        }
    }

    @Test("FP-083: a policy that cannot be followed says everything that is wrong with it")
    func faults() {
        let bad = outline { policy in
            policy.steps = [
                ApprovalStep("a", order: 1, .role("nobody", level: 4), people: 9, method: 2),
                ApprovalStep("a", order: 1, .unknown("computer")),
            ]
            policy.approvalType = "holiday"
            policy.hours = ["soon": 0]
            policy.expiryDays = 0
            policy.tiers = [
                ApprovalTier(upTo: number("5"), steps: ["b"]),
                ApprovalTier(upTo: number("5.0"), steps: ["a"]),
            ]
        }
        let text = bad.faults(roles: ["sales"], settings()).joined(separator: "\n")
        for part in [
            "no approval type holiday", "no role nobody", "levels", "8 people", "method 4",
            "stands twice", "called computer", "soon is no priority", "hours are", "expires after",
            "no bound", "one bound", "no step b",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test("FP-083: a policy is the same after it went through a record")
    func record() throws {
        let policy = outline { policy in
            policy.name = "Quote"
            policy.subjectType = .quote
            policy.mode = .parallel
            policy.steps += [
                ApprovalStep("pm", order: 2, .projectManager, people: 2, method: 5),
                ApprovalStep("above", order: 3, .managerChain),
            ]
            policy.when =
                ApprovalConditions(lines: ["amount > 5 and ctq = yes", "expedited = yes"])
                ?? ApprovalConditions()
            policy.stepsWhen["pm"] = ApprovalConditions(lines: ["margin_percent < 15"])
            policy.tiers = [
                ApprovalTier(upTo: number("500"), steps: []),
                ApprovalTier(upTo: nil, steps: ["sales", "pm"]),
            ]
            policy.hours = ["urgent": 8, "low": 96]
            (policy.expiryDays, policy.remindHours, policy.reassigns) = (30, 2, true)
            policy.precedence = 3
        }
        let operation = Operation(ApprovalPolicy.number, .new, edits: policy.values.edits)

        #expect(ApprovalOutline(Fields(of: operation)) == policy)
    }

    // MARK: - Routes

    @Test(
        "AD-016: the tiers' bounds are included, to the last cent",
        arguments: [
            ("0", []), ("500.00", []), ("500.01", ["pm"]), ("5000.00", ["pm"]),
            ("5000.01", ["pm", "director"]), ("25000.00", ["pm", "director"]),
            ("25000.01", ["pm", "director", "finance"]),
        ] as [(String, [String])]
    )
    func tiers(amount: String, steps: [String]) throws {
        let policy = outline { policy in
            policy.steps = [
                ApprovalStep("pm", order: 1, .role("production_manager", level: 1)),
                ApprovalStep("director", order: 2, .role("event_director", level: 1)),
                ApprovalStep("finance", order: 3, .role("finance", level: 1)),
            ]
            policy.tiers = [
                ApprovalTier(upTo: number("500"), steps: []),
                ApprovalTier(upTo: number("5000"), steps: ["pm"]),
                ApprovalTier(upTo: number("25000"), steps: ["pm", "director"]),
                ApprovalTier(upTo: nil, steps: ["pm", "director", "finance"]),
            ]
        }
        let route = ApprovalRoute(
            of: ask(amount),
            ask(amount).facts(amount: number(amount)),
            amount: number(amount),
            among: [policy],
            settings()
        )
        #expect(route.steps.map(\.slug) == steps)
        let unknown = ApprovalRoute(
            of: ask(amount),
            ApprovalFacts(),
            amount: nil,
            among: [policy],
            settings()
        )
        #expect(unknown.steps.count == 3)
    }

    @Test("C-35: an amount of another currency is converted exactly, and without a rate unknown")
    func currencies() {
        let settings = settings(["rate_EUR": "1.0825"])
        let euros = ApprovalAmount(number("461.89"), in: "EUR", tenant: "USD", settings)
        #expect(euros.converted?.description == "499.995925")
        #expect(euros.rate == number("1.0825"))
        #expect(ApprovalAmount(number("5"), in: "JPY", tenant: "USD", settings).converted == nil)
        #expect(ApprovalAmount(number("5"), in: nil, tenant: "USD", settings).converted != nil)
        #expect(ApprovalAmount(number("5"), in: "USD", tenant: "USD", settings).rate == nil)
        let much = ApprovalAmount(
            DecimalNumber(mantissa: .max, scale: 2),
            in: "EUR",
            tenant: "USD",
            settings
        )
        #expect(much.converted == nil)
    }

    @Test("C-19: hours are those of the policy, else of the tenant, else 8, 24, 48 and 96")
    func hours() {
        func hours(
            _ priority: String,
            _ policy: ApprovalOutline,
            _ settings: ApprovalSettings
        )
            -> Int64
        {
            let ask = ask(priority: priority)
            return ApprovalRoute(
                of: ask,
                ask.facts(amount: nil),
                amount: nil,
                among: [policy],
                settings
            ).hours
        }
        for (priority, expected) in ["urgent": 8, "high": 24, "normal": 48, "low": 96] {
            #expect(hours(priority, outline(), settings()) == Int64(expected))
        }
        #expect(hours("low", outline(), settings(["sla_hours_low": "120"])) == 120)
        let own = outline { $0.hours = ["low": 200] }
        #expect(hours("low", own, settings(["sla_hours_low": "120"])) == 200)
    }

    @Test("DOM-195: the newest published version of the policy of greatest precedence is followed")
    func choice() {
        func policy(
            _ slug: String,
            _ version: Int64,
            _ edit: (inout ApprovalOutline) -> Void = { _ in }
        ) -> ApprovalOutline {
            var policy = ApprovalOutline(slug, version: version, "quote_approval")
            policy.steps = [ApprovalStep("\(slug)\(version)", order: 1, .projectManager)]
            policy.isPublished = true
            edit(&policy)
            return policy
        }
        func first(_ policies: [ApprovalOutline]) -> String? {
            ApprovalRoute(
                of: ask("50"),
                ask("50").facts(amount: number("50")),
                amount: number("50"),
                among: policies,
                settings()
            ).steps.first?.slug
        }
        let large = ApprovalConditions(lines: ["amount > 100"]) ?? ApprovalConditions()

        #expect(first([policy("b", 1), policy("b", 2) { $0.isPublished = false }]) == "b1")
        #expect(first([policy("b", 1), policy("b", 2)]) == "b2")
        #expect(first([policy("b", 1), policy("a", 1)]) == "a1")
        #expect(first([policy("a", 1), policy("b", 1) { $0.precedence = 1 }]) == "b1")
        #expect(first([policy("a", 1) { $0.when = large }, policy("b", 1)]) == "b1")
        #expect(first([policy("a", 1) { $0.subjectType = .bom }]) == "management")
        #expect(first([policy("a", 1) { $0.isActive = false }]) == "management")
        #expect(first([]) == "management")
    }

    @Test("DOM-195: conditions never take everybody away; a tier without steps does")
    func neverNobody() {
        let never = ApprovalConditions(lines: ["amount < 0"]) ?? ApprovalConditions()
        let policy = outline { $0.stepsWhen["sales"] = never }
        let route = ApprovalRoute(
            of: ask("50"),
            ask("50").facts(amount: number("50")),
            amount: number("50"),
            among: [policy],
            settings()
        )
        #expect(route.steps.map(\.slug) == ["sales"])
    }

    // MARK: - Revisions and events

    @Test("P13: any word, amount or document of a request makes another revision of it")
    func revisions() {
        var changed: [ApprovalAsk] = []
        func vary(_ edit: (inout ApprovalAsk) -> Void) {
            var other = ask("10")
            edit(&other)
            changed.append(other)
        }
        vary { _ in }
        vary { $0.amount = number("10.0") }
        vary { $0.currency = "USD" }
        vary { $0.vendor = "Sound Co" }
        vary { $0.partOf = "Sound Co" }
        vary { $0.facts.values[.ctq] = .flag(true) }
        vary { $0.attachments = [ApprovalEvidence("a", [1])] }
        vary { $0.attachments = [ApprovalEvidence("a", [2])] }
        vary { $0.replaces = [id(5)] }
        changed.append(
            ApprovalAsk(ApprovalSubject(.quote, "Q-2"), "quote_approval", by: id(1), at: 0)
        )
        #expect(Set(changed.map { SubjectRevision($0) }).count == changed.count)
        #expect(SubjectRevision(ask("10")) == SubjectRevision(changed[0]))
    }

    @Test("P13: a sub-stage is another revision after a block, a rejection and a reopening")
    func subStageRevisions() {
        var history = History<ProgressStep>()
        func revision() -> SubjectRevision {
            SubjectRevision(ofSubStage: "assembly", history.stream)
        }
        let first = revision()
        history.add(.start)
        history.add(.finish(needsApproval: true, revision: [1]), seen: [0])
        #expect(revision() == first)
        var known = [first]
        for action in [
            .block, .unblock([history[1]]), .reject(revision: [1]), .reopen,
        ] as [ProgressStep.Action] {
            history.add(action, seen: Array(history.entries.indices))
            #expect(!known.contains(revision()))
            known.append(revision())
        }
    }

    @Test("FP-087: the actions are the eight of the source, and what hubs add")
    func actions() {
        let eight = [
            "request", "assign", "reassign", "approve", "reject", "comment", "escalate", "cancel",
        ]
        let known = Set(ApprovalEvent.Action.allCases.map(\.rawValue))
        #expect(known == Set(eight + ["delegate_used", "expire", "remind", "outdated"]))
    }

    @Test("FP-085 FP-088: the types of approval and the priorities are those of the source")
    func types() {
        let seven = [
            "technical_review", "quote_approval", "po_approval", "supplier_selection",
            "quality_review", "shipment_release", "final_signoff",
        ]
        #expect(Array(ApprovalRequest.types.prefix(7)) == seven)
        for type in [
            "bom_approval", "order_approval", "qc_waiver", "advance_item", "document_release",
            "task_signoff",
        ] {
            #expect(ApprovalRequest.types.contains(type))
        }
        #expect(Project.priorities == ["low", "normal", "high", "urgent"])
    }

    @Test("C-26 C-77: subjects are understood by the names of every source")
    func aliases() {
        for word in ["progress", "project_sub_stage", "PROJECT_SUB_STAGE_PROGRESS"] {
            #expect(ApprovalSubject.Kind(word: word) == .progress)
        }
        #expect(ApprovalSubject.Kind(word: "po") == .purchaseOrder)
        #expect(ApprovalSubject.Kind(word: "advance_item") == .advanceItem)
        #expect(ApprovalSubject.Kind(word: "horse") == nil)
    }

    @Test(
        "FP-087 S-16: a decision that no hub wrote does not count; a comment does",
        arguments: ApprovalEvent.Action.allCases
    )
    func hubOnly(action: ApprovalEvent.Action) {
        var event = ApprovalEvent(id(9), action)
        (event.step, event.by, event.signature) = ("one", id(2), [1, 2])
        let counted = Catalogue.schema.counted(
            event.operation(),
            in: .subject(id(1)),
            isHub: false,
            naturalID: { _, _ in .zero }
        )
        guard case .counts(let rest) = counted else {
            Issue.record("\(counted)")
            return
        }
        let isForAll = action == .request || action == .comment
        #expect(ApprovalEvent(Fields(of: rest)).action == (isForAll ? action : nil))
        #expect(ApprovalEvent(Fields(of: event.operation())) == event)
    }
}
