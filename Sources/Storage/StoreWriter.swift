import Bytes
import CRDT
import Domain
import Identity
import Synchronization
import Wire

/// The one that writes: a connection, and what must stay in step with what it committed.
///
/// Reached through the commit queue only, one job at a time.
final class StoreWriter: @unchecked Sendable {
    /// What a rollback takes back.
    struct State: Sendable {
        /// The position of the last change.
        var position: Int64
        /// Counts what may change which scopes are shared.
        var sharesEpoch: UInt64 = 0
        var authority: AuthorityLog {
            didSet { revocations = authority.revocations }
        }
        /// The revocations in force.
        private(set) var revocations: [DeviceRevocation]
        /// The scopes in which a statement came whose consequences are not drawn yet.
        var unsettled: Set<Int64> = []
        /// Whether something came that may change which scopes are purged.
        var arePurgesStale = false
        /// The scopes that certificates in force name (RET-6).
        var purged: Set<Scope> = []
        var own: OwnReplica
        /// Where the own feeds stand, by the number of their scope.
        var ownTips: [Int64: FeedTip] = [:]
        /// The last stamp that this replica issued.
        var lastIssued: HybridTime
        /// What devices added today.
        var quotas: [ID: CountedQuota] = [:]
        /// The position up to which this hub has said what it holds.
        var attested: Int64 = 0
        /// What a hub keeps of all that is done; nil at every other node.
        var audit: AuditTrail?

        init(position: Int64, authority: AuthorityLog, own: OwnReplica, lastIssued: HybridTime) {
            self.position = position
            self.authority = authority
            revocations = authority.revocations
            self.own = own
            self.lastIssued = lastIssued
        }
    }

    /// The replica that this store writes as.
    struct OwnReplica: Sendable {
        let author: Author
        let number: Int64

        var statement: ReplicaStatement { author.binding.statement }
    }

    let connection: Connection
    let schema: Schema
    let tenant: ID
    let keys: DeviceKeys
    let folder: StateFolder
    let machine: [UInt8]
    let chance: Chance
    /// Where others see what was committed.
    let publisher: Publisher
    var state: State
    var clock: HybridClock
    /// Bindings that were checked: for good, since the authority log only grows.
    var bindings: [ID: VerifiedBinding] = [:]
    /// Why nothing may be written until the store is opened again.
    private(set) var stopped: StorageError?
    /// Commits that wrote something, for tests that count.
    private(set) var commitCount = 0

    init(
        _ connection: Connection,
        schema: Schema,
        tenant: ID,
        keys: DeviceKeys,
        folder: StateFolder,
        machine: [UInt8],
        chance: Chance,
        state: State
    ) {
        self.connection = connection
        self.schema = schema
        self.tenant = tenant
        self.keys = keys
        self.folder = folder
        self.machine = machine
        self.chance = chance
        self.state = state
        clock = HybridClock(last: state.lastIssued)
        publisher = Publisher(state)
    }

    var folding: Folder { Folder(connection: connection, schema: schema, tenant: tenant) }
}

/// What others may see of the writer's state, as of its last commit.
final class Publisher: Sendable {
    private let state: Mutex<StoreWriter.State>
    let audience = Audience()

    init(_ state: StoreWriter.State) {
        self.state = Mutex(state)
    }

    var current: StoreWriter.State { state.withLock { $0 } }

    func publish(_ new: StoreWriter.State) {
        let hasGrown = state.withLock { state in
            defer { state = new }
            return state.position != new.position || state.sharesEpoch != new.sharesEpoch
        }
        guard hasGrown else { return }
        audience.tell(Growth(position: new.position, sharesEpoch: new.sharesEpoch))
    }
}

// MARK: - Committing

extension StoreWriter {
    /// Runs jobs in one commit.
    ///
    /// A job that refuses without having written fails alone; one that breaks off while writing
    /// undoes the commit, and the others are tried one by one.
    func commit(_ jobs: [CommitQueue.Job]) {
        let before = state
        let start = connection.totalChanges
        do {
            if stopped != nil { recover() }
            if let stopped { throw stopped }
            try connection.execute("BEGIN IMMEDIATE")
        } catch {
            return jobs.forEach { $0.finish(.failure(error)) }
        }
        var refusals: [Int: any Error] = [:]
        for (index, job) in jobs.enumerated() {
            let changes = connection.totalChanges
            let held = state
            do {
                try job.work(self)
                try settleStatements()
                try settlePurges()
            } catch {
                guard connection.totalChanges == changes, connection.isInTransaction else {
                    undo(to: before)
                    guard jobs.count > 1 else { return job.finish(.failure(error)) }
                    return jobs.forEach { commit([$0]) }
                }
                state = held
                refusals[index] = error
            }
        }
        do throws(StorageError) {
            try settle(hasWritten: connection.totalChanges != start, before)
        } catch {
            return jobs.forEach { $0.finish(.failure(error)) }
        }
        publisher.publish(state)
        for (index, job) in jobs.enumerated() {
            job.finish(refusals[index].map { .failure($0) } ?? .success(()))
        }
    }

    private func undo(to before: State) {
        connection.rollback()
        state = before
        // A binding that was met in this commit is in no table any more.
        bindings = [:]
    }

    /// Commits, or says why not; an outcome that cannot be known stops the writer.
    private func settle(hasWritten: Bool, _ before: State) throws(StorageError) {
        do throws(StorageError) {
            try saveAuditHead(before)
            try connection.execute("COMMIT")
        } catch {
            let isUndone = connection.isInTransaction || error.code == .full
            undo(to: before)
            if isUndone { throw error }
            let unknown = StorageError(.unknownOutcome, "the commit failed: \(error.message)")
            stopped = unknown
            throw unknown
        }
        if hasWritten { commitCount += 1 }
        let isNewReplica = state.own.number != before.own.number
        if hasWritten, isNewReplica || state.lastIssued != before.lastIssued { saveMark() }
    }

    /// Writes the mark by which a restored disk is told.
    ///
    /// What is committed is saved, so a mark that cannot be written fails nothing now; but without
    /// it a restore could not be told, so nothing more is written.
    func saveMark() {
        let mark = Mark(
            replica: state.own.statement.replica,
            machine: machine,
            last: state.lastIssued
        )
        do throws(StorageError) {
            try folder.save(mark)
        } catch {
            stopped = StorageError(error.code, "the mark was not written: \(error.message)")
        }
    }

    /// Tries again what stopped the writer, where that is a matter of room.
    private func recover() {
        guard let reason = stopped, reason.code != .unknownOutcome else { return }
        stopped = nil
        saveMark()
    }
}

// MARK: - Replicas

extension StoreWriter {
    /// Opens another replica of this device and writes as it from now on.
    func openReplica(
        _ reason: ReplicaStatement.Reason,
        wallMilliseconds: UInt64
    ) throws(StorageError) {
        let old = state.own
        var statement = old.statement
        statement.previousReplica = statement.replica
        statement.replica = chance.id
        statement.incarnation += 1
        statement.reason = reason
        statement.opened = wallMilliseconds & 0xffff_ffff_ffff
        let binding = Binding(
            statement: Signed(signing: statement, with: keys.sign),
            certificate: old.author.binding.binding.certificate
        )
        try adopt(binding)
        // The new replica has issued nothing: a clock that was years ahead does not hold it there.
        let (bound, _) = wallMilliseconds.addingReportingOverflow(HybridClock.boundMilliseconds)
        if clock.last.milliseconds > bound { clock = HybridClock(last: .zero) }
    }

    /// Makes a binding of this device the one that the store writes as.
    func adopt(_ binding: Binding) throws(StorageError) {
        let own = try Self.own(binding, keys: keys, state.authority, on: connection)
        try connection.setMeta("replica", own.statement.replica.bytes)
        state.own = own
        state.ownTips = [:]
        state.lastIssued = .zero
        bindings[own.statement.replica] = own.author.binding
    }

    static func own(
        _ binding: Binding,
        keys: DeviceKeys,
        _ authority: AuthorityLog,
        on connection: Connection
    ) throws(StorageError) -> OwnReplica {
        let verified: VerifiedBinding
        do throws(AuthorityFault) {
            verified = try authority.verify(binding)
        } catch {
            throw StorageError(.damaged, "the binding of this store's replica: \(error)")
        }
        guard let author = Author(verified, key: keys.sign) else {
            throw StorageError(.noKeys, "the device's keys are not those of its certificate")
        }
        return OwnReplica(author: author, number: try connection.intern(verified).number)
    }

    /// The checked binding of a replica; nil for one that is not bound here.
    func binding(of replica: ID) throws(StorageError) -> VerifiedBinding? {
        if let known = bindings[replica] { return known }
        guard let stored = try connection.binding(of: replica) else { return nil }
        guard let verified = try? state.authority.verify(stored) else { return nil }
        bindings[replica] = verified
        return verified
    }
}

// MARK: - Small values

extension Connection {
    func meta(_ key: String) throws(StorageError) -> [UInt8]? {
        try prepare("SELECT value FROM meta WHERE key = ?").bind(key).first { $0.bytes(0) }
    }

    func setMeta(_ key: String, _ value: [UInt8]) throws(StorageError) {
        try prepare(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
        )
        .bind(key).bind(value).run()
    }
}
