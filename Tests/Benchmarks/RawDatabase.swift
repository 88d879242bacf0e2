import CRDT
import CSQLite

/// A plain SQLite file with the pragmas of the store: WAL, FULL, the same cache and checkpoints.
final class RawDatabase {
    struct Failure: Error { let code: Int32 }

    let handle: OpaquePointer
    let path: String
    private var isOpen = true

    init(at path: String) throws {
        self.path = path
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else { throw Failure(code: code) }
        handle = opened
        try run(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;
            PRAGMA wal_autocheckpoint = 4000;
            """
        )
    }

    deinit { close() }

    /// Closes the file, which takes the write-ahead log into it.
    func close() {
        guard isOpen else { return }
        isOpen = false
        sqlite3_close_v2(handle)
    }

    func run(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw Failure(code: code) }
    }

    func transaction(_ body: () throws -> Void) throws {
        try run("BEGIN IMMEDIATE")
        try body()
        try run("COMMIT")
    }

    func prepare(_ sql: String) throws -> RawStatement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard code == SQLITE_OK, let statement else { throw Failure(code: code) }
        return RawStatement(statement)
    }
}

/// A compiled statement of a plain file.
final class RawStatement {
    private let handle: OpaquePointer
    private var isOpen = true

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { finish() }

    func finish() {
        guard isOpen else { return }
        isOpen = false
        sqlite3_finalize(handle)
    }

    /// Runs a statement that gives no rows.
    func run() throws {
        let code = sqlite3_step(handle)
        sqlite3_reset(handle)
        guard code == SQLITE_DONE else { throw RawDatabase.Failure(code: code) }
    }

    func bind(_ place: Int32, _ number: Int64) { sqlite3_bind_int64(handle, place, number) }

    func bind(_ place: Int32, _ text: String) {
        sqlite3_bind_text(handle, place, text, -1, csqlite_transient())
    }

    func bind(_ place: Int32, bytes: [UInt8]) {
        sqlite3_bind_blob(handle, place, bytes, Int32(bytes.count), csqlite_transient())
    }

    func bind(_ place: Int32, _ id: ID) {
        withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { bytes in
            _ = sqlite3_bind_blob(
                handle,
                place,
                bytes.baseAddress,
                Int32(bytes.count),
                csqlite_transient()
            )
        }
    }

    /// Binds the ten columns of a row.
    func bind(_ row: TimeEntry) {
        bind(1, row.id)
        bind(2, row.person)
        bind(3, row.subject)
        bind(4, row.stage)
        bind(5, row.start)
        bind(6, row.end)
        bind(7, row.kind)
        bind(8, row.task)
        bind(9, row.note)
        bind(10, row.isBillable ? 1 : 0)
    }
}
