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
        defer { withExtendedLifetime(node) {} }
        let store = node.store
        let before = try store.costs().commits
        let (rounds, writers) = (3, 16)
        for round in 0..<rounds { try actTogether(round, writers, at: store) }
        let commits = try store.costs().commits - before
        let actions = rounds * (1 + writers)
        #expect(commits * 6 <= actions, "\(commits) commits for \(actions) actions")
        let records = try store.read { try $0.records(of: SimulationSchema.thing, in: Self.scope) }
        #expect(records.count == actions)
    }

    /// One action is held up inside its commit until all the others wait for the next one.
    private func actTogether(_ round: Int, _ writers: Int, at store: Store) throws {
        let group = DispatchGroup()
        let (isInside, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        act(in: group, "\(round)", at: store) {
            isInside.signal()
            mayEnd.wait()
        }
        try #require(isInside.wait(timeout: .now() + 20) == .success)
        for writer in 0..<writers { act(in: group, "\(round)/\(writer)", at: store) {} }
        for _ in 0..<20_000 where store.queue.waitingCount < writers {
            Thread.sleep(forTimeInterval: 0.001)
        }
        mayEnd.signal()
        try #require(group.wait(timeout: .now() + 20) == .success)
    }

    private func act(
        in group: DispatchGroup,
        _ title: String,
        at store: Store,
        _ hold: @escaping @Sendable () -> Void
    ) {
        group.enter()
        let operation = creation(title)
        let thread = Thread {
            _ = try? store.act(History.actor, wallMilliseconds: TenantKit.start) { _ in
                hold()
                var draft = Draft()
                draft.add(operation, in: Self.scope)
                return draft
            }
            group.leave()
        }
        thread.start()
    }

    /// Pages that listing one subject reads from a store just opened, that holds more elsewhere.
    private func pagesOfAList(beside others: Int) throws -> Int {
        let node = try station()
        let subject = Scope.subject(ID(high: 7, low: 7))
        func fill(_ scope: Scope, _ count: Int) throws {
            _ = try node.store.act(History.actor, wallMilliseconds: TenantKit.start) { _ in
                var draft = Draft()
                for number in 0..<count { draft.add(creation("\(number)"), in: scope) }
                return draft
            }
        }
        try fill(subject, 10)
        for number in 0..<others { try fill(.subject(ID(high: 8, low: UInt64(number))), 100) }
        try node.restart(at: TenantKit.start)
        let store = node.store
        let before = try store.costs().pagesRead
        _ = try store.act(History.actor, wallMilliseconds: TenantKit.start) { acting in
            let found = try acting.view.records(of: SimulationSchema.thing, in: subject)
            #expect(found.count == 10)
            return Draft()
        }
        return try store.costs().pagesRead - before
    }

    @Test("TV-131 TV-141 listing the records of a subject reads no more where others hold more")
    func listsByIndex() throws {
        let few = try pagesOfAList(beside: 1)
        let many = try pagesOfAList(beside: 60)
        #expect(many <= few + 4, "\(few) and \(many) pages")
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
