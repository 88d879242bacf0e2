import Foundation
import Testing

/// Peers that mean harm, all at once, at a node that goes on serving an honest one (F26).
@Suite("Hostile peers")
struct HostilePeerTests {
    /// What an honest record may take to arrive during the attack, on however slow a machine.
    private static let arrivalLimit = Duration.seconds(20)
    private static let attackSeconds = 25
    private static let peakBytesMax = 256 << 20

    @Test(
        "an honest peer is served, memory stays bounded, and nothing is believed",
        .timeLimit(.minutes(5))
    )
    func attacked() async throws {
        let firm = try await Firm("hostile")
        try await firm.startProduction()
        let hub = try await firm.hub.run()
        let station = try await firm.station("ST-1", through: hub)
        let honest = try await station.run(["--peer", hub.address])
        let crowd = try await HostileCrowd(in: firm, at: hub, seconds: Self.attackSeconds)

        let arrivals = try await work(at: station, until: crowd, seenAt: firm.hub)
        #expect(arrivals.count >= 3)
        let attacks = try await crowd.results()
        #expect(hub.child.poll() == nil, "the node has ended: \(hub.child)")
        let peak = try Self.peakBytes(of: hub.child)
        let status = try await firm.hub.status()
        let seconds = arrivals.map { $0 / .seconds(1) }
        Self.print(Figures(arrivals: seconds, peakBytes: peak, attacks: attacks, status: status))

        #expect(peak < Self.peakBytesMax)
        expectTried(attacks)
        expectCounted(status.refusals)
        try await eventually("both hold the same") {
            let own = try await firm.hub.digests()
            let theirs = try await station.digests()
            return !theirs.isEmpty && theirs.allSatisfy { own[$0.key] == $0.value }
        }
        try await honest.end()
        try await hub.end()
        try await firm.hub.requireVerified()
        try await station.requireVerified()
    }

    /// Notes hours at the station while the attack goes on, each once the one before has arrived.
    ///
    /// - Returns: How long each took from the command to the other node.
    private func work(
        at station: GembaNode,
        until crowd: HostileCrowd,
        seenAt hub: GembaNode
    ) async throws -> [Duration] {
        var arrivals: [Duration] = []
        try await eventually("a new connection gets in", within: Self.arrivalLimit) {
            try await station.command("sync").status == 0
        }
        while crowd.isAttacking {
            let answer = try await station.logHours(arrivals.count)
            let start = ContinuousClock.now
            let entry = try answer.result(GembaNode.Entry.self).entry
            try await eventually("\(entry) arrives", within: Self.arrivalLimit) {
                try await hub.hours().contains(entry)
            }
            arrivals.append(ContinuousClock.now - start)
            try await Task.sleep(for: .milliseconds(200))
        }
        return arrivals
    }

    private func expectTried(_ attacks: [String: HostileCrowd.Attack]) {
        #expect(attacks.count >= 12)
        for (kind, attack) in attacks {
            #expect(attack.connected > 0, "\(kind) never connected")
            #expect(attack.fault.isEmpty, "\(kind): \(attack.fault)")
        }
    }

    /// Each kind of fault is counted under its own code.
    private func expectCounted(_ refusals: [GembaNode.Status.Refusal]) {
        let counts = Dictionary(refusals.map { ($0.code, $0.count) }, uniquingKeysWith: +)
        let expected = [
            "badSignature", "channel.overLimit", "session.2", "session.4", "session.5", "unbound",
        ]
        for code in expected {
            #expect(counts[code, default: 0] > 0, "\(code) is not among \(counts)")
        }
    }

    /// The most memory that a process ever held at once.
    private static func peakBytes(of child: ChildProcess) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(child.id)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        guard let kibibytes = number.flatMap({ Int($0) }) else {
            throw TestFailure("no VmHWM in \(status)")
        }
        return kibibytes << 10
    }

    private struct Figures: Encodable {
        let arrivals: [Double]
        let peakBytes: Int
        let attacks: [String: HostileCrowd.Attack]
        let refusals: [String: Int]

        init(
            arrivals: [Double],
            peakBytes: Int,
            attacks: [String: HostileCrowd.Attack],
            status: GembaNode.Status
        ) {
            self.arrivals = arrivals
            self.peakBytes = peakBytes
            self.attacks = attacks
            let counts = status.refusals.map { ($0.code, $0.count) }
            refusals = Dictionary(counts, uniquingKeysWith: +)
        }
    }

    private static func print(_ figures: Figures) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let line = try? encoder.encode(figures) else { return }
        FileHandle.standardOutput.write(line + Data("\n".utf8))
    }
}
