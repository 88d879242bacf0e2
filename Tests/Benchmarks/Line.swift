import CRDT
import Domain
import Storage
import Sync
import Wire

/// Two stores in a session, frame by frame, and what an encrypted channel makes of each frame.
struct Line {
    /// What the figures of a line are asked about.
    struct Cost {
        /// Encrypted bytes of the initiator, and of the responder.
        var bytes = [0, 0]
        /// How often frames crossed the line; two crossings are a round trip.
        var crossings = 0
        /// Time that a side worked.
        var work = [Tally(), Tally()]

        var allBytes: Int { bytes[0] + bytes[1] }
    }

    private(set) var cost = Cost()
    /// Whether both sides found that they hold the same.
    private(set) var isEqual = false
    private var sides: [StoreSession]
    private let stores: [Store]
    private var positions: [Int64]
    private var queues: [[[UInt8]]] = [[], []]
    private var hasEnded = [false, false]

    init(_ initiator: Device, _ responder: Device, endsWhenEqual: Bool) {
        stores = [initiator.store, responder.store]
        positions = stores.map(\.position)
        let stores = stores
        sides = stores.indices.map { index in
            StoreSession(
                Session(
                    Session.Configuration(
                        role: index == 0 ? .initiator : .responder,
                        channelHash: [UInt8](repeating: 7, count: 64),
                        replica: stores[index].replica,
                        schema: UInt64(BenchmarkSchema.schema.version),
                        software: "bench",
                        endsWhenEqual: endsWhenEqual
                    )
                ),
                store: stores[index],
                peer: stores[1 - index].certificate,
                wall: { Device.wall + 3_600_000 }
            )
        }
    }

    /// Begins the session and talks until nothing moves.
    mutating func start() throws {
        for index in sides.indices {
            let outcome = cost.work[index].measuring { sides[index].start() }
            try take(outcome, from: index)
        }
        try talk()
    }

    /// Tells the sides what their stores have written since, and talks until nothing moves.
    mutating func goOn() throws {
        try notice()
        try talk()
    }

    mutating func forgetCost() { cost = Cost() }

    private mutating func talk() throws {
        while queues.contains(where: { !$0.isEmpty }) {
            cost.crossings += 1
            let crossing = queues
            queues = [[], []]
            for (from, frames) in crossing.enumerated() {
                for frame in frames { try deliver(frame, from: from) }
            }
        }
    }

    private mutating func deliver(_ bytes: [UInt8], from index: Int) throws {
        cost.bytes[index] += Benchmarks.encryptedBytes(bytes.count)
        let other = 1 - index
        guard !hasEnded[other] else { return }
        let frame = try Frame(decoding: bytes)
        let outcome = cost.work[other].measuring { sides[other].take(.frame(frame)) }
        try take(outcome, from: other)
        try notice()
    }

    private mutating func notice() throws {
        for index in stores.indices
        where stores[index].position != positions[index] && !hasEnded[index] {
            positions[index] = stores[index].position
            let grown = Session.Input.grew(to: positions[index], changesShares: false)
            let outcome = cost.work[index].measuring { sides[index].take(grown) }
            try take(outcome, from: index)
        }
    }

    private mutating func take(_ outcome: StoreSession.Outcome, from index: Int) throws {
        queues[index] += outcome.frames.map { $0.encoded() }
        if outcome.reports.contains(.equal) { isEqual = true }
        guard let ending = outcome.ending else { return }
        hasEnded[index] = true
        guard ending.code == .done else {
            note("a session ended with code \(ending.code.rawValue): \(ending.text)")
            throw Device.Refused()
        }
    }
}
