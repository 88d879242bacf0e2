public import CRDT
import Domain
public import SeededRandom
public import Storage
import Wire

/// Random work of people at simulated nodes: edits of what a form showed, which may be old.
public struct History {
    public var random: SplitMix64
    /// Forms that were opened and not yet saved, by node: what an author was shown.
    private var forms: [String: [Form]] = [:]

    private struct Form {
        let scope: Scope
        let id: ID
        let field: UInt32
        let names: [Name]
    }

    private static let user = ID(high: 7, low: 7)

    public init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// One action of a person at a node, in one of the scopes.
    ///
    /// - Returns: Whether anything was written.
    @discardableResult
    public mutating func act(
        at node: SimulatedNode,
        in scopes: [Scope],
        now: UInt64
    ) throws -> Bool {
        let scope = scopes[random.below(scopes.count)]
        guard let (operation, scope) = try operation(at: node, in: scope) else { return false }
        _ = try node.store.act(Self.actor, wallMilliseconds: node.wall(now)) { _ in
            var draft = Draft()
            draft.add(operation, in: scope)
            return draft
        }
        return true
    }

    /// Who acts in histories.
    public static let actor = Actor(user: user, login: 1, method: .secretInLogin)

    private mutating func operation(
        at node: SimulatedNode,
        in scope: Scope
    ) throws -> (Operation, Scope)? {
        switch random.below(12) {
        case 0: return (creation(), scope)
        case 1: return (named(node, in: scope), scope)
        case 2, 3: return (try step(at: node, in: scope), scope)
        case 4:
            try openForm(at: node, in: scope)
            return try saveForm(at: node)
        case 5, 6: return (try tag(at: node, in: scope), scope)
        case 7: return (try count(at: node, in: scope), scope)
        case 8: return (try label(at: node, in: scope), scope)
        default: return (try edit(at: node, in: scope), scope)
        }
    }

    private mutating func word() -> Value { .text("w\(random.below(6))") }

    private mutating func creation() -> Operation {
        let edits = [
            FieldEdit(1, .write(word(), replacing: [])),
            FieldEdit(2, .write(.text("PASS"), replacing: [])),
            FieldEdit(5, .write(word(), replacing: [])),
        ]
        return Operation(SimulationSchema.thing.number, .new, edits: edits)
    }

    private mutating func named(_ node: SimulatedNode, in scope: Scope) -> Operation {
        let name = word()
        let entity = SimulationSchema.named
        let id = ID(naturalKey: [name], of: entity.number, in: scope, tenant: node.store.tenant)
        let edits = [
            FieldEdit(1, .write(name, replacing: [])),
            FieldEdit(2, .write(word(), replacing: [])),
        ]
        return Operation(entity.number, .natural(id), edits: edits)
    }

    private mutating func step(at node: SimulatedNode, in scope: Scope) throws -> Operation {
        let stream = Value.text("s\(random.below(2))")
        let entity = SimulationSchema.step
        let events = try node.store.read { view in
            try view.events(of: entity, in: scope, stream: [stream])
        }
        let heads = Stream(
            events.map {
                Stream.Entry($0.id, rank: $0.rank, index: $0.index, after: $0.after)
            }
        ).heads
        let edits = [
            FieldEdit(1, .write(stream, replacing: [])),
            FieldEdit(2, .write(word(), replacing: [])),
        ]
        return Operation(entity.number, .event, after: Array(heads.prefix(200)), edits: edits)
    }

    private mutating func record(
        at node: SimulatedNode,
        in scope: Scope
    ) throws -> StoredRecord? {
        let records = try node.store.read { view in
            try view.records(of: SimulationSchema.thing, in: scope)
        }
        return records.isEmpty ? nil : records[random.below(records.count)]
    }

    private mutating func edit(at node: SimulatedNode, in scope: Scope) throws -> Operation {
        guard let record = try record(at: node, in: scope) else { return creation() }
        let field = [1, 2, 1, 2, 0, 3].map(UInt32.init)[random.below(6)]
        return write(field, of: record.id, record.names(field))
    }

    private mutating func write(_ field: UInt32, of id: ID, _ names: [Name]) -> Operation {
        let value: Value
        switch field {
        case 0: value = .bool(random.happens(50))
        case 2: value = .text((SimulationSchema.caution + ["NEWER"])[random.below(4)])
        default: value = word()
        }
        let edit = FieldEdit(field, .write(value, replacing: names))
        return Operation(SimulationSchema.thing.number, .existing(id), edits: [edit])
    }

    private mutating func tag(at node: SimulatedNode, in scope: Scope) throws -> Operation {
        guard let record = try record(at: node, in: scope) else { return creation() }
        let tag = word()
        let names = (record.record.sets[4]?.additions[tag] ?? []).sorted()
        let action: FieldEdit.Action =
            names.isEmpty || random.happens(40)
            ? .add(tag, replacing: random.happens(50) ? names : []) : .remove(tag, names: names)
        return Operation(
            SimulationSchema.thing.number,
            .existing(record.id),
            edits: [FieldEdit(4, action)]
        )
    }

    private mutating func count(at node: SimulatedNode, in scope: Scope) throws -> Operation {
        guard let record = try record(at: node, in: scope) else { return creation() }
        let limit: Int64 = 1 << 53
        let delta = [1, 1, 3, -2, limit, -limit][random.below(6)]
        return Operation(
            SimulationSchema.thing.number,
            .existing(record.id),
            edits: [FieldEdit(6, .increment(delta))]
        )
    }

    /// Sets a key over what the node shows, or having seen nothing; null removes it.
    private mutating func label(at node: SimulatedNode, in scope: Scope) throws -> Operation {
        guard let record = try record(at: node, in: scope) else { return creation() }
        let key = "k\(random.below(3))"
        let value = random.happens(25) ? Value.null : word()
        let names = random.happens(80) ? record.names(7, key: key) : []
        return Operation(
            SimulationSchema.thing.number,
            .existing(record.id),
            edits: [FieldEdit(7, .put(key: key, value, replacing: names))]
        )
    }

    /// A person opens a form, and may save it long after others have written.
    private mutating func openForm(at node: SimulatedNode, in scope: Scope) throws {
        guard let record = try record(at: node, in: scope) else { return }
        let field = UInt32(1 + random.below(2))
        forms[node.name, default: []].append(
            Form(scope: scope, id: record.id, field: field, names: record.names(field))
        )
    }

    private mutating func saveForm(
        at node: SimulatedNode
    ) throws -> (Operation, Scope)? {
        guard var open = forms[node.name], open.count > 2 else { return nil }
        let form = open.remove(at: random.below(open.count))
        forms[node.name] = open
        let held = try node.store.read { view in
            try view.record(form.id, of: SimulationSchema.thing, in: form.scope)
        }
        // A restored disk may have forgotten what the form showed.
        guard held != nil, try holds(form, at: node) else { return nil }
        return (write(form.field, of: form.id, form.names), form.scope)
    }

    private func holds(_ form: Form, at node: SimulatedNode) throws -> Bool {
        let number = SimulationSchema.thing.number
        let names = try node.store.read { view in
            Set(try view.history(of: form.id, entity: number, in: form.scope).map(\.name))
        }
        return names.isSuperset(of: form.names)
    }
}
