import Identity
import SeededRandom

/// A handshake that went well, with both sides as they stood before every message.
struct Recording {
    struct Step {
        /// Who reads the message, before reading it.
        let reader: Handshake
        /// Who wrote it, after writing it.
        let writer: Handshake
        let message: [UInt8]
    }

    typealias Pair = (send: CipherState, receive: CipherState)

    struct Unusable: Error {}

    let steps: [Step]
    private let reader: Handshake
    private let writer: Handshake

    init(_ name: String, seed: UInt64) throws {
        guard let pattern = HandshakePattern(name) else { throw Unusable() }
        var generator = SplitMix64(seed: seed)
        let preshared = pattern.usesPresharedKey ? [generator.bytes(32)] : []
        var sides = [Handshake.Role.initiator, .responder].map { role in
            Handshake(
                pattern,
                role: role,
                prologue: [1, 2, 3],
                keys: Handshake.Keys(
                    own: ChannelKey(secret: generator.bytes(32)),
                    ephemeral: ChannelKey(secret: generator.bytes(32)),
                    preshared: preshared
                )
            )
        }
        var steps: [Step] = []
        for index in pattern.messages.indices {
            let (writing, reading) = (index % 2, 1 - index % 2)
            let reader = sides[reading]
            let message = try sides[writing].write(generator.bytes(generator.below(40)))
            _ = try sides[reading].read(message)
            steps.append(Step(reader: reader, writer: sides[writing], message: message))
        }
        self.steps = steps
        writer = sides[0]
        reader = sides[1]
    }

    /// The two ends of the channel that the handshake began: the initiator's, the responder's.
    func channels() throws -> (Pair, Pair) { (writer.split(), reader.split()) }
}
