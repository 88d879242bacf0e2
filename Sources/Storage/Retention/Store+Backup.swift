import Bytes
public import CRDT
public import Domain
import Identity
import Wire

/// A copy of a store's file, as a check of it found it.
public struct BackupSummary: Hashable, Sendable {
    public let tenant: ID
    public let device: ID
    public let replica: ID
    /// When it was made, milliseconds since 1970.
    public let time: UInt64
    /// Over the state hashes of all scopes (CHG-19).
    public let state: Hash
    public let report: VerifyReport
    public let bytes: Int64
}

/// What a backup says of itself: the state that it shall have.
private struct BackupStatement {
    static let key = "backup"
    var time: UInt64
    var state: Hash

    var encoded: [UInt8] {
        var writer = Writer(capacity: 64)
        writer.tag("gemba/backup/1")
        writer.u64(time)
        writer.hash(state)
        return writer.bytes
    }

    init(time: UInt64, state: Hash) {
        self.time = time
        self.state = state
    }

    init?(decoding bytes: [UInt8]) {
        var reader = Reader(bytes)
        do throws(Malformed) {
            try reader.tag("gemba/backup/1")
            time = try reader.u64("time")
            state = try reader.hash("state")
            try reader.end("backup")
        } catch {
            return nil
        }
    }
}

extension Store {
    /// Local values that go into no backup: logins, and what people are known by.
    private static let privateKeys = [
        "credential", "badge-key", "badge-owner/", "login", "lockout/", "attempt/", "personal-key/",
    ]

    /// Writes a whole copy of the store's file, without keys, and checks it: it opens as another
    /// replica.
    ///
    /// The file gets its name only once it was opened, all its hashes were computed again, and its
    /// state was found to be the one that was copied.
    ///
    /// - Throws: `.exists` if there is a file of that name, `.damaged` if the copy is not whole.
    /// - Source: RET-12.
    @discardableResult
    public func backup(
        to path: String,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> BackupSummary {
        guard !Files.exists(path) else { throw StorageError(.exists, "\(path) is there already") }
        let partial = path + ".new"
        Files.remove([partial, partial + "-journal", partial + "-wal", partial + "-shm"])
        do throws(StorageError) {
            try Files.replace(partial, with: [], isDurable: false)
            // VACUUM INTO writes, if not to this file, and so not on a reader.
            let connection = try Connection(path: place.file, mode: .write)
            try connection.prepare("VACUUM INTO ?").bind(partial).run()
            connection.close()
            try state(in: partial, at: wallMilliseconds)
            let summary = try Self.checkBackup(at: partial, schema: schema)
            try Files.sync(partial)
            try Files.move(partial, to: path)
            try Files.syncFolder(of: path)
            return summary
        } catch {
            Files.remove([partial, partial + "-journal", partial + "-wal", partial + "-shm"])
            throw error
        }
    }

    /// Takes what is private out of a copy, and writes into it what it shall hold.
    private func state(in path: String, at wall: UInt64) throws(StorageError) {
        let copy = try Connection(path: path, mode: .write)
        defer { copy.close() }
        // What is deleted is overwritten: nothing of it is left between the rows.
        try copy.execute("PRAGMA secure_delete = ON")
        for prefix in Self.privateKeys {
            try copy.prepare("DELETE FROM local WHERE substr(key, 1, length(?1)) = ?1")
                .bind(prefix).run()
        }
        let hash = try copy.overallState(schema, tenant)
        try copy.setMeta(
            BackupStatement.key,
            BackupStatement(time: wall, state: hash).encoded
        )
        try copy.execute("PRAGMA journal_mode = DELETE")
    }

    /// Opens a copy, reads all of it, and compares it with what it says of itself.
    ///
    /// Nothing is written, neither to the copy nor beside it.
    ///
    /// - Throws: `.missing`, `.notAStore`, `.damaged` with what is wrong.
    public static func checkBackup(
        at path: String,
        schema: Schema
    ) throws(StorageError) -> BackupSummary {
        guard Files.exists(path) else { throw StorageError(.missing, "there is no \(path)") }
        let connection = try Connection(path: path, mode: .read)
        defer { connection.close() }
        guard
            try connection.prepare("PRAGMA user_version").first({ $0.integer(0) }) == Tables.format
        else { throw StorageError(.notAStore, "\(path) is no copy of a store") }
        guard let said = try connection.meta(BackupStatement.key),
            let statement = BackupStatement(decoding: said)
        else { throw StorageError(.notAStore, "\(path) is a store, and no backup") }
        let integrity = try connection.prepare("PRAGMA integrity_check").all { $0.text(0) }
        guard integrity == ["ok"] else {
            throw StorageError(.damaged, "\(path): \(integrity.first ?? "integrity")")
        }
        for prefix in privateKeys {
            let found = try connection.prepare(
                "SELECT 1 FROM local WHERE substr(key, 1, length(?1)) = ?1"
            ).bind(prefix).first { $0.integer(0) }
            guard found == nil else { throw StorageError(.exposed, "\(path) holds secrets") }
        }
        let tenant = try connection.tenant()
        let authority = try connection.authorityLog()
        let report = try verify(connection, schema, tenant, authority)
        guard let fault = report.faults.first else {
            let state = try connection.overallState(schema, tenant)
            guard state == statement.state else {
                throw StorageError(.damaged, "\(path): its state is not the one that was copied")
            }
            let pages = try connection.prepare(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
            ).first { $0.integer(0) }
            return BackupSummary(
                tenant: tenant,
                device: try connection.metaID("device"),
                replica: try connection.metaID("replica"),
                time: statement.time,
                state: state,
                report: report,
                bytes: pages ?? 0
            )
        }
        throw StorageError(.damaged, "\(path): \(fault)")
    }

    /// Puts a backup where no store is, and opens it as another replica of its device.
    ///
    /// The keys of the device must lie where they lay; a backup has none.
    ///
    /// - Throws: `.exists` if there is a store, `.noKeys`, and what checking the backup does.
    /// - Source: RET-13.
    public static func restore(
        _ path: String,
        at place: Place,
        schema: Schema,
        wallMilliseconds: UInt64,
        chance: Chance
    ) throws(StorageError) -> Store {
        let summary = try checkBackup(at: path, schema: schema)
        // Better to say so before anything is written.
        _ = try StateFolder(root: place.stateRoot, device: summary.device).keys()
        try Files.makeFolder(place.directory)
        try Files.requirePrivate(place.directory)
        let lock = try DirectoryLock(place.directory)
        guard !exists(at: place.directory) else {
            throw StorageError(.exists, "\(place.directory) holds a store: move it away first")
        }
        let partial = place.file + ".new"
        Files.remove([partial, partial + "-wal", partial + "-shm"])
        try Files.copy(path, to: partial)
        // The old log of a store that is gone must not be taken for this one's.
        Files.remove([place.file + "-wal", place.file + "-shm"])
        try Files.move(partial, to: place.file)
        try Files.syncFolder(of: place.file)
        return try open(
            at: place,
            lock: lock,
            schema: schema,
            wallMilliseconds: wallMilliseconds,
            chance: chance,
            isRestoring: true
        )
    }
}

extension Connection {
    /// One hash over the state hashes of all scopes.
    fileprivate func overallState(
        _ schema: Schema,
        _ tenant: ID
    ) throws(StorageError) -> Hash {
        let folding = Folder(connection: self, schema: schema, tenant: tenant)
        var writer = Writer(capacity: 4_096)
        writer.tag("gemba/backup-state/1")
        for (scope, number, _) in try heldScopes() {
            writer.scope(scope)
            writer.hash(try folding.stateHash(of: scope, number))
        }
        return Hash(of: writer.bytes)
    }
}
