import CRDT
import Domain
import SeededRandom
import Testing

/// Inspections with waivers against a second evaluator (DOM-22, DOM-70, DOM-73, DOM-74, DOM-139).
@Suite("Inspection laws")
struct InspectionLawTests {
    private typealias Decision = NaiveInspection.Decision

    private static let everything: [Decision] = [
        Decision(about: [0], decision: nil), Decision(about: [0], decision: .waived),
        Decision(about: [0, 1], decision: .conditionalPass),
        Decision(about: [0], decision: .refused), Decision(about: [1], decision: .refused),
        Decision(about: [1], decision: .waived),
    ]

    /// Two failed items, measured once each.
    private static let failed = [0, 1].map { number in
        NaiveInspection.Item(
            isRequired: true,
            size: 1,
            accepted: 0,
            found: [(number: number, sample: 1, outcome: .fail)]
        )
    }

    @Test("TV-122 TV-123 the fold is the naive reading, for every history of up to four decisions")
    func everyHistory() {
        var generator = SplitMix64(seed: 81)
        let measured = Measurements(of: Self.failed)
        for length in 0...3 {
            for order in Orders.all(length) {
                Orders.choices(length, of: Self.everything) { decisions in
                    compare(Self.failed, decisions, order, measured: measured, &generator)
                }
            }
        }
        for order in Orders.all(4) {
            Orders.choices(4, of: Array(Self.everything[1...3])) { decisions in
                compare(Self.failed, decisions, order, measured: measured, &generator)
            }
        }
    }

    @Test(
        "TV-123 … and for every history of five and six decisions of two hubs",
        arguments: [(6, [1, 3]), (5, [2, 3]), (5, [1, 2])]
    )
    func everyHistoryOfSix(length: Int, letters: [Int]) {
        var generator = SplitMix64(seed: 82)
        let measured = Measurements(of: Self.failed)
        let alphabet = letters.map { Self.everything[$0] }
        for order in Orders.ofTwoAuthors(length) {
            Orders.choices(length, of: alphabet) { decisions in
                compare(Self.failed, decisions, order, measured: measured, &generator)
            }
        }
    }

    @Test("TV-129 … and for thousands of inspections of several items, samples and thresholds")
    func longHistories() {
        var generator = SplitMix64(seed: 83)
        for _ in 0..<2_000 {
            var number = -1
            let items = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                let size = Int.random(in: 1...3, using: &generator)
                return NaiveInspection.Item(
                    isRequired: UInt8.random(in: 0...3, using: &generator) > 0,
                    size: size,
                    accepted: Int.random(in: 0..<size, using: &generator),
                    found: (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                        number += 1
                        return (
                            number: number, sample: Int.random(in: 1...size, using: &generator),
                            outcome: Measurement.Outcome.allCases
                                .randomElement(using: &generator) ?? .fail
                        )
                    }
                )
            }
            let order = Orders.random(Int.random(in: 0...7, using: &generator), &generator)
            let decisions = order.map { _ in
                let about = (0...max(0, number)).filter { _ in Bool.random(using: &generator) }
                let decision = UInt8.random(in: 0...3, using: &generator)
                return Decision(
                    about: Set(about),
                    decision: [nil, .waived, .conditionalPass, .refused][Int(decision)]
                )
            }
            let threshold = [10_000, 9_000, 5_000, 0].randomElement(using: &generator) ?? 0
            compare(items, decisions, order, threshold: threshold, &generator)
        }
    }

    private func compare(
        _ items: [NaiveInspection.Item],
        _ decisions: [Decision],
        _ saw: Order,
        threshold: Int = 10_000,
        measured known: Measurements? = nil,
        _ generator: inout SplitMix64
    ) {
        let found = known ?? Measurements(of: items)
        let waivers = history(decisions, saw, found.names, &generator)
        let meant = decisions.map { one in
            Decision(about: one.about.filter { found.names[$0] != nil }, decision: one.decision)
        }
        let naive = NaiveInspection(
            items: items,
            decisions: meant,
            saw: saw,
            threshold: threshold
        )
        let folded = Waivers(Stream(waivers.entries.shuffled(using: &generator)))
        let inspected = Inspected(
            found.definitions.shuffled(using: &generator),
            measured: found.measured,
            passThreshold: Int64(threshold),
            waivers: folded
        )

        let waived = items.indices.filter { naive.isWaived(items[$0]) }.map { Int64($0 + 1) }
        let isEqual =
            inspected.result.rawValue == naive.word && inspected.passBasisPoints == naive.share
            && inspected.waived == waived
            && Set(folded.asked) == Set(naive.asked.map { waivers[$0] })
            && Set(folded.contested) == Set(naive.contested.map { waivers[$0] })
        if !isEqual {
            Issue.record("\(items) \(decisions) \(saw) \(threshold): \(inspected), \(naive.word)")
        }
    }

    private func history(
        _ decisions: [Decision],
        _ saw: Order,
        _ names: [Int: ID],
        _ generator: inout SplitMix64
    ) -> History<Waiver> {
        var waivers = History<Waiver>()
        for (place, one) in decisions.enumerated() {
            let waiver = Waiver(
                inspection: id(900),
                accepts: Set(one.about.compactMap { names[$0] }),
                one.decision,
                reason: "x"
            )
            let time = UInt64.random(in: 1...9, using: &generator)
            waivers.add(waiver, seen: saw[place].sorted(), time: time)
        }
        return waivers
    }
}

/// The items of an inspection as the fold takes them.
private struct Measurements {
    private(set) var definitions: [ItemDefinition] = []
    private(set) var measured: [Int64: Measured] = [:]
    /// The ids of measurements, by number.
    private(set) var names: [Int: ID] = [:]

    init(of items: [NaiveInspection.Item]) {
        var measurements = History<Measurement>()
        for (place, item) in items.enumerated() {
            var definition = ItemDefinition(
                item: Int64(place + 1),
                title: "x",
                isRequired: item.isRequired
            )
            definition.sampling = .init(size: Int64(item.size), accepted: Int64(item.accepted))
            definitions.append(definition)
            let first = measurements.entries.count
            for found in item.found {
                let measurement = Measurement(
                    inspection: id(900),
                    of: definition,
                    outcome: found.outcome,
                    sample: Int64(found.sample),
                    measuredBy: id(1)
                )
                names[found.number] = measurements.add(measurement)
            }
            let own = Stream(measurements.entries[first...])
            measured[definition.item] = Measured(own, sampling: definition.sampling)
        }
    }
}
