public import CRDT
public import Identity
import SeededRandom
public import Storage
import Synchronization
public import Wire

/// A whole tenant for tests: root, operator, and certificates for as many devices as are asked for.
public final class TenantKit: Sendable {
    public let tenant: ID
    public let root: SigningKey
    public let operatorKey: SigningKey
    public let logKey: SigningKey
    /// Root, and the operator's statement.
    public let authority: AuthorityLog
    /// Validity of the certificates of this kit.
    public let validity: ClosedRange<UInt64>
    private let serial = Mutex<UInt64>(0)

    /// Validity of certificates where nothing else is said: the years 2024 to 2028.
    public static let validity: ClosedRange<UInt64> = 1_704_067_200_000...1_830_297_600_000
    /// The moment that simulations begin at.
    public static let start: UInt64 = 1_763_700_000_000

    public init(
        seed: UInt64 = 1,
        validity: ClosedRange<UInt64> = TenantKit.validity
    ) throws {
        self.validity = validity
        var random = SplitMix64(seed: seed)
        guard let root = SigningKey(seed: random.bytes(32)),
            let operatorKey = SigningKey(seed: random.bytes(32)),
            let logKey = SigningKey(seed: random.bytes(32))
        else { throw KitFault.noKey }
        self.root = root
        self.operatorKey = operatorKey
        self.logKey = logKey
        let statement = RootStatement(
            number: 1,
            threshold: 1,
            keys: [root.publicKey],
            previous: .zero,
            issued: Self.start
        )
        tenant = ID(tenantOf: statement)
        var log = try AuthorityLog(roots: [Cosigned(signing: statement, with: [root])])
        let operatorStatement = Statement(
            tenant: tenant,
            number: 1,
            previous: statement.hash,
            authorityEpoch: 1,
            issued: Self.start,
            payload: .operator(
                key: operatorKey.publicKey,
                logKey: logKey.publicKey,
                notBefore: validity.lowerBound,
                notAfter: validity.upperBound
            )
        )
        try log.append(roots: [], statements: [Cosigned(signing: operatorStatement, with: [root])])
        authority = log
    }

    public enum KitFault: Error { case noKey }

    /// Certifies keys as a device.
    public func certificate(
        _ kind: Certificate.Kind,
        device: ID,
        site: ID,
        keys: DeviceKeys,
        users: Certificate.Users = .anyOfSite,
        validity: ClosedRange<UInt64>? = nil
    ) -> Signed<Certificate> {
        let validity = validity ?? self.validity
        let certificate = Certificate(
            tenant: tenant,
            serial: serial.withLock { serial in
                serial += 1
                return serial
            },
            device: device,
            kind: kind,
            site: kind == .hub ? .zero : site,
            signKey: keys.sign.publicKey,
            channelKey: keys.channel.publicKey,
            users: users,
            rights: 0,
            authorityEpoch: 1,
            notBefore: validity.lowerBound,
            notAfter: validity.upperBound,
            issuer: authority.operatorHash ?? .zero
        )
        return Signed(signing: certificate, with: operatorKey)
    }

    /// What a new device of the tenant is made of.
    public func founding(
        _ kind: Certificate.Kind,
        site: ID,
        chance: Chance
    ) throws -> Founding {
        guard var keys = DeviceKeys(chance) else { throw KitFault.noKey }
        if kind == .hub {
            keys = DeviceKeys(
                sign: keys.sign,
                channel: keys.channel,
                operator: operatorKey,
                log: logKey
            )
        }
        let device = chance.id
        return Founding(
            device: device,
            authority: authority,
            certificate: certificate(kind, device: device, site: site, keys: keys),
            keys: keys
        )
    }
}

extension Chance {
    /// Random bytes that depend on a seed alone.
    public init(seed: UInt64) {
        let random = Mutex(SplitMix64(seed: seed))
        self.init { count in random.withLock { $0.bytes(count) } }
    }
}
