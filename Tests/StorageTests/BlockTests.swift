import CRDT
import Domain
import SeededRandom
import Simulation
@testable import Storage
import Testing
import Wire

/// What catching up brings lies in blocks, and nobody who reads can tell.
@Suite("Blocks")
struct BlockTests {
    private static let scope = Scope.subject(World.subjectP)

    /// A station that wrote alone for a while, and a hub that has all of it in blocks.
    private struct CaughtUp {
        let world: World
        let station: SimulatedNode

        init(seed: UInt64, changes: Int = 150) throws {
            world = try World(seed: seed)
            station = world.nodes[1]
            try BlockTests.write(changes, at: station, world)
            try world.meet(1, 0)
        }
    }

    /// Writes events, records and edits of records, a change each.
    private static func write(
        _ count: Int,
        at node: SimulatedNode,
        _ world: World,
        in scope: Scope = scope
    ) throws {
        var thing: ID?
        for number in 0..<count {
            world.now += 1_000
            let (name, known) = (node.name, thing)
            let saved = try node.store.act(History.actor, wallMilliseconds: world.now) { acting in
                var draft = Draft()
                let entity = SimulationSchema.thing
                let text = Value.text("\(name) \(number)")
                let write = FieldEdit(1, .write(text, replacing: []))
                switch (number % 3, known) {
                case (0, let known?):
                    let held = try acting.view.record(known, of: entity, in: scope)
                    let edit = FieldEdit(1, .write(text, replacing: held?.names(1) ?? []))
                    draft.add(Operation(entity.number, .existing(known), edits: [edit]), in: scope)
                case (1, _):
                    draft.add(Operation(entity.number, .new, edits: [write]), in: scope)
                default:
                    let step = SimulationSchema.step.number
                    draft.add(Operation(step, .event, edits: [write]), in: scope)
                }
                return draft
            }
            if number % 3 == 1 { thing = ID(createdAt: saved.stamp, index: 0) }
        }
    }

    private static func counts(_ store: Store) throws -> (blocks: Int64, rows: Int64) {
        try store.reading { connection throws(StorageError) in
            func count(_ sql: String) throws(StorageError) -> Int64 {
                try connection.prepare("SELECT count(*) FROM \(sql)").first { $0.integer(0) } ?? 0
            }
            return (try count("block"), try count("change"))
        }
    }

    private static func items(_ store: Store, lacking: Frontier) throws -> [Chunk.Item] {
        try store.readChunk(
            of: scope,
            after: 0,
            upTo: store.position,
            lacking: lacking,
            known: [:],
            introduced: []
        ).items
    }

    @Test("what is caught up with lies in blocks, verifies, and goes on unaltered")
    func caughtUp() throws {
        let caught = try CaughtUp(seed: 80)
        let (hub, station) = (caught.world.hub.store, caught.station.store)
        let (blocks, rows) = try Self.counts(hub)
        #expect(blocks >= 2 && rows < 20, "\(blocks) blocks, \(rows) rows")
        let report = try hub.verify { _ in }
        #expect(report.faults == [])
        #expect(try hub.status().changes == Int64(report.changes))
        #expect(
            try Self.items(hub, lacking: Frontier()) == Self.items(station, lacking: Frontier())
        )
    }

    @Test("what comes one by one is sealed in time, whatever lies between")
    func sealed() throws {
        let world = try World(seed: 86)
        let station = world.nodes[1]
        for round in 0..<8 {
            try Self.write(40, at: station, world)
            // A change of another scope leaves a gap, one of another feed parts the stretch.
            try Self.write(1, at: station, world, in: .site(World.siteA))
            if round % 2 == 1 {
                try Self.write(1, at: world.nodes[2], world)
                for _ in 0..<2 {
                    try world.meet(2, 0)
                    try world.meet(1, 0)
                }
            }
        }
        let before = try station.store.digests().map(\.hash)
        let (blocks, rows) = try Self.counts(station.store)
        #expect(blocks >= 4 && rows < 180, "\(blocks) blocks, \(rows) rows")
        try station.restart(at: world.now)
        #expect(try station.store.verify { _ in }.faults == [])
        #expect(try station.store.digests().map(\.hash) == before)
        #expect(try world.settle())
        #expect(try world.differences() == [])
    }

    @Test("runs with one signature at their end are sealed at signatures, and go on")
    func sealedAtSignatures() throws {
        let world = try World(seed: 88)
        let (hub, station) = (world.nodes[0], world.nodes[1])
        // Too few at a time for a block: rows, of which the last one alone has a signature.
        for _ in 0..<16 {
            try Self.write(12, at: station, world)
            try world.meet(1, 0)
        }
        let (blocks, rows) = try Self.counts(hub.store)
        #expect(blocks >= 2 && rows < 60, "\(blocks) blocks, \(rows) rows")
        #expect(try hub.store.verify { _ in }.faults == [])
        let fresh = try SimulatedNode("fresh", .hub, site: .zero, kit: world.kit, seed: 89)
        _ = try Meeting(fresh, hub, now: world.now, seed: 9).run()
        #expect(try fresh.store.digests().map(\.hash) == hub.store.digests().map(\.hash))
    }

    @Test("each change is found by its place, its sequence and its hash")
    func found() throws {
        let caught = try CaughtUp(seed: 81)
        let replica = caught.station.store.replica
        try caught.world.hub.store.reading { connection throws(StorageError) in
            let number = try connection.number(of: Self.scope) ?? 0
            let author = try connection.replica(replica)?.number ?? 0
            let changes = try connection.changes(of: author, in: number)
            #expect(changes.map(\.sequence) == Array(1...UInt64(changes.count)))
            for change in changes {
                let placed = try connection.change(at: change.position, in: number)
                #expect(placed.hash == change.hash && placed.bytes == change.bytes)
                let held = try connection.changes(of: author, at: change.sequence, in: number)
                #expect(held.map(\.hash) == [change.hash])
                #expect(held.map(\.position) == [change.position])
            }
            let beyond = UInt64(changes.count) + 1
            #expect(try connection.changes(of: author, at: beyond, in: number).isEmpty)
            #expect(throws: StorageError.self) {
                _ = try connection.change(at: 1_000_000, in: number)
            }
        }
    }

    @Test("reading may begin and end inside a block")
    func stretches() throws {
        let caught = try CaughtUp(seed: 82)
        try caught.world.hub.store.reading { connection throws(StorageError) in
            let number = try connection.number(of: Self.scope) ?? 0
            func positions(_ after: Int64, _ upTo: Int64) throws(StorageError) -> [Int64] {
                var positions: [Int64] = []
                try connection.forEachChange(in: number, after: after, upTo: upTo) { change in
                    positions.append(change.position)
                    return positions.count < 90
                }
                return positions
            }
            let all = try positions(0, .max)
            #expect(all.count == 90 && all == all.sorted())
            for (after, upTo) in [(0, 10), (3, 70), (64, 64), (60, 85)] as [(Int64, Int64)] {
                let expected = all.filter { after < $0 && $0 <= upTo }
                #expect(try positions(after, upTo) == expected)
            }
        }
    }

    @Test("sent again, in part or whole, nothing of a block is new")
    func again() throws {
        let caught = try CaughtUp(seed: 83)
        let hub = caught.world.hub.store
        for case .run(var run) in try Self.items(caught.station.store, lacking: Frontier()) {
            for _ in 0..<2 {
                let chunk = Chunk(scope: Self.scope, items: [.run(run)])
                let ingested = try hub.ingest(
                    chunk,
                    from: caught.station.store.device,
                    wallMilliseconds: caught.world.now
                )
                #expect(ingested == Ingested())
                run.bodies.removeFirst(5)
                run.sequence += 5
            }
        }
    }

    @Test("a replica that turns out to be cloned has its blocks dissolved")
    func cloned() throws {
        let caught = try CaughtUp(seed: 84)
        let world = caught.world
        let copy = try caught.station.snapshot(withState: true)
        let clone = try SimulatedNode(
            "clone",
            cloning: copy,
            machine: "machine",
            seed: 99,
            now: world.now
        )
        let count = try Self.counts(world.hub.store).blocks
        try Self.write(40, at: caught.station, world)
        try Self.write(40, at: clone, world)
        try world.meet(1, 0)
        #expect(try Self.counts(world.hub.store).blocks > count)
        for _ in 0..<3 {
            _ = try Meeting(clone, world.nodes[0], now: world.now, seed: 5).run()
            try world.meet(1, 0)
        }
        #expect(try Self.counts(world.hub.store).blocks == 0)
        #expect(try world.hub.store.verify { _ in }.faults == [])
        let digests = try [world.hub, caught.station, clone].map { node in
            try node.store.digests().first { $0.scope == Self.scope }?.hash
        }
        #expect(Set(digests).count == 1)
    }

    @Test("C22 a damaged block is named, and is no trap")
    func damaged() throws {
        let caught = try CaughtUp(seed: 85)
        let store = caught.world.hub.store
        var random = SplitMix64(seed: 1)
        let row = try store.reading { connection throws(StorageError) in
            try connection.prepare(
                "SELECT bodies, length, count FROM block ORDER BY position LIMIT 1"
            )
            .first { (bodies: $0.bytes(0), length: $0.integer(1), count: $0.integer(2)) }
        }
        let (bodies, length, count) = try #require(row)
        func unpacked(_ frame: [UInt8]) throws -> [[UInt8]] {
            try PackedBodies(frame: frame, length: Int(length)).unpacked(count: Int(count))
                .map(\.bytes)
        }
        let other = try Connection(path: store.place.file, mode: .write)
        for _ in 0..<200 {
            var broken = bodies
            broken[random.below(broken.count)] ^= UInt8(1 << random.below(8))
            try other.prepare(
                "UPDATE block SET bodies = ? WHERE position = (SELECT min(position) FROM block)"
            )
            .bind(broken).run()
            let report = try store.verify { _ in }
            // Some bits of a frame say nothing.
            if report.faults.isEmpty { #expect(try unpacked(broken) == unpacked(bodies)) }
        }
    }

    @Test("a block whose place cannot be is named, and is no trap")
    func displaced() throws {
        let caught = try CaughtUp(seed: 87)
        let store = caught.world.hub.store
        let other = try Connection(path: store.place.file, mode: .write)
        try other.execute("PRAGMA ignore_check_constraints = 1")
        for change in ["count = 0", "count = -5", "count = 1000", "first = -9223372036854775808"] {
            try other.execute("BEGIN; UPDATE block SET \(change); COMMIT")
            #expect(try !store.verify { _ in }.faults.isEmpty, "\(change)")
        }
    }
}
