public import CRDT
public import Wire

// What other nodes are known to hold.

extension Store {
    /// Whether a scope is shared with a peer (SYNC-1, SYNC-2); false if that cannot be read.
    public func shares(_ scope: Scope, with peer: Certificate) -> Bool {
        let shares = try? reading { connection throws(StorageError) in
            try Sharing(connection: connection, own: certificate, peer: peer).shares(scope)
        }
        return shares ?? false
    }

    /// How many changes of this device no other node is known to hold.
    ///
    /// - Parameter holders: Peers, each with the position up to which it has stored what it
    ///   shares with this node.
    /// - Returns: The changes above what each scope's holders reach.
    /// - Throws: What reading does.
    public func unshared(
        beyond holders: [(peer: Certificate, position: Int64)]
    ) throws(StorageError) -> Int64 {
        let (own, device) = (certificate, device)
        return try reading { connection throws(StorageError) in
            var count: Int64 = 0
            for (scope, number, position) in try connection.heldScopes() {
                var reach: Int64 = 0
                for holder in holders where reach < min(holder.position, position) {
                    let sharing = Sharing(connection: connection, own: own, peer: holder.peer)
                    if try sharing.shares(scope) { reach = holder.position }
                }
                guard reach < position else { continue }
                count += try connection.changeCount(of: device, above: reach, in: number)
            }
            return count
        }
    }
}

extension Connection {
    /// The changes of a device in a scope above a position.
    fileprivate func changeCount(
        of device: ID,
        above position: Int64,
        in scope: Int64
    ) throws(StorageError) -> Int64 {
        let replicas = "(SELECT number FROM replica WHERE device = ?3)"
        var count =
            try prepare(
                """
                SELECT (SELECT count(*) FROM change
                        WHERE scope = ?1 AND position > ?2 AND replica IN \(replicas))
                    + (SELECT ifnull(sum(count), 0) FROM block
                       WHERE scope = ?1 AND position > ?2 AND first > ?2
                           AND replica IN \(replicas))
                """
            )
            .bind(scope).bind(position).bind(device.bytes).first { $0.integer(0) } ?? 0
        if let block = try block(from: position + 1, in: scope), block.first <= position,
            try replica(numbered: block.replica).device == device
        {
            count += Int64(try changes(of: block).count { $0.position > position })
        }
        return count
    }
}
