public import CRDT
import Domain

extension Store {
    /// Whether a hub's frontier shows less than the hub once said that it holds, in receipts given
    /// before a time: then its disk was put back.
    ///
    /// - Parameters:
    ///   - frontier: What the hub says to hold of the scope now.
    ///   - scope: A scope.
    ///   - hub: The device.
    ///   - time: By the hub's clock, milliseconds since 1970: later receipts may have crossed with
    ///     the frontier.
    /// - Returns: Whether it was.
    /// - Throws: What the disk says.
    /// - Source: SYNC-22.
    public func isRolledBack(
        _ frontier: Frontier,
        in scope: Scope,
        at hub: ID,
        since time: UInt64
    ) throws(StorageError) -> Bool {
        var held: [ID: UInt64] = [:]
        for tip in frontier.tips { held[tip.replica] = max(held[tip.replica] ?? 0, tip.sequence) }
        return try reading { connection throws(StorageError) in
            guard let number = try connection.number(of: scope) else { return false }
            let claimed = try connection.prepare(
                """
                SELECT receipt.replica, receipt.sequence FROM receipt
                JOIN replica ON replica.number = receipt.hub
                WHERE receipt.scope = ? AND replica.device = ? AND receipt.time < ?
                """
            )
            .bind(number).bind(hub).bind(bits: time)
            .all { ($0.id(0) ?? .zero, $0.bits(1)) }
            guard claimed.contains(where: { held[$0.0] ?? 0 < $0.1 }) else { return false }
            // What was purged with a certificate is not lost, whether or not a hold lifts it now.
            let view = View(connection: connection, schema: schema, tenant: tenant)
            return try !view.purgeCertificates().contains { $0.1.scope == scope }
        }
    }
}

extension Store {
    /// Forgets what a hub said to hold before a time: its disk was put back, and it will say anew
    /// what it holds.
    public func forgetReceipts(of hub: ID, before time: UInt64) throws(StorageError) {
        try writing { writer throws(StorageError) in
            try writer.connection.prepare(
                """
                DELETE FROM receipt
                WHERE hub IN (SELECT number FROM replica WHERE device = ?) AND time < ?
                """
            )
            .bind(hub).bind(bits: time).run()
        }
    }
}
