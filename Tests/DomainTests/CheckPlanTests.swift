import CRDT
import Domain
import Testing

/// Check plans and the gates they keep (DOM-75 to DOM-79).
@Suite("Check plans")
struct CheckPlanTests {
    private let lead = Standing(user: id(1), levels: ["qa": 3])

    private func plan(version: Int64 = 1) throws -> CheckPlan {
        var voltage = ItemDefinition(
            item: 3,
            title: "Supply voltage",
            unit: "V",
            tolerance: Tolerance(
                low: try DecimalNumber(typed: "23.5"),
                high: try DecimalNumber(typed: "24.5"),
                excludesHigh: true
            ),
            kind: .measurement
        )
        voltage.nominal = try DecimalNumber(typed: "24.0")
        voltage.sampling = .init(size: 5, accepted: 1)
        voltage.evidence = [.photo, .signature]
        voltage.tools = ["multimeter"]
        return CheckPlan(
            "FINAL_QC",
            version: version,
            phase: "FINAL_QC",
            name: "Final inspection",
            holds: ["quality_testing"],
            items: [voltage, ItemDefinition(item: 1, title: "Label", kind: .visual)]
        )
    }

    private func fields(_ values: FieldValues) -> Fields {
        Fields(of: Operation(1, .event, edits: values.edits))
    }

    private func fault(_ plan: CheckPlan, latest: Int64? = nil) -> RuleFault.Code? {
        do throws(RuleFault) {
            try plan.check(latest: latest, by: lead)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("TV-125 a plan of more items than a list holds travels, and has all that name it")
    func long() throws {
        let items = (1...40).map { ItemDefinition(item: $0, title: "Port \($0)", kind: .visual) }
        let plan = CheckPlan(
            "LEAK",
            version: 1,
            phase: "FINAL_QC",
            name: "Ports",
            holds: [],
            items: items
        )
        let read = items.map { fields($0.values(process: "LEAK", version: 1)) }

        #expect(fault(plan) == nil)
        #expect(fields(plan.values).list(QualityProcess.items).isEmpty)
        #expect(CheckPlan(fields(plan.values), items: read) == plan)
    }

    @Test("TV-125 a plan reads as it was written, with its items and no other")
    func written() throws {
        let plan = try plan()
        var items = plan.items.map { fields($0.values(process: "FINAL_QC", version: 1)) }
        let late = ItemDefinition(item: 9, title: "Slipped in")
        items.append(fields(late.values(process: "FINAL_QC", version: 1)))
        items.append(fields(late.values(process: "FINAL_QC", version: 2)))

        #expect(CheckPlan(fields(plan.values), items: items) == plan)
        #expect(CheckPlan(fields(plan.values), items: items.dropFirst()) == nil)
        #expect(plan.next.version == 2)
        #expect(plan.next.items == plan.items)
    }

    @Test("TV-125 a plan of an older file has all its items; its limits that cannot be read fail")
    func older() throws {
        let process = Fields([
            QualityProcess.code: .text("P"), QualityProcess.version: .integer(1),
        ])
        let item = Fields([
            QualityItem.process: .text("P"), QualityItem.processVersion: .integer(1),
            QualityItem.item: .integer(1), QualityItem.high: .decimal(mantissa: 1, scale: 99),
        ])
        let plan = try #require(CheckPlan(process, items: [item]))
        #expect(plan.passThreshold == 10_000)
        #expect(plan.estimatedMinutes == 30)
        let limits = try #require(plan.items.first).tolerance
        #expect(!limits.isEmpty)
        #expect(!limits.admits(try DecimalNumber(typed: "0")))
    }

    @Test("TV-121 TV-125 what publishing a version needs")
    func publishing() throws {
        let plan = try plan()
        func changed(_ change: (inout CheckPlan) -> Void) -> RuleFault.Code? {
            var copy = plan
            change(&copy)
            return fault(copy)
        }
        #expect(fault(plan) == nil)
        #expect(fault(plan, latest: 1) == .wrongOrder)
        #expect(fault(plan.next, latest: 1) == nil)
        #expect(fault(plan.next.next, latest: 1) == .wrongOrder)
        for phase in ["INCOMING", "PRE_QC", "IN_PROCESS", "FINAL_QC", "PACKAGING"] {
            #expect(changed { $0.phase = phase } == nil)
        }
        #expect(changed { $0.phase = "FINAL" } == .unknownValue)
        #expect(changed { $0.passThreshold = 10_001 } == .outOfRange)
        #expect(changed { $0.items = [] } == .empty)
        #expect(changed { $0.items.append(plan.items[0]) } == .duplicateItem)
        #expect(changed { $0.name = String(repeating: "n", count: 10_000) } == .tooLong)
        let one = try DecimalNumber(typed: "1")
        let two = try DecimalNumber(typed: "2")
        let crossed = Tolerance(low: two, high: one)
        let items: [(ItemDefinition, RuleFault.Code)] = [
            (ItemDefinition(item: 0, title: "x"), .outOfRange),
            (ItemDefinition(item: 7, title: " "), .empty),
            (ItemDefinition(item: 7, title: "x", unit: "V", tolerance: crossed), .badLimits),
            (ItemDefinition(item: 7, title: "x", kind: .measurement), .empty),
            (
                ItemDefinition(
                    item: 7,
                    title: "x",
                    tolerance: Tolerance(low: one),
                    kind: .visual
                ), .badLimits
            ),
        ]
        for (item, code) in items {
            #expect(changed { $0.items.append(item) } == code)
        }
        var outside = plan.items[1]
        outside.nominal = two
        #expect(changed { $0.items[1] = outside } == .badLimits)
        let stranger = Standing(user: id(2), levels: ["qa": 2])
        let refused = #expect(throws: RuleFault.self) {
            try plan.check(latest: nil, by: stranger)
        }
        #expect(refused?.code == .notAllowed)
    }

    @Test("TV-127 the kinds of item have the names of both seeds")
    func kinds() {
        #expect(ItemDefinition.Kind(word: "VISUAL_INSPECTION") == .visual)
        #expect(ItemDefinition.Kind(word: "FUNCTIONAL_TEST") == .functional)
        #expect(ItemDefinition.Kind(word: "DOCUMENTATION") == .documentation)
        #expect(ItemDefinition.Kind(word: "MEASUREMENT") == .measurement)
        #expect(ItemDefinition.Kind(word: "TASTE") == nil)
    }

    @Test("TV-123 TV-127 what a measurement needs, by the kind of its item")
    func measuring() throws {
        let plan = try plan()
        func fault(_ item: Int, _ change: (inout Measurement) -> Void) throws -> RuleFault.Code? {
            let definition = plan.items[item]
            var found = Measurement(
                inspection: id(1),
                of: definition,
                outcome: .pass,
                value: item == 1 ? try DecimalNumber(typed: "24.1") : nil,
                measuredBy: id(1)
            )
            change(&found)
            let shown = Measured(Stream([]))
            do throws(RuleFault) {
                try QualityRules.check(found, of: definition, shown: shown, by: lead)
                return nil
            } catch { return error.code }
        }
        #expect(try fault(1) { _ in } == nil)
        #expect(try fault(1) { $0.sample = 5 } == nil)
        #expect(try fault(1) { $0.sample = 6 } == .unknownSample)
        #expect(try fault(1) { $0.value = nil } == .empty)
        #expect(try fault(1) { $0.unit = "mV" } == .wrongUnit)
        #expect(try fault(1) { $0.value = try? DecimalNumber(typed: "24.50") } == .outcomeDiffers)
        #expect(try fault(0) { $0.outcomeText = "FAIL" } == .reasonRequired)
        #expect(
            try fault(0) {
                $0.outcomeText = "FAIL"
                $0.comment = "torn"
            } == nil
        )
        #expect(try fault(0) { $0.outcomeText = "NA" } == .reasonRequired)
        #expect(try fault(0) { $0.outcomeText = "PASSED" } == .unknownValue)
        var odd = Measurement(
            inspection: id(1),
            of: plan.items[1],
            outcome: .pass,
            value: try DecimalNumber(typed: "24.5"),
            sample: 3,
            measuredBy: id(1)
        )
        odd.comment = "at the edge"
        #expect(Measurement(Fields(of: odd.operation())) == odd)
        #expect(odd.outcome == .fail)
    }

    private func standing(
        _ version: Int64,
        _ attempt: Int64,
        _ shown: String,
        build: String = "B-1"
    ) -> InspectionStanding {
        InspectionStanding(
            id(UInt64(version * 10 + attempt)),
            build: build,
            plan: "FINAL_QC",
            version: version,
            attempt: attempt,
            shown: shown
        )
    }

    @Test(
        "S-03 TV-130 quality holds what its plans name until the last attempt has passed",
        arguments: [
            ([], true), ([(3, 1, "PENDING")], true), ([(3, 1, "FAIL")], true),
            ([(3, 1, "PASS")], false), ([(3, 1, "WAIVED")], false),
            ([(3, 1, "CONDITIONAL_PASS")], false), ([(3, 1, "CURSED")], true),
            ([(3, 1, "FAIL"), (4, 2, "PASS")], false), ([(3, 1, "PASS"), (4, 2, "FAIL")], true),
            ([(3, 1, "PASS"), (4, 1, "FAIL")], true),
        ] as [([(Int64, Int64, String)], Bool)]
    )
    func gate(inspections: [(Int64, Int64, String)], isHeld: Bool) throws {
        let plans = [try plan()]
        func gate(_ slug: String?) -> QualityGate {
            QualityGate(
                of: slug,
                plans: plans,
                builds: ["B-1"],
                inspections: inspections.map { standing($0.0, $0.1, $0.2) },
                defects: [:]
            )
        }
        #expect(gate("quality_testing").isHeld == isHeld)
        #expect(gate(nil).isHeld == isHeld)
        #expect(!gate("packaging").isHeld)
    }

    @Test("TV-128 a critical defect holds every stage; one build does not speak for another")
    func reasons() throws {
        var minor = History<DefectStep>()
        minor.add(DefectStep("D-2", .reclassify(.minor, isDecided: false)))
        let gate = QualityGate(
            of: "quality_testing",
            plans: [try plan()],
            builds: ["B-2", "B-1"],
            inspections: [standing(3, 1, "PASS")],
            defects: [
                "D-1": DefectProgress(Stream([])),
                "D-2": DefectProgress(minor.stream),
            ]
        )
        #expect(
            gate.reasons == [
                .missing(plan: "FINAL_QC", build: "B-2"), .criticalDefect("D-1"),
            ]
        )
        let fault = #expect(throws: RuleFault.self) { try gate.check() }
        #expect(fault?.code == .qualityHolds)
        #expect(fault?.message.contains("D-1") == true)
    }

    @Test("FP-141 TV-129 the pass rate counts what is decided, and rounds down")
    func passRate() {
        #expect(PassRate.basisPoints(of: []) == nil)
        #expect(PassRate.basisPoints(of: ["PENDING"]) == nil)
        let shown = ["PASS", "FAIL", "PENDING", "WAIVED", "CURSED", "FAIL"]
        #expect(PassRate.basisPoints(of: shown) == 4_000)
        #expect(PassRate.basisPoints(of: ["PASS", "PASS", "FAIL"]) == 6_666)
    }
}
