import CSQLite
import Synchronization

/// What a statement of a person gave.
public struct QueryAnswer: Hashable, Sendable {
    /// A value of a row.
    public enum Cell: Hashable, Sendable {
        case null
        case integer(Int64)
        case real(Double)
        case text(String)
        case bytes([UInt8])
    }

    public let columns: [String]
    public let rows: [[Cell]]
}

extension View {
    /// Runs one statement of a person, who sees what this view shows and nothing else.
    ///
    /// - Parameters:
    ///   - text: One statement that reads.
    ///   - limits: What it may cost.
    ///   - isOver: Whether it has taken too long; asked again and again.
    /// - Returns: All rows; there is no part of an answer.
    /// - Throws: ``QueryFault``, or what the disk says.
    /// - Source: DOM-240.
    public func query(
        _ text: String,
        _ limits: PrivateCopy.Limits = PrivateCopy.Limits(),
        isOver: @escaping () -> Bool = { false }
    ) throws -> QueryAnswer {
        try StatementText.check(text, limits)
        return try PrivateCopy.turn.withLock { _ in
            try PrivateCopy(self, namedIn: text, limits, isOver: isOver).answer(text, limits)
        }
    }
}

extension StatementText {
    /// - Throws: `tooLong`, `notOneStatement`, `forbiddenWord`.
    static func check(
        _ text: String,
        _ limits: PrivateCopy.Limits
    ) throws(QueryFault) {
        guard text.utf8.count <= limits.textBytes else {
            throw QueryFault(.tooLong, "a statement has at most \(limits.textBytes) bytes")
        }
        guard !text.utf8.contains(0) else {
            throw QueryFault(.notOneStatement, "a statement holds no zero byte")
        }
        if let word = forbidden(in: text, always) {
            throw QueryFault(.forbiddenWord, "\(word) may not stand in a statement")
        }
    }
}

extension PrivateCopy {
    fileprivate func answer(_ text: String, _ limits: Limits) throws(QueryFault) -> QueryAnswer {
        let statement = unsafe try compile(text)
        defer { unsafe sqlite3_finalize(statement) }
        let count = unsafe sqlite3_column_count(statement)
        let columns = (0..<count).map { column in
            unsafe sqlite3_column_name(statement, column).map { unsafe String(cString: $0) } ?? ""
        }
        var (rows, bytes): ([[QueryAnswer.Cell]], Int) = ([], 0)
        while true {
            let code = unsafe sqlite3_step(statement)
            if code == SQLITE_DONE { return QueryAnswer(columns: columns, rows: rows) }
            guard code == SQLITE_ROW else { throw fault(code) }
            let row = (0..<count).map { unsafe cell(statement, $0) }
            bytes += row.reduce(16) { $0 + $1.size }
            guard rows.count < limits.rows, bytes <= limits.answerBytes else {
                throw QueryFault(
                    .tooMuch,
                    "an answer has at most \(limits.rows) rows and \(limits.answerBytes) bytes"
                )
            }
            rows.append(row)
        }
    }

    /// Compiles the one statement of a text.
    private func compile(_ text: String) throws(QueryFault) -> OpaquePointer {
        var (compiled, rest): (OpaquePointer?, Int) = (nil, 0)
        var copy = text
        let code = copy.withUTF8 { buffer in
            var tail: UnsafePointer<CChar>?
            let start = unsafe UnsafeRawPointer(buffer.baseAddress)?
                .assumingMemoryBound(to: CChar.self)
            let code = unsafe sqlite3_prepare_v3(
                connection.handle,
                start,
                Int32(buffer.count),
                0,
                &compiled,
                &tail
            )
            if let start = unsafe start, let tail = unsafe tail {
                rest = unsafe tail - start
            }
            return code
        }
        guard code == SQLITE_OK else { throw fault(code) }
        let tail = text.utf8.dropFirst(rest)
        guard let compiled = unsafe compiled,
            tail.allSatisfy({ [0x20, 0x09, 0x0a, 0x0d, 0x3b].contains($0) })
        else {
            unsafe sqlite3_finalize(compiled)
            throw QueryFault(.notOneStatement, "give one statement")
        }
        guard unsafe sqlite3_stmt_readonly(compiled) != 0,
            unsafe sqlite3_stmt_isexplain(compiled) == 0,
            unsafe sqlite3_column_count(compiled) > 0
        else {
            unsafe sqlite3_finalize(compiled)
            throw QueryFault(.notReadOnly, "a statement only reads")
        }
        return unsafe compiled
    }

    /// What SQLite said last, without more than the statement said.
    private func fault(_ code: Int32) -> QueryFault {
        if let stop = session.stop { return stop }
        switch code & 0xff {
        case SQLITE_NOMEM: return QueryFault(.tooMuchMemory, "it needs too much memory")
        case SQLITE_TOOBIG: return QueryFault(.tooMuch, "a value or text of it is too long")
        case SQLITE_AUTH: return QueryFault(.notReadOnly, "that may not be asked for here")
        default:
            let message = unsafe String(cString: sqlite3_errmsg(connection.handle))
            return QueryFault(.notUnderstood, message)
        }
    }

    private func cell(_ statement: OpaquePointer, _ column: Int32) -> QueryAnswer.Cell {
        let row = unsafe RowReader(statement)
        return switch unsafe sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(row.integer(column))
        case SQLITE_FLOAT: .real(unsafe sqlite3_column_double(statement, column))
        case SQLITE_TEXT: .text(row.text(column))
        case SQLITE_BLOB: .bytes(row.bytes(column))
        default: .null
        }
    }
}

extension QueryAnswer.Cell {
    fileprivate var size: Int {
        switch self {
        case .null, .integer, .real: 16
        case .text(let text): text.utf8.count + 16
        case .bytes(let bytes): bytes.count + 16
        }
    }
}
