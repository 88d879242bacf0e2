import Identity
import NIOCore
import Synchronization

/// Whole frames over one connection, encrypted.
///
/// - Source: TCP-3, TCP-5, TCP-7.
final class FrameStream: Sendable {
    /// What was read and is not yet a frame.
    private struct Inbox: Sendable {
        var buffer = MessageBuffer()
        var pieces: Pieces.Incoming
        /// Messages taken since the beginning: each gives the next its full time.
        var messages: UInt64 = 0
        var fault: ChannelFault?

        /// The next frame, if all of it is here.
        mutating func next() throws(ChannelFault) -> [UInt8]? {
            if let fault { throw fault }
            do throws(ChannelFault) {
                while let message = try buffer.next() {
                    messages += 1
                    if let frame = try pieces.open(message) { return frame }
                }
                return nil
            } catch {
                fault = error
                throw error
            }
        }
    }

    let socket: Socket
    private let limits: TCPLimits
    private let outgoing: Mutex<Pieces.Outgoing>
    private let inbox: Mutex<Inbox>

    init(_ opened: ChannelHandshake.Opened, over socket: Socket, limits: TCPLimits) {
        self.socket = socket
        self.limits = limits
        outgoing = Mutex(opened.outgoing)
        var inbox = Inbox(pieces: opened.incoming)
        inbox.buffer.append(opened.rest)
        self.inbox = Mutex(inbox)
    }

    /// Sends a frame; done when the operating system has all of it.
    func send(_ frame: [UInt8]) async throws(ChannelFault) {
        // Under one lock, because messages must be sent in the order they were encrypted in.
        let writing = try outgoing.withLock { outgoing throws(ChannelFault) in
            socket.write(try outgoing.seal(frame))
        }
        try await socket.endIfCancelled(after: limits.farewell) { () async throws(ChannelFault) in
            try await self.socket.finish(writing)
        }
    }

    /// The next frame; nil once the peer has closed, wherever that was.
    ///
    /// - Throws: A fault, after which the connection is closed.
    func receive() async throws(ChannelFault) -> [UInt8]? {
        try await socket.endIfCancelled(after: limits.farewell) { () async throws(ChannelFault) in
            do throws(ChannelFault) {
                return try await self.nextFrame()
            } catch {
                await self.socket.close()
                throw error
            }
        }
    }

    func close() async {
        await socket.close()
    }

    private func nextFrame() async throws(ChannelFault) -> [UInt8]? {
        var deadline: NIODeadline?
        var messages: UInt64 = 0
        while true {
            if let frame = try inbox.withLock({ inbox throws(ChannelFault) in try inbox.next() }) {
                return frame
            }
            let (isPartial, count) = inbox.withLock { ($0.buffer.count > 0, $0.messages) }
            if !isPartial {
                deadline = nil
            } else if deadline == nil || count > messages {
                deadline = .now() + TimeAmount(limits.message)
            }
            messages = count
            guard let bytes = try await socket.read(before: deadline) else { return nil }
            inbox.withLock { $0.buffer.append(bytes) }
        }
    }
}

extension Socket {
    /// Plays a handshake to its end.
    ///
    /// - Parameters:
    ///   - side: This side of it.
    ///   - opening: What to send before anything is read.
    ///   - known: Called with the static key of a device that is known.
    /// - Returns: The authenticated channel, before anything is said over it.
    /// - Throws: What the side refuses a message for, or what ended the connection.
    func open(
        _ side: consuming some HandshakeSide,
        opening: [UInt8] = [],
        known: @Sendable ([UInt8]) -> Void = { _ in }
    ) async throws(ChannelFault) -> ChannelHandshake.Opened {
        var side = side
        if !opening.isEmpty { try await finish(write([opening])) }
        while true {
            guard let bytes = try await read() else { throw side.faultAtEnd }
            let step = try side.take(bytes)
            if let key = step.knownKey { known(key) }
            if !step.output.isEmpty { try await finish(write([step.output])) }
            if let opened = step.opened { return opened }
        }
    }
}
