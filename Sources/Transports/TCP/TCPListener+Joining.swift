import Bytes
import Identity
import Wire

extension TCPListener {
    /// Takes the one request of a joiner, and answers it.
    ///
    /// - Source: ID-14, ID-15; the frames join and joined of SYNC-6.
    func answer(
        _ opened: ChannelHandshake.Opened,
        tokenID: [UInt8],
        of tenant: ServedTenant,
        over socket: Socket
    ) async throws(ChannelFault) {
        do throws(ChannelFault) {
            try await answer(opened, tokenID: tokenID, by: tenant.redeemer, over: socket)
        } catch {
            var fault = error
            fault.tenant = tenant.identity.tenant
            throw fault
        }
    }

    private func answer(
        _ opened: ChannelHandshake.Opened,
        tokenID: [UInt8],
        by redeemer: (any Redeemer)?,
        over socket: Socket
    ) async throws(ChannelFault) {
        let stream = FrameStream(opened, over: socket, limits: limits)
        socket.setDeadline(limits.answer)
        guard let bytes = try await stream.receive() else {
            throw ChannelFault(.closed, "the joiner left without a request")
        }
        socket.setDeadline(nil)
        let (request, label) = try Self.request(bytes, opened: opened, tokenID: tokenID)
        let certificate = await redeemer?.redeem(
            request,
            label: label,
            handshakeHash: opened.hash,
            channelKey: opened.remoteKey
        )
        guard let certificate else {
            try await stream.send(Frame.bye(.notAllowed, "the request was refused").encoded())
            throw ChannelFault(.refused, "the request to join was refused")
        }
        try await stream.send(Frame.joined(certificate: certificate.encoded).encoded())
    }

    /// Reads a request that is signed, and made for this channel and no other.
    private static func request(
        _ bytes: [UInt8],
        opened: ChannelHandshake.Opened,
        tokenID: [UInt8]
    ) throws(ChannelFault) -> (Signed<JoinRequest>, label: String) {
        let request: Signed<JoinRequest>
        let label: String
        do throws(Malformed) {
            guard case .join(let encoded, let name) = try Frame(decoding: bytes) else {
                throw Malformed(.invalid, "frame", at: 0)
            }
            request = try Signed<JoinRequest>(decoding: encoded)
            label = name
        } catch {
            throw ChannelFault(.malformed, "not a request to join: \(error)")
        }
        let asked = request.structure
        guard asked.handshakeHash == opened.hash, asked.channelKey == opened.remoteKey,
            asked.tokenID == tokenID, request.isSigned(by: asked.signKey)
        else {
            throw ChannelFault(.notAuthentic, "the request to join belongs to something else")
        }
        return (request, label)
    }
}
