import Dispatch
import Foundation
import Node
import ServiceLifecycle
import Storage
import Sync
import Synchronization
import Transports

/// Takes the commands of this account while the node runs.
struct ControlService: Service {
    let node: LocalNode
    let directory: DataDirectory

    /// How long running commands may take to end once the node shall.
    private static let farewellSeconds = 5

    func run() async throws {
        let server = ControlServer(in: directory, version: Software.version) { request, uid, tell in
            RunningNode.perform(request, on: node, by: uid, tell: tell)
        }
        try server.start()
        try? await gracefulShutdown()
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                server.stop(within: Self.farewellSeconds)
                continuation.resume()
            }
        }
    }
}

/// Takes connections of peers.
struct ListenerService: Service {
    let listener: TCPListener
    let address: String
    let ready: @Sendable (String) -> Void
    let serve: @Sendable (any Sync.Channel) async -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await listener.run(on: address, ready: ready, serve: serve)
        }
    }
}

/// Says, as a hub, what came by live sessions: receipts for the stations, some seconds later.
struct AttestService: Service {
    let node: LocalNode

    /// Live changes of this long share a receipt.
    private static let pause = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await attest()
            for await _ in node.store.growth() {
                // Asked to end, it ends: the next start says what is left to say.
                guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
                await attest()
            }
        }
    }

    private func attest() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [node] in
                // What fails now is said after the next growth.
                _ = try? node.store.attest(wallMilliseconds: node.wallMilliseconds)
                continuation.resume()
            }
        }
    }
}

/// Does what a node does by itself after something came: confirms stages, gives numbers.
struct DutiesService: Service {
    let node: LocalNode

    /// What comes within this time is looked at together.
    private static let pause = Duration.milliseconds(200)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var position = await perform(after: 0)
            for await growth in node.store.growth() where growth.position > position {
                guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
                position = await perform(after: position)
            }
        }
    }

    /// Where the log stood when it was begun, or the same place again where that failed.
    private func perform(after position: Int64) async -> Int64 {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [node] in
                let now = node.store.position
                // What fails now is done after the next growth.
                let done = try? node.performDuties(after: position)
                continuation.resume(returning: done == nil ? position : now)
            }
        }
    }
}

/// Looks, at a hub, at what becomes due though nothing comes: reminders, breaches, expiry.
struct ApprovalClockService: Service {
    let node: LocalNode

    private static let pause = Duration.seconds(30)

    func run() async throws {
        await every(Self.pause) { [node] in
            // What fails now is done the next time.
            _ = try? node.performApprovalDuties()
        }
    }
}

/// Does what a node does because its time has come: backups, self-checks, retention.
struct UpkeepService: Service {
    let node: LocalNode

    private static let pause = Duration.seconds(60)

    func run() async throws {
        await every(Self.pause) { [node] in node.performUpkeep() }
    }
}

/// Does work that blocks, again and again, until the process ends.
private func every(_ pause: Duration, _ work: @escaping @Sendable () -> Void) async {
    await cancelWhenGracefulShutdown {
        while (try? await Task.sleep(for: pause)) != nil {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    work()
                    continuation.resume()
                }
            }
        }
    }
}

/// Asks the hub, as a station, for PINs and badges of its site, and hands over what changed here.
struct CredentialService: Service {
    let replication: Replication
    let hub: String

    private static let pause = Duration.seconds(600)
    private static let retry = Duration.seconds(30)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while true {
                // A hub that is not there is asked again soon.
                let isDone = (try? await replication.fetchCredentials(from: hub)) ?? false
                let pause = isDone ? Self.pause : Self.retry
                guard (try? await Task.sleep(for: pause)) != nil else { return }
            }
        }
    }
}

/// Makes what lists read of the subjects that changed, so that no person waits for it.
struct ListService: Service {
    let node: LocalNode

    /// Changes of this long are taken in together.
    private static let pause = Duration.seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await refresh()
            for await _ in node.store.growth() {
                // What is left is made by the next list.
                guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
                await refresh()
            }
        }
    }

    private func refresh() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [node] in
                while (try? node.refreshLists()) == true {}
                continuation.resume()
            }
        }
    }
}

/// Says that the node is ready where nothing has to be bound for it.
struct IdleService: Service {
    let ready: @Sendable () -> Void

    func run() async throws {
        ready()
        try? await gracefulShutdown()
    }
}

/// SIGTERM and SIGINT: the first ends in order, the second at once.
struct EndSignals {
    private let sources: [any DispatchSourceSignal]

    init(_ end: @escaping @Sendable () async -> Void) {
        let queue = DispatchQueue(label: "signals")
        let counter = Counter()
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                guard counter.isFirst() else { Foundation.exit(128 + number) }
                Task { await end() }
            }
            source.resume()
            return source
        }
    }

    func cancel() {
        for source in sources { source.cancel() }
    }
}

/// Tells the first from the others.
private final class Counter: Sendable {
    private let count = Mutex(0)

    func isFirst() -> Bool {
        count.withLock { count in
            count += 1
            return count == 1
        }
    }
}
