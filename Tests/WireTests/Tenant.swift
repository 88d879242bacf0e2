import CRDT
import Identity
import Wire

/// A small tenant with its keys: three roots of which two must sign, an operator, a site issuer.
struct Tenant {
    static let site = ID(high: 0x51, low: 1)
    static let otherSite = ID(high: 0x52, low: 2)

    let rootKeys: [SigningKey]
    let operatorKey: SigningKey
    let root: Cosigned<RootStatement>
    let operatorStatement: Cosigned<Statement>
    var id: ID { ID(tenantOf: root.structure) }

    init(seed: UInt8 = 1) throws {
        rootKeys = try (0..<3).map { try key(seed &* 16 &+ $0) }
        operatorKey = try key(seed &* 16 &+ 8)
        let root = RootStatement(
            number: 1,
            threshold: 2,
            keys: rootKeys.map(\.publicKey).sorted(),
            previous: .zero,
            issued: 1_000
        )
        self.root = Cosigned(signing: root, with: Array(rootKeys.prefix(2)))
        operatorStatement = Cosigned(
            signing: Statement(
                tenant: ID(tenantOf: root),
                number: 1,
                previous: root.hash,
                authorityEpoch: 1,
                issued: 2_000,
                payload: .operator(
                    key: operatorKey.publicKey,
                    logKey: operatorKey.publicKey,
                    notBefore: 1_000,
                    notAfter: 1_000_000
                )
            ),
            with: Array(rootKeys.prefix(2))
        )
    }

    /// The log with its first operator.
    func log() throws -> AuthorityLog {
        var log = try AuthorityLog(roots: [root])
        try log.append(roots: [], statements: [operatorStatement])
        return log
    }

    func certificate(
        _ kind: Certificate.Kind,
        key device: UInt8,
        site: ID = Tenant.site,
        users: Certificate.Users = .anyOfSite
    ) throws -> Certificate {
        Certificate(
            tenant: id,
            serial: UInt64(device),
            device: ID(high: 0xde, low: UInt64(device)),
            kind: kind,
            site: kind == .hub ? .zero : site,
            signKey: try key(device).publicKey,
            channelKey: try channelKey(device).publicKey,
            users: users,
            rights: 0,
            authorityEpoch: 1,
            notBefore: 1_000,
            notAfter: 2_000,
            issuer: operatorStatement.structure.hash
        )
    }

    /// A binding of a device's replica, signed by the operator.
    func binding(
        _ certificate: Certificate,
        key device: UInt8,
        replica: ID? = nil
    ) throws -> Binding {
        Binding(
            statement: Signed(
                signing: ReplicaStatement(
                    tenant: certificate.tenant,
                    device: certificate.device,
                    replica: replica ?? ID(high: 0xfe << 56 | UInt64(device), low: 7),
                    incarnation: 1,
                    signKey: try key(device).publicKey,
                    certificate: certificate.hash,
                    previousReplica: .zero,
                    reason: .first,
                    opened: 1_500
                ),
                with: try key(device)
            ),
            certificate: Signed(signing: certificate, with: operatorKey)
        )
    }

    func author(
        _ kind: Certificate.Kind,
        key device: UInt8,
        users: Certificate.Users = .anyOfSite
    ) throws -> Author {
        let certificate = try certificate(kind, key: device, users: users)
        let binding = try log().verify(try binding(certificate, key: device))
        return try required(Author(binding, key: try key(device)))
    }

    /// The next statement of a log.
    func statement(
        _ payload: Statement.Payload,
        after log: AuthorityLog,
        issued: UInt64 = 3_000,
        by keys: [SigningKey]? = nil
    ) -> Cosigned<Statement> {
        Cosigned(
            signing: Statement(
                tenant: id,
                number: log.number + 1,
                previous: log.number == 0 ? root.structure.hash : log.lastHash,
                authorityEpoch: 1,
                issued: issued,
                payload: payload
            ),
            with: keys ?? [operatorKey]
        )
    }
}

extension Author {
    var feed: Change.Feed {
        Change.Feed(tenant: binding.certificate.tenant, scope: .tenant, replica: binding.replica)
    }

    /// Where this author's feed of a scope begins.
    func beginning(of scope: Scope) -> FeedTip {
        let feed = Change.Feed(
            tenant: binding.certificate.tenant,
            scope: scope,
            replica: binding.replica
        )
        return .beginning(of: feed, statement: binding.statement.hash)
    }
}

/// A signing key that a test can name.
func key(_ number: UInt8) throws -> SigningKey {
    try required(SigningKey(seed: [UInt8](repeating: number, count: 32)))
}

func channelKey(_ number: UInt8) throws -> ChannelKey {
    try required(ChannelKey(secret: [UInt8](repeating: number, count: 32)))
}

/// What a test cannot go on without.
struct Missing: Error {}

func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}
