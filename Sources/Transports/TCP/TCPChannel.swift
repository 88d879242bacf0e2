import Identity
public import Sync
public import Wire

/// An authenticated connection to a device of the tenant.
///
/// - Source: TCP-1 to TCP-7.
public struct TCPChannel: Sync.Channel {
    public let role: Session.Role
    public let channelHash: [UInt8]
    public let peer: Certificate
    public let address: String

    private let stream: FrameStream

    /// - Returns: nil if the other side is not a device that has shown its certificate.
    init?(
        _ opened: ChannelHandshake.Opened,
        _ role: Session.Role,
        _ socket: Socket,
        _ limits: TCPLimits
    ) {
        guard case .device(let peer) = opened.peer else { return nil }
        self.role = role
        self.peer = peer
        channelHash = opened.hash
        address = socket.address
        stream = FrameStream(opened, over: socket, limits: limits)
    }

    /// The six words that both sides show for this channel (ID-16).
    public var words: String { Proquint.words(ofHandshake: channelHash) }

    /// Sends one frame of 1 to 4,194,304 bytes, waiting while the peer does not read.
    ///
    /// - Throws: A ``ChannelFault``; after `overLimit` the channel goes on as if nothing had been.
    public func send(_ frame: [UInt8]) async throws {
        try await stream.send(frame)
    }

    /// The next frame of the peer; nil when it has closed.
    ///
    /// - Throws: A ``ChannelFault``, after which the channel is closed.
    public func receive() async throws -> [UInt8]? {
        try await stream.receive()
    }

    public func close() async {
        await stream.close()
    }
}
