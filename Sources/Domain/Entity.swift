public import CRDT

/// A kind of record: its permanent number, where it lives, and how each of its fields merges.
///
/// Numbers are for ever: a number once shipped is never given another meaning, and a field once
/// shipped never changes its type or its merge. What is new gets a new number.
///
/// - Source: `protocol/domain.md`.
public struct Entity: Hashable, Sendable {
    /// Whether records of the kind are edited or are facts.
    public enum Form: Hashable, Sendable {
        /// A description that may be edited. With a key, its id is a hash of scope and key fields.
        case entity(key: [UInt32])
        /// An immutable fact. Its stream, if it has one, is named by the values of these fields:
        /// events of one stream say in `after` which of the others their author was shown.
        case event(stream: [UInt32])
    }

    /// Which devices may write records of the kind.
    public enum Writer: Hashable, Sendable {
        /// Every device that may write the scope.
        case anyDevice
        /// Only a device certified as a hub.
        case hub
    }

    /// The permanent number.
    public let number: UInt32
    /// The name in tables, commands and documents: lower case, words joined by underscores.
    public let name: String
    /// The kinds of scope in which records of the kind may live.
    public let scopes: Set<Scope.Kind>
    public let form: Form
    public let writer: Writer
    /// The fields, by number.
    public let fields: [Field]
    /// How a store finds records of the kind; it may change with any version.
    public let indexes: [Index]
    /// The fields that people search; they may change with any version.
    public let searched: [Searched]

    public init(
        _ number: UInt32,
        _ name: String,
        in scopes: Set<Scope.Kind>,
        form: Form,
        writer: Writer = .anyDevice,
        fields: [Field],
        indexes: [Index] = [],
        searched: [Searched] = []
    ) {
        self.number = number
        self.name = name
        self.scopes = scopes
        self.form = form
        self.writer = writer
        self.fields = fields.sorted { $0.number < $1.number }
        self.indexes = indexes
        self.searched = searched
    }

    public var isEvent: Bool {
        if case .event = form { true } else { false }
    }

    /// What is left of an event that statements set aside: which stream it is of, and what its
    /// author had seen there.
    ///
    /// - Source: `protocol/domain.md`, before DOM-1.
    public func link(of event: Operation) -> Operation {
        guard case .event(let stream) = form else {
            return Operation(event.entity, event.target, after: event.after, edits: [])
        }
        let edits = event.edits.filter { stream.contains($0.field) }
        return Operation(event.entity, event.target, after: event.after, edits: edits)
    }

    /// The field of a number.
    ///
    /// Nearly always it stands in the place of its number, for numbers begin at 1 without gaps.
    public func field(_ number: UInt32) -> Field? {
        let place = Int(number) - 1
        if fields.indices.contains(place), fields[place].number == number { return fields[place] }
        return fields.first { $0.number == number }
    }
}

/// A column of an entity.
public struct Field: Hashable, Sendable {
    /// What values a field may hold.
    ///
    /// Others do not count (MERGE-12): they are kept, not folded.
    public enum Kind: Hashable, Sendable {
        case bool
        case integer
        case decimal
        case text
        case bytes
        case id
        case link
        /// A list of plain values that is one register.
        case list
    }

    /// How concurrent edits of a field become one state.
    public enum Merge: Hashable, Sendable {
        /// Set when the record is created, never edited.
        case fixed
        /// One value; concurrent writes stand side by side as a conflict.
        case register
        /// A register that shows the most cautious of concurrent values, whatever the clocks say.
        /// The known values stand here, the least cautious first.
        case cautious(leastFirst: [Value])
        /// A register that only a device certified as a hub may set.
        case authority
        /// A set in which an addition wins over a removal that had not seen it.
        case set
        /// A sum of signed deltas, to which everybody adds without having seen the others'.
        case counter
        /// A register a key; a key is removed by writing null. The kind is that of its values.
        case map
    }

    /// The permanent number within the entity, from 1; 0 is the register "deleted" of every entity.
    public let number: UInt32
    public let name: String
    public let kind: Kind
    public let merge: Merge

    public init(_ number: UInt32, _ name: String, _ kind: Kind, _ merge: Merge = .register) {
        self.number = number
        self.name = name
        self.kind = kind
        self.merge = merge
    }

    /// Most items of a value that is a list: more is no value that travels.
    public static let listItemsMax = 32

    /// The register "deleted" that every entity has: alive is less cautious than deleted… and so
    /// a deletion beside an edit is shown as alive, for a person to settle.
    public static let deleted = Field(
        FieldEdit.deleted,
        "deleted",
        .bool,
        .cautious(leastFirst: [.bool(true), .bool(false)])
    )

    /// Whether every device may write it, as a register or when the record is created.
    var isPlain: Bool {
        switch merge {
        case .fixed, .register, .cautious: true
        case .authority, .set, .counter, .map: false
        }
    }

    /// Whether a value is one of the field's kind; null, which empties a register, always is.
    public func admits(_ value: Value) -> Bool {
        switch (kind, value) {
        case (_, .null), (.bool, .bool), (.integer, .integer), (.decimal, .decimal),
            (.text, .text), (.bytes, .bytes), (.id, .id), (.link, .link), (.list, .list):
            true
        default: false
        }
    }
}
