import Foundation
import Testing

/// What a command said, and its exit status.
struct Answer: Sendable, CustomStringConvertible {
    let status: Int32
    let output: String
    let errors: String
    let description: String

    /// The result of a command that was given `--json`.
    func result<Result: Decodable>(_ type: Result.Type = Result.self) throws -> Result {
        guard status == 0 else { throw TestFailure("exit status \(status): \(self)") }
        return try Self.decode(output, self)
    }

    /// The fault of a command that was given `--json`.
    func fault() throws -> Fault {
        // Notes may stand before it, one object a line.
        guard let line = errors.split(separator: "\n").last else {
            throw TestFailure("no fault was written: \(self)")
        }
        return try Self.decode(String(line), self) as Fault
    }

    /// The object that stands on standard error when a command was not carried out.
    struct Fault: Decodable {
        struct Contents: Decodable {
            let code: String
            let reason: String?
            let status: Int32
            let message: String
        }

        let error: Contents
    }

    private static func decode<Result: Decodable>(
        _ text: String,
        _ answer: Answer
    ) throws -> Result {
        do {
            return try JSONDecoder().decode(Result.self, from: Data(text.utf8))
        } catch {
            throw TestFailure("not the JSON that was expected: \(error)\n\(answer)")
        }
    }
}

/// The data directory of one node, and the command line that works on it.
struct GembaNode: Sendable {
    let name: String
    let folder: TemporaryFolder
    var data: String
    /// What stands in `GEMBA_STATE`.
    let state: String

    init(_ name: String, in folder: TemporaryFolder) {
        self.name = name
        self.folder = folder
        data = "\(folder.path)/\(name)"
        state = "\(folder.path)/\(name)-state"
    }

    /// Runs a command on this node to its end, without judging it.
    ///
    /// The input is what it reads from standard input.
    func command(
        _ arguments: String...,
        input: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> Answer {
        try await command(arguments, input: input, environment: environment)
    }

    func command(
        _ arguments: [String],
        input: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> Answer {
        let child = try start(arguments, input: input, environment: environment)
        guard case .status(let status) = try await child.wait() else {
            throw TestFailure("ended by a signal: \(child)")
        }
        return Answer(
            status: status,
            output: child.output,
            errors: child.errors,
            description: "\(child)"
        )
    }

    /// Runs a command that must be carried out.
    @discardableResult
    func done(_ arguments: String..., input: String? = nil) async throws -> Answer {
        try await done(arguments, input: input)
    }

    @discardableResult
    func done(_ arguments: [String], input: String? = nil) async throws -> Answer {
        let answer = try await command(arguments, input: input)
        guard answer.status == 0 else {
            throw TestFailure("exit status \(answer.status): \(answer)")
        }
        return answer
    }

    /// Starts a command on this node.
    func start(
        _ arguments: [String],
        input: String? = nil,
        environment: [String: String] = [:]
    ) throws -> ChildProcess {
        let own = ["GEMBA_DATA": data, "GEMBA_STATE": state]
        var request = ChildProcess.Request(
            program: try Machine.gemba,
            arguments: arguments,
            environment: Machine.environment.merging(own) { $1 }.merging(environment) { $1 },
            folder: folder
        )
        if let input { request.input = try folder.file(holding: input) }
        return try ChildProcess(request)
    }

    /// Starts `run`, and waits until it is ready.
    func run(
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> RunningNode {
        let always = ["run", "--json", "--no-hub", "--listen", "127.0.0.1:0"]
        let child = try start(always + arguments, environment: environment)
        return RunningNode(node: self, child: child, address: try await Self.address(child))
    }

    private struct Ready: Decodable {
        let event: String
        let address: String?
    }

    /// Where a child listens, once it says so.
    static func address(_ child: ChildProcess) async throws -> String {
        var found: String?
        try await eventually("ready: \(child)") {
            guard child.poll() == nil else { throw TestFailure("has ended: \(child)") }
            let lines = child.output.split(separator: "\n", omittingEmptySubsequences: false)
            guard lines.count > 1 else { return false }
            let ready = try JSONDecoder().decode(Ready.self, from: Data(lines[0].utf8))
            found = ready.event == "ready" ? ready.address : nil
            return true
        }
        guard let found else { throw TestFailure("it does not listen: \(child)") }
        return found
    }
}

/// A node that `run` holds.
struct RunningNode: Sendable {
    let node: GembaNode
    let child: ChildProcess
    /// Where it listens.
    let address: String

    /// Ends it in order.
    func end() async throws {
        let ending = try await child.terminate()
        #expect(ending == .status(0), "\(child)")
    }
}

extension TemporaryFolder {
    /// A new file of this folder, for the owner alone.
    func file(holding text: String) throws -> String {
        let path = "\(self.path)/\(UUID().uuidString)"
        let isMade = FileManager.default.createFile(
            atPath: path,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard isMade else { throw TestFailure("cannot write \(path)") }
        return path
    }
}
