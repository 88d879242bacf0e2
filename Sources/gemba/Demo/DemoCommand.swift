import ArgumentParser
import Bytes
import Foundation
import Node
import Storage

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Play a morning on a hub, three stations and a laptop, with the network cut.",
        discussion: """
            Starts five nodes as processes of this machine, loads a sample company, cuts the \
            network, lets people work apart and disagree, lets two stations meet, brings the hub \
            back, settles what is left, and compares the state hashes. Cleans up after itself.
            """
    )

    @Flag(help: "Leave the folder of the demo, to look into it.")
    var keep = false

    @Flag(name: .customLong("json"), help: "Print one object at the end and nothing before.")
    var isJSON = false

    @Option(
        help: ArgumentHelp(
            "The sample company; fixtures/factory-pulse is looked for.",
            valueName: "dir"
        ),
        completion: .directory
    )
    var company: Path?

    func run() throws {
        let company = try company?.text ?? Self.sampleCompany()
        let console = Console.standard(isJSON: isJSON)
        let interruption = Interruption()
        let signals = EndSignals { interruption.set() }
        defer { signals.cancel() }
        let stage = DemoStage(in: try folder(), isQuiet: isJSON, until: interruption)
        defer { clean(stage) }
        try DemoStory(stage: stage, company: company).play()
        let digests = try stage.digests(of: stage.hub)
        let items = digests.sorted { $0.key < $1.key }.map { scope, digest in
            ["scope": .text(scope), "digest": .text(digest)] as JSON
        }
        _ = console.show(
            Reply(
                [
                    "ok": true, "seconds": .number(Int(stage.seconds.rounded())),
                    "folder": .text(orNull: keep ? stage.folder : nil), "scopes": .list(items),
                ],
                lines: ["", "All five agree, after \(Int(stage.seconds.rounded())) seconds."]
                    + next(stage)
            )
        )
    }

    private func next(_ stage: DemoStage) -> [String] {
        guard keep else {
            return [
                "Try next: gemba demo --keep, and look at its stores with status, history, watch;",
                "or your own tenant: gemba hub init --help",
            ]
        }
        return [
            "Try next: export GEMBA_STATE=\(stage.folder)/state",
            "          gemba status  --data \(stage.folder)/ST-1",
            "          gemba project show PRJ-000123 --data \(stage.folder)/ST-3",
        ]
    }

    /// The sample company of the package, above the current directory or above this program.
    private static func sampleCompany() throws -> String {
        let program = URL(fileURLWithPath: DemoNode.program).deletingLastPathComponent().path
        for start in [Path.origin, program] {
            var folder = URL(fileURLWithPath: start)
            while folder.path != "/" {
                let found = folder.appendingPathComponent("fixtures/factory-pulse").path
                if FileManager.default.fileExists(atPath: found) { return found }
                folder.deleteLastPathComponent()
            }
        }
        throw CommandFault(.notFound, "fixtures/factory-pulse is not near: say --company DIR")
    }

    private func folder() throws -> String {
        let base = FileManager.default.temporaryDirectory.path
        let name = Hex.encode(Machine.chance.bytes(4))
        let folder = "\(base)/gemba-demo-\(name)"
        try PrivateFile.makeFolder(folder)
        return folder
    }

    private func clean(_ stage: DemoStage) {
        stage.stopAll()
        guard !keep else { return }
        do {
            try FileManager.default.removeItem(atPath: stage.folder)
        } catch {
            _ = Console.standard(isJSON: isJSON).progress("\(stage.folder) is left: \(error)")
        }
    }
}
