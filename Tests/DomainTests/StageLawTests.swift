import CRDT
import Domain
import SeededRandom
import Testing

/// The stage of a subject is a function of what each event saw, read twice in different ways.
@Suite("Stage laws")
struct StageLawTests {
    private static let stages = ["a", "b", "c"]

    private struct Written {
        let from: String?
        let to: String
        let kind: StageAdvance.Kind
        let isConfirmed: Bool
    }

    private func event(_ written: Written) -> StageAdvance {
        var values = FieldValues()
        values.set(StageAdvance.fromField, written.from)
        values.set(StageAdvance.toField, written.to)
        values.set(StageAdvance.kindField, written.kind.rawValue)
        if written.isConfirmed { values.set(StageAdvance.confirmedField, true) }
        let seed = SubStageSeed("in_\(written.to)", order: 1, roles: [])
        values.add(StageAdvance.seedsField, [seed.value])
        return StageAdvance(Fields(of: Operation(StageAdvance.number, .event, edits: values.edits)))
    }

    private func random(_ generator: inout SplitMix64) -> Written {
        let kinds: [StageAdvance.Kind] = [.automatic, .automatic, .automatic, .override, .move]
        let place = generator.below(3)
        let kind = kinds[generator.below(kinds.count)]
        let next = kind == .automatic ? min(2, place + 1) : generator.below(3)
        return Written(
            from: Self.stages[place],
            to: Self.stages[next],
            kind: kind,
            isConfirmed: generator.happens(25)
        )
    }

    /// The reading of the rules word by word, over places and what each had seen.
    private struct Naive {
        let events: [Written]
        let order: Order
        let ranks: [Int]
        let open: Set<String>

        private func isHeld(_ place: Int) -> Bool {
            let event = events[place]
            guard event.kind == .automatic, !event.isConfirmed, let from = event.from else {
                return false
            }
            // Only a stage that some event brought has sub-stages to wait for.
            return open.contains(from) && events.contains { $0.to == from }
        }

        private var counting: [Int] { events.indices.filter { !isHeld($0) } }

        private func isSettled(_ place: Int) -> Bool {
            let event = events[place]
            guard event.kind == .automatic, !event.isConfirmed else { return false }
            for other in counting where other != place {
                let twin = events[other]
                let isBeside = !order[other].contains(place) && !order[place].contains(other)
                guard isBeside, twin.kind == .automatic, twin.from == event.from,
                    twin.to == event.to
                else { continue }
                if twin.isConfirmed || counting.contains(where: { order[$0].contains(other) }) {
                    return true
                }
            }
            return false
        }

        var heads: [Int] {
            counting.filter { place in
                !isSettled(place) && !counting.contains { order[$0].contains(place) }
            }
            .sorted { ranks[$0] < ranks[$1] }
        }

        var official: String? {
            let confirmed = counting.filter { events[$0].isConfirmed }
            return confirmed.filter { place in
                !confirmed.contains { order[$0].contains(place) }
            }
            .max { ranks[$0] < ranks[$1] }.map { events[$0].to }
        }
    }

    @Test("FP-068 DOM-10: the fold is the naive reading, for thousands of histories, in any order")
    func naive() {
        var generator = SplitMix64(seed: 112)
        let finish = ProgressStep.Action.finish(needsApproval: false, revision: nil)
        for _ in 0..<3_000 {
            let order = Orders.random(1 + generator.below(8), &generator)
            let events = order.map { _ in random(&generator) }
            let ranks = order.indices.map { _ in generator.below(1_000) * 16 }
                .enumerated().map { $0.element + $0.offset }
            let open = Set(generator.some(of: Self.stages))
            var history = History<StageAdvance>()
            for (place, written) in events.enumerated() {
                let (seen, time) = (order[place].sorted(), UInt64(ranks[place] + 1))
                history.add(event(written), seen: seen, time: time)
            }
            var steps: [String: Stream<ProgressStep>] = [:]
            for stage in Self.stages where !open.contains(stage) {
                var done = History<ProgressStep>()
                done.add(ProgressStep("in_\(stage)", finish))
                steps["in_\(stage)"] = done.stream
            }
            let naive = Naive(events: events, order: order, ranks: ranks, open: open)
            var entries = history.entries
            entries.shuffle(using: &generator)
            let stages = ProjectStages(Stream(entries), steps: steps)

            #expect(stages.heads.map(\.to) == naive.heads.map { events[$0].to })
            #expect(stages.current == naive.heads.last.map { events[$0].to })
            #expect(stages.official == naive.official)
            let isConflict = Set(naive.heads.map { events[$0].to }).count > 1
            #expect(stages.isInConflict == isConflict)
        }
    }

    @Test("FP-068: however many derive one advance, and a hub confirms one, none is in conflict")
    func agreement() {
        var generator = SplitMix64(seed: 113)
        for _ in 0..<300 {
            var history = History<StageAdvance>()
            history.add(event(Written(from: nil, to: "a", kind: .begin, isConfirmed: true)))
            let count = 1 + generator.below(4)
            let derived = Written(from: "a", to: "b", kind: .automatic, isConfirmed: false)
            for _ in 0..<count { history.add(event(derived), seen: [0]) }
            let seen = generator.some(of: Array(1...count))
            let confirming = Written(from: "a", to: "b", kind: .automatic, isConfirmed: true)
            history.add(event(confirming), seen: [0] + seen)
            let onward = Written(from: "b", to: "c", kind: .override, isConfirmed: true)
            if generator.happens(50) { history.add(event(onward), seen: [0] + seen + [count + 1]) }
            let stages = ProjectStages(history.stream)
            let last = history.entries.last?.event.to
            #expect(stages.current == last && stages.official == last)
            #expect(!stages.isInConflict && !stages.isProvisional)
            let visits = StageHistory(history.stream).visits
            #expect(visits.map(\.stage) == (last == "c" ? ["a", "b", "c"] : ["a", "b"]))
        }
    }

    @Test(
        "DOM-116: stays cover the time from the first to now, in the order of what was seen"
    )
    func stays() {
        var generator = SplitMix64(seed: 116)
        for _ in 0..<500 {
            var history = History<StageAdvance>()
            var place: [String] = []
            for index in 0..<(1 + generator.below(8)) {
                let written = random(&generator)
                history.add(event(written), seen: Array(0..<index))
                if place.last != written.to { place.append(written.to) }
            }
            let stays = StageHistory(history.stream)
            #expect(stays.visits.map(\.stage) == place)
            let sums = stays.durations(now: 5_000) { Int64($0.name.stamp.time.milliseconds) }
            #expect(sums.values.reduce(0, +) == 4_000)
        }
    }
}
