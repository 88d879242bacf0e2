import Identity
import Wire

/// What a handshake says between its bytes, for both sides.
///
/// - Source: TCP-1 to TCP-6.
enum ChannelHandshake {
    /// What follows from bytes that were taken.
    struct Step: Sendable {
        /// Bytes for the peer.
        var output: [UInt8] = []
        /// The static key of a device that is known, once a message has proved it, if only as the
        /// replay of an earlier one.
        var knownKey: [UInt8]?
        /// The channel, once it stands.
        var opened: Opened?
    }

    /// An authenticated channel, before anything was said over it.
    struct Opened: Sendable {
        var outgoing: Pieces.Outgoing
        var incoming: Pieces.Incoming
        /// 64 bytes.
        let hash: [UInt8]
        /// The peer's static key.
        let remoteKey: [UInt8]
        let peer: Peer
        /// Bytes that came behind the last message of the handshake.
        var rest: [UInt8]
    }

    /// Who the other side is.
    enum Peer: Sendable {
        /// A device of the tenant.
        case device(Certificate)
        /// The device that redeems the token; what it has shown.
        case redeemer(Certificate, Credentials)
        /// A device that is known and not let in: it is told why, and nothing else.
        case unwelcome(ChannelFault)
        /// Somebody who holds the token of this id, made for this tenant.
        case joiner(tokenID: [UInt8], ServedTenant)
    }

    /// One message of 32 bytes for XX; with the token id and a tag for XXpsk3; with a key and two
    /// tags for IK.
    static func firstMessageBytesMax(_ pattern: Preamble.Pattern) -> Int {
        pattern == .ik ? 96 : 64
    }
    static let tokenIDBytes = 16

    static func opened(
        _ handshake: Handshake,
        remoteKey: [UInt8],
        peer: Peer,
        rest: [UInt8]
    ) -> Opened {
        let ciphers = handshake.split()
        return Opened(
            outgoing: Pieces.Outgoing(ciphers.send),
            incoming: Pieces.Incoming(ciphers.receive),
            hash: handshake.handshakeHash,
            remoteKey: remoteKey,
            peer: peer,
            rest: rest
        )
    }

    /// A handshake between two devices that meet, or to join a tenant.
    static func pattern(_ pattern: Preamble.Pattern) -> HandshakePattern {
        guard let found = HandshakePattern(pattern.name) else {
            preconditionFailure("the framework defines \(pattern.name)")
        }
        return found
    }

    static func write(
        _ payload: [UInt8],
        with handshake: inout Handshake
    ) throws(ChannelFault) -> [UInt8] {
        do throws(NoiseFault) {
            return MessageBuffer.framed(try handshake.write(payload))
        } catch {
            throw ChannelFault(error)
        }
    }

    static func read(
        _ message: [UInt8],
        with handshake: inout Handshake
    ) throws(ChannelFault) -> [UInt8] {
        do throws(NoiseFault) {
            return try handshake.read(message)
        } catch {
            throw ChannelFault(error)
        }
    }

    static func requireNothing(_ payload: [UInt8]) throws(ChannelFault) {
        guard payload.isEmpty else {
            throw ChannelFault(.malformed, "a handshake message carries what it must not")
        }
    }
}

extension ChannelFault {
    fileprivate init(_ fault: NoiseFault) {
        switch fault {
        case .length:
            self.init(.malformed, "a handshake message has a wrong length")
        case .notAuthentic, .weakKey, .misuse, .exhausted:
            self.init(.notAuthentic, "the handshake failed: \(fault)")
        }
    }
}

/// One side of a handshake as a value: bytes in, bytes out, and at the end a channel.
protocol HandshakeSide: Sendable {
    /// Takes bytes as they come, however they are cut.
    ///
    /// - Throws: What ends the handshake; nothing more is to be sent, and the value to be dropped.
    mutating func take(_ bytes: [UInt8]) throws(ChannelFault) -> ChannelHandshake.Step

    /// What it means if the peer closes at this point.
    var faultAtEnd: ChannelFault { get }
}

/// The side that opens the connection.
protocol InitiatorSide: HandshakeSide {
    /// What is sent before anything is read.
    var opening: [UInt8] { get }
}
