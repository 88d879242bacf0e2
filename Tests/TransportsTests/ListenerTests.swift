import CRDT
import NIOCore
import NIOPosix
import Sync
import Synchronization
import Testing
import Wire

@testable import Transports

/// What strangers, and peers that fail, can do to a listener: TCP-7 above all.
@Suite("TCP listener", .timeLimit(.minutes(1)))
struct ListenerTests {
    private let tenant: Tenant
    private let station: LocalIdentity
    private let loopback: Loopback

    init() throws {
        tenant = try Tenant()
        station = try tenant.device(2)
        loopback = Loopback(try tenant.device(1))
    }

    private func dial(_ address: String) async throws -> Socket {
        try await Socket.connect(to: try Endpoint(address), limits: TCPLimits())
    }

    /// Sends and receives one frame, which only works between two that trust each other.
    private func expectEcho(_ address: String) async throws {
        let channel = try await station.connector().connect(to: address)
        try await channel.send([1, 2, 3])
        #expect(try await channel.receive() == [1, 2, 3])
        await channel.close()
    }

    @Test("whatever a stranger sends, it is reported, and the next peer is served")
    func strangers() async throws {
        let good = Preamble(.xx, tenant: tenant.id).encoded
        let stranger = try Tenant(2).device(3)
        try await loopback.run(expecting: 5) { address in
            for bytes in [Array("GET / HTTP/1.1\r\n\r\n".utf8), good + [0xff, 0xff], [0]] {
                let socket = try await dial(address)
                try await socket.send(bytes)
                while let answer = try await socket.read() { #expect(answer == [1]) }
            }
            let cut = try await dial(address)
            try await cut.send(Array(good.prefix(9)))
            await cut.close()
            let refused = await code { _ = try await stranger.connector().connect(to: address) }
            #expect(refused == .refused)

            try await expectEcho(address)
        }
        let expected: [ChannelFault.Code] = [
            .notGemba, .overLimit, .notGemba, .closed, .wrongTenant,
        ]
        #expect(Set(loopback.reports.codes) == Set(expected))
        #expect(loopback.reports.codes.count == expected.count)
    }

    @Test("a device that is barred is told so and nothing else")
    func barred() async throws {
        let device = station.credentials().certificate.structure.device
        let log = try tenant.log([
            .revocation(device: device, serial: 0, reason: 1, effectiveAt: 1)
        ])
        var strict = Loopback(try tenant.device(1, log: log))
        strict.limits.farewell = .milliseconds(50)
        try await strict.run(expecting: 1) { _ in
            Issue.record("a barred device is not served")
        } _: { address in
            let channel = try await station.connector().connect(to: address)
            let frame = try Frame(decoding: try #require(try await channel.receive()))
            guard case .bye(.notAllowed, _) = frame else {
                Issue.record("not a goodbye: \(frame)")
                return
            }
            #expect(try await channel.receive() == nil)
        }
        #expect(strict.reports.codes == [.barred])
    }

    @Test("silence ends a handshake, whoever keeps it")
    func silence() async throws {
        var hasty = loopback
        hasty.limits.handshake = .milliseconds(100)
        try await hasty.run(expecting: 1) { address in
            let socket = try await dial(address)
            #expect(try await socket.read() == nil)
        }
        #expect(hasty.reports.codes == [.timeout])

        let mute = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(mute.localAddress?.port)
        let connector = station.connector(limits: hasty.limits)
        let fault = await code { _ = try await connector.connect(to: "127.0.0.1:\(port)") }
        #expect(fault == .timeout)
        try await mute.close()
    }

    @Test("a name is looked up")
    func name() async throws {
        try await loopback.run { address in
            try await expectEcho("localhost:\(try Endpoint(address).port)")
        }
    }

    @Test("where nobody listens, connecting fails at once and says so")
    func unreachable() async throws {
        let address = try await loopback.run { $0 }

        let fault = await code { _ = try await station.connector().connect(to: address) }

        #expect(fault == .unreachable)
    }

    @Test("a hundred strangers that only sit there do not keep a peer out")
    func crowd() async throws {
        try await loopback.run { address in
            var crowd: [Socket] = []
            for _ in 0..<100 { crowd.append(try await dial(address)) }

            try await expectEcho(address)

            try await loopback.reports.wait(for: 36)
            for socket in crowd { await socket.close() }
        }
        let evicted = loopback.reports.codes.filter { $0 == .overLimit }.count
        #expect((36...37).contains(evicted))
    }

    @Test("cancelling ends every channel and handshake, and the listener")
    func cancels() async throws {
        let served = Mutex(0)
        let (peer, stranger) = try await loopback.run { channel in
            served.withLock { $0 += 1 }
            #expect((try? await channel.receive()) == nil)
            served.withLock { $0 -= 1 }
        } _: { address in
            let peer = try await station.connector().connect(to: address)
            let stranger = try await dial(address)
            while served.withLock({ $0 == 0 }) { try await Task.sleep(for: .milliseconds(2)) }
            return (peer, stranger)
        }

        #expect(served.withLock { $0 } == 0)
        #expect(try await peer.receive() == nil)
        #expect(try await stranger.read() == nil)
    }

    @Test("a peer that is served when the listener is cancelled can still say goodbye")
    func farewell() async throws {
        var patient = loopback
        patient.limits.farewell = .seconds(10)
        let isServed = Mutex(false)
        let peer = try await patient.run { channel in
            _ = try? await channel.receive()
            isServed.withLock { $0 = true }
            try? await Task.sleep(for: .seconds(60))
            try? await channel.send([9])
        } _: { address in
            let peer = try await station.connector().connect(to: address)
            try await peer.send([1])
            while !isServed.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(2)) }
            return peer
        }

        #expect(try await peer.receive() == [9])
        #expect(try await peer.receive() == nil)
    }

    @Test("a cancelled connect ends at once")
    func cancelledConnect() async throws {
        let mute = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(mute.localAddress?.port)
        let start = ContinuousClock.now
        let connector = station.connector()
        let fault = await withTaskGroup(of: ChannelFault.Code?.self) { group in
            group.addTask {
                await code { _ = try await connector.connect(to: "127.0.0.1:\(port)") }
            }
            try? await Task.sleep(for: .milliseconds(30))
            group.cancelAll()
            return await group.next() ?? nil
        }

        #expect(fault == .closed)
        #expect(ContinuousClock.now - start < .seconds(4))
        try await mute.close()
    }

    @Test("an address that is taken, or is none, cannot be listened on")
    func addressInUse() async throws {
        try await loopback.run { address in
            for wrong in [address, "nowhere", "127.0.0.1:99999"] {
                let second = TCPListener(
                    tenants: [ServedTenant(station)],
                    entropy: { Chance(1).bytes($0) },
                    report: { _, _ in }
                )
                let fault = await code {
                    try await second.run(on: wrong, ready: { _ in }, serve: { _ in })
                }
                #expect(fault == (wrong == address ? .cannotListen : .address))
            }
        }
    }
}
