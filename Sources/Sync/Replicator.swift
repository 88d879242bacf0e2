import Logging
public import ServiceLifecycle
import Storage
import Wire

/// Keeps this node in step with its peers until the process is asked to stop.
///
/// One child task a peer. A peer that fails is tried again, later and later, and never disturbs the
/// others. Nothing outlives ``run()``.
public struct Replicator: Service {
    /// Opens an authenticated channel to an address.
    public typealias Connect = @Sendable (String) async throws -> any Channel
    /// Talks over a channel until it ends.
    public typealias Converse = @Sendable (any Channel) async -> StoreSession.Ending?

    private let peers: [String]
    private let backoff: Backoff
    private let clock: any Clock<Duration>
    private let connect: Connect
    private let converse: Converse
    private let logger = Logger(label: "sync.replicator")

    /// - Parameters:
    ///   - peers: The addresses to stay connected to.
    ///   - backoff: How long to wait after failures.
    ///   - clock: What the waiting is measured with.
    ///   - connect: Opens a channel.
    ///   - converse: Runs a session over it.
    public init(
        peers: [String],
        backoff: Backoff,
        clock: any Clock<Duration>,
        connect: @escaping Connect,
        converse: @escaping Converse
    ) {
        self.peers = peers
        self.backoff = backoff
        self.clock = clock
        self.connect = connect
        self.converse = converse
    }

    public func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for peer in peers {
                    group.addTask { await stayInStep(with: peer) }
                }
            }
        }
    }

    private func stayInStep(with peer: String) async {
        var failures = 0
        while !Task.isCancelled {
            do {
                let channel = try await connect(peer)
                let ending = await converse(channel)
                failures = ending?.code.isFault == false ? 0 : failures + 1
                if let ending, ending.code.isFault {
                    logger.notice("session ended: \(ending.code.rawValue) \(ending.text)", peer)
                }
            } catch {
                failures += 1
                logger.notice("no connection: \(error)", peer)
            }
            try? await clock.sleep(for: backoff.delay(after: failures))
        }
    }
}

extension Frame.Bye {
    /// Whether the session ended for something that will not be better at once.
    var isFault: Bool { self != .done && self != .shuttingDown && self != .replaced }
}

extension Logger {
    fileprivate func notice(_ message: String, _ peer: String) {
        notice("\(message)", metadata: ["peer": "\(peer)"])
    }
}

/// How long to wait before the next attempt: doubling from the least to the most.
public struct Backoff: Hashable, Sendable {
    /// After a session that went well.
    public var least: Duration
    /// However often it failed.
    public var most: Duration

    public init(least: Duration, most: Duration) {
        self.least = least
        self.most = most
    }

    /// The wait after a number of failures in a row.
    public func delay(after failures: Int) -> Duration {
        var delay = least
        for _ in 0..<min(failures, 32) where delay < most {
            delay *= 2
        }
        return min(delay, most)
    }
}
