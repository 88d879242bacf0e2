import CRDT
import Domain
import Identity
import Simulation
import Testing
@testable import Wire

/// Changes of several authors in one scope, and the state that follows from them in every order.
struct MergeHistory {
    let cast: VectorCast
    let scope: Scope
    private(set) var writers: [VectorCast.Writer]
    private(set) var changes: [Written] = []

    struct Written {
        let author: Int
        let change: Change
        let body: Body
        let run: Run
        /// The indices of the changes that must come before it.
        let after: Set<Int>

        var name: Name {
            Name(Stamp(body.time, change.feed.replica), hash: change.hash.prefix)
        }
    }

    init(_ cast: VectorCast, _ writers: [VectorCast.Writer], in scope: Scope) {
        self.cast = cast
        self.scope = scope
        self.writers = writers
    }

    /// Writes a change and says how it is named.
    ///
    /// Its time is `milliseconds` after the moment that simulations begin at, and it follows
    /// `parent` in its feed, by default the author's last. Changes of a newer format may stand
    /// before it in its run.
    @discardableResult
    mutating func write(
        _ author: Int,
        at milliseconds: UInt64,
        counter: UInt16 = 0,
        after parent: Int?? = nil,
        behind newer: [[UInt8]] = [],
        _ operations: [Operation]
    ) throws -> Name {
        let own = changes.indices.filter { changes[$0].author == author }
        let before = parent ?? own.last
        let body = Body(
            time: HybridTime(milliseconds: TenantKit.start + milliseconds, counter: counter),
            authority: 1,
            user: .zero,
            login: 0,
            method: .machine,
            schema: 1,
            operations: operations
        )
        let writer = writers[author]
        let previous = before.map { changes[$0].change.hash } ?? writer.beginning(scope)
        let sequence = before.map { changes[$0].change.sequence + 1 } ?? 1
        let bytes = try body.checked()
        let bodies = newer + [bytes]
        let run = try writer.run(bodies, in: scope, at: sequence, after: previous, linked: true)
        let tenant = cast.kit.tenant
        let change = try required(run.linked(in: scope, tenant: tenant, after: previous).last)
        let named = Set(operations.flatMap(\.names))
        let after = Set(changes.indices.filter { named.contains(changes[$0].name) })
        changes.append(
            Written(
                author: author,
                change: change,
                body: body,
                run: run,
                after: after.union(before.map { [$0] } ?? [])
            )
        )
        return try required(changes.last).name
    }

    /// The id of what the last change of an author creates at an index.
    func id(_ change: Int, _ index: UInt16 = 0) -> ID {
        ID(createdAt: changes[change].name.stamp, index: index)
    }

    /// Two orders in which they may arrive: as they were written, and the latest first.
    var orders: [[Int]] {
        var latest: [Int] = []
        while latest.count < changes.count {
            let next = changes.indices.last { index in
                !latest.contains(index) && changes[index].after.isSubset(of: latest)
            }
            guard let next else { break }
            latest.append(next)
        }
        return [Array(changes.indices), latest]
    }
}

extension Operation {
    fileprivate var names: [Name] {
        after
            + edits.flatMap { edit -> [Name] in
                switch edit.action {
                case .write(_, let seen), .add(_, let seen), .remove(_, let seen),
                    .put(_, _, let seen):
                    seen
                case .increment, .unknown: []
                }
            }
    }
}

// MARK: - What follows

extension MergeHistory {
    /// The forms of all records and events, ascending by id, entity and form.
    private struct Form: Comparable {
        let id: ID
        let entity: UInt32
        let bytes: [UInt8]

        static func < (left: Form, right: Form) -> Bool {
            guard (left.id, left.entity) == (right.id, right.entity) else {
                return (left.id, left.entity) < (right.id, right.entity)
            }
            return left.bytes.lexicographicallyPrecedes(right.bytes)
        }
    }

    private struct Key: Hashable {
        let entity: UInt32
        let id: ID
    }

    private struct State {
        var records: [Key: Record] = [:]
        var events: [Form] = []
        /// For each operation how many of its edits count; nil if none of it does.
        var counted: [[Int?]] = []

        var forms: [Form] {
            let records = records.map { key, record in
                let bytes = CanonicalForm.entity(record, entity: key.entity, id: key.id)
                return Form(id: key.id, entity: key.entity, bytes: bytes)
            }
            return (records + events).sorted()
        }
    }

    private func counted(_ operation: Operation, by author: Int) -> Operation? {
        let counted = VectorSchema.schema.counted(
            operation,
            in: scope,
            isHub: writers[author].isHub
        ) { entity, values in
            ID(naturalKey: values, of: entity.number, in: scope, tenant: cast.kit.tenant)
        }
        if case .counts(let operation) = counted { return operation }
        return nil
    }

    private func fold(_ order: [Int]) -> State {
        var state = State()
        state.counted = changes.map { change in
            change.body.operations.map { counted($0, by: change.author)?.edits.count }
        }
        for change in order.map({ changes[$0] }) {
            let rank = writers[change.author].rank(change.name)
            for (index, operation) in change.body.operations.enumerated() {
                guard let counting = counted(operation, by: change.author) else { continue }
                let derived = ID(createdAt: change.name.stamp, index: UInt16(index))
                let entity = operation.entity
                switch counting.target {
                case .event:
                    let form = CanonicalForm.event(counting, id: derived, name: change.name)
                    state.events.append(Form(id: derived, entity: entity, bytes: form))
                case .existing(let id), .natural(let id):
                    state.records[Key(entity: entity, id: id), default: Record()]
                        .apply(counting, rank: rank)
                case .new, .unknown:
                    state.records[Key(entity: entity, id: derived), default: Record()]
                        .apply(counting, rank: rank)
                }
            }
        }
        return state
    }

    /// What every node shows of every record (MERGE-6, 8, 18, 19).
    private func shown(_ state: State) -> JSON {
        let entries = state.records.flatMap { key, record -> [[JSON]] in
            record.shown(VectorSchema.schema[key.entity]).map { entry in
                [.decimal(key.entity), key.id.json] + entry
            }
        }
        return .list(entries.map { JSON.list($0) }.sorted { $0.form < $1.form })
    }

    /// A vector, checked with stores that take the changes in both orders.
    func vector(_ name: String) throws -> Vector {
        let orders = orders
        let states = orders.map { fold($0) }
        let forms = states[0].forms
        let hash = stateHash(forms)
        #expect(states[1].forms == forms, "\(name): the order decides")
        for order in orders {
            #expect(try digest(order) == hash, "\(name): the store has another state")
        }
        return Vector(
            name,
            "merge",
            "ok",
            [
                "tenant": cast.kit.tenant.json, "scope": scope.json, "authority": cast.authority,
                "bindings": .list(writers.map { .hex($0.binding.encoded) }),
                "runs": .list(try changes.map { .hex(try $0.run.plain()) }),
                "orders": .list(orders.map { .list($0.map { .number($0) }) }),
                "counted": .list(
                    states[0].counted.map { .list($0.map { $0.map { .number($0) } ?? .null }) }
                ),
                "records": .list(forms.map { .hex($0.bytes) }),
                "shown": shown(states[0]), "stateHash": hash.json,
            ]
        )
    }

    private func stateHash(_ forms: [Form]) -> Hash {
        var hash = StateHash(of: scope, tenant: cast.kit.tenant)
        for form in forms {
            hash.add(form.bytes)
        }
        return hash.finish()
    }
}

extension Record {
    /// What a node shows: field and value of registers and sums; field, value and key of maps.
    func shown(_ entity: Entity?) -> [[JSON]] {
        let registers = registers.compactMap { cell, register -> [JSON]? in
            let field = cell.field == FieldEdit.deleted ? .deleted : entity?.field(cell.field)
            guard let value = field?.shown(of: register) else { return nil }
            return [.decimal(cell.field), value.json] + (cell.key.map { [.text($0)] } ?? [])
        }
        let sums = sums.map { field, sum -> [JSON] in
            [.decimal(field), Value.integer(Int64(clamping: sum)).json]
        }
        return registers + sums
    }
}
