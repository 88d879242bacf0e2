import CRDT
import Domain
import Wire

// What counts changes when a statement comes: the records touched are folded again from the log, in
// the transaction that brought the statement (CHG-25, MERGE-7).

extension StoreWriter {
    /// Notes that a change which was just appended may change what counts in its scope.
    func noteStatements(
        in change: VerifiedChange,
        by replica: InternedReplica,
        _ number: Int64
    ) throws(StorageError) {
        if replica.isHub, let body = change.body {
            let hasRevocations = !state.revocations.isEmpty
            let isAbout = body.operations.contains { operation in
                HubStatement.isOne(operation.entity)
                    && (hasRevocations || operation.entity != Receipt.number)
            }
            if isAbout { state.unsettled.insert(number) }
        }
        if state.revocations.contains(where: { $0.device == replica.device }) {
            state.unsettled.insert(number)
        }
        let awaited = try connection.standing(of: number).awaited
        guard !awaited.isEmpty else { return }
        let held = ScopeStanding.Awaited(replica: replica.id, sequence: change.change.sequence)
        if awaited.contains(held) { state.unsettled.insert(number) }
    }

    /// Takes a longer authority log; what it revokes is set aside before anyone reads it.
    ///
    /// A hub says at once where the feeds of the revoked end.
    func take(_ log: AuthorityLog, wallMilliseconds: UInt64) throws(StorageError) {
        let known = Set(state.revocations)
        try audit(log, beyond: state.authority, wallMilliseconds: wallMilliseconds)
        try connection.insert(log)
        state.authority = log
        for revocation in state.revocations where !known.contains(revocation) {
            let scopes = try connection.prepare(
                """
                SELECT DISTINCT scope FROM feed
                WHERE replica IN (SELECT number FROM replica WHERE device = ?)
                """
            ).bind(revocation.device.bytes).all { $0.integer(0) }
            state.unsettled.formUnion(scopes)
        }
        let new = state.revocations.filter { !known.contains($0) }
        if !new.isEmpty { try cutOff(new, wallMilliseconds: wallMilliseconds) }
    }

    /// Folds again what the statements that came touch.
    ///
    /// Nothing is left unsettled by a commit.
    func settleStatements() throws(StorageError) {
        while let number = state.unsettled.popFirst() { try settleStatements(in: number) }
    }

    private func settleStatements(in number: Int64) throws(StorageError) {
        let scope = try connection.scope(numbered: number)
        if scope == .tenant { state.arePurgesStale = true }
        var reading = StatementReading(folding, state.revocations, scope, number)
        let effectiveness = try reading.effectiveness()
        let cut = try reading.cut(by: effectiveness)
        // First what is cut off, verdicts of a revoked hub among it; then what verdicts say.
        var standing = try connection.standing(of: number)
        standing.changes = standing.changes.mapValues {
            ChangeStanding(isCut: false, ruling: $0.ruling)
        }
        for position in cut {
            let ruling = standing.changes[position]?.ruling
            standing.changes[position] = ChangeStanding(isCut: true, ruling: ruling)
        }
        standing.clocks = try reading.clocks(of: effectiveness)
        try renew(standing, of: scope, number)
        let rulings = try reading.rulings()
        standing.changes = [:]
        for position in cut.union(rulings.keys) {
            standing.changes[position] = ChangeStanding(
                isCut: cut.contains(position),
                ruling: rulings[position]
            )
        }
        standing.awaited = reading.awaited
        try renew(standing, of: scope, number)
    }

    /// Writes the standing of a scope, and folds again the records of the changes that it concerns.
    private func renew(
        _ new: ScopeStanding,
        of scope: Scope,
        _ number: Int64
    ) throws(StorageError) {
        var new = new
        new.changes = new.changes.filter { !$0.value.isPlain }
        let old = try connection.standing(of: number)
        try connection.setStanding(new, insteadOf: old, of: number)
        if new != old { try connection.noteStale(scope, number) }
        var stale: Set<StaleRecord> = []
        for position in Set(old.changes.keys).union(new.changes.keys)
        where old.changes[position] != new.changes[position] {
            let logged = try connection.change(at: position, in: number)
            guard let body = try logged.body() else { continue }
            try reindexEvents(of: logged, in: scope, number)
            let stamp = Stamp(body.time, logged.replica.id)
            for (index, operation) in body.operations.enumerated() {
                let derived = ID(createdAt: stamp, index: UInt16(truncatingIfNeeded: index))
                guard schema.isEntity(operation), let id = operation.recordID(derived: derived)
                else { continue }
                stale.insert(StaleRecord(scope: number, entity: operation.entity, id: id))
            }
        }
        for record in stale { try refold(record) }
        // What is shown of heads side by side goes by rank, and so by clock verdicts.
        if old.clocks != new.clocks { try reindexConflicts(in: number) }
    }
}

/// A record whose row is to be folded again from the log.
struct StaleRecord: Hashable {
    let scope: Int64
    let entity: UInt32
    let id: ID
}

extension StoreWriter {
    /// Writes the row of a record as the log gives it: an empty state if nothing on it counts.
    func refold(_ stale: StaleRecord) throws(StorageError) {
        let scope = try connection.scope(numbered: stale.scope)
        if let record = try folding.refolded(stale.id, of: stale.entity, in: scope) {
            try folding.save(record, stale.id, stale.entity, in: stale.scope, hadHeads: true)
            return
        }
        for change in ["UPDATE record SET state = x''", "DELETE FROM conflict"] {
            try connection.prepare("\(change) WHERE scope = ? AND entity = ? AND id = ?")
                .bind(stale.scope).bind(Int64(stale.entity)).bind(stale.id.bytes).run()
        }
        try folding.index(nil, stale.id, of: stale.entity, in: stale.scope)
    }
}
