import Testing

/// Four nodes that meet in every order come to hold the same.
@Suite("Convergence of processes")
struct ConvergenceTests {
    /// A hub, two stations of one site, and one of another.
    private struct Four {
        let firm: Firm
        let first: GembaNode
        let second: GembaNode
        let far: GembaNode

        init(_ name: String) async throws {
            firm = try await Firm(name)
            try await firm.startProduction()
            let running = try await firm.hub.run()
            first = try await firm.station("ST-1", through: running)
            second = try await firm.station("ST-2", through: running)
            far = try await firm.station("ST-9", site: "HAN", through: running)
            try await running.end()
        }

        var hub: GembaNode { firm.hub }
        var stations: [GembaNode] { [first, second, far] }
        var all: [GembaNode] { [hub] + stations }

        /// Works at each station alone: its own hours, and steps that contradict each other.
        ///
        /// - Returns: The entries of hours that were acknowledged.
        func work(from hour: Int) async throws -> Set<String> {
            var entries: Set<String> = []
            for (index, station) in stations.enumerated() {
                for number in 0..<3 {
                    let answer = try await station.logHours(hour + index * 8 + number)
                    entries.insert(try answer.result(GembaNode.Entry.self).entry)
                }
            }
            for station in [first, second] {
                try await station.done([
                    "progress", "block", "--as", "do.thi.j", "PRJ-000123", "assembly",
                    "--reason", "seen from \(station.name) at \(hour)",
                ])
            }
            return entries
        }

        /// Whether what two nodes both hold is the same, and the hub holds all of it.
        func agree() async throws -> Bool {
            let hub = try await self.hub.digests()
            let first = try await self.first.digests()
            let second = try await self.second.digests()
            let far = try await self.far.digests()
            let isWithin = [first, second, far].allSatisfy { station in
                !station.isEmpty && station.allSatisfy { hub[$0.key] == $0.value }
            }
            return isWithin && first == second
        }

        /// Checks the end: the same everywhere, whole, and with every entry.
        func expectAgreed(with entries: Set<String>) async throws {
            #expect(try await agree())
            for node in all { try await node.requireVerified() }
            let held = try await hub.hours(of: "HCM").union(hub.hours(of: "HAN"))
            #expect(entries.isSubset(of: held), "\(entries.subtracting(held))")
        }
    }

    /// Starts nodes, each of which seeks some of those that were started before it.
    private func start(_ links: [(node: GembaNode, seeks: [Int])]) async throws -> [RunningNode] {
        var running: [RunningNode] = []
        for link in links {
            let addresses = link.seeks.flatMap { ["--peer", running[$0].address] }
            running.append(try await link.node.run(addresses))
        }
        return running
    }

    private func end(_ running: [RunningNode]) async throws {
        for node in running { try await node.end() }
    }

    @Test("in a line, while they run and work", .timeLimit(.minutes(4)))
    func line() async throws {
        let four = try await Four("line")
        var entries = try await four.work(from: 0)
        let running = try await start([
            (four.second, []), (four.first, [0]), (four.hub, [1]), (four.far, [2]),
        ])
        // Over the control sockets, while everything moves.
        entries.formUnion(try await four.work(from: 100))
        try await eventually("a line agrees") { try await four.agree() }
        try await end(running)
        try await four.expectAgreed(with: entries)
    }

    @Test("in a ring", .timeLimit(.minutes(4)))
    func ring() async throws {
        let four = try await Four("ring")
        let entries = try await four.work(from: 0)
        let running = try await start([
            (four.first, []), (four.second, [0]), (four.hub, [1]), (four.far, [0, 2]),
        ])
        try await eventually("a ring agrees") { try await four.agree() }
        try await end(running)
        try await four.expectAgreed(with: entries)
    }

    @Test("in a star, each meeting the hub once and again", .timeLimit(.minutes(4)))
    func star() async throws {
        let four = try await Four("star")
        let entries = try await four.work(from: 0)
        let hub = try await four.hub.run()
        for station in four.stations + four.stations {
            try await station.done("sync", "--peer", hub.address)
        }
        try await hub.end()
        try await four.expectAgreed(with: entries)
    }

    @Test(
        "C15 with the hub away, which then returns: all agree without anybody asking",
        .timeLimit(.minutes(4))
    )
    func hubAway() async throws {
        let four = try await Four("away")
        var entries = try await four.work(from: 0)
        let stations = try await start([(four.first, []), (four.second, [0]), (four.far, [0, 1])])
        try await eventually("stations of a site agree without the hub") {
            try await four.first.digests() == four.second.digests()
        }
        let held = try await four.first.hours()
        #expect(try await four.second.hours() == held)
        #expect(held.count == 6)
        entries.formUnion(try await four.work(from: 200))
        let hub = try await four.hub.run(stations.flatMap { ["--peer", $0.address] })
        try await eventually("all agree once the hub is back") { try await four.agree() }
        try await end(stations + [hub])
        try await four.expectAgreed(with: entries)
    }
}
