import CRDT
import Domain
import Foundation
import SeededRandom
import Simulation
import Storage
import Testing
import Wire

/// Statements that take away: whatever the order in which they meet the changes that they are
/// about, every node comes to the same state, and what is released comes back (CHG-20 to CHG-24).
@Suite("Effectiveness")
struct EffectivenessTests {
    private static let scope = Scope.subject(World.subjectQ)

    // MARK: - Revocation against changes in flight

    /// Station a1 has work at the hub, and work that only its neighbour a2 and it hold, over which
    /// others have worked on; the hub revokes it.
    private struct InFlight {
        let world: World
        let thing: ID
        var late: [FeedPoint] = []

        init(seed: UInt64) throws {
            world = try World(seed: seed)
            world.attests = true
            #expect(try world.settle())
            thing = try world.create("draft", at: world.nodes[1], in: scope)
            #expect(try world.settle())
            for word in ["late", "later"] {
                try world.write(.text(word), to: thing, at: world.nodes[1], in: scope)
            }
            try world.step("step", at: world.nodes[1], in: scope)
            try world.meet(1, 2)
            try world.write(.text("over"), to: thing, at: world.nodes[2], in: scope)
            try world.step("beside", at: world.nodes[3], in: scope)
            try world.revoke(world.nodes[1])
            let replica = world.nodes[1].store.replica
            late = try NaiveScope(scope, of: world.nodes[1].store).changes.map(\.point)
                .filter { $0.replica == replica }.suffix(3)
        }
    }

    @Test("a revocation meets changes in flight: in every order of delivery all agree")
    func everyOrder() throws {
        let pairs = [(0, 1), (0, 2), (1, 2), (2, 3), (0, 4)]
        var titles: Set<[String]> = []
        for (number, order) in permutations(of: Array(pairs.indices)).enumerated() {
            let flight = try InFlight(seed: UInt64(number + 1))
            let world = flight.world
            for index in order { try world.meet(pairs[index].0, pairs[index].1) }
            #expect(try world.settle(), "order \(order)")
            #expect(try world.differences() == [], "order \(order)")
            if number % 12 == 0 {
                #expect(try world.faults() == [], "order \(order)")
                #expect(try naiveDifferences(world) == [], "order \(order)")
            }
            for node in world.nodes {
                let aside = try node.store.read { try $0.setAside() }
                #expect(Set(aside.map(\.origin.change)) == Set(flight.late.map(\.hash)))
                #expect(aside.allSatisfy { $0.exclusion == .cutOff })
                titles.insert(try node.titles(of: flight.thing, in: Self.scope))
            }
        }
        // What was cut off had replaced "draft": it stands again, beside what replaced the rest.
        #expect(titles == [["draft", "over"]])
    }

    @Test("late honest work is listed, and a release makes it effective everywhere")
    func release() throws {
        let flight = try InFlight(seed: 7)
        let world = flight.world
        #expect(try world.settle())
        let listed = try world.hub.store.read { try $0.setAside() }
        #expect(Set(listed.map(\.origin.change)) == Set(flight.late.map(\.hash)))
        let before = try steps(world.nodes[4])
        try world.rule(.accepted, on: flight.late, in: Self.scope)
        #expect(try world.settle())
        #expect(try world.differences() == [])
        #expect(try world.faults() == [])
        #expect(try naiveDifferences(world) == [])
        for node in world.nodes {
            #expect(try node.store.read { try $0.setAside() }.isEmpty, "\(node.name)")
            let titles = try node.titles(of: flight.thing, in: Self.scope)
            #expect(titles == ["over"])
            #expect(try steps(node).contains("step"), "\(node.name)")
        }
        #expect(!before.contains("step"))
    }

    private func steps(_ node: SimulatedNode) throws -> [String] {
        try node.store.read { try $0.events(of: SimulationSchema.step, in: Self.scope) }
            .compactMap { $0.fields.text(2) }
    }

    @Test("without a cut-off, what receipts cover counts, and no more")
    func receiptsStandIn() throws {
        let world = try World(seed: 4)
        #expect(try world.settle())
        let thing = try world.create("held", at: world.nodes[1], in: Self.scope)
        #expect(try world.settle())
        try world.attest()
        #expect(try world.settle())
        try world.write(.text("unheld"), to: thing, at: world.nodes[1], in: Self.scope)
        try world.meet(1, 2)
        try world.revoke(world.nodes[1])
        // The revocation alone reaches a2, by way of one that never met the hub's cut-off.
        let log = world.hub.store.authority
        let fault = try world.nodes[2].store.adopt(
            roots: [],
            statements: log.statements,
            wallMilliseconds: world.now
        )
        #expect(fault == nil)
        let titles = try world.nodes[2].titles(of: thing, in: Self.scope)
        #expect(titles == ["held"])
        #expect(try world.nodes[2].store.verify { _ in }.faults == [])
    }

    // MARK: - Random histories

    @Test("random histories of verdicts, releases, cut-offs and clocks agree with naive evaluation")
    func randomHistories() throws {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.seconds)
        var (count, compared, aside) = (0, 0, Int64(0))
        while clock.now < end {
            count += 1
            let (number, left) = try play(seed: UInt64(count))
            compared += number
            aside += left
        }
        print("\(count) random histories, \(compared) scopes compared, \(aside) changes set aside")
        #expect(count > 3 && aside > 0)
    }

    /// How long random histories are tried; more by `GEMBA_SECONDS`.
    private static var seconds: Int {
        ProcessInfo.processInfo.environment["GEMBA_SECONDS"].flatMap(Int.init) ?? 35
    }

    private func play(seed: UInt64) throws -> (compared: Int, aside: Int64) {
        let world = try World(seed: 90_000 + seed)
        world.attests = true
        if world.history.random.happens(60) {
            world.nodes[1 + world.history.random.below(4)].clockError = 7_200_000
        }
        var copy: String?
        for step in 0..<70 {
            _ = try world.step()
            if world.history.random.happens(25) { try world.meetAtRandom() }
            if world.history.random.happens(12) { try ruleAtRandom(world) }
            if step == 20 { copy = try world.hub.snapshot() }
            if step == 45, let copy, world.history.random.happens(40) {
                try world.hub.restore(copy, at: world.now)
                // Its operator may have revoked somebody: the log comes back before it grows.
                for index in 1..<world.nodes.count { try world.meet(index, 0) }
            }
            if step == 30 || step == 55, world.history.random.happens(60) {
                try world.revoke(world.nodes[1 + world.history.random.below(4)])
            }
        }
        var compared = 0
        let node = world.nodes[world.history.random.below(5)]
        compared += try compare(node, seed)
        let early = try node.store.verify { _ in }.faults
        #expect(early == [], "seed \(seed)")
        #expect(try world.settle(), "seed \(seed)")
        #expect(try world.differences() == [], "seed \(seed)")
        compared += try compare(world.hub, seed)
        let faults = try world.hub.store.verify { _ in }.faults
        #expect(faults == [], "seed \(seed)")
        return (compared, try world.hub.store.status().excluded)
    }

    private func compare(_ node: SimulatedNode, _ seed: UInt64) throws -> Int {
        let scopes = try node.store.digests().map(\.scope)
        for scope in scopes {
            let state = NaiveState(try NaiveScope(scope, of: node.store))
            let differences = try state.differences(node.name)
            #expect(differences == [], "seed \(seed)")
        }
        return scopes.count
    }

    private func ruleAtRandom(_ world: World) throws {
        let scopes = try world.hub.store.digests().map(\.scope)
        guard !scopes.isEmpty else { return }
        let scope = scopes[world.history.random.below(scopes.count)]
        let changes = try NaiveScope(scope, of: world.hub.store).changes
        guard !changes.isEmpty else { return }
        let change = changes[world.history.random.below(changes.count)]
        let ruling = Ruling.allCases[world.history.random.below(3)]
        try world.rule(ruling, on: [change.point], in: scope)
    }

    private func naiveDifferences(_ world: World) throws -> [String] {
        try world.nodes.flatMap { node in
            try node.store.digests().flatMap { scope, _ in
                try NaiveState(try NaiveScope(scope, of: node.store)).differences(node.name)
            }
        }
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
