public import Wire

/// Who gives certificates for join tokens: the hub's store, or a site issuer's.
///
/// - Source: ID-13 to ID-16.
public protocol Redeemer: Sendable {
    /// The pre-shared key of an open invitation; nil if the 16 byte id is wrong, spent or expired.
    func presharedKey(for tokenID: [UInt8]) -> [UInt8]?

    /// Decides about a request, and commits the decision before it returns.
    ///
    /// The caller has checked that the request is signed, and made for this channel and token.
    ///
    /// - Parameters:
    ///   - request: What the joiner asks.
    ///   - label: What the joiner calls itself, for people; at most 64 bytes.
    ///   - handshakeHash: 64 bytes, whose words both sides show.
    ///   - channelKey: The joiner's static key.
    /// - Returns: The certificate; nil if it is refused.
    func redeem(
        _ request: Signed<JoinRequest>,
        label: String,
        handshakeHash: [UInt8],
        channelKey: [UInt8]
    ) async -> Signed<Certificate>?
}
