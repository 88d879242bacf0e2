import CRDT
import Domain
import Testing

/// Hours (DOM-40 to DOM-44).
@Suite("Hours")
struct HoursTests {
    private let lyVanK = id(13)
    private let hour: Int64 = 3_600_000

    private func reading(_ hours: Double, boot: UInt64 = 1, ahead: Int64 = 0) -> ClockReading {
        let time = Int64(hours * Double(hour))
        return ClockReading(
            wall: time + ahead,
            monotonic: time - hour,
            boot: id(boot),
            quality: .unconfirmed
        )
    }

    /// S-20: WORK on T-000310 at 9:00, stopped 12:10; REWORK on T-000311 from 10:00 to 11:30.
    private func lyVanKsDay() -> History<HoursEvent> {
        var history = History<HoursEvent>()
        let first = history.add(
            HoursEvent(.start(reading(9)), person: lyVanK, activity: .work, task: "T-000310")
        )
        let second = history.add(
            HoursEvent(
                .start(reading(10, boot: 2)),
                person: lyVanK,
                activity: .rework,
                task: "T-000311"
            )
        )
        history.add(
            HoursEvent(.stop(entry: second, reading(11.5, boot: 2)), person: lyVanK)
        )
        history.add(
            HoursEvent(.stop(entry: first, reading(12 + 1.0 / 6)), person: lyVanK)
        )
        return history
    }

    @Test("S-20: entries that overlap both stand, and the overlap is shown")
    func overlap() {
        let day = lyVanKsDay()

        let sheet = Timesheet(day.entries, corrections: [])

        #expect(sheet.entries.map(\.duration) == [190 * 60_000, 90 * 60_000])
        #expect(sheet.overlaps.map(\.start) == [10 * hour])
        #expect(sheet.overlaps.map(\.end) == [11 * hour + hour / 2])
        #expect(sheet.overlaps.map(\.early) == [day[0]])
        #expect(sheet.overlaps.map(\.late) == [day[1]])
    }

    @Test("S-20: a correction ends the first at 10:00; 60 and 90 minutes, and no overlap")
    func corrected() {
        let day = lyVanKsDay()
        var corrections = History<HoursCorrection>()
        corrections.add(HoursCorrection(of: day[0], end: 10 * hour, reason: "forgot to stop"))

        let sheet = Timesheet(day.entries, corrections: corrections.entries)

        #expect(sheet.entries.map(\.duration) == [60 * 60_000, 90 * 60_000])
        #expect(sheet.overlaps.isEmpty)
        #expect(sheet.entries.first?.flags == [.corrected])
    }

    @Test("corrections that did not know of each other are a conflict until one has seen both")
    func twoCorrections() {
        let day = lyVanKsDay()
        var corrections = History<HoursCorrection>()
        corrections.add(HoursCorrection(of: day[0], end: 10 * hour, reason: "lead"), time: 9)
        corrections.add(HoursCorrection(of: day[0], end: 11 * hour, reason: "manager"), time: 5)

        let apart = Timesheet(day.entries, corrections: corrections.entries).entries.first
        #expect(apart?.end == 10 * hour)
        #expect(apart?.flags == [.corrected, .correctionConflict])

        corrections.add(
            HoursCorrection(of: day[0], isVoid: true, reason: "not mine"),
            seen: [0, 1],
            time: 1
        )
        let settled = Timesheet(day.entries, corrections: corrections.entries).entries.first
        #expect(settled?.flags == [.corrected, .void])
        #expect(settled?.duration == 0)
        #expect(settled?.isRunning == false)
    }

    @Test("S-07: in one boot ticks count and a jump of the wall clock does not")
    func jump() {
        var history = History<HoursEvent>()
        let start = history.add(HoursEvent(.start(reading(9)), person: lyVanK, activity: .work))
        let jumped = reading(10, ahead: 5 * 365 * 24 * hour)
        history.add(HoursEvent(.stop(entry: start, jumped), person: lyVanK))

        let entry = Timesheet(history.entries, corrections: []).entries.first

        #expect(entry?.duration == hour)
        #expect(entry?.flags == [])
    }

    @Test("S-07: in two boots wall clocks count, and the entry is flagged")
    func twoBoots() {
        var history = History<HoursEvent>()
        let start = history.add(HoursEvent(.start(reading(9)), person: lyVanK, activity: .work))
        history.add(HoursEvent(.stop(entry: start, reading(11, boot: 2)), person: lyVanK))

        let entry = Timesheet(history.entries, corrections: []).entries.first

        #expect(entry?.duration == 2 * hour)
        #expect(entry?.flags == [.bootsDiffer])
    }

    @Test("a running entry overlaps what starts later; a stop of another person stops nothing")
    func running() {
        var history = History<HoursEvent>()
        let start = history.add(HoursEvent(.start(reading(9)), person: lyVanK, activity: .work))
        history.add(HoursEvent(.stop(entry: start, reading(10)), person: id(99)))
        history.add(
            HoursEvent(
                .whole(start: 20 * hour, end: 21 * hour),
                person: lyVanK,
                activity: .setup
            )
        )

        let sheet = Timesheet(history.entries, corrections: [])

        #expect(sheet.entries.map(\.isRunning) == [true, false])
        #expect(sheet.overlaps.map(\.end) == [21 * hour])
        #expect(sheet.entries.last?.flags == [.remembered])
    }

    @Test("clocks at the edges of their range stop nothing and trap nowhere")
    func edges() {
        var history = History<HoursEvent>()
        func edge(_ value: Int64, _ ticks: Int64) -> ClockReading {
            ClockReading(wall: value, monotonic: ticks, boot: id(1), quality: .implausible)
        }
        let start = history.add(
            HoursEvent(.start(edge(.max, .min)), person: lyVanK, activity: .work)
        )
        history.add(HoursEvent(.stop(entry: start, edge(.min, .max)), person: lyVanK))
        history.add(
            HoursEvent(.whole(start: .min, end: .max), person: lyVanK, activity: .work)
        )

        let sheet = Timesheet(history.entries, corrections: [])

        #expect(sheet.entries.map(\.duration) == [0, 0])
    }

    @Test("every event comes back from its operation as it was")
    func roundTrip() {
        let events: [HoursEvent.Action] = [
            .start(reading(1)), .stop(entry: id(5), reading(2)), .whole(start: 1, end: 2),
        ]
        for action in events {
            let event = HoursEvent(
                action,
                person: lyVanK,
                activity: .pause,
                subject: id(3),
                subStage: "assembly",
                task: "T-1",
                note: "n"
            )
            #expect(HoursEvent(Fields(of: event.operation())) == event)
        }
        let correction = HoursCorrection(of: id(1), start: 1, end: 2, isVoid: true, reason: "r")
        #expect(HoursCorrection(Fields(of: correction.operation())) == correction)
    }
}
