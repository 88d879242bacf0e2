import CRDT
import Domain
import Node
import Testing

/// S-20: one person's hours run on two stations at once.
@Suite("S-20 Time entries on two devices")
struct TwoDevicesTests {
    private let firm: Firm
    private let work: ID
    private let rework: ID

    init() throws {
        firm = try Firm()
        firm.at("09:00")
        var request = HoursRequest("WORK")
        request.task = "T-000310"
        work = try firm.st1.node.startHours(request, by: firm.st1.actor("ly.van.k"))
        firm.at("10:00")
        request = HoursRequest("REWORK")
        request.task = "T-000311"
        rework = try firm.st2.node.startHours(request, by: firm.st2.actor("ly.van.k"))
        firm.at("11:30")
        _ = try firm.st2.node.stopHours(by: firm.st2.actor("ly.van.k"))
        firm.at("12:10")
        _ = try firm.st1.node.stopHours(by: firm.st1.actor("ly.van.k"))
        try firm.meetAll()
    }

    @Test(
        "S-20 to the minute, in every order of meetings: 190 and 90, then 60 and 90",
        arguments: Firm.orders
    )
    func everyOrder(order: [Int]) throws {
        let firm = try Firm()
        let (work, rework) = try Self.day(of: firm, firm.st1, firm.st2)
        try firm.meet(inOrder: order)
        for station in [firm.hub, firm.st1, firm.st2, firm.tec7] {
            let hours = try station.node.hours()
            #expect(hours.entries.map(\.start) == ["09:00", "10:00"].map(Firm.milliseconds))
            #expect(hours.entries.map(\.end) == ["12:10", "11:30"].map(Firm.milliseconds))
            #expect(hours.overlaps.map(\.early) == [work])
            #expect(hours.overlaps.map(\.late) == [rework])
        }
        var edit = LocalNode.HoursEdit()
        edit.end = "10:00"
        edit.reason = "forgot to stop"
        _ = try firm.st2.node.correctHours("\(work)", edit, by: firm.st2.actor("do.thi.j"))
        try firm.meet(inOrder: order)
        for station in [firm.hub, firm.st1, firm.st2, firm.tec7] {
            let entries = try station.node.hours().entries
            #expect(entries.map(\.duration) == [60 * 60_000, 90 * 60_000])
            #expect(try station.conflicts(.timeOverlap).isEmpty)
        }
        #expect(try firm.differences() == [])
    }

    @Test("S-20 at one node the same day has the same figures")
    func oneNode() throws {
        let firm = try Firm()
        let (work, _) = try Self.day(of: firm, firm.st1, firm.st1)
        let hours = try firm.st1.node.hours()
        #expect(hours.entries.map(\.duration) == [190 * 60_000, 90 * 60_000])
        #expect(hours.overlaps.map(\.start) == [Firm.milliseconds("10:00")])
        #expect(hours.overlaps.map(\.end) == [Firm.milliseconds("11:30")])
        var edit = LocalNode.HoursEdit()
        edit.end = "10:00"
        edit.reason = "forgot to stop"
        _ = try firm.st1.node.correctHours("\(work)", edit, by: firm.st1.actor("do.thi.j"))
        let durations = try firm.st1.node.hours().entries.map(\.duration)
        #expect(durations == [60 * 60_000, 90 * 60_000])
    }

    @Test("S-20 the payroll export lists the correction, with who made it and why")
    func payroll() throws {
        var edit = LocalNode.HoursEdit()
        edit.end = "10:00"
        edit.reason = "forgot to stop"
        _ = try firm.st1.node.correctHours("\(work)", edit, by: firm.st1.actor("do.thi.j"))
        try firm.meetAll()

        let period = try HoursPeriod(from: "2025-11-24", to: "2025-11-24")
        for station in [firm.hub, firm.st2] {
            let export = HoursExport(try station.node.hours(), in: period)
            let lines = export.csv
            #expect(
                lines.map { $0.prefix { $0 != "," } } == [
                    "row", "entry", "correction", "entry",
                ]
            )
            #expect(lines[1].contains("2025-11-24 09:00:00,2025-11-24 10:00:00,60,job,WORK"))
            #expect(lines[1].contains("corrected,2025-11-24 09:00:00,2025-11-24 12:10:00"))
            #expect(lines[2].contains(",2025-11-24 10:00:00,"))
            #expect(lines[2].contains("forgot to stop,do.thi.j"))
            #expect(lines[3].contains("2025-11-24 10:00:00,2025-11-24 11:30:00,90,job,REWORK"))
            #expect(export.json.text.contains("\"recorded_end\":\"2025-11-24T05:10:00Z\""))
        }
    }

    /// The day of Ly Van K: WORK at one station, REWORK meanwhile at another.
    private static func day(
        of firm: Firm,
        _ first: Station,
        _ second: Station
    ) throws -> (work: ID, rework: ID) {
        func start(_ kind: String, _ task: String, at station: Station) throws -> ID {
            var request = HoursRequest(kind)
            request.task = task
            return try station.node.startHours(request, by: station.actor("ly.van.k"))
        }
        firm.at("09:00")
        let work = try start("WORK", "T-000310", at: first)
        firm.at("10:00")
        let rework = try start("REWORK", "T-000311", at: second)
        firm.at("11:30")
        _ = try second.node.stopHours("\(rework)", by: second.actor("ly.van.k"))
        firm.at("12:10")
        _ = try first.node.stopHours("\(work)", by: first.actor("ly.van.k"))
        return (work, rework)
    }

    private func minutes(_ station: Station) throws -> [Int64] {
        try station.node.hours().entries.map { ($0.duration ?? 0) / 60_000 }
    }

    @Test("S-20 both entries exist, 10:00 to 11:30 is a case, and neither is shortened")
    func overlap() throws {
        for station in [firm.hub, firm.st1, firm.st2, firm.tec7] {
            let hours = try station.node.hours(of: "ly.van.k")
            #expect(hours.entries.map(\.id) == [work, rework])
            #expect(hours.entries.map(\.task) == ["T-000310", "T-000311"])
            #expect(try minutes(station) == [190, 90])
            let overlap = try #require(hours.overlaps.first)
            #expect(hours.overlaps.count == 1)
            #expect(overlap.start == Firm.milliseconds("10:00"))
            #expect(overlap.end == Firm.milliseconds("11:30"))
        }
        let cases = try firm.hub.conflicts(.timeOverlap)
        #expect(cases.map(\.what) == ["ly.van.k 10:00-11:30"])
        #expect(cases.first?.sides.map { $0.author?.device } == ["ST-1", "ST-2"])
    }

    @Test("S-20 a supervisor ends the first at 10:00: 60 and 90 minutes, case closed")
    func corrected() throws {
        var edit = LocalNode.HoursEdit()
        edit.end = "10:00"
        edit.reason = "forgot to stop"
        let refused = #expect(throws: RuleFault.self) {
            try firm.st1.node.correctHours("\(work)", edit, by: firm.st1.actor("bui.thi.h"))
        }
        _ = try firm.st1.node.correctHours("\(work)", edit, by: firm.st1.actor("do.thi.j"))
        try firm.meetAll()

        #expect(refused?.code == .notAllowed)
        for station in [firm.hub, firm.st1, firm.st2, firm.tec7] {
            #expect(try minutes(station) == [60, 90])
            #expect(try station.conflicts(.timeOverlap).isEmpty)
        }
        let json = try firm.hub.node.hours().json.text
        #expect(json.contains("\"reason\":\"forgot to stop\""))
        #expect(json.contains("\"user\":\"do.thi.j\""))
    }

    @Test("S-20 an entry whose end is not after its start is refused")
    func backwards() throws {
        let actor = try firm.st1.actor("ly.van.k")
        for (start, end) in [("12:00", "12:00"), ("12:00", "11:59")] {
            let error = #expect(throws: RuleFault.self) {
                try firm.st1.node.logHours(HoursRequest("WORK"), from: start, to: end, by: actor)
            }
            #expect(error?.code == .endBeforeStart)
        }
        var edit = LocalNode.HoursEdit()
        edit.end = "08:59"
        edit.reason = "typed wrong"
        let error = #expect(throws: RuleFault.self) {
            try firm.st1.node.correctHours("\(work)", edit, by: actor)
        }
        #expect(error?.code == .endBeforeStart)
        #expect(try minutes(firm.st1) == [190, 90])
    }
}
