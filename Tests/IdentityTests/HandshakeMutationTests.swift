import Identity
import SeededRandom
import Testing

/// What strangers may do to a handshake: nothing traps, and no two sides finish with different
/// transcripts.
@Suite("Handshake under mutation")
struct HandshakeMutationTests {
    private let recordings: [[Recording]]

    init() throws {
        recordings = try ["XX", "XXpsk3"].map { name in
            try (UInt64(0)..<6).map { try Recording(name, seed: $0) }
        }
    }

    @Test("TCP-4 fifty thousand changed messages of XX and XXpsk3 never trap and never pass")
    func mutations() throws {
        var passed = 0
        for seed in UInt64(0)..<50_000 {
            var generator = SplitMix64(seed: seed)
            let recording = recordings[generator.below(2)][generator.below(6)]
            let index = generator.below(3)
            let step = recording.steps[index]
            let message = mutated(step.message, &generator)
            guard message != step.message else { continue }
            var reader = step.reader
            guard (try? reader.read(message)) != nil else { continue }

            passed += 1
            #expect(index == 0, "SEED=\(seed): only the first message is clear")
            #expect(reader.handshakeHash != step.writer.handshakeHash, "SEED=\(seed)")
            if passed.isMultiple(of: 100) {
                #expect(try !finishes(reader, step.writer), "SEED=\(seed)")
            }
        }
        #expect(passed > 1000)
    }

    @Test("a message of another step, another handshake or another pattern is refused")
    func strangers() throws {
        let all = recordings.flatMap { $0 }
        for (number, recording) in all.enumerated() {
            for step in recording.steps.dropFirst() {
                let other = all[(number + 5) % all.count]
                for message in (other.steps + recording.steps).map(\.message)
                where message != step.message {
                    var reader = step.reader
                    #expect(throws: NoiseFault.self) { try reader.read(message) }
                    #expect(!reader.isFinished)
                }
            }
        }
    }

    @Test("a repeated message is out of turn, and a finished handshake reads and writes nothing")
    func repeated() throws {
        for recording in recordings.flatMap({ $0 }) {
            for step in recording.steps {
                var reader = step.reader
                _ = try reader.read(step.message)
                #expect(throws: NoiseFault.misuse) { try reader.read(step.message) }
                var writer = step.writer
                #expect(throws: NoiseFault.misuse) { try writer.write([]) }
            }
        }
    }

    @Test("who is sent nonsense is dropped; the same side, from before, still finishes")
    func dropping() throws {
        for recording in recordings.flatMap({ $0 }) {
            for step in recording.steps.dropFirst() {
                var broken = step.reader
                var changed = step.message
                changed[40] ^= 1
                #expect(throws: NoiseFault.notAuthentic) { try broken.read(changed) }
                #expect(!broken.isFinished)
                var untouched = step.reader
                _ = try untouched.read(step.message)
                #expect(untouched.handshakeHash == step.writer.handshakeHash)
            }
        }
    }

    @Test("another prologue, another psk and a missing psk end the handshake")
    func disagreements() throws {
        let pattern = try #require(HandshakePattern("XXpsk3"))
        func side(
            _ role: Handshake.Role,
            _ prologue: [UInt8],
            _ preshared: [[UInt8]]
        ) -> Handshake {
            let secret: UInt8 = role == .initiator ? 1 : 2
            let keys = Handshake.Keys(
                own: ChannelKey(secret: [UInt8](repeating: secret, count: 32)),
                ephemeral: ChannelKey(secret: [UInt8](repeating: secret + 2, count: 32)),
                preshared: preshared
            )
            return Handshake(pattern, role: role, prologue: prologue, keys: keys)
        }
        let psk = [UInt8](repeating: 9, count: 32)

        let other = [UInt8](repeating: 8, count: 32)
        let initiator = side(.initiator, [1], [psk])

        #expect(try finishes(side(.responder, [1], [psk]), initiator))
        #expect(try !finishes(side(.responder, [2], [psk]), initiator))
        #expect(try !finishes(side(.responder, [1], [other]), initiator))
        #expect(try !finishes(side(.responder, [1], []), initiator))
        var late = side(.responder, [1], [])
        late.setPreshared([psk])
        #expect(try finishes(late, initiator))
    }

    @Test("a weak ephemeral key of the peer ends the handshake")
    func weakKey() throws {
        for recording in recordings.flatMap({ $0 }) {
            var reader = recording.steps[1].reader
            let weak = [UInt8](repeating: 0, count: 32) + recording.steps[1].message.dropFirst(32)
            #expect(throws: NoiseFault.weakKey) { try reader.read(Array(weak)) }
        }
    }

    @Test("a message longer than two bytes of length can say is neither written nor read")
    func lengths() throws {
        let step = recordings[0][0].steps[0]
        var reader = step.reader
        let long = step.message + [UInt8](repeating: 0, count: 65_535)
        #expect(throws: NoiseFault.length) { try reader.read(long) }
        var writer = step.reader
        _ = try writer.read(step.message)
        #expect(throws: NoiseFault.length) {
            try writer.write([UInt8](repeating: 0, count: 65_500))
        }
    }

    /// Whether two sides come to the end and agree on everything that was said.
    private func finishes(_ one: Handshake, _ other: Handshake) throws -> Bool {
        var sides = [one, other]
        while let index = sides.firstIndex(where: \.isOwnTurn) {
            guard let message = try? sides[index].write([]),
                (try? sides[1 - index].read(message)) != nil
            else { return false }
        }
        return sides.allSatisfy(\.isFinished) && sides[0].handshakeHash == sides[1].handshakeHash
    }

    private func mutated(_ message: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
        var changed = message
        switch generator.below(6) {
        case 0, 1:
            changed[generator.below(message.count)] ^= 1 << UInt8(generator.below(8))
        case 2:
            changed.removeLast(1 + generator.below(message.count))
        case 3:
            changed.swapAt(generator.below(message.count), generator.below(message.count))
        case 4:
            changed += message.prefix(1 + generator.below(message.count))
        default:
            changed = generator.bytes(generator.below(message.count * 2))
        }
        return changed
    }
}
