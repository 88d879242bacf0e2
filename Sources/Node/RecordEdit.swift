import CRDT
import Domain
import Storage

/// An edit of a record in the making: what differs from what is shown, naming what was shown.
struct RecordEdit {
    let record: StoredRecord
    private(set) var edits: [FieldEdit] = []

    init(_ record: StoredRecord) { self.record = record }

    var isEmpty: Bool { edits.isEmpty }

    /// Writes a register in place of what was shown, unless it says so already.
    ///
    /// - Parameters:
    ///   - field: Its number; 0 is the register "deleted".
    ///   - value: null empties it.
    ///   - seen: What a form showed; nil: what this node shows.
    mutating func write(_ field: UInt32, _ value: Value, seen: [Name]? = nil) {
        let isSame = (record.fields[field] ?? .null) == value && seen == nil
        guard !isSame || record.isInConflict(field) else { return }
        edits.append(FieldEdit(field, .write(value, replacing: seen ?? record.names(field))))
    }

    /// Makes a set hold exactly these elements, as far as it was shown.
    mutating func make(_ field: UInt32, _ elements: Set<Value>) {
        let additions = record.record.sets[field]?.additions ?? [:]
        for element in elements where additions[element] == nil {
            edits.append(FieldEdit(field, .add(element, replacing: [])))
        }
        for (element, names) in additions where !elements.contains(element) {
            edits.append(FieldEdit(field, .remove(element, names: names.sorted())))
        }
    }

    /// The operation, with its edits in the order of CHG-5; nil if nothing differs.
    var operation: Operation? {
        guard !edits.isEmpty else { return nil }
        let sorted = edits.sorted { left, right in
            guard left.field == right.field else { return left.field < right.field }
            return Self.precedes(left.element, right.element)
        }
        return Operation(record.entity.number, .existing(record.id), edits: sorted)
    }

    /// The order of the encodings of elements: ids, and texts shorter than 128 bytes.
    private static func precedes(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.id(let left), .id(let right)): return left < right
        case (.text(let left), .text(let right)):
            guard left.utf8.count == right.utf8.count else {
                return left.utf8.count < right.utf8.count
            }
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        default: return false
        }
    }
}

extension FieldEdit {
    fileprivate var element: Value {
        switch action {
        case .add(let element, _), .remove(let element, _): element
        default: .null
        }
    }
}
