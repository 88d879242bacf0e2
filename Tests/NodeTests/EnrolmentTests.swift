import Bytes
import CRDT
import Domain
import Hub
import Identity
import Node
import Storage
import Testing
import Wire

@Suite("Enrolment, ID-13 to ID-16")
struct EnrolmentTests {
    private let workshop: Workshop
    private let hash = [UInt8](repeating: 7, count: 64)

    init() throws {
        workshop = try Workshop()
    }

    private func request(_ token: JoinToken, _ keys: DeviceKeys) -> Signed<JoinRequest> {
        Signed(
            signing: JoinRequest(
                handshakeHash: hash,
                tokenID: token.id,
                signKey: keys.sign.publicKey,
                channelKey: keys.channel.publicKey
            ),
            with: keys.sign
        )
    }

    private func redeem(
        _ token: JoinToken,
        _ keys: DeviceKeys,
        _ enrolment: Enrolment
    ) async -> Signed<Certificate>? {
        await enrolment.redeem(
            request(token, keys),
            label: "ST-1",
            handshakeHash: hash,
            channelKey: keys.channel.publicKey
        )
    }

    private func token(_ enrolment: Enrolment) throws -> JoinToken {
        try enrolment.invite(.station, to: workshop.site, users: [], address: "hub:7400")
    }

    @Test("a token gives one certificate, the same again for the same keys")
    func redemptionIsIdempotent() async throws {
        defer { workshop.clean() }
        let enrolment = try workshop.enrolment()
        let token = try token(enrolment)
        let keys = try #require(DeviceKeys(.seeded(5)))

        let first = await redeem(token, keys, enrolment)
        let again = await redeem(token, keys, enrolment)

        #expect(first != nil)
        #expect(again == first)
        #expect(workshop.hub.store.authority.certificates.filter { $0 == first }.count == 1)
        let devices = try workshop.hub.read { try $0.records(of: Device.entity, in: .tenant) }
        #expect(devices.count == 2)
    }

    @Test("a spent token is worth nothing to other keys, and that is counted")
    func spentTokenIsRefused() async throws {
        defer { workshop.clean() }
        let enrolment = try workshop.enrolment()
        let token = try token(enrolment)
        let owner = try #require(DeviceKeys(.seeded(5)))
        let thief = try #require(DeviceKeys(.seeded(6)))
        _ = await redeem(token, owner, enrolment)

        #expect(await redeem(token, thief, enrolment) == nil)
    }

    @Test("a token ends after a day, for who holds its secret as for who does not")
    func tokensExpire() async throws {
        defer { workshop.clean() }
        let enrolment = try workshop.enrolment()
        let token = try token(enrolment)
        let keys = try #require(DeviceKeys(.seeded(5)))
        #expect(enrolment.presharedKey(for: token.id) == token.presharedKey)

        workshop.pass(milliseconds: Invitation.validityMilliseconds)

        #expect(enrolment.presharedKey(for: token.id) == nil)
        #expect(enrolment.presharedKey(for: [UInt8](repeating: 0, count: 16)) == nil)
        #expect(await redeem(token, keys, enrolment) == nil)
    }

    @Test("a cancelled token is worth nothing; a redeemed one cannot be cancelled")
    func cancelling() async throws {
        defer { workshop.clean() }
        let enrolment = try workshop.enrolment()
        let open = try token(enrolment)
        let spent = try token(enrolment)
        _ = await redeem(spent, try #require(DeviceKeys(.seeded(5))), enrolment)
        let ids = try enrolment.invitations().map { Hex.encode($0.id) }

        for id in ids { _ = try? enrolment.cancel(id) }

        #expect(enrolment.presharedKey(for: open.id) == nil)
        #expect(try enrolment.invitations().map(\.id) == [spent.id])
    }

    @Test("the certificate says what the invitation said, and leads to the tenant's root")
    func certificateIsRight() async throws {
        defer { workshop.clean() }
        let enrolment = try workshop.enrolment()
        let user = ID(high: 1, low: 2)
        let token = try enrolment.invite(
            .technician,
            to: workshop.site,
            users: [user],
            address: "hub:7400"
        )
        let keys = try #require(DeviceKeys(.seeded(5)))

        let signed = try #require(await redeem(token, keys, enrolment))

        try workshop.hub.store.authority.verify(signed)
        #expect(signed.structure.kind == .technician)
        #expect(signed.structure.site == workshop.site)
        #expect(signed.structure.users == .named([user]))
        #expect(signed.structure.signKey == keys.sign.publicKey)
        #expect(signed.structure.serial == 2)
    }
}
