import SeededRandom
import Testing

/// What knocks at a listening node: it goes on, counts it, and says why.
@Suite("Strangers")
struct StrangerTests {
    /// Checks that the node counted a refusal, and that it said so.
    private func expectCounted(
        _ running: RunningNode,
        _ code: String,
        atLeast count: Int = 1
    ) async throws {
        try await eventually("\(code) is counted") {
            let refusals = try await running.node.status().refusals
            return refusals.filter { $0.code == code }.reduce(0) { $0 + $1.count } >= count
        }
        try await eventually("it says why: \(running.child)") {
            running.child.errors.contains("refused")
        }
    }

    private func expectServing(_ running: RunningNode, _ station: GembaNode) async throws {
        #expect(running.child.poll() == nil, "\(running.child)")
        try await station.done("sync", "--peer", running.address)
    }

    @Test("random bytes are not gemba", .timeLimit(.minutes(3)))
    func garbage() async throws {
        let firm = try await Firm("garbage")
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        let before = try await firm.hub.digests()
        var chance = SplitMix64(seed: 7)
        for _ in 0..<40 {
            let connection = try RawConnection(to: hub.address)
            // Its first byte alone says that it is nothing of ours.
            connection.send([0] + chance.bytes(1 + chance.below(4_000)))
            try await eventually("garbage is hung up on") { connection.isClosed() }
        }
        try await expectCounted(hub, "channel.notGemba", atLeast: 40)
        for _ in 0..<20 {
            // A preamble that begins well, and random bytes after it.
            let connection = try RawConnection(to: hub.address)
            connection.send(Array("gemba".utf8) + [1, 1, 1] + chance.bytes(200))
            try await eventually("another realm is hung up on") { connection.isClosed() }
        }
        try await expectCounted(hub, "channel.wrongTenant", atLeast: 20)
        try await expectServing(hub, station)
        #expect(try await firm.hub.digests() == before)
        try await hub.end()
    }

    @Test("connections that say nothing keep nobody out, and are ended", .timeLimit(.minutes(3)))
    func halfOpen() async throws {
        let firm = try await Firm("halfopen")
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        let waiting = try (0..<100).map { number in
            let connection = try RawConnection(to: hub.address)
            if number.isMultiple(of: 2) { connection.send(Array("gem".utf8)) }
            return connection
        }
        try await expectServing(hub, station)
        try await eventually("all are ended") { waiting.allSatisfy { $0.isClosed() } }
        try await expectCounted(hub, "channel.timeout")
        try await expectServing(hub, station)
        try await hub.end()
    }

    @Test("a station of another tenant learns nothing and leaves nothing", .timeLimit(.minutes(3)))
    func otherTenant() async throws {
        let firm = try await Firm("mine")
        let other = try await Firm("theirs")
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        let theirs = try await other.hub.run()
        let stranger = try await other.station("ST-1", through: theirs)
        let before = try await firm.hub.digests()
        let answer = try await stranger.command("sync", "--peer", hub.address, "--json")
        #expect([69, 77].contains(answer.status), "\(answer)")
        try await expectCounted(hub, "channel.wrongTenant")
        try await expectServing(hub, station)
        #expect(try await firm.hub.digests() == before)
        try await theirs.end()
        try await hub.end()
    }

    @Test(
        "a certificate that nobody issued, or of another device, opens nothing",
        .timeLimit(.minutes(3)),
        arguments: ["forged", "borrowed", "foreign"]
    )
    func impostors(kind: String) async throws {
        let firm = try await Firm(kind)
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        let python = try await PythonNode("python", in: firm.folder)
        try await python.done([
            "join", "--token", firm.token(site: "HCM", at: hub), "--label", "PY-1",
        ])
        let before = try await firm.hub.digests()
        let answer = try await python.program("impostor.py", [kind, "--peer", hub.address])
        #expect(answer.status == 0 && answer.output == "refused\n", "\(answer)")
        let code = kind == "foreign" ? "channel.wrongTenant" : "channel.notAuthentic"
        try await expectCounted(hub, code)
        try await expectServing(hub, station)
        #expect(try await firm.hub.digests() == before)
        try await hub.end()
    }
}
