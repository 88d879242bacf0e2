import CRDT
import Domain

/// The words of records and events, folded, in a full-text index of SQLite.
///
/// No trigger: whoever writes a row of a record writes its words in the same transaction, and a
/// kind that declares nothing to search costs nothing.
enum SearchTables {
    /// The index, and what it is told.
    ///
    /// searchable: what the index holds of each, so that it can be taken out again. kind: a word
    /// that names the entity.
    static let definition = """
        CREATE TABLE searchable (
            number      INTEGER PRIMARY KEY,
            scope       INTEGER NOT NULL,
            entity      INTEGER NOT NULL,
            id          BLOB    NOT NULL CHECK (length(id) = 16),
            position    INTEGER NOT NULL,
            operation   INTEGER NOT NULL,
            name        TEXT    NOT NULL,
            description TEXT    NOT NULL,
            code        TEXT    NOT NULL,
            kind        TEXT    NOT NULL,
            UNIQUE (scope, id, entity, position)
        ) STRICT;
        CREATE VIRTUAL TABLE search USING fts5 (
            name, description, code, kind,
            content='searchable', content_rowid='number', tokenize="ascii tokenchars '.'"
        );
        """

    static let columns = "name, description, code, kind"

    static func kind(_ entity: UInt32) -> String { "k\(entity)" }
}

/// The folded texts of a record, a column a weight.
struct SearchRow: Hashable {
    var name = ""
    var description = ""
    var code = ""

    var isEmpty: Bool { name.isEmpty && description.isEmpty && code.isEmpty }
}

extension Entity {
    /// The words of a record that shows these values; empty if it has none.
    func searchRow(of fields: Fields) -> SearchRow {
        var texts: [Searched.Weight: [String]] = [:]
        for searched in searched {
            let found =
                fields.text(searched.field).map { [$0] } ?? fields.texts(searched.field).sorted()
            for text in found {
                let words = SearchText.words(of: text)
                if !words.isEmpty { texts[searched.weight, default: []].append(words) }
            }
        }
        func joined(_ weight: Searched.Weight) -> String {
            texts[weight]?.joined(separator: " ") ?? ""
        }
        return SearchRow(
            name: joined(.name),
            description: joined(.description),
            code: joined(.number)
        )
    }
}

extension Connection {
    /// What stands in the index for a record, or for the event at a position.
    struct SearchPlace {
        let entity: UInt32
        let id: ID
        let scope: Int64
        var position: Int64 = 0
        var operation: Int64 = 0
    }

    /// Makes the words of a record those given; none for an empty row.
    func setSearch(
        _ row: SearchRow,
        at place: SearchPlace,
        isNew: Bool = false
    ) throws(StorageError) {
        let held = isNew ? nil : try searchRow(at: place)
        guard held?.row ?? SearchRow() != row else { return }
        if let held { try remove(held.row, numbered: held.number, of: place.entity) }
        guard !row.isEmpty else { return }
        let kind = SearchTables.kind(place.entity)
        let number = try prepare(
            """
            INSERT INTO searchable
            (scope, entity, id, position, operation, \(SearchTables.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number
            """
        )
        .bind(place.scope).bind(Int64(place.entity)).bind(place.id).bind(place.position)
        .bind(place.operation)
        .bind(row.name).bind(row.description).bind(row.code).bind(kind)
        .first { $0.integer(0) }
        guard let number else { throw StorageError(.database, "words were not inserted") }
        try prepare("INSERT INTO search (rowid, \(SearchTables.columns)) VALUES (?, ?, ?, ?, ?)")
            .bind(number).bind(row.name).bind(row.description).bind(row.code).bind(kind).run()
    }

    private func searchRow(
        at place: SearchPlace
    ) throws(StorageError) -> (number: Int64, row: SearchRow)? {
        try prepare(
            """
            SELECT number, name, description, code FROM searchable
            WHERE scope = ? AND id = ? AND entity = ? AND position = ?
            """
        )
        .bind(place.scope).bind(place.id).bind(Int64(place.entity)).bind(place.position)
        .first { row in
            (
                row.integer(0),
                SearchRow(name: row.text(1), description: row.text(2), code: row.text(3))
            )
        }
    }

    /// Takes the words of a whole scope out of the index.
    func removeSearch(of scope: Int64) throws(StorageError) {
        let rows = try prepare(
            "SELECT number, entity, name, description, code FROM searchable WHERE scope = ?"
        )
        .bind(scope)
        .all { row in
            (
                row.integer(0), UInt32(clamping: row.integer(1)),
                SearchRow(name: row.text(2), description: row.text(3), code: row.text(4))
            )
        }
        for (number, entity, row) in rows { try remove(row, numbered: number, of: entity) }
    }

    private func remove(
        _ row: SearchRow,
        numbered number: Int64,
        of entity: UInt32
    ) throws(StorageError) {
        // The index must be told what it held.
        try prepare(
            """
            INSERT INTO search (search, rowid, \(SearchTables.columns))
            VALUES ('delete', ?, ?, ?, ?, ?)
            """
        )
        .bind(number).bind(row.name).bind(row.description).bind(row.code)
        .bind(SearchTables.kind(entity))
        .run()
        try prepare("DELETE FROM searchable WHERE number = ?").bind(number).run()
    }
}
