import CRDT
import CSQLite
import Foundation

/// The same rows in a plain SQLite table, with nothing else: what the ratios compare with.
///
/// The pragmas are those of the store: WAL, FULL, the same cache, the same checkpoints.
final class RawTable {
    struct Failure: Error { let code: Int32 }

    private let handle: OpaquePointer
    private let insertion: OpaquePointer
    let path: String

    init(at path: String) throws {
        self.path = path
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else { throw Failure(code: code) }
        handle = opened
        let setting = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16000;
            PRAGMA wal_autocheckpoint = 4000;
            CREATE TABLE time_entry (
                id BLOB PRIMARY KEY NOT NULL, person BLOB, subject BLOB, stage BLOB,
                start INTEGER, end INTEGER, kind TEXT, task TEXT, note TEXT, billable INTEGER
            );
            """
        let set = sqlite3_exec(handle, setting, nil, nil, nil)
        guard set == SQLITE_OK else { throw Failure(code: set) }
        var statement: OpaquePointer?
        let sql = "INSERT INTO time_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        let prepared = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard prepared == SQLITE_OK, let statement else { throw Failure(code: prepared) }
        insertion = statement
    }

    deinit { close() }

    private var isOpen = true

    /// Closes the file, which takes the write-ahead log into it.
    func close() {
        guard isOpen else { return }
        isOpen = false
        sqlite3_finalize(insertion)
        sqlite3_close_v2(handle)
    }

    /// Inserts rows in one transaction.
    func insert(_ rows: [TimeEntry]) throws {
        try run("BEGIN IMMEDIATE")
        for row in rows { try insert(row) }
        try run("COMMIT")
    }

    private func run(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw Failure(code: code) }
    }

    private func insert(_ row: TimeEntry) throws {
        bind(1, row.id)
        bind(2, row.person)
        bind(3, row.subject)
        bind(4, row.stage)
        sqlite3_bind_int64(insertion, 5, row.start)
        sqlite3_bind_int64(insertion, 6, row.end)
        bind(7, row.kind)
        bind(8, row.task)
        bind(9, row.note)
        sqlite3_bind_int64(insertion, 10, row.isBillable ? 1 : 0)
        let code = sqlite3_step(insertion)
        sqlite3_reset(insertion)
        guard code == SQLITE_DONE else { throw Failure(code: code) }
    }

    private func bind(_ place: Int32, _ id: ID) {
        withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { bytes in
            _ = sqlite3_bind_blob(
                insertion,
                place,
                bytes.baseAddress,
                Int32(bytes.count),
                csqlite_transient()
            )
        }
    }

    private func bind(_ place: Int32, _ text: String) {
        sqlite3_bind_text(insertion, place, text, -1, csqlite_transient())
    }
}
