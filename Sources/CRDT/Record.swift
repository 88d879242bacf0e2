/// A record of an entity as a set of standing writes: what a fold of its history gives.
///
/// Folding the operations that count, in any admissible order, is the definition of a record; the
/// store's incremental path takes one operation at a time through the same function.
///
/// - Invariant: The result depends only on which operations were applied, as long as none came
///   before one that it names (MERGE-5).
/// - Source: MERGE-1 to MERGE-4, MERGE-7.
public struct Record: Hashable, Sendable {
    /// A register of a record: a field, or one key of a map field.
    public struct Cell: Hashable, Sendable {
        public let field: UInt32
        public let key: String?

        public init(field: UInt32, key: String? = nil) {
            self.field = field
            self.key = key
        }

        /// Keys are one key when their bytes are; Swift would take look-alikes for equal.
        public static func == (left: Cell, right: Cell) -> Bool {
            guard left.field == right.field else { return false }
            switch (left.key, right.key) {
            case (nil, nil): return true
            case (let left?, let right?): return left.utf8.elementsEqual(right.utf8)
            default: return false
            }
        }

        /// By field, then by the bytes of the key; a register without one stands first (CHG-18).
        public static func precedes(_ left: Cell, _ right: Cell) -> Bool {
            guard left.field == right.field else { return left.field < right.field }
            return (left.key ?? "").utf8.lexicographicallyPrecedes((right.key ?? "").utf8)
        }
    }

    /// The creations that count; while there is none the record is hidden, with all its edits.
    public private(set) var creations: Set<Name> = []
    public private(set) var registers: [Cell: Register<Value>] = [:]
    public private(set) var sets: [UInt32: AddWinsSet<Value>] = [:]
    /// The sums of counters, modulo 2^128: of deltas up to 2^53 no store can hold so many that a
    /// sum left this range (MERGE-11).
    public private(set) var sums: [UInt32: Int128] = [:]

    public init() {}

    /// Restores what was stored.
    public init(
        creations: Set<Name>,
        registers: [Cell: Register<Value>],
        sets: [UInt32: AddWinsSet<Value>],
        sums: [UInt32: Int128]
    ) {
        self.creations = creations
        self.registers = registers.filter { !$0.value.heads.isEmpty }
        self.sets = sets.filter { !$0.value.additions.isEmpty }
        self.sums = sums
    }

    /// Whether a creation of the record counts.
    public var exists: Bool { !creations.isEmpty }

    /// Takes an operation on this record.
    ///
    /// - Parameters:
    ///   - operation: An operation that counts; the caller leaves out what it does not understand.
    ///   - rank: The rank of the change that holds it.
    public mutating func apply(_ operation: Operation, rank: Rank) {
        switch operation.target {
        case .new, .natural, .event: creations.insert(rank.name)
        case .existing, .unknown: break
        }
        for edit in operation.edits {
            apply(edit, rank: rank)
        }
    }

    private mutating func apply(_ edit: FieldEdit, rank: Rank) {
        switch edit.action {
        case .write(let value, let seen):
            registers[Cell(field: edit.field), default: Register()]
                .write(value, rank: rank, replacing: seen)
        case .put(let key, let value, let seen):
            registers[Cell(field: edit.field, key: key), default: Register()]
                .write(value, rank: rank, replacing: seen)
        case .add(let element, let seen):
            sets[edit.field, default: AddWinsSet()]
                .add(element, named: rank.name, replacing: seen)
        case .remove(let element, let names):
            sets[edit.field]?.remove(element, names: names)
            if sets[edit.field]?.additions.isEmpty == true { sets[edit.field] = nil }
        case .increment(let delta):
            sums[edit.field, default: 0] &+= Int128(delta)
        case .unknown:
            break
        }
    }
}
