import Dispatch
import Node
import Synchronization

/// Waits on this thread for work that other threads do.
///
/// For commands, each of which has a thread of its own that may wait.
func waitFor<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
) throws -> Result {
    let done = DispatchSemaphore(value: 0)
    let outcome = Outcome<Result>()
    Task {
        do {
            let result = try await work()
            outcome.value.withLock { $0 = .success(result) }
        } catch {
            outcome.value.withLock { $0 = .failure(error) }
        }
        done.signal()
    }
    done.wait()
    guard let result = outcome.value.withLock({ $0 }) else {
        throw CommandFault(.damaged, "work ended without a result")
    }
    return try result.get()
}

/// Where work leaves what it came to.
private final class Outcome<Result: Sendable>: Sendable {
    let value = Mutex<Swift.Result<Result, any Error>?>(nil)
}
