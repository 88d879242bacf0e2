public import CRDT

/// An order in which a store finds records of an entity without reading them all.
///
/// Derived and local: it never travels, and may change with any version. A store that was written
/// under other declarations makes its rows anew when it is opened.
///
/// - Invariant: A look-up finds what a scan would, filtered.
public struct Index: Hashable, Sendable {
    /// What a part of the key is made of.
    public enum Part: Hashable, Sendable {
        /// The value of a field; of a set field each element makes a row of its own.
        case value(UInt32)
        /// The text of a field as names are compared: case does not matter.
        case name(UInt32)
    }

    /// Where one look-up looks.
    public enum Reach: Hashable, Sendable {
        /// In one scope.
        case scope
        /// In all scopes that are held; of records, not of events.
        case store
    }

    /// A condition on a field.
    public struct Condition: Hashable, Sendable {
        public let field: UInt32
        public let values: Set<Value>
    }

    /// Names the rows of another index of the scope that take a record out of this one.
    ///
    /// Their keys begin with the record's id and go on with the whole key that it has here.
    public struct Ending: Hashable, Sendable {
        public let entity: UInt32
        public let index: UInt32
    }

    /// Unique within the entity, 1 to 255.
    public let number: UInt32
    public let name: String
    /// What keys are made of, the most significant first.
    ///
    /// A record without a value for one of them has no row.
    public let parts: [Part]
    public let reach: Reach
    /// What a record must hold to be found; nil: all are.
    public let condition: Condition?
    /// What takes an event out of the index; nil: nothing.
    public let ending: Ending?

    public init(
        _ number: UInt32,
        _ name: String,
        _ parts: [Part],
        reach: Reach = .scope,
        where condition: Condition? = nil,
        until ending: Ending? = nil
    ) {
        self.number = number
        self.name = name
        self.parts = parts
        self.reach = reach
        self.condition = condition
        self.ending = ending
    }

    /// Whether an entry of the index is made of a record's fields at all.
    func admits(_ fields: Fields) -> Bool {
        guard let condition else { return true }
        return fields[condition.field].map(condition.values.contains) ?? false
    }

    /// The values of the rows of a record, part by part; none where it has no row.
    public func rows(of fields: Fields) -> [[Value]] {
        guard admits(fields) else { return [] }
        var rows: [[Value]] = [[]]
        for part in parts {
            let values = part.values(in: fields)
            rows = rows.flatMap { row in values.map { row + [$0] } }
        }
        return rows
    }
}

extension Index.Part {
    /// The values of the part; none where the field is empty.
    func values(in fields: Fields) -> [Value] {
        switch self {
        case .value(let field):
            if let value = fields[field] { return [value] }
            return Array(fields.elements(field))
        case .name(let field):
            return fields.text(field).map { [Self.key(ofName: $0)] } ?? []
        }
    }

    /// A value as the part compares it.
    public func compared(_ value: Value) -> Value {
        guard case .name = self, case .text(let name) = value else { return value }
        return Self.key(ofName: name)
    }

    private static func key(ofName name: String) -> Value { .text(name.lowercased()) }
}

extension Index.Condition {
    /// That a field holds one of some texts.
    public static func field(_ field: UInt32, is texts: String...) -> Self {
        Self(field: field, values: Set(texts.map(Value.text)))
    }
}
