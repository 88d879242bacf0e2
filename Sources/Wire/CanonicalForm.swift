import Bytes
public import CRDT
import Identity

/// The bytes of a record by which nodes compare what they hold.
///
/// - Source: CHG-18.
public enum CanonicalForm {
    /// The form of an entity record: every write that stands.
    public static func entity(_ record: Record, entity: UInt32, id: ID) -> [UInt8] {
        var writer = Writer(capacity: 256)
        writer.u8(1)
        writer.varint(UInt64(entity))
        writer.id(id)
        writer.names(record.creations.sorted())
        let cells = cells(of: record).sorted()
        writer.varint(UInt64(cells.count))
        for cell in cells {
            writer.varint(UInt64(cell.field))
            writer.u8(cell.kind)
            if let key = cell.key { writer.prefixed(key) }
            writer.raw(cell.content)
        }
        return writer.bytes
    }

    /// The form of an event: the part of it that counts, and the name of the change that holds it.
    public static func event(_ operation: Operation, id: ID, name: Name) -> [UInt8] {
        var writer = Writer(capacity: 256)
        writer.u8(2)
        writer.varint(UInt64(operation.entity))
        writer.id(id)
        writer.name(name)
        writer.names(operation.after)
        var plain: References?
        writer.edits(operation.edits, by: &plain)
        return writer.bytes
    }

    private static func cells(of record: Record) -> [Cell] {
        let registers = record.registers.filter { !$0.value.heads.isEmpty }.map { place, register in
            Cell(
                field: place.field,
                kind: place.key == nil ? Cell.register : Cell.mapKey,
                key: place.key.map { Array($0.utf8) },
                content: content(of: register)
            )
        }
        let sets = record.sets.filter { !$0.value.additions.isEmpty }.map { field, set in
            Cell(field: field, kind: Cell.set, key: nil, content: content(of: set))
        }
        let sums = record.sums.map { field, sum in
            Cell(field: field, kind: Cell.sum, key: nil, content: content(of: sum))
        }
        return registers + sets + sums
    }

    private static func content(of register: Register<Value>) -> [UInt8] {
        var writer = Writer()
        writer.varint(UInt64(register.heads.count))
        for head in register.heads.sorted(by: { $0.name < $1.name }) {
            writer.name(head.name)
            writer.value(head.value)
        }
        return writer.bytes
    }

    private static func content(of set: AddWinsSet<Value>) -> [UInt8] {
        let elements = set.additions.map { (bytes: $0.key.encoded, names: $0.value.sorted()) }
        var writer = Writer()
        writer.varint(UInt64(elements.count))
        for element in elements.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            writer.raw(element.bytes)
            writer.names(element.names)
        }
        return writer.bytes
    }

    private static func content(of sum: Int128) -> [UInt8] {
        var writer = Writer()
        writer.u64(UInt64(truncatingIfNeeded: sum >> 64))
        writer.u64(UInt64(truncatingIfNeeded: sum))
        return writer.bytes
    }
}

/// A part of a record that merges by itself, in its order among the others.
private struct Cell: Comparable {
    static let register: UInt8 = 1
    static let set: UInt8 = 2
    static let sum: UInt8 = 3
    static let mapKey: UInt8 = 4

    let field: UInt32
    let kind: UInt8
    /// The UTF-8 of a map key.
    let key: [UInt8]?
    let content: [UInt8]

    static func < (left: Cell, right: Cell) -> Bool {
        guard (left.field, left.kind) == (right.field, right.kind) else {
            return (left.field, left.kind) < (right.field, right.kind)
        }
        return (left.key ?? []).lexicographicallyPrecedes(right.key ?? [])
    }
}

/// The hash of everything that counts in a scope; equal on nodes that hold the same.
///
/// - Source: CHG-19.
public struct StateHash: ~Copyable {
    private var stream = Blake2b.Stream()

    public init(of scope: Scope, tenant: ID) {
        var writer = Writer(capacity: 48)
        writer.tag("gemba/state/1")
        writer.id(tenant)
        writer.scope(scope)
        stream.update(writer.bytes)
    }

    /// Takes the next record; the caller gives them ascending by id.
    public mutating func add(_ canonicalForm: [UInt8]) {
        var writer = Writer(capacity: 4)
        writer.u32(UInt32(truncatingIfNeeded: canonicalForm.count))
        stream.update(writer.bytes)
        stream.update(canonicalForm)
    }

    /// The hash of all records.
    public consuming func finish() -> Hash { Hash(digest: stream.finish()) }
}

extension Frontier {
    /// What a node says of a scope in sixteen or thirty-two bytes: equal marks, equal changes.
    ///
    /// - Source: SYNC-3.
    public func mark(of scope: Scope, tenant: ID) -> Hash {
        var writer = Writer(capacity: 64 + 88 * tips.count)
        writer.tag("gemba/frontier/1")
        writer.id(tenant)
        writer.scope(scope)
        for tip in tips {
            writer.id(tip.replica)
            writer.hash(tip.branch)
            writer.u64(tip.sequence)
            writer.hash(tip.hash)
        }
        return Hash(of: writer.bytes)
    }
}
