import CRDT
import SeededRandom
import Simulation
import Storage
import Testing
import Wire

/// A line that goes dead at any frame loses nothing, and the next session goes on from there.
@Suite("Cut sessions")
struct CutTests {
    @Test("sessions cut at every frame in turn take nothing back and end in agreement")
    func everyFrame() throws {
        for seed in UInt64(3_001)...3_004 {
            let world = try World(seed: seed)
            for _ in 0..<40 { _ = try world.step() }
            var reached: [Int64] = world.nodes.map(\.store.position)
            for cut in 0..<30 {
                for index in 1..<world.nodes.count {
                    let other = cut.isMultiple(of: 2) ? 0 : (index % 4) + 1
                    try world.meet(index, other, cutAfter: cut)
                }
                let now = world.nodes.map(\.store.position)
                #expect(zip(now, reached).allSatisfy { $0 >= $1 }, "a cut took something back")
                reached = now
            }
            #expect(try world.settle(), "seed \(seed)")
            #expect(try world.differences() == [], "seed \(seed)")
        }
    }

    @Test("a mesh in which sessions are cut at random bytes agrees, and nobody keeps leftovers")
    func mesh() throws {
        let world = try World(seed: 3_000)
        var cuts = 0
        while cuts < 400 {
            for _ in 0..<(cuts.isMultiple(of: 100) ? 100 : 1) { _ = try world.step() }
            let one = world.history.random.below(world.nodes.count)
            let other = (one + 1 + world.history.random.below(world.nodes.count - 1)) % 5
            // As likely within the greeting as in the middle of many chunks.
            let last = world.history.random.below(100 << world.history.random.below(9))
            let outcome = try world.meet(one, other, cutAtByte: last)
            if outcome.initiatorEnding == nil, outcome.responderEnding == nil { cuts += 1 }
        }
        #expect(try world.settle())
        #expect(try world.differences() == [])
        #expect(try world.faults() == [])
        for node in world.nodes.dropFirst() {
            let clean = try cleanNode(.station, node.store.certificate.site, world.kit)
            #expect(try Meeting(clean, world.hub, now: world.now, seed: 4).run().isEqual)
            #expect(try rows(of: node) == rows(of: clean), "\(node.name)")
        }
    }

    private func cleanNode(
        _ kind: Certificate.Kind,
        _ site: ID,
        _ kit: TenantKit
    ) throws -> SimulatedNode {
        try SimulatedNode("clean", kind, site: site, kit: kit, seed: 9_000)
    }

    /// What a node holds, counted.
    private func rows(of node: SimulatedNode) throws -> [Int64] {
        let status = try node.store.status()
        return [
            Int64(status.scopes), status.changes, status.records, status.events, status.conflicts,
            status.setAside, status.excluded,
        ]
    }

    @Test("C18 a thousand sessions cut at random bytes leave a store as large as a clean one")
    func thousandCuts() throws {
        var cuts = 0
        var sizes: (cut: Int64, clean: Int64) = (0, 0)
        var seed: UInt64 = 3_100
        while cuts < 1_000 {
            seed += 1
            let world = try World(seed: seed)
            let (station, hub) = (world.nodes[1], world.hub)
            for _ in 0..<200 {
                world.now += 1_000
                let scopes = world.scopes(of: station)
                _ = try world.history.act(at: station, in: scopes, now: world.now)
            }
            var isThrough = false
            while !isThrough {
                let last = world.history.random.below(100 << world.history.random.below(9))
                let outcome = try world.meet(cuts % 2, 1 - cuts % 2, cutAtByte: last)
                isThrough = outcome.isEqual && outcome.initiatorEnding != nil
                if !isThrough { cuts += 1 }
            }
            let clean = try cleanNode(.hub, .zero, world.kit)
            #expect(try Meeting(station, clean, now: world.now, seed: 4).run().isEqual)
            #expect(try rows(of: hub) == rows(of: clean), "seed \(seed)")
            for node in [hub, clean] { try node.restart(at: world.now) }
            sizes.cut += try hub.store.status().fileBytes
            sizes.clean += try clean.store.status().fileBytes
        }
        #expect(sizes.cut * 100 < sizes.clean * 105, "\(sizes)")
    }

    @Test("C9 a cut session goes on at the last chunk: nothing goes twice but what was not stored")
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
