import CRDT
import Domain
import Simulation
import Storage
import Testing
import Wire

/// A disk image that was booted twice: two machines write as one replica (CHG-13, ID-12).
@Suite("Forks")
struct ForkTests {
    private static let scope = Scope.subject(World.subjectP)

    /// A station and its clone have each written three changes under the same sequences.
    private struct Twins {
        let world: World
        let clone: SimulatedNode

        init(seed: UInt64) throws {
            world = try World(seed: seed)
            let station = world.nodes[1]
            try write("before", at: station, world)
            try world.meet(1, 0)
            let copy = try station.snapshot(withState: true)
            clone = try SimulatedNode(
                "clone",
                cloning: copy,
                machine: "machine",
                seed: seed &+ 99,
                now: world.now
            )
            #expect(clone.store.reopened == nil)
            for word in ["x", "y", "z"] {
                world.now += 1_000
                try write("mine \(word)", at: station, world)
                try write("clone \(word)", at: clone, world)
            }
        }
    }

    private static func write(_ text: String, at node: SimulatedNode, _ world: World) throws {
        try ForkTests.write(text, at: node, now: world.now)
    }

    private static func write(_ text: String, at node: SimulatedNode, now: UInt64) throws {
        _ = try node.store.act(History.actor, wallMilliseconds: now) { _ in
            var draft = Draft()
            let edits = [
                FieldEdit(1, .write(.text("s0"), replacing: [])),
                FieldEdit(2, .write(.text(text), replacing: [])),
            ]
            draft.add(Operation(SimulationSchema.step.number, .event, edits: edits), in: scope)
            return draft
        }
    }

    private static func words(at node: SimulatedNode) throws -> Set<String> {
        let events = try node.store.read { view in
            try view.events(of: SimulationSchema.step, in: scope)
        }
        return Set(events.compactMap { $0.fields.text(2) })
    }

    @Test("both branches are kept and agree, in every order of four meetings")
    func everyOrder() throws {
        let pairs = [(0, 1), (0, 5), (2, 1), (2, 5)]
        for (number, order) in permutations(of: [0, 1, 2, 3]).enumerated() {
            let twins = try Twins(seed: UInt64(number + 1))
            let nodes = twins.world.nodes + [twins.clone]
            func meet(_ one: Int, _ other: Int) throws {
                let now = twins.world.now
                _ = try Meeting(nodes[one], nodes[other], now: now, seed: UInt64(one + 7)).run()
            }
            for index in order { try meet(pairs[index].0, pairs[index].1) }
            for _ in 0..<3 {
                for index in 1..<nodes.count { try meet(index, 0) }
            }
            let expected: Set<String> = [
                "before", "mine x", "mine y", "mine z", "clone x", "clone y", "clone z",
            ]
            // Site B has nothing to do with the subject.
            let holders = nodes.filter { !$0.name.hasPrefix("b") }
            let digests = try holders.map { node in
                try node.store.digests().first { $0.scope == Self.scope }?.hash
            }
            #expect(Set(digests).count == 1, "order \(order)")
            for node in holders {
                let words = try Self.words(at: node)
                #expect(words == expected, "order \(order), \(node.name)")
                #expect(try node.store.verify { _ in }.faults == [], "order \(order), \(node.name)")
            }
        }
    }

    @Test("a device that sees its fork opens another replica and goes on")
    func deviceOpensAnother() throws {
        let twins = try Twins(seed: 5)
        let station = twins.world.nodes[1]
        let before = station.store.replica
        try twins.world.meet(1, 0)
        _ = try Meeting(twins.clone, twins.world.hub, now: twins.world.now, seed: 3).run()
        try twins.world.meet(1, 0)
        #expect(station.store.replica != before)
        #expect(station.store.incarnation == 2)
        #expect(twins.clone.store.replica != before)
        try Self.write("after", at: station, now: twins.world.now + 5_000)
        try twins.world.meet(1, 0)
        #expect(try Self.words(at: twins.world.hub).contains("after"))
    }

    @Test("work over one branch waits for that branch at a node that holds the other (CHG-17)")
    func workOverABranch() throws {
        let world = try World(seed: 6)
        let (station, neighbour) = (world.nodes[1], world.nodes[2])
        let thing = try world.create("draft", at: station, in: Self.scope)
        #expect(try world.settle())
        let copy = try station.snapshot(withState: true)
        let clone = try SimulatedNode(
            "clone",
            cloning: copy,
            machine: "machine",
            seed: 60,
            now: world.now
        )
        try world.write(.text("mine"), to: thing, at: station, in: Self.scope)
        try world.meet(1, 2)
        try world.write(.text("over mine"), to: thing, at: neighbour, in: Self.scope)
        // The clone's branch is longer and its stamps are later than what the neighbour names.
        for word in ["x", "y", "z"] { try world.step(word, at: clone, in: Self.scope) }
        for seed in UInt64(1)...2 {
            let meeting = Meeting(neighbour, clone, now: world.now, seed: seed)
            #expect(try meeting.run().isEqual)
        }
        for node in [neighbour, clone] {
            #expect(try node.titles(of: thing, in: Self.scope) == ["over mine"], "\(node.name)")
        }
        let hashes = try [neighbour, clone].map { try $0.store.digests().map(\.hash) }
        #expect(hashes[0] == hashes[1])
    }

    @Test("a clone on another machine opens its own replica before it writes")
    func cloneElsewhere() throws {
        let world = try World(seed: 8)
        let station = world.nodes[1]
        let copy = try station.snapshot(withState: true)
        let clone = try SimulatedNode(
            "clone",
            cloning: copy,
            machine: "another machine",
            seed: 80,
            now: world.now
        )
        #expect(clone.store.reopened == .cloned)
        #expect(clone.store.replica != station.store.replica)
        #expect(clone.store.incarnation == 2)
    }

    @Test("a ninth branch of a replica is refused and counted, and the rest flows")
    func tooManyBranches() throws {
        let world = try World(seed: 9)
        try Self.write("before", at: world.nodes[1], world)
        try world.meet(1, 0)
        let copy = try world.nodes[1].snapshot(withState: true)
        for number in 1...9 {
            let clone = try SimulatedNode(
                "clone\(number)",
                cloning: copy,
                machine: "machine",
                seed: UInt64(900 + number),
                now: world.now
            )
            try Self.write("clone \(number)", at: clone, now: world.now + UInt64(number))
            _ = try Meeting(clone, world.hub, now: world.now, seed: UInt64(number)).run()
        }
        let refusals = try world.hub.store.refusals()
        #expect(refusals.map(\.code) == [Inadmissible.tooManyBranches.rawValue])
        #expect(try Self.words(at: world.hub).count == 1 + Limits.branchesMax)
        #expect(try world.hub.store.verify { _ in }.faults == [])
    }

    private func permutations(of items: [Int]) -> [[Int]] {
        guard items.count > 1 else { return [items] }
        return items.indices.flatMap { index -> [[Int]] in
            var rest = items
            let first = rest.remove(at: index)
            return permutations(of: rest).map { [first] + $0 }
        }
    }
}
