/// The same rows in a plain SQLite table, with nothing else: what the ratios compare with.
final class RawTable {
    private let database: RawDatabase
    private let insertion: RawStatement

    var path: String { database.path }

    static let creation = """
        CREATE TABLE time_entry (
            id BLOB PRIMARY KEY NOT NULL, person BLOB, subject BLOB, stage BLOB,
            start INTEGER, end INTEGER, kind TEXT, task TEXT, note TEXT, billable INTEGER
        );
        """
    static let insertion = "INSERT INTO time_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

    init(at path: String) throws {
        database = try RawDatabase(at: path)
        try database.run(Self.creation)
        insertion = try database.prepare(Self.insertion)
    }

    func close() {
        insertion.finish()
        database.close()
    }

    /// Inserts rows in one transaction.
    func insert(_ rows: [TimeEntry]) throws {
        try database.transaction {
            for row in rows {
                insertion.bind(row)
                try insertion.run()
            }
        }
    }
}
