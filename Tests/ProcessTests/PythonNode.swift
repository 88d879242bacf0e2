import Foundation
import Testing

/// The node in Python (`fixtures/client.py`), with its state file.
struct PythonNode: Sendable {
    let folder: TemporaryFolder
    let state: String
    private static let interpreter = "/usr/bin/python3"

    init(_ name: String, in folder: TemporaryFolder) async throws {
        self.folder = folder
        state = "\(folder.path)/\(name).json"
        let probe = try await self.answer(["-c", "import nacl.signing"])
        guard probe.status == 0 else {
            throw TestFailure("PyNaCl is missing: apt-get install python3-nacl\n\(probe)")
        }
    }

    private func answer(_ arguments: [String]) async throws -> Answer {
        let child = try ChildProcess(
            ChildProcess.Request(
                program: Self.interpreter,
                arguments: arguments,
                environment: Machine.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 },
                folder: folder
            )
        )
        guard case .status(let status) = try await child.wait(atMost: .seconds(120)) else {
            throw TestFailure("ended by a signal: \(child)")
        }
        return Answer(
            status: status,
            output: child.output,
            errors: child.errors,
            description: "\(child)"
        )
    }

    /// Runs a program of the fixtures on the state of this node.
    func program(_ name: String, _ arguments: [String]) async throws -> Answer {
        try await answer(["\(Machine.fixtures)/\(name)"] + arguments + ["--state", state])
    }

    /// Runs a command of the client that must be carried out without a refusal.
    @discardableResult
    func done(_ arguments: String...) async throws -> Answer {
        try await done(arguments)
    }

    @discardableResult
    func done(_ arguments: [String]) async throws -> Answer {
        let answer = try await program("client.py", arguments)
        guard answer.status == 0, !answer.errors.contains("refused") else {
            throw TestFailure("\(answer)")
        }
        return answer
    }

    private struct Digest: Decodable {
        struct Item: Decodable {
            let state: String
            let aside: [String]
        }

        let scopes: [String: Item]
    }

    /// The state hash of each scope, after every change was admitted and folded again.
    func digests() async throws -> [String: String] {
        try await done("digest", "--json").result(Digest.self).scopes.mapValues(\.state)
    }

    /// The hashes of the changes that statements of hubs set aside.
    func aside() async throws -> Set<String> {
        Set(try await done("digest", "--json").result(Digest.self).scopes.flatMap(\.value.aside))
    }
}
