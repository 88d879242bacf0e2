public import CRDT
import Domain
import Wire

extension View {
    /// What was ever written to a record, in order of arrival, counting or not.
    ///
    /// - Parameters:
    ///   - id: The record.
    ///   - entity: Its entity's number.
    ///   - scope: Where it stands.
    /// - Returns: Nothing for a scope that is not held.
    /// - Throws: What the disk says.
    public func history(
        of id: ID,
        entity: UInt32,
        in scope: Scope
    ) throws(StorageError) -> [HistoryEntry] {
        guard let number = try connection.number(of: scope),
            try reads(id, of: entity, in: number)
        else { return [] }
        var positions = try connection.positions(touching: id, of: entity, in: number)
        positions += try connection.prepare(
            "SELECT position FROM event WHERE scope = ? AND entity = ? AND id = ?"
        )
        .bind(number).bind(Int64(entity)).bind(id)
        .all { $0.integer(0) }
        var entries: [HistoryEntry] = []
        for position in Set(positions).sorted() {
            let logged = try connection.change(at: position, in: number)
            guard let body = try logged.body() else { continue }
            entries += try self.entries(of: id, entity, logged, body, in: scope, number)
        }
        return entries
    }

    private func entries(
        of id: ID,
        _ entity: UInt32,
        _ logged: LoggedChange,
        _ body: Body,
        in scope: Scope,
        _ number: Int64
    ) throws(StorageError) -> [HistoryEntry] {
        let folding = Folder(connection: connection, schema: schema, tenant: tenant)
        let standing = try connection.standing(of: number)
        let rank = standing.rank(logged.rank(body))
        let receipt = try receipt(of: Origin(logged, body, scope: scope))
        return body.operations.enumerated().compactMap { index, operation in
            let place = Folder.Place(
                scope: scope,
                number: number,
                position: logged.position,
                index: UInt16(truncatingIfNeeded: index),
                rank: rank,
                author: logged.replica
            )
            guard operation.entity == entity, operation.recordID(derived: place.derivedID) == id
            else { return nil }
            var reason: Uncounted?
            if case .set(aside: let why) = folding.counted(operation, at: place) { reason = why }
            return HistoryEntry(
                origin: Origin(logged, body, scope: scope),
                name: rank.name,
                operation: shown(operation),
                setAside: reason,
                exclusion: standing.exclusion(at: logged.position, of: entity),
                receipt: receipt
            )
        }
    }

    /// Who wrote a head of a record; nil if it is not among the record's changes.
    public func origin(
        of name: Name,
        touching id: ID,
        entity: UInt32,
        in scope: Scope
    ) throws(StorageError) -> Origin? {
        try history(of: id, entity: entity, in: scope).first { $0.name == name }?.origin
    }
}
