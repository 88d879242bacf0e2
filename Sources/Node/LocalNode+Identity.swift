import CRDT
import Storage
public import Transports
public import Wire

extension LocalNode {
    private static let hubKey = "hub"
    private static let advertisedKey = "advertised"
    /// For how long peers of a site meet a device whose certificate ended.
    static let graceMilliseconds = LocalIdentity.graceMillisecondsDefault

    /// What this device shows to peers, and judges them by.
    ///
    /// - Throws: `.damaged` if nothing proves the certificate.
    public func identity() throws -> LocalIdentity {
        guard let first = credentials() else {
            throw CommandFault(.damaged, "nothing here proves who this device is: join again")
        }
        return LocalIdentity(
            tenant: store.tenant,
            channelKey: store.keys.channel,
            graceMilliseconds: Self.graceMilliseconds,
            isHub: isHub,
            credentials: { [self] in credentials() ?? first },
            issuerCredentials: { [self] in siteIssuer.flatMap(credentials(for:)) },
            authority: { [store] in store.authority }
        )
    }

    /// The proof of the certificate in force, as the authority log gives it.
    private func credentials() -> Credentials? {
        credentials(for: store.signedCertificate)
    }

    private func credentials(for certificate: Signed<Certificate>) -> Credentials? {
        let log = store.authority
        let siteIssuer = log.certificates.first {
            $0.structure.kind == .siteIssuer && $0.structure.hash == certificate.structure.issuer
        }
        let issuer = siteIssuer?.structure.issuer ?? certificate.structure.issuer
        let statement = log.statements.first { statement in
            guard case .operator = statement.structure.payload else { return false }
            return statement.structure.hash == issuer
        }
        return statement.map {
            Credentials(
                roots: log.roots,
                operatorStatement: $0,
                siteIssuer: siteIssuer,
                certificate: certificate
            )
        }
    }

    /// The certificate by which this device certifies others of its site; nil if the log holds
    /// none, it has ended, or the device is barred (ID-22).
    public var siteIssuer: Signed<Certificate>? {
        let own = store.certificate
        let log = store.authority
        return log.certificates.last { signed in
            let certificate = signed.structure
            return certificate.kind == .siteIssuer && certificate.device == own.device
                && certificate.signKey == own.signKey && certificate.channelKey == own.channelKey
                && certificate.validity.contains(wallMilliseconds)
                && !certificate.hasEnded(at: log.signedTime)
                && !log.isBarred(own.device, serial: certificate.serial)
        }
    }

    /// Where the hub is, as the join token said or a person set it.
    public func hubAddress() throws -> String? {
        try store.localValue(Self.hubKey).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Remembers where the hub is.
    public func setHubAddress(_ address: String) throws {
        try store.setLocalValue(Array(address.utf8), for: Self.hubKey)
    }

    /// Where others reach this node, as `run --advertise` said.
    public func advertisedAddress() throws -> String? {
        try store.localValue(Self.advertisedKey).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Remembers where others reach this node.
    public func setAdvertisedAddress(_ address: String) throws {
        let fields = ["address": address]
        try configure(Array(address.utf8), for: Self.advertisedKey, "advertised address", fields)
    }
}

extension LocalNode {
    private static let recoveryKey = "recovery"

    /// Remembers where the recovery file was written, so that `doctor` can warn while it is there.
    public func rememberRecoveryFile(_ path: String) throws {
        let fields = ["file": path]
        try configure(Array(path.utf8), for: Self.recoveryKey, "recovery file", fields)
    }

    /// Where the recovery file was written; nil if there was none.
    public func recoveryFile() throws -> String? {
        try store.localValue(Self.recoveryKey).map { String(decoding: $0, as: UTF8.self) }
    }
}
