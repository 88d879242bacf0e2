public import CRDT

/// A kind of event as a value: what a command writes and a fold reads.
///
/// ```swift
/// let block = ProgressStep("assembly", .block, reason: "crack in frame")
/// let operation = block.operation(after: shown.heads)
/// let entry = ProgressStep.entry(operation, rank: rank, index: 0)
/// ```
public protocol Fact: Hashable, Sendable {
    /// The entity that records facts of the kind.
    static var entity: Entity { get }

    /// Reads what an event holds. Total: what is absent or unknown makes a fact that counts for
    /// nothing, or for the most cautious thing, as the fold's rule says.
    init(_ fields: Fields)

    /// The fields that the event sets.
    var values: FieldValues { get }
}

extension Fact {
    /// The operation that records this fact after the heads that its author was shown (MERGE-10).
    public func operation(after: [Name] = []) -> Operation {
        Operation(Self.entity.number, .event, after: after.sorted(), edits: values.edits)
    }

    /// The entry of a stored event in its stream.
    ///
    /// For an event that does not count (set aside by a verdict, or of a newer version) give what
    /// ``Entity/link(of:)`` leaves: it does nothing, and what its author had seen stays known.
    public static func entry(
        _ operation: Operation,
        rank: Rank,
        index: UInt16
    ) -> Stream<Self>.Entry {
        Stream<Self>.Entry(
            Self(Fields(of: operation)),
            rank: rank,
            index: index,
            after: operation.after
        )
    }
}

extension Stream.Entry {
    /// The id of the event's record (CHG-7).
    public var id: ID { ID(createdAt: name.stamp, index: index) }
}

extension Stream where Event: Fact {
    /// The entries that count and that no other counting entry has seen, by rank.
    ///
    /// What stands when later facts replace the earlier ones that their authors were shown. The
    /// last is the one of greatest rank.
    ///
    /// - Complexity: O(n²) in the entries of the stream.
    func standing(where counts: (Event) -> Bool) -> [Entry] {
        let counting = entries.filter { counts($0.event) }
        return counting.filter { entry in !counting.contains { saw($0, entry) } }
    }
}

/// The values with which a record is created or an event recorded.
public struct FieldValues: Hashable, Sendable {
    private var registers: [UInt32: Value] = [:]
    private var sets: [UInt32: Set<Value>] = [:]
    private var sums: [UInt32: Int64] = [:]
    private var keyed: [Record.Cell: Value] = [:]

    public init() {}

    /// The value of a register; nil and null set nothing.
    public subscript(field: UInt32) -> Value? {
        get { registers[field] }
        set { registers[field] = newValue == .null ? nil : newValue }
    }

    /// Sets a text, unless it is nil.
    public mutating func set(_ field: UInt32, _ text: String?) {
        self[field] = text.map(Value.text)
    }

    /// Sets an integer, unless it is nil.
    public mutating func set(_ field: UInt32, _ integer: Int64?) {
        self[field] = integer.map(Value.integer)
    }

    /// Sets a truth value, unless it is nil.
    public mutating func set(_ field: UInt32, _ bool: Bool?) {
        self[field] = bool.map(Value.bool)
    }

    /// Sets an id, unless it is nil.
    public mutating func set(_ field: UInt32, _ id: ID?) {
        self[field] = id.map(Value.id)
    }

    /// The elements that are added to a set.
    public func elements(_ field: UInt32) -> Set<Value> { sets[field] ?? [] }

    /// Adds elements to a set.
    ///
    /// They are ids, texts, bytes, or lists that differ first in one of these, each shorter than
    /// 128 bytes: what ``edits`` can put in the order of their encodings.
    public mutating func add(_ field: UInt32, _ elements: some Sequence<Value>) {
        sets[field, default: []].formUnion(elements)
    }

    /// Adds to a counter.
    ///
    /// - Parameters:
    ///   - field: The counter.
    ///   - delta: At most 2^53 in magnitude, the limit of ENC-9.
    public mutating func increment(_ field: UInt32, by delta: Int64) { sums[field] = delta }

    /// Sets a key of a map.
    ///
    /// - Parameters:
    ///   - field: The map.
    ///   - key: At most 255 bytes, the limit of ENC-9.
    ///   - value: Of the field's kind.
    public mutating func put(_ field: UInt32, key: String, _ value: Value) {
        keyed[Record.Cell(field: field, key: key)] = value
    }

    /// The edits of a creation, in the order that CHG-5 asks for.
    public var edits: [FieldEdit] {
        let writes = registers.map { FieldEdit($0.key, .write($0.value, replacing: [])) }
        let additions = sets.flatMap { field, elements in
            elements.sorted(by: Self.precedes).map { FieldEdit(field, .add($0, replacing: [])) }
        }
        let increments = sums.map { FieldEdit($0.key, .increment($0.value)) }
        let puts = keyed.sorted { Record.Cell.precedes($0.key, $1.key) }.map { cell, value in
            FieldEdit(cell.field, .put(key: cell.key ?? "", value, replacing: []))
        }
        let inOrder = (writes + additions + increments + puts).enumerated().sorted {
            ($0.element.field, $0.offset) < ($1.element.field, $1.offset)
        }
        return inOrder.map(\.element)
    }

    private static func precedes(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.id(let left), .id(let right)):
            return left < right
        case (.text(let left), .text(let right)):
            guard left.utf8.count == right.utf8.count else {
                return left.utf8.count < right.utf8.count
            }
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.bytes(let left), .bytes(let right)):
            guard left.count == right.count else { return left.count < right.count }
            return left.lexicographicallyPrecedes(right)
        case (.list(let left), .list(let right)):
            guard left.count == right.count else { return left.count < right.count }
            let pair = zip(left, right).first { $0 != $1 }
            return pair.map { precedes($0, $1) } ?? false
        default:
            return false
        }
    }
}
