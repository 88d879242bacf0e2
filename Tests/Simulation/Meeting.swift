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
        /// The longest chain of frames, each an answer to the one before: half a trip each.
        public var flights = 0
        public var reports: [Session.Report] = []

        /// The bytes on an encrypted channel, in pieces that hold a frame each (TCP-3, TCP-5).
        public var encryptedBytes: Int { bytes + frames * Meeting.pieceBytes }

        /// Whether both sides found that they hold the same.
        public var isEqual: Bool { reports.contains(.equal) }
    }

    /// What a frame costs on an encrypted channel: length 2, flags 1, tag 16.
    private static let pieceBytes = 19

    /// A frame on its way.
    private struct Sent {
        let bytes: [UInt8]
        /// How many frames answered each other up to this one.
        let flight: Int
    }

    private let initiator: SimulatedNode
    private let responder: SimulatedNode
    private let now: UInt64
    private let channelHash: [UInt8]
    /// Changes bytes on their way: a liar in the middle of an open session.
    public var tamper: ((_ frame: [UInt8]) -> [UInt8])?
    /// Whether a hub says at the end of each round what it holds.
    public var attests = false
    /// Whether the two watch the audit log beside their session.
    public var watches = false
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
    /// - Parameters:
    ///   - cut: After how many frames the line goes dead; nil for never.
    ///   - lastByte: After how many bytes it does, which may be within a frame; nil for never.
    /// - Returns: What was said, and how it ended.
    /// - Throws: What `meanwhile` throws.
    public func run(cutAfter cut: Int? = nil, cutAtByte lastByte: Int? = nil) throws -> Outcome {
        var sides = [
            side(initiator, .initiator, peer: responder),
            side(responder, .responder, peer: initiator),
        ]
        var exchanges =
            watches ? [exchange(initiator, responder), exchange(responder, initiator)] : []
        var outcome = Outcome()
        var queues: [[Sent]] = [[], []]
        var flights = [0, 0]
        var positions = [initiator.store.position, responder.store.position]
        for index in exchanges.indices {
            queues[index] += exchanges[index].start().map { Sent(bytes: $0, flight: 1) }
        }
        for index in 0..<2 { take(sides[index].start(), from: index, 0, &queues, &outcome) }
        // Deliver in turn, so that the two sides really talk at once.
        var turn = 0
        while !queues[0].isEmpty || !queues[1].isEmpty {
            if let cut, outcome.frames >= cut { break }
            try meanwhile?(outcome.frames)
            let from = queues[turn].isEmpty ? 1 - turn : turn
            turn = 1 - turn
            let sent = queues[from].removeFirst()
            let bytes = tamper?(sent.bytes) ?? sent.bytes
            let end = outcome.encryptedBytes + bytes.count + Self.pieceBytes
            if let lastByte, end > lastByte { break }
            outcome.frames += 1
            outcome.bytes += bytes.count
            let to = 1 - from
            if watches, WitnessExchange.takes(bytes) {
                let answers = exchanges[to].take(bytes)
                queues[to] += answers.map { Sent(bytes: $0, flight: sent.flight + 1) }
                continue
            }
            flights[to] = max(flights[to], sent.flight)
            outcome.flights = max(outcome.flights, sent.flight)
            guard ending(of: to, outcome) == nil else { continue }
            take(sides[to].take(input(bytes)), from: to, flights[to], &queues, &outcome)
            for (index, node) in [initiator, responder].enumerated()
            where node.store.position != positions[index] && ending(of: index, outcome) == nil {
                positions[index] = node.store.position
                let grown = Session.Input.grew(to: positions[index], changesShares: false)
                take(sides[index].take(grown), from: index, flights[index], &queues, &outcome)
            }
        }
        return outcome
    }

    private func exchange(_ node: SimulatedNode, _ peer: SimulatedNode) -> WitnessExchange {
        let wall = node.wall(now)
        return WitnessExchange(store: node.store, peer: peer.store.certificate, wall: { wall })
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
        _ flight: Int,
        _ queues: inout [[Sent]],
        _ outcome: inout Outcome
    ) {
        queues[index] += step.frames.map { Sent(bytes: $0.encoded(), flight: flight + 1) }
        outcome.reports += step.reports
        guard let ending = step.ending else { return }
        if index == 0 { outcome.initiatorEnding = ending } else { outcome.responderEnding = ending }
    }
}
