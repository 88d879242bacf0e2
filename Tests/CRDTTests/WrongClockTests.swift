import CRDT
import Testing

/// Wordings about clocks and rank that diverge, beside the rule that holds.
@Suite("Wrong rules for clocks")
struct WrongClockTests {
    private let bound = HybridClock.boundMilliseconds

    /// A node, by what its own clock showed when each write came.
    private struct Receipt {
        let write: Write<String>
        let wall: UInt64
    }

    private func isMarked(_ receipt: Receipt) -> Bool {
        receipt.write.name.stamp.time.milliseconds > receipt.wall + bound
    }

    @Test("W6 rank clamped to receive time: a slow clock here decides what is shown here only")
    func clamped() {
        let (ahead, beside) = pair
        func shown(at wall: UInt64) -> String? {
            [Receipt(write: ahead, wall: wall), Receipt(write: beside, wall: wall)].max {
                let times = [$0, $1].map { receipt in
                    min(receipt.write.rank.time.milliseconds, receipt.wall + bound)
                }
                return (times[0], $0.write.name.stamp.replica)
                    < (times[1], $1.write.name.stamp.replica)
            }?.write.value
        }

        #expect(shown(at: bound) != shown(at: 0))
        #expect(Set([ahead, beside].orders.map { Register(arriving: $0).value }) == ["ahead"])
    }

    @Test("W6 marked ranks last: who is 50 ms slow marks, the others do not")
    func marked() {
        let (ahead, beside) = pair
        func shown(at wall: UInt64) -> String? {
            let receipts = [ahead, beside].map { Receipt(write: $0, wall: wall) }
            return receipts.max { left, right in
                isMarked(left) != isMarked(right)
                    ? isMarked(left) : left.write.rank < right.write.rank
            }?.write.value
        }

        #expect(shown(at: 100) == "ahead")
        #expect(shown(at: 50) == "beside")
        var slow = HybridClock(last: .zero)
        let verdict = slow.observe(ahead.name.stamp.time, wallMilliseconds: 50)
        #expect(verdict == .suspect)
        #expect(slow.last == .zero)
        #expect(Register(arriving: [ahead, beside]).value == "ahead")
    }

    @Test("W6 rank by replicated hub ruling: with it a wrong stamp loses, the same everywhere")
    func ruled() {
        let (ahead, beside) = pair
        let ruling = HybridTime(milliseconds: 20)
        let ruledRank = Rank(ahead.name, isPlausible: true, ruling: ruling)
        let ruled = Write(ahead.value, ruledRank)

        for order in [ruled, beside].orders {
            #expect(Register(arriving: order).value == "beside")
        }
        #expect(Register(arriving: [ahead, beside]).isInConflict)
    }

    @Test("W6 of several clock verdicts the least counts, in whatever order they came")
    func leastRuling() {
        let rulings = [30, 20, 40].map { HybridTime(milliseconds: $0) }
        let write = name(bound, 1)

        func rank(ruled ruling: HybridTime?) -> Rank {
            Rank(write, isPlausible: true, ruling: ruling)
        }
        #expect(Set(rulings.orders.map { rank(ruled: $0.last) }).count == 3)
        #expect(Set(rulings.orders.map { rank(ruled: $0.min()) }) == [rank(ruled: rulings[1])])
    }

    @Test("W6 a stamp outside its certificate's validity loses to a sane one without any clock")
    func implausible() {
        let future = Write("2099", Rank(name(9_000_000, 1), isPlausible: false))
        let sane = Write("today", rank(5, 2))

        for order in [future, sane].orders {
            #expect(Register(arriving: order).value == "today")
        }
    }

    @Test("U14 strictly rising stamps keep a replica that was once in 2031 there")
    func clockSetBack() {
        let in2031: UInt64 = 1_930_000_000_000
        let today: UInt64 = 1_750_000_000_000
        var clock = HybridClock(last: HybridTime(milliseconds: in2031))

        let next = clock.tick(wallMilliseconds: today)
        #expect(next == HybridTime(milliseconds: in2031, counter: 1))
        var newReplica = HybridClock(last: .zero)
        #expect(newReplica.tick(wallMilliseconds: today) == HybridTime(milliseconds: today))
    }

    /// c1 of r1, 100 ms past the bound of a node whose clock shows 50, and c2 of r2 beside it.
    private var pair: (ahead: Write<String>, beside: Write<String>) {
        (Write("ahead", rank(bound + 100, 1)), Write("beside", rank(bound + 50, 2)))
    }
}
