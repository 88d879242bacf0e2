import CRDT
import CSQLite

/// A last-writer-wins table with a log, and nothing else: the least that merging rows costs.
///
/// Each row bears the time and the replica of its last write; each write is one row of a log, as
/// packed bytes. Nothing is signed, hashed or checked.
final class LastWriterTable {
    private let database: RawDatabase
    private let insertion: RawStatement
    private let merging: RawStatement
    private let logging: RawStatement
    private var time: Int64 = 1

    var path: String { database.path }

    init(at path: String) throws {
        database = try RawDatabase(at: path)
        try database.run(
            """
            CREATE TABLE time_entry (
                id BLOB PRIMARY KEY NOT NULL, person BLOB, subject BLOB, stage BLOB,
                start INTEGER, end INTEGER, kind TEXT, task TEXT, note TEXT, billable INTEGER,
                time INTEGER NOT NULL, replica INTEGER NOT NULL
            );
            CREATE TABLE log (number INTEGER PRIMARY KEY, row BLOB NOT NULL);
            """
        )
        let values = "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        insertion = try database.prepare("INSERT INTO time_entry \(values)")
        let columns = [
            "person", "subject", "stage", "start", "end", "kind", "task", "note", "billable",
            "time", "replica",
        ]
        let updates = columns.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        merging = try database.prepare(
            """
            INSERT INTO time_entry \(values) ON CONFLICT (id) DO UPDATE SET \(updates)
            WHERE (excluded.time, excluded.replica) > (time, replica)
            """
        )
        logging = try database.prepare("INSERT INTO log (row) VALUES (?)")
    }

    func close() {
        for statement in [insertion, merging, logging] { statement.finish() }
        database.close()
    }

    /// Writes new rows in one transaction.
    func insert(_ rows: [TimeEntry]) throws {
        try database.transaction {
            for row in rows { try write(row, by: insertion, replica: 1) }
        }
    }

    /// Takes rows of another replica in one transaction: each where it is later than what is there.
    func merge(_ rows: [TimeEntry]) throws {
        try database.transaction {
            for row in rows { try write(row, by: merging, replica: 2) }
        }
    }

    private func write(_ row: TimeEntry, by statement: RawStatement, replica: Int64) throws {
        time += 1
        statement.bind(row)
        statement.bind(11, time)
        statement.bind(12, replica)
        try statement.run()
        logging.bind(1, bytes: row.packed)
        try logging.run()
    }
}
