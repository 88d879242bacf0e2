import CRDT
import Identity
import Testing
import Wire

@Suite("Credentials")
struct CredentialsTests {
    private let tenant: Tenant
    private let credentials: Credentials

    init() throws {
        tenant = try Tenant()
        let certificate = try tenant.certificate(.station, key: 1)
        credentials = Credentials(
            roots: [tenant.root],
            operatorStatement: tenant.operatorStatement,
            siteIssuer: nil,
            certificate: Signed(signing: certificate, with: tenant.operatorKey)
        )
    }

    @Test("credentials have one encoding, with and without a site issuer (TCP-6)")
    func encoding() throws {
        let issued = try issuedBySite()

        #expect(try Credentials(decoding: credentials.encoded) == credentials)
        #expect(try Credentials(decoding: issued.encoded) == issued)
        expectOneEncoding(issued.encoded, step: 8) { try Credentials(decoding: $0).encoded }
    }

    @Test("the chain from the first root to the certificate is proved, without any log")
    func proof() throws {
        let issued = try issuedBySite()

        #expect(verdict(credentials) == nil)
        #expect(verdict(issued) == nil)
        #expect(verdict(issued, against: try AuthorityLog(roots: [tenant.root])) == nil)
        #expect(verdict(credentials, against: try tenant.log()) == nil)
        #expect(verdict(credentials, tenant: .zero) == .wrongTenant)
        #expect(verdict(credentials, channelKey: try channelKey(2).publicKey) == .mismatch)
    }

    @Test("a broken link of the chain is refused")
    func broken() throws {
        let other = try Tenant(seed: 2)
        var foreignOperator = credentials
        foreignOperator.operatorStatement = other.operatorStatement
        var unsigned = credentials
        unsigned.operatorStatement = Cosigned(
            signing: tenant.operatorStatement.structure,
            with: [tenant.rootKeys[0]]
        )
        var noOperator = credentials
        noOperator.operatorStatement = tenant.statement(
            .minimumVersion(1),
            after: try tenant.log()
        )
        var noIssuer = try issuedBySite()
        noIssuer.siteIssuer = nil
        var station = try issuedBySite()
        station.siteIssuer = credentials.certificate

        #expect(verdict(foreignOperator) == .wrongTenant)
        #expect(verdict(unsigned) == .notAuthorized)
        #expect(verdict(noOperator) == .mismatch)
        #expect(verdict(noIssuer) == .unknownIssuer)
        #expect(verdict(station) == .mismatch)
        #expect(verdict(credentials, against: try other.log()) == .forked)
    }

    @Test("a longer log of one's own judges: it knows who was barred, and which operator is false")
    func longerLog() throws {
        var log = try tenant.log()
        let device = credentials.certificate.structure.device
        let suspend = Statement.Payload.suspend(device: device, serial: 0, isOn: true)
        try log.append(roots: [], statements: [tenant.statement(suspend, after: log)])
        var fork = credentials
        fork.operatorStatement = tenant.statement(
            tenant.operatorStatement.structure.payload,
            after: try AuthorityLog(roots: [tenant.root]),
            by: tenant.rootKeys
        )

        #expect(verdict(credentials, against: log) == .barred)
        #expect(fork.operatorStatement.structure != tenant.operatorStatement.structure)
        #expect(verdict(fork, against: log) == .forked)
    }

    private func issuedBySite() throws -> Credentials {
        let issuer = try tenant.certificate(.siteIssuer, key: 0x41)
        var certificate = try tenant.certificate(.station, key: 1)
        certificate.issuer = issuer.hash
        var credentials = credentials
        credentials.siteIssuer = Signed(signing: issuer, with: tenant.operatorKey)
        credentials.certificate = Signed(signing: certificate, with: try key(0x41))
        return credentials
    }

    private func verdict(
        _ credentials: Credentials,
        tenant: ID? = nil,
        channelKey: [UInt8]? = nil,
        against log: AuthorityLog? = nil
    ) -> AuthorityFault.Code? {
        do throws(AuthorityFault) {
            _ = try credentials.verified(
                tenant: tenant ?? self.tenant.id,
                channelKey: channelKey ?? credentials.certificate.structure.channelKey,
                against: log
            )
            return nil
        } catch {
            return error.code
        }
    }
}
