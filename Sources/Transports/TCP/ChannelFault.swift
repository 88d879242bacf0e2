public import CRDT

/// Why a channel was not opened, or ended: a code to count and switch on, and words for people.
///
/// A fault of the peer and a fault of the network look alike from here, so both are this.
public struct ChannelFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Not `HOST:PORT`, or a name that nobody knows.
        case address
        /// Nothing answers there.
        case unreachable
        /// A handshake or a message took too long.
        case timeout
        /// The peer closed without an answer: it serves another tenant, version or pattern, or the
        /// join token is not good.
        case refused
        /// Whoever is there speaks something else.
        case notGemba
        /// No session version in common.
        case version
        /// A handshake pattern that is not served here.
        case pattern
        /// The peer asks for, or belongs to, another tenant.
        case wrongTenant
        /// A message, a credential or a signature that the right peer would not have made.
        case notAuthentic
        /// The peer is this device.
        case ownDevice
        /// The authority log revokes or suspends the device.
        case barred
        /// The certificate ended, by signed time, longer ago than the grace.
        case expired
        /// A frame, a message or a number of connections above its limit.
        case overLimit
        /// The bytes were authentic and still not what the protocol says.
        case malformed
        /// The connection ended, from either side.
        case closed
        /// Nothing can listen there: the port is taken, or the address is not this machine's.
        case cannotListen
    }

    public let code: Code
    public let message: String
    /// The tenant that the connection had asked for, where it came that far: a refusal is counted
    /// there, and shown to nobody else.
    public internal(set) var tenant: ID?

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
