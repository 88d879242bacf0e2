import Identity
import NIOCore
import NIOPosix
public import Sync
import Wire

/// Takes connections of peers, and of those who join, until it is cancelled.
public struct TCPListener: Sendable {
    /// Called with the address and the fault of each connection that came to nothing; the fault
    /// names the tenant where one was asked for.
    public typealias Report = @Sendable (_ address: String, _ fault: ChannelFault) -> Void

    private let tenants: [ServedTenant]
    let limits: TCPLimits
    private let entropy: @Sendable (Int) -> [UInt8]
    private let report: Report

    /// - Parameters:
    ///   - tenants: Whom connections may ask for, each once.
    ///   - limits: How long things may take, and how many strangers may wait.
    ///   - entropy: Gives so many random bytes, fit for keys.
    ///   - report: Called from any task; faults of peers are for counting, and end nothing else.
    public init(
        tenants: [ServedTenant],
        limits: TCPLimits = TCPLimits(),
        entropy: @escaping @Sendable (Int) -> [UInt8],
        report: @escaping Report
    ) {
        self.tenants = tenants
        self.limits = limits
        self.entropy = entropy
        self.report = report
    }

    /// Listens until the task is cancelled; then everything is closed and nothing is left over.
    ///
    /// - Parameters:
    ///   - address: `HOST:PORT`; port 0 takes any that is free.
    ///   - ready: Called once with the address that was bound.
    ///   - serve: Runs for each authenticated peer in a child task of its own; the channel is
    ///     closed when it returns.
    /// - Throws: A ``ChannelFault`` of code `cannotListen` if nothing can be bound there.
    public func run(
        on address: String,
        ready: @Sendable (_ boundAddress: String) -> Void,
        serve: @escaping @Sendable (any Sync.Channel) async -> Void
    ) async throws {
        let server = try await bind(try Endpoint(address))
        let halfOpen = HalfOpen(atMost: limits.halfOpenMax, perKey: limits.halfOpenPerKeyMax)
        do {
            try await server.executeThenClose { connections in
                if let bound = server.channel.localAddress { ready("\(Endpoint(bound))") }
                try await withThrowingDiscardingTaskGroup { group in
                    for try await socket in connections {
                        let number = halfOpen.enter(socket)
                        group.addTask {
                            await take(socket, serve: serve, halfOpen.place(number))
                        }
                    }
                    group.cancelAll()
                }
            }
            guard Task.isCancelled else { throw ChannelFault(.closed, "no longer listening") }
        } catch {
            guard !Task.isCancelled else { return }
            throw ChannelFault(.closed, "the listener on \(address) broke: \(error)")
        }
    }

    private func bind(
        _ endpoint: Endpoint
    ) async throws(ChannelFault) -> NIOAsyncChannel<Socket, Never> {
        do {
            return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.autoRead, value: false)
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .bind(host: endpoint.host, port: endpoint.port) { [limits] channel in
                    channel.eventLoop.makeCompletedFuture {
                        let socket = try Socket(preparing: channel, limits: limits)
                        // From the first moment, so that even one that is never taken ends.
                        socket.setDeadline(limits.handshake)
                        return socket
                    }
                }
        } catch {
            throw ChannelFault(.cannotListen, "cannot listen on \(endpoint): \(error)")
        }
    }

    /// Sees one connection through from its first byte to its last.
    private func take(
        _ socket: Socket,
        serve: @Sendable (any Sync.Channel) async -> Void,
        _ place: HalfOpen.Place
    ) async {
        do throws(ChannelFault) {
            let opened = try await shake(socket, place)
            place.leave()
            switch opened.peer {
            case .joiner(let tokenID, let tenant):
                try await answer(opened, tokenID: tokenID, of: tenant, over: socket)
            case .unwelcome(let fault):
                let stream = FrameStream(opened, over: socket, limits: limits)
                socket.setDeadline(limits.farewell)
                try await stream.send(Frame.bye(.notAllowed, fault.message).encoded())
                // Closed on what it had sent meanwhile, the peer would lose the goodbye.
                for _ in 0..<Self.farewellFramesMax {
                    guard let frame = try? await stream.receive(), !frame.isEmpty else { break }
                }
                throw fault
            case .device, .redeemer:
                guard let channel = TCPChannel(opened, .responder, socket, limits) else { break }
                await serve(channel)
            }
        } catch {
            place.leave()
            if !Task.isCancelled { report(socket.address, error) }
        }
        await socket.close()
    }

    /// What a peer may have sent before it reads that it is not welcome: what it asks, and hello.
    private static let farewellFramesMax = 8

    private func shake(
        _ socket: Socket,
        _ place: HalfOpen.Place
    ) async throws(ChannelFault) -> ChannelHandshake.Opened {
        let handshake = ResponderHandshake(
            tenants: tenants,
            ephemeral: .ephemeral(from: entropy),
            spareKey: entropy(32)
        )
        let opened = try await socket.endIfCancelled { () async throws(ChannelFault) in
            try await socket.open(handshake, known: { key in place.promote(to: key) })
        }
        socket.setDeadline(nil)
        return opened
    }
}
