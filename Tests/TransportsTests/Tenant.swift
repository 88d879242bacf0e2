import CRDT
import Identity
import SeededRandom
import Synchronization
import Testing
import Wire

@testable import Transports

/// Bytes that look random and are the same in every run.
final class Chance: Sendable {
    private let random: Mutex<SplitMix64>

    init(_ seed: UInt64) {
        random = Mutex(SplitMix64(seed: seed))
    }

    func bytes(_ count: Int) -> [UInt8] {
        random.withLock { $0.bytes(count) }
    }

    func key() throws -> ChannelKey { try #require(ChannelKey(secret: bytes(32))) }
}

/// A tenant with one root key and one operator, and everything it signs.
struct Tenant: Sendable {
    static let farFuture: UInt64 = 1 << 47

    let roots: [Cosigned<RootStatement>]
    let operatorStatement: Cosigned<Statement>
    let id: ID
    private let rootKey: SigningKey
    private let operatorKey: SigningKey

    init(_ number: UInt8 = 1) throws {
        rootKey = try #require(SigningKey(seed: [UInt8](repeating: number, count: 32)))
        operatorKey = try #require(SigningKey(seed: [UInt8](repeating: number ^ 0x80, count: 32)))
        let root = RootStatement(
            number: 1,
            threshold: 1,
            keys: [rootKey.publicKey],
            previous: .zero,
            issued: 1_000
        )
        roots = [Cosigned(signing: root, with: [rootKey])]
        id = ID(tenantOf: root)
        let statement = Statement(
            tenant: id,
            number: 1,
            previous: root.hash,
            authorityEpoch: 1,
            issued: 1_000,
            payload: .operator(
                key: operatorKey.publicKey,
                logKey: operatorKey.publicKey,
                notBefore: 0,
                notAfter: Self.farFuture
            )
        )
        operatorStatement = Cosigned(signing: statement, with: [rootKey])
    }

    /// The authority log, with more statements of the operator after its own.
    func log(_ payloads: [Statement.Payload] = [], issued: UInt64 = 1_000) throws -> AuthorityLog {
        var log = try AuthorityLog(roots: roots)
        try log.append(roots: [], statements: [operatorStatement])
        for payload in payloads {
            let statement = Statement(
                tenant: id,
                number: log.number + 1,
                previous: log.lastHash,
                authorityEpoch: 1,
                issued: issued,
                payload: payload
            )
            let signed = Cosigned(signing: statement, with: [operatorKey])
            try log.append(roots: [], statements: [signed])
        }
        return log
    }

    /// Certifies keys.
    func certificate(
        device: ID,
        signKey: VerifyingKey,
        channelKey: [UInt8],
        tenant: ID? = nil,
        site: ID = ID(high: 7, low: 7),
        notAfter: UInt64 = Self.farFuture
    ) -> Signed<Certificate> {
        let certificate = Certificate(
            tenant: tenant ?? id,
            serial: 1,
            device: device,
            kind: .station,
            site: site,
            signKey: signKey,
            channelKey: channelKey,
            users: .anyOfSite,
            rights: 0,
            authorityEpoch: 1,
            notBefore: 0,
            notAfter: notAfter,
            issuer: operatorStatement.structure.hash
        )
        return signed(certificate)
    }

    /// A certificate with the operator's signature.
    func signed(_ certificate: Certificate) -> Signed<Certificate> {
        Signed(signing: certificate, with: operatorKey)
    }

    func credentials(_ certificate: Signed<Certificate>) -> Credentials {
        Credentials(
            roots: roots,
            operatorStatement: operatorStatement,
            siteIssuer: nil,
            certificate: certificate
        )
    }

    /// A certified device as it stands before a channel.
    ///
    /// Its number names the device and makes its keys, unless those of another number are claimed;
    /// so may be another tenant.
    func device(
        _ number: UInt64,
        tenant claimed: ID? = nil,
        site: ID = ID(high: 7, low: 7),
        notAfter: UInt64 = Self.farFuture,
        log: AuthorityLog? = nil,
        keys: UInt64? = nil,
        isHub: Bool = false
    ) throws -> LocalIdentity {
        let chance = Chance(keys ?? number)
        let channelKey = try chance.key()
        let signKey = try #require(SigningKey(seed: chance.bytes(32)))
        let shown = credentials(
            certificate(
                device: ID(high: 0, low: number),
                signKey: signKey.publicKey,
                channelKey: channelKey.publicKey,
                tenant: claimed,
                site: site,
                notAfter: notAfter
            )
        )
        let held = try log ?? self.log()
        return LocalIdentity(
            tenant: claimed ?? id,
            channelKey: channelKey,
            isHub: isHub,
            credentials: { shown },
            authority: { held }
        )
    }
}
