public import CRDT
public import Wire

// What sessions ask of a store (`protocol/sync.md`).

extension Store {
    /// The scopes shared with a peer, with the marks of what is held.
    public func survey(for peer: Certificate) throws(StorageError) -> Survey {
        let own = certificate
        return try reading { connection throws(StorageError) in
            try connection.survey(own: own, peer: peer, tenant: tenant, marks)
        }
    }

    /// What is held of scopes; of those that nothing is held of there is no entry.
    public func frontiers(of scopes: [Scope]) throws(StorageError) -> [Scope: Frontier] {
        try reading { connection throws(StorageError) in
            var frontiers: [Scope: Frontier] = [:]
            for scope in scopes {
                guard let number = try connection.number(of: scope) else { continue }
                frontiers[scope] = try connection.frontier(of: number)
            }
            return frontiers
        }
    }

    /// The replicas of which a peer holds a branch that is not held here: it shows a change that is
    /// not held, at a sequence that is (SYNC-11).
    public func forks(
        in frontier: Frontier,
        of scope: Scope
    ) throws(StorageError) -> Set<ID> {
        try reading { connection throws(StorageError) in
            var forks: Set<ID> = []
            guard let number = try connection.number(of: scope) else { return forks }
            let held = try connection.frontier(of: number)
            let hashes = Set(held.tips.map(\.hash))
            var last: [ID: UInt64] = [:]
            for tip in held.tips { last[tip.replica] = max(last[tip.replica] ?? 0, tip.sequence) }
            for tip in frontier.tips where !hashes.contains(tip.hash) {
                guard tip.sequence <= last[tip.replica] ?? 0,
                    let author = try connection.replica(tip.replica)?.number
                else { continue }
                let here = try connection.changes(of: author, at: tip.sequence, in: number)
                if !here.contains(where: { $0.hash == tip.hash }) { forks.insert(tip.replica) }
            }
            return forks
        }
    }

    /// The scopes with changes above a position and not above another.
    public func scopesWithArrivals(
        after: Int64,
        upTo: Int64
    ) throws(StorageError) -> [Scope] {
        try reading { connection throws(StorageError) in
            try connection.heldScopes().filter { $0.position > after }.map(\.scope)
        }
    }

    /// Reads the next chunk for a peer, in order of arrival.
    ///
    /// - Parameters:
    ///   - scope: The scope.
    ///   - after: Changes above this position of the log.
    ///   - upTo: And not above this one.
    ///   - lacking: The peer's frontier; nil if it was not asked.
    ///   - known: Sequences up to which the peer is known to hold feeds.
    ///   - introduced: Replicas whose binding the peer has.
    /// - Returns: The chunk, and how far in the log it reaches.
    /// - Throws: What the disk says.
    public func readChunk(
        of scope: Scope,
        after: Int64,
        upTo: Int64,
        lacking: Frontier?,
        known: [ID: UInt64],
        introduced: Set<ID>
    ) throws(StorageError) -> ReadChunk {
        let request = ChunkRequest(
            scope: scope,
            after: after,
            upTo: upTo,
            lacking: lacking,
            known: known,
            introduced: introduced
        )
        return try reading { connection throws(StorageError) in
            try connection.readChunk(request)
        }
    }
}
