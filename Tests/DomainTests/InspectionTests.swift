import CRDT
import Domain
import Testing

/// Inspections: requirements, waivers, attempts (DOM-22, DOM-71 to DOM-74, DOM-77).
@Suite("Inspections")
struct InspectionTests {
    private let inspection = id(900)
    private let items = [
        ItemDefinition(item: 1, title: "Label", kind: .visual),
        ItemDefinition(item: 2, title: "Leak", kind: .functional),
    ]

    private func measured(
        _ outcomes: [Int64: [Measurement.Outcome]]
    ) -> (Stream<Measurement>, [Int64: Measured]) {
        var history = History<Measurement>()
        for (item, found) in outcomes.sorted(by: { $0.key < $1.key }) {
            for outcome in found {
                history.add(
                    Measurement(
                        inspection: inspection,
                        of: ItemDefinition(item: item, title: "x"),
                        outcome: outcome,
                        measuredBy: id(1)
                    )
                )
            }
        }
        let byItem = Dictionary(grouping: history.entries) { $0.event.item }
        return (history.stream, byItem.mapValues { Measured(Stream($0)) })
    }

    private func code(_ body: () throws(RuleFault) -> Void) -> RuleFault.Code? {
        do throws(RuleFault) {
            try body()
            return nil
        } catch {
            #expect(!error.message.isEmpty)
            return error.code
        }
    }

    @Test("TV-124 a required photo, document or signature is open until it is there")
    func requirements() {
        var items = items
        items[0].evidence = [.photo, .document, .signature]
        let found = measured([1: [.pass], 2: [.pass]]).1
        let heads = Set((found[1]?.heads ?? []).map(\.id))
        func inspected(_ evidence: [Evidence]) -> Inspected {
            let provided = Evidence.provided(evidence, measured: found)
            return Inspected(items, measured: found, evidence: provided)
        }
        let hash = [UInt8](repeating: 7, count: 32)
        let photo = Evidence(inspection: inspection, item: 1, .photo(hash, name: nil))
        let document = Evidence(inspection: inspection, item: 1, .document(hash, name: "cert"))
        let stale = Evidence(inspection: inspection, item: 1, .signature(by: id(3), of: [id(4)]))
        let signed = Evidence(inspection: inspection, item: 1, .signature(by: id(3), of: heads))

        #expect(inspected([]).result == .pending)
        #expect(inspected([]).status == .inProgress)
        #expect(inspected([photo]).requirements.map(\.kind) == [.document, .signature])
        #expect(inspected([photo, document, stale]).requirements.map(\.kind) == [.signature])
        #expect(inspected([photo, document, signed]).result == .pass)
        for evidence in [photo, document, signed] {
            #expect(Evidence(Fields(of: evidence.operation())) == evidence)
        }
        #expect(Evidence(Fields([:])).kind == nil)
    }

    @Test("TV-124 an optional item asks for its photo once it is measured")
    func optional() {
        var item = ItemDefinition(item: 1, title: "Spare", isRequired: false)
        item.evidence = [.photo]
        #expect(Inspected([item], measured: [:]).requirements.isEmpty)
        let found = measured([1: [.pass]]).1
        #expect(Inspected([item], measured: found).requirements.count == 1)
        let skipped = measured([1: [.notApplicable]]).1
        #expect(Inspected([item], measured: skipped).requirements.isEmpty)
    }

    @Test("TV-122 TV-123 a failed item is waived only by the hub, and only what it named")
    func waived() {
        let found = measured([1: [.pass], 2: [.fail]]).1
        let failing = found[2]?.failing ?? []
        func inspected(_ waivers: [(Waiver, [Int])]) -> Inspected {
            var history = History<Waiver>()
            for (waiver, seen) in waivers { history.add(waiver, seen: seen) }
            return Inspected(items, measured: found, waivers: Waivers(history.stream))
        }
        func waiver(_ decision: Waiver.Decision?) -> Waiver {
            Waiver(inspection: inspection, accepts: failing, decision, reason: "cosmetic")
        }

        #expect(inspected([(waiver(nil), [])]).result == .fail)
        let waived = inspected([(waiver(nil), []), (waiver(.waived), [0])])
        #expect(waived.result == .waived)
        #expect(waived.status == .waived)
        #expect(waived.waived == [2])
        #expect(waived.failed.isEmpty)
        #expect(waived.passBasisPoints == 10_000)
        #expect(waived.shown(declared: "FAIL") == "FAIL")
        #expect(inspected([(waiver(.conditionalPass), [])]).result == .conditionalPass)
        let both = [(waiver(.waived), []), (waiver(.conditionalPass), [])] as [(Waiver, [Int])]
        #expect(inspected(both).result == .conditionalPass)
        let other = Waiver(inspection: inspection, accepts: [id(5)], .waived, reason: "x")
        #expect(inspected([(other, [])]).result == .fail)
    }

    @Test("TV-122 a refusal beside a waiver wins; a waiver that saw it counts again")
    func refused() {
        let ids: Set<ID> = [id(1)]
        func waivers(_ decisions: [(Waiver.Decision?, [Int])]) -> Waivers {
            var history = History<Waiver>()
            for (decision, seen) in decisions {
                let waiver = Waiver(inspection: inspection, accepts: ids, decision, reason: "x")
                history.add(waiver, seen: seen)
            }
            return Waivers(history.stream)
        }
        #expect(waivers([(.waived, []), (.refused, [])]).accepted.isEmpty)
        #expect(waivers([(.waived, []), (.refused, [0])]).accepted.isEmpty)
        #expect(waivers([(.refused, []), (.waived, [0])]).accepted == [id(1): .waived])
        #expect(waivers([(nil, [])]).asked.count == 1)
        #expect(waivers([(nil, []), (.refused, [0])]).asked.isEmpty)
    }

    @Test("TV-122 a waiver that no hub wrote is a request")
    func forged() {
        let waiver = Waiver(inspection: inspection, accepts: [id(1)], .waived, reason: "please")
        let counted = Catalogue.schema.counted(
            waiver.operation(),
            in: .subject(id(1)),
            isHub: false,
            naturalID: { _, _ in .zero }
        )
        guard case .counts(let rest) = counted else {
            Issue.record("\(counted)")
            return
        }
        #expect(Waiver(Fields(of: rest)).decision == nil)
        #expect(Waiver(Fields(of: waiver.operation())) == waiver)
        let newer = Waiver(Fields([Waiver.decisionField: .text("SPLENDID")]))
        #expect(newer.decision == .refused)
    }

    @Test("S-03 TV-129 what is measured after a waiver is not waived")
    func later() {
        let found = measured([1: [.pass], 2: [.pass, .fail]]).1
        let heads = found[2]?.heads ?? []
        var history = History<Waiver>()
        history.add(
            Waiver(inspection: inspection, accepts: [heads[0].id], .waived, reason: "x")
        )
        let half = Inspected(items, measured: found, waivers: Waivers(history.stream))
        #expect(half.result == .fail)
        #expect(half.conflicts == [2])
        #expect(half.passBasisPoints == 5_000)
        history.add(
            Waiver(inspection: inspection, accepts: [heads[1].id], .waived, reason: "x")
        )
        let whole = Inspected(items, measured: found, waivers: Waivers(history.stream))
        #expect(whole.result == .waived)
    }

    @Test("TV-122 TV-129 the words of a checklist, and an open critical defect fails it")
    func status() {
        func inspected(_ outcomes: [Int64: [Measurement.Outcome]], critical: Int = 0) -> Inspected {
            Inspected(items, measured: measured(outcomes).1, criticalDefects: critical)
        }
        #expect(inspected([:]).status == .pending)
        #expect(inspected([1: [.pass]]).status == .inProgress)
        #expect(inspected([1: [.pass], 2: [.pass]]).status == .passed)
        #expect(inspected([1: [.fail]]).status == .failed)
        #expect(inspected([1: [.pass], 2: [.pass]], critical: 1).result == .fail)
        #expect(Inspection.results == ["PASS", "WAIVED", "CONDITIONAL_PASS", "PENDING", "FAIL"])
    }

    @Test("TV-120 TV-126 a new attempt follows a failed one, whatever version of the plan it had")
    func attempts() throws {
        let inspector = Standing(user: id(1), levels: ["qa": 1])
        func standing(_ version: Int64, _ attempt: Int64, _ shown: String) -> InspectionStanding {
            InspectionStanding(
                id(UInt64(version)),
                build: "B-1",
                plan: "FINAL_QC",
                version: version,
                attempt: attempt,
                shown: shown
            )
        }
        func next(_ inspections: [InspectionStanding]) throws -> Int64 {
            try InspectionRules.nextAttempt(
                by: "FINAL_QC",
                of: "B-1",
                after: inspections,
                person: inspector
            )
        }
        #expect(try next([]) == 1)
        #expect(try next([standing(3, 1, "FAIL")]) == 2)
        #expect(try next([standing(3, 1, "FAIL"), standing(4, 2, "FAIL")]) == 3)
        for shown in ["PENDING", "PASS", "WAIVED", "CONDITIONAL_PASS"] {
            let fault = #expect(throws: RuleFault.self) { try next([standing(3, 1, shown)]) }
            #expect(fault?.code == .wrongOrder)
        }
    }

    @Test("TV-124 TV-130 what evidence and waivers need")
    func needs() {
        let found = measured([1: [.fail]]).1[1]
        let own = Standing(user: id(3), levels: ["qa": 3])
        func fault(_ content: Evidence.Content, _ shown: Measured?) -> RuleFault.Code? {
            code { () throws(RuleFault) in
                let evidence = Evidence(inspection: inspection, item: 1, content)
                try InspectionRules.check(evidence, of: shown, by: own)
            }
        }
        let heads = Set((found?.heads ?? []).map(\.id))
        #expect(fault(.photo([1], name: nil), found) == .unknownValue)
        #expect(fault(.photo([UInt8](repeating: 1, count: 32), name: ""), found) == .empty)
        #expect(fault(.signature(by: id(4), of: heads), found) == .notAllowed)
        #expect(fault(.signature(by: id(3), of: []), found) == .wrongOrder)
        #expect(fault(.signature(by: id(3), of: []), Measured(Stream([]))) == .empty)
        #expect(fault(.signature(by: id(3), of: heads), found) == nil)
        #expect(fault(.unknown, found) == .unknownValue)
        #expect(fault(.signature(by: id(3), of: heads), nil) == .unknownItem)

        func waiving(
            _ ids: Set<ID>,
            _ decision: Waiver.Decision? = nil,
            reason: String = "x",
            isHub: Bool = false
        ) -> RuleFault.Code? {
            code { () throws(RuleFault) in
                let waiver = Waiver(inspection: inspection, accepts: ids, decision, reason: reason)
                try InspectionRules.check(waiver, failing: heads, isHub: isHub, by: own)
            }
        }
        #expect(waiving(heads) == nil)
        #expect(waiving([]) == .empty)
        #expect(waiving([id(8)]) == .wrongOrder)
        #expect(waiving(heads, reason: " ") == .reasonRequired)
        #expect(waiving(heads, .waived) == .hubOnly)
        #expect(waiving(heads, .waived, isHub: true) == nil)
        #expect(waiving(heads, .conditionalPass, isHub: true) == .reasonRequired)
    }
}
