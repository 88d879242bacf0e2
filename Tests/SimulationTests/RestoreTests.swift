import CRDT
import Simulation
import Storage
import Testing
import Wire

/// S-09: a disk that was restored from an old backup.
@Suite("Restores")
struct RestoreTests {
    @Test("a restored store opens another replica, works on offline, and gets its work back")
    func restored() throws {
        let world = try World(seed: 21)
        let station = world.nodes[1]
        try #require(try world.settle())
        for _ in 0..<30 {
            _ = try world.history.act(at: station, in: world.scopes(of: station), now: world.now)
        }
        let copy = try station.snapshot()
        let replica = station.store.replica
        for _ in 0..<30 {
            world.now += 500
            _ = try world.history.act(at: station, in: world.scopes(of: station), now: world.now)
        }
        try world.meet(1, 0)
        let before = try station.store.digests().map(\.hash)

        try station.restore(copy, at: world.now)
        #expect(station.store.reopened == .restored)
        #expect(station.store.replica != replica)
        #expect(station.store.incarnation == 2)
        try world.meet(1, 0)
        #expect(try station.store.digests().map(\.hash) == before)
        _ = try world.history.act(at: station, in: world.scopes(of: station), now: world.now)
        #expect(try world.settle())
        #expect(try world.differences() == [])
        #expect(try world.faults() == [])
    }

    @Test("a crash, which leaves the mark below the database, changes nothing")
    func crashed() throws {
        let world = try World(seed: 22)
        let station = world.nodes[1]
        let replica = station.store.replica
        _ = try world.step()
        try station.restart(at: world.now)
        #expect(station.store.reopened == nil)
        #expect(station.store.replica == replica)
    }

    @Test("a clock that was years ahead and is set right does not hold its replica in the future")
    func clockSetRight() throws {
        let world = try World(seed: 23)
        let station = world.nodes[1]
        station.clockError = 5 * 365 * 86_400_000
        _ = try world.history.act(at: station, in: world.scopes(of: station), now: world.now)
        let ahead = station.store.lastIssued
        #expect(ahead.milliseconds > world.now + HybridClock.boundMilliseconds)
        station.clockError = 0
        try station.restart(at: world.now)
        #expect(station.store.incarnation == 2)
        _ = try world.history.act(at: station, in: world.scopes(of: station), now: world.now)
        #expect(station.store.lastIssued < ahead)
        #expect(try world.settle())
        #expect(try world.differences() == [])
    }
}
