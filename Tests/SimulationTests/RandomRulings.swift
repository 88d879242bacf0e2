import CRDT
import Domain
import SeededRandom
import Simulation
import Wire

/// Histories by chance: work, forks, clocks that are ahead, and statements about any of it.
struct RandomRulings {
    static func all(_ start: RulingHistory) throws -> [Vector] {
        try (1...count).map { seed in
            var course = RandomRulings(start, seed: UInt64(seed))
            for _ in 0..<steps { try course.step() }
            return try course.history.vector("by chance, \(seed)")
        }
    }

    private static let count = 8
    private static let steps = 28

    private var history: RulingHistory
    private var random: SplitMix64
    private var now = 0
    private var forks = 0
    /// The place of each thing's creation, and of the writes of its title.
    private var things: [(made: Int, writes: [Int])] = []
    private var authors: [Int] = []
    private var revocations: [Hash] = []
    private var ruled: [Int: [Int]] = [:]

    private init(_ start: RulingHistory, seed: UInt64) {
        history = start
        random = SplitMix64(seed: seed &* 7_919)
    }

    private mutating func step() throws {
        switch random.below(10) {
        case 0...3: try work()
        case 4: try write(random.below(5), [.step("s\(now)")])
        case 5 where history.log.number < 6:
            let ahead = UInt64(random.below(4) == 0 ? 3 : 1)
            revocations.append(
                try history.revoke(random.below(4), effectiveAt: history.log.number + ahead)
            )
        case 6: try rule()
        default: try state()
        }
    }

    // MARK: - Work

    private mutating func work() throws {
        let author = random.below(5)
        if things.isEmpty || random.below(3) == 0 {
            things.append((history.history.changes.count, [history.history.changes.count]))
            try write(author, [.thing("w\(now)")])
            return
        }
        let thing = random.below(things.count)
        let writes = things[thing].writes
        let seen = Set((0...random.below(2)).map { _ in writes[random.below(writes.count)] })
        let names = seen.map { history.name($0) }.sorted()
        things[thing].writes.append(history.history.changes.count)
        let title = FieldEdit(1, .write(.text("w\(now)"), replacing: names))
        let id = history.id(things[thing].made)
        try write(
            author,
            [Operation(SimulationSchema.thing.number, .existing(id), edits: [title])]
        )
    }

    /// Writes a change: in a fork now and then, and now and then by a clock that is ahead.
    private mutating func write(_ author: Int, _ operations: [Operation]) throws {
        now += random.below(12) == 0 ? 7_200_000 : 1 + random.below(50)
        let own = authors.indices.filter { authors[$0] == author }
        var parent = own.last
        if own.count > 2, forks < 4, random.below(8) == 0 {
            forks += 1
            parent = own[random.below(own.count - 1)]
        }
        authors.append(author)
        try history.write(author, at: now, after: .some(parent), operations)
    }

    // MARK: - Statements

    /// A change that is held; now and then one that is not.
    private mutating func point() -> FeedPoint {
        let point = history.point(random.below(authors.count))
        switch random.below(12) {
        case 0:
            return FeedPoint(
                replica: point.replica,
                sequence: point.sequence + 1,
                hash: Hash(of: [UInt8(random.below(200))])
            )
        case 1: return RulingVectors.nothing(of: point)
        default: return point
        }
    }

    private mutating func state() throws {
        guard !authors.isEmpty else { return }
        let hub = 2 + random.below(3)
        switch random.below(5) {
        case 0, 1:
            guard !revocations.isEmpty else { return }
            try write(hub, [.cutOff(revocations[random.below(revocations.count)], point())])
        case 2: try write(hub, [.receipt(point(), point()), .step("r\(now)")])
        default:
            let last = point()
            let first = UInt64(random.below(Int(last.sequence) + 2))
            try write(hub, [.clock(first, last, at: UInt64(random.below(now + 1)))])
        }
    }

    private mutating func rule() throws {
        guard !authors.isEmpty else { return }
        let (hub, change) = (2 + random.below(3), random.below(authors.count))
        let ruling = Ruling.allCases[random.below(3)]
        let before = ruled[change] ?? []
        let place = history.history.changes.count
        ruled[change, default: []].append(place)
        if before.isEmpty || random.below(3) == 0 {
            try write(hub, [history.verdict(ruling, on: change)])
        } else {
            let seen = before[random.below(before.count)]
            try write(hub, [history.ruling(ruling, on: change, over: [seen])])
        }
    }
}
