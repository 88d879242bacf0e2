/// One edit of one record, as its author wrote it.
///
/// It carries the names that the author was *shown*, never those that happened to be in the store
/// when it was committed (MERGE-9): that is what makes "had they seen it?" a fact.
public struct Operation: Hashable, Sendable {
    /// What the operation does to its record.
    public enum Target: Hashable, Sendable {
        /// Creates an entity record whose id follows from the change's stamp and the operation's
        /// index.
        case new
        /// Creates an entity record with a natural key; the id is a hash of scope and key.
        case natural(ID)
        /// Edits an entity record.
        case existing(ID)
        /// Records an event, which nothing edits later. Its id follows from stamp and index.
        case event
        /// A kind of operation of a newer version: carried unaltered, and it does not count.
        case unknown(kind: UInt8, bytes: [UInt8])
    }

    /// The permanent number of the entity.
    public let entity: UInt32
    public let target: Target
    /// The heads of its stream that the author of an event was shown; sorted, unique.
    public let after: [Name]
    /// The fields set, sorted by field and, where one field may stand twice, by key or element.
    public let edits: [FieldEdit]

    public init(_ entity: UInt32, _ target: Target, after: [Name] = [], edits: [FieldEdit]) {
        self.entity = entity
        self.target = target
        self.after = after
        self.edits = edits
    }
}

/// What an operation does to one field.
public struct FieldEdit: Hashable, Sendable {
    /// The kinds of edit, each with what it needs to merge.
    public enum Action: Hashable, Sendable {
        /// Sets a register and replaces the heads that were seen.
        case write(Value, replacing: [Name])
        /// Adds an element to a set; it may take over the additions of it that were seen.
        case add(Value, replacing: [Name])
        /// Removes the additions of an element that were seen.
        case remove(Value, names: [Name])
        /// Adds a signed delta to a counter.
        case increment(Int64)
        /// Sets the register of one key of a map.
        case put(key: String, Value, replacing: [Name])
        /// A kind of edit of a newer version: carried unaltered, and it does not count.
        case unknown(verb: UInt8, bytes: [UInt8])
    }

    /// The permanent number of the field; zero is the record's own "deleted" register.
    public let field: UInt32
    public let action: Action

    public init(_ field: UInt32, _ action: Action) {
        self.field = field
        self.action = action
    }

    /// The number of the register, present in every entity, that says whether a record is deleted.
    public static let deleted: UInt32 = 0
}

extension ID {
    /// The id of a record that a change creates without a natural key.
    ///
    /// Time-ordered, unique, and nothing on the wire: the time of the stamp, the index of the
    /// operation, and the first six bytes of the replica.
    ///
    /// - Parameters:
    ///   - stamp: The stamp of the change.
    ///   - index: The position of the operation in the change, from zero.
    /// - Source: CHG-7 in `protocol/changes.md`.
    public init(createdAt stamp: Stamp, index: UInt16) {
        self.init(
            high: stamp.time.raw,
            low: UInt64(index) << 48 | stamp.replica.high >> 16
        )
    }
}
