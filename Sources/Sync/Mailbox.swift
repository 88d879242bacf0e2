import Synchronization

/// A queue with room for a few items: who puts into a full one waits, so a fast peer is slowed down
/// instead of filling the memory.
///
/// A class with a lock rather than an actor: a cancelled ``take()`` must be let go at once, and who
/// is told of a cancellation cannot wait for an actor.
///
/// - Invariant: 1. An item is taken once. 2. Nobody waits in a closed queue. 3. One task takes.
final class Mailbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [(item: Item, weight: Int)] = []
        /// The sum of what the items weigh.
        var weight = 0
        var isFinished = false
        var isClosed = false
        var taker: CheckedContinuation<Item?, Never>?
        var putters: [CheckedContinuation<Void, Never>] = []

        /// Whether there is no room; what weighs nothing never waits for what does.
        func isFull(_ capacity: Int, _ weightMax: Int, adding weight: Int) -> Bool {
            guard items.count < capacity else { return true }
            return weight > 0 && self.weight > 0 && weight > weightMax - self.weight
        }
    }

    /// What follows from a step, done outside the lock.
    private enum Step {
        case done
        case wait
    }

    private let capacity: Int
    private let weightMax: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: How many items may wait.
    ///   - weightMax: What they may weigh together, but for an item that waits alone.
    init(capacity: Int, weightMax: Int = .max) {
        self.capacity = capacity
        self.weightMax = weightMax
    }

    /// Adds an item, waiting while the queue is full; nothing happens once it is closed.
    func put(_ item: Item, weight: Int = 0) async {
        while tryPut(item, weight) == .wait {
            await withCheckedContinuation { continuation in
                let isFull = state.withLock { state in
                    guard state.isFull(capacity, weightMax, adding: weight), !state.isClosed
                    else { return false }
                    state.putters.append(continuation)
                    return true
                }
                if !isFull { continuation.resume() }
            }
        }
    }

    private func tryPut(_ item: Item, _ weight: Int) -> Step {
        let (step, waiting) = state.withLock { state in
            guard !state.isClosed, !state.isFinished else {
                return (Step.done, nil as CheckedContinuation<Item?, Never>?)
            }
            if let taker = state.taker {
                state.taker = nil
                return (.done, taker)
            }
            guard !state.isFull(capacity, weightMax, adding: weight) else { return (.wait, nil) }
            state.items.append((item, weight))
            state.weight += weight
            return (.done, nil)
        }
        waiting?.resume(returning: item)
        return step
    }

    /// Removes the oldest item, waiting for one.
    ///
    /// - Returns: nil once the queue is closed, or at once when the task is cancelled and nothing
    ///   waits.
    func take() async -> Item? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A cancellation either shows here or finds the taker: both are under the lock.
                let (isTaken, item, putter) = state.withLock { state in
                    if !state.isClosed, !state.items.isEmpty {
                        let (item, weight) = state.items.removeFirst()
                        state.weight -= weight
                        let putter = state.putters.isEmpty ? nil : state.putters.removeFirst()
                        return (true, item as Item?, putter)
                    }
                    guard !state.isClosed, !state.isFinished, !Task.isCancelled else {
                        return (true, nil, nil)
                    }
                    state.taker = continuation
                    return (false, nil, nil)
                }
                putter?.resume()
                if isTaken { continuation.resume(returning: item) }
            }
        } onCancel: {
            dismissTaker()
        }
    }

    private func dismissTaker() {
        let taker = state.withLock { state in
            defer { state.taker = nil }
            return state.taker
        }
        taker?.resume(returning: nil)
    }

    /// Takes no more; what waits can still be taken.
    func finish() {
        let isEmpty = state.withLock { state in
            state.isFinished = true
            return state.items.isEmpty
        }
        if isEmpty { close() }
    }

    /// Lets everybody go who waits.
    func close() {
        let putters = state.withLock { state in
            state.isClosed = true
            state.items = []
            state.weight = 0
            defer { state.putters = [] }
            return state.putters
        }
        dismissTaker()
        for putter in putters { putter.resume() }
    }
}
