import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

/// S-23: nodes meet as a line, a ring or a star, and some only through others.
@Suite("S-23 Peer mesh")
struct MeshTests {
    /// Who meets whom, by place in `Firm.all`: hub, ST-1, ST-2, ST-3, TEC-7.
    private static let shapes = [
        "line": [(1, 2), (2, 4), (4, 0), (0, 3)],
        "ring": [(1, 2), (2, 4), (4, 0), (0, 3), (3, 1)],
        "star": [(1, 0), (2, 0), (3, 0), (4, 0)],
    ]

    /// Work of every kind at every node, apart.
    private func worked() throws -> Firm {
        let firm = try Firm()
        let management = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.advance(Firm.project, to: "production", reason: "x", by: management)
        try firm.meetAll()
        let build = InspectionName(Firm.project, "FINAL_QC", build: "B-2025-0007")
        for (index, station) in firm.all.enumerated() {
            let lead = try station.actor("bui.thi.h")
            try station.step(.block, "assembly", as: "ly.van.k", reason: "reason \(index)")
            var edit = LocalNode.ProjectEdit()
            edit.title = "Widget \(index)"
            try station.node.edit(Firm.project, edit, by: station.actor("dinh.van.g"))
            _ = try station.node.openInspection(build, by: lead)
            let finding = LocalNode.Finding("0.4\(index)")
            try station.node.measure(4, of: build, finding, by: lead)
            guard !station.node.isHub else { continue }
            _ = try station.node.startHours(HoursRequest("WORK"), by: lead)
        }
        return firm
    }

    @Test(
        "S-23 as a line, a ring or a star, all end with equal state hashes",
        arguments: ["line", "ring", "star"]
    )
    func shapes(shape: String) throws {
        let firm = try worked()
        let pairs = try #require(Self.shapes[shape])

        // News crosses the longest line in as many rounds as it has nodes.
        for _ in 0..<5 {
            for (one, other) in pairs { try firm.meet(firm.all[one], firm.all[other]) }
        }

        #expect(try firm.differences() == [])
        #expect(try firm.faults() == [])
        for station in firm.all {
            #expect(try station.row("assembly")?.progress.blocks.count == 5)
            #expect(try station.conflicts(.field).first?.sides.count == 5)
            let inspection = try station.node.inspection(InspectionName(Firm.project))
            #expect(inspection[4]?.measured.count == 5)
        }
    }

    @Test("S-23 a third node takes what ST-1 did from ST-2, with ST-1's name on it")
    func relayed() throws {
        let firm = try worked()

        try firm.meet(firm.st1, firm.st2)
        try firm.meet(firm.st2, firm.st3)

        let history = try firm.st3.node.history(of: Firm.project)
        #expect(history.text.contains { $0.contains("dinh.van.g at ST-1 (HCM)") })
        #expect(try firm.st3.node.store.verify { _ in }.faults == [])
    }

    @Test("the hours of a site do not go to another site")
    func withheld() throws {
        let firm = try worked()

        try firm.meet(firm.st1, firm.st3)

        #expect(try firm.st3.node.hours().entries.count == 1)
        #expect(try firm.st3.node.hours(at: "HAN").entries.count == 1)
        let error = #expect(throws: CommandFault.self) { try firm.st3.node.hours(at: "HCM") }
        #expect(error?.reason == "other-site")
    }

    @Test("S-23 meeting again changes nothing")
    func again() throws {
        let firm = try worked()
        try firm.meetAll()
        let before = firm.all.map(\.node.store.position)

        try firm.meetAll()

        #expect(firm.all.map(\.node.store.position) == before)
    }
}
