import Domain

/// How a file is imported.
public struct ImportOptions: Hashable, Sendable {
    /// Only say what would be done.
    public var isDryRun = false
    /// The day from which the days of the file are counted, YYYY-MM-DD.
    public var startDay: String?

    public init() {}
}

/// What an import of a file came to.
///
/// JSON: `{"table", "rows", "created", "changed", "unchanged", "merged", "refused", "dry_run",
/// "errors": [{"row", "reasons"}]}`.
public struct ImportReport: Hashable, Sendable {
    /// A row that was not taken.
    public struct Refusal: Hashable, Sendable {
        /// Which row or item of the file.
        public let row: String
        /// All that is wrong with it, joined by semicolons.
        public let reasons: String
    }

    public let table: RecordTable
    public let isDryRun: Bool
    public let rows: Int
    public let created: Int
    public let changed: Int
    public let unchanged: Int
    /// Rows that were one with an earlier row.
    public let merged: Int
    /// In the order of the file.
    public let refused: [Refusal]

    public var json: JSON {
        [
            "table": .text(table.rawValue), "rows": .number(rows), "created": .number(created),
            "changed": .number(changed), "unchanged": .number(unchanged),
            "merged": .number(merged), "refused": .number(refused.count),
            "dry_run": .bool(isDryRun),
            "errors": .list(refused) { ["row": .text($0.row), "reasons": .text($0.reasons)] },
        ]
    }

    public var lines: [String] {
        let verb = isDryRun ? "would be " : ""
        let done = "\(created) \(verb)created, \(changed) \(verb)changed, \(unchanged) unchanged"
        let first = created + changed == 0 ? "nothing new: \(unchanged) unchanged" : done
        return ["\(table.rawValue): \(first), \(refused.count) refused"]
            + refused.prefix(Self.shownMax).map { "  \($0.row): \($0.reasons)" }
            + (refused.count > Self.shownMax
                ? ["  and \(refused.count - Self.shownMax) more: --json shows all"] : [])
    }

    private static let shownMax = 50

    /// The fault of a command that refused rows: the others are in.
    public var fault: CommandFault? {
        guard !refused.isEmpty else { return nil }
        let rest = isDryRun ? "nothing was written" : "the others are in"
        return CommandFault(
            .badInput,
            "\(refused.count) rows were refused; \(rest)",
            reason: "rows-refused"
        )
    }
}

extension ImportReport {
    var status: ImportJob.Status {
        guard !refused.isEmpty else { return .success }
        return created + changed + unchanged == 0 ? .error : .warning
    }

    /// A line a refused row, as many as a field holds.
    var errorText: String? {
        guard !refused.isEmpty else { return nil }
        var text = ""
        for (index, row) in refused.enumerated() {
            let line = "\(row.row): \(row.reasons)"
            guard text.utf8.count + line.utf8.count < Self.errorBytesMax else {
                return text + "and \(refused.count - index) more"
            }
            text += line + "\n"
        }
        return text
    }

    /// Longest text of errors: what a field holds, with room for the last line.
    private static let errorBytesMax = 60_000
}
