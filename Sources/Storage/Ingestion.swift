import Bytes
import CRDT
import Domain
import Identity
public import Wire

/// What became of a chunk, once it is on disk.
public struct Ingested: Hashable, Sendable {
    /// The runs that were left out, and why.
    public var refused: [Frame.Refused] = []
    /// A change came before one that it names; it and what followed were not stored.
    public var isOrderBroken = false
    /// Which scopes are shared with peers may have changed, or a replica has a new branch.
    public var changesShares = false
    /// Changes that were new.
    public var count = 0

    public init() {}

    fileprivate mutating func refuse(_ run: Run, in scope: Scope, _ code: UInt16) {
        refused.append(
            Frame.Refused(scope: scope, replica: run.replica, sequence: run.sequence, code: code)
        )
    }
}

/// The runs of one chunk on their way into the log.
struct Arrival {
    let scope: Scope
    let number: Int64
    /// The wall clock, milliseconds since 1970.
    let wall: UInt64
    var horizon: Horizon
    var quotas: Quotas

    /// What became of a run.
    enum Outcome {
        case stored(Int)
        case refused(Inadmissible)
        case brokenOrder
        /// Not now: the device has added enough today (SYNC-23).
        case overQuota
    }
}

extension StoreWriter {
    /// Stores what of a peer's chunk is admissible and new; the rest is set aside with its reason.
    func ingest(
        _ chunk: Chunk,
        from device: ID,
        doubting doubted: Set<ID> = [],
        wallMilliseconds: UInt64
    ) throws(StorageError) -> Ingested {
        var ingested = Ingested()
        // A peer sends a binding once: it is kept whatever becomes of the runs.
        var runs: [Run] = []
        for item in chunk.items {
            switch item {
            case .binding(let binding): try learn(binding)
            case .run(let run): runs.append(run)
            case .ignored: break
            }
        }
        // What was purged is not taken back, from nobody (RET-7).
        guard !runs.isEmpty, !state.purged.contains(chunk.scope) else { return ingested }
        let epoch = state.sharesEpoch
        let isNewScope = try connection.number(of: chunk.scope) == nil
        let number = try connection.intern(chunk.scope)
        var arrival = Arrival(
            scope: chunk.scope,
            number: number,
            wall: wallMilliseconds,
            horizon: Horizon(connection: connection, scope: number, doubting: doubted),
            quotas: Quotas(
                connection,
                state.quotas,
                own: state.own.statement.device,
                isFree: state.authority.known(device: device)?.kind == .hub,
                wallMilliseconds: wallMilliseconds
            )
        )
        for run in runs where !ingested.isOrderBroken {
            switch try take(run, &arrival) {
            case .stored(let count): ingested.count += count
            case .brokenOrder where !arrival.quotas.isAnySpent: ingested.isOrderBroken = true
            case .refused(.brokenChain) where arrival.quotas.isAnySpent:
                ingested.refuse(run, in: chunk.scope, Quota.refusalCode)
            case .brokenOrder, .overQuota:
                ingested.refuse(run, in: chunk.scope, Quota.refusalCode)
            case .refused(let reason):
                ingested.refuse(run, in: chunk.scope, reason.rawValue)
            }
        }
        // What is refused leaves no trace of where it claimed to belong.
        if isNewScope, ingested.count == 0 { try connection.forget(chunk.scope, number) }
        try arrival.quotas.save()
        state.quotas = arrival.quotas.counted
        ingested.changesShares = state.sharesEpoch != epoch
        try note(ingested.refused, from: device, wallMilliseconds: wallMilliseconds)
        return ingested
    }

    /// Counts what a device was refused; a hub records it each time it has doubled (AUD-5).
    private func note(
        _ refused: [Frame.Refused],
        from device: ID,
        wallMilliseconds: UInt64
    ) throws(StorageError) {
        let counts = Dictionary(grouping: refused, by: \.code).mapValues(\.count)
        for (code, count) in counts.sorted(by: { $0.key < $1.key }) {
            let before = try connection.refusals(code, from: device)
            try connection.countRefusals(count, code, from: device, at: wallMilliseconds)
            try auditRefusals(
                count,
                after: before,
                code,
                from: device,
                wallMilliseconds: wallMilliseconds
            )
        }
    }

    /// Keeps the binding of a replica that is believed; of two for one replica the first stands.
    private func learn(_ binding: Binding) throws(StorageError) {
        guard bindings[binding.statement.structure.replica] == nil,
            let verified = try? state.authority.verify(binding)
        else { return }
        if let known = try connection.binding(of: verified.replica) {
            guard known.statement.structure == verified.statement else { return }
        } else {
            guard try !connection.hasEnoughReplicas(verified.statement.device) else { return }
            _ = try connection.intern(verified)
        }
        bindings[verified.replica] = verified
    }
}

// MARK: - One run

extension StoreWriter {
    private func take(
        _ run: Run,
        _ arrival: inout Arrival
    ) throws(StorageError) -> Arrival.Outcome {
        guard run.isWithinLimits else { return .refused(.malformed) }
        guard let binding = try binding(of: run.replica),
            let replica = try connection.replica(run.replica)
        else { return .refused(.unbound) }
        guard try !arrival.quotas.isSpent(replica) else { return .overQuota }
        let feeds = try connection.feeds(replica.number, in: arrival.number)
        arrival.horizon.expect(replica.id, at: feeds)
        let line = try lineage(of: run, binding, replica, feeds, arrival)
        guard let line else { return .refused(.brokenChain) }
        guard let changes = line.changes else { return .refused(.badSignature) }
        guard !changes.isEmpty else { return .stored(0) }
        guard line.branch != nil || feeds.count < Limits.branchesMax else {
            return .refused(.tooManyBranches)
        }
        let verified: [VerifiedChange]
        do throws(Inadmissible) {
            verified = try Admission.admit(
                changes,
                of: run,
                by: binding,
                after: line.tip
            )
        } catch {
            return .refused(error)
        }
        let number = arrival.number
        guard
            try arrival.quotas.take(verified, of: replica, in: number, isFirst: feeds.isEmpty)
        else { return .overQuota }
        for change in verified {
            guard let body = change.body else { continue }
            guard try arrival.horizon.holds(namesOf: body) else { return .brokenOrder }
            try arrival.horizon.note(change)
            _ = clock.observe(body.time, wallMilliseconds: arrival.wall)
        }
        try store(
            verified,
            replica,
            branch: line.branch,
            isBranched: feeds.contains { $0.branch != .zero },
            &arrival
        )
        return .stored(verified.count)
    }

    /// Where a run belongs.
    private struct Lineage {
        /// What is not held of it; nil if its signature fits nothing that is held.
        var changes: ArraySlice<Change>?
        /// What the first of these links to.
        var tip: FeedTip
        /// The branch whose tip it continues; nil if it begins another branch.
        var branch: Hash?
    }

    /// Finds what a run continues: the tip of its feed nearly always.
    ///
    /// - Returns: nil if nothing is held that it could link to.
    private func lineage(
        of run: Run,
        _ binding: VerifiedBinding,
        _ replica: InternedReplica,
        _ feeds: [Feed],
        _ arrival: Arrival
    ) throws(StorageError) -> Lineage? {
        let start = beginning(of: binding.statement, in: arrival.scope)
        let ends = feeds.isEmpty ? [Feed(branch: .zero, tip: start)] : feeds
        if let feed = ends.first(where: { $0.tip.sequence &+ 1 == run.sequence }), ends.count == 1,
            run.previous ?? feed.tip.hash == feed.tip.hash
        {
            let changes = run.linked(in: arrival.scope, tenant: tenant, after: feed.tip.hash)
            let isSigned = changes.last.map {
                run.isSigned(over: $0, by: binding.statement.signKey)
            }
            return Lineage(
                changes: isSigned == true ? changes[...] : nil,
                tip: feed.tip,
                branch: feed.branch
            )
        }
        return try overlap(of: run, binding, replica, ends, start, arrival)
    }

    /// The same for a run that begins below a tip: sent again, or another branch.
    private func overlap(
        of run: Run,
        _ binding: VerifiedBinding,
        _ replica: InternedReplica,
        _ ends: [Feed],
        _ start: FeedTip,
        _ arrival: Arrival
    ) throws(StorageError) -> Lineage? {
        var candidates = try connection.changes(
            of: replica.number,
            at: run.sequence - 1,
            in: arrival.number
        ).map(\.hash)
        if run.sequence == 1 { candidates = [start.hash] }
        if let previous = run.previous { candidates.removeAll { $0 != previous } }
        guard !candidates.isEmpty else { return nil }
        for candidate in candidates {
            let changes = run.linked(in: arrival.scope, tenant: tenant, after: candidate)
            guard let last = changes.last, run.isSigned(over: last, by: binding.statement.signKey)
            else { continue }
            return try remainder(of: changes, after: candidate, replica, ends, start, arrival)
        }
        return Lineage(changes: nil, tip: start, branch: nil)
    }

    private func remainder(
        of changes: [Change],
        after candidate: Hash,
        _ replica: InternedReplica,
        _ ends: [Feed],
        _ start: FeedTip,
        _ arrival: Arrival
    ) throws(StorageError) -> Lineage {
        var rest = changes[...]
        var parent = candidate
        while let next = rest.first {
            let held = try connection.changes(
                of: replica.number,
                at: next.sequence,
                in: arrival.number
            )
            guard held.contains(where: { $0.hash == next.hash }) else { break }
            parent = next.hash
            rest = rest.dropFirst()
        }
        if let feed = ends.first(where: { $0.tip.hash == parent }) {
            return Lineage(changes: rest, tip: feed.tip, branch: feed.branch)
        }
        let held = try connection.changes(of: replica.number, in: arrival.number)
        let byHash = Dictionary(held.map { ($0.hash, $0) }) { first, _ in first }
        let tip = try connection.tip(at: parent, byHash) ?? start
        return Lineage(changes: rest, tip: tip, branch: nil)
    }

    /// Appends verified changes to a branch, or as a new one.
    private func store(
        _ changes: [VerifiedChange],
        _ replica: InternedReplica,
        branch: Hash?,
        isBranched: Bool,
        _ arrival: inout Arrival
    ) throws(StorageError) {
        guard let last = changes.last else { return }
        let (scope, number) = (arrival.scope, arrival.number)
        let isBranched = branch == nil || isBranched
        if branch == nil, let binding = try binding(of: replica.id) {
            let start = beginning(of: binding.statement, in: scope)
            try connection.keepPrevious(of: replica.number, in: number, beginning: start.hash)
        }
        let feed = branch.map { Feed(branch: $0, tip: last.tip) }
        try append(
            changes,
            to: feed,
            by: replica,
            in: scope,
            number,
            keepingPrevious: isBranched
        )
        try audit(
            changes,
            from: state.position - Int64(changes.count) + 1,
            by: replica,
            in: scope,
            number,
            wallMilliseconds: arrival.wall
        )
        if feed == nil {
            try connection.renewFeeds(of: replica.number, in: number)
            arrival.horizon.forget(replica.id)
            // What statements call a line is now a tree.
            state.unsettled.insert(number)
            state.sharesEpoch += 1
        }
        if replica.number == state.own.number {
            // Somebody else writes as this replica, or this store has forgotten what it wrote.
            try openReplica(branch == nil ? .fork : .restored, wallMilliseconds: arrival.wall)
        }
    }
}
