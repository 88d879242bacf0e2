import Bytes
public import CRDT
import Domain
public import Storage

/// What a statement of a person gave, in the order of its rows.
///
/// JSON: `{"columns": [name], "rows": [[value]]}`; numbers with a fraction and bytes are texts.
public struct QueryView: Sendable {
    public let answer: QueryAnswer
}

/// The tables that a statement can name, as one person may read them.
///
/// JSON: `{"tables": [{"name", "events", "columns": [{"name", "type"}]}]}`
public struct QueryTables: Sendable {
    public let tables: [PrivateCopy.Table]
}

extension LocalNode {
    /// Longest that a statement of a person runs.
    private static let queryMilliseconds: Int64 = 5_000

    /// Runs one statement of a person over what they may read.
    ///
    /// - Parameters:
    ///   - text: One statement of SQL that reads.
    ///   - user: Who asks.
    ///   - limits: What it may cost.
    /// - Returns: All rows that it gives.
    /// - Throws: `QueryFault`, and what reading does.
    /// - Source: DOM-240.
    public func query(
        _ text: String,
        by user: ID,
        _ limits: PrivateCopy.Limits = PrivateCopy.Limits()
    ) throws -> QueryView {
        let start = monotonic?.milliseconds
        return try asSeen(by: user).read { view in
            let answer = try view.query(text, limits) { [self] in
                guard let start, let now = monotonic?.milliseconds else { return false }
                return now - start > Self.queryMilliseconds
            }
            return QueryView(answer: answer)
        }
    }

    /// The tables and columns that a person may name.
    public func queryTables(of user: ID) throws -> QueryTables {
        try asSeen(by: user).read { QueryTables(tables: $0.copiedTables()) }
    }
}

// MARK: - What is printed

extension QueryView {
    public var json: JSON {
        [
            "columns": .list(answer.columns) { .text($0) },
            "rows": .list(answer.rows) { row in .list(row) { $0.json } },
        ]
    }

    public var lines: [String] {
        var rows = [answer.columns.map { $0.uppercased() }]
        rows += answer.rows.map { $0.map(\.shown) }
        var table = Table(columns: rows[0])
        for row in rows.dropFirst() { table.add(row: row) }
        let count = answer.rows.count
        return table.lines + ["\(count) \(count == 1 ? "row" : "rows")"]
    }
}

extension QueryTables {
    public var json: JSON {
        [
            "tables": .list(tables) { table in
                [
                    "name": .text(table.name), "events": .bool(table.isEvent),
                    "columns": .list(table.columns) { column in
                        ["name": .text(column.name), "type": .text(column.type)]
                    },
                ]
            }
        ]
    }

    public var lines: [String] {
        tables.flatMap { table in
            [table.name] + table.columns.map { "  \($0.name) \($0.type)" }
        }
    }
}

extension QueryAnswer.Cell {
    fileprivate var json: JSON {
        switch self {
        case .null: .null
        case .integer(let integer): .integer(integer)
        case .real, .text, .bytes: .text(shown)
        }
    }

    fileprivate var shown: String {
        switch self {
        case .null: ""
        case .integer(let integer): "\(integer)"
        case .real(let real): "\(real)"
        case .text(let text): text
        case .bytes(let bytes): Hex.encode(bytes)
        }
    }
}
