import Foundation
import Testing

/// Two tenants whose hubs one process serves on one port: S-16, S-17, FP-009.
@Suite("Tenants")
struct TenantTests {
    /// The sample company, another tenant beside it, and a station of the first that means harm.
    private struct Neighbours {
        let firm: Firm
        let other: GembaNode
        let hub: RunningNode
        let intruder: PythonNode
        /// The id of the other tenant, which everybody may know.
        let otherTenant: String
        /// A subject that the intruder shares with its own hub.
        let project: String

        init(_ name: String) async throws {
            firm = try await Firm(name)
            try await firm.startProduction()
            // The keys of both hubs lie in one folder, as those of one account do.
            var other = GembaNode("hub", in: firm.folder)
            other.data = "\(firm.folder.path)/other"
            self.other = other
            try await other.done([
                "hub", "init", "--tenant", "TORVAN", "--site", "TOR-A",
                "--admin", "admin@torvan.example", "--no-recovery", "--trust-local",
            ])
            try await other.done("import", "\(Machine.fixtures)/factory-pulse")
            try await other.done([
                "project", "create", "--as", "pham.thi.d", "Sink with a lifter",
                "--workflow", "Default Workflow", "--site", "HCM",
            ])
            hub = try await firm.hub.run(["--also", other.data])
            intruder = try await PythonNode("python", in: firm.folder)
            try await intruder.done(["join", "--token", firm.token(site: "HCM", at: hub)])
            try await intruder.done("sync", "--peer", hub.address)
            otherTenant = try await other.done("status", "--json").result(Status.self).tenant
            let subject = try await firm.hub.digests().keys.first { $0.hasPrefix("subject:") }
            project = try #require(subject.map { String($0.dropFirst(8)) })
        }

        private struct Status: Decodable {
            let tenant: String
        }

        func intrude(_ arguments: String...) async throws -> Answer {
            try await intruder.program("intruder.py", arguments + ["--peer", hub.address])
        }
    }

    @Test(
        "S-17 FP-009: two tenants share a port and are strangers",
        .timeLimit(.minutes(4))
    )
    func apart() async throws {
        let both = try await Neighbours("apart")
        let station = try await both.firm.station("ST-1", through: both.hub)
        let guest = GembaNode("TA-1", in: both.firm.folder)
        let token = try await both.other.done([
            "hub", "invite", "--site", "TOR-A", "--advertise", both.hub.address, "--json",
        ]).result(Invitation.self).token
        try await guest.done("join", "--name", "TA-1", input: token + "\n")
        try await guest.done("sync")
        for (device, hub) in [(station, both.firm.hub), (guest, both.other)] {
            let theirs = try await hub.digests()
            let own = try await device.digests()
            #expect(!own.isEmpty && own.allSatisfy { theirs[$0.key] == $0.value })
        }

        let unknown = String(repeating: "5", count: 32)
        for tenant in [both.otherTenant, unknown] {
            let answer = try await both.intrude("knock", "--tenant", tenant)
            #expect(answer.status == 0, "\(answer)")
        }
        // Each counts what was asked of it, and nothing of what was asked of the other.
        #expect(try await both.other.status().refusals.count == 1)
        #expect(try await both.firm.hub.status().refusals.isEmpty)
        try await both.hub.end()
    }

    private struct Invitation: Decodable {
        let token: String
    }

    private struct Reading: Decodable, Equatable {
        let types: [String]
        let frontiers: [Int]
        let chunks: Int
    }

    @Test(
        "S-17 TV-003: what is foreign, hidden or not there looks alike",
        .timeLimit(.minutes(4))
    )
    func read() async throws {
        let both = try await Neighbours("read")
        let held = try await both.firm.hub.digests()
        // The sample data gives the sites of both one id; all else is a tenant's own.
        let foreign = try await both.other.digests().keys.filter { held[$0] == nil }
        let random = "subject:" + String(repeating: "7", count: 32)
        let restricted = "restricted:" + both.project
        let hidden = foreign + [random, restricted]
        #expect(foreign.contains { $0.hasPrefix("subject:") }, "\(foreign)")
        let own = "subject:" + both.project
        let asked = (hidden + [own]).flatMap { ["--scope", $0] }
        let answer = try await both.intruder.program(
            "intruder.py",
            ["read", "--peer", both.hub.address] + asked
        )
        let readings = try answer.result([String: Reading].self)
        let nothing = try #require(readings[random])
        #expect(nothing.chunks == 0 && nothing.frontiers.isEmpty)
        for scope in hidden { #expect(readings[scope] == nothing, "\(scope)") }
        #expect((readings[own]?.chunks ?? 0) > 0, "the probe would see what it may see")
        try await both.hub.end()
    }

    private struct Probe: Decodable {
        let scope: String
        let refused: [Int]
    }

    @Test(
        "S-16 FP-005 AD-002: what is not a station's to write counts for nothing",
        .timeLimit(.minutes(4))
    )
    func write() async throws {
        let both = try await Neighbours("write")
        let station = try await both.firm.station("ST-1", through: both.hub)
        let others = try await both.other.digests()
        let before = try await both.firm.hub.digests()
        let progress = try await Self.progress(at: station)
        let users = try await station.done("user", "list", "--json").output
        let answer = try await both.intrude(
            "write",
            "--tenant",
            both.otherTenant,
            "--subject",
            String(repeating: "7", count: 32),
            "--project",
            both.project
        )
        let probes = try answer.result([String: Probe].self)

        // Bad signature: it was made for another tenant; not writable: the tenant's own records.
        #expect(probes["change of another tenant"]?.refused == [RefusedCode.badSignature])
        #expect(probes["membership"]?.refused == [RefusedCode.scopeNotWritable])
        try await station.done("sync", "--peer", both.hub.address)
        let after = try await both.firm.hub.digests()
        let changed = after.filter { before[$0.key] != $0.value }.keys
        let ownSite = try #require(probes["own work"]?.scope)
        #expect(Set(changed).isSubset(of: [ownSite, "subject:" + both.project]))
        #expect(changed.contains(ownSite), "what is its own to write has arrived")
        #expect(try await station.done("user", "list", "--json").output == users)
        #expect(try await Self.progress(at: station) == progress)
        #expect(try await both.other.digests() == others)
        try await both.hub.end()
        for node in [both.firm.hub, both.other, station] { try await node.requireVerified() }
    }

    private struct Progress: Decodable {
        struct SubStage: Decodable, Equatable {
            let id: String
            let status: String
            let attempt: Int
        }

        let sub_stages: [SubStage]
    }

    private static func progress(at node: GembaNode) async throws -> [Progress.SubStage] {
        try await node.done("progress", "show", "PRJ-000123", "--json").result(Progress.self)
            .sub_stages
    }

    private enum RefusedCode {
        static let badSignature = 3
        static let scopeNotWritable = 7
    }

    @Test("only hubs are served together, each tenant once, and each store by one process")
    func together() async throws {
        let firm = try await Firm("together")
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        try await hub.end()
        var mixed = GembaNode("hub", in: firm.folder)
        mixed.data = firm.hub.data
        let listen = ["run", "--json", "--listen", "127.0.0.1:0"]
        for (also, status) in [(firm.hub.data, Int32(75)), ("\(firm.folder.path)/none", 66)] {
            let answer = try await mixed.command(listen + ["--also", also])
            #expect(answer.status == status, "\(answer)")
        }
        let answer = try await station.command(listen + ["--also", station.data])
        #expect(answer.status == 75, "\(answer)")
    }
}
