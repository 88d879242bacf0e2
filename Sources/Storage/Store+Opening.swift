import Bytes
public import CRDT
public import Domain
import Identity
public import Wire

/// What a device is made of when its store is created.
public struct Founding: Sendable {
    public var device: ID
    public var authority: AuthorityLog
    public var certificate: Signed<Certificate>
    public var keys: DeviceKeys

    public init(
        device: ID,
        authority: AuthorityLog,
        certificate: Signed<Certificate>,
        keys: DeviceKeys
    ) {
        self.device = device
        self.authority = authority
        self.certificate = certificate
        self.keys = keys
    }
}

extension Store {
    /// Whether a directory holds a store.
    public static func exists(at directory: String) -> Bool {
        Files.exists(directory + "/gemba.sqlite")
    }

    /// Creates a store and opens its first replica.
    ///
    /// - Parameters:
    ///   - founding: Who the device is.
    ///   - place: Where it shall lie; the directory is made if it is missing.
    ///   - schema: The kinds of record of this version.
    ///   - wallMilliseconds: The wall clock, since 1970.
    ///   - chance: Random bytes.
    /// - Returns: The open store, which this process alone has.
    /// - Throws: `.exists`, `.inUse`, `.exposed`, or what the disk says.
    public static func create(
        _ founding: Founding,
        at place: Place,
        schema: Schema,
        wallMilliseconds: UInt64,
        chance: Chance
    ) throws(StorageError) -> Store {
        try Files.makeFolder(place.directory)
        try Files.requirePrivate(place.directory)
        let lock = try DirectoryLock(place.directory)
        guard !exists(at: place.directory) else {
            throw StorageError(.exists, "\(place.directory) holds a store already")
        }
        let folder = StateFolder(root: place.stateRoot, device: founding.device)
        try folder.save(founding.keys)
        // Built beside its name, so that a crash leaves nothing that looks like a store.
        let partial = place.file + ".new"
        Files.remove([partial, partial + "-wal", partial + "-shm"])
        try write(founding, at: partial, schema, wallMilliseconds, chance)
        try Files.move(partial, to: place.file)
        return try open(
            at: place,
            lock: lock,
            schema: schema,
            wallMilliseconds: wallMilliseconds,
            chance: chance
        )
    }

    private static func write(
        _ founding: Founding,
        at path: String,
        _ schema: Schema,
        _ wall: UInt64,
        _ chance: Chance
    ) throws(StorageError) {
        let certificate = founding.certificate.structure
        let connection = try Connection(path: path, mode: .create)
        try connection.execute("BEGIN IMMEDIATE; \(Tables.definition)")
        try connection.execute("PRAGMA user_version = \(Tables.format)")
        try connection.setMeta("tenant", certificate.tenant.bytes)
        try connection.setMeta("device", founding.device.bytes)
        try connection.setMeta("schema", [UInt8](bigEndian: schema.version))
        try connection.execute(IndexTables.definition)
        try connection.execute(SummaryTables.definition)
        try connection.execute(SearchTables.definition)
        try connection.execute(Tables.retention)
        try connection.setMeta(IndexTables.metaKey, IndexTables.declarations(of: schema))
        try connection.insert(founding.authority)
        let statement = ReplicaStatement(
            tenant: certificate.tenant,
            device: founding.device,
            replica: chance.id,
            incarnation: 1,
            signKey: founding.keys.sign.publicKey,
            certificate: certificate.hash,
            previousReplica: .zero,
            reason: .first,
            opened: wall & 0xffff_ffff_ffff
        )
        let binding = Binding(
            statement: Signed(signing: statement, with: founding.keys.sign),
            certificate: founding.certificate
        )
        let own = try StoreWriter.own(
            binding,
            keys: founding.keys,
            founding.authority,
            on: connection
        )
        try connection.setMeta("replica", own.statement.replica.bytes)
        try connection.execute(
            "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)"
        )
    }

    /// Opens a store; if its disk was restored or copied it goes on as another replica.
    ///
    /// - Throws: `.missing`, `.inUse`, `.exposed`, `.notAStore`, `.noKeys`, `.damaged`.
    public static func open(
        at place: Place,
        schema: Schema,
        wallMilliseconds: UInt64,
        chance: Chance
    ) throws(StorageError) -> Store {
        guard exists(at: place.directory) else {
            throw StorageError(.missing, "no store in \(place.directory)")
        }
        try Files.requirePrivate(place.directory)
        return try open(
            at: place,
            lock: try DirectoryLock(place.directory),
            schema: schema,
            wallMilliseconds: wallMilliseconds,
            chance: chance
        )
    }

    /// `isRestoring`: the file was just put there, so it goes on as another replica.
    static func open(
        at place: Place,
        lock: DirectoryLock,
        schema: Schema,
        wallMilliseconds: UInt64,
        chance: Chance,
        isRestoring: Bool = false
    ) throws(StorageError) -> Store {
        let connection = try Connection(path: place.file, mode: .write)
        guard
            try connection.prepare("PRAGMA user_version").first({ $0.integer(0) }) == Tables.format
        else { throw StorageError(.notAStore, "\(place.file) is of another format") }
        let tenant = try connection.metaID("tenant")
        let device = try connection.metaID("device")
        let folder = StateFolder(root: place.stateRoot, device: device)
        let keys = try folder.keys()
        try connection.execute(Tables.retention)
        let state = try StoreWriter.state(of: connection, keys: keys)
        let writer = StoreWriter(
            connection,
            schema: schema,
            tenant: tenant,
            keys: keys,
            folder: folder,
            machine: place.machine,
            chance: chance,
            state: state
        )
        let doubt =
            isRestoring
            ? .restored : try writer.doubt(folder.mark(), wallMilliseconds: wallMilliseconds)
        try writer.transaction { () throws(StorageError) in
            try writer.openAudit(wallMilliseconds: wallMilliseconds)
            let kept = writer.state
            if let doubt {
                try writer.openReplica(doubt, wallMilliseconds: wallMilliseconds)
                try writer.auditRestore(doubt, wallMilliseconds: wallMilliseconds)
            }
            let needsIndexes = try writer.needsIndexes()
            try writer.upgrade()
            if needsIndexes { try writer.renewIndexes() }
            try connection.execute(Quotas.definition)
            try connection.execute(WitnessTables.definition)
            try writer.saveAuditHead(kept)
            writer.state.arePurgesStale = true
            try writer.settlePurges()
            try connection.endInterruptedJobs(wallMilliseconds)
        }
        writer.saveMark()
        writer.publisher.publish(writer.state)
        return Store(writer, at: place, lock: lock, device: device, reopened: doubt)
    }
}

// MARK: - Opening

extension StoreWriter {
    /// Why the store must go on as another replica; nil if it need not.
    fileprivate func doubt(
        _ mark: Mark?,
        wallMilliseconds: UInt64
    ) -> ReplicaStatement.Reason? {
        let held = state.lastIssued
        let own = state.own.statement.replica
        if let doubt = Mark.doubt(mark, replica: own, machine: machine, held: held) { return doubt }
        // A clock that was years ahead and was set right: its stamps would stay there for good.
        let validity = state.authority.inForce(state.own.author.binding.certificate).validity
        let (bound, _) = wallMilliseconds.addingReportingOverflow(HybridClock.boundMilliseconds)
        let isAhead = held.milliseconds > bound && validity.contains(wallMilliseconds)
        return isAhead ? .restored : nil
    }

    fileprivate static func state(
        of connection: Connection,
        keys: DeviceKeys
    ) throws(StorageError) -> State {
        let authority = try connection.authorityLog()
        guard let binding = try connection.binding(of: try connection.metaID("replica")) else {
            throw StorageError(.damaged, "the store's own replica is missing")
        }
        let own = try Self.own(binding, keys: keys, authority, on: connection)
        var state = State(
            position: max(try connection.lastPosition(), try connection.positionLeft()),
            authority: authority,
            own: own,
            lastIssued: try connection.lastTime(of: own.number)
        )
        state.attested = Int64(
            clamping: try connection.meta("attested")?.reduce(0) { $0 << 8 | UInt64($1) } ?? 0
        )
        return state
    }

    /// Runs work in a transaction of its own, before others may write.
    fileprivate func transaction(_ work: () throws(StorageError) -> Void) throws(StorageError) {
        try connection.execute("BEGIN IMMEDIATE")
        do throws(StorageError) {
            try work()
            try connection.execute("COMMIT")
        } catch {
            connection.rollback()
            throw error
        }
    }
}

extension Connection {
    /// The position that the log had reached when a scope was last dropped.
    func positionLeft() throws(StorageError) -> Int64 {
        Int64(clamping: try meta("position")?.reduce(0) { $0 << 8 | UInt64($1) } ?? 0)
    }

    func metaID(_ key: String) throws(StorageError) -> ID {
        guard let bytes = try meta(key), let id = ID(bytes) else {
            throw StorageError(.damaged, "\(key) is not in the store")
        }
        return id
    }
}

extension [UInt8] {
    init(bigEndian value: UInt64) {
        var writer = Writer()
        writer.u64(value)
        self = writer.bytes
    }

    init(bigEndian value: UInt32) {
        var writer = Writer()
        writer.u32(value)
        self = writer.bytes
    }
}
