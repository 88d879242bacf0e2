import CRDT
import Domain
import SeededRandom
import Testing

/// The fold of hours against a second evaluator (DOM-40 to DOM-44, DOM-142, DOM-143).
@Suite("Hours laws")
struct HoursLawTests {
    private static func reading(
        _ seconds: Int64,
        boot: UInt64 = 1,
        wall: Int64? = nil,
        _ quality: ClockReading.Quality = .unconfirmed
    ) -> ClockReading {
        ClockReading(
            wall: wall ?? seconds * 1_000,
            monotonic: seconds * 1_000,
            boot: id(boot),
            quality: quality
        )
    }

    private static let first = NaiveHours.Event.start(person: 1, reading(100), .job)

    @Test("TV-138 S-20 the fold is the naive reading, for every history of up to six events")
    func everyHistory() {
        let alphabet: [NaiveHours.Event] = [
            .stop(0, person: 1, Self.reading(200)),
            .stop(0, person: 1, Self.reading(300, boot: 2, wall: 250_000, .implausible)),
            .stop(0, person: 2, Self.reading(400)),
            .undo(1, person: 1, Self.reading(205)),
            .undo(1, person: 1, Self.reading(211)),
            .start(person: 1, Self.reading(150), .job),
        ]
        var generator = SplitMix64(seed: 91)
        for length in 0...5 {
            Orders.choices(length, of: alphabet) { rest in
                let ranked = Array(0...length).shuffled(using: &generator)
                compare([Self.first] + rest, ranked, [], &generator)
            }
        }
    }

    @Test("TV-138 … for every way in which four corrections can have seen each other")
    func everyCorrection() {
        var generator = SplitMix64(seed: 92)
        let alphabet: [(Int64?, Int64?, Bool)] = [
            (nil, 50, false), (10, 150, false), (nil, nil, true),
        ]
        let events = [Self.first, .stop(0, person: 1, Self.reading(200))]
        for length in 0...4 {
            for order in Orders.all(length) {
                Orders.choices(length, of: alphabet) { said in
                    compare(events, [0, 1], corrections(said, order, &generator), &generator)
                }
            }
        }
        for order in Orders.ofTwoAuthors(6) {
            Orders.choices(6, of: Array(alphabet.prefix(2))) { said in
                compare(events, [0, 1], corrections(said, order, &generator), &generator)
            }
        }
    }

    @Test("TV-138 … and for thousands of longer histories of three people and two timers")
    func longHistories() {
        var generator = SplitMix64(seed: 93)
        for _ in 0..<2_000 {
            let events = (0..<Int.random(in: 3...14, using: &generator)).map { place in
                random(place, &generator)
            }
            let length = Int.random(in: 0...6, using: &generator)
            let order = Orders.random(length, &generator)
            let said = order.map { _ -> (Int64?, Int64?, Bool) in
                let times = (0..<2).map { _ in
                    Bool.random(using: &generator)
                        ? Int64.random(in: 0...900, using: &generator) * 1_000 : nil
                }
                return (times[0], times[1], UInt8.random(in: 0...4, using: &generator) == 0)
            }
            let entries = (0..<length).map { _ in
                Int.random(in: events.indices, using: &generator)
            }
            let ranked = Array(events.indices).shuffled(using: &generator)
            compare(
                events,
                ranked,
                corrections(said, order, &generator, of: entries),
                &generator
            )
        }
    }

    private func random(
        _ place: Int,
        _ generator: inout SplitMix64
    ) -> NaiveHours.Event {
        let person = Int.random(in: 1...2, using: &generator)
        let reading = Self.reading(
            Int64.random(in: 0...900, using: &generator),
            boot: UInt64.random(in: 1...2, using: &generator),
            ClockReading.Quality.allCases.randomElement(using: &generator) ?? .implausible
        )
        let earlier = Int.random(in: 0...max(0, place - 1), using: &generator)
        switch UInt8.random(in: 0...6, using: &generator) {
        case 0, 1:
            let timer = HoursEvent.Timer.allCases.randomElement(using: &generator) ?? .job
            return .start(person: person, reading, timer)
        case 2: return .whole(person: person, start: reading.wall, end: 400_000)
        case 3, 4: return .stop(earlier, person: person, reading)
        case 5: return .undo(earlier, person: person, reading)
        default: return .nothing
        }
    }

    private func corrections(
        _ said: [(Int64?, Int64?, Bool)],
        _ order: Order,
        _ generator: inout SplitMix64,
        of entries: [Int]? = nil
    ) -> [NaiveHours.Correction] {
        let ranks = Array(said.indices).shuffled(using: &generator)
        return said.indices.map { place in
            let entry = entries?[place] ?? 0
            return NaiveHours.Correction(
                entry: entry,
                start: said[place].0,
                end: said[place].1,
                isVoid: said[place].2,
                // Each entry has a stream of its own.
                saw: order[place].filter { entries == nil || entries?[$0] == entry },
                rank: ranks[place]
            )
        }
    }

    private func compare(
        _ events: [NaiveHours.Event],
        _ ranked: [Int],
        _ corrections: [NaiveHours.Correction],
        _ generator: inout SplitMix64
    ) {
        var history = History<HoursEvent>()
        let times = Dictionary(uniqueKeysWithValues: zip(ranked, 1...))
        // Ids follow from time and place, so those that are named can be told before.
        func name(_ place: Int) -> ID {
            let time = HybridTime(milliseconds: UInt64(times[place] ?? 0))
            return ID(createdAt: Stamp(time, ID(high: UInt64(place + 1) << 32, low: 0)), index: 0)
        }
        for (place, event) in events.enumerated() {
            history.add(Self.event(event, name), time: UInt64(times[place] ?? 0))
        }
        var corrected = History<HoursCorrection>()
        for correction in corrections {
            let said = HoursCorrection(
                of: history[correction.entry],
                start: correction.start,
                end: correction.end,
                isVoid: correction.isVoid,
                reason: "x"
            )
            let time = UInt64(correction.rank + 1)
            corrected.add(said, seen: correction.saw.sorted(), time: time)
        }
        let sheet = Timesheet(
            history.entries.shuffled(using: &generator),
            corrections: corrected.entries.shuffled(using: &generator)
        )
        let naive = NaiveHours(events: events, ranked: ranked, corrections: corrections)

        let folded = Dictionary(uniqueKeysWithValues: sheet.entries.map { ($0.id, $0) })
        let isEqual =
            folded.count == naive.entries.count
            && naive.entries.allSatisfy { entry in
                guard let other = folded[history[entry.place]] else { return false }
                return other.start == entry.start && other.end == entry.end
                    && other.flags == entry.flags && other.duration == entry.duration
            }
        let overlaps = Set(sheet.overlaps.map { Set([$0.early, $0.late]) })
        let expected = Set(naive.overlaps.map { Set($0.map { history[$0] }) })
        if !isEqual || overlaps != expected {
            Issue.record("\(events) \(ranked) \(corrections): \(sheet) but \(naive.entries)")
        }
    }

    private static let nothing = HoursEvent(.unknown, person: .zero)

    private static func event(_ event: NaiveHours.Event, _ name: (Int) -> ID) -> HoursEvent {
        switch event {
        case .start(let person, let reading, let timer):
            HoursEvent(
                .start(reading),
                person: id(UInt64(person)),
                activity: .work,
                timer: timer
            )
        case .whole(let person, let start, let end):
            HoursEvent(
                .whole(start: start, end: end),
                person: id(UInt64(person)),
                activity: .work
            )
        case .stop(let place, let person, let reading):
            HoursEvent(.stop(entry: name(place), reading), person: id(UInt64(person)))
        case .undo(let place, let person, let reading):
            HoursEvent(.undo(stop: name(place), reading), person: id(UInt64(person)))
        case .nothing: nothing
        }
    }
}
