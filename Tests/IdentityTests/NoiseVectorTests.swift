import Bytes
import Identity
import Testing

@Suite("Noise vectors")
struct NoiseVectorTests {
    @Test(
        "TCP-2 every published handshake is written and read byte for byte",
        .enabled(if: Vectors.file("noise-25519-chachapoly-blake2b.json") != nil)
    )
    func published() throws {
        let vectors = try Vectors.noise()

        #expect(vectors.count >= 51)
        for vector in vectors {
            try play(vector)
        }
    }

    private func play(_ vector: NoiseVector) throws {
        let name = vector.protocolName.split(separator: "_")[1]
        let pattern = try #require(HandshakePattern(String(name)))
        var initiator = Handshake(
            pattern,
            role: .initiator,
            prologue: try bytes(vector.initiatorPrologue),
            keys: try keys(
                vector.initiatorStatic,
                vector.initiatorEphemeral,
                vector.initiatorRemote,
                vector.initiatorPSKs
            )
        )
        var responder = Handshake(
            pattern,
            role: .responder,
            prologue: try bytes(vector.responderPrologue),
            keys: try keys(
                vector.responderStatic,
                vector.responderEphemeral,
                vector.responderRemote,
                vector.responderPSKs
            )
        )
        for message in vector.messages.prefix(pattern.messages.count) {
            let payload = try bytes(message.payload)
            let isInitiators = initiator.isOwnTurn
            let sent = try isInitiators ? initiator.write(payload) : responder.write(payload)
            let read = try isInitiators ? responder.read(sent) : initiator.read(sent)
            #expect(Hex.encode(sent) == message.ciphertext, "\(vector.protocolName)")
            #expect(read == payload, "\(vector.protocolName)")
        }
        #expect(initiator.isFinished && responder.isFinished)
        #expect(initiator.handshakeHash == responder.handshakeHash)
        if let hash = vector.handshakeHash {
            #expect(Hex.encode(initiator.handshakeHash) == hash)
        }
        try exchange(
            vector.messages.dropFirst(pattern.messages.count),
            isOneWay: pattern.isOneWay,
            startsWithInitiator: pattern.messages.count.isMultiple(of: 2),
            initiator.split(),
            responder.split()
        )
    }

    private func exchange(
        _ messages: ArraySlice<NoiseVector.Message>,
        isOneWay: Bool,
        startsWithInitiator: Bool,
        _ initiator: (send: CipherState, receive: CipherState),
        _ responder: (send: CipherState, receive: CipherState)
    ) throws {
        var forwards = (initiator.send, responder.receive)
        var backwards = (responder.send, initiator.receive)
        var isInitiators = isOneWay || startsWithInitiator
        for message in messages {
            let payload = try bytes(message.payload)
            let sent = try isInitiators ? forwards.0.send(payload) : backwards.0.send(payload)
            let read = try isInitiators ? forwards.1.receive(sent) : backwards.1.receive(sent)
            #expect(Hex.encode(sent) == message.ciphertext)
            #expect(read == payload)
            isInitiators = isOneWay || !isInitiators
        }
    }

    private func keys(
        _ own: String?,
        _ ephemeral: String?,
        _ remote: String?,
        _ preshared: [String]?
    ) throws -> Handshake.Keys {
        Handshake.Keys(
            own: try own.flatMap { ChannelKey(secret: try bytes($0)) },
            ephemeral: try ephemeral.flatMap { ChannelKey(secret: try bytes($0)) },
            remote: try remote.map(bytes),
            preshared: try (preshared ?? []).map(bytes)
        )
    }

    private func bytes(_ text: String) throws -> [UInt8] { try #require(Hex.decode(text)) }
}
