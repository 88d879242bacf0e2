import Dispatch
import Synchronization

/// Lets many threads share one commit: whoever comes first commits for all that wait.
///
/// No thread of its own and no timer: while one caller is in the commit, others queue up, and the
/// next of them takes the whole queue. A caller returns when its job is on disk, or has failed.
///
/// - Invariant: 1. One job runs at a time. 2. A job's outcome is told only after the commit that
///   holds it.
final class CommitQueue: Sendable {
    /// Something to do inside a commit.
    ///
    /// It may run twice: a failure of another job undoes it.
    final class Job: Sendable {
        let work: @Sendable (StoreWriter) throws -> Void
        private let outcome = Mutex<Result<Void, any Error>?>(nil)
        fileprivate let wake = DispatchSemaphore(value: 0)

        init(_ work: @escaping @Sendable (StoreWriter) throws -> Void) {
            self.work = work
        }

        /// Says how the job ended: once, after the commit.
        func finish(_ result: Result<Void, any Error>) {
            outcome.withLock { $0 = result }
            wake.signal()
        }

        fileprivate var result: Result<Void, any Error>? { outcome.withLock { $0 } }
    }

    private struct State {
        var waiting: [Job] = []
        var isLed = false
    }

    private let state = Mutex(State())
    private let writer: StoreWriter
    /// Jobs of one commit: enough for every writer of a large site, few enough to stay short.
    private static let batchMax = 64

    init(_ writer: StoreWriter) {
        self.writer = writer
    }

    /// Runs a job inside the next commit and returns once it is on disk.
    func run(_ work: @escaping @Sendable (StoreWriter) throws -> Void) throws {
        let job = Job(work)
        let leads = state.withLock { state in
            state.waiting.append(job)
            if state.isLed { return false }
            state.isLed = true
            return true
        }
        if !leads { job.wake.wait() }
        while true {
            if let result = job.result {
                return try result.get()
            }
            // Woken without an outcome: it is this caller's turn to commit for all that wait.
            writer.commit(takeBatch())
            passOn()
            job.wake.wait()
        }
    }

    /// How many wait for the commit that is going on, for tests that count.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func takeBatch() -> [Job] {
        state.withLock { state in
            let batch = Array(state.waiting.prefix(Self.batchMax))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// Makes the next one that waits the leader.
    private func passOn() {
        let next = state.withLock { state -> Job? in
            state.isLed = !state.waiting.isEmpty
            return state.waiting.first
        }
        next?.wake.signal()
    }
}
