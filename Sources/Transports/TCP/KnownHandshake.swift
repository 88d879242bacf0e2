import Identity
import Wire

/// The side that opens a connection to a device whose static key it knows: IK.
///
/// - Source: TCP-8.
struct KnownHandshake: InitiatorSide {
    private enum State: Sendable {
        case awaitingAnswer
        case awaitingMessage
        case finished
    }

    let opening: [UInt8]
    private let handshake: Handshake
    private let peer: Certificate
    private var state = State.awaitingAnswer
    private var buffer = MessageBuffer()

    /// - Parameters:
    ///   - identity: Who this device is.
    ///   - peer: Whom it calls.
    ///   - ephemeral: A fresh key, used for nothing else.
    /// - Throws: Why the peer would not be let in, or its key is none.
    init(
        _ identity: LocalIdentity,
        calling peer: Certificate,
        ephemeral: ChannelKey
    ) throws(ChannelFault) {
        self.peer = try identity.peer(channelKey: peer.channelKey)
        let preamble = Preamble(.ik, tenant: identity.tenant)
        var begun = Handshake(
            ChannelHandshake.pattern(.ik),
            role: .initiator,
            prologue: preamble.prologue(answer: Preamble.version, tenant: identity.tenant),
            keys: Handshake.Keys(
                own: identity.channelKey,
                ephemeral: ephemeral,
                remote: peer.channelKey
            )
        )
        opening = preamble.encoded + (try ChannelHandshake.write([], with: &begun))
        handshake = begun
    }

    var faultAtEnd: ChannelFault {
        ChannelFault(.closed, "the peer does not take this device by its key")
    }

    mutating func take(_ bytes: [UInt8]) throws(ChannelFault) -> ChannelHandshake.Step {
        buffer.append(bytes)
        var step = ChannelHandshake.Step()
        while step.opened == nil {
            switch state {
            case .awaitingAnswer:
                guard let answer = buffer.take(1)?.first else { return step }
                guard answer == Preamble.version else {
                    throw ChannelFault(.notGemba, "the peer answered \(answer) to version 1")
                }
                state = .awaitingMessage
            case .awaitingMessage:
                guard let message = try buffer.next() else { return step }
                step.opened = try finish(message)
                state = .finished
            case .finished:
                return step
            }
        }
        return step
    }

    private func finish(_ message: [UInt8]) throws(ChannelFault) -> ChannelHandshake.Opened {
        var handshake = handshake
        try ChannelHandshake.requireNothing(ChannelHandshake.read(message, with: &handshake))
        return ChannelHandshake.opened(
            handshake,
            remoteKey: peer.channelKey,
            peer: .device(peer),
            rest: buffer.waiting
        )
    }
}
