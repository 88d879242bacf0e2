import Foundation
import Testing

/// A tenant of one test: the sample company at a hub, and the devices that join it.
struct Firm: Sendable {
    let folder: TemporaryFolder
    let hub: GembaNode

    /// Founds the tenant; the hub does not run yet.
    init(_ name: String) async throws {
        folder = try TemporaryFolder(name)
        hub = GembaNode("hub", in: folder)
        try await hub.done([
            "hub", "init", "--tenant", "Factory Pulse", "--site", "HCM",
            "--admin", "nguyen.a@example.com", "--no-recovery", "--trust-local",
        ])
        try await hub.done("import", "\(Machine.fixtures)/factory-pulse")
    }

    /// Brings the project of the sample company to the stage where things are made.
    func startProduction() async throws {
        try await hub.done([
            "stage", "advance", "--as", "nguyen.van.a", "PRJ-000123", "production",
            "--reason", "customer waived the RFQ",
        ])
    }

    private struct Invitation: Decodable {
        let token: String
    }

    /// A token for a device of a site.
    func token(site: String, at hub: RunningNode) async throws -> String {
        try await self.hub.done([
            "hub", "invite", "--site", site, "--advertise", hub.address, "--json",
        ]).result(Invitation.self).token
    }

    /// Lets a station join while the hub runs, and fetch what is its.
    func station(
        _ name: String,
        site: String = "HCM",
        through hub: RunningNode
    ) async throws -> GembaNode {
        let node = GembaNode(name, in: folder)
        let token = try await token(site: site, at: hub)
        try await node.done("join", "--name", name, input: token + "\n")
        try await node.done("sync")
        return node
    }
}

// MARK: - What is asked of nodes

extension GembaNode {
    private struct Digest: Decodable {
        struct Item: Decodable {
            let scope: String
            let digest: String
        }

        let scopes: [Item]
    }

    /// The state hash of each scope.
    func digests() async throws -> [String: String] {
        let digest = try await done("digest", "--json").result(Digest.self)
        return Dictionary(uniqueKeysWithValues: digest.scopes.map { ($0.scope, $0.digest) })
    }

    private struct Verification: Decodable {
        let ok: Bool
        let changes: Int
        let faults: [String]
    }

    private struct Told: Decodable {
        struct Attempt: Decodable {
            let waiting: Bool
        }

        let attempts: [Attempt]
    }

    /// How many changes are held, but for what tells of refused commands (DOM-273).
    func changesOfWork() async throws -> Int {
        let held = try await done("verify", "--json").result(Verification.self).changes
        let told = try await done("login", "attempts", "--limit", "100000", "--json")
            .result(Told.self)
        return held - told.attempts.count { !$0.waiting }
    }

    /// Checks every chain, signature and record.
    func requireVerified() async throws {
        let answer = try await command("verify", "--json")
        let found = try answer.result(Verification.self)
        #expect(found.ok && found.faults.isEmpty, "\(name): \(answer)")
        #expect(found.changes > 0, "\(name) holds nothing")
    }

    struct Entry: Decodable {
        let entry: String
    }

    /// Notes an hour of work.
    func logHours(_ hour: Int, of person: String = "ly.van.k") async throws -> Answer {
        let start = hour % 24
        let day = 1 + hour / 24 % 28
        let month = 1 + hour / 24 / 28 % 12
        func time(_ minute: Int) -> String {
            String(format: "2025-%02d-%02dT%02d:%02d:00Z", month, day, start, minute)
        }
        return try await command([
            "hours", "log", "--as", person, "PRJ-000123", "--kind", "WORK",
            "--start", time(0), "--end", time(50), "--json",
        ])
    }

    private struct Hours: Decodable {
        struct Item: Decodable {
            let entry: String
        }

        let entries: [Item]
    }

    /// The entries of hours of a site.
    func hours(of site: String = "HCM") async throws -> Set<String> {
        let hours = try await done("hours", "list", "--site", site, "--json").result(Hours.self)
        return Set(hours.entries.map(\.entry))
    }

    struct Status: Decodable {
        struct Replica: Decodable, Hashable {
            let id: String
            let number: Int
        }

        struct Refusal: Decodable, Hashable {
            let device: String
            let code: String
            let count: Int
        }

        let replica: Replica
        let changes: Int
        let refusals: [Refusal]
    }

    func status() async throws -> Status {
        try await done("status", "--json").result()
    }
}
