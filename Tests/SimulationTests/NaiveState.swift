import CRDT
import Domain
import Simulation
import Storage
import Wire

/// Records and events by definition, from the effective operations of a naive scope.
struct NaiveState {
    struct Key: Hashable {
        let entity: UInt32
        let id: ID
    }

    private struct Write {
        let cell: Record.Cell
        let rank: Rank
        let value: Value
        let replaced: [Name]
    }

    private struct Mark {
        let field: UInt32
        let element: Value
        /// nil for a removal.
        let added: Name?
        let names: [Name]
    }

    private struct Naive {
        var creations: Set<Name> = []
        var writes: [Write] = []
        var marks: [Mark] = []
        var deltas: [UInt32: [Int64]] = [:]
    }

    private var records: [Key: Naive] = [:]
    private var events: [(key: Key, form: [UInt8])] = []
    private(set) var eventCount = 0
    private let scope: NaiveScope

    init(_ scope: NaiveScope) {
        self.scope = scope
        for held in scope.changes {
            guard let body = held.body else { continue }
            let rank = scope.rank(held, body)
            var effective: [Bool: Bool] = [:]
            for (index, operation) in scope.counting(held) {
                let isStatement = (209...212).contains(operation.entity)
                let isEffective =
                    effective[isStatement] ?? scope.isEffective(held, for: operation.entity)
                effective[isStatement] = isEffective
                if case .event = operation.target { eventCount += 1 }
                guard isEffective else { continue }
                take(operation, rank, ID(createdAt: rank.name.stamp, index: index))
            }
        }
    }

    private mutating func take(_ operation: Operation, _ rank: Rank, _ derived: ID) {
        let key: Key
        switch operation.target {
        case .event:
            key = Key(entity: operation.entity, id: derived)
            guard operation.entity != Receipt.number else { return }
            let form = CanonicalForm.event(operation, id: derived, name: rank.name)
            events.append((key, form))
            return
        case .new: key = Key(entity: operation.entity, id: derived)
        case .natural(let id), .existing(let id): key = Key(entity: operation.entity, id: id)
        case .unknown: return
        }
        var record = records[key] ?? Naive()
        if operation.target.isCreation { record.creations.insert(rank.name) }
        for edit in operation.edits {
            switch edit.action {
            case .write(let value, let replaced):
                let cell = Record.Cell(field: edit.field)
                record.writes.append(
                    Write(cell: cell, rank: rank, value: value, replaced: replaced)
                )
            case .add(let element, let names):
                record.marks.append(
                    Mark(field: edit.field, element: element, added: rank.name, names: names)
                )
            case .remove(let element, let names):
                record.marks.append(
                    Mark(field: edit.field, element: element, added: nil, names: names)
                )
            case .put(let key, let value, let replaced):
                let cell = Record.Cell(field: edit.field, key: key)
                record.writes.append(
                    Write(cell: cell, rank: rank, value: value, replaced: replaced)
                )
            case .increment(let delta): record.deltas[edit.field, default: []].append(delta)
            case .unknown: break
            }
        }
        records[key] = record
    }

    private func record(_ naive: Naive) -> Record {
        var registers: [Record.Cell: Register<Value>] = [:]
        for (cell, writes) in Dictionary(grouping: naive.writes, by: \.cell) {
            let replaced = Set(writes.flatMap(\.replaced))
            let heads = writes.filter { !replaced.contains($0.rank.name) }
            registers[cell] = Register(heads: heads.map { Head($0.value, rank: $0.rank) })
        }
        var sets: [UInt32: AddWinsSet<Value>] = [:]
        for (field, marks) in Dictionary(grouping: naive.marks, by: \.field) {
            var additions: [Value: Set<Name>] = [:]
            for (element, marks) in Dictionary(grouping: marks, by: \.element) {
                let standing = Set(marks.compactMap(\.added)).subtracting(marks.flatMap(\.names))
                if !standing.isEmpty { additions[element] = standing }
            }
            sets[field] = AddWinsSet(additions: additions)
        }
        let sums = naive.deltas.mapValues { $0.reduce(Int128.zero) { $0 + Int128($1) } }
        return Record(creations: naive.creations, registers: registers, sets: sets, sums: sums)
    }

    /// The state hash of the scope.
    var hash: Hash {
        var forms = events.map { ($0.key.id, $0.key.entity, $0.form) }
        for (key, naive) in records {
            let form = CanonicalForm.entity(record(naive), entity: key.entity, id: key.id)
            forms.append((key.id, key.entity, form))
        }
        forms.sort { left, right in
            if left.0 != right.0 { return left.0 < right.0 }
            if left.1 != right.1 { return left.1 < right.1 }
            return left.2.lexicographicallyPrecedes(right.2)
        }
        var hash = StateHash(of: scope.scope, tenant: scope.store.tenant)
        for form in forms { hash.add(form.2) }
        return hash.finish()
    }

    /// What a store shows of the scope and this state does not, in words.
    func differences(_ name: String) throws -> [String] {
        let place = scope.scope
        let held = try scope.store.digests().first { $0.scope == place }?.hash
        var differences: [String] = []
        if held != hash { differences.append("\(name): state hash of \(place)") }
        for entity in scope.store.schema.entities {
            if entity.isEvent {
                let count = try scope.store.read { try $0.events(of: entity, in: place).count }
                let expected = scope.changes.flatMap(scope.counting)
                    .filter { $0.operation.entity == entity.number }.count
                if count != expected { differences.append("\(name): events \(entity.name)") }
                continue
            }
            let shown = try scope.store.read { try $0.records(of: entity, in: place) }
            let expected = records.filter { $0.key.entity == entity.number }
                .mapValues(record).filter { $0.value.exists }
            if Set(shown.map(\.id)) != Set(expected.keys.map(\.id)) {
                differences.append("\(name): records of \(entity.name) in \(place)")
            }
            for record in shown {
                let key = Key(entity: entity.number, id: record.id)
                guard let expected = expected[key] else { continue }
                if record.record != expected {
                    differences.append("\(name): \(entity.name) \(record.id) in \(place)")
                }
            }
        }
        return differences
    }
}
