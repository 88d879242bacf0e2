import CRDT
import Domain
import Wire

/// The rows of indexes as records and log say them, made from nothing: what `verify` compares.
struct IndexCheck {
    let folding: Folder
    let scope: Scope
    let number: Int64

    private var connection: Connection { folding.connection }

    /// A row with whose it is.
    struct Row: Hashable {
        let row: IndexRow
        let id: ID
        let position: Int64
        let operation: Int64
    }

    /// Whether the rows held of the scope are those that there must be.
    func holds() throws(StorageError) -> Bool {
        guard try heldWords() == expectedWords() else { return false }
        let held = try connection.prepare(
            "SELECT owner, place, key, id, position, operation FROM keyed WHERE scope = ?"
        )
        .bind(number)
        .all { row in
            Row(
                row: IndexRow(owner: row.integer(0), place: row.integer(1), key: row.bytes(2)),
                id: row.id(3) ?? .zero,
                position: row.integer(4),
                operation: row.integer(5)
            )
        }
        return try Set(held) == expectedRecords().union(expectedEvents())
    }

    /// The words of a record or event.
    private struct Words: Hashable {
        let entity: UInt32
        let id: ID
        let position: Int64
        let row: SearchRow
    }

    private func heldWords() throws(StorageError) -> Set<Words> {
        Set(
            try connection.prepare(
                """
                SELECT entity, id, position, name, description, code FROM searchable
                WHERE scope = ?
                """
            )
            .bind(number)
            .all { row in
                Words(
                    entity: UInt32(clamping: row.integer(0)),
                    id: row.id(1) ?? .zero,
                    position: row.integer(2),
                    row: SearchRow(
                        name: row.text(3),
                        description: row.text(4),
                        code: row.text(5)
                    )
                )
            }
        )
    }

    private func expectedWords() throws(StorageError) -> Set<Words> {
        let view = View(
            connection: connection,
            schema: folding.schema,
            tenant: folding.tenant
        )
        var words: Set<Words> = []
        for entity in folding.schema.entities where !entity.searched.isEmpty {
            if entity.isEvent {
                for event in try view.events(of: entity, in: scope) where event.exclusion == nil {
                    let row = entity.searchRow(of: event.fields)
                    let position = event.origin.position
                    words.insert(
                        Words(entity: entity.number, id: event.id, position: position, row: row)
                    )
                }
            } else {
                for record in try view.records(of: entity, in: scope) where !record.isDeleted {
                    let row = entity.searchRow(of: record.fields)
                    words.insert(Words(entity: entity.number, id: record.id, position: 0, row: row))
                }
            }
        }
        return words.filter { !$0.row.isEmpty }
    }

    private func expectedRecords() throws(StorageError) -> Set<Row> {
        let view = View(
            connection: connection,
            schema: folding.schema,
            tenant: folding.tenant
        )
        var rows: Set<Row> = []
        for entity in folding.schema.entities where !entity.isEvent && entity.isIndexed {
            for record in try view.records(of: entity, in: scope) where !record.isDeleted {
                for row in entity.indexRows(of: record.fields, in: number) {
                    rows.insert(Row(row: row, id: record.id, position: 0, operation: 0))
                }
            }
        }
        return rows
    }

    /// Says of every event that counts what it would have alone, then takes out what is ended.
    private func expectedEvents() throws(StorageError) -> Set<Row> {
        let view = View(
            connection: connection,
            schema: folding.schema,
            tenant: folding.tenant
        )
        var rows: Set<Row> = []
        for entity in folding.schema.entities where entity.isEvent && entity.isIndexed {
            for event in try view.events(of: entity, in: scope) where event.exclusion == nil {
                for row in entity.indexRows(of: event.fields, in: number) {
                    rows.insert(
                        Row(
                            row: row,
                            id: event.id,
                            position: event.origin.position,
                            operation: Int64(event.index)
                        )
                    )
                }
            }
        }
        for (entity, index) in folding.schema.endedIndexes {
            rows = withoutEnded(rows, of: entity, index)
        }
        return rows
    }

    private func withoutEnded(_ rows: Set<Row>, of entity: Entity, _ index: Index) -> Set<Row> {
        guard let ending = index.ending else { return rows }
        let place = IndexTables.place(entity.number, index.number)
        let ends = IndexTables.place(ending.entity, ending.index)
        let own = rows.filter { $0.row.place == place }
        let counts = Set(own.map { IndexKey.idCount + $0.row.key.count })
        var names: Set<[UInt8]> = []
        for row in rows where row.row.place == ends {
            for count in counts { names.insert(Array(row.row.key.prefix(count))) }
        }
        return rows.filter { row in
            row.row.place != place || !names.contains(IndexKey([.id(row.id)]).bytes + row.row.key)
        }
    }
}
