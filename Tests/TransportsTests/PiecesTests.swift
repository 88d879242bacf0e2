import Identity
import Testing
import Wire

@testable import Transports

/// TCP-3 and TCP-5 without a network.
@Suite("Pieces")
struct PiecesTests {
    /// The two ends of one direction.
    private let ciphers: (send: CipherState, receive: CipherState)

    init() throws {
        let pattern = try #require(HandshakePattern("NN"))
        let chance = Chance(3)
        func side(_ role: Handshake.Role) throws -> Handshake {
            let keys = Handshake.Keys(ephemeral: try chance.key())
            return Handshake(pattern, role: role, prologue: [], keys: keys)
        }
        var initiator = try side(.initiator)
        var responder = try side(.responder)
        _ = try responder.read(try initiator.write([]))
        _ = try initiator.read(try responder.write([]))
        ciphers = (initiator.split().send, responder.split().receive)
    }

    @Test("a frame is cut into messages of at most 65,535 bytes and joined again")
    func cutsAndJoins() throws {
        var outgoing = Pieces.Outgoing(ciphers.send)
        var incoming = Pieces.Incoming(ciphers.receive)

        for (count, messages) in [(1, 1), (65_518, 1), (65_519, 2), (131_036, 2), (131_037, 3)] {
            let frame = Chance(UInt64(count)).bytes(count)
            let sealed = try outgoing.seal(frame)
            #expect(sealed.count == messages)
            #expect(sealed.allSatisfy { $0.count <= 65_537 })
            let joined = try sealed.map { try incoming.open(Array($0.dropFirst(2))) }
            #expect(joined.dropLast().allSatisfy { $0 == nil })
            #expect(joined.last == frame)
        }
    }

    @Test("a frame that is empty or above 4 MiB is not sent, and nothing is used up by it")
    func refusesToSend() throws {
        var outgoing = Pieces.Outgoing(ciphers.send)
        var incoming = Pieces.Incoming(ciphers.receive)

        for count in [0, Limits.frameBytesMax + 1] {
            let fault = #expect(throws: ChannelFault.self) {
                try outgoing.seal([UInt8](repeating: 1, count: count))
            }
            #expect(fault?.code == .overLimit)
        }

        let sealed = try outgoing.seal([42])
        #expect(try incoming.open(Array(sealed[0].dropFirst(2))) == [42])
    }

    @Test("a frame that grows above 4 MiB ends the channel")
    func refusesToJoin() throws {
        var cipher = ciphers.send
        var incoming = Pieces.Incoming(ciphers.receive)
        let piece = [1] + [UInt8](repeating: 9, count: Pieces.bytesMax)

        for _ in 0..<64 { #expect(try incoming.open(try cipher.send(piece)) == nil) }
        let rest = [UInt8](repeating: 9, count: Limits.frameBytesMax - 64 * Pieces.bytesMax)
        let message = try cipher.send([1] + rest)
        #expect(try incoming.open(message) == nil)
        let fault = try #require(throws: ChannelFault.self) {
            _ = try incoming.open(try cipher.send([0, 9]))
        }
        #expect(fault.code == .overLimit)
    }

    @Test(
        "a piece without content or with unknown flags is refused",
        arguments: [[], [0], [2, 7]]
    )
    func refusesPiece(piece: [UInt8]) throws {
        var cipher = ciphers.send
        var incoming = Pieces.Incoming(ciphers.receive)
        let message = try cipher.send(piece)

        let fault = #expect(throws: ChannelFault.self) { try incoming.open(message) }

        #expect(fault?.code == .malformed)
    }

    @Test("a message that was changed, repeated, left out or cut is refused")
    func refusesForgery() throws {
        var outgoing = Pieces.Outgoing(ciphers.send)
        let messages = try (0..<3).map { try Array(outgoing.seal([$0])[0].dropFirst(2)) }
        var changed = messages[0]
        changed[3] ^= 1
        let histories = [
            [changed], [messages[0], messages[0]], [messages[1]], [messages[0], messages[2]],
            [Array(messages[0].dropLast())], [[]], [messages[0] + [0]],
        ]

        for history in histories {
            var incoming = Pieces.Incoming(ciphers.receive)
            for message in history.dropLast() { _ = try incoming.open(message) }
            let fault = try #require(throws: ChannelFault.self) {
                _ = try incoming.open(history[history.count - 1])
            }
            #expect(fault.code == .notAuthentic)
        }
    }

    @Test("both sides take a new key after 65,536 messages")
    func rekeys() throws {
        var outgoing = Pieces.Outgoing(ciphers.send)
        var incoming = Pieces.Incoming(ciphers.receive)
        var stubborn = ciphers.receive

        for number in 0..<65_540 {
            let frame = [UInt8(truncatingIfNeeded: number)]
            let message = Array(try outgoing.seal(frame)[0].dropFirst(2))
            #expect(try incoming.open(message) == frame)
            // Without the new key the next message cannot be read.
            let isReadable = (try? stubborn.decrypt(message)) != nil
            #expect(isReadable == (number < 65_536))
        }
    }

    @Test("messages are found however the bytes are cut")
    func framing() throws {
        let messages = [[], [1], Chance(1).bytes(300), Chance(2).bytes(65_535)]
        let bytes = messages.flatMap(MessageBuffer.framed)

        for size in [1, 2, 7, 4_096, bytes.count] {
            var buffer = MessageBuffer()
            var found: [[UInt8]] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                buffer.append(Array(bytes[start..<min(start + size, bytes.count)]))
                while let message = try buffer.next() { found.append(message) }
            }
            #expect(found == messages)
            #expect(buffer.count == 0)
        }
    }
}
