import CRDT
import Domain
import SeededRandom
import Simulation
import Storage
import Testing
import Wire

/// Counters and maps in stores: what is counted once, set aside, released, cloned, restored.
@Suite("Counters and maps")
struct CounterMapTests {
    private static let scope = Scope.subject(World.subjectQ)
    private static let count: UInt32 = 6
    private static let labels: UInt32 = 7

    private let world: World
    private let thing: ID

    init() throws {
        world = try World(seed: 31)
        try #require(try world.settle())
        thing = try world.create("thing", at: world.nodes[1], in: Self.scope)
        try #require(try world.settle())
    }

    @discardableResult
    private func edit(_ edits: FieldEdit..., at node: SimulatedNode) throws -> FeedPoint {
        world.now += 1_000
        let operation = Operation(
            SimulationSchema.thing.number,
            .existing(thing),
            edits: edits
        )
        let saved = try node.store.act(
            History.actor,
            wallMilliseconds: node.wall(world.now)
        ) { _ in
            var draft = Draft()
            draft.add(operation, in: Self.scope)
            return draft
        }
        let part = try #require(saved.changes.first)
        return FeedPoint(replica: node.store.replica, sequence: part.sequence, hash: part.hash)
    }

    private func by(_ delta: Int64) -> FieldEdit { FieldEdit(Self.count, .increment(delta)) }

    private func put(_ key: String, _ word: String?, at node: SimulatedNode) throws -> FieldEdit {
        let names = try record(at: node).names(Self.labels, key: key)
        return FieldEdit(
            Self.labels,
            .put(key: key, word.map(Value.text) ?? .null, replacing: names)
        )
    }

    private func record(at node: SimulatedNode) throws -> StoredRecord {
        let thing = thing
        return try #require(
            try node.store.read {
                try $0.record(thing, of: SimulationSchema.thing, in: Self.scope)
            }
        )
    }

    private func counts() throws -> Set<Int64?> {
        Set(try world.nodes.map { try record(at: $0).fields.integer(Self.count) })
    }

    private func entries(at node: SimulatedNode) throws -> [String: String] {
        let entries = try record(at: node).fields.entries(Self.labels)
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.key, "\($0.value)") })
    }

    // MARK: - Counters

    @Test("MERGE-18: what stations count apart adds up, however often they meet")
    func addsUp() throws {
        for node in world.nodes[1...3] { try edit(by(5), at: node) }
        for _ in 0..<3 { #expect(try world.settle()) }
        try world.meet(1, 2)
        try edit(by(-2), at: world.nodes[3])
        #expect(try world.settle())

        #expect(try counts() == [13])
        #expect(try world.differences() == [])
        #expect(try world.faults() == [])
    }

    @Test("MERGE-18: a restored station sends its increments again, and they count once")
    func restored() throws {
        let station = world.nodes[1]
        try edit(by(5), at: station)
        let copy = try station.snapshot()
        try edit(by(7), at: station)
        try world.meet(1, 0)

        try station.restore(copy, at: world.now)
        try edit(by(100), at: station)
        #expect(try record(at: station).fields.integer(Self.count) == 105)
        #expect(try world.settle())

        #expect(try counts() == [112])
        #expect(try world.differences() == [])
    }

    @Test("MERGE-18: of a cloned station the common past counts once, and each machine's own once")
    func cloned() throws {
        let station = world.nodes[1]
        try edit(by(5), put("a", "before", at: station), at: station)
        try world.meet(1, 0)
        let copy = try station.snapshot(withState: true)
        let clone = try SimulatedNode(
            "clone",
            cloning: copy,
            machine: "machine",
            seed: 99,
            now: world.now
        )
        try edit(by(10), put("a", "mine", at: station), at: station)
        world.now -= 1_000
        try edit(by(100), put("a", "clone", at: clone), at: clone)
        for _ in 0..<3 {
            try world.meet(1, 0)
            _ = try Meeting(clone, world.hub, now: world.now, seed: 5).run()
        }
        #expect(try world.settle())

        #expect(try counts() == [115])
        let heads = try record(at: world.hub).heads(Self.labels, key: "a")
        #expect(Set(heads.map(\.value)) == [.text("mine"), .text("clone")])
    }

    @Test(
        "MERGE-18: an increment that is set aside leaves the sum, and returns when it is released"
    )
    func released() throws {
        try edit(by(5), at: world.nodes[1])
        let wrong = try edit(by(100), at: world.nodes[3])
        #expect(try world.settle())
        try world.rule(.rejected, on: [wrong], in: Self.scope)
        #expect(try world.settle())
        let without = try counts()
        try world.rule(.accepted, on: [wrong], in: Self.scope)
        #expect(try world.settle())

        #expect(without == [5])
        #expect(try counts() == [105])
        #expect(try world.faults() == [])
    }

    @Test("MERGE-18: where every increment is set aside, the counter has no value")
    func allAside() throws {
        let wrong = try edit(by(100), at: world.nodes[3])
        #expect(try world.settle())
        try world.rule(.rejected, on: [wrong], in: Self.scope)
        #expect(try world.settle())

        #expect(try counts() == [nil])
        #expect(try world.differences() == [])
    }

    @Test("MERGE-18: a sum beyond 64 bits is kept exactly and shown as the nearest number")
    func saturated() throws {
        let limit: Int64 = 1 << 53
        var record = Record()
        let name = Name(Stamp(HybridTime(raw: 1), .zero), hash: 1)
        let operation = Operation(SimulationSchema.thing.number, .new, edits: [by(limit)])
        for _ in 0..<1_025 { record.apply(operation, rank: Rank(name, isPlausible: true)) }

        let shown = Fields(of: record, SimulationSchema.thing)

        #expect(record.sums[Self.count] == Int128(1_025) << 53)
        #expect(shown.integer(Self.count) == .max)
    }

    // MARK: - Maps

    @Test("MERGE-19: keys that stations set apart are all there; one key set apart is a conflict")
    func keys() throws {
        try edit(put("theme", "dark", at: world.nodes[1]), at: world.nodes[1])
        try edit(put("language", "vi", at: world.nodes[2]), at: world.nodes[2])
        try edit(put("theme", "light", at: world.nodes[3]), at: world.nodes[3])
        #expect(try world.settle())

        for node in world.nodes {
            let conflicts = try node.store.read { try $0.conflicts(in: Self.scope) }
            #expect(conflicts.map(\.field) == [Self.labels])
            #expect(conflicts.map(\.key) == ["theme"])
            #expect(try entries(at: node).keys.sorted() == ["language", "theme"])
            let heads = try record(at: node).heads(Self.labels, key: "theme").map(\.value)
            #expect(heads == [.text("light"), .text("dark")])
        }
        #expect(try world.faults() == [])
    }

    @Test("MERGE-19: a removed key is absent, a write beside the removal stands, one after settles")
    func removal() throws {
        try edit(put("a", "1", at: world.hub), at: world.hub)
        #expect(try world.settle())
        try edit(put("a", "2", at: world.nodes[3]), at: world.nodes[3])
        try edit(put("a", nil, at: world.nodes[1]), at: world.nodes[1])
        let removed = try entries(at: world.nodes[1])
        #expect(try world.settle())
        let beside = try record(at: world.hub).heads(Self.labels, key: "a").map(\.value)
        try edit(put("a", "3", at: world.hub), at: world.hub)
        #expect(try world.settle())

        #expect(removed == [:])
        #expect(beside == [.null, .text("2")])
        for node in world.nodes {
            #expect(try record(at: node).fields.value(Self.labels, key: "a") == .text("3"))
            #expect(try node.store.read { try $0.conflicts() }.isEmpty)
        }
    }

    @Test("MERGE-12: what a field does not merge by does not count, the rest of the edit does")
    func wrongVerbs() throws {
        let node = world.nodes[1]
        let text = Value.text("w")
        try edit(
            FieldEdit(1, .increment(1)),
            FieldEdit(2, .put(key: "k", text, replacing: [])),
            FieldEdit(Self.count, .write(.integer(9), replacing: [])),
            FieldEdit(Self.labels, .put(key: "k", text, replacing: [])),
            FieldEdit(Self.labels, .put(key: "l", .integer(1), replacing: [])),
            at: node
        )

        let record = try record(at: node)
        #expect(record.fields.text(1) == "thing")
        #expect(record.fields.integer(Self.count) == nil)
        #expect(try entries(at: node).keys.sorted() == ["k"])
        #expect(try world.faults() == [])
    }

    @Test("histories at random reach sums of several stations, removed keys and keys in conflict")
    func rich() throws {
        let world = try World(seed: 77)
        for _ in 0..<500 {
            _ = try world.step()
            if world.history.random.happens(8) { try world.meetAtRandom() }
        }
        #expect(try world.settle())
        let records = try world.hub.store.read { view in
            try view.scopes().flatMap { try view.records(of: SimulationSchema.thing, in: $0) }
        }
        let registers = records.flatMap { $0.record.registers.filter { $0.key.key != nil }.values }

        #expect(records.filter { abs($0.fields.integer(Self.count) ?? 0) > 1 << 53 }.count > 1)
        #expect(registers.contains { $0.value == .null })
        #expect(registers.contains { $0.isInConflict })
    }
}
