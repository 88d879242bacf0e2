import CRDT
import CSQLite
import Domain

// A reader whose tables are shadowed by views of what one person may read.

extension Connection {
    /// Puts the views in the place of the tables, and lets nothing else be asked from here on.
    ///
    /// The order counts: functions, views, limits, then the authorizer.
    func shadowTables() throws(StorageError) -> PolicySession {
        let nonce = try prepare("SELECT lower(hex(randomblob(16)))").first { $0.text(0) }
        guard let nonce, nonce.utf8.count == 32 else {
            throw StorageError(.database, "SQLite gave no random bytes")
        }
        let session = PolicySession(self, nonce: nonce)
        try addFunctions(of: session)
        let tables = try prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'")
            .all { $0.text(0) }
        for table in tables where !table.hasPrefix("sqlite_") {
            try shadow(table, session)
        }
        try execute("PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0")
        setPolicyLimits()
        setAuthorizer(session)
        return session
    }

    private func shadow(_ table: String, _ session: PolicySession) throws(StorageError) {
        let columns = try prepare("SELECT name FROM pragma_table_info(?)").bind(table)
            .all { $0.text(0) }
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        let values = columns.map { column in
            PolicyViews.expression(column, of: table, nonce: session.nonce)
        }
        let shown = PolicyViews.tables[table] ?? .nothing
        let beneath = "p\(session.nonce)_\(table)"
        try execute(
            """
            CREATE TEMP VIEW "\(beneath)" (\(names)) AS
                SELECT \(values.joined(separator: ", ")) FROM main."\(table)"
                WHERE \(PolicyViews.condition(shown, nonce: session.nonce));
            CREATE TEMP VIEW "\(table)" AS SELECT \(names) FROM temp."\(beneath)";
            """
        )
        session.shown.insert(table)
        session.beneath.insert(beneath)
    }
}

/// The session that a function or hook was made for.
private func policySession(at place: UnsafeMutableRawPointer?) -> Unmanaged<PolicySession>? {
    unsafe place.map { unsafe Unmanaged<PolicySession>.fromOpaque($0) }
}

private func answerRow(
    _ context: OpaquePointer?,
    _ count: Int32,
    _ values: UnsafeMutablePointer<OpaquePointer?>?
) {
    guard let session = unsafe policySession(at: sqlite3_user_data(context)),
        let values = unsafe values
    else { return }
    let reads = unsafe session._withUnsafeGuaranteedRef { session in
        unsafe session.reads(
            scope: sqlite3_value_int64(values[0]),
            entity: sqlite3_value_int64(values[1])
        ) {
            guard unsafe sqlite3_value_bytes(values[2]) == 16,
                let bytes = unsafe sqlite3_value_blob(values[2])
            else { return nil }
            return unsafe ID(Array(UnsafeRawBufferPointer(start: bytes, count: 16)))
        }
    }
    unsafe sqlite3_result_int(context, reads ? 1 : 0)
}

private func answerScope(
    _ context: OpaquePointer?,
    _ count: Int32,
    _ values: UnsafeMutablePointer<OpaquePointer?>?
) {
    guard let session = unsafe policySession(at: sqlite3_user_data(context)),
        let values = unsafe values
    else { return }
    let reads = unsafe session._withUnsafeGuaranteedRef { session in
        unsafe session.reads(scope: sqlite3_value_int64(values[0]))
    }
    unsafe sqlite3_result_int(context, reads ? 1 : 0)
}

private func answerWhole(
    _ context: OpaquePointer?,
    _ count: Int32,
    _ values: UnsafeMutablePointer<OpaquePointer?>?
) {
    guard let session = unsafe policySession(at: sqlite3_user_data(context)),
        let values = unsafe values
    else { return }
    let isWhole = unsafe session._withUnsafeGuaranteedRef { session in
        unsafe session.showsWhole(sqlite3_value_int64(values[0]))
    }
    unsafe sqlite3_result_int(context, isWhole ? 1 : 0)
}

private func answerBeneath(
    _ context: OpaquePointer?,
    _ count: Int32,
    _ values: UnsafeMutablePointer<OpaquePointer?>?
) {
    let session = unsafe policySession(at: sqlite3_user_data(context))
    let isBeneath = unsafe session?._withUnsafeGuaranteedRef { $0.isBeneath } ?? false
    unsafe sqlite3_result_int(context, isBeneath ? 1 : 0)
}

extension Connection {
    fileprivate func addFunctions(of session: PolicySession) throws(StorageError) {
        // No other answer for the same row within a statement, but for the policy's own look
        // beneath, whose statements are compiled apart.
        let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS
        let place = unsafe Unmanaged.passUnretained(session).toOpaque()
        func add(
            _ name: String,
            _ count: Int32,
            _ body: @escaping Function
        ) throws(StorageError) {
            let code = unsafe sqlite3_create_function_v2(
                handle,
                name + session.nonce,
                count,
                flags,
                place,
                body,
                nil,
                nil,
                nil
            )
            guard code == SQLITE_OK else {
                throw StorageError(.database, "a function of the policy was not made (\(code))")
            }
        }
        unsafe try add("r", 3, answerRow)
        unsafe try add("s", 1, answerScope)
        unsafe try add("k", 1, answerWhole)
        unsafe try add("b", 0, answerBeneath)
    }

    private typealias Function =
        @convention(c) (
            OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?
        ) -> Void

    fileprivate func setAuthorizer(_ session: PolicySession) {
        let place = unsafe Unmanaged.passUnretained(session).toOpaque()
        unsafe sqlite3_progress_handler(
            handle,
            PolicySession.stepsAtOnce,
            { place in
                let isOver =
                    unsafe policySession(at: place)?._withUnsafeGuaranteedRef { $0.isOver() }
                    ?? true
                return isOver ? 1 : 0
            },
            place
        )
        unsafe sqlite3_set_authorizer(
            handle,
            { place, action, first, second, database, inner in
                func text(_ pointer: UnsafePointer<CChar>?) -> String? {
                    unsafe pointer.map { unsafe String(cString: $0) }
                }
                let allows =
                    unsafe policySession(at: place)?._withUnsafeGuaranteedRef { session in
                        unsafe session.allows(
                            action,
                            text(first),
                            text(second),
                            text(database),
                            in: text(inner)
                        )
                    } ?? false
                return allows ? SQLITE_OK : SQLITE_DENY
            },
            place
        )
    }

    fileprivate func setPolicyLimits() {
        for (limit, most) in [
            (SQLITE_LIMIT_ATTACHED, 0), (SQLITE_LIMIT_LENGTH, 64 << 20),
            (SQLITE_LIMIT_SQL_LENGTH, 20_000), (SQLITE_LIMIT_EXPR_DEPTH, 100),
            (SQLITE_LIMIT_COMPOUND_SELECT, 10), (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100),
            (SQLITE_LIMIT_TRIGGER_DEPTH, 5), (SQLITE_LIMIT_WORKER_THREADS, 0),
            (SQLITE_LIMIT_COLUMN, 200), (SQLITE_LIMIT_FUNCTION_ARG, 16),
        ] {
            unsafe sqlite3_limit(handle, limit, Int32(most))
        }
    }
}
