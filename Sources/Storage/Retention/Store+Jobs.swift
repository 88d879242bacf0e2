/// Something that a node did by itself or was told to do, as its own log has it.
///
/// - Source: TV-057; of this node alone.
public struct JobRecord: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case retention
        case backup
        case restoreTest = "restore_test"
        case health
    }

    public enum Status: String, Hashable, Sendable {
        case running = "RUNNING"
        case completed = "COMPLETED"
        case failed = "FAILED"
    }

    public let number: Int64
    public let kind: Kind
    public let status: Status
    /// Milliseconds since 1970.
    public let started: UInt64
    /// nil while it runs.
    public let finished: UInt64?
    /// The size of what it wrote; nil: nothing.
    public let bytes: Int64?
    /// The file that it wrote; empty: none.
    public let place: String
    /// What became of it, for people.
    public let message: String

    public var durationSeconds: UInt64? { finished.map { ($0 - min(started, $0)) / 1_000 } }
}

extension Store {
    /// Begins a job.
    public func beginJob(
        _ kind: JobRecord.Kind,
        at wallMilliseconds: UInt64
    ) throws(StorageError) -> Int64 {
        try writing { writer throws(StorageError) in
            let number = try writer.connection.prepare(
                """
                INSERT INTO job (kind, status, started, place, message)
                VALUES (?, 'RUNNING', ?, '', '') RETURNING number
                """
            )
            .bind(kind.rawValue).bind(bits: wallMilliseconds).first { $0.integer(0) }
            guard let number else { throw StorageError(.database, "a job was not inserted") }
            return number
        }
    }

    /// Ends a job, well or not.
    public func endJob(
        _ number: Int64,
        as status: JobRecord.Status,
        at wallMilliseconds: UInt64,
        wrote place: String = "",
        bytes: Int64? = nil,
        message: String
    ) throws(StorageError) {
        try writing { writer throws(StorageError) in
            let statement = try writer.connection.prepare(
                """
                UPDATE job SET status = ?, finished = ?, place = ?, message = ?, bytes = ?
                WHERE number = ?
                """
            )
            .bind(status.rawValue).bind(bits: wallMilliseconds).bind(place).bind(message)
            _ = bytes.map { statement.bind($0) } ?? statement.bindNull()
            try statement.bind(number).run()
        }
    }

    /// The jobs of a kind, or all, the last first.
    public func jobs(
        _ kind: JobRecord.Kind? = nil,
        limit: Int = 100
    ) throws(StorageError) -> [JobRecord] {
        try reading { connection throws(StorageError) in
            try connection.prepare(
                """
                SELECT number, kind, status, started, finished, bytes, place, message FROM job
                WHERE ?1 = '' OR kind = ?1 ORDER BY number DESC LIMIT ?2
                """
            )
            .bind(kind?.rawValue ?? "").bind(Int64(limit))
            .all { row -> JobRecord? in
                guard let kind = JobRecord.Kind(rawValue: row.text(1)),
                    let status = JobRecord.Status(rawValue: row.text(2))
                else { return nil }
                return JobRecord(
                    number: row.integer(0),
                    kind: kind,
                    status: status,
                    started: row.bits(3),
                    finished: row.isNull(4) ? nil : row.bits(4),
                    bytes: row.isNull(5) ? nil : row.integer(5),
                    place: row.text(6),
                    message: row.text(7)
                )
            }
            .compactMap(\.self)
        }
    }
}

extension Connection {
    /// A job that was running when the process ended did not end well.
    func endInterruptedJobs(_ wallMilliseconds: UInt64) throws(StorageError) {
        try prepare(
            """
            UPDATE job SET status = 'FAILED', finished = ?, message = 'the process ended'
            WHERE status = 'RUNNING'
            """
        )
        .bind(bits: wallMilliseconds).run()
    }
}
