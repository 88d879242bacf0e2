import Bytes
import CRDT
import Domain
import Wire

/// The derived rows by which records are found: nothing in them that the log does not say.
enum IndexTables {
    /// Rises when what a row holds changes, whatever the declarations.
    private static let version = 1

    /// The table of all indexes.
    ///
    /// owner: the scope; 0 for an index that reaches through all. place: entity and index. position
    /// and operation: of an event; 0 for a record, whose rows are found again by scope and id.
    static let definition = """
        CREATE TABLE keyed (
            owner     INTEGER NOT NULL,
            place     INTEGER NOT NULL,
            key       BLOB    NOT NULL,
            scope     INTEGER NOT NULL,
            id        BLOB    NOT NULL CHECK (length(id) = 16),
            position  INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            PRIMARY KEY (owner, place, key, scope, id, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX keyed_record ON keyed (scope, id) WHERE position = 0;
        """

    /// The key in `meta` of the declarations under which the rows were made.
    static let metaKey = "indexes"

    /// What tells one set of declarations from another.
    static func declarations(of schema: Schema) -> [UInt8] {
        let lines = schema.entities.flatMap { entity in
            entity.indexes.map { "\(entity.number) \($0.number) \($0.signature)" }
                + entity.searched.map { "\(entity.number) s\($0.field) \($0.weight)" }
        }
        let text = (["\(version)"] + lines.sorted()).joined(separator: "\n")
        return Hash(of: Array(text.utf8)).bytes
    }

    static func place(_ entity: UInt32, _ index: UInt32) -> Int64 {
        Int64(entity) << 8 | Int64(index & 0xff)
    }
}

extension Index {
    /// All that decides on rows, in words.
    fileprivate var signature: String {
        let parts = parts.map { part in
            switch part {
            case .value(let field): "v\(field)"
            case .name(let field): "n\(field)"
            }
        }
        let values = condition?.values.map { "\($0.encoded)" }.sorted() ?? []
        return "\(parts) \(reach) \(condition?.field ?? 0) \(values) "
            + "\(ending?.entity ?? 0) \(ending?.index ?? 0)"
    }
}

extension StoreWriter {
    /// Makes the rows of indexes anew where they were made under other declarations.
    ///
    /// Comes after ``upgrade()``: by then records and events are as this version has them.
    func renewIndexes() throws(StorageError) {
        try connection.execute("DELETE FROM keyed; DELETE FROM searchable")
        try connection.execute("INSERT INTO search (search) VALUES ('rebuild')")
        for (scope, number, _) in try connection.heldScopes() {
            try indexRecords(of: number)
            try indexEvents(of: scope, number)
        }
        let declarations = IndexTables.declarations(of: schema)
        try connection.setMeta(IndexTables.metaKey, declarations)
    }

    /// Whether the rows were made under other declarations; makes the tables if there are none.
    func needsIndexes() throws(StorageError) -> Bool {
        let known = try connection.meta(IndexTables.metaKey)
        if known == nil {
            try connection.execute(IndexTables.definition)
            try connection.execute(SummaryTables.definition)
            try connection.execute(SearchTables.definition)
        }
        return known != IndexTables.declarations(of: schema)
    }

    private func indexRecords(of number: Int64) throws(StorageError) {
        for entity in schema.entities where !entity.isEvent && entity.isIndexed {
            let rows = try connection.prepare(
                "SELECT id, state FROM record WHERE scope = ? AND entity = ?"
            )
            .bind(number).bind(Int64(entity.number)).all { ($0.id(0), $0.bytes(1)) }
            for (id, state) in rows {
                guard let id, let record = try connection.record(state, of: id, in: number)
                else { continue }
                try folding.index(record, id, of: entity, in: number)
            }
        }
    }

    private func indexEvents(of scope: Scope, _ number: Int64) throws(StorageError) {
        guard schema.entities.contains(where: { $0.isEvent && $0.isIndexed }) else { return }
        try connection.forEachChange(in: number, after: 0, upTo: .max) {
            change throws(StorageError) in
            try reindexEvents(of: change, in: scope, number)
            return true
        }
    }

    /// Gives the events of a change their rows, or takes them away where it is set aside.
    func reindexEvents(
        of change: LoggedChange,
        in scope: Scope,
        _ number: Int64
    ) throws(StorageError) {
        guard let body = try change.body() else { return }
        for (index, operation) in body.operations.enumerated() {
            guard let entity = schema[operation.entity], entity.isEvent, entity.isIndexed
            else { continue }
            let place = Folder.Place(
                scope: scope,
                number: number,
                position: change.position,
                index: UInt16(truncatingIfNeeded: index),
                rank: change.rank(body),
                author: change.replica
            )
            guard case .counts(let event) = folding.counted(operation, at: place),
                case .event = event.target
            else { continue }
            try folding.index(event, of: entity, at: place)
        }
    }

    /// Gives the records in conflict the rows of what they show now.
    func reindexConflicts(in number: Int64) throws(StorageError) {
        let rows = try connection.prepare(
            "SELECT DISTINCT entity, id FROM conflict WHERE scope = ?"
        )
        .bind(number).all { (UInt32(clamping: $0.integer(0)), $0.id(1)) }
        for (entity, id) in rows {
            guard let id, schema[entity]?.isIndexed == true else { continue }
            let record = try connection.record(id, of: entity, in: number)
            try folding.index(record, id, of: entity, in: number)
        }
    }
}
