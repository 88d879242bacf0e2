import CRDT
import Domain
import Node
import Testing

/// S-03: one item passes at a station and fails at another, apart.
@Suite("S-03 QC pass and QC fail measured concurrently")
struct MeasuredApartTests {
    private static let name = InspectionName(Firm.project, "FINAL_QC")

    /// Item 4 is measured at ST-1 at 14:00 and at TEC-7 at 14:05, apart; then all meet.
    ///
    /// The skew is how far ST-1's clock is ahead, milliseconds.
    private func measured(skew: Int64 = 0) throws -> Firm {
        let firm = try Firm()
        let build = InspectionName(Firm.project, "FINAL_QC", build: "B-2025-0007")
        _ = try firm.st1.node.openInspection(build, by: firm.st1.actor("bui.thi.h"))
        try firm.meetAll()
        for item in [1, 2] as [Int64] {
            try measure(item, "pass", at: firm.st1, as: "ngo.van.i")
        }
        try measure(3, "24.1", at: firm.st1, as: "ngo.van.i")
        try firm.meetAll()
        firm.st1.clockError = skew
        firm.at("14:00")
        try measure(4, "0.42", at: firm.st1, as: "ngo.van.i")
        firm.at("14:05")
        try measure(4, "0.71", at: firm.tec7, as: "bui.thi.h")
        try firm.meetAll()
        return firm
    }

    private func measure(
        _ item: Int64,
        _ found: String,
        at station: Station,
        as user: String
    ) throws {
        try station.node.measure(
            item,
            of: Self.name,
            LocalNode.Finding(found),
            by: station.actor(user)
        )
    }

    @Test("S-03 both measurements are kept, the item is in conflict, counted as failed")
    func conflict() throws {
        let firm = try measured()

        for station in firm.all {
            let item = try #require(try station.node.inspection(Self.name)[4])
            #expect(item.measured.result == .conflict)
            #expect(item.measured.result.countsAsFail)
            let values = item.measured.heads.compactMap(\.measurement.value?.description)
            #expect(values == ["0.42", "0.71"])
            #expect(item.measured.heads.map(\.measurement.outcome) == [.pass, .fail])
        }
        #expect(try firm.hub.conflicts(.measurement).map(\.shown) == ["0.71 ml/min FAIL"])
    }

    @Test("S-03 the inspection is FAIL, and the item lacks in the share that passed")
    func failed() throws {
        let firm = try measured()

        let inspection = try firm.hub.node.inspection(Self.name)

        #expect(inspection.result == "FAIL")
        #expect(inspection.inspected.failed == [4])
        #expect(inspection.inspected.passBasisPoints == 7_500)
    }

    @Test("S-03 a lead who has seen both measures 0.44: PASS, with three on record")
    func settled() throws {
        let firm = try measured()

        let refused = #expect(throws: RuleFault.self) {
            try measure(4, "0.44", at: firm.st1, as: "ngo.van.i")
        }
        try measure(4, "0.44", at: firm.st1, as: "bui.thi.h")
        try firm.meetAll()

        #expect(refused?.code == .notAllowed)
        for station in firm.all {
            let inspection = try station.node.inspection(Self.name)
            #expect(inspection[4]?.measured.result == .pass)
            #expect(inspection[4]?.measured.count == 3)
            #expect(inspection.result == "PASS")
            #expect(try station.conflicts(.measurement).isEmpty)
        }
    }

    @Test("S-03 a clock that is two hours ahead changes nothing of that")
    func skewed() throws {
        let firm = try measured(skew: 2 * 3_600_000)

        let inspection = try firm.hub.node.inspection(Self.name)
        let before = inspection[4]?.measured.result
        try measure(4, "0.44", at: firm.tec7, as: "bui.thi.h")
        try firm.meetAll()

        #expect(before == .conflict)
        #expect(inspection.result == "FAIL")
        #expect(try firm.hub.node.inspection(Self.name)[4]?.measured.result == .pass)
    }

    @Test("two stations that open the same inspection open one")
    func opensOnce() throws {
        let firm = try Firm()
        let build = InspectionName(Firm.project, "FINAL_QC", build: "B-2025-0008")
        for station in [firm.st1, firm.st2] {
            _ = try station.node.openInspection(build, by: station.actor("bui.thi.h"))
        }

        try firm.meetAll()

        #expect(try firm.hub.node.inspections(of: Firm.project).count == 1)
        #expect(try firm.hub.node.conflicts().isEmpty)
    }
}
