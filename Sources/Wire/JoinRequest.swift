public import Bytes
public import CRDT
public import Identity

/// What a joining device asks a certificate for.
///
/// The handshake hash ties it to one session: it cannot be shown to another redeemer.
///
/// - Source: ID-15.
public struct JoinRequest: Hashable, Sendable {
    /// 64 bytes.
    public var handshakeHash: [UInt8]
    /// The id of the token, 16 bytes.
    public var tokenID: [UInt8]
    public var signKey: VerifyingKey
    /// The X25519 key of the device, 32 bytes: the initiator's static key of the handshake.
    public var channelKey: [UInt8]
    /// Zero: the device has none yet.
    public var oldCertificate: Hash

    public init(
        handshakeHash: [UInt8],
        tokenID: [UInt8],
        signKey: VerifyingKey,
        channelKey: [UInt8],
        oldCertificate: Hash = .zero
    ) {
        self.handshakeHash = handshakeHash
        self.tokenID = tokenID
        self.signKey = signKey
        self.channelKey = channelKey
        self.oldCertificate = oldCertificate
    }
}

extension JoinRequest: Signable {
    /// Appends the fields of ID-15.
    public func write(to writer: inout Writer) {
        writer.tag("gemba/request/1")
        writer.raw(handshakeHash)
        writer.raw(tokenID)
        writer.raw(signKey.bytes)
        writer.raw(channelKey)
        writer.hash(oldCertificate)
    }

    /// Reads the fields of ID-15 and admits the keys.
    public init(reading reader: inout Reader) throws(Malformed) {
        try reader.tag("gemba/request/1")
        self.init(
            handshakeHash: try reader.raw(64, "handshake hash"),
            tokenID: try reader.raw(16, "token id"),
            signKey: try reader.key("sign key"),
            channelKey: try reader.channelKey("channel key"),
            oldCertificate: try reader.hash("old certificate")
        )
    }
}
