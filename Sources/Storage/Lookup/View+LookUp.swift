public import CRDT
public import Domain

extension View {
    /// The records that an index of one scope finds; deleted ones are not among them.
    ///
    /// - Complexity: O(log n + the page).
    public func records(
        _ lookUp: LookUp,
        in scope: Scope
    ) throws(StorageError) -> Page<StoredRecord> {
        guard let number = try connection.number(of: scope) else {
            return Page(items: [], next: nil)
        }
        let found = try page(lookUp, owner: number) { (place) throws(StorageError) in
            try record(at: place, of: lookUp)
        }
        return Page(items: found.items.map(\.record), next: found.next)
    }

    /// The records of all scopes held that an index of the whole store finds.
    public func records(_ lookUp: LookUp) throws(StorageError) -> Page<PlacedRecord> {
        try page(lookUp, owner: 0) { (place) throws(StorageError) in
            try record(at: place, of: lookUp)
        }
    }

    /// The events that an index of one scope finds; those set aside are not among them.
    public func events(
        _ lookUp: LookUp,
        in scope: Scope
    ) throws(StorageError) -> Page<StoredEvent> {
        guard let number = try connection.number(of: scope) else {
            return Page(items: [], next: nil)
        }
        return try page(lookUp, owner: number) { (place) throws(StorageError) in
            try events([place.event], lookUp.entity, in: scope, number)
                .first { $0.exclusion == nil && lookUp.admits($0.fields) }
        }
    }

    /// The ids with which keys of an index begin, each once, ascending.
    ///
    /// - Complexity: O(the ids found · log n).
    public func firstIDs(
        of index: Index,
        of entity: Entity,
        in scope: Scope
    ) throws(StorageError) -> [ID] {
        guard let number = try connection.number(of: scope), try reads(scope: number) else {
            return []
        }
        try require(index, of: entity)
        var ids: [ID] = []
        var after: [UInt8] = []
        while true {
            let key = try connection.prepare(
                """
                SELECT key FROM keyed
                WHERE owner = ? AND place = ? AND key > ? ORDER BY key LIMIT 1
                """
            )
            .bind(number).bind(IndexTables.place(entity.number, index.number)).bind(after)
            .first { $0.bytes(0) }
            guard let key, let id = IndexKey.firstID(of: key) else { return ids }
            ids.append(id)
            after = Array(key.prefix(IndexKey.idCount)) + [0xff]
        }
    }
}

// MARK: - Rows

extension View {
    private struct Found {
        let key: [UInt8]
        let scope: Int64
        let id: ID
        let position: Int64
        let operation: Int64

        init(_ row: borrowing RowReader) {
            key = row.bytes(0)
            scope = row.integer(1)
            id = row.id(2) ?? .zero
            position = row.integer(3)
            operation = row.integer(4)
        }

        var event: EventPlace {
            EventPlace(
                id: id,
                position: position,
                index: UInt16(truncatingIfNeeded: operation)
            )
        }

        var cursor: LookUp.Cursor {
            LookUp.Cursor(key: key, scope: scope, id: id, position: position)
        }
    }

    private func require(_ index: Index, of entity: Entity) throws(StorageError) {
        guard schema[entity.number]?.indexes.contains(index) == true else {
            throw StorageError(.inadmissible, "\(entity.name) has no index \(index.name)")
        }
    }

    private func page<Item: Sendable>(
        _ lookUp: LookUp,
        owner: Int64,
        _ read: (Found) throws(StorageError) -> Item?
    ) throws(StorageError) -> Page<Item> {
        try require(lookUp.index, of: lookUp.entity)
        var (items, last): ([Item], LookUp.Cursor?) = ([], lookUp.after)
        guard lookUp.limit > 0 else { return Page(items: [], next: last) }
        while true {
            let wanted = min(lookUp.limit - items.count, Self.rowsAtOnce)
            let rows = try rows(lookUp, owner: owner, after: last, limit: wanted)
            for row in rows {
                if let item = try read(row) { items.append(item) }
                last = row.cursor
            }
            if rows.count < wanted { return Page(items: items, next: nil) }
            if items.count >= lookUp.limit { return Page(items: items, next: last) }
        }
    }

    /// Rows that are held in memory at once.
    private static let rowsAtOnce = 512

    private func rows(
        _ lookUp: LookUp,
        owner: Int64,
        after: LookUp.Cursor?,
        limit: Int
    ) throws(StorageError) -> [Found] {
        var (first, end) = lookUp.keys
        // The planner goes by the range of keys alone: it begins where the page before ended.
        if let after {
            if lookUp.isDescending {
                end = after.key + [0]
            } else {
                first = after.key
            }
        }
        let (order, sign) = lookUp.isDescending ? ("DESC", "<") : ("ASC", ">")
        let rest = after == nil ? "" : "AND (key, scope, id, position) \(sign) (?, ?, ?, ?)"
        let statement = try connection.prepare(
            """
            SELECT key, scope, id, position, operation FROM keyed
            WHERE owner = ? AND place = ? AND key >= ? AND key < ? \(rest)
            ORDER BY key \(order), scope \(order), id \(order), position \(order) LIMIT ?
            """
        )
        .bind(owner).bind(IndexTables.place(lookUp.entity.number, lookUp.index.number))
        .bind(first).bind(end)
        if let after {
            statement.bind(after.key).bind(after.scope).bind(after.id).bind(after.position)
        }
        return try statement.bind(Int64(limit)).all(Found.init)
    }

    private func record(
        at place: Found,
        of lookUp: LookUp
    ) throws(StorageError) -> PlacedRecord? {
        let scope = try connection.scope(numbered: place.scope)
        guard let record = try record(place.id, of: lookUp.entity, in: scope),
            lookUp.admits(record.fields)
        else { return nil }
        return PlacedRecord(scope: scope, record: record)
    }
}
