import CRDT
import Domain
import Simulation
import Storage
import Testing
import Wire

/// The least histories in which a wrong rule about what counts shows (MERGE-7, MERGE-14, CHG-24).
@Suite("Counterexamples of effectiveness")
struct CounterexampleTests {
    private static let scope = Scope.subject(World.subjectQ)

    private func point(_ saved: Saved, of node: SimulatedNode) throws -> FeedPoint {
        let part = try #require(saved.changes.first)
        return FeedPoint(replica: node.store.replica, sequence: part.sequence, hash: part.hash)
    }

    private func expectAgreement(_ world: World, _ comment: Comment? = nil) throws {
        #expect(try world.settle(), comment)
        #expect(try world.differences() == [], comment)
        let faults = try world.faults()
        #expect(faults == [], comment)
        for node in world.nodes {
            let state = NaiveState(try NaiveScope(Self.scope, of: node.store))
            let differences = try state.differences(node.name)
            #expect(differences == [], comment)
        }
    }

    private func shown(_ thing: ID, at world: World) throws -> Set<String?> {
        Set(
            try world.nodes.map { node in
                try node.store.read {
                    try $0.record(thing, of: SimulationSchema.thing, in: Self.scope)
                }?.fields.text(1)
            }
        )
    }

    @Test("W6: a clock that is ahead wins until the hub rules on it, and never after", arguments: [true, false])
    func clockVerdict(attests: Bool) throws {
        let world = try World(seed: 61)
        world.attests = attests
        let thing = try world.create("draft", at: world.nodes[2], in: Self.scope)
        #expect(try world.settle())
        world.nodes[1].clockError = 7_200_000
        try world.write(.text("ahead"), to: thing, at: world.nodes[1], in: Self.scope)
        try world.meet(1, 0)
        world.now += 60_000
        try world.write(.text("later"), to: thing, at: world.nodes[3], in: Self.scope)
        try expectAgreement(world)
        #expect(try shown(thing, at: world) == [attests ? "later" : "ahead"])
        // Rank never makes a write lose to one that it replaced.
        try world.write(.text("settled"), to: thing, at: world.nodes[4], in: Self.scope)
        try expectAgreement(world)
        #expect(try shown(thing, at: world) == ["settled"])
    }

    @Test("W7: what was replaced while it was set aside stays replaced once it is released")
    func release() throws {
        let world = try World(seed: 71)
        let (a1, a2) = (world.nodes[1], world.nodes[2])
        let thing = try world.create("draft", at: a1, in: Self.scope)
        let first = try world.write(.text("q"), to: thing, at: a1, in: Self.scope)
        try world.meet(1, 2)
        try world.write(.text("p"), to: thing, at: a2, in: Self.scope)
        try expectAgreement(world)
        try world.rule(.quarantined, on: [try point(first, of: a1)], in: Self.scope)
        try expectAgreement(world)
        for node in world.nodes {
            #expect(try node.titles(of: thing, in: Self.scope) == ["draft", "p"])
        }
        try world.rule(.accepted, on: [try point(first, of: a1)], in: Self.scope)
        try expectAgreement(world)
        for node in world.nodes {
            #expect(try node.titles(of: thing, in: Self.scope) == ["p"])
        }
    }

    @Test("W7: a node of an older version takes statements in with its upgrade, by a refold")
    func upgrade() throws {
        let world = try World(seed: 72)
        let full = SimulationSchema.schema
        let old = full.entities.filter { !HubStatement.isOne($0.number) }
        try world.nodes[2].restart(at: world.now, as: Schema(version: 0, entities: old))
        let thing = try world.create("draft", at: world.nodes[2], in: Self.scope)
        #expect(try world.settle())
        let bad = try world.write(.text("bad"), to: thing, at: world.nodes[1], in: Self.scope)
        try world.rule(
            .rejected,
            on: [try point(bad, of: world.nodes[1])],
            in: Self.scope
        )
        #expect(try world.settle())
        #expect(try world.nodes[2].titles(of: thing, in: Self.scope) == ["bad"])
        try world.nodes[2].restart(at: world.now, as: full)
        #expect(try world.nodes[2].titles(of: thing, in: Self.scope) == ["draft"])
        try expectAgreement(world)
    }

    @Test("W8: a verdict alone takes a change out, at the hub as everywhere, and only that change")
    func verdict() throws {
        let world = try World(seed: 81)
        let (a1, b1) = (world.nodes[1], world.nodes[3])
        let thing = try world.create("old value", at: a1, in: Self.scope)
        let bad = try world.write(.text("bad"), to: thing, at: a1, in: Self.scope)
        try expectAgreement(world)
        try world.write(.text("good"), to: thing, at: b1, in: Self.scope)
        try expectAgreement(world)
        #expect(try world.hub.titles(of: thing, in: Self.scope) == ["good"])
        try world.rule(.rejected, on: [try point(bad, of: a1)], in: Self.scope)
        #expect(try world.hub.titles(of: thing, in: Self.scope) == ["good", "old value"])
        try expectAgreement(world)
        for node in world.nodes {
            #expect(try node.titles(of: thing, in: Self.scope) == ["good", "old value"])
            let aside = try #require(try node.store.read { try $0.setAside() }.first)
            #expect(aside.exclusion == .rejected && aside.reason == "rejected")
        }
    }

    @Test("W8: a creation that is rejected hides the record with the edits of others")
    func creation() throws {
        let world = try World(seed: 82)
        let (a1, b1) = (world.nodes[1], world.nodes[3])
        let thing = try world.create("bad idea", at: a1, in: Self.scope)
        try expectAgreement(world)
        try world.write(.text("better"), to: thing, at: b1, in: Self.scope)
        try expectAgreement(world)
        let scope = try NaiveScope(Self.scope, of: a1.store)
        let creation = try #require(
            scope.changes.last { $0.point.replica == a1.store.replica }
        ).point
        try world.rule(.rejected, on: [creation], in: Self.scope)
        try expectAgreement(world)
        #expect(try shown(thing, at: world) == [nil])
        try world.rule(.accepted, on: [creation], in: Self.scope)
        try expectAgreement(world)
        #expect(try shown(thing, at: world) == ["better"])
    }

    @Test("W9: verdicts of a hub and of its restored self stand side by side, the cautious shown")
    func restoredHub() throws {
        let world = try World(seed: 91)
        let a1 = world.nodes[1]
        let thing = try world.create("draft", at: a1, in: Self.scope)
        let change = try world.write(.text("doubtful"), to: thing, at: a1, in: Self.scope)
        try expectAgreement(world)
        let copy = try world.hub.snapshot()
        try world.rule(.rejected, on: [try point(change, of: a1)], in: Self.scope)
        try world.meet(1, 0)
        try world.hub.restore(copy, at: world.now)
        try world.rule(.accepted, on: [try point(change, of: a1)], in: Self.scope)
        try expectAgreement(world)
        #expect(try shown(thing, at: world) == ["draft"])
        try world.rule(.accepted, on: [try point(change, of: a1)], in: Self.scope)
        try expectAgreement(world)
        #expect(try shown(thing, at: world) == ["doubtful"])
    }

    @Test("an event that is set aside stays in its stream as a link, without what it said")
    func link() throws {
        let world = try World(seed: 92)
        let (a1, a2) = (world.nodes[1], world.nodes[2])
        try world.step("one", at: a1, in: Self.scope)
        let two = try world.step("two", at: a1, in: Self.scope)
        try world.meet(1, 2)
        try world.step("three", at: a2, in: Self.scope)
        try expectAgreement(world)
        try world.rule(.quarantined, on: [try point(two, of: a1)], in: Self.scope)
        try expectAgreement(world)
        for node in world.nodes {
            let events = try node.store.read {
                try $0.events(of: SimulationSchema.step, in: Self.scope)
            }
            let stream = Stream(
                events.map { Stream.Entry($0, rank: $0.rank, index: $0.index, after: $0.after) }
            )
            let words = stream.entries.map { $0.event.fields.text(2) }
            #expect(words == ["one", nil, "three"])
            #expect(stream.saw(stream.entries[2], stream.entries[0]))
            #expect(stream.entries[1].event.exclusion == .quarantined)
        }
    }

    @Test("a verdict of a station is no verdict")
    func stationVerdict() throws {
        let world = try World(seed: 93)
        let (a1, a2) = (world.nodes[1], world.nodes[2])
        let thing = try world.create("draft", at: a1, in: Self.scope)
        #expect(throws: StorageError.self) {
            _ = try a2.store.rule(
                .rejected,
                on: [],
                reason: "",
                by: History.actor,
                wallMilliseconds: world.now
            )
        }
        let change = try #require(
            try NaiveScope(Self.scope, of: a1.store).changes.last
        ).point
        let key = Verdict.key(of: change)
        let id = ID(
            naturalKey: key,
            of: Verdict.number,
            in: Self.scope,
            tenant: a2.store.tenant
        )
        let edits = zip(Verdict.replica...Verdict.ruling, key + [.text("rejected")]).map {
            FieldEdit($0, .write($1, replacing: []))
        }
        _ = try a2.store.act(History.actor, wallMilliseconds: world.now) { _ in
            var draft = Draft()
            draft.add(Operation(Verdict.number, .natural(id), edits: edits), in: Self.scope)
            return draft
        }
        try expectAgreement(world)
        #expect(try shown(thing, at: world) == ["draft"])
    }
}
