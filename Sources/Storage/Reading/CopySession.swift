import CSQLite

/// Why a statement of a person was not answered.
public struct QueryFault: Error, Hashable, Sendable {
    /// The kinds of fault.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// A word that no statement may hold.
        case forbiddenWord = "forbidden-word"
        /// No statement, or more than one.
        case notOneStatement = "not-one-statement"
        /// It would write, or ask how it would be run.
        case notReadOnly = "not-read-only"
        /// SQLite does not understand it, or finds no such table or column, or may not do it.
        case notUnderstood = "not-understood"
        /// The text is too long.
        case tooLong = "too-long"
        /// What may be read is too much to copy.
        case tooLarge = "too-large"
        /// The answer has too many rows or bytes.
        case tooMuch = "too-much"
        /// It took too long.
        case tooSlow = "too-slow"
        /// It needed too much memory.
        case tooMuchMemory = "too-much-memory"
    }

    public let code: Code
    /// For people, never parsed; it names nothing that the statement does not.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// What a private copy lets its one statement do and need.
final class CopySession {
    var tables: Set<String> = []
    private let limits: PrivateCopy.Limits
    private let isOver: () -> Bool
    private var memoryStart: Int64?
    private var steps = 0
    /// Why the statement was stopped.
    private(set) var stop: QueryFault?

    init(_ limits: PrivateCopy.Limits, isOver: @escaping () -> Bool) {
        self.limits = limits
        self.isOver = isOver
    }

    /// Looks at what was needed so far: whether to stop.
    func shallStop() -> Bool {
        steps += PrivateCopy.Limits.stepsAtOnce
        let used = sqlite3_memory_used()
        let start = memoryStart ?? used
        memoryStart = start
        if used - start > limits.memoryBytes {
            stop = QueryFault(.tooMuchMemory, "it needs more than \(limits.memoryBytes) bytes")
        } else if steps > limits.steps || isOver() {
            stop = QueryFault(.tooSlow, "it takes too long")
        }
        return stop != nil
    }

    private static let functions: Set<String> = PolicySession.functions.union([
        "char", "cume_dist", "date", "datetime", "dense_rank", "first_value", "glob", "iif",
        "json_array_length", "json_extract", "json_group_array", "json_valid", "julianday", "lag",
        "last_value", "lead", "ltrim", "nth_value", "ntile", "percent_rank", "rank", "row_number",
        "rtrim", "sign", "strftime", "time", "unicode", "->", "->>",
    ])

    /// Whether a step of compiling is allowed; whatever is not named is not.
    func allows(_ action: Int32, _ first: String?, _ second: String?) -> Bool {
        switch action {
        case SQLITE_SELECT, SQLITE_RECURSIVE: true
        case SQLITE_FUNCTION: second.map { Self.functions.contains($0.lowercased()) } ?? false
        // A table of which no column is asked for may be a name that the statement itself gives.
        case SQLITE_READ: first.map { tables.contains($0) || second == "" } ?? false
        default: false
        }
    }
}

extension Connection {
    /// From here on the copy answers, and does nothing else.
    func lock(_ session: CopySession) {
        let place = unsafe Unmanaged.passUnretained(session).toOpaque()
        for (limit, most) in [
            (SQLITE_LIMIT_ATTACHED, 0), (SQLITE_LIMIT_LENGTH, 1_000_000),
            (SQLITE_LIMIT_SQL_LENGTH, 20_000), (SQLITE_LIMIT_EXPR_DEPTH, 100),
            (SQLITE_LIMIT_COMPOUND_SELECT, 10), (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100),
            (SQLITE_LIMIT_TRIGGER_DEPTH, 1), (SQLITE_LIMIT_WORKER_THREADS, 0),
            (SQLITE_LIMIT_COLUMN, 200), (SQLITE_LIMIT_FUNCTION_ARG, 16),
            (SQLITE_LIMIT_VDBE_OP, 50_000),
        ] {
            unsafe sqlite3_limit(handle, limit, Int32(most))
        }
        unsafe sqlite3_progress_handler(
            handle,
            Int32(PrivateCopy.Limits.stepsAtOnce),
            { place in
                guard let place = unsafe place else { return 1 }
                let session = unsafe Unmanaged<CopySession>.fromOpaque(place)
                return unsafe session._withUnsafeGuaranteedRef { $0.shallStop() } ? 1 : 0
            },
            place
        )
        unsafe sqlite3_set_authorizer(
            handle,
            { place, action, first, second, _, _ in
                guard let place = unsafe place else { return SQLITE_DENY }
                func text(_ pointer: UnsafePointer<CChar>?) -> String? {
                    unsafe pointer.map { unsafe String(cString: $0) }
                }
                let session = unsafe Unmanaged<CopySession>.fromOpaque(place)
                let allows = unsafe session._withUnsafeGuaranteedRef { session in
                    unsafe session.allows(action, text(first), text(second))
                }
                return allows ? SQLITE_OK : SQLITE_DENY
            },
            place
        )
    }
}
