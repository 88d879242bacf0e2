import Synchronization

/// What an action decided beside what it wrote; the last decision counts, for it may decide twice.
final class Decided<Value: Sendable>: Sendable {
    private let decided = Mutex<Value?>(nil)

    var value: Value? { decided.withLock { $0 } }

    func set(_ value: Value?) { decided.withLock { $0 = value } }
}
