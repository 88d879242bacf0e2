import CSQLite
import Foundation

/// The same table under SQLite's session extension: changesets of rows, and their application.
///
/// The extension's functions are looked up when they are needed, since not every build of SQLite
/// has them.
final class ChangesetTable {
    private typealias Create =
        @convention(c) (
            OpaquePointer, UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>
        ) -> Int32
    private typealias Attach = @convention(c) (OpaquePointer, UnsafePointer<CChar>?) -> Int32
    private typealias Changeset =
        @convention(c) (
            OpaquePointer, UnsafeMutablePointer<Int32>,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>
        ) -> Int32
    private typealias Delete = @convention(c) (OpaquePointer) -> Void
    private typealias Conflict =
        @convention(c) (UnsafeMutableRawPointer?, Int32, OpaquePointer?) -> Int32
    private typealias Apply =
        @convention(c) (
            OpaquePointer, Int32, UnsafeRawPointer?, OpaquePointer?, Conflict,
            UnsafeMutableRawPointer?
        ) -> Int32

    private let database: RawDatabase
    private let insertion: RawStatement
    private let create: Create
    private let attach: Attach
    private let changeset: Changeset
    private let delete: Delete
    private let application: Apply

    var path: String { database.path }

    /// Nil if this build of SQLite has no sessions.
    init?(at path: String) throws {
        guard let create = Self.function("sqlite3session_create", Create.self),
            let attach = Self.function("sqlite3session_attach", Attach.self),
            let changeset = Self.function("sqlite3session_changeset", Changeset.self),
            let delete = Self.function("sqlite3session_delete", Delete.self),
            let application = Self.function("sqlite3changeset_apply", Apply.self)
        else { return nil }
        (self.create, self.attach, self.changeset) = (create, attach, changeset)
        (self.delete, self.application) = (delete, application)
        database = try RawDatabase(at: path)
        try database.run(RawTable.creation)
        insertion = try database.prepare(RawTable.insertion)
    }

    private static func function<Function>(_ name: String, _: Function.Type) -> Function? {
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), name) else { return nil }
        return unsafeBitCast(symbol, to: Function.self)
    }

    func close() {
        insertion.finish()
        database.close()
    }

    /// Inserts rows in one transaction.
    ///
    /// - Returns: Their changeset.
    func insert(_ rows: [TimeEntry]) throws -> [UInt8] {
        var created: OpaquePointer?
        try check(create(database.handle, "main", &created))
        guard let session = created else { throw RawDatabase.Failure(code: SQLITE_NOMEM) }
        defer { delete(session) }
        try check(attach(session, nil))
        try database.transaction {
            for row in rows {
                insertion.bind(row)
                try insertion.run()
            }
        }
        var count: Int32 = 0
        var bytes: UnsafeMutableRawPointer?
        try check(changeset(session, &count, &bytes))
        defer { sqlite3_free(bytes) }
        return Array(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }

    /// Applies a changeset in a transaction of its own; what is there wins.
    func apply(_ changeset: [UInt8]) throws {
        try changeset.withUnsafeBytes { bytes in
            let count = Int32(bytes.count)
            // 0 is SQLITE_CHANGESET_OMIT.
            let keep: Conflict = { _, _, _ in 0 }
            try check(application(database.handle, count, bytes.baseAddress, nil, keep, nil))
        }
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw RawDatabase.Failure(code: code) }
    }
}
