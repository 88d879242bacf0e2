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

    @Test(
        "S-03 in every order of meetings: both kept, FAIL, a defect opened",
        arguments: Firm.orders
    )
    func everyOrder(order: [Int]) throws {
        let firm = try Firm()
        let build = InspectionName(Firm.project, "FINAL_QC", build: "B-2025-0007")
        _ = try firm.st1.node.openInspection(build, by: firm.st1.actor("bui.thi.h"))
        try firm.meetAll()
        firm.at("14:00")
        try measure(4, "0.42", at: firm.st1, as: "ngo.van.i")
        firm.at("14:05")
        try measure(4, "0.71", at: firm.st2, as: "bui.thi.h")
        try firm.meet(inOrder: order)

        for station in firm.all {
            let inspection = try station.node.inspection(Self.name)
            let values = inspection[4]?.measured.heads.compactMap(\.measurement.value?.description)
            #expect(inspection[4]?.measured.result == .conflict)
            #expect(values == ["0.42", "0.71"])
            #expect(inspection.result == "FAIL")
            #expect(try station.conflicts(.measurement).count == 1)
            let defects = try station.node.defects(of: Firm.project)
            #expect(defects.items.map(\.definition.code) == ["FINAL_QC-1-4-B-2025-0007"])
            #expect(defects.items.map(\.progress.severity) == [.major])
        }
        try measure(4, "0.44", at: firm.st2, as: "bui.thi.h")
        try firm.meet(inOrder: order)
        for station in firm.all {
            let item = try station.node.inspection(Self.name)[4]
            #expect(item?.measured.result == .pass)
            #expect(item?.measured.count == 3)
        }
        #expect(try firm.differences() == [])
    }

    @Test("S-03 at one node, two forms that were opened at once come to the same")
    func oneNode() throws {
        let firm = try Firm()
        let st1 = firm.st1
        let build = InspectionName(Firm.project, "FINAL_QC", build: "B-2025-0007")
        _ = try st1.node.openInspection(build, by: st1.actor("bui.thi.h"))
        for (user, found) in [("ngo.van.i", "0.42"), ("bui.thi.h", "0.71")] {
            var finding = LocalNode.Finding(found)
            finding.seen = Seen(text: "none")
            try st1.node.measure(4, of: Self.name, finding, by: st1.actor(user))
        }
        let inspection = try st1.node.inspection(Self.name)
        #expect(inspection[4]?.measured.result == .conflict)
        #expect(inspection.result == "FAIL")
        try measure(4, "0.44", at: st1, as: "bui.thi.h")
        #expect(try st1.node.inspection(Self.name)[4]?.measured.result == .pass)
    }

    @Test("S-03 the photo of the failure is on record at every node, with the defect it shows")
    func photo() throws {
        let firm = try measured()
        let code = "FINAL_QC-1-4-B-2025-0007"
        try firm.tec7.withFile("leak.jpg", "picture") { path in
            var request = EvidenceRequest(.photo, path: path)
            request.defect = code
            let actor = try firm.tec7.actor("bui.thi.h")
            try firm.tec7.node.attach(request, to: 4, of: Self.name, by: actor)
        }
        try firm.meetAll()
        try measure(4, "0.44", at: firm.st1, as: "bui.thi.h")
        try firm.meetAll()
        for station in firm.all {
            let evidence = try station.node.inspection(Self.name).evidence
            #expect(evidence.map(\.event.kind) == [.photo])
            #expect(evidence.map(\.event.defect) == [code])
            #expect(try station.node.defects(of: Firm.project).items.count == 1)
        }
    }

    @Test("S-03 the stage that the plan holds cannot be left before a lead has measured again")
    func held() throws {
        let firm = try Firm()
        try firm.enterProduction()
        try firm.publishPlan(holds: ["production"])
        try firm.st1.open("LEAK", "B-2025-0007")
        try firm.st1.measure(1, "pass", of: "LEAK")
        try firm.meetAll()
        try firm.st1.measure(2, "0.42", of: "LEAK")
        try firm.tec7.measure(2, "0.71", of: "LEAK", as: "bui.thi.h")
        let manager = try firm.hub.actor("nguyen.van.a")
        func leave(_ station: Station) throws {
            let stage = "completed"
            try station.node.advance(Firm.project, to: stage, reason: "urgent", by: manager)
        }
        try firm.meetAll()
        for station in firm.all {
            #expect(refusalText { try leave(station) }.contains("LEAK of B-2025-0007 is FAIL"))
        }
        try firm.st1.measure(2, "0.44", of: "LEAK", as: "bui.thi.h")
        try leave(firm.st1)
        #expect(try firm.st1.node.project(Firm.project).stage == "completed")
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
