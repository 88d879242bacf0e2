import CRDT
import SeededRandom
import Testing

@Suite("Stream")
struct StreamTests {
    private typealias Entry = Stream<String>.Entry

    @Test("MERGE-10 saw, heads and concurrency are those of plain reachability, in any order")
    func matchesReachability() {
        for seed in UInt64(0)..<300 {
            var generator = SplitMix64(seed: seed)
            let entries = randomEntries(&generator)
            let stream = Stream(entries.shuffled(using: &generator))
            let reach = Reachability(entries)

            #expect(stream.heads == reach.heads, "SEED=\(seed)")
            for (left, one) in entries.enumerated() {
                for (right, other) in entries.enumerated() {
                    let forwards = reach.saw(left, right)
                    let backwards = reach.saw(right, left)
                    #expect(stream.saw(one, other) == forwards, "SEED=\(seed)")
                    #expect(
                        stream.areConcurrent(one, other)
                            == (left != right && !forwards && !backwards),
                        "SEED=\(seed)"
                    )
                }
            }
        }
    }

    @Test("MERGE-10 an event has seen the earlier ones of its change, and not what a later names")
    func withinAChange() {
        let block = Entry("block", rank: rank(1, 1), index: 0, after: [])
        let start = Entry("start", rank: rank(2, 2), index: 0, after: [])
        let finish = Entry("finish", rank: rank(2, 2), index: 1, after: [block.name])
        let later = Entry("reopen", rank: rank(3, 3), index: 0, after: [start.name])
        let stream = Stream([later, finish, start, block])

        #expect(stream.saw(finish, start))
        #expect(stream.saw(finish, block))
        #expect(!stream.saw(start, block))
        #expect(!stream.saw(start, finish))
        #expect(stream.areConcurrent(start, block))
        #expect(stream.saw(later, finish))
        #expect(stream.saw(later, block))
        #expect(stream.heads == [later.name])
    }

    @Test("a cycle, which only forged bytes can claim, ends and sees round, never itself")
    func cycle() {
        let one = Entry("a", rank: rank(1, 1), index: 0, after: [name(3, 1)])
        let two = Entry("b", rank: rank(2, 1), index: 0, after: [name(1, 1), name(2, 1)])
        let three = Entry("c", rank: rank(3, 1), index: 0, after: [name(2, 1)])
        let stream = Stream([one, two, three])

        #expect(stream.heads.isEmpty)
        #expect(stream.saw(one, two) && stream.saw(two, one))
        #expect(!stream.saw(one, one) && !stream.saw(two, two))
    }

    @Test("names of other streams and of events that do not count are passed over")
    func foreignNames() {
        let event = Entry("a", rank: rank(1, 1), index: 0, after: [name(7, 7)])
        let stream = Stream([event])

        #expect(stream.heads == [event.name])
        #expect(!stream.saw(event, Entry("b", rank: rank(7, 7), index: 0, after: [])))
    }

    @Test("entries stand by rank, then by index in their change")
    func order() {
        let entries = [
            Entry("d", rank: rank(2, 2), index: 1, after: []),
            Entry("c", rank: rank(2, 2), index: 0, after: []),
            Entry("a", rank: Rank(name(9, 9), isPlausible: false), index: 0, after: []),
            Entry("b", rank: rank(2, 1), index: 5, after: []),
        ]

        #expect(Stream(entries).entries.map(\.event) == ["a", "b", "c", "d"])
    }

    @Test("a thousand events in a line are no work", .timeLimit(.minutes(1)))
    func longLine() {
        let entries = (UInt64(1)...1000).map { time in
            Entry("", rank: rank(time, 1), index: 0, after: [name(time - 1, 1)])
        }
        let stream = Stream(entries)

        #expect(stream.heads == [name(1000, 1)])
        #expect(stream.saw(entries[999], entries[0]))
        #expect(!stream.saw(entries[0], entries[999]))
    }

    /// A few changes of one or two events, each naming some of the earlier ones; stamps by chance.
    private func randomEntries(_ generator: inout SplitMix64) -> [Entry] {
        var entries: [Entry] = []
        for change in 0..<UInt64(1 + generator.below(6)) {
            let named = Set(entries.map(\.name)).sorted()
            let rank = rank(UInt64(generator.below(4)), UInt64(generator.below(2)), hash: change)
            for index in 0..<UInt16(1 + generator.below(2)) {
                let after = generator.some(of: named)
                entries.append(Entry("e", rank: rank, index: index, after: after))
            }
        }
        return entries
    }

    /// Who had seen whom, by Warshall's algorithm.
    private struct Reachability {
        private var table: [[Bool]]
        let heads: [Name]

        init(_ entries: [Entry]) {
            let count = entries.count
            table = entries.map { later in
                entries.map { earlier in
                    later.name == earlier.name
                        ? later.index > earlier.index : later.after.contains(earlier.name)
                }
            }
            for middle in 0..<count {
                for from in 0..<count where table[from][middle] {
                    for to in 0..<count where table[middle][to] {
                        table[from][to] = true
                    }
                }
            }
            let unseen = entries.filter { entry in
                !entries.contains { $0.after.contains(entry.name) }
            }
            heads = Set(unseen.map(\.name)).sorted()
        }

        func saw(_ later: Int, _ earlier: Int) -> Bool { table[later][earlier] }
    }
}
