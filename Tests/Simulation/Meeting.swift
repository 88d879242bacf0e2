import CRDT
import Domain
import SeededRandom
import Storage
public import Sync
import Wire

/// A session between two simulated nodes, frame by frame through the codec, that may break off.
public struct Meeting {
    /// How it went.
    public struct Outcome {
        public var initiatorEnding: StoreSession.Ending?
        public var responderEnding: StoreSession.Ending?
        public var frames = 0
        public var bytes = 0
        public var reports: [Session.Report] = []

        /// Whether both sides found that they hold the same.
        public var isEqual: Bool { reports.contains(.equal) }
    }

    private let initiator: SimulatedNode
    private let responder: SimulatedNode
    private let now: UInt64
    private let channelHash: [UInt8]
    /// Changes bytes on their way: a liar in the middle of an open session.
    public var tamper: ((_ frame: [UInt8]) -> [UInt8])?
    /// Whether a hub says at the end of each round what it holds.
    public var attests = false
    /// Called before each delivery, so that nodes may work meanwhile.
    public var meanwhile: ((_ frame: Int) throws -> Void)?

    public init(_ initiator: SimulatedNode, _ responder: SimulatedNode, now: UInt64, seed: UInt64) {
        self.initiator = initiator
        self.responder = responder
        self.now = now
        var random = SplitMix64(seed: seed)
        channelHash = random.bytes(64)
    }

    /// Talks until a side ends it, nothing moves any more, or the frames allowed are used up.
    ///
    /// - Parameter cut: After how many frames the line goes dead; nil for never.
    /// - Returns: What was said, and how it ended.
    /// - Throws: What `meanwhile` throws.
    public func run(cutAfter cut: Int? = nil) throws -> Outcome {
        var sides = [
            side(initiator, .initiator, peer: responder),
            side(responder, .responder, peer: initiator),
        ]
        var outcome = Outcome()
        var queues: [[[UInt8]]] = [[], []]
        var positions = [initiator.store.position, responder.store.position]
        for index in 0..<2 { take(sides[index].start(), from: index, &queues, &outcome) }
        // Deliver in turn, so that the two sides really talk at once.
        var turn = 0
        while !queues[0].isEmpty || !queues[1].isEmpty {
            if let cut, outcome.frames >= cut { break }
            try meanwhile?(outcome.frames)
            let from = queues[turn].isEmpty ? 1 - turn : turn
            turn = 1 - turn
            var bytes = queues[from].removeFirst()
            if let tamper { bytes = tamper(bytes) }
            outcome.frames += 1
            outcome.bytes += bytes.count
            let to = 1 - from
            guard ending(of: to, outcome) == nil else { continue }
            take(sides[to].take(input(bytes)), from: to, &queues, &outcome)
            for (index, node) in [initiator, responder].enumerated()
            where node.store.position != positions[index] && ending(of: index, outcome) == nil {
                positions[index] = node.store.position
                let grown = Session.Input.grew(to: positions[index], changesShares: false)
                take(sides[index].take(grown), from: index, &queues, &outcome)
            }
        }
        return outcome
    }

    private func ending(of index: Int, _ outcome: Outcome) -> StoreSession.Ending? {
        index == 0 ? outcome.initiatorEnding : outcome.responderEnding
    }

    private func input(_ bytes: [UInt8]) -> Session.Input {
        do {
            return .frame(try Frame(decoding: bytes))
        } catch {
            return .malformed("\(error)")
        }
    }

    private func side(
        _ node: SimulatedNode,
        _ role: Session.Role,
        peer: SimulatedNode
    ) -> StoreSession {
        let wall = node.wall(now)
        return StoreSession(
            Session(
                Session.Configuration(
                    role: role,
                    channelHash: channelHash,
                    replica: node.store.replica,
                    schema: UInt64(node.schema.version),
                    software: "simulation",
                    endsWhenEqual: true
                )
            ),
            store: node.store,
            peer: peer.store.certificate,
            wall: { wall },
            attests: attests
        )
    }

    private func take(
        _ step: StoreSession.Outcome,
        from index: Int,
        _ queues: inout [[[UInt8]]],
        _ outcome: inout Outcome
    ) {
        queues[index] += step.frames.map { $0.encoded() }
        outcome.reports += step.reports
        guard let ending = step.ending else { return }
        if index == 0 { outcome.initiatorEnding = ending } else { outcome.responderEnding = ending }
    }
}
