import CRDT
import Identity
import Sync
import Synchronization
import Testing
import Wire

@testable import Transports

/// ID-13 to ID-16 over the loopback interface.
@Suite("Joining", .timeLimit(.minutes(1)))
struct JoiningTests {
    /// Gives one certificate for one token.
    private final class Desk: Redeemer {
        let tenant: Tenant
        let invited: JoinToken
        let isWilling: Bool
        /// The handshake hashes and labels of those who were given a certificate.
        let redeemed = Mutex<[(hash: [UInt8], label: String)]>([])

        init(_ tenant: Tenant, _ token: JoinToken, isWilling: Bool = true) {
            self.tenant = tenant
            invited = token
            self.isWilling = isWilling
        }

        func presharedKey(for tokenID: [UInt8]) -> [UInt8]? {
            let isOpen = redeemed.withLock { $0.isEmpty } && tokenID == invited.id
            return isOpen ? invited.presharedKey : nil
        }

        func redeem(
            _ request: Signed<JoinRequest>,
            label: String,
            handshakeHash: [UInt8],
            channelKey: [UInt8]
        ) async -> Signed<Certificate>? {
            guard isWilling else { return nil }
            redeemed.withLock { $0.append((handshakeHash, label)) }
            return tenant.certificate(
                device: ID(high: 0, low: 77),
                signKey: request.structure.signKey,
                channelKey: channelKey
            )
        }
    }

    private let tenant: Tenant
    private let hub: LocalIdentity
    private let channelKey: ChannelKey
    private let signKey: SigningKey

    init() throws {
        tenant = try Tenant()
        hub = try tenant.device(1)
        channelKey = try Chance(20).key()
        signKey = try #require(SigningKey(seed: Chance(21).bytes(32)))
    }

    private func token(_ address: String = "a:1", secret: UInt8 = 5) throws -> JoinToken {
        let secret = [UInt8](repeating: secret, count: 16)
        return try #require(JoinToken(tenant: tenant.id, secret: secret, address: address))
    }

    private func join(
        _ token: JoinToken,
        changing change: @Sendable (inout JoinRequest) -> Void = { _ in }
    ) async throws -> JoinedChannel {
        let chance = Chance(22)
        let joiner = TCPJoiner(channelKey: channelKey) { chance.bytes($0) }
        return try await joiner.join(token: token, label: "press 4") { hash in
            var request = JoinRequest(
                handshakeHash: hash,
                tokenID: token.id,
                signKey: signKey.publicKey,
                channelKey: channelKey.publicKey
            )
            change(&request)
            return Signed(signing: request, with: signKey)
        }
    }

    private func loopback(_ desk: Desk?) -> Loopback {
        var loopback = Loopback(hub)
        loopback.redeemer = desk
        return loopback
    }

    @Test("a good token gives a certificate, with which the device is a peer from then on")
    func joins() async throws {
        let desk = Desk(tenant, try token())
        try await loopback(desk).run { address in
            let joined = try await join(try token(address))

            #expect(joined.certificate.structure.signKey == signKey.publicKey)
            #expect(joined.redeemer.device == ID(high: 0, low: 1))
            let (hash, label) = try #require(desk.redeemed.withLock { $0.first })
            #expect(label == "press 4")
            #expect(hash == joined.channelHash)
            #expect(joined.words == Proquint.words(ofHandshake: hash))
            let log = try tenant.log()
            let identity = LocalIdentity(
                tenant: tenant.id,
                channelKey: channelKey,
                credentials: { joined.credentials },
                authority: { log }
            )
            let channel = try await identity.connector().connect(to: address)
            try await channel.send([1])
            #expect(try await channel.receive() == [1])
            await channel.close()
        }
    }

    @Test("a wrong and a spent token are refused alike, at the third message")
    func refuses() async throws {
        let desk = Desk(tenant, try token())
        let loopback = loopback(desk)
        try await loopback.run(expecting: 2) { address in
            let wrong = try token(address, secret: 6)
            #expect(await code { _ = try await join(wrong) } == .refused)
            #expect(desk.redeemed.withLock { $0.isEmpty })

            _ = try await join(try token(address))
            let spent = try token(address)
            #expect(await code { _ = try await join(spent) } == .refused)
            #expect(desk.redeemed.withLock { $0.count } == 1)
        }
        #expect(loopback.reports.codes == [.notAuthentic, .notAuthentic])
    }

    @Test("who cannot prove to be of the token's tenant never gets the third message")
    func foreignRedeemer() throws {
        let impostor = try Tenant(2).device(1, tenant: tenant.id)
        let token = try token()
        var joiner = InitiatorHandshake(.joining(token, channelKey), ephemeral: try Chance(1).key())
        var thief = ResponderHandshake(
            tenants: [ServedTenant(impostor, redeemer: Desk(tenant, token))],
            ephemeral: try Chance(2).key(),
            spareKey: Chance(3).bytes(32)
        )

        let first = try joiner.take(try thief.take(joiner.opening).output)
        let second = try thief.take(first.output)

        let fault = #expect(throws: ChannelFault.self) { try joiner.take(second.output) }
        #expect(fault?.code == .wrongTenant)
    }

    @Test("a request for another handshake, key or token, or with a wrong signature, is refused")
    func foreignRequests() async throws {
        let desk = Desk(tenant, try token())
        let loopback = loopback(desk)
        let otherKey = try #require(SigningKey(seed: [UInt8](repeating: 1, count: 32))).publicKey
        let key = try Chance(30).key().publicKey
        let changes: [@Sendable (inout JoinRequest) -> Void] = [
            { $0.handshakeHash[0] ^= 1 }, { $0.channelKey = key }, { $0.tokenID[0] ^= 1 },
            { $0.signKey = otherKey },
        ]
        try await loopback.run(expecting: changes.count) { address in
            for change in changes {
                let token = try token(address)
                #expect(await code { _ = try await join(token, changing: change) } == .refused)
            }
        }
        #expect(desk.redeemed.withLock { $0.isEmpty })
        #expect(loopback.reports.codes == changes.map { _ in .notAuthentic })
    }

    @Test("a redeemer that declines says so, and one that redeems nothing does not answer")
    func declines() async throws {
        let unwilling = loopback(Desk(tenant, try token(), isWilling: false))
        try await unwilling.run(expecting: 1) { address in
            let token = try token(address)
            #expect(await code { _ = try await join(token) } == .refused)
        }
        #expect(unwilling.reports.codes == [.refused])

        let station = loopback(nil)
        try await station.run(expecting: 1) { address in
            let token = try token(address)
            #expect(await code { _ = try await join(token) } == .refused)
        }
        #expect(station.reports.codes == [.pattern])
    }
}
