import CRDT
import Domain
import Foundation
import Simulation
@testable import Storage
import Testing
import Wire

/// What an action and a quiet meeting cost, in counts that no machine changes.
@Suite("Costs")
struct CostTests {
    private static let scope = Scope.site(World.siteA)

    private func station() throws -> SimulatedNode {
        try SimulatedNode("costs", .station, site: World.siteA, kit: try TenantKit(), seed: 1)
    }

    private func creation(_ title: String) -> CRDT.Operation {
        let edit = FieldEdit(1, .write(.text(title), replacing: []))
        return Operation(SimulationSchema.thing.number, .new, edits: [edit])
    }

    private func write(_ operation: CRDT.Operation, at store: Store) throws -> Saved {
        try store.act(History.actor, wallMilliseconds: TenantKit.start) { _ in
            var draft = Draft()
            draft.add(operation, in: Self.scope)
            return draft
        }
    }

    /// The statements of some work, without those that asking costs.
    private func statements(_ store: Store, _ work: () throws -> Void) throws -> Int {
        let first = try store.costs().statements
        let second = try store.costs().statements
        try work()
        return try store.costs().statements - second - (second - first)
    }

    @Test("an action that creates, edits or records runs at most 12 statements")
    func statementsOfAnAction() throws {
        let node = try station()
        let first = try write(creation("first"), at: node.store)
        let made = try statements(node.store) {
            _ = try write(creation("second"), at: node.store)
        }
        #expect(made > 2 && made <= 12, "\(made) statements for a creation")

        let shown = try #require(
            try node.store.read { view in
                let id = ID(createdAt: first.stamp, index: 0)
                return try view.record(id, of: SimulationSchema.thing, in: Self.scope)
            }
        )
        let edit = FieldEdit(1, .write(.text("better"), replacing: shown.names(1)))
        let operation = Operation(SimulationSchema.thing.number, .existing(shown.id), edits: [edit])
        let edited = try statements(node.store) { _ = try write(operation, at: node.store) }
        #expect(edited > 2 && edited <= 12, "\(edited) statements for an edit")

        let stream = FieldEdit(1, .write(.text("s"), replacing: []))
        let event = Operation(SimulationSchema.step.number, .event, edits: [stream])
        let recorded = try statements(node.store) { _ = try write(event, at: node.store) }
        #expect(recorded > 2 && recorded <= 12, "\(recorded) statements for an event")
    }

    @Test("one action alone is one commit")
    func commitsOfAnAction() throws {
        let node = try station()
        let before = try node.store.costs().commits
        _ = try write(creation("alone"), at: node.store)
        #expect(try node.store.costs().commits == before + 1)
    }

    @Test("sixteen writers put at least six actions into a commit, and each is there")
    func actionsPerCommit() throws {
        let node = try station()
        let store = node.store
        let (writers, each) = (16, 12)
        let before = try store.costs().commits
        let (group, start) = (DispatchGroup(), DispatchSemaphore(value: 0))
        for writer in 0..<writers {
            group.enter()
            let thread = Thread {
                start.wait()
                for index in 0..<each {
                    _ = try? write(creation("\(writer)/\(index)"), at: store)
                }
                group.leave()
            }
            thread.start()
        }
        for _ in 0..<writers { start.signal() }
        group.wait()
        let commits = try store.costs().commits - before
        #expect(commits * 6 <= writers * each, "\(commits) commits for \(writers * each) actions")
        let records = try store.read { try $0.records(of: SimulationSchema.thing, in: Self.scope) }
        #expect(records.count == writers * each)
    }

    @Test("two nodes that hold the same say so in at most 100 bytes")
    func bytesOfNothingNew() throws {
        let world = try World(seed: 91)
        for _ in 0..<30 { _ = try world.step() }
        #expect(try world.settle())
        let outcome = try world.meet(1, 0)
        #expect(outcome.isEqual)
        #expect(outcome.bytes <= 100, "\(outcome.bytes) bytes")
    }
}
