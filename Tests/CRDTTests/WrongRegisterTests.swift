import CRDT
import Testing

/// Wordings of the register rule that were tried and diverge, each beside its least
/// counterexample: the wrong rule disagrees with itself, ours does not.
@Suite("Wrong rules for registers")
struct WrongRegisterTests {
    private let caution = Caution(leastFirst: ["PASS", "FAIL"])

    /// The rule that a write which replaces the current head follows, and else the greater wins.
    private func literal<Value>(
        _ writes: [Write<Value>],
        isGreater: (Write<Value>, Write<Value>) -> Bool
    ) -> Value? {
        var current: Write<Value>?
        for write in writes {
            let follows = current.map { write.seen.contains($0.name) || isGreater(write, $0) }
            if follows ?? true { current = write }
        }
        return current?.value
    }

    @Test("W1 literal 'it simply follows', cautious, good clocks: FAIL must not hide behind PASS")
    func followsCautious() {
        let c1 = Write("FAIL", rank(1, 2))
        let c2 = Write("PASS", rank(2, 2), saw: [c1.name])
        let c3 = Write("FAIL", rank(1, 1))
        let isGreater: (Write<String>, Write<String>) -> Bool = { new, old in
            new.value != old.value ? new.value == "FAIL" : new.rank > old.rank
        }

        #expect(literal([c3, c1, c2], isGreater: isGreater) == "PASS")
        #expect(literal([c1, c2, c3], isGreater: isGreater) == "FAIL")
        for order in [c1, c2, c3].admissibleOrders() {
            let register = Register(arriving: order)
            #expect(caution.shown(of: register)?.value == "FAIL")
            #expect(register.names == [c2.name, c3.name])
        }
    }

    @Test("W1 literal 'it simply follows', plain, bad clocks: a head between the two is not lost")
    func followsPlain() {
        let c1 = Write("ahead", rank(1100, 1))
        let c2 = Write("informed", rank(100, 2), saw: [c1.name])
        let c3 = Write("beside", rank(500, 3))
        let isGreater: (Write<String>, Write<String>) -> Bool = { $0.rank > $1.rank }

        #expect(literal([c3, c1, c2], isGreater: isGreater) == "informed")
        #expect(literal([c1, c2, c3], isGreater: isGreater) == "beside")
        for order in [c1, c2, c3].admissibleOrders() {
            #expect(Register(arriving: order).heads.map(\.value) == ["beside", "informed"])
        }
    }

    @Test("W1 rank never makes a write lose to one that it replaced")
    func rankDecidesOnlyBetweenHeads() {
        let future = Write("2099", rank(9_000_000, 1))
        let sane = Write("today", rank(5, 2), saw: [future.name])

        let lastWriterWins = [future, sane].max { $0.rank < $1.rank }?.value
        #expect(lastWriterWins == "2099")
        #expect(Register(arriving: [future, sane]).value == "today")
    }

    @Test("W2 equal concurrent values kept as one head lose a write that nobody replaced")
    func equalValues() {
        let c1 = Write("q", rank(1, 1))
        let c2 = Write("p", rank(2, 2), saw: [c1.name])
        let c3 = Write("q", rank(3, 3))
        func collapsing(_ writes: [Write<String>]) -> Set<String> {
            var heads: [Write<String>] = []
            for write in writes {
                heads.removeAll { write.seen.contains($0.name) }
                if !heads.contains(where: { $0.value == write.value }) { heads.append(write) }
            }
            return Set(heads.map(\.value))
        }

        #expect(collapsing([c1, c3, c2]) == ["p"])
        #expect(collapsing([c1, c2, c3]) == ["p", "q"])
        for order in [c1, c2, c3].admissibleOrders() {
            #expect(Register(arriving: order).values == ["p", "q"])
        }
        #expect(!Register(arriving: [c1, c3]).isInConflict)
        #expect(Register(arriving: [c1, c3]).names == [c1.name, c3.name])
    }

    @Test("W3 fork as tree, heads named by stamp only: a clone's write is replaced unseen")
    func stampOnly() {
        let original = Write("p", rank(100, 2, hash: 1))
        let clone = Write("q", rank(100, 2, hash: 2))
        let informed = Write("r", rank(5, 1), saw: [original.name])
        func byStamp(_ writes: [Write<String>]) -> Set<String> {
            var heads: [Write<String>] = []
            for write in writes {
                heads.removeAll { head in
                    write.seen.contains { $0.stamp == head.name.stamp }
                }
                heads.append(write)
            }
            return Set(heads.map(\.value))
        }

        #expect(byStamp([original, informed, clone]) == ["q", "r"])
        #expect(byStamp([clone, original, informed]) == ["r"])
        for order in [original, clone, informed].admissibleOrders() {
            #expect(Register(arriving: order).values == ["q", "r"])
        }
    }

    @Test("fork as tree, heads named by stamp and hash: sets and streams keep the clone's too")
    func stampAndHash() {
        let original = name(100, 2, hash: 1)
        let clone = name(100, 2, hash: 2)
        var tags = AddWinsSet<String>()
        tags.add("a", named: original)
        tags.add("a", named: clone)
        tags.remove("a", names: [original])
        let stream = Stream([
            Stream.Entry("p", rank: Rank(original, isPlausible: true), index: 0, after: []),
            Stream.Entry("q", rank: Rank(clone, isPlausible: true), index: 0, after: []),
            Stream.Entry("r", rank: rank(101, 1), index: 0, after: [original]),
        ])

        #expect(tags.additions == ["a": [clone]])
        #expect(stream.heads == [clone, name(101, 1)])
    }

    @Test("W4 fork under invariant 1 (linear feeds): a frontier keeps a tip for each branch")
    func branches() {
        let replica = ID(high: 1, low: 0)
        let hashes = (1...3).compactMap { Hash([UInt8](repeating: $0, count: 32)) }
        let ours = Frontier.Tip(replica: replica, branch: hashes[0], sequence: 2, hash: hashes[0])
        let clone = Frontier.Tip(replica: replica, branch: hashes[1], sequence: 2, hash: hashes[1])
        func linear(_ tips: [Frontier.Tip]) -> [ID: Frontier.Tip] {
            tips.reduce(into: [:]) { $0[$1.replica] = $0[$1.replica] ?? $1 }
        }

        #expect(linear([ours, clone]) != linear([clone, ours]))
        #expect(Frontier([ours, clone]) == Frontier([clone, ours]))
        #expect(Frontier([ours, clone]).tips(of: replica).count == 2)
    }

    @Test("W5 a write stored before the one it names diverges; every allowed order agrees")
    func orderOfArrival() {
        let c1 = Write("a", rank(1, 1))
        let c2 = Write("b", rank(2, 2), saw: [c1.name])

        #expect(Register(arriving: [c2, c1]).values == ["a", "b"])
        #expect(Register(arriving: [c1, c2]).values == ["b"])
        #expect([c1, c2].admissibleOrders().count == 1)
    }

    @Test("U1 heads read at commit, not from the form, replace a value that no one saw")
    func headsFromTheForm() {
        let opened = Write("a", rank(1, 1))
        let merged = Write("b", rank(2, 2))
        let stored = Register(arriving: [opened, merged])
        let shown = Register(arriving: [opened]).heads.map(\.name)

        var atCommit = stored
        atCommit.write("c", rank: rank(3, 1), replacing: stored.heads.map(\.name))
        #expect(!atCommit.isInConflict)
        var fromForm = stored
        fromForm.write("c", rank: rank(3, 1), replacing: shown)
        #expect(fromForm.values == ["b", "c"])
    }

    @Test("U8 a value unknown here is the most cautious; as the least it would hide a warning")
    func unknownIsCautious() {
        let register = Register(arriving: [
            Write("PASS", rank(9, 1)), Write("FAIL", rank(5, 2)), Write("QUARANTINE", rank(1, 3)),
        ])
        let leastFirst = ["PASS", "FAIL"]
        let unknownLast = register.heads.max { left, right in
            (leastFirst.firstIndex(of: left.value) ?? -1)
                < (leastFirst.firstIndex(of: right.value) ?? -1)
        }

        #expect(unknownLast?.value == "FAIL")
        #expect(caution.shown(of: register)?.value == "QUARANTINE")
        #expect(
            Caution(leastFirst: ["PASS", "FAIL", "QUARANTINE"]).shown(of: register)?.value
                == "QUARANTINE"
        )
    }

    @Test("U15 the last change of a record is its head of greatest rank, not the last to arrive")
    func lastChange() {
        let writes = [Write("a", rank(3, 1)), Write("b", rank(1, 2)), Write("c", rank(2, 3))]

        let lastByArrival = Set(writes.orders.compactMap { $0.last?.name })
        #expect(lastByArrival.count == 3)
        let lastByRank = Set(writes.orders.map { Register(arriving: $0).heads.first?.name })
        #expect(lastByRank == [name(3, 1)])
    }
}

// Every row of the table of wrong rules is also made in a reference replica, with which stores are
// compared, in `SimulationTests/Mistakes`. What needs more than folds is tested besides:
//
// - Storage: release and upgrade folded again from the log (W7), mark outside the database (U12),
//   restore as a new replica (U13), static checks without a clock (U5).
// - Wire: the id of a natural key holds its scope (U3), runs and chunks end at a signature (W12),
//   bounded deltas (U9), canonical form (U15).
// - Simulation: forks (W4), two scopes of one action (U4), receipts (U16), all rules together.
// - Domain: the exact folds of progress, of measured items and of corrections (W10, S-02, S-04).
// - Node and Hub: who evaluates policy (U6), who may set a hub's register (U7), a new replica when
//   the clock is set back (U14), the mark of a suspect stamp on pages (W6).
// - Nowhere yet: leaving a scope (U11), which no store does, and the rows of floor and snapshot,
//   because whole scopes are kept.
