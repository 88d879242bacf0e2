import CRDT
import SeededRandom
import Testing

@Suite("Rank")
struct RankTests {
    private let ranks: [Rank] = [true, false].flatMap { isPlausible in
        [nil, HybridTime(milliseconds: 1), HybridTime(milliseconds: 2)].flatMap { ruling in
            [1, 2, 3].flatMap { time in
                [1, 2].flatMap { replica in
                    [0, 1].map { hash in
                        Rank(
                            name(time, replica, hash: hash),
                            isPlausible: isPlausible,
                            ruling: ruling
                        )
                    }
                }
            }
        }
    }

    @Test("MERGE-6 rank is a total order: of two that differ exactly one is less")
    func isTotal() {
        for left in ranks {
            for right in ranks {
                let holds = [left < right, left == right, right < left].filter { $0 }
                #expect(holds.count == 1)
            }
        }
    }

    @Test("MERGE-6 rank is transitive")
    func isTransitive() {
        let sorted = ranks.sorted()

        for (index, left) in sorted.enumerated() {
            #expect(sorted[index...].allSatisfy { !($0 < left) })
        }
    }

    @Test(
        "MERGE-6 rank compares plausibility, ruled time, stamp, replica, hash, in this order",
        arguments: [
            (
                Rank(name(9, 9), isPlausible: false), Rank(name(1, 1), isPlausible: true)
            ),
            (
                Rank(name(9, 9), isPlausible: true, ruling: HybridTime(milliseconds: 1)),
                Rank(name(2, 1), isPlausible: true)
            ),
            (
                Rank(name(2, 1), isPlausible: true),
                Rank(name(9, 9), isPlausible: true, ruling: HybridTime(milliseconds: 2))
            ),
            (rank(1, 1), rank(1, 2)),
            (rank(1, 1, hash: 1), rank(1, 1, hash: 2)),
        ]
    )
    func order(lesser: Rank, greater: Rank) {
        #expect(lesser < greater)
    }

    @Test("a ruling lowers a time and never raises it")
    func rulingOnlyLowers() {
        let late = Rank(name(5, 1), isPlausible: true, ruling: HybridTime(milliseconds: 9))

        #expect(late == rank(5, 1))
    }
}

@Suite("Caution")
struct CautionTests {
    private let caution = Caution(leastFirst: ["PASS", "N/A", "FAIL"])

    @Test("MERGE-8 the most cautious value is shown, whatever its rank")
    func mostCautious() {
        let writes = [
            Write("FAIL", rank(1, 1)), Write("PASS", rank(9, 2)), Write("N/A", rank(5, 3)),
        ]

        for order in writes.orders {
            #expect(caution.shown(of: Register(arriving: order))?.name == name(1, 1))
        }
    }

    @Test("MERGE-8 among equal values the head of greatest rank is shown")
    func equalValues() {
        let writes = [
            Write("FAIL", rank(1, 1)), Write("FAIL", rank(3, 2)), Write("PASS", rank(9, 3)),
        ]

        for order in writes.orders {
            #expect(caution.shown(of: Register(arriving: order))?.name == name(3, 2))
        }
    }

    @Test("nothing is shown of an empty register, and a value declared twice keeps its place")
    func edges() {
        #expect(caution.shown(of: Register()) == nil)
        let doubled = Caution(leastFirst: ["PASS", "FAIL", "PASS"])
        let register = Register(arriving: [Write("PASS", rank(9, 1)), Write("FAIL", rank(1, 1))])
        #expect(doubled.shown(of: register)?.value == "FAIL")
    }
}

@Suite("HybridClock")
struct HybridClockTests {
    private let bound = HybridClock.boundMilliseconds

    @Test("each issued time is greater than all issued and adopted before, whatever the wall says")
    func monotone() {
        for seed in UInt64(0)..<300 {
            var generator = SplitMix64(seed: seed)
            var clock = HybridClock(last: HybridTime(raw: UInt64(generator.below(1 << 20))))
            var greatest = clock.last
            for _ in 0..<50 {
                let wall = UInt64(generator.below(40))
                let remote = HybridTime(raw: UInt64(generator.below(60 << 16)))
                if generator.happens(1, in: 2) {
                    let verdict = clock.observe(remote, wallMilliseconds: wall)
                    #expect(verdict == .adopted, "SEED=\(seed)")
                    greatest = max(greatest, remote)
                } else {
                    let issued = clock.tick(wallMilliseconds: wall)
                    #expect(issued.map { $0 > greatest } == true, "SEED=\(seed)")
                    greatest = issued ?? greatest
                }
                #expect(clock.last == greatest, "SEED=\(seed)")
            }
        }
    }

    @Test("a wall clock that is ahead is followed at once")
    func followsWall() {
        var clock = HybridClock(last: HybridTime(milliseconds: 5, counter: 9))

        #expect(clock.tick(wallMilliseconds: 8) == HybridTime(milliseconds: 8))
        #expect(clock.tick(wallMilliseconds: 8) == HybridTime(milliseconds: 8, counter: 1))
        #expect(clock.tick(wallMilliseconds: 3) == HybridTime(milliseconds: 8, counter: 2))
    }

    @Test("MERGE-6 a time at the bound is adopted; one millisecond more is suspect, moves nothing")
    func boundIsExact() {
        let start = HybridTime(milliseconds: 10)
        var clock = HybridClock(last: start)
        let beyond = HybridTime(milliseconds: 100 + bound + 1)

        #expect(clock.observe(beyond, wallMilliseconds: 100) == .suspect)
        #expect(clock.last == start)
        let last = HybridTime(milliseconds: 100 + bound, counter: .max)
        #expect(clock.observe(last, wallMilliseconds: 100) == .adopted)
        #expect(clock.last == last)
    }

    @Test("a used-up counter carries into the next millisecond")
    func carry() {
        var clock = HybridClock(last: HybridTime(milliseconds: 7, counter: .max))

        #expect(clock.tick(wallMilliseconds: 7) == HybridTime(milliseconds: 8))
    }

    @Test("the end of time is issued once and then nothing, and no wall clock overflows")
    func endOfTime() {
        var clock = HybridClock(last: HybridTime(raw: .max - 1))

        #expect(clock.tick(wallMilliseconds: .max) == .max)
        #expect(clock.tick(wallMilliseconds: .max) == nil)
        #expect(clock.last == .max)
        var young = HybridClock(last: .zero)
        #expect(young.observe(.max, wallMilliseconds: .max) == .adopted)
        var sane = HybridClock(last: .zero)
        #expect(sane.observe(.max, wallMilliseconds: 1_700_000_000_000) == .suspect)
    }
}
