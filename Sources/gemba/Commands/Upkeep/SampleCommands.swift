import ArgumentParser
import Foundation
import Node

struct SampleCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Made-up data for trying things out under load.",
        subcommands: [SampleGenerate.self, SamplePlay.self]
    )
}

struct SampleGenerate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write tables of a made-up firm to a new folder; the same seed makes the same.",
        discussion: """
            gemba sample generate --seed 1 --projects 1000 ./load
            gemba import --data DIR --start 2026-01-01 ./load

            JSON: {"folder", "files": [{"table", "file", "bytes"}]}
            """
    )

    @Option(help: ArgumentHelp("What the choices follow from.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("How many projects.", valueName: "number"))
    var projects = 1_000

    @Option(help: ArgumentHelp("How many companies, with two contacts each.", valueName: "number"))
    var companies = 100

    @Option(help: ArgumentHelp("At most so many tasks a project.", valueName: "number"))
    var tasks = 6

    @Flag(name: .customLong("json"), help: "Print the result as one line of JSON.")
    var isJSON = false

    @Argument(help: "A new folder.")
    var folder: Path

    func run() throws {
        guard !FileManager.default.fileExists(atPath: folder.text) else {
            throw CommandFault(.cannotCreate, "\(folder) exists: name a new folder")
        }
        let size = SampleTables.Size(projects: projects, companies: companies, tasks: tasks)
        let tables = SampleTables(seed: seed, size)
        try PrivateFile.makeFolder(folder.text)
        var files: [JSON] = []
        var lines: [String] = []
        for (table, text) in tables.files {
            let path = "\(folder.text)/\(table.rawValue).csv"
            try PrivateFile.create(path, Array(text.utf8))
            files.append(
                [
                    "table": .text(table.rawValue), "file": .text(path),
                    "bytes": .number(text.utf8.count),
                ]
            )
            lines.append(path)
        }
        let reply = Reply(["folder": .text(folder.text), "files": .list(files)], lines: lines)
        _ = Console.standard(isJSON: isJSON).show(reply)
    }
}

struct SamplePlay: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        abstract:
            "Let the people of a made-up firm work on its projects; the same seed, the same work.",
        discussion: """
            Only in a tenant that takes people at their word, as demonstrations do.

            gemba sample play --data DIR --seed 1 --steps 50

            JSON: {"steps": ["PROJECT SUB-STAGE STEP USER"]}
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(help: ArgumentHelp("What the choices follow from.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("How many steps are tried.", valueName: "number"))
    var steps = 50

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let work = try node.playSample(seed: seed, count: steps)
        return Reply(
            ["steps": .list(work.steps, JSON.text)],
            lines: work.steps.isEmpty ? ["nothing to do"] : work.steps
        )
    }
}
