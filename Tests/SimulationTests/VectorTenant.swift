import CRDT
import Identity
@testable import Wire

/// A tenant with three roots of which two must sign, an operator and a site issuer.
struct VectorTenant {
    static let site = ID(high: 0x51, low: 1)

    let rootKeys: [SigningKey]
    let operatorKey: SigningKey
    let issuerKey: SigningKey
    let deviceKey: SigningKey
    let root: Cosigned<RootStatement>

    var id: ID { ID(tenantOf: root.structure) }

    init(seed: UInt8 = 0x10) throws {
        rootKeys = try (0..<3).map { try key(seed + $0) }
        operatorKey = try key(seed + 8)
        issuerKey = try key(seed + 9)
        deviceKey = try key(seed + 10)
        let root = RootStatement(
            number: 1,
            threshold: 2,
            keys: rootKeys.map(\.publicKey).sorted(),
            previous: .zero,
            issued: 1_000
        )
        self.root = Cosigned(signing: root, with: Array(rootKeys.prefix(2)))
    }

    // MARK: - Statements

    func statement(
        _ number: UInt64,
        after previous: Hash,
        _ payload: Statement.Payload,
        issued: UInt64 = 3_000,
        epoch: UInt32 = 1
    ) -> Statement {
        Statement(
            tenant: id,
            number: number,
            previous: previous,
            authorityEpoch: epoch,
            issued: issued,
            payload: payload
        )
    }

    var operatorPayload: Statement.Payload {
        .operator(
            key: operatorKey.publicKey,
            logKey: rootKeys[2].publicKey,
            notBefore: 1_000,
            notAfter: 1_000_000
        )
    }

    var operatorStatement: Cosigned<Statement> {
        let statement = statement(1, after: root.structure.hash, operatorPayload, issued: 2_000)
        return Cosigned(signing: statement, with: Array(rootKeys.prefix(2)))
    }

    /// The second root statement, with another set of keys.
    func nextRoot(
        signedBy signers: [SigningKey]? = nil,
        previous: Hash? = nil
    ) throws -> Cosigned<RootStatement> {
        let keys = try [rootKeys[1], rootKeys[2], key(0x70)]
        let next = RootStatement(
            number: 2,
            threshold: 2,
            keys: keys.map(\.publicKey).sorted(),
            previous: previous ?? root.structure.hash,
            issued: 5_000
        )
        return Cosigned(signing: next, with: signers ?? [rootKeys[1], rootKeys[2]])
    }

    // MARK: - Certificates

    func certificate(
        _ kind: Certificate.Kind,
        serial: UInt64 = 1,
        key device: SigningKey? = nil,
        site: ID = VectorTenant.site,
        users: Certificate.Users = .anyOfSite,
        issuer: Hash? = nil
    ) throws -> Certificate {
        Certificate(
            tenant: id,
            serial: serial,
            device: ID(high: 0xde, low: serial),
            kind: kind,
            site: kind == .hub ? .zero : site,
            signKey: (device ?? deviceKey).publicKey,
            channelKey: try channelKey(UInt8(serial)).publicKey,
            users: users,
            rights: 0,
            authorityEpoch: 1,
            notBefore: 1_000,
            notAfter: 1_000_000,
            issuer: issuer ?? operatorStatement.structure.hash
        )
    }

    func siteIssuer(site: ID = VectorTenant.site) throws -> Signed<Certificate> {
        let certificate = try certificate(.siteIssuer, serial: 90, key: issuerKey, site: site)
        return Signed(signing: certificate, with: operatorKey)
    }

    func replica(
        _ certificate: Certificate,
        replica: ID = ID(high: 0xfe, low: 7)
    ) -> ReplicaStatement {
        ReplicaStatement(
            tenant: certificate.tenant,
            device: certificate.device,
            replica: replica,
            incarnation: 1,
            signKey: certificate.signKey,
            certificate: certificate.hash,
            previousReplica: .zero,
            reason: .first,
            opened: 1_500
        )
    }

    func binding(_ certificate: Signed<Certificate>) -> Binding {
        let statement = replica(certificate.structure)
        return Binding(
            statement: Signed(signing: statement, with: deviceKey),
            certificate: certificate
        )
    }

    func credentials(
        _ certificate: Signed<Certificate>,
        issuer: Signed<Certificate>? = nil
    ) -> Credentials {
        Credentials(
            roots: [root],
            operatorStatement: operatorStatement,
            siteIssuer: issuer,
            certificate: certificate
        )
    }
}

/// A signing key that a vector can name.
func key(_ number: UInt8) throws -> SigningKey {
    try required(SigningKey(seed: [UInt8](repeating: number, count: 32)))
}

func channelKey(_ number: UInt8) throws -> ChannelKey {
    try required(ChannelKey(secret: [UInt8](repeating: number, count: 32)))
}
