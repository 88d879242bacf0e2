import Logging
public import ServiceLifecycle
public import Storage
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
    private let chance: Chance
    private let clock: any Clock<Duration>
    private let connect: Connect
    private let converse: Converse
    private let logger = Logger(label: "sync.replicator")

    /// - Parameters:
    ///   - peers: The addresses to stay connected to.
    ///   - backoff: How long to wait after failures.
    ///   - chance: Random bytes, so that nodes which lost a hub together do not return together.
    ///   - clock: What the waiting is measured with.
    ///   - connect: Opens a channel.
    ///   - converse: Runs a session over it.
    public init(
        peers: [String],
        backoff: Backoff,
        chance: Chance,
        clock: any Clock<Duration>,
        connect: @escaping Connect,
        converse: @escaping Converse
    ) {
        self.peers = peers
        self.backoff = backoff
        self.chance = chance
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
            try? await clock.sleep(for: backoff.delay(after: failures, chance))
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

/// How long to wait before the next attempt: doubling from the least to the most, of which chance
/// takes up to a half.
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
    ///
    /// - Parameters:
    ///   - failures: How many.
    ///   - chance: Random bytes, of which four are taken.
    /// - Returns: Half of the full wait, or more.
    public func delay(after failures: Int, _ chance: Chance) -> Duration {
        var delay = least
        for _ in 0..<min(failures, 32) where delay < most {
            delay *= 2
        }
        let part = chance.bytes(4).reduce(0) { $0 << 8 | Int64($1) }
        return min(delay, most) * (Double((1 << 32) + part) / Double(1 << 33))
    }
}
