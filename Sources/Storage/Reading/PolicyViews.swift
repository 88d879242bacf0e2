/// What each table of a store shows through a policy reader.
///
/// - Invariant: A table that is not named here shows nothing.
enum PolicyViews {
    /// Which rows of a table are shown.
    enum Shown {
        /// Those of records and events that the person may read: expressions of scope, kind and id.
        case rows(scope: String, entity: String, id: String)
        /// Those of scopes that the person may read: an expression.
        case scopes(String)
        /// Those under some keys: they say how the store is read, not what is in it.
        case keys([String])
        /// None, but the policy itself may look.
        case beneath
        /// None.
        case nothing
    }

    static let tables: [String: Shown] = [
        "record": .rows(scope: "scope", entity: "entity", id: "id"),
        "touch": .rows(scope: "scope", entity: "entity", id: "id"),
        "event": .rows(scope: "scope", entity: "entity", id: "id"),
        "conflict": .rows(scope: "scope", entity: "entity", id: "id"),
        "keyed": .rows(scope: "scope", entity: "place >> 8", id: "id"),
        "searchable": .rows(scope: "scope", entity: "entity", id: "id"),
        "scope": .scopes("number"),
        "change": .scopes("scope"),
        "block": .scopes("scope"),
        "feed": .scopes("scope"),
        "aside": .scopes("scope"),
        "standing": .scopes("scope"),
        "clock": .scopes("scope"),
        "receipt": .scopes("scope"),
        "summary": .scopes("scope"),
        "facet": .scopes("scope"),
        "meta": .keys(["indexes", "standing", "summaries", "tenant"]),
        "replica": .beneath,
        "reference": .beneath,
        "interest": .beneath,
        // Secrets of the machine, the authority's log, peers, and what only the writer needs.
        "authority": .nothing, "awaited": .nothing, "local": .nothing, "peer": .nothing,
        "quota": .nothing, "refusal": .nothing,
        // Whoever searches is given hits one by one.
        "search": .nothing, "search_config": .nothing, "search_data": .nothing,
        "search_docsize": .nothing, "search_idx": .nothing,
    ]

    /// What stands in the place of a column that holds more than a row is for.
    ///
    /// Bodies of changes hold many records, and the state of a record all its fields: they are
    /// unpacked beneath, and what is shown of them is decided there.
    static func expression(_ column: String, of table: String, nonce: String) -> String {
        switch (table, column) {
        case ("record", "state"): "CASE WHEN k\(nonce)(entity) THEN state END"
        case ("change", "body"), ("block", "bodies"): "CASE WHEN b\(nonce)() THEN \(column) END"
        default: "\"\(column)\""
        }
    }

    /// The condition of a view.
    static func condition(_ shown: Shown, nonce: String) -> String {
        switch shown {
        case .rows(let scope, let entity, let id): "r\(nonce)(\(scope), \(entity), \(id))"
        case .scopes(let scope): "s\(nonce)(\(scope))"
        case .keys(let keys):
            "b\(nonce)() OR key IN (\(keys.map { "'\($0)'" }.joined(separator: ", ")))"
        case .beneath: "b\(nonce)()"
        case .nothing: "0"
        }
    }
}
