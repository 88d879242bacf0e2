import CRDT
import Synchronization

/// What each device has open here: so much at a time, and the oldest gives way.
final class Seats<Item: Sendable>: Sendable {
    private struct State {
        var taken: [ID: [(number: UInt64, item: Item)]] = [:]
        var count: UInt64 = 0
    }

    private let most: Int
    private let state = Mutex(State())

    init(perDevice most: Int) {
        self.most = max(1, most)
    }

    /// Takes an item in.
    ///
    /// - Returns: The number to leave with; and the oldest of this device, which has lost its
    ///   place, if there were too many.
    func enter(_ item: Item, of device: ID) -> (number: UInt64, oldest: Item?) {
        state.withLock { state in
            state.count += 1
            var own = state.taken[device] ?? []
            let oldest = own.count < most ? nil : own.removeFirst().item
            own.append((state.count, item))
            state.taken[device] = own
            return (state.count, oldest)
        }
    }

    /// Lets an item go that has ended, also one that had lost its place.
    func leave(_ number: UInt64, of device: ID) {
        state.withLock { state in
            guard var own = state.taken[device] else { return }
            own.removeAll { $0.number == number }
            state.taken[device] = own.isEmpty ? nil : own
        }
    }
}
