import CRDT
import Identity
import Wire

/// The side that opened the connection: XX between devices, XXpsk3 to join.
///
/// - Source: TCP-1, TCP-4.
struct InitiatorHandshake: InitiatorSide {
    /// What the connection is for.
    enum Purpose: Sendable {
        case session(LocalIdentity)
        case joining(JoinToken, ChannelKey)
    }

    private enum State: Sendable {
        case awaitingAnswer
        case awaitingMessage(Handshake)
        case finished
    }

    private let purpose: Purpose
    private let preamble: Preamble
    private let ephemeral: ChannelKey
    private var state = State.awaitingAnswer
    private var buffer = MessageBuffer()

    /// - Parameters:
    ///   - purpose: What the connection is for.
    ///   - ephemeral: A fresh key, used for nothing else.
    init(_ purpose: Purpose, ephemeral: ChannelKey) {
        self.purpose = purpose
        self.ephemeral = ephemeral
        switch purpose {
        case .session(let identity): preamble = Preamble(.xx, tenant: identity.tenant)
        case .joining(let token, _): preamble = Preamble(.xxPSK3, tenant: token.tenant)
        }
    }

    /// What is sent first.
    var opening: [UInt8] { preamble.encoded }

    var faultAtEnd: ChannelFault {
        switch state {
        case .awaitingAnswer:
            ChannelFault(.refused, "the peer does not serve this tenant, version or handshake")
        case .awaitingMessage, .finished:
            ChannelFault(.closed, "the peer closed the connection within the handshake")
        }
    }

    mutating func take(_ bytes: [UInt8]) throws(ChannelFault) -> ChannelHandshake.Step {
        buffer.append(bytes)
        var step = ChannelHandshake.Step()
        while step.opened == nil {
            switch state {
            case .awaitingAnswer:
                guard let answer = buffer.take(1)?.first else { return step }
                step.output += try begin(answer)
            case .awaitingMessage(let handshake):
                guard let message = try buffer.next() else { return step }
                step.opened = try finish(handshake, message, &step.output)
                state = .finished
            case .finished:
                return step
            }
        }
        return step
    }

    private mutating func begin(_ answer: UInt8) throws(ChannelFault) -> [UInt8] {
        guard answer == Preamble.version else {
            throw ChannelFault(.notGemba, "the peer answered \(answer) to an offer of version 1")
        }
        let message: [UInt8]
        var handshake: Handshake
        switch purpose {
        case .session(let identity):
            handshake = start(.xx, tenant: identity.tenant, own: identity.channelKey)
            message = try ChannelHandshake.write([], with: &handshake)
        case .joining(let token, let key):
            handshake = start(.xxPSK3, tenant: token.tenant, own: key)
            handshake.setPreshared([token.presharedKey])
            message = try ChannelHandshake.write(token.id, with: &handshake)
        }
        state = .awaitingMessage(handshake)
        return message
    }

    private func start(
        _ pattern: Preamble.Pattern,
        tenant: ID,
        own: ChannelKey
    ) -> Handshake {
        Handshake(
            ChannelHandshake.pattern(pattern),
            role: .initiator,
            prologue: preamble.prologue(answer: Preamble.version, tenant: tenant),
            keys: Handshake.Keys(own: own, ephemeral: ephemeral)
        )
    }

    /// Judges the peer by message 2, and only then shows oneself in message 3.
    private mutating func finish(
        _ begun: Handshake,
        _ message: [UInt8],
        _ output: inout [UInt8]
    ) throws(ChannelFault) -> ChannelHandshake.Opened {
        var handshake = begun
        let shown = try ChannelHandshake.read(message, with: &handshake)
        let remoteKey = handshake.remoteStatic ?? []
        let peer: ChannelHandshake.Peer
        let payload: [UInt8]
        switch purpose {
        case .session(let identity):
            peer = .device(try identity.peer(shown, channelKey: remoteKey))
            payload = identity.credentials().encoded
        case .joining(let token, _):
            let credentials = try Credentials(shown: shown)
            let certificate = try credentials.checked(
                tenant: token.tenant,
                channelKey: remoteKey,
                against: nil
            )
            peer = .redeemer(certificate, credentials)
            payload = []
        }
        output += try ChannelHandshake.write(payload, with: &handshake)
        let rest = buffer.waiting
        return ChannelHandshake.opened(handshake, remoteKey: remoteKey, peer: peer, rest: rest)
    }
}
