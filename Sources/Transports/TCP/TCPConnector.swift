public import Sync

/// Opens authenticated connections to peers.
public struct TCPConnector: Sendable {
    private let identity: LocalIdentity
    private let limits: TCPLimits
    private let entropy: @Sendable (Int) -> [UInt8]

    /// - Parameters:
    ///   - identity: Who this device is.
    ///   - limits: How long things may take.
    ///   - entropy: Gives so many random bytes, fit for keys.
    public init(
        identity: LocalIdentity,
        limits: TCPLimits = TCPLimits(),
        entropy: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.identity = identity
        self.limits = limits
        self.entropy = entropy
    }

    /// Connects, and returns when the peer has proved who it is.
    ///
    /// The peer judges this device after that: if it will not have it, the channel just ends.
    ///
    /// - Parameter address: `HOST:PORT` or `[IPv6]:PORT`.
    /// - Returns: The open channel, which names the peer's certificate.
    /// - Throws: A ``ChannelFault``.
    public func connect(to address: String) async throws -> any Sync.Channel {
        let handshake = InitiatorHandshake(
            .session(identity),
            ephemeral: .ephemeral(from: entropy)
        )
        let (opened, socket) = try await handshake.dial(address, limits: limits)
        guard let channel = TCPChannel(opened, .initiator, socket, limits)
        else { preconditionFailure("XX ends with a device") }
        return channel
    }
}
