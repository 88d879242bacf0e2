/// What a command has to say: the same for a script and for a person.
///
/// ```swift
/// Reply(["user": "do.thi.j"], "Do Thi J is known here")
/// ```
public struct Reply: Sendable {
    /// What `--json` prints, on one line.
    public var json: JSON
    /// What a person reads otherwise.
    ///
    /// Foreign text may stand in it as it is: printing filters it.
    public var lines: [String]
    /// What is wrong all the same: the command prints its answer and then ends with this.
    public var fault: CommandFault?

    public init(_ json: JSON, lines: [String], fault: CommandFault? = nil) {
        self.json = json
        self.lines = lines
        self.fault = fault
    }

    public init(_ json: JSON, _ lines: String...) {
        self.init(json, lines: lines)
    }

    /// A list as an object with one key, and as a table.
    ///
    /// - Parameters:
    ///   - key: The key under which scripts find the items.
    ///   - items: One object an item.
    ///   - table: What a person reads.
    ///   - empty: What a person reads when there are no items.
    public init(_ key: String, _ items: [JSON], _ table: Table, empty: String) {
        self.init(
            .object([JSON.Member(key, .list(items))]),
            lines: items.isEmpty ? [empty] : table.lines
        )
    }
}

/// Rows under headings, set in columns.
public struct Table: Sendable {
    private var rows: [[String]]

    public init(_ headings: String..., rows: [[String]] = []) {
        self.rows = [headings] + rows
    }

    public init(columns headings: [String]) {
        rows = [headings]
    }

    public mutating func add(_ row: String...) {
        rows.append(row)
    }

    public mutating func add(row: [String]) {
        rows.append(row)
    }

    /// The rows as lines; every column but the last is as wide as its widest cell.
    public var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let cells = rows.map { $0.map(PrintableText.line) }
        let widths = (0..<columns).map { column in
            cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return cells.map { row in
            let padded = row.enumerated().map { column, cell in
                column == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            let line = padded.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
