public import CRDT

/// The values of a record's fields as a node shows them, by field number.
///
/// What rules read: they never see rows, tags or heads.
public struct Fields: Hashable, Sendable {
    private let values: [UInt32: Value]
    private let sets: [UInt32: Set<Value>]

    public init(_ values: [UInt32: Value], sets: [UInt32: Set<Value>] = [:]) {
        self.values = values
        self.sets = sets
    }

    /// The value of a register; nil where nothing was written or the field was emptied.
    public subscript(field: UInt32) -> Value? {
        let value = values[field]
        return value == .null ? nil : value
    }

    /// The elements of a set.
    public func elements(_ field: UInt32) -> Set<Value> { sets[field] ?? [] }

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
        for edit in operation.edits {
            switch edit.action {
            case .write(let value, _): values[edit.field] = value
            case .add(let element, _): sets[edit.field, default: []].insert(element)
            case .remove, .increment, .put, .unknown: break
            }
        }
        self.init(values, sets: sets)
    }

    /// The fields of a record as a node shows them: of several heads the one of greatest rank, in
    /// a cautious register the most cautious one (MERGE-8).
    public init(of record: Record, _ entity: Entity) {
        var values: [UInt32: Value] = [:]
        for (cell, register) in record.registers where cell.key == nil {
            let isDeleted = cell.field == FieldEdit.deleted && !entity.isEvent
            let field = isDeleted ? Field.deleted : entity.field(cell.field)
            values[cell.field] = field?.shown(of: register) ?? register.value
        }
        self.init(values, sets: record.sets.mapValues { Set($0.elements) })
    }
}

extension Field {
    /// The value of a register that is shown (MERGE-8).
    public func shown(of register: Register<Value>) -> Value? {
        guard case .cautious(let leastFirst) = merge else { return register.value }
        return Caution(leastFirst: leastFirst).shown(of: register)?.value
    }
}
