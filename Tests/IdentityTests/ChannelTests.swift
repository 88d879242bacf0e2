import Identity
import Testing

@Suite("Channel")
struct ChannelTests {
    private func channel() throws -> (Recording.Pair, Recording.Pair) {
        let recording = try Recording("XX", seed: 1)
        return try recording.channels()
    }

    @Test("TCP-5 both directions rekey after every 65,536 messages, in step")
    func rekeyInStep() throws {
        var (initiator, responder) = try channel()
        var withoutRekey = responder.receive
        for number in 0..<CipherState.rekeyInterval {
            let message = try initiator.send.send([1])
            let plain = try responder.receive.receive(message)
            if number == 0 || number == CipherState.rekeyInterval - 1 { #expect(plain == [1]) }
            _ = try withoutRekey.decrypt(message)
        }

        let after = try initiator.send.send([2])
        #expect(throws: NoiseFault.notAuthentic) { try withoutRekey.decrypt(after) }
        #expect(try responder.receive.receive(after) == [2])
        withoutRekey.rekey()
        #expect(try withoutRekey.decrypt(after) == [2])
    }

    @Test("a failed decryption changes nothing: the right message opens after it")
    func failureChangesNothing() throws {
        var (initiator, responder) = try channel()
        let message = try initiator.send.send([1, 2, 3])

        for bit in 0..<message.count * 8 {
            var changed = message
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: NoiseFault.notAuthentic, "bit \(bit)") {
                try responder.receive.receive(changed)
            }
        }
        #expect(throws: NoiseFault.length) {
            try responder.receive.receive(Array(message.prefix(15)))
        }
        #expect(try responder.receive.receive(message) == [1, 2, 3])
    }

    @Test("a repeated, a swapped, a lost and a reflected message does not open")
    func outOfStep() throws {
        var (initiator, responder) = try channel()
        let messages = try (0..<3).map { try initiator.send.send([$0]) }

        #expect(throws: NoiseFault.notAuthentic) { try responder.receive.receive(messages[1]) }
        #expect(try responder.receive.receive(messages[0]) == [0])
        #expect(throws: NoiseFault.notAuthentic) { try responder.receive.receive(messages[0]) }
        #expect(throws: NoiseFault.notAuthentic) { try responder.receive.receive(messages[2]) }
        #expect(throws: NoiseFault.notAuthentic) { try initiator.receive.receive(messages[0]) }
        #expect(try responder.receive.receive(messages[1]) == [1])
    }

    @Test("one plaintext twice is two ciphertexts, and associated bytes must be the same")
    func nonces() throws {
        var (initiator, responder) = try channel()
        let first = try initiator.send.encrypt([7], associated: [1])
        let second = try initiator.send.encrypt([7], associated: [1])

        #expect(first != second)
        #expect(throws: NoiseFault.notAuthentic) {
            try responder.receive.decrypt(first, associated: [2])
        }
        #expect(try responder.receive.decrypt(first, associated: [1]) == [7])
    }

    @Test("a channel before its handshake is over is a mistake of the caller")
    func splitTooEarly() async {
        await #expect(processExitsWith: .failure) {
            let pattern = HandshakePattern("NN")
            let early = pattern.map {
                Handshake($0, role: .initiator, prologue: [], keys: Handshake.Keys())
            }
            _ = early?.split()
        }
    }
}

@Suite("Handshake patterns")
struct HandshakePatternTests {
    @Test("a name of the framework is read; its modifiers put psk tokens in their places")
    func names() throws {
        let joining = try #require(HandshakePattern("XXpsk3"))

        #expect(joining.messages == [[.e], [.e, .ee, .s, .es], [.s, .se, .psk]])
        #expect(joining.usesPresharedKey)
        #expect(HandshakePattern("NNpsk0+psk2")?.messages == [[.psk, .e], [.e, .ee, .psk]])
        #expect(HandshakePattern("IK")?.knowsResponder == true)
        #expect(HandshakePattern("XX")?.knowsResponder == false)
        #expect(HandshakePattern("KN")?.knowsInitiator == true)
        #expect(HandshakePattern("N")?.isOneWay == true)
    }

    @Test(
        "no other name is a pattern",
        arguments: [
            "", "XY", "xx", "XXpsk4", "XXpsk-1", "XXpsk-0", "XXpsk00", "XXpsk", "XX+psk0",
            "XXpsk0+", "XXpsk0+fallback", "XX psk0", "XXpsk99999999999999999999",
        ]
    )
    func otherNames(name: String) {
        #expect(HandshakePattern(name) == nil)
    }
}
