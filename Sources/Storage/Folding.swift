import CRDT
import Domain
import Wire

/// Takes changes into the derived rows: entities incrementally, events as references to the log.
///
/// - Invariant: What it leaves equals a fold of the log from nothing (MERGE-7); `verify` compares
///   the two.
struct Folder {
    let connection: Connection
    let schema: Schema
    let tenant: ID

    /// Folds the operations of a change that was just appended to a scope.
    ///
    /// - Returns: Whether which scopes are shared with peers may have changed.
    func fold(
        _ body: Body,
        rank: Rank,
        author: InternedReplica,
        at position: Int64,
        in scope: Scope,
        _ number: Int64
    ) throws(StorageError) -> Bool {
        var changesShares = false
        for (index, operation) in body.operations.enumerated() {
            let place = Place(
                scope: scope,
                number: number,
                position: position,
                index: UInt16(truncatingIfNeeded: index),
                rank: rank,
                author: author
            )
            changesShares = try fold(operation, at: place) || changesShares
        }
        return changesShares
    }

    /// Where an operation stands.
    struct Place {
        let scope: Scope
        let number: Int64
        let position: Int64
        let index: UInt16
        let rank: Rank
        let author: InternedReplica

        /// The id that the operation derives for what it creates (CHG-7).
        var derivedID: ID { ID(createdAt: rank.name.stamp, index: index) }
    }

    /// Folds one operation.
    func fold(_ operation: Operation, at place: Place) throws(StorageError) -> Bool {
        switch counted(operation, at: place) {
        case .set(aside: let reason):
            if let id = operation.recordID(derived: place.derivedID), schema.isEntity(operation) {
                try touch(id, operation.entity, at: place)
            }
            try setAside(reason.rawValue, at: place)
            return false
        case .counts(let counting):
            if counting.edits.count < operation.edits.count {
                try setAside(Self.partial, at: place)
            }
            guard case .event = counting.target else {
                try apply(counting, at: place)
                return false
            }
            return try record(counting, at: place)
        }
    }

    /// The reason of an operation of which some edits do not count.
    static let partial = "partial"

    /// The part of an operation that counts.
    func counted(_ operation: Operation, at place: Place) -> Counted {
        schema.counted(operation, in: place.scope, isHub: place.author.isHub) { entity, values in
            ID(naturalKey: values, of: entity.number, in: place.scope, tenant: tenant)
        }
    }

    private func setAside(_ reason: String, at place: Place) throws(StorageError) {
        try connection.prepare("INSERT INTO aside VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(place.number).bind(place.position).bind(Int64(place.index)).bind(reason)
            .run()
    }

    private func touch(_ id: ID, _ entity: UInt32, at place: Place) throws(StorageError) {
        try connection.prepare("INSERT INTO touch VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(place.number).bind(Int64(entity)).bind(id).bind(place.position)
            .run()
    }
}

// MARK: - Events

extension Folder {
    private func record(_ event: Operation, at place: Place) throws(StorageError) -> Bool {
        guard let entity = schema[event.entity] else { return false }
        try connection
            .prepare(hot: "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(place.number).bind(Int64(event.entity)).bind(entity.streamKey(of: event))
            .bind(place.derivedID).bind(place.position).bind(Int64(place.index))
            .run()
        if entity.isIndexed { try index(event, of: entity, at: place) }
        if event.entity == Receipt.number { try noteReceipt(event, at: place) }
        return try noteInterest(event, at: place)
    }

    /// What hubs hold, feed by feed: for people, who ask whether their work arrived.
    private func noteReceipt(_ event: Operation, at place: Place) throws(StorageError) {
        let receipt = Receipt(Fields(of: event))
        for point in receipt.held {
            try connection.prepare(
                """
                INSERT INTO receipt VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE
                SET sequence = excluded.sequence, hash = excluded.hash, time = excluded.time
                WHERE (excluded.sequence, excluded.hash) > (sequence, hash)
                """
            )
            .bind(place.number).bind(point.replica.bytes).bind(place.author.number)
            .bind(bits: point.sequence).bind(point.hash.bytes).bind(bits: receipt.milliseconds)
            .run()
        }
    }

    /// Openings decide which subjects a site's nodes want, and share (SYNC-1, SYNC-2); set aside or
    /// not (CHG-26).
    private func noteInterest(_ event: Operation, at place: Place) throws(StorageError) -> Bool {
        let interest: (site: ID, subject: ID, source: Int64)
        switch (event.entity, place.scope.kind) {
        case (Opening.number, .site):
            guard case .id(let subject) = event.written(Opening.subjectField) else { return false }
            interest = (place.scope.key, subject, 1)
        case (Opened.number, .subject):
            guard case .id(let site) = event.written(Opened.siteField) else { return false }
            interest = (site, place.scope.key, 2)
        default:
            return false
        }
        let before = connection.totalChanges
        try connection.prepare("INSERT INTO interest VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(interest.site).bind(interest.subject).bind(interest.source)
            .run()
        return connection.totalChanges != before
    }
}

// MARK: - Entities

extension Folder {
    private func apply(_ operation: Operation, at place: Place) throws(StorageError) {
        guard let id = operation.recordID(derived: place.derivedID) else { return }
        let state = try RecordState.encode(
            creation: operation,
            id,
            by: place.author,
            place.rank,
            on: connection
        )
        if let state, try insert(state, id, operation.entity, at: place) {
            return try index(creation: operation, id, at: place)
        }
        let held = try connection.record(id, of: operation.entity, in: place.number)
        var record = held ?? Record()
        record.apply(operation, rank: place.rank)
        if held == nil {
            let state = try RecordState.encode(record, id, on: connection)
            // There may be a row all of whose changes are set aside.
            if try insert(state, id, operation.entity, at: place) {
                return try index(record, id, of: operation.entity, in: place.number)
            }
        }
        try touch(id, operation.entity, at: place)
        let hadHeads = held?.hasConflict ?? false
        try save(record, id, operation.entity, in: place.number, hadHeads: hadHeads)
    }

    /// Inserts the row of a record.
    ///
    /// - Returns: false if there is one.
    private func insert(
        _ state: [UInt8],
        _ id: ID,
        _ entity: UInt32,
        at place: Place
    ) throws(StorageError) -> Bool {
        let before = connection.totalChanges
        try connection.prepare(
            hot: """
                INSERT INTO record (scope, entity, id, position, state) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """
        )
        .bind(place.number).bind(Int64(entity)).bind(id).bind(place.position).bind(state)
        .run()
        return connection.totalChanges != before
    }

    /// Writes the row of a record anew, and its conflicts where it has or had any.
    func save(
        _ record: Record,
        _ id: ID,
        _ entity: UInt32,
        in scope: Int64,
        hadHeads: Bool
    ) throws(StorageError) {
        try connection.prepare(
            "UPDATE record SET state = ? WHERE scope = ? AND entity = ? AND id = ?"
        )
        .bind(try RecordState.encode(record, id, on: connection))
        .bind(scope).bind(Int64(entity)).bind(id)
        .run()
        if hadHeads {
            try connection.prepare("DELETE FROM conflict WHERE scope = ? AND entity = ? AND id = ?")
                .bind(scope).bind(Int64(entity)).bind(id).run()
        }
        for cell in record.conflictingCells {
            try connection.prepare("INSERT INTO conflict VALUES (?, ?, ?, ?, ?)")
                .bind(scope).bind(Int64(entity)).bind(id).bind(Int64(cell.field))
                .bind(cell.key ?? "")
                .run()
        }
        try index(record, id, of: entity, in: scope)
    }

    /// The record as a fold of the log gives it: the definition (MERGE-7).
    ///
    /// - Returns: nil if no operation on it counts.
    func refolded(_ id: ID, of entity: UInt32, in scope: Scope) throws(StorageError) -> Record? {
        guard let number = try connection.number(of: scope) else { return nil }
        var record: Record?
        let standing = try connection.standing(of: number)
        for position in try connection.positions(touching: id, of: entity, in: number)
        where standing.exclusion(at: position, of: entity) == nil {
            let logged = try connection.change(at: position, in: number)
            guard let body = try logged.body() else { continue }
            let rank = standing.rank(logged.rank(body))
            for (index, operation) in body.operations.enumerated()
            where operation.entity == entity {
                let place = Place(
                    scope: scope,
                    number: number,
                    position: position,
                    index: UInt16(truncatingIfNeeded: index),
                    rank: rank,
                    author: logged.replica
                )
                guard operation.recordID(derived: place.derivedID) == id,
                    case .counts(let counting) = counted(operation, at: place)
                else { continue }
                record = record ?? Record()
                record?.apply(counting, rank: rank)
            }
        }
        return record
    }
}

extension Connection {
    /// The row of a record, hidden or not; nil if nothing that counts was written to it.
    func record(_ id: ID, of entity: UInt32, in scope: Int64) throws(StorageError) -> Record? {
        let state = try prepare(
            "SELECT state FROM record WHERE scope = ? AND entity = ? AND id = ?"
        )
        .bind(scope).bind(Int64(entity)).bind(id)
        .first { $0.bytes(0) }
        guard let state else { return nil }
        return try record(state, of: id, in: scope)
    }

    /// Unpacks the row of a record, its heads ordered as clock verdicts say.
    ///
    /// - Returns: nil for the empty state, of a record of which statements set aside all there is.
    func record(
        _ state: [UInt8],
        of id: ID,
        in scope: Int64
    ) throws(StorageError) -> Record? {
        if state.isEmpty { return nil }
        return try standing(of: scope).ranked(try RecordState.decode(state, of: id, on: self))
    }

    /// The changes that touch a record, in order of arrival.
    func positions(
        touching id: ID,
        of entity: UInt32,
        in scope: Int64
    ) throws(StorageError) -> [Int64] {
        try prepare(
            """
            SELECT position FROM record WHERE scope = ?1 AND entity = ?2 AND id = ?3
            UNION SELECT position FROM touch WHERE scope = ?1 AND entity = ?2 AND id = ?3
            ORDER BY 1
            """
        )
        .bind(scope).bind(Int64(entity)).bind(id)
        .all { $0.integer(0) }
    }
}

extension Record {
    /// The registers in which heads of different values stand side by side.
    var conflictingCells: [Cell] {
        registers.filter { $0.value.heads.count > 1 && $0.value.isInConflict }.map(\.key)
            .sorted(by: Cell.precedes)
    }

    var hasConflict: Bool { registers.contains { $0.value.heads.count > 1 } }
}

extension Operation {
    /// The record that the operation is about; nil for a kind of a newer version.
    func recordID(derived: ID) -> ID? {
        switch target {
        case .new, .event: derived
        case .natural(let id), .existing(let id): id
        case .unknown: nil
        }
    }
}

extension Schema {
    /// Whether an operation is about an entity record, as far as this version can tell.
    func isEntity(_ operation: Operation) -> Bool {
        if case .event = operation.target { return false }
        return true
    }
}

extension Entity {
    /// What names the stream of an event: the encoded values of its stream fields.
    func streamKey(of event: Operation) -> [UInt8] {
        guard case .event(let fields) = form else { return [] }
        return streamKey(fields.map { event.written($0) ?? .null })
    }

    /// The same, from values.
    func streamKey(_ values: [Value]) -> [UInt8] { values.flatMap(\.encoded) }
}
