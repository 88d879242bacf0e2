public import CRDT
public import Domain
import Wire

/// What became of the scopes that certificates name, at this node.
public struct PurgeOutcome: Hashable, Sendable {
    /// Gone from here.
    public var dropped: [Scope] = []
    /// Still here, because something of them lies in no archive: unsent work is never thrown away.
    public var kept: [Scope] = []

    public init() {}
}

extension View {
    /// All certificates that count, as they came.
    public func purgeCertificates() throws(StorageError) -> [(StoredEvent, PurgeCertificate)] {
        try events(of: PurgeCertificate.entity, in: .tenant)
            .filter { $0.exclusion == nil }
            .map { ($0, PurgeCertificate($0.fields)) }
    }

    /// The legal holds that stand.
    public func legalHolds() throws(StorageError) -> LegalHolds {
        LegalHolds(
            try events(of: LegalHold.entity, in: .tenant)
                .filter { $0.exclusion == nil }
                .map { ($0.id, LegalHold($0.fields)) }
        )
    }

    /// What is purged, by what this node holds of the tenant scope.
    public func purges() throws(StorageError) -> Purges {
        Purges(try purgeCertificates().map(\.1), holds: try legalHolds())
    }
}

extension Store {
    /// Drops the scopes that certificates name, as far as their archives hold all that is here.
    ///
    /// Whole in one commit: after a crash it was done or it was not, and doing it again does
    /// nothing. Own last sequences, hashes and stamps stay.
    ///
    /// - Source: RET-7, RET-8.
    @discardableResult
    public func dropPurged() throws(StorageError) -> PurgeOutcome {
        let isAny = try reading { connection throws(StorageError) in
            try !connection.heldPurgedScopes().isEmpty
        }
        guard isAny else { return PurgeOutcome() }
        return try writing { writer throws(StorageError) in try writer.dropPurged() }
    }

    /// Whether certificates in force name a scope.
    public func isPurged(_ scope: Scope) throws(StorageError) -> Bool {
        try reading { connection throws(StorageError) in try connection.isPurged(scope) }
    }

    /// The scopes that certificates in force name.
    public func purgedScopes() throws(StorageError) -> Set<Scope> {
        try reading { connection throws(StorageError) in try connection.purgedScopes() }
    }
}

// MARK: - What is purged

extension Connection {
    func purgedScopes() throws(StorageError) -> Set<Scope> {
        let rows = try prepare("SELECT kind, key FROM purged").all { ($0.integer(0), $0.bytes(1)) }
        return Set(
            rows.compactMap { kind, key in
                guard let kind = UInt8(exactly: kind), let key = ID(key) else { return nil }
                return Scope(kind: kind, key: key)
            }
        )
    }

    func isPurged(_ scope: Scope) throws(StorageError) -> Bool {
        try prepare("SELECT 1 FROM purged WHERE kind = ? AND key = ?")
            .bind(Int64(scope.kind.rawValue)).bind(scope.key).first { $0.integer(0) } != nil
    }

    /// Those of the held scopes that are purged.
    func heldPurgedScopes() throws(StorageError) -> [(scope: Scope, number: Int64)] {
        let purged = try purgedScopes()
        guard !purged.isEmpty else { return [] }
        return try heldScopes().filter { purged.contains($0.scope) }.map { ($0.scope, $0.number) }
    }
}

extension StoreWriter {
    /// Whether a change may change what is purged.
    static func isAboutPurges(_ changes: [VerifiedChange], in scope: Scope) -> Bool {
        guard scope == .tenant else { return false }
        let entities: Set<UInt32> = [PurgeCertificate.number, LegalHold.number]
        return changes.contains { change in
            change.body?.operations.contains { entities.contains($0.entity) } ?? false
        }
    }

    /// Makes the table of what is purged say what the tenant scope says (RET-6).
    ///
    /// A scope that was dropped and is purged no longer may come back; what this replica wrote in
    /// it is not here, so it goes on as another one, and no sequence is used twice.
    func settlePurges() throws(StorageError) {
        guard state.arePurgesStale else { return }
        state.arePurgesStale = false
        let view = View(connection: connection, schema: schema, tenant: tenant)
        let wanted = Set(try view.purges().certificates.keys)
        let held = try connection.purgedScopes()
        state.purged = wanted
        guard wanted != held else { return }
        for scope in wanted.subtracting(held) {
            try connection.prepare("INSERT INTO purged VALUES (?, ?)")
                .bind(Int64(scope.kind.rawValue)).bind(scope.key).run()
        }
        var isLeft = false
        for scope in held.subtracting(wanted) {
            try connection.prepare("DELETE FROM purged WHERE kind = ? AND key = ?")
                .bind(Int64(scope.kind.rawValue)).bind(scope.key).run()
            if try hasLeft(scope) { isLeft = true }
        }
        state.sharesEpoch += 1
        if isLeft { try openReplica(.restored, wallMilliseconds: clock.last.milliseconds) }
    }

    /// Whether this replica has left a feed of its own in a scope.
    private func hasLeft(_ scope: Scope) throws(StorageError) -> Bool {
        guard let number = try connection.number(of: scope) else { return false }
        return try connection.prepare("SELECT 1 FROM left_feed WHERE scope = ? AND replica = ?")
            .bind(number).bind(state.own.number).first { $0.integer(0) } != nil
    }

    /// Refuses to write in a scope that was purged (RET-7).
    func requireNotPurged(_ scope: Scope) throws(StorageError) {
        guard state.purged.contains(scope) else { return }
        throw StorageError(.purged, "\(scope) was purged: its archive holds it")
    }
}

// MARK: - Dropping

extension StoreWriter {
    fileprivate func dropPurged() throws(StorageError) -> PurgeOutcome {
        let view = View(connection: connection, schema: schema, tenant: tenant)
        let purges = try view.purges()
        var outcome = PurgeOutcome()
        for (scope, number) in try connection.heldPurgedScopes() {
            if purges.covers(try connection.frontier(of: number), of: scope) {
                try drop(scope, number)
                outcome.dropped.append(scope)
            } else {
                outcome.kept.append(scope)
            }
        }
        return outcome
    }

    /// The tables whose rows begin with a scope.
    private static let tables = [
        "change", "block", "record", "touch", "event", "conflict", "aside", "clock", "awaited",
        "receipt", "feed", "keyed", "summary", "facet",
    ]

    private func drop(_ scope: Scope, _ number: Int64) throws(StorageError) {
        try connection.execute("PRAGMA secure_delete = ON")
        let own = try connection.prepare(
            "SELECT number FROM replica WHERE device = ?"
        ).bind(state.own.statement.device).all { $0.integer(0) }
        for replica in own {
            for feed in try connection.feeds(replica, in: number) {
                try leave(feed, of: replica, in: number)
            }
        }
        // What was the greatest position stays used, whatever scope it lay in.
        try connection.setMeta("position", [UInt8](bigEndian: UInt64(state.position)))
        try connection.setStanding(
            .plain,
            insteadOf: try connection.standing(of: number),
            of: number
        )
        try connection.removeSearch(of: number)
        try connection.detachEntries(of: scope, number)
        for table in Self.tables {
            try connection.prepare("DELETE FROM \(table) WHERE scope = ?").bind(number).run()
        }
        try connection.prepare("UPDATE scope SET position = 0, is_summarized = 0 WHERE number = ?")
            .bind(number).run()
        connection.unpacked.forget()
        state.ownTips[number] = nil
        state.unsettled.remove(number)
        state.sharesEpoch += 1
    }

    private func leave(
        _ feed: Feed,
        of replica: Int64,
        in scope: Int64
    ) throws(StorageError) {
        try connection.prepare(
            """
            INSERT INTO left_feed VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE
            SET sequence = excluded.sequence, hash = excluded.hash, time = excluded.time
            WHERE excluded.sequence > sequence
            """
        )
        .bind(scope).bind(replica).bind(feed.branch).bind(bits: feed.tip.sequence)
        .bind(feed.tip.hash).bind(bits: feed.tip.time.raw).run()
    }
}

/// Where an own feed stood in a scope that was dropped.
public struct LeftFeed: Hashable, Sendable {
    public let scope: Scope
    public let replica: ID
    public let sequence: UInt64
    public let hash: Hash
    public let time: HybridTime
}

extension Store {
    /// Where own feeds stood in scopes that were dropped here.
    public func leftFeeds() throws(StorageError) -> [LeftFeed] {
        try reading { connection throws(StorageError) in
            let rows = try connection.prepare(
                "SELECT scope, replica, sequence, hash, time FROM left_feed ORDER BY 1, 2"
            ).all { ($0.integer(0), $0.integer(1), $0.bits(2), $0.hash(3), $0.bits(4)) }
            var feeds: [LeftFeed] = []
            for (scope, replica, sequence, hash, time) in rows {
                feeds.append(
                    LeftFeed(
                        scope: try connection.scope(numbered: scope),
                        replica: try connection.replica(numbered: replica).id,
                        sequence: sequence,
                        hash: hash ?? .zero,
                        time: HybridTime(raw: time)
                    )
                )
            }
            return feeds
        }
    }
}
