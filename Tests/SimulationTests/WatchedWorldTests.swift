import CRDT
import Simulation
import Storage
import Sync
import Testing

@testable import Wire

/// A hub with its own store, and everybody who watches it.
@Suite("A watched hub in a simulated tenant")
struct WatchedWorldTests {
    /// Everybody has worked, met the hub, and holds a checkpoint.
    private func watched(seed: UInt64) throws -> World {
        let world = try World(seed: seed)
        world.watches = true
        for _ in 0..<20 { _ = try world.step() }
        world.now += 20_000
        #expect(try world.settle())
        return world
    }

    private func work(_ world: World) throws {
        for _ in 0..<20 { _ = try world.step() }
        world.now += 20_000
        _ = try world.settle()
        world.now += 20_000
    }

    @Test("every station holds what the hub signed, and the hub keeps what it said of it")
    func honest() throws {
        let world = try watched(seed: 61)
        try work(world)
        for index in 1...4 { try world.meet(index, 0) }
        let newest = try #require(try world.hub.store.newestCheckpoint(of: 1))
        let signed = try #require(
            try world.hub.store.witnessedCheckpoints(of: 1).last
        )
        #expect(signed.checkpoint.size == newest.head.size)
        #expect(signed.cosignatures.count == 4)
        for node in world.nodes.dropFirst() {
            #expect(try node.store.logWatch().held?.checkpoint == signed.checkpoint)
            #expect(try node.store.logFaults().isEmpty)
        }
    }

    @Test("T13: yesterday's hub is found by every station at its next contact, and data flow on")
    func yesterday() throws {
        let world = try watched(seed: 62)
        let backup = try world.hub.snapshot()
        try work(world)
        for index in 1...4 { try world.meet(index, 0) }
        let held = try (1...4).map { try world.nodes[$0].store.logWatch().held }
        try world.hub.restore(backup, at: world.now)
        #expect(world.hub.store.reopened == .restored)
        world.now += 20_000
        for index in 1...4 {
            try world.meet(index, 0)
            let faults = try world.nodes[index].store.logFaults()
            #expect(faults.map(\.code) == [.shrunk], "\(world.nodes[index].name)")
            #expect(try world.nodes[index].store.logWatch().held == held[index - 1])
            #expect(try world.nodes[index].store.distrusts(world.hub.store.device))
        }
        // The hub knows it as well, and signs nothing more.
        #expect(try world.hub.store.distrusts(world.hub.store.device))
        let signed = try world.hub.store.newestCheckpoint(of: 1)
        try work(world)
        #expect(try world.hub.store.newestCheckpoint(of: 1) == signed)
        #expect(try world.settle())
        #expect(try world.differences() == [])
        #expect(try world.faults() == [])
    }

    @Test("meetings that break off anywhere leave no station ahead of what it cosigned")
    func brokenOff() throws {
        let world = try watched(seed: 63)
        for cut in 1...12 {
            _ = try world.step()
            world.now += 20_000
            try world.meet(1 + cut % 4, 0, cutAfter: cut)
        }
        try work(world)
        for node in world.nodes { #expect(try node.store.logFaults().isEmpty) }
        #expect(try world.differences() == [])
    }
}
