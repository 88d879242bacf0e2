public import CRDT
import Domain
import Wire

extension Store {
    /// The state hash of each scope, ascending by scope: equal on nodes that agree (CHG-19).
    public func digests() throws(StorageError) -> [(scope: Scope, hash: Hash)] {
        try reading { connection throws(StorageError) in
            let folding = Folder(connection: connection, schema: schema, tenant: tenant)
            var digests: [(Scope, Hash)] = []
            for (scope, number, _) in try connection.heldScopes() {
                digests.append((scope, try folding.stateHash(of: scope, number)))
            }
            return digests
        }
    }
}

extension Folder {
    /// The state hash of a scope, over its rows as they are.
    func stateHash(of scope: Scope, _ number: Int64) throws(StorageError) -> Hash {
        var hash = StateHash(of: scope, tenant: tenant)
        var pending: [(id: [UInt8], entity: Int64, form: [UInt8])] = []
        var bodies = BodyCache()
        let standing = try connection.standing(of: number)
        let sql = """
            SELECT id, entity, state, 0, 0 FROM record WHERE scope = ?1
            UNION ALL
            SELECT id, entity, NULL, position, operation FROM event
            WHERE scope = ?1 AND entity <> \(Receipt.number)
            ORDER BY 1, 2
            """
        try connection.prepare(sql).bind(number).forEach { row throws(StorageError) in
            let (id, entity) = (row.bytes(0), row.integer(1))
            if let last = pending.last, last.id != id || last.entity != entity {
                Self.flush(&pending, into: &hash)
            }
            let isEvent = row.isNull(2)
            guard
                !isEvent
                    || standing.exclusion(at: row.integer(3), of: UInt32(clamping: entity)) == nil
            else { return true }
            let form =
                isEvent
                ? try eventForm(at: row.integer(3), row.integer(4), in: scope, number, &bodies)
                : try recordForm(row.bytes(2), id, UInt32(clamping: entity))
            if let form { pending.append((id, entity, form)) }
            return true
        }
        Self.flush(&pending, into: &hash)
        return hash.finish()
    }

    /// The canonical forms under one id that count, in the order of ``stateHash(of:_:)``.
    func forms(of id: ID, in scope: Scope, _ number: Int64) throws(StorageError) -> [[UInt8]] {
        var (forms, bodies): ([(entity: Int64, form: [UInt8])], BodyCache) = ([], BodyCache())
        let standing = try connection.standing(of: number)
        let sql = """
            SELECT entity, state, 0, 0 FROM record WHERE scope = ?1 AND id = ?2
            UNION ALL
            SELECT entity, NULL, position, operation FROM event
            WHERE scope = ?1 AND id = ?2 AND entity <> \(Receipt.number)
            """
        try connection.prepare(sql).bind(number).bind(id).forEach { row throws(StorageError) in
            let entity = row.integer(0)
            let form: [UInt8]?
            if row.isNull(1) {
                let isExcluded =
                    standing.exclusion(at: row.integer(2), of: UInt32(clamping: entity)) != nil
                form =
                    isExcluded
                    ? nil
                    : try eventForm(at: row.integer(2), row.integer(3), in: scope, number, &bodies)
            } else {
                form = try recordForm(row.bytes(1), id.bytes, UInt32(clamping: entity))
            }
            if let form { forms.append((entity, form)) }
            return true
        }
        return forms.sorted {
            $0.entity == $1.entity
                ? $0.form.lexicographicallyPrecedes($1.form) : $0.entity < $1.entity
        }
        .map(\.form)
    }

    /// Forms of one id and entity, which only a fork gives twice, are ordered as their bytes.
    private static func flush(
        _ pending: inout [(id: [UInt8], entity: Int64, form: [UInt8])],
        into hash: inout StateHash
    ) {
        for form in pending.map(\.form).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            hash.add(form)
        }
        pending.removeAll(keepingCapacity: true)
    }

    private func recordForm(
        _ state: [UInt8],
        _ id: [UInt8],
        _ entity: UInt32
    ) throws(StorageError) -> [UInt8]? {
        guard let id = ID(id) else { throw StorageError(.damaged, "the id of a record") }
        if state.isEmpty { return nil }
        let record = try RecordState.decode(state, of: id, on: connection)
        return CanonicalForm.entity(record, entity: entity, id: id)
    }

    private func eventForm(
        at position: Int64,
        _ index: Int64,
        in scope: Scope,
        _ number: Int64,
        _ bodies: inout BodyCache
    ) throws(StorageError) -> [UInt8]? {
        let (logged, body) = try bodies.body(at: position, in: number, on: connection)
        guard let body, let index = UInt16(exactly: index), Int(index) < body.operations.count
        else { throw StorageError(.damaged, "an event at position \(position)") }
        let place = Place(
            scope: scope,
            number: number,
            position: position,
            index: index,
            rank: logged.rank(body),
            author: logged.replica
        )
        guard case .counts(let operation) = counted(body.operations[Int(index)], at: place) else {
            return nil
        }
        return CanonicalForm.event(operation, id: place.derivedID, name: place.rank.name)
    }
}

/// Bodies that were read last: events of a large change come together.
struct BodyCache {
    private var held: [Int64: (LoggedChange, Body?)] = [:]
    /// Changes kept: a few feeds side by side.
    private static let countMax = 64

    mutating func body(
        at position: Int64,
        in scope: Int64,
        on connection: Connection
    ) throws(StorageError) -> (LoggedChange, Body?) {
        if let known = held[position] { return known }
        let logged = try connection.change(at: position, in: scope)
        let entry = (logged, try logged.body())
        if held.count >= Self.countMax { held = [:] }
        held[position] = entry
        return entry
    }
}
