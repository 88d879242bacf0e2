import ArgumentParser
import Foundation
import Node
import Storage

struct ImportCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in records from a file, or a firm's data from a folder.",
        discussion: """
            At a hub only. What is there already is passed over, so importing twice changes \
            nothing.

            A file is CSV (comma, semicolon or tab; names of columns first) or JSON (a list of \
            objects). A row with a fault is refused with all its reasons, the others are taken, \
            and the command ends with status 65 and the reason rows-refused. An empty cell leaves \
            a field as it is; elements of a list stand between strokes, as qa|sales.

            A folder holds company.json, workflows.json, quality.json, projects.json, or tables as \
            companies.csv, or both.

            gemba import --data /var/lib/gemba fixtures/factory-pulse
            gemba import --data /var/lib/gemba --table contacts crm-export.csv --dry-run

            Tables: \(RecordTable.allCases.map(\.rawValue).joined(separator: ", "))

            JSON of a folder: {"new", "kinds": {name: count}, "tables": […]}; of a file, and of \
            each of the tables: {"table", "rows", "created", "changed", "unchanged", "merged", \
            "refused", "dry_run", "errors": [{"row", "reasons"}]}
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("Who imports; left out, the machine itself.", valueName: "user")
    )
    var user: String?

    @Option(
        help: ArgumentHelp(
            "What the rows are; left out, what the file is called.",
            valueName: "table"
        ),
        transform: Typed.table
    )
    var table: RecordTable?

    @Option(
        help: ArgumentHelp(
            "The day from which a file counts its days, such as delivery_in_days.",
            valueName: "day"
        )
    )
    var start: String?

    @Flag(help: "Say what would be done, and write nothing; for files and folders of tables.")
    var dryRun = false

    @Argument(help: "A file, or a folder.", completion: .file())
    var path: Path

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try user.map { try node.actor(as: $0, by: caller) } ?? .machine
        var options = ImportOptions()
        options.isDryRun = dryRun
        options.startDay = start
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path.text, isDirectory: &isFolder)
        if isFolder.boolValue || table == nil && RecordTable(file: path.text) == nil {
            return try folder(on: node, options, by: actor, caller)
        }
        guard let table = table ?? RecordTable(file: path.text) else {
            throw CommandFault(.usage, "say what the rows are: --table TABLE")
        }
        let report = try node.importTable(path.text, of: table, options, by: actor) {
            caller.progress($0)
        }
        return Reply(report.json, lines: report.lines, fault: report.fault)
    }

    private func folder(
        on node: LocalNode,
        _ options: ImportOptions,
        by actor: Actor,
        _ caller: Caller
    ) throws -> Reply {
        caller.progress("reading \(path)")
        let found = try node.importAll(of: path.text, options, by: actor) { caller.progress($0) }
        let total = found.records.reduce(0) { $0 + $1.count }
        let members = found.records.map { JSON.Member($0.kind, .number($0.count)) }
        let isNew = total > 0 || found.tables.contains { $0.created + $0.changed > 0 }
        let lines =
            !isNew
            ? ["nothing new"]
            : ["\(total) new records"] + found.records.map { "  \($0.count) \($0.kind)" }
        return Reply(
            [
                "new": .number(total), "kinds": .object(members),
                "tables": .list(found.tables, \.json),
            ],
            lines: lines + found.tables.flatMap(\.lines),
            fault: found.tables.compactMap(\.fault).first
        )
    }
}
