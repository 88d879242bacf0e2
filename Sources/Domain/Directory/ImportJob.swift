import CRDT

/// What an import of a file came to: one fact an import, in the tenant scope.
///
/// - Source: DOM-168.
public struct ImportJob: Fact {
    /// What became of it.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case started = "STARTED"
        case inProgress = "IN_PROGRESS"
        case success = "SUCCESS"
        /// Some rows were refused.
        case warning = "WARNING"
        /// No row was taken.
        case error = "ERROR"
        case rollback = "ROLLBACK"

        /// Reads a status; the word INITIATED of older logs is STARTED.
        public init?(word: String) {
            self.init(rawValue: word == "INITIATED" ? Self.started.rawValue : word)
        }
    }

    public static let number: UInt32 = 76
    public static let entity = Entity(
        number,
        "import_job",
        in: [.tenant],
        form: .event(stream: []),
        writer: .hub,
        fields: [
            Field(1, "table", .text, .fixed),
            Field(2, "file", .text, .fixed),
            Field(3, "content", .bytes, .fixed),
            Field(4, "status", .text, .fixed),
            Field(5, "rows", .integer, .fixed),
            Field(6, "created", .integer, .fixed),
            Field(7, "changed", .integer, .fixed),
            Field(8, "unchanged", .integer, .fixed),
            Field(9, "refused", .integer, .fixed),
            Field(10, "errors", .text, .fixed),
            Field(11, "started_at", .integer, .fixed),
            Field(12, "completed_at", .integer, .fixed),
        ]
    )

    /// What kind of rows: companies.
    public var table: String
    /// The name of the file, without its folder.
    public var file: String
    /// The hash of the file.
    public var content: [UInt8]
    /// nil: of a newer version.
    public var status: Status?
    public var rows: Int64 = 0
    public var created: Int64 = 0
    public var changed: Int64 = 0
    public var unchanged: Int64 = 0
    public var refused: Int64 = 0
    /// A line a refused row: its place and what is wrong, joined by semicolons; nil: none.
    public var errors: String?
    /// Milliseconds since 1970.
    public var startedAt: Int64?
    public var completedAt: Int64?

    public init(_ table: String, file: String, content: [UInt8], _ status: Status) {
        self.table = table
        self.file = file
        self.content = content
        self.status = status
    }

    public init(_ fields: Fields) {
        table = fields.text(1) ?? ""
        file = fields.text(2) ?? ""
        content = fields.bytes(3) ?? []
        status = fields.text(4).flatMap(Status.init(word:))
        rows = fields.integer(5) ?? 0
        created = fields.integer(6) ?? 0
        changed = fields.integer(7) ?? 0
        unchanged = fields.integer(8) ?? 0
        refused = fields.integer(9) ?? 0
        errors = fields.text(10)
        startedAt = fields.integer(11)
        completedAt = fields.integer(12)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(1, table)
        values.set(2, file)
        values[3] = .bytes(content)
        values.set(4, status?.rawValue)
        values.set(5, rows)
        values.set(6, created)
        values.set(7, changed)
        values.set(8, unchanged)
        values.set(9, refused)
        values.set(10, errors)
        values.set(11, startedAt)
        values.set(12, completedAt)
        return values
    }
}
