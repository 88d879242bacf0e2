import Foundation
import Testing

/// A second implementation, which shares nothing with this one but the protocol.
@Suite("Foreign client")
struct ForeignClientTests {
    private struct People: Decodable {
        struct Person: Decodable { let id, user: String }

        let users: [Person]
    }

    private struct Sites: Decodable {
        struct Site: Decodable { let id, code: String }

        let sites: [Site]
    }

    @Test("a node in Python joins, syncs, writes, and holds the same", .timeLimit(.minutes(4)))
    func python() async throws {
        let firm = try await Firm("python")
        try await firm.startProduction()
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        let python = try await PythonNode("python", in: firm.folder)
        try await python.done([
            "join", "--token", firm.token(site: "HCM", at: hub), "--label", "PY-1",
        ])
        try await work(at: station, hour: 0)
        try await station.done("sync", "--peer", hub.address)
        try await python.done("sync", "--peer", hub.address)
        try await expectSame(python, station)

        let before = try await station.hours()
        try await write(python, station)
        // Unseen by each other: the station works on.
        try await work(at: station, hour: 10)
        for _ in 0..<2 {
            try await python.done("sync", "--peer", hub.address)
            try await station.done("sync", "--peer", hub.address)
        }
        try await expectSame(python, station)
        try await expectSame(python, firm.hub)
        #expect(try await station.hours().count == before.count + 2)
        try await station.requireVerified()
        try await hub.end()
        try await firm.hub.requireVerified()
    }

    private struct Aside: Decodable {
        struct Item: Decodable {
            let change: String
            let why: String
        }

        let changes: [Item]
    }

    private func aside(_ node: GembaNode) async throws -> [Aside.Item] {
        try await node.done("aside", "--json").result(Aside.self).changes
    }

    @Test(
        "a node in Python obeys a revocation and verdicts as all others do",
        .timeLimit(.minutes(4))
    )
    func rulings() async throws {
        let firm = try await Firm("rulings")
        try await firm.startProduction()
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        let stolen = try await firm.station("ST-2", through: hub)
        let python = try await PythonNode("python", in: firm.folder)
        try await python.done(["join", "--token", firm.token(site: "HCM", at: hub)])
        try await work(at: stolen, hour: 0)
        try await stolen.done("sync", "--peer", hub.address)
        // What comes now is on no other node when the hub says where the feeds end.
        try await work(at: stolen, hour: 2)
        try await firm.hub.done("hub", "revoke", "ST-2", "--reason", "stolen")
        _ = try await stolen.command("sync", "--peer", hub.address)
        let late = try await aside(firm.hub)
        #expect(late.count > 1 && late.allSatisfy { $0.why == "cut-off" }, "\(late)")
        try await expectAside(firm, hub, python, station)

        let released = try #require(late.first).change
        try await rule("accept", released, at: firm.hub)
        try await rule("reject", try #require(late.last).change, at: firm.hub)
        let left = try await aside(firm.hub)
        #expect(left.count == late.count - 1 && left.contains { $0.why == "rejected" }, "\(left)")
        try await expectAside(firm, hub, python, station)
        try await hub.end()
    }

    private func rule(_ word: String, _ change: String, at hub: GembaNode) async throws {
        try await hub.done([
            "hub", "verdict", "--as", "nguyen.van.a", word, change, "--reason", "looked at",
        ])
    }

    /// Lets all meet the hub; they agree on what is set aside and on all states.
    private func expectAside(
        _ firm: Firm,
        _ hub: RunningNode,
        _ python: PythonNode,
        _ station: GembaNode,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for _ in 0..<2 {
            try await python.done("sync", "--peer", hub.address)
            try await station.done("sync", "--peer", hub.address)
        }
        let foreign = try await python.aside()
        let own = try await aside(station).map(\.change)
        #expect(foreign.count == own.count, sourceLocation: sourceLocation)
        for change in own {
            #expect(foreign.contains { $0.hasPrefix(change) }, sourceLocation: sourceLocation)
        }
        try await expectSame(python, station, sourceLocation: sourceLocation)
        try await expectSame(python, firm.hub, sourceLocation: sourceLocation)
    }

    private func work(at station: GembaNode, hour: Int) async throws {
        _ = try await station.logHours(hour).result(GembaNode.Entry.self)
        try await station.done([
            "progress", "block", "--as", "do.thi.j", "PRJ-000123", "assembly",
            "--reason", "jig \(hour)",
        ])
    }

    /// Lets the Python node note hours (entity 65 of `protocol/domain.md`).
    private func write(_ python: PythonNode, _ station: GembaNode) async throws {
        let people = try await station.done("user", "list", "--json").result(People.self)
        let sites = try await station.done("site", "list", "--json").result(Sites.self)
        let person = try #require(people.users.first { $0.user == "ly.van.k" }).id
        let site = try #require(sites.sites.first { $0.code == "HCM" }).id
        try await python.done([
            "write", "--scope", "site:\(site)", "--entity", "65", "--event", "--user", person,
            "--set", "1=text:whole", "--set", "2=id:\(person)", "--set", "3=text:WORK",
            "--set", "8=integer:1764576000000", "--set", "12=integer:1764579600000",
        ])
    }

    private func expectSame(
        _ python: PythonNode,
        _ node: GembaNode,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let foreign = try await python.digests()
        let own = try await node.digests()
        #expect(foreign.count > 1, "\(foreign)", sourceLocation: sourceLocation)
        for (scope, digest) in foreign {
            #expect(own[scope] == digest, "\(node.name): \(scope)", sourceLocation: sourceLocation)
        }
        if node.name != "hub" {
            #expect(Set(foreign.keys) == Set(own.keys), sourceLocation: sourceLocation)
        }
    }
}
