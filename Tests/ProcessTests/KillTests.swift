import SeededRandom
import Testing

/// Stations that write and sync, and are killed in the middle of it, again and again.
@Suite("Killed processes")
struct KillTests {
    private static let stations = 4
    private static let livesEach = 50

    /// One station, its many lives, and what was acknowledged in them.
    private struct Lives {
        let station: GembaNode
        let hubAddress: String
        var chance: SplitMix64
        var acknowledged: Set<String> = []
        private var hour = 0

        init(of station: GembaNode, hubAddress: String, seed: UInt64) {
            self.station = station
            self.hubAddress = hubAddress
            chance = SplitMix64(seed: seed)
        }

        /// Runs the node, kills it at a random moment, and looks into what it left.
        mutating func liveOnce() async throws {
            let child = try station.start(["run", "--json", "--no-hub", "--peer", hubAddress])
            if chance.happens(20) {
                // While it opens the store, or soon after.
                try await pause(upTo: 250)
                try await child.crash()
            } else {
                try await eventually("ready: \(child)") {
                    guard child.poll() == nil else { throw TestFailure("has ended: \(child)") }
                    return child.output.contains("\n")
                }
                try await actUntilKilled(child)
            }
            // In the file itself: the hub could only bring it back once the node runs.
            let held = try await station.hours()
            let lost = acknowledged.subtracting(held)
            guard lost.isEmpty else { throw TestFailure("lost: \(lost), by \(child)") }
        }

        private mutating func actUntilKilled(_ child: ChildProcess) async throws {
            for _ in 0..<chance.below(4) { try await act() }
            // The last action is under way, or just over, when the end comes.
            let moment = Duration.milliseconds(chance.below(120))
            async let end: Void = {
                try await Task.sleep(for: moment)
                try await child.crash()
            }()
            do {
                while child.poll() == nil { try await act() }
            } catch is Unacknowledged {
                // It may be there or not: nobody was told that it is.
            }
            try await end
        }

        private struct Unacknowledged: Error {}

        private mutating func act() async throws {
            hour += 1
            let answer = try await station.logHours(hour)
            guard answer.status == 0 else {
                // Cut short: a fault of the socket, and none of the action.
                guard answer.status == 74 else { throw TestFailure("\(answer)") }
                throw Unacknowledged()
            }
            acknowledged.insert(try answer.result(GembaNode.Entry.self).entry)
        }

        private mutating func pause(upTo milliseconds: Int) async throws {
            try await Task.sleep(for: .milliseconds(chance.below(milliseconds)))
        }
    }

    @Test("C16 200 kills lose no acknowledged action, and open no replica", .timeLimit(.minutes(8)))
    func killed() async throws {
        let firm = try await Firm("killed")
        let hub = try await firm.hub.run()
        var stations: [GembaNode] = []
        for number in 1...Self.stations {
            stations.append(try await firm.station("ST-\(number)", through: hub))
        }
        let replicas = try await replicas(of: stations)
        let acknowledged = try await lives(of: stations, hub)
        #expect(acknowledged.count > Self.stations * Self.livesEach / 2)
        for station in stations { try await station.done("sync", "--peer", hub.address) }
        for station in stations { try await station.done("sync", "--peer", hub.address) }
        #expect(try await self.replicas(of: stations) == replicas)
        let truth = try await firm.hub.digests()
        for station in stations {
            #expect(try await acknowledged.isSubset(of: station.hours()), "\(station.name)")
            for (scope, digest) in try await station.digests() {
                #expect(truth[scope] == digest, "\(station.name): \(scope)")
            }
            try await station.requireVerified()
        }
        #expect(try await acknowledged.isSubset(of: firm.hub.hours()))
        try await hub.end()
        try await firm.hub.requireVerified()
    }

    private func replicas(of stations: [GembaNode]) async throws -> [GembaNode.Status.Replica] {
        var replicas: [GembaNode.Status.Replica] = []
        for station in stations { replicas.append(try await station.status().replica) }
        return replicas
    }

    /// Lets all stations live and die at the same time.
    private func lives(of stations: [GembaNode], _ hub: RunningNode) async throws -> Set<String> {
        try await withThrowingTaskGroup(of: Set<String>.self) { group in
            for (index, station) in stations.enumerated() {
                group.addTask {
                    var lives = Lives(
                        of: station,
                        hubAddress: hub.address,
                        seed: UInt64(index + 1)
                    )
                    for _ in 0..<Self.livesEach { try await lives.liveOnce() }
                    return lives.acknowledged
                }
            }
            return try await group.reduce(into: []) { $0.formUnion($1) }
        }
    }
}
