import Bytes
import CRDT
import Dispatch
import Domain
public import Storage
import Synchronization
import Wire

/// Runs one session over one channel until either side ends it.
///
/// The decisions are the session's; here are only the waiting and the moving. Store work runs on a
/// queue of its own, never on a thread that other tasks need.
public struct Conversation: Sendable {
    /// What a conversation tells while it runs.
    public typealias Listener = @Sendable (Session.Report) -> Void

    private let channel: any Channel
    private let store: Store
    private let speaker: Speaker
    private let clock: any Clock<Duration>
    private let listener: Listener
    private let mailbox = Mailbox<Session.Input>(
        capacity: Self.mailboxCapacity,
        weightMax: Self.mailboxBytesMax
    )

    /// - Parameters:
    ///   - channel: Authenticated, and not used by anyone else.
    ///   - store: The store of this node.
    ///   - software: Name and version of this program, for the peer's people.
    ///   - endsWhenEqual: Whether to stop when both sides hold the same.
    ///   - clock: Paces pings and the watch for silence.
    ///   - wall: The wall clock, milliseconds since 1970.
    ///   - listener: Called for each report, from any task.
    public init(
        over channel: any Channel,
        store: Store,
        software: String,
        endsWhenEqual: Bool,
        clock: any Clock<Duration>,
        wall: @escaping @Sendable () -> UInt64,
        listener: @escaping Listener
    ) {
        self.channel = channel
        self.store = store
        self.clock = clock
        self.listener = listener
        let configuration = Session.Configuration(
            role: channel.role,
            channelHash: channel.channelHash,
            replica: store.replica,
            schema: UInt64(store.schema.version),
            software: software,
            endsWhenEqual: endsWhenEqual
        )
        speaker = Speaker(
            StoreSession(
                Session(configuration),
                store: store,
                peer: channel.peer,
                wall: wall,
                attests: true
            )
        )
    }

    /// Inputs that may wait: more than a peer may have in flight by the rules.
    private static let mailboxCapacity = 64
    /// Bytes of frames that may wait, so that memory has a bound that no peer sets.
    private static let mailboxBytesMax = 1 << 20
    /// What a session that is replaced gets to say goodbye.
    private static let farewell = Duration.milliseconds(250)
    /// How often the session is told the time, for SYNC-17.
    private static let beat = Duration.seconds(5)

    /// Talks until the session ends.
    ///
    /// - Returns: Why it ended; nil if the peer vanished.
    public func run() async -> StoreSession.Ending? {
        let growth = store.growth()
        let epoch = store.sharesEpoch
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await listen() }
            group.addTask { await beat() }
            group.addTask {
                var epoch = epoch
                for await news in growth {
                    let changesShares = news.sharesEpoch != epoch
                    epoch = news.sharesEpoch
                    await mailbox.put(.grew(to: news.position, changesShares: changesShares))
                }
            }
            let ending = await converse()
            mailbox.close()
            await channel.close()
            group.cancelAll()
            return ending
        }
    }

    /// Ends a running session in favour of a newer one of the same device, with goodbye if the
    /// peer still reads.
    public func makeRoom() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await mailbox.put(.replaced) }
            group.addTask {
                try? await clock.sleep(for: Self.farewell)
                mailbox.close()
                await channel.close()
            }
        }
    }

    /// Takes inputs one by one, and sends what follows from each.
    private func converse() async -> StoreSession.Ending? {
        var outcome = await speaker.start()
        while true {
            for report in outcome.reports { listener(report) }
            do {
                for frame in outcome.frames { try await channel.send(frame.encoded()) }
            } catch {
                return outcome.ending
            }
            if let ending = outcome.ending { return ending }
            guard let input = await next() else { return nil }
            outcome = await speaker.take(input)
        }
    }

    /// The next input; to a task that was cancelled it is, at the latest, to say goodbye.
    private func next() async -> Session.Input? {
        if let input = await mailbox.take() { return input }
        return Task.isCancelled ? .stop : nil
    }

    /// Hands the peer's frames over; when it has closed, nothing more can come.
    private func listen() async {
        do {
            while let bytes = try await channel.receive() {
                await mailbox.put(Self.input(bytes), weight: bytes.count)
            }
        } catch {
            listener(.lost("\(error)"))
        }
        mailbox.finish()
    }

    private static func input(_ bytes: [UInt8]) -> Session.Input {
        do throws(Malformed) {
            return .frame(try Frame(decoding: bytes))
        } catch {
            return .malformed("\(error)")
        }
    }

    /// Tells the time until it is cancelled, and then asks the session to say goodbye.
    private func beat() async {
        let start = DispatchTime.now().uptimeNanoseconds
        do {
            while true {
                try await clock.sleep(for: Self.beat)
                let now = DispatchTime.now().uptimeNanoseconds
                await mailbox.put(.tick((now - start) / 1_000_000))
            }
        } catch {
            await mailbox.put(.stop)
        }
    }
}

/// A session that works on a queue of its own.
private final class Speaker: Sendable {
    private let session: Mutex<StoreSession>
    private let queue = DispatchQueue(label: "sync.session")

    init(_ session: StoreSession) {
        self.session = Mutex(session)
    }

    func start() async -> StoreSession.Outcome {
        await onQueue { $0.start() }
    }

    func take(_ input: Session.Input) async -> StoreSession.Outcome {
        await onQueue { $0.take(input) }
    }

    private func onQueue(
        _ work: @escaping @Sendable (inout StoreSession) -> StoreSession.Outcome
    ) async -> StoreSession.Outcome {
        await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: self.session.withLock { work(&$0) })
            }
        }
    }
}
