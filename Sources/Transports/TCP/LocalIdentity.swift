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
    /// The longest authority log that this device holds; asked at each handshake.
    public let authority: @Sendable () -> AuthorityLog
    /// For how long after its end a certificate still opens sessions, by signed time.
    public let graceMilliseconds: UInt64

    /// Whether revoked devices may come in: to a hub, which takes what they hand over and sends
    /// them nothing.
    public let admitsRevoked: Bool

    /// 90 days.
    public static let graceMillisecondsDefault: UInt64 = 90 * 86_400_000

    public init(
        tenant: ID,
        channelKey: ChannelKey,
        graceMilliseconds: UInt64 = graceMillisecondsDefault,
        admitsRevoked: Bool = false,
        credentials: @escaping @Sendable () -> Credentials,
        authority: @escaping @Sendable () -> AuthorityLog
    ) {
        self.tenant = tenant
        self.channelKey = channelKey
        self.graceMilliseconds = graceMilliseconds
        self.admitsRevoked = admitsRevoked
        self.credentials = credentials
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
        let credentials = try Credentials(shown: shown)
        let peer = try credentials.checked(
            tenant: tenant,
            channelKey: channelKey,
            against: log,
            admitsRevoked: admitsRevoked
        )
        guard peer.device != self.credentials().certificate.structure.device,
            channelKey != self.channelKey.publicKey
        else { throw ChannelFault(.ownDevice, "the peer is this device") }
        let mayHandOver = admitsRevoked && log.isRevoked(peer)
        guard mayHandOver || !log.isBarred(peer.device, serial: peer.serial) else {
            throw ChannelFault(.barred, "device \(peer.device) is revoked or suspended")
        }
        let (end, isForever) = peer.notAfter.addingReportingOverflow(graceMilliseconds)
        guard isForever || log.signedTime <= end else {
            throw ChannelFault(.expired, "the certificate of device \(peer.device) has ended")
        }
        return peer
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
