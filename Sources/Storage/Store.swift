import Bytes
public import CRDT
public import Domain
import Identity
import Synchronization
public import Wire

/// Everything a node holds, in one SQLite file that one process writes.
///
/// ```swift
/// let saved = try store.act(actor, wallMilliseconds: now) { acting in
///     var draft = Draft()
///     draft.add(operation, in: scope)
///     return draft
/// }
/// ```
///
/// - Invariant: 1. What a call returned as saved is on disk. 2. Every stored change is the first of
///   its feed or links to one in the store, and lies under a checked run signature. 3. Records are
///   a pure function of the changes held, whatever order they came in. 4. No sequence number is
///   used twice by this store, not even after its disk was restored or cloned.
public final class Store: Sendable {
    /// Where a store lies.
    public struct Place: Hashable, Sendable {
        /// The data directory: mode 0700, owned by this user.
        public var directory: String
        /// The folder outside of it that holds keys and mark, one folder a device.
        public var stateRoot: String
        /// What tells this machine from another; a copy that runs elsewhere is a clone.
        public var machine: [UInt8]

        /// Takes the machine from the system.
        public init(directory: String, stateRoot: String) {
            self.init(directory: directory, stateRoot: stateRoot, machine: Files.machine)
        }

        public init(directory: String, stateRoot: String, machine: [UInt8]) {
            self.directory = directory
            self.stateRoot = stateRoot
            self.machine = Array(machine.prefix(256))
        }

        var file: String { directory + "/gemba.sqlite" }
    }

    public let tenant: ID
    public let device: ID
    public let schema: Schema
    public let keys: DeviceKeys
    public let place: Place
    /// Why this opening began another replica; nil if it went on with the old one.
    public let reopened: ReplicaStatement.Reason?

    let queue: CommitQueue
    let readers: ReaderPool
    /// Those that read for a person.
    let policyReaders: ReaderPool
    let values: KeptValues
    let marks = MarkCache()
    let publisher: Publisher
    let lock: DirectoryLock

    init(
        _ writer: StoreWriter,
        at place: Place,
        lock: DirectoryLock,
        device: ID,
        reopened: ReplicaStatement.Reason?
    ) {
        tenant = writer.tenant
        self.device = device
        schema = writer.schema
        keys = writer.keys
        self.place = place
        self.reopened = reopened
        self.lock = lock
        readers = ReaderPool(path: place.file)
        policyReaders = ReaderPool(path: place.file, mode: .policy)
        values = KeptValues()
        publisher = writer.publisher
        queue = CommitQueue(writer)
    }
}

// MARK: - What it is

extension Store {
    /// The authority log, as it stands.
    public var authority: AuthorityLog { publisher.current.authority }

    /// The replica that this store writes as.
    public var replica: ID { publisher.current.own.statement.replica }

    /// Which replica of the device it is, from 1.
    public var incarnation: UInt32 { publisher.current.own.statement.incarnation }

    /// The device's own certificate in force: as its replica names it, or renewed since (ID-20).
    public var signedCertificate: Signed<Certificate> {
        let current = publisher.current
        return current.authority.inForce(current.own.author.binding.binding.certificate)
    }

    public var certificate: Certificate { signedCertificate.structure }

    /// The last stamp that this replica issued; zero before its first.
    public var lastIssued: HybridTime { publisher.current.lastIssued }

    /// Rises when which scopes are shared with peers may have changed.
    public var sharesEpoch: UInt64 { publisher.current.sharesEpoch }

    /// The position of the last change in the log.
    public var position: Int64 { publisher.current.position }
}

// MARK: - Acting and reading

extension Store {
    /// Decides an action on the rows as they are, and commits what it says.
    ///
    /// Blocks until it is on disk; calls that come together share a commit.
    ///
    /// - Parameters:
    ///   - actor: Who acts.
    ///   - wallMilliseconds: The wall clock, since 1970.
    ///   - decide: The rules; what they throw refuses the action, and nothing is written. It may
    ///     run twice.
    /// - Returns: The stamp, and the changes, none for an empty draft.
    /// - Throws: What `decide` throws, or why nothing could be written.
    public func act(
        _ actor: Actor,
        wallMilliseconds: UInt64,
        _ decide: @escaping @Sendable (borrowing Acting) throws -> Draft
    ) throws -> Saved {
        try write { try $0.act(actor, wallMilliseconds: wallMilliseconds, decide) }
    }

    /// Stores what of a peer's chunk is admissible and new; `doubted` are the replicas of
    /// ``forks(in:of:)`` in the peer's frontier.
    public func ingest(
        _ chunk: Chunk,
        from device: ID,
        doubting doubted: Set<ID> = [],
        wallMilliseconds: UInt64
    ) throws(StorageError) -> Ingested {
        try writing { writer throws(StorageError) in
            try writer.ingest(
                chunk,
                from: device,
                doubting: doubted,
                wallMilliseconds: wallMilliseconds
            )
        }
    }

    /// Reads at one moment.
    public func read<T>(_ body: (View) throws -> T) throws -> T {
        let connection = try readers.take()
        defer { readers.give(connection) }
        return try connection.snapshot {
            let view = View(
                connection: connection,
                schema: schema,
                tenant: tenant,
                keeping: values
            )
            return try body(view)
        }
    }

    /// Reads at one moment what a person may read: the rest is not there.
    ///
    /// - Parameters:
    ///   - reading: Of the person, as of now.
    ///   - rules: The policy.
    ///   - body: What is read.
    /// - Returns: What `body` does.
    /// - Throws: What `body` throws, or why nothing could be read.
    /// - Source: DOM-238.
    public func read<T>(
        as reading: Reading,
        _ rules: ReadingRules = .standard,
        _ body: (View) throws -> T
    ) throws -> T {
        let connection = try policyReaders.take()
        defer { policyReaders.give(connection) }
        guard let session = connection.session else {
            throw StorageError(.database, "a reader without a policy")
        }
        return try connection.snapshot {
            let whole = View(connection: connection, schema: schema, tenant: tenant)
            let view = whole.asRead(by: reading, rules)
            session.wall = view.wall
            defer { session.wall = nil }
            let result = try body(view)
            try session.check()
            return result
        }
    }

    /// Runs a job in the next commit.
    func write<T: Sendable>(_ work: @escaping @Sendable (StoreWriter) throws -> T) throws -> T {
        let result = Mutex<T?>(nil)
        try queue.run { writer in
            let value = try work(writer)
            result.withLock { $0 = value }
        }
        guard let value = result.withLock({ $0 }) else {
            throw StorageError(.database, "a job ended without a result")
        }
        return value
    }

    /// The same for work that fails with the store's errors alone.
    func writing<T: Sendable>(
        _ work: @escaping @Sendable (StoreWriter) throws(StorageError) -> T
    ) throws(StorageError) -> T {
        do {
            return try write(work)
        } catch let error as StorageError {
            throw error
        } catch {
            throw StorageError(.database, "\(error)")
        }
    }

    /// Reads at one moment, for work that fails with the store's errors alone.
    func reading<T>(
        _ work: (Connection) throws(StorageError) -> T
    ) throws(StorageError) -> T {
        let connection = try readers.take()
        defer { readers.give(connection) }
        return try connection.snapshot { () throws(StorageError) in try work(connection) }
    }
}
