import CRDT
import Domain
import Simulation
import Storage

// Plain work at simulated nodes, said in one line.

extension World {
    /// Creates a thing with a title.
    func create(_ title: String, at node: SimulatedNode, in scope: Scope) throws -> ID {
        let edits = [FieldEdit(1, .write(.text(title), replacing: []))]
        let saved = try write(
            Operation(SimulationSchema.thing.number, .new, edits: edits),
            at: node,
            in: scope
        )
        return ID(createdAt: saved.stamp, index: 0)
    }

    /// Writes a field of a thing over what the node shows.
    @discardableResult
    func write(
        _ value: Value,
        to thing: ID,
        field: UInt32 = 1,
        at node: SimulatedNode,
        in scope: Scope
    ) throws -> Saved {
        let held = try node.store.read {
            try $0.record(thing, of: SimulationSchema.thing, in: scope)
        }
        let edit = FieldEdit(field, .write(value, replacing: held?.names(field) ?? []))
        return try write(
            Operation(SimulationSchema.thing.number, .existing(thing), edits: [edit]),
            at: node,
            in: scope
        )
    }

    /// Records a step of stream s0, after what the node shows.
    @discardableResult
    func step(_ word: String, at node: SimulatedNode, in scope: Scope) throws -> Saved {
        let events = try node.store.read {
            try $0.events(of: SimulationSchema.step, in: scope, stream: [.text("s0")])
        }
        let heads = Stream(
            events.map { Stream.Entry($0.id, rank: $0.rank, index: $0.index, after: $0.after) }
        ).heads
        let edits = [
            FieldEdit(1, .write(.text("s0"), replacing: [])),
            FieldEdit(2, .write(.text(word), replacing: [])),
        ]
        return try write(
            Operation(SimulationSchema.step.number, .event, after: heads, edits: edits),
            at: node,
            in: scope
        )
    }

    private func write(
        _ operation: Operation,
        at node: SimulatedNode,
        in scope: Scope
    ) throws -> Saved {
        now += 1_000
        return try node.store.act(History.actor, wallMilliseconds: node.wall(now)) { _ in
            var draft = Draft()
            draft.add(operation, in: scope)
            return draft
        }
    }
}

extension SimulatedNode {
    /// The titles of a thing that stand side by side, sorted; none if it is hidden.
    func titles(of thing: ID, in scope: Scope) throws -> [String] {
        let record = try store.read {
            try $0.record(thing, of: SimulationSchema.thing, in: scope)
        }
        return (record?.heads(1) ?? []).compactMap {
            if case .text(let text) = $0.value { text } else { nil }
        }.sorted()
    }
}
