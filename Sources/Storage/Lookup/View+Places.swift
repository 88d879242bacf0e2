public import CRDT
public import Domain

/// Where an event lies in the log of its scope.
public struct LogPlace: Hashable, Sendable {
    public let id: ID
    public let position: Int64
    /// Which operation of its change it is.
    public let index: UInt16
}

extension View {
    /// Where the events lie that an index of one scope finds, without reading them.
    ///
    /// Keys of long texts tell only their beginnings: it is for indexes of ids and numbers.
    public func places(_ lookUp: LookUp, in scope: Scope) throws(StorageError) -> [LogPlace] {
        guard let number = try connection.number(of: scope) else { return [] }
        let (first, end) = lookUp.keys
        return try connection.prepare(
            """
            SELECT id, position, operation FROM keyed
            WHERE owner = ? AND place = ? AND key >= ? AND key < ? ORDER BY key, id, position
            """
        )
        .bind(number).bind(IndexTables.place(lookUp.entity.number, lookUp.index.number))
        .bind(first).bind(end)
        .all(LogPlace.init)
    }

    /// Where the events of a stream lie, set aside or not, without reading them.
    public func places(
        of entity: Entity,
        in scope: Scope,
        stream: [Value]
    ) throws(StorageError) -> [LogPlace] {
        guard let number = try connection.number(of: scope) else { return [] }
        return try connection.prepare(
            """
            SELECT id, position, operation FROM event
            WHERE scope = ? AND entity = ? AND stream = ? ORDER BY id, position
            """
        )
        .bind(number).bind(Int64(entity.number)).bind(entity.streamKey(stream))
        .all(LogPlace.init)
    }
}

extension LogPlace {
    fileprivate init(_ row: borrowing RowReader) {
        self.init(
            id: row.id(0) ?? .zero,
            position: row.integer(1),
            index: UInt16(truncatingIfNeeded: row.integer(2))
        )
    }
}
