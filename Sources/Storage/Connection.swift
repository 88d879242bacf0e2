import CSQLite

/// One handle on the store's file, with its compiled statements.
///
/// Used by one thread at a time: the writer under the commit queue, a reader under the lock of the
/// reader pool. That is what makes it safe to hand between threads.
///
/// - Invariant: A writer runs with `synchronous = FULL`; a reader cannot write and does not
///   checkpoint.
@safe
final class Connection: @unchecked Sendable {
    /// What a connection may do.
    enum Mode { case create, write, read, policy, copy }

    let handle: OpaquePointer
    private var isOpen = true
    private var statements: [String: PreparedStatement] = [:]
    /// Those that are run for every row, by where their text lies.
    private var hotStatements: [UInt: PreparedStatement] = [:]
    /// Those that the policy asks, whatever the person may see.
    private var statementsBeneath: [String: PreparedStatement] = [:]
    /// Those of this program on a policy reader, which nobody else may run.
    private var ownStatements: [String: PreparedStatement] = [:]
    /// Whether the policy itself is asking.
    var isBeneath = false
    /// For whom a policy reader reads; nil on any other connection.
    private(set) var session: PolicySession?
    /// How many statements were run, for tests that count.
    private(set) var statementCount = 0
    /// The statements that are compiled, for tests that count.
    var compiled: [PreparedStatement] { Array(statements.values) }
    /// The rows that repeat as small integers, as this connection knows them.
    let interned = Interned()
    /// The blocks of the log that were unpacked last.
    let unpacked = BlockCache()
    /// What statements of hubs make of changes, as this connection knows it.
    let standings = StandingCache()

    init(path: String, mode: Mode) throws(StorageError) {
        let flags: Int32 =
            switch mode {
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .copy: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_PRIVATECACHE
            case .write: SQLITE_OPEN_READWRITE
            case .read, .policy: SQLITE_OPEN_READONLY
            }
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            unsafe sqlite3_close_v2(opened)
            throw StorageError(.notAStore, "\(path) could not be opened (\(code))")
        }
        unsafe handle = opened
        unsafe sqlite3_extended_result_codes(handle, 1)
        unsafe sqlite3_busy_timeout(handle, Self.busyMilliseconds)
        do throws(StorageError) {
            try harden()
            try configure(mode)
            if mode == .policy { session = try shadowTables() }
        } catch {
            close()
            throw error
        }
    }

    deinit { close() }

    /// Pages that were asked for and not in the cache, since the handle was opened.
    var pagesRead: Int {
        var (current, highest): (Int32, Int32) = (0, 0)
        unsafe sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_MISS, &current, &highest, 0)
        return Int(current)
    }

    /// Closes the handle; whatever is asked of it later fails.
    func close() {
        guard isOpen else { return }
        isOpen = false
        statements = [:]
        hotStatements = [:]
        (statementsBeneath, ownStatements) = ([:], [:])
        unsafe sqlite3_close_v2(handle)
    }

    /// Readers and the writer never wait for each other in WAL; a foreign tool might hold the file.
    private static let busyMilliseconds: Int32 = 5_000
    /// Pages in the write-ahead log before the writer checkpoints: 16 MiB.
    private static let checkpointPages = 4_000

    private func harden() throws(StorageError) {
        for (flag, isOn) in [
            (SQLITE_DBCONFIG_DEFENSIVE, true), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (SQLITE_DBCONFIG_DQS_DML, false), (SQLITE_DBCONFIG_DQS_DDL, false),
            (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false),
        ] {
            unsafe csqlite_config_flag(handle, flag, isOn ? 1 : 0, nil)
        }
    }

    private func configure(_ mode: Mode) throws(StorageError) {
        try execute("PRAGMA cache_size = -16000")
        if mode == .copy { try execute("PRAGMA temp_store = MEMORY") }
        if mode == .policy || mode == .copy { return }
        if mode == .read {
            try execute("PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0")
            return
        }
        try execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        try execute("PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
        let level = try prepare("PRAGMA synchronous").first { $0.integer(0) }
        let journal = try prepare("PRAGMA journal_mode").first { $0.text(0) }
        guard level == 2, journal == "wal" else {
            throw StorageError(
                .database,
                "the file system allows no synced write-ahead log"
            )
        }
    }
}

// MARK: - Statements

extension Connection {
    /// The statement of a text, compiled once a connection.
    func prepare(_ sql: String) throws(StorageError) -> PreparedStatement {
        try requireOpen()
        statementCount &+= 1
        if isBeneath {
            if let statement = statementsBeneath[sql] { return statement }
            let statement = try unsafe PreparedStatement(sql, on: handle)
            statementsBeneath[sql] = statement
            return statement
        }
        if session?.isOwn == true {
            // Apart, so that nobody else is given one of these for the same text.
            if let statement = ownStatements[sql] { return statement }
            let statement = try unsafe PreparedStatement(sql, on: handle)
            ownStatements[sql] = statement
            return statement
        }
        if let statement = statements[sql] { return statement }
        if session != nil,
            let word = StatementText.forbidden(in: sql, StatementText.beneathViews)
        {
            throw StorageError(.inadmissible, "\(word) may not stand in a statement")
        }
        let statement = try unsafe PreparedStatement(sql, on: handle)
        statements[sql] = statement
        return statement
    }

    /// Runs what the policy itself has to know: nothing is hidden from it.
    ///
    /// Its statements are compiled apart, for those of the person may stand amid their rows.
    func beneath<T>(_ body: () throws(StorageError) -> T) throws(StorageError) -> T {
        let wasBeneath = isBeneath
        isBeneath = true
        defer { isBeneath = wasBeneath }
        return try body()
    }

    /// Runs a statement of this program that a policy reader lets nobody else run.
    func owning<T>(_ body: () throws(StorageError) -> T) throws(StorageError) -> T {
        let wasOwn = session?.isOwn ?? false
        session?.isOwn = true
        defer { session?.isOwn = wasOwn }
        return try body()
    }

    /// The statement of a text that stands in the program; found without reading the text.
    func prepare(hot sql: StaticString) throws(StorageError) -> PreparedStatement {
        try requireOpen()
        if isBeneath || session != nil { return try prepare("\(sql)") }
        let place = unsafe UInt(bitPattern: sql.utf8Start)
        guard let statement = hotStatements[place] else {
            let statement = try prepare("\(sql)")
            hotStatements[place] = statement
            return statement
        }
        statementCount &+= 1
        return statement
    }

    /// Runs statements that return nothing of interest.
    func execute(_ sql: String) throws(StorageError) {
        try requireOpen()
        statementCount &+= 1
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw unsafe StorageError(code, on: handle, doing: sql) }
    }

    private func requireOpen() throws(StorageError) {
        guard isOpen else { throw StorageError(.closed, "the store was closed") }
    }

    /// Rows changed since the connection was opened: tells whether a job wrote anything.
    var totalChanges: Int64 { isOpen ? unsafe sqlite3_total_changes64(handle) : 0 }

    /// Whether a transaction is open.
    var isInTransaction: Bool { unsafe isOpen && sqlite3_get_autocommit(handle) == 0 }

    /// Undoes an open transaction and forgets what was interned in it.
    func rollback() {
        if isInTransaction { unsafe sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
        interned.forget()
        unpacked.forget()
        standings.forget()
    }
}
