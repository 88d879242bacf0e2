import Foundation
import Testing

/// What scripts hold on to: exit statuses, coded faults, only results on standard output.
@Suite("Exit codes")
struct ExitCodeTests {
    /// Checks that a command was turned away with a status, and said why; nothing was a result.
    private func expect(
        _ answer: Answer,
        _ status: Int32,
        _ code: String,
        _ reason: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(answer.status == status, "\(answer)", sourceLocation: sourceLocation)
        #expect(answer.output.isEmpty, "\(answer)", sourceLocation: sourceLocation)
        let fault = try answer.fault().error
        #expect(fault.code == code, "\(answer)", sourceLocation: sourceLocation)
        #expect(fault.status == status, "\(answer)", sourceLocation: sourceLocation)
        #expect(!fault.message.isEmpty, "\(answer)", sourceLocation: sourceLocation)
        if let reason {
            #expect(fault.reason == reason, "\(answer)", sourceLocation: sourceLocation)
        }
    }

    @Test("a data directory that is missing, empty or open to others is refused")
    func dataDirectories() async throws {
        let folder = try TemporaryFolder("directories")
        let node = GembaNode("none", in: folder)
        for command in ["status", "digest", "verify", "doctor", "run", "sync"] {
            try expect(await node.command(command, "--json"), 66, "not-found")
        }
        try FileManager.default.createDirectory(
            atPath: node.data,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try expect(await node.command("status", "--json"), 66, "not-found", "missing")
        try expect(await node.command("run", "--json"), 66, "not-found", "missing")
        #expect(chmod(node.data, 0o755) == 0)
        for command in ["status", "run"] {
            try expect(await node.command(command, "--json"), 77, "not-permitted", "exposed")
        }
        var nameless = node
        nameless.data = ""
        try expect(await nameless.command("status", "--json"), 64, "usage")
    }

    @Test("a store is not founded twice, nor where others may look")
    func founding() async throws {
        let firm = try await Firm("founding")
        let again = [
            "hub", "init", "--tenant", "Other", "--site", "HCM", "--admin", "a@example.com",
            "--no-recovery", "--json",
        ]
        try expect(await firm.hub.command(again), 73, "cannot-create")
        let before = try await firm.hub.digests()
        let open = GembaNode("open", in: firm.folder)
        try FileManager.default.createDirectory(
            atPath: open.data,
            withIntermediateDirectories: false
        )
        #expect(chmod(open.data, 0o750) == 0)
        try expect(await open.command(again), 77, "not-permitted", "exposed")
        #expect(try await firm.hub.digests() == before)
    }

    @Test("the recovery file is closed, new, and sealed under a passphrase of some length")
    func recoveryFile() async throws {
        let folder = try TemporaryFolder("recovery")
        let node = GembaNode("hub", in: folder)
        let file = "\(folder.path)/recovery"
        let command = [
            "hub", "init", "--tenant", "T", "--site", "HCM", "--admin", "a@example.com",
            "--recovery", file, "--json",
        ]
        try expect(await node.command(command, input: "short\n"), 65, "bad-input")
        try expect(await node.command(command, input: ""), 65, "bad-input")
        #expect(!FileManager.default.fileExists(atPath: file))
        let founded = try await node.command(command, input: "correct horse battery\n")
        #expect(founded.status == 0, "\(founded)")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let other = GembaNode("other", in: folder)
        try expect(await other.command(command, input: "long enough\n"), 73, "cannot-create")
        try expect(await other.command("status", "--json"), 66, "not-found")
    }

    @Test("names that nobody bears are told apart from words that nobody understands")
    func names() async throws {
        let firm = try await Firm("names")
        let hub = firm.hub
        let invite = ["hub", "invite", "--json", "--advertise", "127.0.0.1:7400", "--site"]
        try expect(await hub.command(invite + ["NOWHERE"]), 66, "not-found")
        try expect(await hub.command(invite + ["HCM", "--user", "no.body"]), 66, "not-found")
        try expect(await hub.command(invite + ["HCM", "--kind", "tractor"]), 64, "usage")
        try expect(await hub.command("hub", "invite", "--json", "--site", "HCM"), 64, "usage")
        try expect(await hub.command("frobnicate", "--json"), 64, "usage")
        try expect(await hub.command("status", "--no-such", "--json"), 64, "usage")
        let cancel = ["hub", "invite", "--cancel", "ffff", "--json"]
        try expect(await hub.command(cancel), 66, "not-found")
        try expect(await hub.command("user", "bind", "no.body", "--json"), 66, "not-found")
        try expect(await hub.command("import", "/no/such", "--json"), 66, "not-found")
        try expect(await hub.command("sync", "--json"), 64, "usage")
        let gone = try await hub.command("backup", "/no/such/place", "--json")
        #expect(gone.status != 0 && gone.output.isEmpty, "\(gone)")
        #expect(try gone.fault().error.status == gone.status)
    }

    @Test("without --json a fault is one line on standard error that begins with its word")
    func plainFaults() async throws {
        let node = GembaNode("none", in: try TemporaryFolder("plain"))
        let answer = try await node.command("status")
        #expect(answer.status == 66)
        #expect(answer.output.isEmpty)
        #expect(answer.errors.hasPrefix("gemba: not-found: "), "\(answer)")
        #expect(answer.errors.split(separator: "\n").count == 1, "\(answer)")
    }

    @Test("a second process is sent to the first, and a second node is refused")
    func secondProcess() async throws {
        let firm = try await Firm("second")
        let running = try await firm.hub.run()
        try expect(await firm.hub.command("run", "--json"), 75, "in-use", "in-use")
        _ = try await firm.hub.status()
        let taken = GembaNode("taken", in: firm.folder)
        try await taken.done([
            "hub", "init", "--tenant", "T", "--site", "HAN", "--admin", "a@example.com",
            "--no-recovery",
        ])
        try expect(
            await taken.command("run", "--json", "--listen", running.address),
            69,
            "unavailable",
            "cannot-listen"
        )
        try await running.end()
        _ = try await firm.hub.status()
    }

    @Test("a node that starts waits for a command that holds the store for a moment")
    func startWaits() async throws {
        let firm = try await Firm("waits")
        let lock = open("\(firm.hub.data)/lock", O_RDWR | O_CLOEXEC)
        #expect(lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        let child = try firm.hub.start(["run", "--json", "--listen", "127.0.0.1:0"])
        try await Task.sleep(for: .milliseconds(300))
        close(lock)
        _ = try await GembaNode.address(child)
        #expect(try await child.terminate() == .status(0), "\(child)")
    }

    @Test("peers that do not answer, or are no address, are told apart")
    func peers() async throws {
        let firm = try await Firm("peers")
        let running = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: running)
        try await running.end()
        let away = try await station.command("sync", "--json")
        #expect(away.status == 69, "\(away)")
        #expect(try away.fault().error.code == "unavailable")
        let bad = try await station.command("sync", "--peer", "nonsense", "--json")
        #expect(bad.status == 69 || bad.status == 65, "\(bad)")
    }
}
