import Synchronization

/// The connections that are not yet authenticated: so many at a time, and no more.
///
/// When one too many comes, the oldest goes. A peer that means it needs a few milliseconds, so a
/// crowd that only sits there never keeps it out.
final class HalfOpen: Sendable {
    private struct Entry: Sendable {
        let number: UInt64
        let socket: Socket
    }

    private struct State: Sendable {
        var entries: [Entry] = []
        var count: UInt64 = 0
    }

    private let most: Int
    private let state = Mutex(State())

    init(atMost most: Int) {
        self.most = most
    }

    /// Takes a connection in; the oldest is ended if there are too many.
    ///
    /// - Returns: The number to leave with.
    func enter(_ socket: Socket) -> UInt64 {
        let (number, oldest) = state.withLock { state -> (UInt64, Socket?) in
            let oldest = state.entries.count < most ? nil : state.entries.removeFirst().socket
            state.count += 1
            state.entries.append(Entry(number: state.count, socket: socket))
            return (state.count, oldest)
        }
        oldest?.abort(ChannelFault(.overLimit, "too many connections are not authenticated yet"))
        return number
    }

    /// Lets a connection go, authenticated or closed.
    func leave(_ number: UInt64) {
        state.withLock { state in state.entries.removeAll { $0.number == number } }
    }
}
