import Dispatch
import Storage
import Sync
import Synchronization
import Wire

/// A channel over which two nodes, beside the session, watch the audit log of their tenant.
///
/// - Source: WIT-6.
final class WitnessChannel: Channel {
    static let queue = DispatchQueue(label: "node.witness")
    /// How long a closing channel waits for what was asked.
    private static let patience = Duration.seconds(1)
    private static let beat = Duration.milliseconds(5)

    private let channel: any Channel
    private let exchange: Mutex<WitnessExchange>
    /// What is known without waiting for the store: whether nothing is awaited, or nobody is there.
    private let isSettled = Mutex(true)
    private let hasGone = Mutex(false)

    init(_ channel: any Channel, at node: LocalNode) {
        self.channel = channel
        let exchange = WitnessExchange(
            store: node.store,
            peer: channel.peer,
            wall: { node.wallMilliseconds }
        )
        self.exchange = Mutex(exchange)
    }

    var role: Session.Role { channel.role }
    var channelHash: [UInt8] { channel.channelHash }
    var peer: Certificate { channel.peer }
    var address: String { channel.address }

    func send(_ frame: [UInt8]) async throws { try await channel.send(frame) }

    func receive() async throws -> [UInt8]? {
        do {
            while let bytes = try await channel.receive() {
                guard WitnessExchange.takes(bytes) else { return bytes }
                try await say { $0.take(bytes) }
            }
        } catch {
            giveUp()
            throw error
        }
        giveUp()
        return nil
    }

    /// Asks a hub, or tells a neighbour, what the other should know.
    func ask() async throws { try await say { $0.start() } }

    /// Closes once what was asked is answered, if that takes no longer than a moment.
    func close() async {
        try? await say { $0.retry() }
        let clock = ContinuousClock()
        let end = clock.now + Self.patience
        while !isSettled.withLock({ $0 }), !hasGone.withLock({ $0 }), clock.now < end {
            guard (try? await clock.sleep(for: Self.beat)) != nil else { break }
        }
        await channel.close()
    }

    private func giveUp() { hasGone.withLock { $0 = true } }

    /// Works on the store where no other task waits for it, and sends what follows.
    private func say(
        _ work: @escaping @Sendable (inout WitnessExchange) -> [[UInt8]]
    ) async throws {
        let frames = await withCheckedContinuation { continuation in
            Self.queue.async { [self] in
                let frames = exchange.withLock { exchange in
                    let frames = work(&exchange)
                    isSettled.withLock { $0 = exchange.isSettled }
                    return frames
                }
                continuation.resume(returning: frames)
            }
        }
        for frame in frames { try await channel.send(frame) }
    }
}
