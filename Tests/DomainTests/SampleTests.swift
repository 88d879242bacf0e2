import CRDT
import Domain
import SeededRandom
import Testing

/// Samples of an item: laws and examples (DOM-20, DOM-70).
@Suite("Samples")
struct SampleTests {
    private typealias Found = (sample: Int64, outcome: Measurement.Outcome)

    private func measurement(_ found: Found) -> Measurement {
        Measurement(
            inspection: id(900),
            of: ItemDefinition(item: 1, title: "Weld"),
            outcome: found.outcome,
            sample: found.sample,
            measuredBy: id(1)
        )
    }

    @Test("TV-124 the fold is the naive reading, for every history of up to four measurements")
    func everyHistory() {
        var generator = SplitMix64(seed: 70)
        let alphabet: [Found] = [
            (1, .pass), (1, .fail), (2, .pass), (2, .fail), (2, .notApplicable),
        ]
        for length in 0...3 {
            for order in Orders.all(length) {
                Orders.choices(length, of: alphabet) { compare($0, order, &generator) }
            }
        }
        for order in Orders.all(4) {
            Orders.choices(4, of: Array(alphabet.prefix(3))) { compare($0, order, &generator) }
        }
    }

    @Test("TV-124 … and of six by two authors, and thousands at random")
    func longHistories() {
        var generator = SplitMix64(seed: 71)
        for order in Orders.ofTwoAuthors(6) {
            Orders.choices(6, of: [(1, .pass), (1, .fail)] as [Found]) {
                compare($0, order, &generator)
            }
        }
        for _ in 0..<1_500 {
            let order = Orders.random(Int.random(in: 4...12, using: &generator), &generator)
            let found = order.map { _ -> Found in
                (
                    Int64.random(in: 1...4, using: &generator),
                    Measurement.Outcome.allCases.randomElement(using: &generator) ?? .fail
                )
            }
            compare(found, order, &generator)
        }
    }

    /// Compares, for a few samplings, with a reading that goes sample by sample.
    private func compare(_ found: [Found], _ saw: Order, _ generator: inout SplitMix64) {
        var history = History<Measurement>()
        for (place, one) in found.enumerated() {
            let time = UInt64.random(in: 1...9, using: &generator)
            history.add(measurement(one), seen: saw[place].sorted(), time: time)
        }
        let size = Int64.random(in: 1...3, using: &generator)
        let accepted = Int64.random(in: 0..<size, using: &generator)
        let measured = Measured(
            Stream(history.entries.shuffled(using: &generator)),
            sampling: .init(size: size, accepted: accepted)
        )

        var words: [Int64: String] = [:]
        for sample in Set(found.map(\.sample)) {
            let own = found.indices.filter { found[$0].sample == sample }
            let last = own.filter { place in !own.contains { saw[$0].contains(place) } }
            let outcomes = Set(last.map { found[$0].outcome.rawValue })
            words[sample] = outcomes.count > 1 ? "CONFLICT" : outcomes.first
        }
        let bad = words.values.count { $0 == "FAIL" }
        let unsure = words.values.count { $0 == "CONFLICT" }
        var expected = "PASS"
        if Set(words.values) == ["NA"] { expected = "NA" }
        if (1...size).contains(where: { words[$0] == nil }) { expected = "PENDING" }
        if bad + unsure > Int(accepted) { expected = "CONFLICT" }
        if bad > Int(accepted) { expected = "FAIL" }
        if measured.result.rawValue != expected {
            Issue.record("\(found) \(saw) \(size)/\(accepted): \(measured.result) not \(expected)")
        }
    }

    @Test("TV-124 three of a lot, one may fail: the second failure fails the item")
    func acceptNumber() {
        var history = History<Measurement>()
        func result(lot: Int64? = nil) -> Measured.Result {
            Measured(history.stream, sampling: .init(size: 3, accepted: 1), lot: lot).result
        }
        history.add(measurement((1, .pass)))
        #expect(result() == .pending)
        history.add(measurement((2, .fail)), seen: [0])
        #expect(result() == .pending)
        #expect(result(lot: 2) == .pass)
        #expect(result(lot: 1) == .fail)
        history.add(measurement((3, .pass)), seen: [1])
        #expect(result() == .pass)
        history.add(measurement((9, .fail)), seen: [2])
        #expect(result() == .fail)
    }

    @Test("S-03 TV-124 samples do not replace each other, and a conflict is one sample's own")
    func apart() {
        var history = History<Measurement>()
        history.add(measurement((1, .pass)))
        history.add(measurement((2, .pass)), seen: [0])
        history.add(measurement((2, .fail)), seen: [0])
        let measured = Measured(history.stream, sampling: .init(size: 2))

        #expect(measured.result == .conflict)
        #expect(measured.conflictingSamples == [2])
        #expect(measured.heads.count == 3)
        #expect(measured.failing == [history[1], history[2]])
    }

    @Test("TV-124 sizes and accept numbers that make no sense are read as the nearest that do")
    func samplings() {
        let odd = ItemDefinition.Sampling(size: -4, accepted: 9)
        #expect(odd.size == 1 && odd.accepted == 0)
        let large = ItemDefinition.Sampling(size: .max, accepted: .max)
        #expect(large.size == 1_000 && large.accepted == 999)
        #expect(large.size(ofLot: -1) == 1)
    }
}
