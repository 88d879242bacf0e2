import Identity
import Wire

/// The side that was called.
///
/// Until the peer has proved who it is, this side says nothing that a stranger could not have
/// guessed but its credentials, which hold ids and never names.
///
/// - Source: TCP-1, TCP-4, TCP-13, ID-14.
struct ResponderHandshake: HandshakeSide {
    private enum State: Sendable {
        case awaitingPreamble
        case awaitingFirst(Handshake, Preamble.Pattern)
        case awaitingThird(Handshake, tokenID: [UInt8]?)
        /// IK has ended, and what came may be a replay.
        case awaitingProof(ChannelHandshake.Opened)
        case finished
    }

    private let tenants: [ServedTenant]
    /// The one that the preamble means.
    private var served: ServedTenant?
    private let ephemeral: ChannelKey
    private let spareKey: [UInt8]
    private var state = State.awaitingPreamble
    private var buffer = MessageBuffer()

    /// - Parameters:
    ///   - tenants: Whom connections may ask for.
    ///   - ephemeral: A fresh key, used for nothing else.
    ///   - spareKey: 32 random bytes that stand for the key of an unknown token, so that a wrong
    ///     id and a wrong secret look alike.
    init(
        tenants: [ServedTenant],
        ephemeral: ChannelKey,
        spareKey: [UInt8]
    ) {
        self.tenants = tenants
        self.ephemeral = ephemeral
        self.spareKey = spareKey
    }

    var faultAtEnd: ChannelFault {
        ChannelFault(.closed, "the peer closed the connection within the handshake")
    }

    mutating func take(_ bytes: [UInt8]) throws(ChannelFault) -> ChannelHandshake.Step {
        do throws(ChannelFault) {
            return try advance(bytes)
        } catch {
            var fault = error
            fault.tenant = served?.identity.tenant
            throw fault
        }
    }

    private mutating func advance(_ bytes: [UInt8]) throws(ChannelFault) -> ChannelHandshake.Step {
        buffer.append(bytes)
        var step = ChannelHandshake.Step()
        while step.opened == nil {
            switch state {
            case .awaitingPreamble:
                guard Preamble.canBegin(with: buffer.waiting) else {
                    throw ChannelFault(.notGemba, "the connection does not begin as gemba's do")
                }
                guard let preamble = buffer.take(Preamble.byteCount) else { return step }
                step.output.append(try begin(try Preamble(decoding: preamble)))
            case .awaitingFirst(let handshake, let pattern):
                let limit = ChannelHandshake.firstMessageBytesMax(pattern)
                guard let message = try buffer.next(atMost: limit) else { return step }
                if pattern == .ik {
                    step.output += try answerKnown(message, handshake, &step)
                } else {
                    step.output += try answer(message, handshake, pattern)
                }
            case .awaitingThird(let handshake, let tokenID):
                guard let message = try buffer.next() else { return step }
                step.opened = try finish(message, handshake, tokenID)
                state = .finished
            case .awaitingProof(let opened):
                guard let message = try buffer.next() else { return step }
                step.opened = try proved(opened, by: message)
                state = .finished
            case .finished:
                return step
            }
        }
        return step
    }

    /// - Returns: The version, which is the answer.
    private mutating func begin(_ preamble: Preamble) throws(ChannelFault) -> UInt8 {
        guard let meant = tenants.first(where: { $0.isMeant(by: preamble) }) else {
            throw ChannelFault(.wrongTenant, "the peer asks for another tenant")
        }
        served = meant
        guard preamble.offersVersion else {
            throw ChannelFault(
                .version,
                "the peer speaks versions \(preamble.lowestVersion) to \(preamble.highestVersion)"
            )
        }
        guard let pattern = Preamble.Pattern(rawValue: preamble.pattern),
            pattern != .xxPSK3 || meant.redeemer != nil
        else {
            throw ChannelFault(.pattern, "handshake \(preamble.pattern) is not served here")
        }
        let handshake = Handshake(
            ChannelHandshake.pattern(pattern),
            role: .responder,
            prologue: preamble.prologue(answer: Preamble.version, tenant: meant.identity.tenant),
            keys: Handshake.Keys(own: meant.identity.channelKey, ephemeral: ephemeral)
        )
        state = .awaitingFirst(handshake, pattern)
        return Preamble.version
    }

    /// The tenant that was asked for.
    ///
    /// - Throws: `.wrongTenant` before the preamble; no state that needs one comes before it.
    private func tenant() throws(ChannelFault) -> ServedTenant {
        guard let served else { throw ChannelFault(.wrongTenant, "no tenant was asked for") }
        return served
    }

    private mutating func answer(
        _ message: [UInt8],
        _ begun: Handshake,
        _ pattern: Preamble.Pattern
    ) throws(ChannelFault) -> [UInt8] {
        let (identity, redeemer) = (try tenant().identity, try tenant().redeemer)
        var handshake = begun
        let payload = try ChannelHandshake.read(message, with: &handshake)
        var tokenID: [UInt8]?
        var shown = identity.credentials()
        if pattern == .xxPSK3 {
            guard payload.count == ChannelHandshake.tokenIDBytes else {
                throw ChannelFault(.malformed, "a token id of \(payload.count) bytes")
            }
            handshake.setPreshared([redeemer?.presharedKey(for: payload) ?? spareKey])
            tokenID = payload
            shown = identity.issuerCredentials() ?? shown
        } else {
            try ChannelHandshake.requireNothing(payload)
        }
        let answer = try ChannelHandshake.write(shown.encoded, with: &handshake)
        state = .awaitingThird(handshake, tokenID: tokenID)
        return answer
    }

    /// Answers message 1 of IK from a device that is known.
    private mutating func answerKnown(
        _ message: [UInt8],
        _ begun: Handshake,
        _ step: inout ChannelHandshake.Step
    ) throws(ChannelFault) -> [UInt8] {
        var handshake = begun
        try ChannelHandshake.requireNothing(ChannelHandshake.read(message, with: &handshake))
        let remoteKey = handshake.remoteStatic ?? []
        let peer = try tenant().identity.peer(channelKey: remoteKey)
        let answer = try ChannelHandshake.write([], with: &handshake)
        state = .awaitingProof(
            ChannelHandshake.opened(handshake, remoteKey: remoteKey, peer: .device(peer), rest: [])
        )
        step.knownKey = remoteKey
        return answer
    }

    /// Whoever can encrypt under the keys of this handshake is there now: what it said is left to
    /// be read again.
    private func proved(
        _ awaited: ChannelHandshake.Opened,
        by message: [UInt8]
    ) throws(ChannelFault) -> ChannelHandshake.Opened {
        var trial = awaited.incoming
        _ = try trial.open(message)
        var opened = awaited
        opened.rest = MessageBuffer.framed(message) + buffer.waiting
        return opened
    }

    private mutating func finish(
        _ message: [UInt8],
        _ begun: Handshake,
        _ tokenID: [UInt8]?
    ) throws(ChannelFault) -> ChannelHandshake.Opened {
        var handshake = begun
        let payload = try ChannelHandshake.read(message, with: &handshake)
        let remoteKey = handshake.remoteStatic ?? []
        let peer: ChannelHandshake.Peer
        if let tokenID {
            try ChannelHandshake.requireNothing(payload)
            peer = .joiner(tokenID: tokenID, try tenant())
        } else {
            peer = try judge(payload, remoteKey)
        }
        let rest = buffer.waiting
        return ChannelHandshake.opened(handshake, remoteKey: remoteKey, peer: peer, rest: rest)
    }

    private func judge(
        _ shown: [UInt8],
        _ remoteKey: [UInt8]
    ) throws(ChannelFault) -> ChannelHandshake.Peer {
        do throws(ChannelFault) {
            return .device(try tenant().identity.peer(shown, channelKey: remoteKey))
        } catch {
            guard error.code == .barred || error.code == .expired else { throw error }
            var fault = error
            fault.tenant = served?.identity.tenant
            return .unwelcome(fault)
        }
    }
}
