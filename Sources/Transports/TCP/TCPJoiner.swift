import Bytes
import CRDT
public import Identity
public import Wire

/// What a device has after it joined.
public struct JoinedChannel: Sendable {
    /// The new certificate, proved to lead to the token's tenant and to hold the device's keys.
    public let certificate: Signed<Certificate>
    /// The same with all that proves it: what this device shows from here on.
    public let credentials: Credentials
    /// Who redeemed the token.
    public let redeemer: Certificate
    /// The handshake hash, 64 bytes.
    public let channelHash: [UInt8]

    /// The six words that both sides show (ID-16).
    public var words: String { Proquint.words(ofHandshake: channelHash) }
}

/// Makes a device one of a tenant's, with a join token.
///
/// - Source: ID-13 to ID-16; TCP-4, XXpsk3.
public struct TCPJoiner: Sendable {
    /// Makes the request for a handshake hash of 64 bytes, signed by the device's sign key.
    ///
    /// The six words can be shown from here: ``Proquint/words(ofHandshake:)``.
    public typealias Request =
        @Sendable (_ handshakeHash: [UInt8]) async throws -> Signed<JoinRequest>

    private let channelKey: ChannelKey
    private let limits: TCPLimits
    private let entropy: @Sendable (Int) -> [UInt8]

    /// - Parameters:
    ///   - channelKey: The device's static key, which the certificate will name.
    ///   - limits: How long things may take.
    ///   - entropy: Gives so many random bytes, fit for keys.
    public init(
        channelKey: ChannelKey,
        limits: TCPLimits = TCPLimits(),
        entropy: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.channelKey = channelKey
        self.limits = limits
        self.entropy = entropy
    }

    /// Connects to the token's address, asks, and checks the answer.
    ///
    /// Asking again with the same keys after a lost answer gives the same certificate.
    ///
    /// - Parameters:
    ///   - token: The token, of which nothing but its id is told before the peer has proved itself.
    ///   - label: What the device calls itself, for people; at most 64 bytes of UTF-8.
    ///   - request: Makes the request.
    /// - Returns: The certificate with its proof, and who redeemed the token.
    /// - Throws: A ``ChannelFault`` (`refused` for a token that is wrong, spent or expired), or
    ///   what `request` throws.
    public func join(
        token: JoinToken,
        label: String,
        request: Request
    ) async throws -> JoinedChannel {
        let handshake = InitiatorHandshake(
            .joining(token, channelKey),
            ephemeral: .ephemeral(from: entropy)
        )
        let (opened, socket) = try await handshake.dial(token.address, limits: limits)
        let stream = FrameStream(opened, over: socket, limits: limits)
        do {
            let signed = try await request(opened.hash)
            let frame = Frame.join(request: signed.encoded, label: label)
            socket.setDeadline(limits.answer, Self.lateAnswer)
            let answer = try await Self.ask(frame, over: stream)
            await stream.close()
            return try Self.joined(answer, opened, signed.structure, token)
        } catch {
            await stream.close()
            throw error
        }
    }

    /// A redeemer that does not accept the token closes, and a reset may overtake the close.
    private static func ask(
        _ frame: Frame,
        over stream: FrameStream
    ) async throws(ChannelFault) -> [UInt8]? {
        do throws(ChannelFault) {
            try await stream.send(frame.encoded())
            return try await stream.receive()
        } catch {
            guard error.code == .closed, !Task.isCancelled else { throw error }
            return nil
        }
    }

    private static let lateAnswer = ChannelFault(.timeout, "the redeemer did not answer in time")

    /// Judges the answer: a certificate of the token's tenant, for the keys of the request.
    private static func joined(
        _ answer: [UInt8]?,
        _ opened: ChannelHandshake.Opened,
        _ asked: JoinRequest,
        _ token: JoinToken
    ) throws(ChannelFault) -> JoinedChannel {
        guard case .redeemer(let redeemer, let shown) = opened.peer else {
            preconditionFailure("XXpsk3 ends with a redeemer")
        }
        let certificate = try Self.certificate(answer)
        let isBelowRedeemer = certificate.structure.issuer == shown.certificate.structure.hash
        let credentials = Credentials(
            roots: shown.roots,
            operatorStatement: shown.operatorStatement,
            siteIssuer: isBelowRedeemer ? shown.certificate : shown.siteIssuer,
            certificate: certificate
        )
        let proved = try credentials.checked(
            tenant: token.tenant,
            channelKey: asked.channelKey,
            against: nil
        )
        guard proved.signKey == asked.signKey else {
            throw ChannelFault(.notAuthentic, "the certificate is for other keys")
        }
        return JoinedChannel(
            certificate: certificate,
            credentials: credentials,
            redeemer: redeemer,
            channelHash: opened.hash
        )
    }

    private static func certificate(
        _ answer: [UInt8]?
    ) throws(ChannelFault) -> Signed<Certificate> {
        guard let answer else {
            throw ChannelFault(.refused, "the token is wrong, was used, or has expired")
        }
        let frame: Frame
        do throws(Malformed) {
            frame = try Frame(decoding: answer)
            if case .joined(let encoded) = frame { return try Signed(decoding: encoded) }
        } catch {
            throw ChannelFault(.malformed, "the answer cannot be read: \(error)")
        }
        guard case .bye(_, let text) = frame else {
            throw ChannelFault(.malformed, "the answer is not a certificate")
        }
        throw ChannelFault(.refused, "the redeemer says: \(text)")
    }
}
