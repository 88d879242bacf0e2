import Synchronization

/// How far the log reaches after a commit.
public struct Growth: Hashable, Sendable {
    /// The position of the last change.
    public let position: Int64
    /// Rises when which scopes are shared with peers may have changed.
    public let sharesEpoch: UInt64
}

/// Those who want to know when the store has grown; a slow one is told the latest only.
final class Audience: Sendable {
    private struct State {
        var listeners: [Int: AsyncStream<Growth>.Continuation] = [:]
        var next = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    func listen() -> AsyncStream<Growth> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Growth.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let number = state.withLock { state -> Int? in
            guard !state.isClosed else { return nil }
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    func tell(_ growth: Growth) {
        for listener in state.withLock({ Array($0.listeners.values) }) {
            listener.yield(growth)
        }
    }

    func close() {
        let listeners = state.withLock { state in
            state.isClosed = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }
}

extension Store {
    /// Tells after each commit how far the log reaches; a slow listener hears the latest only.
    public func growth() -> AsyncStream<Growth> { publisher.audience.listen() }

    /// Ends the growth streams, closes the file and lets another process have it.
    ///
    /// What is on disk stays as it is; whatever is asked of the store later fails.
    public func close() {
        publisher.audience.close()
        readers.close()
        policyReaders.close()
        try? queue.run { $0.connection.close() }
        lock.release()
    }
}
