public import CRDT
public import Domain
import Wire

/// The rows of a store at one moment: what rules and lists read.
///
/// Valid inside the closure that it was handed to, and only there.
public struct View {
    let connection: Connection
    let schema: Schema
    let tenant: ID
    /// What reads of what is committed keep; nil inside an action, and for a person.
    let values: KeptValues?
    private let bodies = ReadBodies()
    /// What stands between the rows and a person; nil: nothing does.
    var wall: Wall?

    /// Whether it shows what one person may read, and not all there is.
    public var isOfPerson: Bool { wall != nil }

    init(
        connection: Connection,
        schema: Schema,
        tenant: ID,
        keeping values: KeptValues? = nil,
        wall: Wall? = nil
    ) {
        self.connection = connection
        self.schema = schema
        self.tenant = tenant
        self.values = values
        self.wall = wall
    }

    private var folding: Folder { Folder(connection: connection, schema: schema, tenant: tenant) }

    /// The tenant of the store.
    public var tenantID: ID { tenant }

    /// The scopes of which something is held, ascending.
    public func scopes(_ kind: Scope.Kind? = nil) throws(StorageError) -> [Scope] {
        try readScopes().map(\.scope).filter { kind == nil || $0.kind == kind }
    }
}

// MARK: - Entities

extension View {
    /// A record; nil unless a creation of it counts.
    public func record(
        _ id: ID,
        of entity: Entity,
        in scope: Scope
    ) throws(StorageError) -> StoredRecord? {
        guard let number = try connection.number(of: scope),
            try reads(id, of: entity.number, in: number)
        else { return nil }
        let held = try unpacking(entity.number) { () throws(StorageError) in
            try connection.record(id, of: entity.number, in: number)
        }
        guard let record = held, record.exists else { return nil }
        return shown(id, record, of: entity)
    }

    /// The records of an entity that exist, ascending by id; deleted ones among them.
    public func records(
        of entity: Entity,
        in scope: Scope
    ) throws(StorageError) -> [StoredRecord] {
        guard let number = try connection.number(of: scope) else { return [] }
        let rows = try unpacking(entity.number) { () throws(StorageError) in
            try connection.prepare(
                "SELECT id, state FROM record WHERE scope = ? AND entity = ? ORDER BY id"
            )
            .bind(number).bind(Int64(entity.number))
            .all { ($0.bytes(0), $0.bytes(1)) }
        }
        var records: [StoredRecord] = []
        for (id, state) in rows {
            guard let id = ID(id), let record = try connection.record(state, of: id, in: number),
                record.exists, try reads(id, of: entity.number, in: number)
            else { continue }
            records.append(shown(id, record, of: entity))
        }
        return records
    }

    /// The registers and keys of maps in conflict, in one scope or in all.
    public func conflicts(in scope: Scope? = nil) throws(StorageError) -> [Conflict] {
        let sql = """
            SELECT scope, entity, id, field, key FROM conflict
            ORDER BY scope, entity, id, field, key
            """
        let rows = try connection.prepare(sql)
            .all { ($0.integer(0), $0.integer(1), $0.bytes(2), $0.integer(3), $0.text(4)) }
        var conflicts: [Conflict] = []
        for (number, entity, id, field, key) in rows {
            let place = try connection.scope(numbered: number)
            guard scope == nil || place == scope, let id = ID(id),
                let kind = UInt32(exactly: entity), try reads(id, of: kind, in: number),
                reads(field: UInt32(clamping: field), of: kind)
            else { continue }
            conflicts.append(
                Conflict(
                    scope: place,
                    entity: kind,
                    id: id,
                    field: UInt32(clamping: field),
                    key: key
                )
            )
        }
        return conflicts
    }

    /// Where a record stands: the scopes and entities that know its id.
    public func locate(_ id: ID) throws(StorageError) -> [(scope: Scope, entity: UInt32)] {
        var places: [(Scope, UInt32)] = []
        for (scope, number, _) in try readScopes() {
            let entities = try connection.prepare(
                """
                SELECT entity FROM record WHERE scope = ?1 AND id = ?2
                UNION SELECT entity FROM event WHERE scope = ?1 AND id = ?2
                """
            )
            .bind(number).bind(id)
            .all { $0.integer(0) }
            for entity in entities.map({ UInt32(clamping: $0) })
            where try reads(id, of: entity, in: number) {
                places.append((scope, entity))
            }
        }
        return places
    }
}

// MARK: - Events

extension View {
    /// The events of an entity whose stamps are not before a time, ascending by id.
    ///
    /// - Parameters:
    ///   - entity: The kind of event.
    ///   - scope: Where they stand.
    ///   - milliseconds: Since 1970.
    ///   - position: Only those that came after this position of the log.
    /// - Returns: The events; nothing for a scope that is not held.
    /// - Throws: What the disk says.
    /// - Complexity: An index entry for each event of the entity, a body for each that is returned.
    public func events(
        of entity: Entity,
        in scope: Scope,
        since milliseconds: UInt64,
        after position: Int64 = 0
    ) throws(StorageError) -> [StoredEvent] {
        guard let number = try connection.number(of: scope) else { return [] }
        let first = HybridTime(milliseconds: milliseconds, counter: 0)
        let places = try connection.prepare(
            """
            SELECT id, position, operation FROM event
            WHERE scope = ? AND entity = ? AND id >= ? AND position > ? ORDER BY id, position
            """
        )
        .bind(number).bind(Int64(entity.number)).bind(ID(high: first.raw, low: 0)).bind(position)
        .all(EventPlace.init)
        return try events(places, entity, in: scope, number)
    }

    /// The events of an entity, ascending by id: of one stream, or all.
    public func events(
        of entity: Entity,
        in scope: Scope,
        stream: [Value]? = nil
    ) throws(StorageError) -> [StoredEvent] {
        guard let number = try connection.number(of: scope) else { return [] }
        let places: [EventPlace]
        if let stream {
            places = try connection.prepare(
                """
                SELECT id, position, operation FROM event
                WHERE scope = ? AND entity = ? AND stream = ? ORDER BY id, position
                """
            )
            .bind(number).bind(Int64(entity.number)).bind(entity.streamKey(stream))
            .all(EventPlace.init)
        } else {
            places = try connection.prepare(
                """
                SELECT id, position, operation FROM event
                WHERE scope = ? AND entity = ? ORDER BY id, position
                """
            )
            .bind(number).bind(Int64(entity.number))
            .all(EventPlace.init)
        }
        return try events(places, entity, in: scope, number)
    }

    /// The events of the streams whose names begin with some values, ascending by stream and id.
    public func events(
        of entity: Entity,
        in scope: Scope,
        streamsBeginning values: [Value]
    ) throws(StorageError) -> [StoredEvent] {
        guard let number = try connection.number(of: scope) else { return [] }
        // Encodings are no longer than they say, so names that begin alike stand together.
        let first = entity.streamKey(values)
        let places = try connection.prepare(
            """
            SELECT id, position, operation FROM event
            WHERE scope = ? AND entity = ? AND stream >= ? AND stream < ?
            ORDER BY stream, id, position
            """
        )
        .bind(number).bind(Int64(entity.number)).bind(first)
        .bind(first + [0xff])
        .all(EventPlace.init)
        return try events(places, entity, in: scope, number)
    }

    /// The events of a kind without streams whose ids begin with hexadecimal digits.
    ///
    /// - Returns: At most so many, ascending by id; none for what are no digits of an id.
    public func events(
        of entity: Entity,
        in scope: Scope,
        idsBeginning digits: String,
        limit: Int
    ) throws(StorageError) -> [StoredEvent] {
        let rest = 32 - digits.utf8.count
        guard let number = try connection.number(of: scope), rest >= 0,
            let first = ID(text: digits + String(repeating: "0", count: rest)),
            let last = ID(text: digits + String(repeating: "f", count: rest))
        else { return [] }
        let places = try connection.prepare(
            """
            SELECT id, position, operation FROM event
            WHERE scope = ? AND entity = ? AND stream = x'' AND id >= ? AND id <= ?
            ORDER BY id, position LIMIT ?
            """
        )
        .bind(number).bind(Int64(entity.number)).bind(first).bind(last).bind(Int64(limit))
        .all(EventPlace.init)
        return try events(places, entity, in: scope, number)
    }

    /// An event; of two that a fork gave one id, the one that arrived first.
    public func event(
        _ id: ID,
        of entity: Entity,
        in scope: Scope
    ) throws(StorageError) -> StoredEvent? {
        guard let number = try connection.number(of: scope) else { return nil }
        let isStreamless = entity.form == .event(stream: [])
        let stream = isStreamless ? "AND stream = x''" : ""
        let place = try connection.prepare(
            """
            SELECT id, position, operation FROM event
            WHERE scope = ? AND entity = ? \(stream) AND id = ? ORDER BY position LIMIT 1
            """
        )
        .bind(number).bind(Int64(entity.number)).bind(id)
        .first(EventPlace.init)
        guard let place else { return nil }
        return try events([place], entity, in: scope, number).first
    }

    struct EventPlace {
        let id: ID
        let position: Int64
        let index: UInt16

        init(id: ID, position: Int64, index: UInt16) {
            self.id = id
            self.position = position
            self.index = index
        }

        init(_ row: borrowing RowReader) {
            id = row.id(0) ?? .zero
            position = row.integer(1)
            index = UInt16(truncatingIfNeeded: row.integer(2))
        }
    }

    func events(
        _ places: [EventPlace],
        _ entity: Entity,
        in scope: Scope,
        _ number: Int64
    ) throws(StorageError) -> [StoredEvent] {
        var events: [StoredEvent] = []
        let standing = try connection.standing(of: number)
        for place in places where try reads(place.id, of: entity.number, in: number) {
            let (logged, body) = try bodies.change(at: place.position, in: number, on: connection)
            guard Int(place.index) < body.operations.count else {
                throw StorageError(.damaged, "event \(place.id) is not in its change")
            }
            let rank = standing.rank(logged.rank(body))
            let exclusion = standing.exclusion(at: place.position, of: entity.number)
            let at = Folder.Place(
                scope: scope,
                number: number,
                position: place.position,
                index: place.index,
                rank: rank,
                author: logged.replica
            )
            guard
                case .counts(let operation) = folding.counted(
                    body.operations[Int(place.index)],
                    at: at
                )
            else { continue }
            events.append(
                StoredEvent(
                    id: place.id,
                    rank: rank,
                    index: place.index,
                    after: operation.after,
                    fields: Fields(
                        of: exclusion == nil ? shown(operation) : entity.link(of: operation)
                    ),
                    exclusion: exclusion,
                    origin: Origin(logged, body, scope: scope)
                )
            )
        }
        return events
    }
}
