import NIOCore
import NIOPosix

/// One TCP connection: bytes on demand, from any task.
struct Socket: Sendable {
    private let channel: any NIOCore.Channel
    private let handler: NIOLoopBound<SocketHandler>

    /// The peer's address, for people.
    let address: String

    /// Prepares a channel that does not read by itself.
    ///
    /// - Precondition: On the channel's event loop, before it is active.
    init(preparing channel: any NIOCore.Channel, limits: TCPLimits) throws {
        let handler = SocketHandler(writeLimit: TimeAmount(limits.message))
        try channel.pipeline.syncOperations.addHandler(handler)
        self.init(channel, handler)
    }

    private init(_ channel: any NIOCore.Channel, _ handler: SocketHandler) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        address = channel.remoteAddress.map(Endpoint.init)?.description ?? "unknown"
    }

    /// Reads what is there, waiting for something; nil once the peer has closed.
    func read(before limit: NIODeadline? = nil) async throws(ChannelFault) -> [UInt8]? {
        let loop = channel.eventLoop
        let handler = handler
        return try await result { loop.flatSubmit { handler.value.read(before: limit, on: loop) } }
    }

    /// Begins to send messages, in the order of the calls.
    func write(_ messages: [[UInt8]]) -> EventLoopFuture<Void> {
        let loop = channel.eventLoop
        let handler = handler
        return loop.flatSubmit { handler.value.write(messages, on: loop) }
    }

    /// Waits until what was begun is sent.
    func finish(_ writing: EventLoopFuture<Void>) async throws(ChannelFault) {
        try await result { writing }
    }

    /// Ends the connection with a fault after a time, whatever happens; nil takes that back.
    func setDeadline(_ time: Duration?, _ fault: ChannelFault = Socket.lateHandshake) {
        let time = time.map { TimeAmount($0) }
        let handler = handler
        channel.eventLoop.execute { handler.value.setDeadline(time, fault: fault) }
    }

    /// Ends the connection after a time; a later call does not put it off.
    func endSoon(_ time: Duration, _ fault: ChannelFault) {
        let handler = handler
        channel.eventLoop.execute { handler.value.endSoon(TimeAmount(time), fault: fault) }
    }

    /// Ends the connection at once; who waits on it gets the fault.
    func abort(_ fault: ChannelFault) {
        let handler = handler
        channel.eventLoop.execute { handler.value.finish(.failure(fault)) }
    }

    /// Closes at once; who waits to read gets nil.
    func close() async {
        let handler = handler
        channel.eventLoop.execute { handler.value.finish(.success(())) }
        try? await channel.closeFuture.get()
    }

    static let lateHandshake = ChannelFault(.timeout, "the handshake was not ended in time")

    private func result<Value: Sendable>(
        _ begin: () -> EventLoopFuture<Value>
    ) async throws(ChannelFault) -> Value {
        do {
            return try await begin().get()
        } catch let fault as ChannelFault {
            throw fault
        } catch {
            throw ChannelFault(.closed, "the connection is closed: \(error)")
        }
    }
}

// MARK: - Cancelling

extension Socket {
    /// Does work, and ends the connection once the task is cancelled.
    ///
    /// A grace lets a cancelled task go on for so long, so that it can say goodbye; without one the
    /// connection ends at once.
    func endIfCancelled<Value: Sendable>(
        after grace: Duration? = nil,
        _ work: @Sendable () async throws(ChannelFault) -> Value
    ) async throws(ChannelFault) -> Value {
        let result = await withTaskCancellationHandler {
            do throws(ChannelFault) {
                return Result<Value, ChannelFault>.success(try await work())
            } catch {
                return .failure(error)
            }
        } onCancel: {
            let fault = ChannelFault(.closed, "the task was cancelled")
            if let grace {
                endSoon(grace, fault)
            } else {
                abort(fault)
            }
        }
        return try result.get()
    }
}

// MARK: - Connecting

extension Socket {
    /// Opens a connection, trying every address of the name.
    ///
    /// - Throws: `timeout`, `unreachable`, or `closed` if the task is cancelled.
    static func connect(
        to endpoint: Endpoint,
        limits: TCPLimits
    ) async throws(ChannelFault) -> Socket {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let attempt = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(limits.connect))
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    _ = try Socket(preparing: channel, limits: limits)
                }
            }
            .connect(host: endpoint.host, port: endpoint.port)
        let promise = loop.makePromise(of: Socket.self)
        attempt.flatMapThrowing { channel in
            let handler = try channel.pipeline.syncOperations.handler(type: SocketHandler.self)
            return Socket(channel, handler)
        }.cascade(to: promise)
        do {
            return try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                promise.fail(ChannelFault(.closed, "the connection was given up"))
                attempt.whenSuccess { $0.close(promise: nil) }
            }
        } catch {
            throw fault(error, endpoint)
        }
    }

    private static func fault(_ error: any Error, _ endpoint: Endpoint) -> ChannelFault {
        switch error {
        case let fault as ChannelFault: return fault
        case ChannelError.connectTimeout:
            return ChannelFault(.timeout, "\(endpoint) does not answer")
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first else {
                return ChannelFault(.address, "no address is known for \(endpoint.host)")
            }
            return fault(first.error, endpoint)
        default:
            return ChannelFault(.unreachable, "\(endpoint) cannot be reached: \(error)")
        }
    }
}

extension Endpoint {
    init(_ address: SocketAddress) {
        self.init(host: address.ipAddress ?? "unknown", port: address.port ?? 0)
    }
}
