public import CRDT
public import Domain

/// What is looked for by an index: the first values of the key, and a range of the next.
///
/// ```swift
/// var week = LookUp(HoursEvent.byPerson, of: HoursEvent.entity, [.id(person)])
/// week.from = .integer(monday)
/// let page = try view.events(week, in: .site(site))
/// ```
public struct LookUp: Sendable {
    public let index: Index
    public let entity: Entity
    /// The values that the first parts of the key must equal.
    public let values: [Value]
    /// The least value of the next part; nil: from its beginning.
    public var from: Value?
    /// The value of the next part before which it ends; nil: to its end.
    public var below: Value?
    /// Whether the last comes first.
    public var isDescending = false
    /// Where the page before ended; nil: the first page.
    public var after: Cursor?
    /// Most rows of a page.
    public var limit: Int

    public init(
        _ index: Index,
        of entity: Entity,
        _ values: [Value] = [],
        from: Value? = nil,
        below: Value? = nil,
        limit: Int = .max
    ) {
        self.index = index
        self.entity = entity
        self.values = zip(index.parts, values).map { $0.compared($1) }
        self.from = from
        self.below = below
        self.limit = limit
    }

    /// A place between two rows, which stays one whatever is written: as text, digits.
    public struct Cursor: Hashable, Sendable {
        let key: [UInt8]
        let scope: Int64
        let id: ID
        let position: Int64
    }

    /// The keys of the range: from the first, before the second.
    var keys: (first: [UInt8], end: [UInt8]) {
        let prefix = IndexKey(values).bytes
        let first = from.map { prefix + IndexKey([$0]).bytes } ?? prefix
        let end = below.map { prefix + IndexKey([$0]).bytes } ?? prefix + [0xff]
        return (first, end)
    }

    /// Whether what is shown is what was asked for: keys of long texts tell only their beginnings.
    func admits(_ fields: Fields) -> Bool {
        index.rows(of: fields).contains { row in
            zip(row, values).allSatisfy { $0 == $1 }
        }
    }
}

/// Some of what a look-up finds, in the order of the index.
public struct Page<Item: Sendable>: Sendable {
    public let items: [Item]
    /// Where the next page begins; nil: there is no more.
    public let next: LookUp.Cursor?
}

/// A record with the scope that it stands in.
public struct PlacedRecord: Sendable {
    public let scope: Scope
    public let record: StoredRecord
}
