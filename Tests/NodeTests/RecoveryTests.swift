import CRDT
import Domain
import Hub
import Identity
import Node
import Storage
import Sync
import Testing
import Transports
import Wire

@Suite("Recovery of a hub, ID-21")
struct RecoveryTests {
    private let workshop: Workshop

    init() throws {
        workshop = try Workshop()
    }

    private func file() throws -> String {
        try RecoveryFile.text(
            of: workshop.root,
            statement: try #require(workshop.hub.store.authority.roots.first),
            name: "Factory Pulse",
            passphrase: "correct horse",
            chance: .seeded(9),
            cost: .least
        )
    }

    private func recovery() throws -> Recovery {
        Recovery(
            try RecoveryFile.open(file(), passphrase: "correct horse"),
            schema: Catalogue.schema,
            wall: workshop.wall,
            chance: .seeded(77)
        )
    }

    @Test("a recovery file opens with its passphrase alone")
    func fileOpens() throws {
        defer { workshop.clean() }
        let text = try file()
        let content = try RecoveryFile.open(text, passphrase: "correct horse")

        #expect(content.root.seed == workshop.root.seed)
        #expect(content.tenant == workshop.hub.store.tenant)
        #expect(content.statement == workshop.hub.store.authority.roots.first)
        #expect(throws: CommandFault.self) {
            try RecoveryFile.open(text, passphrase: "correct horsf")
        }
        let foreign = text.replacing("id: \(content.tenant)", with: "id: \(ID(high: 1, low: 1))")
        #expect(throws: CommandFault.self) {
            try RecoveryFile.open(foreign, passphrase: "correct horse")
        }
    }

    @Test("a hub whose operator ended gets another, and certifies again")
    func endedOperator() async throws {
        defer { workshop.clean() }
        let enrolment = try workshop.enrolment()
        let token = try enrolment.invite(.station, to: workshop.site, users: [], address: "h:1")
        let old = try #require(workshop.hub.store.authority.operatorKey)
        let device = workshop.hub.store.device
        workshop.pass(days: 401)
        #expect(throws: CommandFault.self) {
            try enrolment.invite(.station, to: workshop.site, users: [], address: "h:1")
        }
        workshop.hub.store.close()

        let node = try await recovery().renew(at: workshop.hub.store.place, peers: [])
        defer { node.store.close() }

        let log = node.store.authority
        #expect(log.operatorKey == node.store.keys.operator?.publicKey && log.operatorKey != old)
        #expect(node.store.device == device && node.certificateStanding.state == .valid)
        let again = try Enrolment(node) { _ in }
        #expect(try again.invitations().map(\.id) == [token.id])
        _ = try again.invite(.station, to: workshop.site, users: [], address: "h:1")
        #expect(
            try !Health(of: node).findings.contains { $0.subject == "operator" && $0.grade != .ok }
        )
    }

    @Test(
        "a new hub stands in for a lost one: stations follow it, and the old one certifies nobody"
    )
    func lostHub() async throws {
        defer { workshop.clean() }
        try await workshop.withHub { hub in
            let station = try await workshop.device("ST-1", .station, at: hub, seed: 7)
            defer { station.store.close() }
            try await workshop.withListener(of: station) { address in
                let new = try await recovery()
                    .found(at: workshop.place("hub-2"), peers: [address], name: "HUB-2")
                defer { new.store.close() }
                try await workshop.meet(new, at: address)

                #expect(station.store.authority.number == new.store.authority.number)
                #expect(try station.store.digests().map(\.hash) == new.store.digests().map(\.hash))
                #expect(new.isHub && new.store.keys.operator != nil)
                let names = try new.read { try Nicknames($0) }
                #expect(names.device(station.store.device) == "ST-1")
                _ = try Enrolment(new) { _ in }.revoke(workshop.hub.store.device, reason: .lost)
                try await workshop.meet(new, at: address)
                #expect(station.store.authority.revocations.count == 1)
            }
        }
    }

    @Test("the key of a replaced operator opens no session for a certificate it makes then")
    func replacedOperator() throws {
        defer { workshop.clean() }
        var log = workshop.hub.store.authority
        let stolen = try #require(workshop.hub.store.keys.operator)
        let issuer = try #require(log.statements.first)
        var certificate = workshop.hub.store.certificate
        certificate.device = ID(high: 6, low: 6)
        certificate.serial = 99
        let forged = Signed(signing: certificate, with: stolen)
        let shown = Credentials(
            roots: log.roots,
            operatorStatement: issuer,
            siteIssuer: nil,
            certificate: forged
        )
        func accepts(_ shown: Credentials) -> Bool {
            let key = shown.certificate.structure.channelKey
            return (try? shown.verified(tenant: log.tenant, channelKey: key, against: log)) != nil
        }
        #expect(accepts(shown))

        let keys = DeviceKeys(
            sign: try #require(SigningKey(seed: [UInt8](repeating: 4, count: 32))),
            channel: try #require(ChannelKey(secret: [UInt8](repeating: 5, count: 32))),
            operator: SigningKey(seed: [UInt8](repeating: 6, count: 32)),
            log: SigningKey(seed: [UInt8](repeating: 7, count: 32))
        )
        try log.install(keys, by: workshop.root)
        #expect(!accepts(shown))
        var known = shown
        known.certificate = workshop.hub.store.signedCertificate
        #expect(accepts(known))
        let statement = Statement(
            tenant: log.tenant,
            number: log.number + 1,
            previous: log.lastHash,
            authorityEpoch: 1,
            issued: 1,
            payload: .certificate(forged)
        )
        #expect(throws: AuthorityFault.self) {
            try log.append(roots: [], statements: [Cosigned(signing: statement, with: [stolen])])
        }
    }
}

extension AuthorityLog {
    /// An operator of the root's behind this log.
    fileprivate mutating func install(_ keys: DeviceKeys, by root: SigningKey) throws {
        let key = try #require(keys.operator?.publicKey)
        let statement = Statement(
            tenant: tenant,
            number: number + 1,
            previous: lastHash,
            authorityEpoch: 1,
            issued: Workshop.noon,
            payload: .operator(
                key: key,
                logKey: key,
                notBefore: 0,
                notAfter: Workshop.noon
            )
        )
        try append(roots: [], statements: [Cosigned(signing: statement, with: [root])])
    }
}
