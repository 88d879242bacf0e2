import ArgumentParser
import Foundation
import Node
import Storage

struct QueryCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Ask in SQL for what you may read.",
        discussion: """
            One statement that reads, in the SQL of SQLite, over a copy of what you may read: a \
            table for each kind of record. A column that begins with _ is of the record itself: \
            where it stands, its id, and who recorded it when, or whether it is deleted. Sets are \
            lists of JSON, ids hexadecimal digits, times milliseconds since 1970.

            gemba query --data DIR --as pham.thi.d "SELECT title, priority FROM project"

            Without a statement it is read from standard input. --tables shows what can be named. \
            At most 10000 rows, 5 seconds and 64 MiB.

            JSON: {"columns": [name], "rows": [[value]]}; with --tables {"tables": [{"name", \
            "events", "columns": [{"name", "type"}]}]}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: ArgumentHelp("One SELECT; from standard input if left out.", valueName: "sql"))
    var text: String?

    @Flag(help: "Show the tables and columns that a statement can name.")
    var tables = false

    func validate() throws {
        guard !(tables && text != nil) else {
            throw ValidationError("give a statement, or --tables, not both")
        }
    }

    /// A statement on standard input is read where the command was typed.
    func run() throws {
        var command = self
        if text == nil, !tables { command.text = try Self.standardInput() }
        try command.runOnNode()
    }

    var forwarded: [String] {
        let typed = Array(CommandLine.arguments.dropFirst())
        guard let text, !typed.contains(text) else { return typed }
        return typed + ["--", text]
    }

    private static func standardInput() throws -> String {
        let most = 20_001
        let data = try FileHandle.standardInput.read(upToCount: most) ?? Data()
        guard let text = String(data: data, encoding: .utf8), !text.isEmpty else {
            throw CommandFault(.badInput, "give a statement as text of UTF-8")
        }
        return text
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        if tables {
            let tables = try node.queryTables(of: actor.user)
            return Reply(tables.json, lines: tables.lines)
        }
        let view = try node.query(text ?? "", by: actor.user)
        return Reply(view.json, lines: view.lines)
    }
}
