public import CRDT
import Domain

/// What lists say of one record of a subject, made by whoever shows lists.
public struct Summary: Hashable, Sendable {
    /// Something by which a list is narrowed or sorted, such as the stage.
    public struct Facet: Hashable, Sendable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// By which a list is sorted, byte by byte, where no facet says otherwise.
    public let sort: String
    public let facets: Set<Facet>
    public let bytes: [UInt8]

    public init(sort: String, facets: Set<Facet>, bytes: [UInt8]) {
        self.sort = sort
        self.facets = facets
        self.bytes = bytes
    }
}

/// A summary with its scope, as a list has it.
public struct ListedSummary: Hashable, Sendable {
    public let scope: Scope
    public let summary: Summary

    public init(_ summary: Summary, of scope: Scope) {
        self.scope = scope
        self.summary = summary
    }
}

/// Which summaries a list wants, and from where on.
public struct SummaryQuery: Hashable, Sendable {
    /// The facets that all must have.
    public var facets: [Summary.Facet] = []
    /// A facet whose value lies before one, byte by byte; the list is in the order of its values.
    public var below: Summary.Facet?
    /// The scopes that may be listed; nil: all.
    public var scopes: Set<Scope>?
    /// Where the page before ended; nil: from the beginning.
    public var after: Cursor?
    /// Most of a page.
    public var limit: Int

    public init(limit: Int) {
        self.limit = limit
    }

    /// A place between two rows of a list, which stays one whatever is written.
    public struct Cursor: Hashable, Sendable {
        public let value: String
        public let sort: String
        public let key: ID

        public init(value: String, sort: String, key: ID) {
            self.value = value
            self.sort = sort
            self.key = key
        }

        func precedes(_ other: Cursor) -> Bool {
            if !value.utf8.elementsEqual(other.value.utf8) {
                return value.utf8.lexicographicallyPrecedes(other.value.utf8)
            }
            if !sort.utf8.elementsEqual(other.sort.utf8) {
                return sort.utf8.lexicographicallyPrecedes(other.sort.utf8)
            }
            return key < other.key
        }
    }

    /// The facet by which the list is driven: its order, and the rows that are looked at.
    var driver: (name: String, value: String?, below: String?) {
        if let below { return (below.name, nil, below.value) }
        return facets.first.map { ($0.name, $0.value, nil) } ?? ("", "", nil)
    }

    /// Where a summary stands in the order of the list.
    public func cursor(of listed: ListedSummary) -> Cursor {
        let value = listed.summary.facets.first { $0.name == below?.name }?.value
        return Cursor(
            value: below == nil ? driver.value ?? "" : value ?? "",
            sort: listed.summary.sort,
            key: listed.scope.key
        )
    }

    /// Whether a summary belongs into the list, on this page or a later one.
    public func admits(_ listed: ListedSummary) -> Bool {
        guard facets.allSatisfy(listed.summary.facets.contains),
            scopes?.contains(listed.scope) ?? true
        else { return false }
        if let below {
            let value = listed.summary.facets.first { $0.name == below.name }?.value
            guard let value, value.utf8.lexicographicallyPrecedes(below.value.utf8) else {
                return false
            }
        }
        return after?.precedes(cursor(of: listed)) ?? true
    }

    /// The first of some summaries that a page has, in order, and whether there are more.
    public func page(of listed: [ListedSummary]) -> (rows: [ListedSummary], isWhole: Bool) {
        let rows = listed.filter(admits).map { (cursor(of: $0), $0) }
            .sorted { $0.0.precedes($1.0) }
        return (rows.prefix(limit).map(\.1), rows.count <= limit)
    }
}
