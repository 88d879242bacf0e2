public import Wire

/// An authenticated way to one peer: whole frames in, whole frames out.
///
/// Made by a transport after the handshake: the certificate is checked, the tenant is equal, and
/// the peer is not oneself. The simulator is the second conformer.
public protocol Channel: Sendable {
    /// Which side opened the connection.
    var role: Session.Role { get }
    /// The handshake hash, 64 bytes: what binds summaries to this channel.
    var channelHash: [UInt8] { get }
    /// The peer's certificate.
    var peer: Certificate { get }
    /// Where the peer is, for people.
    var address: String { get }

    /// Sends one frame, waiting while the peer does not read.
    func send(_ frame: [UInt8]) async throws

    /// The next frame of the peer; nil when it has closed.
    func receive() async throws -> [UInt8]?

    /// Closes at once; a waiting `receive` ends.
    func close() async
}
