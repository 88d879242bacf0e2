import CRDT
import Domain
import SeededRandom
import Simulation
import Storage
import Sync
import Testing
import Wire

/// Bytes that were changed inside an open session: no trap, and nothing is believed.
@Suite("Mutated frames")
struct MutationTests {
    /// Mutations tried on each frame of the sessions that are played.
    private static let total = 100_000

    @Test("100,000 mutated frames inside open sessions change nothing and trap nowhere")
    func mutations() throws {
        var tried = 0
        var seed: UInt64 = 0
        while tried < Self.total {
            seed += 1
            tried += try play(seed)
        }
    }

    /// Plays one honest session; before each delivery a copy of the receiver is fed lies.
    private func play(_ seed: UInt64) throws -> Int {
        let world = try World(seed: 5_000 + seed)
        for _ in 0..<80 { _ = try world.step() }
        var random = SplitMix64(seed: seed)
        var tried = 0
        let nodes = [world.nodes[1], world.hub]
        var sides = nodes.indices.map { side(nodes[$0], peer: nodes[1 - $0], $0, world.now) }
        var queues = sides.indices.map { sides[$0].start().frames.map { $0.encoded() } }
        var ended = false
        while !ended, let from = queues.indices.first(where: { !queues[$0].isEmpty }) {
            let frame = queues[from].removeFirst()
            let to = 1 - from
            for _ in 0..<150 {
                let lie = Self.mutated(frame, &random)
                guard lie != frame else { continue }
                let mutant = try? Frame(decoding: lie)
                var copy = sides[to]
                let input = mutant.map { Session.Input.frame($0) } ?? .malformed("mutated")
                _ = copy.take(input)
                tried += 1
            }
            let outcome = sides[to].take(.frame(try Frame(decoding: frame)))
            queues[to] += outcome.frames.map { $0.encoded() }
            ended = outcome.ending != nil
        }
        // Whatever was stored on the way is authentic: the stores hold together and agree.
        #expect(try world.settle(), "seed \(seed)")
        #expect(try world.differences() == [], "seed \(seed)")
        #expect(try world.faults() == [], "seed \(seed)")
        return tried
    }

    private func side(
        _ node: SimulatedNode,
        peer: SimulatedNode,
        _ index: Int,
        _ now: UInt64
    ) -> StoreSession {
        let configuration = Session.Configuration(
            role: index == 0 ? .initiator : .responder,
            channelHash: [UInt8](repeating: 9, count: 64),
            replica: node.store.replica,
            schema: UInt64(node.schema.version),
            software: "mutation",
            endsWhenEqual: true
        )
        return StoreSession(
            Session(configuration),
            store: node.store,
            peer: peer.store.certificate,
            wall: { now }
        )
    }

    /// A frame with bits flipped, cut short, made longer, or with a stretch moved.
    private static func mutated(_ frame: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = frame
        guard !bytes.isEmpty else { return [0] }
        switch random.below(6) {
        case 0: bytes.removeLast(1 + random.below(bytes.count))
        case 1: bytes += random.bytes(1 + random.below(8))
        case 2:
            let start = random.below(bytes.count)
            let length = min(bytes.count - start, 1 + random.below(8))
            bytes.replaceSubrange(start..<start + length, with: random.bytes(length))
        case 3: bytes.insert(contentsOf: random.bytes(2), at: random.below(bytes.count))
        default: bytes[random.below(bytes.count)] ^= UInt8(1) << UInt8(random.below(8))
        }
        return bytes
    }
}
