import CRDT
import Domain
import Testing

/// Measurement, inspection and gate together.
@Suite("Quality scenarios")
struct QualityScenarioTests {
    @Test("S-03 TV-130 two measurements apart hold the stage until a third has seen both")
    func scenario() throws {
        let limit = Tolerance(high: try DecimalNumber(typed: "0.50"))
        let leak = ItemDefinition(
            item: 4,
            title: "Leak test",
            unit: "ml/min",
            tolerance: limit,
            kind: .measurement
        )
        let plan = CheckPlan(
            "FINAL_QC",
            version: 3,
            phase: "FINAL_QC",
            name: "Final inspection",
            holds: ["QUALITY_CONTROL"],
            items: [leak]
        )
        var history = History<Measurement>()
        func measure(_ typed: String, seen: [Int], time: UInt64) throws {
            let judged = try QualityRules.judge(typed, for: leak)
            let found = Measurement(
                inspection: id(900),
                of: leak,
                outcome: try #require(judged.outcome),
                value: judged.value,
                measuredBy: id(1)
            )
            history.add(found, seen: seen, time: time)
        }
        func gate() -> QualityGate {
            let inspected = Inspected(plan.items, measured: [4: Measured(history.stream)])
            return QualityGate(
                of: "QUALITY_CONTROL",
                plans: [plan],
                builds: ["B-2025-0007"],
                inspections: [
                    InspectionStanding(
                        id(900),
                        build: "B-2025-0007",
                        plan: "FINAL_QC",
                        version: 3,
                        attempt: 1,
                        shown: inspected.shown(declared: nil)
                    )
                ],
                defects: [:]
            )
        }

        try measure("0,42", seen: [], time: 16_000)
        #expect(!gate().isHeld)
        try measure("0,71", seen: [], time: 14_000)
        #expect(gate().isHeld)
        #expect(gate().reasons.first?.words == "FINAL_QC of B-2025-0007 is FAIL")
        try measure("0,44", seen: [0, 1], time: 15_000)
        #expect(!gate().isHeld)
        #expect(Measured(history.stream).count == 3)
    }
}
