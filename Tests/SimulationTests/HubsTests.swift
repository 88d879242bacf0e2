import CRDT
import Domain
import Simulation
import Storage
import Testing
import Wire

/// Two hubs of a tenant share every scope, also those that one of them has never heard of (SYNC-2).
@Suite("Hubs")
struct HubsTests {
    @Test("a hub that holds nothing gets everything from another", arguments: [true, false])
    func fresh(isInitiator: Bool) throws {
        let world = try World(seed: 90)
        for _ in 0..<60 { _ = try world.step() }
        #expect(try world.settle())
        let fresh = try SimulatedNode("fresh", .hub, site: .zero, kit: world.kit, seed: 91)
        let pair = isInitiator ? (fresh, world.hub) : (world.hub, fresh)
        let outcome = try Meeting(pair.0, pair.1, now: world.now, seed: 7).run()
        #expect(outcome.isEqual)
        let digests = try [world.hub, fresh].map { node in
            try node.store.digests().map { "\($0.scope) \($0.hash)" }
        }
        #expect(digests[0].count == 5)
        #expect(digests[0] == digests[1])
    }

    @Test("what one hub begins meanwhile goes to the other in the same session")
    func live() throws {
        let world = try World(seed: 92)
        #expect(try world.settle())
        let other = try SimulatedNode("other", .hub, site: .zero, kit: world.kit, seed: 93)
        let scope = Scope.subject(ID(high: 0x77, low: 1))
        var meeting = Meeting(world.hub, other, now: world.now, seed: 8)
        var isWritten = false
        let hub = world.hub.store
        let now = world.now
        meeting.meanwhile = { frame in
            guard frame > 12, !isWritten else { return }
            isWritten = true
            _ = try hub.act(History.actor, wallMilliseconds: now) { _ in
                var draft = Draft()
                let word = FieldEdit(1, .write(.text("later"), replacing: []))
                let thing = Operation(SimulationSchema.thing.number, .new, edits: [word])
                draft.add(thing, in: scope)
                return draft
            }
        }
        _ = try meeting.run()
        #expect(isWritten)
        let held = try other.store.read { try $0.scopes().contains(scope) }
        #expect(held)
    }
}
