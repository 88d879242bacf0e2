import Bytes
public import CRDT
public import Identity
public import Wire

/// What this device shows a peer, and what it judges a peer by.
public struct LocalIdentity: Sendable {
    public let tenant: ID
    /// The static key of every handshake; the certificate names its public half.
    public let channelKey: ChannelKey
    /// What this device shows; asked at each handshake, for certificates are renewed.
    public let credentials: @Sendable () -> Credentials
    /// What this device shows to who joins, if that is not the same: a site issuer.
    public let issuerCredentials: @Sendable () -> Credentials?
    /// The longest authority log that this device holds; asked at each handshake.
    public let authority: @Sendable () -> AuthorityLog
    /// For how long after its end a certificate still opens sessions, by signed time.
    public let graceMilliseconds: UInt64

    /// Whether revoked devices may come in, which hand over what they have and are sent nothing,
    /// and those whose certificates ended, which are renewed: to a hub.
    public let isHub: Bool

    /// 90 days.
    public static let graceMillisecondsDefault: UInt64 = 90 * 86_400_000

    public init(
        tenant: ID,
        channelKey: ChannelKey,
        graceMilliseconds: UInt64 = graceMillisecondsDefault,
        isHub: Bool = false,
        credentials: @escaping @Sendable () -> Credentials,
        issuerCredentials: @escaping @Sendable () -> Credentials? = { nil },
        authority: @escaping @Sendable () -> AuthorityLog
    ) {
        self.tenant = tenant
        self.channelKey = channelKey
        self.graceMilliseconds = graceMilliseconds
        self.isHub = isHub
        self.credentials = credentials
        self.issuerCredentials = issuerCredentials
        self.authority = authority
    }

    /// Judges what a peer has shown.
    ///
    /// - Parameters:
    ///   - shown: The peer's credentials as bytes.
    ///   - channelKey: The static key of the handshake.
    /// - Returns: The peer's certificate: of this tenant, of that key, not barred, not this device.
    /// - Throws: `.ownDevice`, `.barred`, `.expired`, or why the credentials prove nothing.
    func peer(_ shown: [UInt8], channelKey: [UInt8]) throws(ChannelFault) -> Certificate {
        let log = authority()
        let own = self.credentials().certificate.structure
        let credentials = try Credentials(shown: shown)
        let claimed = try credentials.checked(
            tenant: tenant,
            channelKey: channelKey,
            against: log,
            admitsRevoked: isHub
        )
        guard claimed.kind != .siteIssuer else {
            throw ChannelFault(.notAuthentic, "a site issuer's certificate opens no session")
        }
        return try judged(log.inForce(claimed), by: log, own)
    }

    /// Judges a peer that is known by the static key of the handshake alone.
    ///
    /// - Returns: The peer's certificate in force.
    /// - Throws: `.closed` for a key that the log does not hold, else as for one that was shown.
    /// - Source: TCP-8.
    func peer(channelKey: [UInt8]) throws(ChannelFault) -> Certificate {
        let log = authority()
        guard let peer = log.known(channelKey: channelKey) else {
            throw ChannelFault(.closed, "the peer's key is not known here; XX may prove it")
        }
        return try judged(peer, by: log, credentials().certificate.structure)
    }

    private func judged(
        _ peer: Certificate,
        by log: AuthorityLog,
        _ own: Certificate
    ) throws(ChannelFault) -> Certificate {
        guard peer.device != own.device, peer.channelKey != channelKey.publicKey
        else { throw ChannelFault(.ownDevice, "the peer is this device") }
        let mayHandOver = isHub && log.isRevoked(peer)
        guard mayHandOver || !log.isBarred(peer.device, serial: peer.serial) else {
            throw ChannelFault(.barred, "device \(peer.device) is revoked or suspended")
        }
        guard isHub || isInTime(peer, at: log.signedTime, own) else {
            throw ChannelFault(.expired, "the certificate of device \(peer.device) has ended")
        }
        return peer
    }

    /// Whether a certificate opens sessions still: it has not ended, or not long ago and its device
    /// is of this site or a hub (TCP-6).
    private func isInTime(
        _ peer: Certificate,
        at signedTime: UInt64,
        _ own: Certificate
    ) -> Bool {
        let isNear = peer.kind == .hub || peer.site == own.site
        let (end, isForever) = peer.notAfter.addingReportingOverflow(graceMilliseconds)
        return !peer.hasEnded(at: signedTime) || isNear && (isForever || signedTime <= end)
    }
}

extension Credentials {
    /// Reads credentials out of a handshake message.
    init(shown bytes: [UInt8]) throws(ChannelFault) {
        do throws(Malformed) {
            self = try Credentials(decoding: bytes)
        } catch {
            throw ChannelFault(.malformed, "credentials cannot be read: \(error)")
        }
    }

    /// Proves that credentials lead to a tenant's root, and belong to the handshake's key.
    func checked(
        tenant: ID,
        channelKey: [UInt8],
        against log: AuthorityLog?,
        admitsRevoked: Bool = false
    ) throws(ChannelFault) -> Certificate {
        guard certificate.structure.tenant == tenant else {
            throw ChannelFault(.wrongTenant, "the peer's certificate is of another tenant")
        }
        do throws(AuthorityFault) {
            return try verified(
                tenant: tenant,
                channelKey: channelKey,
                against: log,
                admitsRevoked: admitsRevoked
            )
        } catch {
            throw ChannelFault(error)
        }
    }
}

extension ChannelFault {
    fileprivate init(_ fault: AuthorityFault) {
        switch fault.code {
        case .wrongTenant: self.init(.wrongTenant, fault.message)
        case .barred: self.init(.barred, fault.message)
        default: self.init(.notAuthentic, "the credentials prove nothing: \(fault)")
        }
    }
}
