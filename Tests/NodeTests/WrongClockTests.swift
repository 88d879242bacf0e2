import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

/// S-07: a station in 2031, another 47 minutes behind.
@Suite("S-07 Wrong clocks")
struct WrongClockTests {
    private let firm: Firm
    /// From 24 November 2025 to 1 January 2031.
    private static let years: Int64 = 1_864 * 86_400_000

    /// ST-2 starts and blocks assembly, edits the title and starts the clock, in 2031.
    init() throws {
        firm = try Firm()
        let management = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.advance(Firm.project, to: "production", reason: "x", by: management)
        try firm.hub.step(.finish, "production_setup", as: "do.thi.j")
        try firm.meetAll()
        firm.at("09:00")
        firm.st2.clockError = Self.years
        firm.st3.clockError = -47 * 60_000
        try firm.st2.step(.start, "assembly", as: "ly.van.k")
        try firm.st2.step(.block, "assembly", as: "ly.van.k", reason: "crack in frame")
        try edit(firm.st2, title: "Widget of 2031")
    }

    private func edit(_ station: Station, title: String) throws {
        var edit = LocalNode.ProjectEdit()
        edit.title = title
        try station.node.edit(Firm.project, edit, by: station.actor("dinh.van.g"))
    }

    @Test("S-07 nobody follows the clock of 2031")
    func notAdopted() throws {
        try firm.meetAll()
        try edit(firm.st1, title: "Widget A Rev3")

        for station in [firm.hub, firm.st1, firm.st3, firm.tec7] {
            let last = Int64(station.node.store.lastIssued.milliseconds)
            #expect(last < Firm.milliseconds("10:00"))
        }
    }

    @Test("S-07 what it wrote is accepted everywhere, and marked as suspect")
    func suspect() throws {
        try firm.meetAll()

        let report = try firm.hub.node.progress(of: Firm.project, subStage: "assembly")
        let slow = try firm.st3.node.progress(of: Firm.project, subStage: "production_setup")

        #expect(report.json.text.split(separator: "\"clock_suspect\":true").count == 4)
        #expect(!slow.json.text.contains("\"clock_suspect\":true"))
        #expect(try firm.hub.row("assembly")?.status == .blocked)
        #expect(try firm.differences() == [])
    }

    @Test("S-07 what came first is decided by who had seen what, not by clocks")
    func causal() throws {
        try firm.meetAll()

        try firm.st1.step(.unblock, "assembly", as: "do.thi.j")
        try firm.st3.step(.block, "quality_testing", as: "do.thi.j", reason: "no gauge")
        try firm.meetAll()
        try firm.st1.step(.finish, "assembly", as: "do.thi.j")
        try firm.meetAll()

        for station in firm.all {
            #expect(try station.row("assembly")?.status == .completed)
            #expect(try station.row("quality_testing")?.status == .blocked)
            #expect(try station.conflicts(.progressJoin).isEmpty)
        }
    }

    @Test("S-07 a later edit of ST-1 is not buried, and one beside it is shown first")
    func notBuried() throws {
        try edit(firm.st1, title: "Widget A Rev3")
        try firm.meetAll()
        let beside = try firm.hub.node.project(Firm.project).title
        let cases = try firm.hub.conflicts(.field)
        try edit(firm.st1, title: "Widget A Rev4")
        try firm.meetAll()

        #expect(beside == "Widget A Rev3")
        #expect(Set(cases.flatMap(\.sides).map(\.value)) == ["Widget A Rev3", "Widget of 2031"])
        for station in firm.all {
            #expect(try station.node.project(Firm.project).title == "Widget A Rev4")
            #expect(try station.conflicts(.field).isEmpty)
        }
    }

    @Test("S-07 within one boot hours come from the monotonic clock")
    func oneBoot() throws {
        let actor = try firm.st2.actor("ly.van.k")
        let id = try firm.st2.node.startHours(HoursRequest("WORK"), by: actor)
        firm.at("09:30")
        firm.st2.clockError = 0
        _ = try firm.st2.node.stopHours(by: actor)

        let entry = try firm.st2.node.hours().entry(id)
        let minutes = (entry?.duration ?? 0) / 60_000

        #expect(minutes == 29 || minutes == 30)
        #expect(entry?.flags == [.clockImplausible])
    }

    @Test("S-07 where start and stop fall in different boots the entry is flagged")
    func differentBoots() throws {
        let actor = try firm.st1.actor("do.thi.j")
        let id = try firm.st1.node.startHours(HoursRequest("WORK"), by: actor)
        firm.at("09:40")
        try firm.st1.restart()
        _ = try firm.st1.node.stopHours(by: firm.st1.actor("do.thi.j"))

        let entry = try firm.st1.node.hours().entry(id)
        let minutes = (entry?.duration ?? 0) / 60_000

        #expect(entry?.flags == [.bootsDiffer])
        #expect(minutes == 39 || minutes == 40)
    }

    @Test("S-07 whoever looks at the node is warned of the clock")
    func warned() throws {
        let note = PeerNote(
            device: firm.st2.node.store.device,
            address: "192.168.1.21:7400",
            software: "gemba",
            lastSeen: UInt64(Firm.milliseconds("09:00")),
            lastEqual: 0,
            clockAhead: Self.years,
            schema: 1
        )
        try firm.st1.node.store.note(note)

        let findings = try Health(of: firm.st1.node).findings

        let clocks = findings.first { $0.subject == "peers' clocks" }
        #expect(clocks?.grade == .warning)
        #expect(clocks?.text.contains("ST-2 was") == true)
    }
}
