import CRDT
import Domain
import Wire

/// A row of an index.
struct IndexRow: Hashable {
    let owner: Int64
    let place: Int64
    let key: [UInt8]
}

extension Entity {
    /// Whether records of the kind have rows beside their own.
    var isIndexed: Bool { !indexes.isEmpty || !searched.isEmpty }

    /// The rows of a record that shows these values.
    func indexRows(of fields: Fields, in scope: Int64) -> Set<IndexRow> {
        var rows: Set<IndexRow> = []
        for index in indexes {
            for values in index.rows(of: fields) {
                rows.insert(row(index, IndexKey(values).bytes, in: scope))
            }
        }
        return rows
    }

    func row(_ index: Index, _ key: [UInt8], in scope: Int64) -> IndexRow {
        IndexRow(
            owner: index.reach == .scope ? scope : 0,
            place: IndexTables.place(number, index.number),
            key: key
        )
    }
}

// MARK: - Records

extension Folder {
    /// Makes the rows of a record those of its shown values; none if it is deleted.
    func index(
        _ record: Record?,
        _ id: ID,
        of entity: Entity,
        in scope: Int64,
        isNew: Bool = false
    ) throws(StorageError) {
        let fields = record.flatMap { $0.exists ? Fields(of: $0, entity) : nil }
        let isShown = fields.map { $0.bool(FieldEdit.deleted) != true } ?? false
        let wanted = isShown ? entity.indexRows(of: fields ?? Fields([:]), in: scope) : []
        let held = isNew ? [] : try connection.indexRows(of: id, entity.number, in: scope)
        if !entity.searched.isEmpty {
            let row = isShown ? entity.searchRow(of: fields ?? Fields([:])) : SearchRow()
            let place = Connection.SearchPlace(entity: entity.number, id: id, scope: scope)
            try connection.setSearch(row, at: place, isNew: isNew)
        }
        for row in held where !wanted.contains(row) {
            try connection.delete(row, of: id, at: 0, in: scope)
        }
        for row in wanted where !held.contains(row) {
            try connection.insert(row, of: id, at: 0, 0, in: scope)
        }
    }

    /// The same, if records of the kind have rows at all.
    func index(
        _ record: Record?,
        _ id: ID,
        of number: UInt32,
        in scope: Int64
    ) throws(StorageError) {
        guard let entity = schema[number], entity.isIndexed else { return }
        try index(record, id, of: entity, in: scope)
    }

    /// The rows of a record that was just created.
    func index(
        creation: Operation,
        _ id: ID,
        at place: Place
    ) throws(StorageError) {
        guard let entity = schema[creation.entity], entity.isIndexed else { return }
        var record = Record()
        record.apply(creation, rank: place.rank)
        try index(record, id, of: entity, in: place.number, isNew: true)
    }
}

// MARK: - Events

extension Folder {
    /// Makes the rows of an event those of what it says; none if statements set it aside.
    func index(
        _ event: Operation,
        of entity: Entity,
        at place: Place
    ) throws(StorageError) {
        let standing = try connection.standing(of: place.number)
        let counts = standing.exclusion(at: place.position, of: entity.number) == nil
        let fields = Fields(of: event)
        if !entity.searched.isEmpty {
            let row = counts ? entity.searchRow(of: fields) : SearchRow()
            // An event has no words nearly always.
            if !row.isEmpty || !counts {
                try connection.setSearch(
                    row,
                    at: Connection.SearchPlace(
                        entity: entity.number,
                        id: place.derivedID,
                        scope: place.number,
                        position: place.position,
                        operation: Int64(place.index)
                    )
                )
            }
        }
        for index in entity.indexes {
            for values in index.rows(of: fields) {
                try write(values, of: entity, index, at: place, counts: counts)
            }
        }
    }

    private func write(
        _ values: [Value],
        of entity: Entity,
        _ index: Index,
        at place: Place,
        counts: Bool
    ) throws(StorageError) {
        let (scope, id) = (place.number, place.derivedID)
        let row = entity.row(index, IndexKey(values).bytes, in: scope)
        if counts, try !isEnded(row, of: index, id, in: scope) {
            try connection.insert(row, of: id, at: place.position, Int64(place.index), in: scope)
        } else {
            try connection.delete(row, of: id, at: place.position, in: scope)
        }
        for ended in schema.endedIndexes {
            guard let ending = ended.index.ending, ending.entity == entity.number,
                ending.index == index.number, case .id(let start) = values.first
            else { continue }
            if counts {
                let key = IndexKey(values.dropFirst().prefix(ended.index.parts.count))
                let row = ended.entity.row(ended.index, key.bytes, in: scope)
                try connection.delete(row, of: start, in: scope)
            } else {
                try restore(start, of: ended.entity, ended.index, in: place.scope, scope)
            }
        }
    }

    /// Whether rows of another index take a row out of its own.
    func isEnded(
        _ row: IndexRow,
        of index: Index,
        _ id: ID,
        in scope: Int64
    ) throws(StorageError) -> Bool {
        guard let ending = index.ending else { return false }
        let key = IndexKey([.id(id)]).bytes + row.key
        return try connection.prepare(
            "SELECT 1 FROM keyed WHERE owner = ? AND place = ? AND key >= ? AND key < ? LIMIT 1"
        )
        .bind(scope).bind(IndexTables.place(ending.entity, ending.index)).bind(key)
        .bind(key + [0xff])
        .first { $0.integer(0) } != nil
    }

    /// Gives an event its rows of one index again, where nothing ends them any more.
    private func restore(
        _ id: ID,
        of entity: Entity,
        _ index: Index,
        in scope: Scope,
        _ number: Int64
    ) throws(StorageError) {
        let places = try connection.prepare(
            """
            SELECT position, operation FROM event
            WHERE scope = ? AND entity = ? AND stream = x'' AND id = ?
            """
        )
        .bind(number).bind(Int64(entity.number)).bind(id)
        .all { ($0.integer(0), $0.integer(1)) }
        let standing = try connection.standing(of: number)
        for (position, operation) in places {
            let logged = try connection.change(at: position, in: number)
            guard let body = try logged.body(), let place = UInt16(exactly: operation),
                Int(place) < body.operations.count
            else { continue }
            let start = Place(
                scope: scope,
                number: number,
                position: position,
                index: place,
                rank: logged.rank(body),
                author: logged.replica
            )
            guard case .counts(let event) = counted(body.operations[Int(place)], at: start)
            else { continue }
            let counts = standing.exclusion(at: position, of: entity.number) == nil
            for values in index.rows(of: Fields(of: event)) {
                try write(values, of: entity, index, at: start, counts: counts)
            }
        }
    }
}

// MARK: - Rows

extension Connection {
    /// The rows of a record.
    fileprivate func indexRows(
        of id: ID,
        _ entity: UInt32,
        in scope: Int64
    ) throws(StorageError) -> Set<IndexRow> {
        let rows = try prepare(
            "SELECT owner, place, key FROM keyed WHERE scope = ? AND id = ? AND position = 0"
        )
        .bind(scope).bind(id)
        .all { IndexRow(owner: $0.integer(0), place: $0.integer(1), key: $0.bytes(2)) }
        return Set(rows.filter { $0.place >> 8 == Int64(entity) })
    }

    fileprivate func insert(
        _ row: IndexRow,
        of id: ID,
        at position: Int64,
        _ operation: Int64,
        in scope: Int64
    ) throws(StorageError) {
        try prepare(hot: "INSERT INTO keyed VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(row.owner).bind(row.place).bind(row.key).bind(scope).bind(id)
            .bind(position).bind(operation)
            .run()
    }

    /// Deletes a row: of the event at a position, or of whatever has the id.
    fileprivate func delete(
        _ row: IndexRow,
        of id: ID,
        at position: Int64? = nil,
        in scope: Int64
    ) throws(StorageError) {
        let only = position == nil ? "" : "AND position = ?"
        let statement = try prepare(
            """
            DELETE FROM keyed
            WHERE owner = ? AND place = ? AND key = ? AND scope = ? AND id = ? \(only)
            """
        )
        .bind(row.owner).bind(row.place).bind(row.key).bind(scope).bind(id)
        if let position { statement.bind(position) }
        try statement.run()
    }
}
