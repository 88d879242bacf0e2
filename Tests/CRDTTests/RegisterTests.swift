import CRDT
import SeededRandom
import Testing

@Suite("Register")
struct RegisterTests {
    @Test("MERGE-1 a write removes exactly the heads it names and adds itself")
    func writeReplacesWhatItNames() {
        var title = Register<String>()
        title.write("a", rank: rank(1, 1), replacing: [])
        title.write("b", rank: rank(2, 2), replacing: [])
        title.write("c", rank: rank(3, 3), replacing: [name(1, 1)])

        #expect(title.names == [name(2, 2), name(3, 3)])
        #expect(title.value == "c")
        #expect(title.isInConflict)
    }

    @Test("writes that do not name each other commute on any state")
    func writesCommute() {
        for seed in UInt64(0)..<2000 {
            var generator = SplitMix64(seed: seed)
            var state = Register<Int>()
            for _ in 0..<generator.below(4) {
                state.write(
                    generator.below(2),
                    rank: randomRank(&generator),
                    replacing: generator.some(of: state.heads.map(\.name))
                )
            }
            let shown = state.heads.map(\.name)
            let pair = [UInt64(100), 101].map { hash in
                Write(
                    generator.below(2),
                    randomRank(&generator, hash: hash),
                    saw: generator.some(of: shown)
                )
            }
            var forwards = state
            var backwards = state
            for write in pair {
                forwards.write(write.value, rank: write.rank, replacing: write.seen)
            }
            for write in pair.reversed() {
                backwards.write(write.value, rank: write.rank, replacing: write.seen)
            }

            #expect(forwards == backwards, "SEED=\(seed)")
        }
    }

    @Test("a write that is a head already changes nothing when it comes again")
    func writingAgain() {
        let writes = [Write("a", rank(5, 1)), Write("b", rank(3, 2)), Write("c", rank(4, 3))]
        let once = Register(arriving: writes)

        for write in writes {
            var twice = once
            twice.write(write.value, rank: write.rank, replacing: write.seen)
            #expect(twice == once)
        }
    }

    @Test("a write that claims to have seen itself still stands")
    func selfNaming() {
        var register = Register<String>()
        register.write("a", rank: rank(1, 1), replacing: [name(1, 1)])

        #expect(register.values == ["a"])
    }

    @Test("heads stand in order of rank, however they came")
    func headsAreOrdered() {
        let writes = [Write("a", rank(5, 1)), Write("b", rank(3, 2)), Write("c", rank(4, 3))]

        for order in writes.orders {
            #expect(Register(arriving: order).heads.map(\.value) == ["a", "c", "b"])
        }
        let stored = Register(arriving: writes).heads.reversed()
        #expect(Register(heads: Array(stored)) == Register(arriving: writes))
    }

    @Test("an empty register shows nothing and is no conflict")
    func empty() {
        let register = Register<String>()

        #expect(register.value == nil)
        #expect(!register.isInConflict)
    }

    private func randomRank(_ generator: inout SplitMix64, hash: UInt64? = nil) -> Rank {
        Rank(
            name(
                UInt64(generator.below(3)),
                UInt64(generator.below(3)),
                hash: hash ?? UInt64(generator.below(50))
            ),
            isPlausible: generator.happens(1, in: 2),
            ruling: generator.happens(1, in: 3) ? HybridTime(milliseconds: 1) : nil
        )
    }
}

@Suite("AddWinsSet")
struct AddWinsSetTests {
    @Test("MERGE-4 an addition wins over a removal that had not seen it")
    func additionWins() {
        var tags = AddWinsSet<String>()
        tags.add("urgent", named: name(1, 1))
        tags.add("urgent", named: name(1, 2))
        tags.remove("urgent", names: [name(1, 1)])

        #expect(tags.contains("urgent"))
        tags.remove("urgent", names: [name(1, 2)])
        #expect(!tags.contains("urgent"))
        #expect(tags == AddWinsSet())
    }

    @Test("an addition takes over those of the same element that it names, and of no other")
    func takingOver() {
        var tags = AddWinsSet<String>()
        tags.add("a", named: name(1, 1))
        tags.add("b", named: name(1, 1))
        tags.add("a", named: name(2, 2), replacing: [name(1, 1)])

        #expect(tags.additions == ["a": [name(2, 2)], "b": [name(1, 1)]])
    }

    @Test("operations that do not name each other commute on any state")
    func operationsCommute() {
        for seed in UInt64(0)..<2000 {
            var generator = SplitMix64(seed: seed)
            var state = AddWinsSet<Int>()
            for step in 0..<UInt64(generator.below(5)) {
                state.add(generator.below(2), named: name(step, 1))
            }
            let pair = [name(9, 1), name(9, 2)].map { name in
                Act(name: name, element: generator.below(2), on: state, &generator)
            }
            var forwards = state
            var backwards = state
            pair.forEach { $0.apply(to: &forwards) }
            pair.reversed().forEach { $0.apply(to: &backwards) }

            #expect(forwards == backwards, "SEED=\(seed)")
            #expect(forwards.additions.values.allSatisfy { !$0.isEmpty }, "SEED=\(seed)")
        }
    }

    @Test("removing what is not there, and storing what is empty, leave nothing behind")
    func nothingEmptyStays() {
        var tags = AddWinsSet<String>()
        tags.remove("a", names: [name(1, 1)])

        #expect(tags == AddWinsSet())
        #expect(AddWinsSet<String>(additions: ["a": []]) == AddWinsSet())
        #expect(Array(tags.elements).isEmpty)
    }

    private struct Act {
        let name: Name
        let element: Int
        let seen: [Name]
        let adds: Bool

        init(
            name: Name,
            element: Int,
            on state: AddWinsSet<Int>,
            _ generator: inout SplitMix64
        ) {
            self.name = name
            self.element = element
            seen = generator.some(of: (state.additions[element] ?? []).sorted())
            adds = generator.happens(1, in: 2)
        }

        func apply(to set: inout AddWinsSet<Int>) {
            if adds {
                set.add(element, named: name, replacing: seen)
            } else {
                set.remove(element, names: seen)
            }
        }
    }
}
