import Foundation
import Node

// The end of the demo: what happened is handed to somebody who believes nobody.

extension DemoStory {
    /// An evidence pack is exported at the hub, and checked by two programs that share no code.
    func prove() throws {
        stage.title("An auditor takes an evidence pack from the hub, and checks it without it")
        let pack = "\(stage.folder)/evidence.tar"
        let made = try stage.hub.must([
            "audit", "export", "--as", "nguyen.van.a", pack, "--json",
        ]).object
        guard let root = made["root"] as? String, let size = made["size"] as? Int,
            let witnesses = made["witnesses"] as? Int
        else { throw CommandFault(.damaged, "the export said nothing", reason: "demo") }
        stage.tell("HUB$ gemba audit export evidence.tar")
        stage.tell("→ \(size) entries, cosigned by \(witnesses) devices")
        try check(
            DemoNode.program,
            ["audit", "verify", pack, "--root", root],
            "gemba audit verify"
        )
        try checkInPython(pack, root)
    }

    /// The second verifier needs PyNaCl, which a visitor's machine may lack.
    private func checkInPython(_ pack: String, _ root: String) throws {
        let python = "/usr/bin/python3"
        let verifier = URL(fileURLWithPath: company).deletingLastPathComponent()
            .appendingPathComponent("evidence.py").path
        guard FileManager.default.isExecutableFile(atPath: python),
            try run(python, ["-c", "import nacl.bindings"]).status == 0
        else { return stage.tell("fixtures/evidence.py was not asked: it needs python3-nacl") }
        try check(python, [verifier, pack, "--root", root], "fixtures/evidence.py")
    }

    private func check(_ program: String, _ arguments: [String], _ name: String) throws {
        let (status, output) = try run(program, arguments)
        guard status == 0 else {
            throw CommandFault(.damaged, "\(name) refuses the pack: \(output)", reason: "demo")
        }
        stage.tell("$ \(name) evidence.tar --root …")
        for line in output.split(separator: "\n") { stage.tell("  | \(line)") }
    }

    private func run(
        _ program: String,
        _ arguments: [String]
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PYTHONDONTWRITEBYTECODE": "1"
        ]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }
}
