import Foundation
import Node

/// A node of the demo: a directory, and a process of this same program that runs it.
final class DemoNode {
    /// What a command said.
    struct Answer {
        let status: Int32
        let output: String
        let message: String

        /// The lines of the result.
        var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// The result of a command with `--json`.
        var object: [String: Any] {
            let parsed = try? JSONSerialization.jsonObject(with: Data(output.utf8))
            return parsed as? [String: Any] ?? [:]
        }
    }

    let name: String
    let directory: String
    /// Where it listens, once it has run; it comes back there.
    private(set) var address: String?
    private let folder: String
    private let interruption: Interruption
    private var process: Process?

    private static let startSeconds = 20.0
    private static let stopSeconds = 10.0

    /// - Parameters:
    ///   - name: What the device calls itself.
    ///   - folder: The folder of the demo.
    ///   - interruption: After it no further command is given.
    init(_ name: String, in folder: String, until interruption: Interruption) {
        self.name = name
        self.interruption = interruption
        self.folder = folder
        directory = "\(folder)/\(name)"
    }

    var isRunning: Bool { process?.isRunning ?? false }

    /// Runs a command on the node's store and waits for its end.
    ///
    /// - Parameters:
    ///   - arguments: What is typed, without `--data`.
    ///   - input: What it reads from standard input.
    /// - Returns: What it said, whatever its status.
    /// - Throws: `.refused` once the demo was interrupted.
    func ask(_ arguments: [String], input: String = "") throws -> Answer {
        try interruption.check()
        let process = Self.process(arguments + ["--data", directory], in: folder)
        let (output, message, feed) = (Pipe(), Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = message
        process.standardInput = feed
        try process.run()
        try feed.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try feed.fileHandleForWriting.close()
        // Results are short: neither pipe can fill while the other is read.
        let result = try output.fileHandleForReading.readToEnd() ?? Data()
        let said = try message.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Answer(
            status: process.terminationStatus,
            output: String(decoding: result, as: UTF8.self),
            message: String(decoding: said, as: UTF8.self)
        )
    }

    /// The same for a command that must succeed.
    @discardableResult
    func must(_ arguments: [String], input: String = "") throws -> Answer {
        let answer = try ask(arguments, input: input)
        guard answer.status == 0 else {
            throw CommandFault(
                .refused,
                "\(name): gemba \(arguments.joined(separator: " ")): \(answer.message)",
                reason: "demo"
            )
        }
        return answer
    }
}

// MARK: - Running

extension DemoNode {
    /// Starts `gemba run` and waits until it is ready.
    func start() throws {
        let path = "\(folder)/\(name).ready"
        let log = "\(folder)/\(name).log"
        PrivateFile.remove(path)
        try PrivateFile.create(path, [])
        if !FileManager.default.fileExists(atPath: log) { try PrivateFile.create(log, []) }
        let process = Self.process(
            ["run", "--data", directory, "--listen", address ?? "127.0.0.1:0", "--json"],
            in: folder
        )
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: path)
        let messages = FileHandle(forWritingAtPath: log)
        _ = try messages?.seekToEnd()
        process.standardError = messages
        try process.run()
        self.process = process
        address = try readyAddress(path, process)
    }

    private func readyAddress(_ path: String, _ process: Process) throws -> String {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.startSeconds)
        while clock.now < end, process.isRunning {
            let bytes = try PrivateFile.read(path, atMost: 4_096) ?? []
            let answer = Answer(
                status: 0,
                output: String(decoding: bytes, as: UTF8.self),
                message: ""
            )
            if let address = answer.object["address"] as? String { return address }
            usleep(20_000)
        }
        throw CommandFault(.unavailable, "\(name) did not start: see \(folder)/\(name).log")
    }

    /// Ends the process in order; at once if that takes too long.
    func stop() {
        guard let process, process.isRunning else { return }
        process.terminate()
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.stopSeconds)
        while process.isRunning, clock.now < end { usleep(20_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        self.process = nil
    }

    /// A process of this same program, whose keys and marks lie in the folder of the demo.
    private static func process(_ arguments: [String], in folder: String) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["GEMBA_STATE"] = "\(folder)/state"
        environment["GEMBA_DATA"] = nil
        process.environment = environment
        return process
    }

    static var program: String {
        let link = "/proc/self/exe"
        let found = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
        return found ?? CommandLine.arguments[0]
    }
}
