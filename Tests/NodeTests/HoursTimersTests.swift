import CRDT
import Domain
import Node
import Storage
import Testing

/// Clocks of people: pauses, accidents, attendance, sheets and exports.
@Suite("Hours at stations")
struct HoursTimersTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        firm.at("07:00")
    }

    private func start(
        _ station: Station,
        _ kind: String = "WORK",
        as user: String = "ly.van.k",
        _ edit: (inout HoursRequest) -> Void = { _ in }
    ) throws -> ID {
        var request = HoursRequest(kind)
        edit(&request)
        return try station.node.startHours(request, by: station.actor(user))
    }

    private func minutes(_ station: Station) throws -> [Int64?] {
        try station.node.hours().entries.map { $0.duration.map { $0 / 60_000 } }
    }

    @Test("TV-138 a pause ends the job and begins a break; going on begins the same job again")
    func pause() throws {
        let st1 = firm.st1
        let actor = try st1.actor("ly.van.k")
        let work = try start(st1, "REWORK") { request in
            request.project = Firm.project
            request.task = "T-310"
            request.isBillable = false
        }
        firm.at("09:00")
        let pause = try st1.node.pauseHours(by: actor)
        firm.at("09:20")
        let more = try st1.node.resumeHours(by: actor)
        firm.at("10:00")
        _ = try st1.node.stopHours(by: actor)
        try firm.meetAll()

        for station in [firm.hub, firm.st1, firm.st2] {
            let entries = try station.node.hours().entries
            #expect(entries.map(\.id) == [work, pause, more])
            #expect(entries.map(\.activity) == ["REWORK", "BREAK", "REWORK"])
            #expect(entries.map(\.continues) == [nil, work, work])
            #expect(try minutes(station) == [120, 20, 40])
            #expect(entries.allSatisfy { $0.task == "T-310" && $0.subject != nil })
            #expect(entries.map(\.isBillable) == [false, false, false])
            #expect(try station.node.hours().overlaps.isEmpty)
        }
        #expect(refusal { _ = try st1.node.resumeHours(by: actor) } == .notRunning)
        #expect(refusal { _ = try st1.node.pauseHours(by: actor) } == .notRunning)
    }

    @Test("TV-138 an accidental stop is undone within ten seconds, and corrected after that")
    func undo() throws {
        let st1 = firm.st1
        let actor = try st1.actor("ly.van.k")
        let work = try start(st1)
        firm.at("09:00")
        _ = try st1.node.stopHours(by: actor)
        firm.pass(seconds: 9)
        let undone = try st1.node.undoStop(by: actor)
        #expect(undone == work)
        #expect(try st1.node.hours().entry(work)?.isRunning == true)

        firm.at("10:00")
        let pause = try st1.node.pauseHours(by: actor)
        firm.pass(seconds: 3)
        #expect(try st1.node.undoStop(by: actor) == work)
        let hours = try st1.node.hours()
        #expect(hours.entry(work)?.isRunning == true)
        #expect(hours.entry(pause)?.flags.contains(.void) == true)

        firm.at("11:00")
        _ = try st1.node.stopHours(by: actor)
        firm.pass(seconds: 11)
        #expect(refusal { _ = try st1.node.undoStop(by: actor) } == .tooLate)
        try firm.meetAll()
        for station in [firm.hub, firm.st2] {
            #expect(try station.node.hours().entry(work)?.duration == 4 * 3_600_000)
        }
        #expect(
            refusal { _ = try firm.st2.node.undoStop(by: firm.st2.actor("ngo.van.i")) }
                == .notRunning
        )
    }

    @Test("TV-138 a wall clock that jumps neither lengthens the ten seconds nor shortens them")
    func undoAfterJump() throws {
        let st1 = firm.st1
        let actor = try st1.actor("ly.van.k")
        let work = try start(st1)
        firm.at("09:00")
        _ = try st1.node.stopHours(by: actor)
        st1.clockError = 3 * 3_600_000
        #expect(try st1.node.undoStop(by: actor) == work)
        _ = try st1.node.stopHours(by: actor)
        try st1.restart()
        #expect(refusal { _ = try st1.node.undoStop(by: st1.actor("ly.van.k")) } == .tooLate)
    }

    @Test("TV-138 attendance and jobs run apart: stopping the one leaves the other")
    func attendance() throws {
        let st1 = firm.st1
        let actor = try st1.actor("ly.van.k")
        let there = try start(st1) { $0.timer = .attendance }
        firm.at("08:00")
        _ = try start(st1)
        _ = try start(st1, "SETUP")
        #expect(
            refusal {
                _ = try start(st1) { request in
                    request.timer = .attendance
                    request.task = "T-1"
                }
            } == .unknownValue
        )
        firm.at("09:00")
        #expect(throws: CommandFault.self) { try st1.node.stopHours(by: actor) }
        for entry in try st1.node.hours().entries where entry.timer == .job {
            _ = try st1.node.stopHours("\(entry.id)", by: actor)
        }
        #expect(try st1.node.hours().entry(there)?.isRunning == true)
        #expect(try st1.node.hours().overlaps.count == 1)
        firm.at("15:30")
        _ = try st1.node.stopHours(timer: .attendance, by: actor)

        let sheet = HoursSheet(try st1.node.hours(), in: try st1.node.thisWeek())
        let totals = sheet.totals(of: actor.user)
        #expect(totals.attended == 510 * 60_000)
        #expect(totals.worked == 120 * 60_000)
        #expect(totals.elapsed == 60 * 60_000)
        #expect(totals.byActivity == ["WORK": 3_600_000, "SETUP": 3_600_000])
    }

    @Test("TV-138 one action starts the clocks of several people, and only a lead does that")
    func several() throws {
        let st1 = firm.st1
        var request = HoursRequest("WORK")
        request.people = ["ly.van.k", "dinh.van.g", "do.thi.j"]
        let before = st1.node.store.position
        let entries = try st1.node.startHoursOfAll(request, by: st1.actor("do.thi.j"))
        #expect(st1.node.store.position == before + 1)
        #expect(Set(entries).count == 3)
        let shown = try st1.node.hours().entries
        #expect(Set(shown.map(\.id)) == Set(entries))
        #expect(Set(shown.compactMap(\.person)).count == 3)
        let names = try entries.map { entry in
            try st1.node.hours().lines(of: entry).first?.split(separator: " ").first.map(
                String.init
            )
        }
        for (name, entry) in zip(names, entries) {
            #expect(try st1.node.hours().entry(named: try #require(name)).id == entry)
        }
        let refused = try st1.actor("ly.van.k")
        #expect(
            refusal { _ = try st1.node.startHoursOfAll(request, by: refused) } == .notAllowed
        )
    }

    @Test("TV-138 an entry that runs too long is found, and one stopped twice is shown")
    func forgotten() throws {
        let work = try start(firm.st1)
        firm.at("08:00")
        _ = try start(firm.st1, as: "dinh.van.g")
        try firm.meetAll()
        firm.at("20:00")
        let open = try firm.hub.node.openHours(longerThan: 12 * 3_600_000 + 1_800_000)
        #expect(open.entries.map(\.id) == [work])
        #expect(try firm.hub.node.openHours(longerThan: 3_600_000).entries.count == 2)

        _ = try firm.st1.node.stopHours("\(work)", by: firm.st1.actor("ly.van.k"))
        firm.at("20:30")
        _ = try firm.st2.node.stopHours("\(work)", by: firm.st2.actor("ly.van.k"))
        try firm.meetAll()
        for station in [firm.hub, firm.st1, firm.st2] {
            let stops = try #require(try station.conflicts(.stops).first)
            #expect(stops.sides.map(\.value) == ["stopped 20:00", "stopped 20:30"])
            #expect(stops.sides.map(\.isShown) == [false, true])
        }
        var edit = LocalNode.HoursEdit()
        edit.end = "15:30"
        edit.reason = "went home"
        try firm.st2.node.correctHours("\(work)", edit, by: firm.st2.actor("do.thi.j"))
        try firm.meetAll()
        #expect(try firm.hub.conflicts(.stops).isEmpty)
        #expect(try firm.hub.node.hours().entry(work)?.duration == 510 * 60_000)
    }

    @Test("TV-138 every entry says how good its clocks were, and whether it can be charged")
    func quality() throws {
        let st1 = firm.st1
        let actor = try st1.actor("ly.van.k")
        let work = try start(st1)
        firm.at("08:00")
        _ = try st1.node.stopHours(by: actor)
        let noted = try st1.node.logHours(
            HoursRequest("WORK"),
            from: "05:00",
            to: "06:00",
            by: actor
        )
        let hours = try st1.node.hours()
        #expect(hours.entry(work)?.quality == .unconfirmed)
        #expect(hours.entry(noted)?.quality == nil)
        #expect(hours.entry(noted)?.flags == [.remembered])
        #expect(hours.entry(work)?.isBillable == true)
        var edit = LocalNode.HoursEdit()
        edit.isBillable = false
        edit.reason = "own fault"
        try st1.node.correctHours("\(work)", edit, by: actor)
        let corrected = try #require(try st1.node.hours().entry(work))
        #expect(!corrected.isBillable)
        #expect(corrected.duration == 3_600_000)
        st1.clockError = 5 * 365 * 86_400_000
        let wrong = try start(st1)
        #expect(try st1.node.hours().entry(wrong)?.quality == .implausible)
        #expect(try st1.node.hours().entry(wrong)?.flags == [.clockImplausible])
        #expect(try st1.node.hours().json.text.contains("\"clock_quality\":\"implausible\""))
    }

    @Test(
        "TV-138 a sheet adds days and weeks at the clock of the site; days that do not exist fail"
    )
    func sheet() throws {
        let st1 = firm.st1
        let actor = try st1.actor("ly.van.k")
        let log = { (start: String, end: String) in
            _ = try st1.node.logHours(HoursRequest("WORK"), from: start, to: end, by: actor)
        }
        try log("2025-11-23 22:00", "2025-11-24 06:00")
        try log("2025-11-24 08:00", "2025-11-24 09:30")
        try log("2025-11-30 23:00", "2025-12-01 01:00")
        let hours = try st1.node.hours(of: "ly.van.k")
        let week = try HoursPeriod(week: "2025-W48")
        #expect(week == (try HoursPeriod(from: "2025-11-24", to: "2025-11-30")))
        let sheet = HoursSheet(hours, in: week)
        #expect(sheet.totals(of: actor.user).worked == 210 * 60_000)
        #expect(sheet.totals(of: actor.user, on: "2025-11-24").worked == 90 * 60_000)
        #expect(sheet.json.text.contains("\"week\":\"2025-W48\",\"worked\":210"))
        let both = HoursSheet(hours, in: try HoursPeriod(from: "2025-11-01", to: "2025-11-30"))
        #expect(both.json.text.contains("\"week\":\"2025-W47\",\"worked\":480"))
        #expect(try HoursPeriod(weekOf: "2027-01-01") == HoursPeriod(week: "2026-W53"))
        #expect(try st1.node.thisWeek() == week)
        for bad in ["2025-W53", "2025-W00", "2025-W1", "W48", ""] {
            #expect(throws: CommandFault.self) { try HoursPeriod(week: bad) }
        }
        #expect(throws: CommandFault.self) { try HoursPeriod(from: "2025-02-29", to: "2025-03-01") }
        #expect(throws: CommandFault.self) { try HoursPeriod(from: "2025-03-02", to: "2025-03-01") }
        #expect(try TypedDuration.milliseconds("90m") == 5_400_000)
        #expect(throws: CommandFault.self) { try TypedDuration.milliseconds("-1h") }
    }

    @Test("TV-138 an export for payroll is a table whose cells are no formulas")
    func export() throws {
        let st1 = firm.st1
        let actor = try st1.actor("ly.van.k")
        var request = HoursRequest("WORK")
        request.note = "=HYPERLINK(\"http://x\"), said \"so\""
        firm.at("12:00")
        let entry = try st1.node.logHours(request, from: "08:00", to: "09:00", by: actor)
        var edit = LocalNode.HoursEdit()
        edit.end = "09:30"
        edit.reason = "- forgot,\nsorry"
        try st1.node.correctHours("\(entry)", edit, by: actor)

        let export = HoursExport(
            try st1.node.hours(),
            in: try HoursPeriod(from: "2025-11-24", to: "2025-11-24")
        )
        let lines = export.csv

        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("row,entry,user,site,day,start,end,minutes,"))
        #expect(lines[1].contains("2025-11-24 08:00:00,2025-11-24 09:30:00,90,job,WORK,yes"))
        #expect(lines[1].contains("2025-11-24 08:00:00,2025-11-24 09:00:00,"))
        #expect(lines[1].hasSuffix("\"'=HYPERLINK(\"\"http://x\"\"), said \"\"so\"\"\""))
        #expect(lines[2].hasPrefix("correction,\(entry),ly.van.k,HCM,2025-11-24,,"))
        #expect(lines[2].contains("\"'- forgot, sorry\",ly.van.k"))
        #expect(export.json.text.hasSuffix("\"corrections\":1}"))
    }
}
