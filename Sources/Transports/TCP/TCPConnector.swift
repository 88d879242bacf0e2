public import Sync
public import Wire

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
    /// - Parameters:
    ///   - address: `HOST:PORT` or `[IPv6]:PORT`.
    ///   - known: Who was met there before: its static key is tried first (TCP-8).
    /// - Returns: The open channel, which names the peer's certificate.
    /// - Throws: A ``ChannelFault``.
    public func connect(
        to address: String,
        expecting known: Certificate? = nil
    ) async throws -> any Sync.Channel {
        if let known, let channel = try await connect(to: address, by: known) { return channel }
        let handshake = InitiatorHandshake(
            .session(identity),
            ephemeral: .ephemeral(from: entropy)
        )
        let (opened, socket) = try await handshake.dial(address, limits: limits)
        guard let channel = TCPChannel(opened, .initiator, socket, limits)
        else { preconditionFailure("XX ends with a device") }
        return channel
    }

    /// Tries IK.
    ///
    /// - Returns: nil if whoever is there may still take XX.
    private func connect(
        to address: String,
        by known: Certificate
    ) async throws(ChannelFault) -> TCPChannel? {
        do throws(ChannelFault) {
            let handshake = try KnownHandshake(
                identity,
                calling: known,
                ephemeral: .ephemeral(from: entropy)
            )
            let (opened, socket) = try await handshake.dial(address, limits: limits)
            return TCPChannel(opened, .initiator, socket, limits)
        } catch {
            switch error.code {
            case .address, .unreachable, .timeout, .ownDevice: throw error
            default: return nil
            }
        }
    }
}
