import Bytes
import CRDT
import Domain

/// What the statements of hubs make of the changes of one scope: nearly always nothing.
///
/// Kept in three small tables that the writer renews when a statement comes, so that a reader asks
/// no more than whether they are empty.
struct ScopeStanding: Equatable {
    /// The changes that are not plain, by position.
    var changes: [Int64: ChangeStanding] = [:]
    /// The clock verdicts, by the replica that they rule on.
    var clocks: [ID: Set<ClockRange>] = [:]
    /// Changes that statements name and that are not held yet.
    var awaited: Set<Awaited> = []

    static let plain = ScopeStanding()

    /// Writes whose rank a clock verdict limits, named without their sequences.
    struct ClockRange: Hashable {
        let first: HybridTime
        let last: HybridTime
        /// The one change of a replica with branches; nil: all of the replica in that time.
        let hash: UInt64?
        let time: HybridTime
    }

    struct Awaited: Hashable {
        let replica: ID
        let sequence: UInt64
    }

    /// Why what a change says about an entity does not count; nil if it does.
    func exclusion(at position: Int64, of entity: UInt32) -> Exclusion? {
        changes.isEmpty ? nil : changes[position]?.exclusion(of: entity)
    }

    /// The rank of a write, as clock verdicts limit it (MERGE-6).
    func rank(_ rank: Rank) -> Rank {
        guard !clocks.isEmpty, let ranges = clocks[rank.name.stamp.replica] else { return rank }
        let time = ranges.filter { range in
            range.first...range.last ~= rank.name.stamp.time
                && range.hash ?? rank.name.hash == rank.name.hash
        }
        .map(\.time).min()
        guard let time else { return rank }
        return Rank(rank.name, isPlausible: rank.isPlausible, ruling: time)
    }

    /// A record whose heads are ordered as clock verdicts say.
    func ranked(_ record: Record) -> Record {
        guard !clocks.isEmpty else { return record }
        return Record(
            creations: record.creations,
            registers: record.registers.mapValues { register in
                Register(heads: register.heads.map { Head($0.value, rank: rank($0.rank)) })
            },
            sets: record.sets,
            sums: record.sums
        )
    }
}

/// What a connection knows of the standing of scopes, as of the moment that it looks at.
final class StandingCache {
    /// How often statements have changed anything; 0: never, and there is nothing to look up.
    fileprivate var epoch: UInt64 = 0
    fileprivate var scopes: [Int64: ScopeStanding] = [:]
    /// Whether the epoch was read since this moment began.
    fileprivate var isCurrent = false

    /// Another moment begins: somebody else may have written.
    func begin() { isCurrent = false }

    /// A rollback took back what was written.
    func forget() {
        isCurrent = false
        scopes = [:]
    }
}

// MARK: - Looking up

extension Connection {
    private static let epochKey = "standing"

    /// What statements make of the changes of a scope.
    func standing(of scope: Int64) throws(StorageError) -> ScopeStanding {
        if !standings.isCurrent { try readEpoch() }
        if standings.epoch == 0 { return .plain }
        if let known = standings.scopes[scope] { return known }
        // What is kept here holds for whoever reads next.
        let standing = try beneath { () throws(StorageError) in try loadStanding(of: scope) }
        standings.scopes[scope] = standing
        return standing
    }

    /// How often statements have changed what counts.
    func standingEpoch() throws(StorageError) -> UInt64 {
        if !standings.isCurrent { try readEpoch() }
        return standings.epoch
    }

    private func readEpoch() throws(StorageError) {
        let bytes = try meta(Self.epochKey) ?? []
        let epoch = bytes.reduce(0) { $0 << 8 | UInt64($1) }
        if epoch != standings.epoch { standings.scopes = [:] }
        standings.epoch = epoch
        standings.isCurrent = true
    }

    private func loadStanding(of scope: Int64) throws(StorageError) -> ScopeStanding {
        var standing = ScopeStanding()
        let changes = try prepare("SELECT position, is_cut, ruling FROM standing WHERE scope = ?")
            .bind(scope).all { ($0.integer(0), $0.integer(1), $0.text(2)) }
        for (position, isCut, ruling) in changes {
            let ruling = Ruling(rawValue: ruling)
            standing.changes[position] = ChangeStanding(isCut: isCut == 1, ruling: ruling)
        }
        let clocks = try prepare(
            "SELECT replica, first, last, hash, time FROM clock WHERE scope = ?"
        )
        .bind(scope)
        .all { ($0.bytes(0), $0.bits(1), $0.bits(2), $0.bytes(3), $0.bits(4)) }
        for (replica, first, last, hash, time) in clocks {
            let range = ScopeStanding.ClockRange(
                first: HybridTime(raw: first),
                last: HybridTime(raw: last),
                hash: hash.isEmpty ? nil : hash.reduce(0) { $0 << 8 | UInt64($1) },
                time: HybridTime(raw: time)
            )
            standing.clocks[ID(replica) ?? .zero, default: []].insert(range)
        }
        let awaited = try prepare("SELECT replica, sequence FROM awaited WHERE scope = ?")
            .bind(scope).all { ($0.bytes(0), $0.bits(1)) }
        for (replica, sequence) in awaited {
            standing.awaited.insert(
                ScopeStanding.Awaited(replica: ID(replica) ?? .zero, sequence: sequence)
            )
        }
        return standing
    }
}

// MARK: - Writing

extension Connection {
    /// Writes what statements make of a scope from now on.
    func setStanding(
        _ new: ScopeStanding,
        insteadOf old: ScopeStanding,
        of scope: Int64
    ) throws(StorageError) {
        guard new != old else { return }
        for position in old.changes.keys where new.changes[position] == nil {
            try prepare("DELETE FROM standing WHERE scope = ? AND position = ?")
                .bind(scope).bind(position).run()
        }
        for (position, change) in new.changes where old.changes[position] != change {
            try prepare(
                """
                INSERT INTO standing VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET is_cut = excluded.is_cut, ruling = excluded.ruling
                """
            )
            .bind(scope).bind(position).bind(change.isCut ? 1 : 0)
            .bind(change.ruling?.rawValue ?? "").run()
        }
        if new.clocks != old.clocks { try write(clocks: new.clocks, of: scope) }
        if new.awaited != old.awaited { try write(awaited: new.awaited, of: scope) }
        if !standings.isCurrent { try readEpoch() }
        standings.epoch += 1
        standings.scopes[scope] = new
        try setMeta(Self.epochKey, [UInt8](bigEndian: standings.epoch))
    }

    private func write(
        clocks: [ID: Set<ScopeStanding.ClockRange>],
        of scope: Int64
    ) throws(StorageError) {
        try prepare("DELETE FROM clock WHERE scope = ?").bind(scope).run()
        for (replica, ranges) in clocks {
            for range in ranges {
                var hash = Writer()
                if let prefix = range.hash { hash.u64(prefix) }
                try prepare("INSERT INTO clock VALUES (?, ?, ?, ?, ?, ?)")
                    .bind(scope).bind(replica.bytes).bind(bits: range.first.raw)
                    .bind(bits: range.last.raw).bind(hash.bytes).bind(bits: range.time.raw).run()
            }
        }
    }

    private func write(
        awaited: Set<ScopeStanding.Awaited>,
        of scope: Int64
    ) throws(StorageError) {
        try prepare("DELETE FROM awaited WHERE scope = ?").bind(scope).run()
        for change in awaited {
            try prepare("INSERT INTO awaited VALUES (?, ?, ?)")
                .bind(scope).bind(change.replica.bytes).bind(bits: change.sequence).run()
        }
    }
}
