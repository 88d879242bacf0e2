import Domain
import Foundation

/// A file of records as rows of cells, whatever it was written in.
///
/// - Source: DOM-165, DOM-167.
struct TableFile: Sendable {
    /// A row: what people call its place, its cells by column, and what is wrong with it so far.
    struct Row: Sendable {
        let place: String
        var cells: [String: Cell]
        var faults: [String]
    }

    /// The longest file that is read: 64 MiB.
    static let fileBytesMax = 64 << 20
    /// Most rows of a file.
    static let rowsMax = 200_000

    let rows: [Row]

    /// Reads CSV or JSON: the latter begins with a bracket or brace.
    ///
    /// - Throws: `.badInput` for what is neither, or is too long.
    init(_ bytes: [UInt8], of table: RecordTable) throws {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]
        let first = bytes.first { !blanks.contains($0) }
        let isJSON = first == UInt8(ascii: "[") || first == UInt8(ascii: "{")
        rows = isJSON ? try Self.json(bytes, table) : try Self.lines(bytes, table)
        guard rows.count <= Self.rowsMax else {
            throw CommandFault(.badInput, "a file holds at most \(Self.rowsMax) rows: split it")
        }
    }

    // MARK: CSV

    private static func lines(_ bytes: [UInt8], _ table: RecordTable) throws -> [Row] {
        let lines = try CommaSeparated.lines(bytes)
        guard let header = lines.first, header.fault == nil else {
            throw CommandFault(.badInput, "the first line names the columns", reason: "no-header")
        }
        let columns = try header.fields.map { try column($0, table) }
        guard Set(columns.map(\.name)).count == columns.count else {
            throw CommandFault(.badInput, "two columns have one name", reason: "no-header")
        }
        return lines.dropFirst().map { line in
            var row = Row(place: "row \(line.number)", cells: [:], faults: [])
            if let fault = line.fault { row.faults.append(fault) }
            guard line.fields.count == columns.count else {
                let (found, wanted) = (line.fields.count, columns.count)
                row.faults.append("has \(found) cells where the header has \(wanted)")
                return row
            }
            for (column, field) in zip(columns, line.fields) {
                let text = CommaSeparated.unguarded(field)
                row.cells[column.name] = text.allSatisfy(\.isWhitespace) ? .empty : .text(text)
            }
            return row
        }
    }

    private static func column(_ header: String, _ table: RecordTable) throws -> Column {
        if let column = table.column(named: header) { return column }
        let known = table.columnNames.joined(separator: ", ")
        throw CommandFault(
            .badInput,
            "\(table.rawValue) have no column \(Column.short(header)); they have \(known)",
            reason: "unknown-column"
        )
    }

    // MARK: JSON

    /// A list of objects, alone or under the name of the table, or objects under their ids.
    private static func json(_ bytes: [UInt8], _ table: RecordTable) throws -> [Row] {
        var document = try ParsedJSON(bytes)
        if case .object(let members) = document, members.count == 1, let only = members.first {
            switch only.value {
            case .list: document = only.value
            case .object(let inner) where only.key == table.rawValue || inner.allAreObjects:
                document = only.value
            default: break
            }
        }
        switch document {
        case .list(let items):
            return items.enumerated().map { row($1, at: "item \($0 + 1)", key: nil, table) }
        case .object(let members):
            return members.map { row($0.value, at: $0.key, key: $0.key, table) }
        default:
            throw CommandFault(.badInput, "the file holds no list of records", reason: "no-rows")
        }
    }

    private static func row(
        _ item: ParsedJSON,
        at place: String,
        key: String?,
        _ table: RecordTable
    ) -> Row {
        var row = Row(place: place, cells: [:], faults: [])
        guard case .object(let members) = item else {
            row.faults.append("is no object")
            return row
        }
        if let key, let first = table.columns.first { row.cells[first.name] = .text(key) }
        for member in members {
            guard let column = table.column(named: member.key) else {
                row.faults.append("has no column \(Column.short(member.key))")
                continue
            }
            guard let cell = Cell(member.value) else {
                row.faults.append("\(column.name) holds neither a text, a number nor a list")
                continue
            }
            row.cells[column.name] = cell
        }
        return row
    }
}

extension [ParsedJSON.Member] {
    fileprivate var allAreObjects: Bool {
        !isEmpty
            && allSatisfy {
                if case .object = $0.value { true } else { false }
            }
    }
}

extension Cell {
    /// The cell of a JSON value; nil for an object, or a list of anything but texts and numbers.
    fileprivate init?(_ json: ParsedJSON) {
        switch json {
        case .null: self = .empty
        case .bool(let bool): self = .text(bool ? "yes" : "no")
        case .number(let number): self = .text(number)
        case .text(let text): self = text.allSatisfy(\.isWhitespace) ? .empty : .text(text)
        case .list(let items):
            var texts: [String] = []
            for item in items {
                guard case .text(let text) = Cell(item) else { return nil }
                texts.append(text)
            }
            self = texts.isEmpty ? .empty : .list(texts)
        case .object: return nil
        }
    }
}
