import Foundation

/// The attackers of `fixtures/hostile.py`, each with a device of the tenant where it needs one.
struct HostileCrowd: Sendable {
    /// What came of one kind of attack.
    struct Attack: Codable {
        let connected: Int
        /// How often the node ended the connection.
        let ended: Int
        /// Bytes.
        let sent: Int
        /// A mistake of the attacker itself.
        let fault: String
    }

    private struct Kinds: Decodable {
        let devices: Int
    }

    private let child: ChildProcess
    private static let interpreter = "/usr/bin/python3"

    /// Lets the devices join, and returns once the attack begins.
    init(in firm: Firm, at hub: RunningNode, seconds: Int) async throws {
        let program = "\(Machine.fixtures)/hostile.py"
        let count = try await Self.kinds(program, firm.folder).devices
        var arguments = [
            program, "--peer", hub.address, "--seconds", "\(seconds)", "--folder",
            firm.folder.path,
        ]
        for _ in 0..<count {
            arguments += ["--token", try await firm.token(site: "HCM", at: hub)]
        }
        let child = try Self.start(arguments, firm.folder)
        try await eventually("the devices join: \(child)") {
            guard child.poll() == nil else { throw TestFailure("has ended: \(child)") }
            return child.output.contains("joined\n")
        }
        self.child = child
    }

    private static func start(
        _ arguments: [String],
        _ folder: TemporaryFolder
    ) throws -> ChildProcess {
        try ChildProcess(
            ChildProcess.Request(
                program: interpreter,
                arguments: arguments,
                environment: Machine.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 },
                folder: folder
            )
        )
    }

    private static func kinds(_ program: String, _ folder: TemporaryFolder) async throws -> Kinds {
        let child = try start([program, "--kinds"], folder)
        guard try await child.wait() == .status(0) else { throw TestFailure("\(child)") }
        return try JSONDecoder().decode(Kinds.self, from: Data(child.output.utf8))
    }

    var isAttacking: Bool { child.poll() == nil }

    /// What came of each kind, once all have ended.
    func results() async throws -> [String: Attack] {
        _ = try await child.wait()
        guard let line = child.output.split(separator: "\n").last(where: { $0.hasPrefix("{") })
        else { throw TestFailure("no results: \(child)") }
        return try JSONDecoder().decode([String: Attack].self, from: Data(line.utf8))
    }
}
