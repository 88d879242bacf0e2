import CRDT
import Identity
import Sync
import Testing
import Wire

@testable import Transports

@Suite("Devices that know each other's keys, TCP-8 and TCP-9", .timeLimit(.minutes(1)))
struct KnownKeyTests {
    private let tenant: Tenant
    private let hub: LocalIdentity
    private let station: LocalIdentity
    private let stranger: LocalIdentity

    init() throws {
        let tenant = try Tenant()
        let certificates = try [1, 2].map { try tenant.device($0).credentials().certificate }
        let log = try tenant.log(certificates.map { .certificate($0) })
        self.tenant = tenant
        hub = try tenant.device(1, log: log)
        station = try tenant.device(2, log: log)
        stranger = try tenant.device(3, log: log)
    }

    private func caller(_ identity: LocalIdentity, _ peer: LocalIdentity) throws -> KnownHandshake {
        let certificate = peer.credentials().certificate.structure
        return try KnownHandshake(identity, calling: certificate, ephemeral: Chance(11).key())
    }

    private func responder(_ identity: LocalIdentity? = nil) throws -> ResponderHandshake {
        ResponderHandshake(
            tenants: [ServedTenant(identity ?? hub)],
            ephemeral: try Chance(12).key(),
            spareKey: Chance(13).bytes(32)
        )
    }

    @Test(
        "one message each way opens the channel for the caller, and its first frame for the other"
    )
    func meets() throws {
        var caller = try caller(station, hub)
        var responder = try responder()

        let answer = try responder.take(caller.opening)
        #expect(answer.opened == nil && answer.knownKey == station.channelKey.publicKey)
        var called = try #require(try caller.take(answer.output).opened)
        let message = try called.outgoing.seal([7, 7])[0]
        var opened = try #require(try responder.take(message).opened)

        guard case .device(let peer) = opened.peer else {
            Issue.record("not a device")
            return
        }
        #expect(peer == station.credentials().certificate.structure)
        #expect(opened.hash == called.hash)
        #expect(opened.rest == message)
        #expect(try opened.incoming.open(Array(message.dropFirst(2))) == [7, 7])
    }

    @Test("a replayed first message opens nothing, whatever follows it")
    func replay() throws {
        let recorded = try caller(station, hub).opening
        var responder = try responder()
        _ = try responder.take(recorded)

        let forged = MessageBuffer.framed([UInt8](repeating: 9, count: 40))
        let code = #expect(throws: ChannelFault.self) { try responder.take(forged) }?.code
        #expect(code == .notAuthentic)
    }

    @Test("each bit of the opening counts")
    func mutations() throws {
        let opening = try caller(station, hub).opening
        for index in opening.indices {
            var changed = opening
            changed[index] ^= 1
            var responder = try responder()
            // A longer length waits for bytes that never come.
            let known = try? responder.take(changed).knownKey
            #expect(known == nil, "byte \(index)")
        }
    }

    @Test("a key that the log lacks, or that is barred, is not taken")
    func unknown() throws {
        var responder = try responder()
        let opening = try caller(stranger, hub).opening
        #expect(throws: ChannelFault.self) { try responder.take(opening) }
        #expect(throws: ChannelFault.self) { try caller(station, stranger) }

        let device = station.credentials().certificate.structure.device
        var log = hub.authority()
        let revocation = Statement.Payload.revocation(
            device: device,
            serial: 0,
            reason: 1,
            effectiveAt: 1
        )
        let certificate = station.credentials().certificate
        log = try tenant.log([.certificate(certificate), revocation])
        var strict = try self.responder(try tenant.device(1, log: log))
        let known = try caller(station, hub).opening
        let code = #expect(throws: ChannelFault.self) { try strict.take(known) }?.code
        #expect(code == .barred)
    }

    @Test("two devices that claim one key are both unknown by it")
    func claimedKey() throws {
        let own = station.credentials().certificate
        var claimed = own.structure
        claimed.device = ID(high: 66, low: 66)
        let log = try tenant.log([.certificate(own), .certificate(tenant.signed(claimed))])

        #expect(log.known(channelKey: claimed.channelKey) == nil)
        #expect(hub.authority().known(channelKey: claimed.channelKey) == own.structure)
    }

    @Test("where the other knows no key, XX opens the channel all the same")
    func fallback() async throws {
        let loopback = Loopback(try tenant.device(1))
        try await loopback.run(expecting: 1) { address in
            let peer = hub.credentials().certificate.structure
            let channel = try await station.connector().connect(to: address, expecting: peer)
            try await channel.send([4])
            #expect(try await channel.receive() == [4])
            await channel.close()
        }
        #expect(loopback.reports.codes == [.closed])
    }

    /// Opens a handshake by hand, lets strangers come in a crowd, and goes on.
    private func amidCrowd(
        _ side: some InitiatorSide,
        _ address: String,
        _ loopback: Loopback
    ) async throws -> [UInt8]? {
        var side = side
        let socket = try await dial(address)
        try await socket.send(side.opening)
        var opened: ChannelHandshake.Opened?
        var held: [UInt8] = []
        while opened == nil {
            let step = try side.take(try #require(try await socket.read()))
            opened = step.opened
            held = step.output
            if opened == nil, !held.isEmpty { try await socket.send(held) }
        }
        var crowd: [Socket] = []
        for _ in 0..<8 { crowd.append(try await dial(address)) }
        try await loopback.reports.wait(for: 4)
        if !held.isEmpty { try? await socket.send(held) }
        let stream = FrameStream(try #require(opened), over: socket, limits: TCPLimits())
        try? await stream.send([5])
        let answer = try? await stream.receive()
        for socket in crowd + [socket] { await socket.close() }
        return answer
    }

    private func dial(_ address: String) async throws -> Socket {
        try await Socket.connect(to: try Endpoint(address), limits: TCPLimits())
    }

    @Test("strangers from one address fill their places, and a known device gets in")
    func crowd() async throws {
        let known = try await answer(to: try caller(station, hub))
        #expect(known == [5])
        let byXX = InitiatorHandshake(.session(station), ephemeral: try Chance(6).key())
        let unknown = try await answer(to: byXX)
        #expect(unknown == nil)
    }

    private func answer(to side: some InitiatorSide) async throws -> [UInt8]? {
        var few = Loopback(hub)
        few.limits.halfOpenMax = 4
        let loopback = few
        return try await loopback.run { address in
            try await amidCrowd(side, address, loopback)
        }
    }
}
