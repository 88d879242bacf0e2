import Identity

extension InitiatorSide {
    /// Connects and plays the handshake; a connection that fails is closed.
    func dial(
        _ address: String,
        limits: TCPLimits
    ) async throws(ChannelFault) -> (ChannelHandshake.Opened, Socket) {
        let socket = try await Socket.connect(to: try Endpoint(address), limits: limits)
        socket.setDeadline(limits.handshake)
        do throws(ChannelFault) {
            let opened = try await socket.endIfCancelled { () async throws(ChannelFault) in
                try await socket.open(self, opening: opening)
            }
            socket.setDeadline(nil)
            return (opened, socket)
        } catch {
            await socket.close()
            throw error
        }
    }
}

extension ChannelKey {
    /// A fresh key for one handshake.
    ///
    /// - Precondition: The entropy gives as many bytes as it is asked for.
    static func ephemeral(from entropy: @Sendable (Int) -> [UInt8]) -> ChannelKey {
        guard let key = ChannelKey(secret: entropy(32)) else {
            preconditionFailure("entropy gives as many bytes as it is asked for")
        }
        return key
    }
}
