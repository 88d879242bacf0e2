import CRDT

/// What a record is, said without a fold: every write beside every other, in no order at all.
struct Definition {
    private struct Naming {
        let rank: Rank
        let edit: FieldEdit
    }

    private let steps: [History.Step]
    private let edits: [Naming]

    init(_ steps: [History.Step]) {
        self.steps = steps
        edits = steps.flatMap { step in
            step.operation.edits.map { Naming(rank: step.rank, edit: $0) }
        }
    }

    var record: Record {
        let creations = steps.filter { $0.operation.target == .natural(History.record) }
        var registers: [Record.Cell: Register<Value>] = [:]
        for cell in [Record.Cell(field: History.title), .init(field: History.map, key: "a")] {
            registers[cell] = Register(heads: heads(of: cell))
        }
        return Record(
            creations: Set(creations.map(\.name)),
            registers: registers,
            sets: [History.labels: AddWinsSet(additions: additions)],
            sums: sums
        )
    }

    /// The writes of a cell that no write of the cell names.
    private func heads(of cell: Record.Cell) -> [Head<Value>] {
        let writes = edits.compactMap { naming -> Write<Value>? in
            switch naming.edit.action {
            case .write(let value, let seen) where Record.Cell(field: naming.edit.field) == cell:
                Write(value, naming.rank, saw: seen)
            case .put(let key, let value, let seen)
            where Record.Cell(field: naming.edit.field, key: key) == cell:
                Write(value, naming.rank, saw: seen)
            default: nil
            }
        }
        return writes.filter { write in !writes.contains { $0.seen.contains(write.name) } }
            .map { Head($0.value, rank: $0.rank) }
    }

    /// The additions that no removal or addition of the same element names.
    private var additions: [Value: Set<Name>] {
        var added: [Value: Set<Name>] = [:]
        var named: [Value: Set<Name>] = [:]
        for naming in edits {
            switch naming.edit.action {
            case .add(let value, let seen):
                added[value, default: []].insert(naming.rank.name)
                named[value, default: []].formUnion(seen)
            case .remove(let value, let names):
                named[value, default: []].formUnion(names)
            default: break
            }
        }
        return added.reduce(into: [:]) { $0[$1.key] = $1.value.subtracting(named[$1.key] ?? []) }
    }

    private var sums: [UInt32: Int128] {
        let deltas = edits.compactMap { naming -> Int64? in
            guard case .increment(let delta) = naming.edit.action else { return nil }
            return delta
        }
        return deltas.isEmpty ? [:] : [History.count: deltas.reduce(0) { $0 + Int128($1) }]
    }
}
