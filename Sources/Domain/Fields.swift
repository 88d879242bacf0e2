public import CRDT

/// The values of a record's fields as a node shows them, by field number.
///
/// What rules read: they never see rows, tags or heads.
public struct Fields: Hashable, Sendable {
    private let values: [UInt32: Value]
    private let sets: [UInt32: Set<Value>]
    private let keyed: [Record.Cell: Value]

    /// - Parameters:
    ///   - values: Those of registers, and the sums of counters.
    ///   - sets: The elements of sets.
    ///   - keyed: The values of the keys of maps.
    public init(
        _ values: [UInt32: Value],
        sets: [UInt32: Set<Value>] = [:],
        keyed: [Record.Cell: Value] = [:]
    ) {
        self.values = values
        self.sets = sets
        self.keyed = keyed.filter { $0.value != .null }
    }

    /// The value of a register; nil where nothing was written or the field was emptied.
    public subscript(field: UInt32) -> Value? {
        let value = values[field]
        return value == .null ? nil : value
    }

    /// The elements of a set.
    public func elements(_ field: UInt32) -> Set<Value> { sets[field] ?? [] }

    /// The keys of a map that have a value, ascending by the bytes of the key.
    public func entries(_ field: UInt32) -> [(key: String, value: Value)] {
        let entries = keyed.compactMap { cell, value in
            cell.field == field ? cell.key.map { (key: $0, value: value) } : nil
        }
        return entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// The value of one key of a map; nil where there is none or the key was removed.
    public func value(_ field: UInt32, key: String) -> Value? {
        keyed[Record.Cell(field: field, key: key)]
    }

    public func text(_ field: UInt32) -> String? {
        if case .text(let text) = self[field] { text } else { nil }
    }

    public func integer(_ field: UInt32) -> Int64? {
        if case .integer(let integer) = self[field] { integer } else { nil }
    }

    public func bool(_ field: UInt32) -> Bool? {
        if case .bool(let bool) = self[field] { bool } else { nil }
    }

    public func id(_ field: UInt32) -> ID? {
        if case .id(let id) = self[field] { id } else { nil }
    }

    public func bytes(_ field: UInt32) -> [UInt8]? {
        if case .bytes(let bytes) = self[field] { bytes } else { nil }
    }

    /// The items of a field that is a list; none for any other.
    public func list(_ field: UInt32) -> [Value] {
        if case .list(let items) = self[field] { items } else { [] }
    }

    /// The texts among the elements of a set.
    public func texts(_ field: UInt32) -> Set<String> {
        Set(
            elements(field).compactMap {
                if case .text(let text) = $0 { text } else { nil }
            }
        )
    }
}

extension Fields {
    /// The fields that an event, or a creation by itself, sets.
    ///
    /// - Parameter operation: The part of it that counts.
    public init(of operation: Operation) {
        var values: [UInt32: Value] = [:]
        var sets: [UInt32: Set<Value>] = [:]
        var keyed: [Record.Cell: Value] = [:]
        for edit in operation.edits {
            switch edit.action {
            case .write(let value, _): values[edit.field] = value
            case .add(let element, _): sets[edit.field, default: []].insert(element)
            case .increment(let delta): values[edit.field] = .integer(delta)
            case .put(let key, let value, _):
                keyed[Record.Cell(field: edit.field, key: key)] = value
            case .remove, .unknown: break
            }
        }
        self.init(values, sets: sets, keyed: keyed)
    }

    /// The fields of a record as a node shows them: of several heads the one of greatest rank, in
    /// a cautious register the most cautious one (MERGE-8); the sums of counters as the nearest
    /// number of 64 bits (MERGE-18).
    public init(of record: Record, _ entity: Entity) {
        var values = record.sums.mapValues { Value.integer(Int64(clamping: $0)) }
        var keyed: [Record.Cell: Value] = [:]
        for (cell, register) in record.registers {
            guard cell.key == nil else {
                keyed[cell] = register.value
                continue
            }
            let isDeleted = cell.field == FieldEdit.deleted && !entity.isEvent
            let field = isDeleted ? Field.deleted : entity.field(cell.field)
            values[cell.field] = field?.shown(of: register) ?? register.value
        }
        self.init(values, sets: record.sets.mapValues { Set($0.elements) }, keyed: keyed)
    }
}

extension Field {
    /// The value of a register that is shown (MERGE-8).
    public func shown(of register: Register<Value>) -> Value? {
        guard case .cautious(let leastFirst) = merge else { return register.value }
        return Caution(leastFirst: leastFirst).shown(of: register)?.value
    }
}
