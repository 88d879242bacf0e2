import Sync
import Synchronization
import Testing

@testable import Transports

/// What a listener reported.
final class Reports: Sendable {
    private let faults = Mutex<[ChannelFault]>([])

    func add(_ address: String, _ fault: ChannelFault) {
        #expect(address.hasPrefix("127.0.0.1:"))
        faults.withLock { $0.append(fault) }
    }

    /// Waits for reports, which come just after a stranger sees its connection end.
    func wait(for count: Int) async throws {
        while codes.count < count { try await Task.sleep(for: .milliseconds(2)) }
    }

    var codes: [ChannelFault.Code] { faults.withLock { $0.map(\.code) } }
}

/// A listener on a free port of this machine.
struct Loopback: Sendable {
    let identity: LocalIdentity
    var redeemer: (any Redeemer)?
    var others: [ServedTenant] = []
    var limits = TCPLimits(farewell: .milliseconds(50))
    let reports = Reports()
    let chance = Chance(99)

    init(_ identity: LocalIdentity) {
        self.identity = identity
    }

    /// Serves while `body` runs, waits for the reports expected, then ends the listener.
    func run<Result: Sendable>(
        expecting count: Int = 0,
        serve: @escaping @Sendable (any Sync.Channel) async -> Void = Self.echo,
        _ body: @Sendable (_ address: String) async throws -> Result
    ) async throws -> Result {
        let (addresses, ready) = AsyncStream<String>.makeStream()
        let listener = TCPListener(
            tenants: [ServedTenant(identity, redeemer: redeemer)] + others,
            limits: limits,
            entropy: { chance.bytes($0) },
            report: { reports.add($0, $1) }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { ready.finish() }
                try await listener.run(
                    on: "127.0.0.1:0",
                    ready: { ready.yield($0) },
                    serve: serve
                )
            }
            var iterator = addresses.makeAsyncIterator()
            let address = try #require(await iterator.next())
            let result = try await body(address)
            try await reports.wait(for: count)
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
    }

    /// Sends back whatever comes.
    static let echo: @Sendable (any Sync.Channel) async -> Void = { channel in
        do {
            while let frame = try await channel.receive() { try await channel.send(frame) }
        } catch {}
    }
}

extension LocalIdentity {
    func connector(limits: TCPLimits = TCPLimits(), seed: UInt64 = 5) -> TCPConnector {
        let chance = Chance(seed)
        return TCPConnector(identity: self, limits: limits) { chance.bytes($0) }
    }

    /// Connects by hand, to send what a connector never would.
    func openByHand(_ address: String) async throws -> (ChannelHandshake.Opened, Socket) {
        let handshake = InitiatorHandshake(.session(self), ephemeral: try Chance(6).key())
        return try await handshake.dial(address, limits: TCPLimits())
    }
}

extension Socket {
    func send(_ bytes: [UInt8]) async throws {
        try await finish(write([bytes]))
    }
}

/// Runs what must fail and returns the code it failed with; nil if it did not.
func code(_ work: () async throws -> Void) async -> ChannelFault.Code? {
    do {
        try await work()
        return nil
    } catch let fault as ChannelFault {
        return fault.code
    } catch {
        Issue.record("not a channel fault: \(error)")
        return nil
    }
}
