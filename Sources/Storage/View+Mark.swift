public import CRDT

/// What a node had of a scope at one moment: equal marks, equal rows.
public struct ScopeMark: Hashable, Sendable {
    let position: Int64
    /// How often statements have changed what counts, in any scope.
    let standing: UInt64
}

extension View {
    /// The mark of a scope, in two look-ups.
    public func mark(of scope: Scope) throws(StorageError) -> ScopeMark {
        let position = try connection.prepare(
            "SELECT \(Connection.scopePosition) FROM scope WHERE kind = ? AND key = ?"
        )
        .bind(Int64(scope.kind.rawValue)).bind(scope.key)
        .first { $0.integer(0) }
        return ScopeMark(position: position ?? 0, standing: try connection.standingEpoch())
    }
}
