import NIOCore

/// The event loop's end of a connection: reads when asked, and never otherwise.
///
/// Without a waiting reader nothing is taken from the network, so a fast peer is slowed down by TCP
/// itself. Only what a peer leaves behind when it goes is read at once, which the operating
/// system's buffer bounds.
///
/// - Invariant: 1. At most one read is outstanding. 2. After the end every waiting promise is done.
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let writeLimit: TimeAmount
    private var context: ChannelHandlerContext?
    private var received: [[UInt8]] = []
    private var reader: EventLoopPromise<[UInt8]?>?
    private var end: Result<Void, ChannelFault>?
    private var readTimer: Scheduled<Void>?
    private var deadline: Scheduled<Void>?
    private var writeTimer: Scheduled<Void>?
    private var unsent = 0
    private var lastSent = NIODeadline.now()

    /// - Parameter writeLimit: How long one message may wait to be sent.
    init(writeLimit: TimeAmount) {
        self.writeLimit = writeLimit
    }

    /// Why the connection ended, if not because one side closed it.
    private var fault: ChannelFault? {
        guard case .failure(let fault) = end else { return nil }
        return fault
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(.success(()))
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.success(()))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failure(ChannelFault(.closed, "the connection broke: \(error)")))
    }

    /// Ends the connection for a reason, unless it has ended already.
    func finish(_ result: Result<Void, ChannelFault>) {
        guard end == nil else { return }
        end = result
        for timer in [readTimer, deadline, writeTimer] { timer?.cancel() }
        let waiting = reader
        reader = nil
        switch result {
        case .success: waiting?.succeed(nil)
        case .failure(let fault): waiting?.fail(fault)
        }
        context?.close(promise: nil)
    }
}

// MARK: - Reading

extension SocketHandler {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        readTimer?.cancel()
        readTimer = nil
        guard let waiting = reader else {
            received.append(bytes)
            return
        }
        reader = nil
        waiting.succeed(bytes)
    }

    /// Asks for the next bytes; if none came before the limit, the connection ends.
    ///
    /// - Returns: nil once the peer has closed.
    func read(before limit: NIODeadline?, on loop: any EventLoop) -> EventLoopFuture<[UInt8]?> {
        if !received.isEmpty { return loop.makeSucceededFuture(received.removeFirst()) }
        if end != nil {
            guard let fault else { return loop.makeSucceededFuture(nil) }
            return loop.makeFailedFuture(fault)
        }
        guard let context, reader == nil else {
            let fault = ChannelFault(.closed, "two tasks read from one connection")
            return loop.makeFailedFuture(fault)
        }
        let promise = loop.makePromise(of: [UInt8]?.self)
        reader = promise
        if let limit {
            readTimer = loop.assumeIsolated().scheduleTask(deadline: limit) {
                self.finish(.failure(ChannelFault(.timeout, "a message was not ended in time")))
            }
        }
        context.read()
        return promise.futureResult
    }

    /// Ends the connection after a time, whatever happens on it; nil takes that back.
    func setDeadline(_ time: TimeAmount?, fault: ChannelFault) {
        deadline?.cancel()
        deadline = nil
        guard let time, let context, end == nil else { return }
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            self.finish(.failure(fault))
        }
    }
}

extension SocketHandler {
    /// Ends the connection after a time, unless it ends before; a later call changes nothing.
    func endSoon(_ time: TimeAmount, fault: ChannelFault) {
        guard deadline == nil else { return }
        setDeadline(time, fault: fault)
    }
}

// MARK: - Writing

extension SocketHandler {
    /// Sends messages; done when the last is with the operating system.
    func write(_ messages: [[UInt8]], on loop: any EventLoop) -> EventLoopFuture<Void> {
        let closed = ChannelFault(.closed, "the connection is closed")
        guard let context, end == nil else { return loop.makeFailedFuture(fault ?? closed) }
        var last = loop.makeSucceededVoidFuture()
        for message in messages {
            let promise = loop.makePromise(of: Void.self)
            if unsent == 0 { lastSent = .now() }
            unsent += 1
            last = promise.futureResult
            last.assumeIsolated().whenComplete { _ in
                self.unsent -= 1
                self.lastSent = .now()
            }
            context.write(wrapOutboundOut(ByteBuffer(bytes: message)), promise: promise)
        }
        context.flush()
        watch()
        return last.assumeIsolated()
            .flatMapErrorThrowing { _ in throw self.fault ?? closed }
            .nonisolated()
    }

    /// Ends the connection if no message left for too long: the peer does not read.
    private func watch() {
        guard writeTimer == nil, unsent > 0, end == nil, let context else { return }
        let due = lastSent + writeLimit
        writeTimer = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) {
            self.writeTimer = nil
            guard self.unsent > 0, .now() >= self.lastSent + self.writeLimit else {
                return self.watch()
            }
            self.finish(.failure(ChannelFault(.timeout, "the peer takes no messages")))
        }
    }
}
