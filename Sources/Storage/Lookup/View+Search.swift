public import CRDT
public import Domain

/// Something that a search found.
public struct SearchHit: Sendable {
    public let scope: Scope
    public let entity: Entity
    public let id: ID
    /// What it shows.
    public let fields: Fields
    /// Who recorded it, for an event; nil for a record.
    public let origin: Origin?
}

extension View {
    /// What the node holds whose words are those typed, the best first.
    ///
    /// A word in a name weighs more than one in a description, and that more than one in a number.
    /// Where very much fits, the newest of it is weighed.
    ///
    /// - Parameters:
    ///   - terms: All of them must be found.
    ///   - entities: The kinds that may be found; none: all.
    ///   - limit: Most hits.
    /// - Returns: None for terms without words. Deleted records, and what statements set aside, are
    ///   not among them.
    /// - Throws: What the disk says.
    public func search(
        _ terms: SearchTerms,
        for entities: [Entity] = [],
        limit: Int
    ) throws(StorageError) -> [SearchHit] {
        guard !terms.phrases.isEmpty, limit > 0 else { return [] }
        if wall != nil { return try searchApart(terms, for: entities, limit: limit) }
        let rows = try connection.prepare(
            """
            SELECT searchable.scope, entity, id, position, operation
            FROM (
                SELECT rowid AS number, bm25(search, 10.0, 5.0, 2.0, 0.0) AS score
                FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT \(Self.weighedMax)
            ) AS hit JOIN searchable ON searchable.number = hit.number
            ORDER BY score, hit.number DESC LIMIT ?
            """
        )
        .bind(Self.expression(terms, entities)).bind(Int64(limit)).all(SearchPlace.init)
        var hits: [SearchHit] = []
        for row in rows {
            if let hit = try hit(at: row) { hits.append(hit) }
        }
        return hits
    }

    struct SearchPlace {
        let scope: Int64
        let entity: UInt32
        let id: ID
        let position: Int64
        let operation: Int64

        init(_ row: borrowing RowReader) {
            scope = row.integer(0)
            entity = UInt32(clamping: row.integer(1))
            id = row.id(2) ?? .zero
            position = row.integer(3)
            operation = row.integer(4)
        }
    }

    /// What was found, as it is shown; nil where it does not count.
    func hit(at row: SearchPlace) throws(StorageError) -> SearchHit? {
        guard let entity = schema[row.entity] else { return nil }
        let scope = try connection.scope(numbered: row.scope)
        guard entity.isEvent else {
            return try record(row.id, of: entity, in: scope).map { record in
                SearchHit(
                    scope: scope,
                    entity: entity,
                    id: record.id,
                    fields: record.fields,
                    origin: nil
                )
            }
        }
        let place = EventPlace(
            id: row.id,
            position: row.position,
            index: UInt16(truncatingIfNeeded: row.operation)
        )
        return try events([place], entity, in: scope, row.scope).first.map { event in
            SearchHit(
                scope: scope,
                entity: entity,
                id: event.id,
                fields: event.fields,
                origin: event.origin
            )
        }
    }

    /// Rows whose weight is computed; of more the newest.
    static let weighedMax = 1_000

    /// The terms as the full-text index reads them: only folded words, each in quotation marks, so
    /// nothing that was typed can be taken for an operator.
    static func expression(_ terms: SearchTerms, _ entities: [Entity]) -> String {
        let phrases = terms.phrases.map { phrase in
            "\"\(phrase.words.joined(separator: " "))\"" + (phrase.isPrefix ? " *" : "")
        }
        let text = "{name description code} : (\(phrases.joined(separator: " AND ")))"
        guard !entities.isEmpty else { return text }
        let kinds = entities.map { "\"\(SearchTables.kind($0.number))\"" }
        return "kind : (\(kinds.joined(separator: " OR "))) AND \(text)"
    }
}
