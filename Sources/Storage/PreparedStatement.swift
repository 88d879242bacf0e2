import CRDT
import CSQLite

/// One SQL statement, compiled once and stepped many times through SQLite's own interface.
///
/// Rows by way of a general mapping cost ten times more than the statement itself; the store's hot
/// paths bind and read columns by position instead.
///
/// Belongs to one connection and is used on that connection's queue only.
///
/// - Invariant: Between uses the statement is reset and holds no bindings.
@safe
final class PreparedStatement {
    private let connection: OpaquePointer
    private let statement: OpaquePointer
    /// Rows given since the statement was compiled, for tests that count.
    private(set) var rowCount = 0
    /// Where the next parameter is bound, from 1.
    private var parameter: Int32 = 1

    init(_ sql: String, on connection: OpaquePointer) throws(StorageError) {
        var compiled: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            connection,
            sql,
            -1,
            UInt32(SQLITE_PREPARE_PERSISTENT),
            &compiled,
            nil
        )
        guard code == SQLITE_OK, let compiled = unsafe compiled else {
            throw unsafe StorageError(code, on: connection, doing: sql)
        }
        unsafe self.connection = connection
        unsafe statement = compiled
    }

    deinit {
        unsafe sqlite3_finalize(statement)
    }
}

extension PreparedStatement {
    /// Steps that SQLite's machine has made for the statement.
    var stepCount: Int {
        Int(unsafe sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0))
    }
}

// MARK: - Binding, in the order of the parameters

extension PreparedStatement {
    @discardableResult
    func bind(_ value: Int64) -> PreparedStatement {
        unsafe sqlite3_bind_int64(statement, next(), value)
        return self
    }

    /// Binds a hybrid time or another 64-bit number; order is kept below 2^63.
    @discardableResult
    func bind(bits value: UInt64) -> PreparedStatement {
        bind(Int64(bitPattern: value))
    }

    @discardableResult
    func bind(_ value: [UInt8]) -> PreparedStatement {
        unsafe value.withUnsafeBytes { unsafe bind($0) }
        return self
    }

    @discardableResult
    func bind(_ id: ID) -> PreparedStatement {
        unsafe withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { unsafe bind($0) }
        return self
    }

    @discardableResult
    func bind(_ hash: Hash) -> PreparedStatement {
        let words = hash.words
        let stored = (
            words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
        )
        unsafe withUnsafeBytes(of: stored) { unsafe bind($0) }
        return self
    }

    private func bind(_ buffer: UnsafeRawBufferPointer) {
        let place = next()
        guard let base = buffer.baseAddress else {
            unsafe sqlite3_bind_zeroblob(statement, place, 0)
            return
        }
        let count = UInt64(buffer.count)
        unsafe sqlite3_bind_blob64(statement, place, base, count, csqlite_transient())
    }

    @discardableResult
    func bind(_ value: String) -> PreparedStatement {
        let place = next()
        var text = value
        text.withUTF8 { buffer in
            let base = unsafe UnsafeRawPointer(buffer.baseAddress)?
                .assumingMemoryBound(to: CChar.self)
            _ = unsafe sqlite3_bind_text64(
                statement,
                place,
                base,
                UInt64(buffer.count),
                csqlite_transient(),
                UInt8(SQLITE_UTF8)
            )
        }
        return self
    }

    @discardableResult
    func bindNull() -> PreparedStatement {
        unsafe sqlite3_bind_null(statement, next())
        return self
    }

    private func next() -> Int32 {
        defer { parameter += 1 }
        return parameter
    }
}

// MARK: - Running

extension PreparedStatement {
    /// Runs a statement that returns no rows.
    func run() throws(StorageError) {
        defer { reset() }
        _ = try step()
    }

    /// Returns what `read` makes of the first row; nil if there is none.
    func first<T>(_ read: (borrowing RowReader) -> T) throws(StorageError) -> T? {
        defer { reset() }
        return try step() ? read(unsafe RowReader(statement)) : nil
    }

    /// Returns what `read` makes of each row.
    func all<T>(_ read: (borrowing RowReader) -> T) throws(StorageError) -> [T] {
        var rows: [T] = []
        try forEach { row in
            rows.append(read(row))
            return true
        }
        return rows
    }

    /// Hands over row by row until `body` returns false.
    func forEach(
        _ body: (borrowing RowReader) throws(StorageError) -> Bool
    ) throws(StorageError) {
        defer { reset() }
        while try step() {
            guard try body(unsafe RowReader(statement)) else { return }
        }
    }

    private func step() throws(StorageError) -> Bool {
        let code = unsafe sqlite3_step(statement)
        switch code {
        case SQLITE_ROW:
            rowCount &+= 1
            return true
        case SQLITE_DONE: return false
        default:
            throw unsafe StorageError(
                code,
                on: connection,
                doing: String(cString: sqlite3_sql(statement))
            )
        }
    }

    private func reset() {
        unsafe sqlite3_reset(statement)
        unsafe sqlite3_clear_bindings(statement)
        parameter = 1
    }
}

/// The columns of the row that a statement stands on, by position from 0.
@safe
struct RowReader: ~Copyable {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) {
        unsafe self.statement = statement
    }

    /// How many columns the row has.
    var count: Int32 { unsafe sqlite3_column_count(statement) }

    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(statement, column)
    }

    func bits(_ column: Int32) -> UInt64 {
        UInt64(bitPattern: integer(column))
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let base = unsafe sqlite3_column_blob(statement, column) else { return [] }
        let count = Int(unsafe sqlite3_column_bytes(statement, column))
        return unsafe Array(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// An id; nil for a blob of another length than 16.
    func id(_ column: Int32) -> ID? {
        guard let base = unsafe blob(column, of: 16) else { return nil }
        return ID(high: unsafe word(base, 0), low: unsafe word(base, 1))
    }

    /// A hash; nil for a blob of another length than 32.
    func hash(_ column: Int32) -> Hash? {
        guard let base = unsafe blob(column, of: 32) else { return nil }
        return Hash(
            words: (
                unsafe word(base, 0), unsafe word(base, 1), unsafe word(base, 2),
                unsafe word(base, 3)
            )
        )
    }

    private func blob(_ column: Int32, of length: Int32) -> UnsafeRawPointer? {
        guard let base = unsafe sqlite3_column_blob(statement, column),
            unsafe sqlite3_column_bytes(statement, column) == length
        else { return nil }
        return unsafe base
    }

    private func word(_ base: UnsafeRawPointer, _ index: Int) -> UInt64 {
        let word = unsafe base.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
        return UInt64(bigEndian: word)
    }

    func text(_ column: Int32) -> String {
        String(decoding: bytes(column), as: UTF8.self)
    }
}

extension StorageError {
    /// Translates SQLite's last error on a connection.
    init(_ code: Int32, on connection: OpaquePointer, doing sql: String) {
        let message = unsafe String(cString: sqlite3_errmsg(connection))
        let kind: Code =
            switch code & 0xff {
            case SQLITE_FULL: .full
            case SQLITE_NOTADB: .notAStore
            case SQLITE_CORRUPT: .damaged
            case SQLITE_BUSY, SQLITE_LOCKED: .inUse
            default: .database
            }
        self.init(kind, "\(message) (\(code)) in: \(sql)")
    }
}
