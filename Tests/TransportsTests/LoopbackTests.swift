import CRDT
import Sync
import Synchronization
import Testing
import Wire

@testable import Transports

/// Channels over the loopback interface.
@Suite("TCP channel", .timeLimit(.minutes(1)))
struct LoopbackTests {
    private let tenant: Tenant
    private let station: LocalIdentity
    private var loopback: Loopback

    init() throws {
        tenant = try Tenant()
        station = try tenant.device(2)
        loopback = Loopback(try tenant.device(1))
    }

    @Test("both sides know each other's certificate, and the same hash and words")
    func identities() async throws {
        let seen = Mutex<[(ID, [UInt8], Session.Role)]>([])
        try await loopback.run { channel in
            #expect(channel.address.hasPrefix("127.0.0.1:"))
            seen.withLock { $0.append((channel.peer.device, channel.channelHash, channel.role)) }
        } _: { address in
            let channel = try await station.connector().connect(to: address)

            #expect(try await channel.receive() == nil)
            #expect(channel.peer.device == ID(high: 0, low: 1))
            #expect(channel.role == .initiator)
            #expect(channel.address == address)
            #expect(channel.channelHash.count == 64)
            #expect((channel as? TCPChannel)?.words.split(separator: "-").count == 6)
            let (device, hash, role) = try #require(seen.withLock { $0.first })
            #expect(device == ID(high: 0, low: 2))
            #expect(hash == channel.channelHash)
            #expect(role == .responder)
        }
        #expect(loopback.reports.codes.isEmpty)
    }

    @Test("frames of 1 byte to 4 MiB arrive as they were sent, both ways")
    func frames() async throws {
        let counts = [
            1, 2, 65_517, 65_518, 65_519, 65_535, 65_536, 65_537, 131_037, Limits.frameBytesMax,
        ]
        try await loopback.run { address in
            let channel = try await station.connector().connect(to: address)
            for count in counts {
                let frame = Chance(UInt64(count)).bytes(count)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await channel.send(frame) }
                    #expect(try await channel.receive() == frame, "\(count) bytes")
                    try await group.waitForAll()
                }
            }
            await channel.close()
        }
    }

    @Test("many frames sent at once arrive whole and in order")
    func order() async throws {
        try await loopback.run { address in
            let channel = try await station.connector().connect(to: address)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<500 {
                        let byte = UInt8(truncatingIfNeeded: number)
                        try await channel.send([UInt8](repeating: byte, count: 1 + number * 7))
                    }
                }
                for number in 0..<500 {
                    let byte = UInt8(truncatingIfNeeded: number)
                    let frame = try await channel.receive()
                    #expect(frame == [UInt8](repeating: byte, count: 1 + number * 7))
                }
                try await group.waitForAll()
            }
            await channel.close()
        }
    }

    @Test("a frame over the limit is refused before it is sent, and the channel goes on")
    func overLimit() async throws {
        try await loopback.run { address in
            let channel = try await station.connector().connect(to: address)
            let frame = [UInt8](repeating: 1, count: Limits.frameBytesMax + 1)

            #expect(await code { try await channel.send(frame) } == .overLimit)
            #expect(await code { try await channel.send([]) } == .overLimit)

            try await channel.send([5])
            #expect(try await channel.receive() == [5])
            await channel.close()
        }
    }

    @Test("closing ends one's own waiting receive and the peer's, without a fault")
    func closes() async throws {
        let ended = Mutex(false)
        try await loopback.run { channel in
            let last = try? await channel.receive()
            ended.withLock { $0 = last == .some(.none) }
        } _: { address in
            let channel = try await station.connector().connect(to: address)
            async let waiting = channel.receive()
            await channel.close()

            #expect(try await waiting == nil)
            #expect(await code { try await channel.send([1]) } == .closed)
        }
        #expect(ended.withLock { $0 })
    }

    /// How a good peer's channel ends that gets these bytes after the handshake.
    private func ending(
        _ loopback: Loopback,
        _ attack: @escaping @Sendable (inout Pieces.Outgoing, Socket) async throws -> Void
    ) async throws -> (frames: [[UInt8]], code: ChannelFault.Code?) {
        let result = Mutex<(frames: [[UInt8]], code: ChannelFault.Code?)>(([], nil))
        try await loopback.run { channel in
            let found = await code {
                while let frame = try await channel.receive() {
                    result.withLock { $0.frames.append(frame) }
                }
            }
            result.withLock { $0.code = found }
        } _: { address in
            var (opened, socket) = try await station.openByHand(address)
            try? await attack(&opened.outgoing, socket)
            #expect((try? await socket.read()) == .some(nil), "the other side closes")
            await socket.close()
        }
        return result.withLock { $0 }
    }

    @Test("a message that is repeated, changed or out of order ends the channel without effect")
    func forgery() async throws {
        let repeated = try await ending(loopback) { outgoing, socket in
            let message = try outgoing.seal([1])[0]
            try await socket.send(message + message)
        }
        let changed = try await ending(loopback) { outgoing, socket in
            try await socket.send(try outgoing.seal([1])[0])
            var message = try outgoing.seal([2, 2, 2])[0]
            message[5] ^= 0x10
            try await socket.send(message)
        }
        let swapped = try await ending(loopback) { outgoing, socket in
            let messages = try [outgoing.seal([1])[0], outgoing.seal([2])[0]]
            try await socket.send(messages[1] + messages[0])
        }

        #expect(repeated == ([[1]], .notAuthentic))
        #expect(changed == ([[1]], .notAuthentic))
        #expect(swapped == ([], .notAuthentic))
    }

    @Test("a message that is begun and not ended is not waited for without end")
    func halfMessage() async throws {
        var hasty = loopback
        hasty.limits.message = .milliseconds(100)

        let result = try await ending(hasty) { outgoing, socket in
            try await socket.send(try outgoing.seal([1])[0])
            try await socket.send([0])
        }

        #expect(result == ([[1]], .timeout))
    }

    @Test("a quiet channel stays open, however long a message may take")
    func quiet() async throws {
        var hasty = loopback
        hasty.limits.message = .milliseconds(20)
        hasty.limits.handshake = .milliseconds(500)
        try await hasty.run { address in
            let channel = try await station.connector().connect(to: address)
            try await Task.sleep(for: .milliseconds(600))

            try await channel.send([3])
            #expect(try await channel.receive() == [3])
            await channel.close()
        }
    }

    @Test("a peer that does not read stops the sender, and is given up")
    func backpressure() async throws {
        let sent = Mutex(0)
        let fault = Mutex<ChannelFault.Code?>(nil)
        var hasty = loopback
        hasty.limits.message = .milliseconds(200)
        let frame = [UInt8](repeating: 1, count: Limits.frameBytesMax)
        try await hasty.run { channel in
            let found = await code {
                for _ in 0..<64 {
                    try await channel.send(frame)
                    sent.withLock { $0 += 1 }
                }
            }
            fault.withLock { $0 = found }
        } _: { address in
            let channel = try await station.connector().connect(to: address)
            while fault.withLock({ $0 == nil }) { try await Task.sleep(for: .milliseconds(5)) }
            await channel.close()
        }

        #expect(fault.withLock { $0 } == .timeout)
        #expect(sent.withLock { $0 } < 8)
    }
}
