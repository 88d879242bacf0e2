import CRDT
import Simulation
import Storage
import Testing

/// A line that goes dead at any frame loses nothing, and the next session goes on from there.
@Suite("Cut sessions")
struct CutTests {
    @Test("a thousand sessions cut at every frame in turn end in agreement")
    func thousandCuts() throws {
        var sessions = 0
        var seed: UInt64 = 0
        while sessions < 1_000 {
            seed += 1
            let world = try World(seed: 3_000 + seed)
            for _ in 0..<40 { _ = try world.step() }
            var cut = 0
            var reached: [Int64] = world.nodes.map(\.store.position)
            while cut < 30 {
                for index in 1..<world.nodes.count {
                    try world.meet(
                        index,
                        cut.isMultiple(of: 2) ? 0 : (index % 4) + 1,
                        cutAfter: cut
                    )
                    sessions += 1
                }
                let now = world.nodes.map(\.store.position)
                #expect(zip(now, reached).allSatisfy { $0 >= $1 }, "a cut took something back")
                reached = now
                cut += 1
            }
            #expect(try world.settle(), "seed \(seed)")
            #expect(try world.differences() == [], "seed \(seed)")
        }
    }

    @Test("a cut session goes on at the last chunk: nothing is sent twice but what was not stored")
    func resumes() throws {
        let world = try World(seed: 77)
        let station = world.nodes[1]
        for _ in 0..<300 {
            world.now += 100
            _ = try world.history.act(at: station, in: world.scopes(of: station), now: world.now)
        }
        let whole = try wholeSession()
        var bytes = 0
        var cuts = 0
        while true {
            let outcome = try world.meet(1, 0, cutAfter: 14)
            bytes += outcome.bytes
            if outcome.isEqual { break }
            cuts += 1
            try #require(cuts < 100)
        }
        // Greetings and frontiers come anew with each session; chunks do not.
        #expect(bytes < whole + cuts * 4_000)
    }

    /// The bytes of the same exchange without a cut.
    private func wholeSession() throws -> Int {
        let world = try World(seed: 77)
        let station = world.nodes[1]
        for _ in 0..<300 {
            world.now += 100
            _ = try world.history.act(at: station, in: world.scopes(of: station), now: world.now)
        }
        return try world.meet(1, 0).bytes
    }

    @Test("two nodes that hold the same exchange their hellos and nothing else")
    func nothingNew() throws {
        let world = try World(seed: 78)
        for _ in 0..<50 { _ = try world.step() }
        #expect(try world.settle())
        let outcome = try world.meet(1, 0)
        #expect(outcome.isEqual)
        #expect(outcome.frames <= 3, "hello, hello, bye")
        #expect(outcome.bytes <= 100)
    }
}
