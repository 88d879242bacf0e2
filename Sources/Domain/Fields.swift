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

    /// The texts among the elements of a set.
    public func texts(_ field: UInt32) -> Set<String> {
        Set(
            elements(field).compactMap {
                if case .text(let text) = $0 { text } else { nil }
            }
        )
    }
}
