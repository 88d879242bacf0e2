import ArgumentParser
import Node
import Wire

struct ExportCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the records of a table to a file: CSV or JSON.",
        discussion: """
            What this node does not hold is not in it. Importing the file changes nothing. In CSV \
            a text that a spreadsheet would take for a formula has an apostrophe before it, which \
            an import takes away.

            gemba export --data DIR companies companies.csv

            Tables: \(RecordTable.allCases.map(\.rawValue).joined(separator: ", "))

            JSON: {"table", "file", "rows"}
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: ArgumentHelp("What is written.", valueName: "table"), transform: Typed.table)
    var table: RecordTable

    @Argument(help: "A new file; JSON if its name ends in .json, else CSV.")
    var file: Path

    @Flag(help: "Begin a CSV with a byte order mark, for spreadsheets that need one.")
    var mark = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let export = try node.export(table)
        let isJSON = file.text.lowercased().hasSuffix(".json")
        let text =
            isJSON ? export.json.text + "\n" : export.commaSeparated(withMark: mark)
        let fields = [
            "command": "export", "table": table.rawValue, "file": file.text,
            "rows": "\(export.rows.count)",
        ]
        try node.record(.export, by: caller, fields)
        try PrivateFile.create(file.text, Array(text.utf8))
        return Reply(
            [
                "table": .text(table.rawValue), "file": .text(file.text),
                "rows": .number(export.rows.count),
            ],
            "\(export.rows.count) \(table.rawValue) in \(file.text)"
        )
    }
}

extension Typed {
    static func table(_ text: String) throws -> RecordTable {
        let word = text.lowercased().replacing("-", with: "_")
        guard let table = RecordTable(rawValue: word) else {
            let known = RecordTable.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(text.prefix(40)) is no table; there are \(known)")
        }
        return table
    }
}
