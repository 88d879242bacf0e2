import Synchronization

/// The connections that are not yet authenticated: so many at a time, and no more.
///
/// When one too many comes, the oldest goes. A peer that means it needs a few milliseconds, so a
/// crowd that only sits there never keeps it out; one that has shown a known key no longer stands
/// in the crowd of strangers at all.
///
/// - Source: TCP-7, TCP-9.
final class HalfOpen: Sendable {
    /// Where one connection stands.
    struct Place: Sendable {
        fileprivate let number: UInt64
        fileprivate let halfOpen: HalfOpen

        /// Takes the connection out of the crowd: its message proved a known key.
        func promote(to key: [UInt8]) {
            halfOpen.promote(number, to: key)
        }

        /// Lets the connection go, authenticated or closed.
        func leave() {
            halfOpen.leave(number)
        }
    }

    private struct Entry: Sendable {
        let number: UInt64
        let socket: Socket
        /// Of a device that is known; nil for a stranger.
        var key: [UInt8]?
    }

    private struct State: Sendable {
        var strangers: [Entry] = []
        var known: [Entry] = []
        var count: UInt64 = 0
    }

    private let most: Int
    private let perKey: Int
    private let state = Mutex(State())

    init(atMost most: Int, perKey: Int) {
        self.most = most
        self.perKey = perKey
    }

    /// Takes a connection in; the oldest is ended if there are too many.
    ///
    /// - Returns: The number of its place.
    func enter(_ socket: Socket) -> UInt64 {
        let (number, oldest) = state.withLock { state -> (UInt64, Socket?) in
            let isFull = state.strangers.count >= most
            let oldest = isFull ? state.strangers.removeFirst().socket : nil
            state.count += 1
            state.strangers.append(Entry(number: state.count, socket: socket))
            return (state.count, oldest)
        }
        end(oldest)
        return number
    }

    func place(_ number: UInt64) -> Place { Place(number: number, halfOpen: self) }

    private func promote(_ number: UInt64, to key: [UInt8]) {
        let oldest = state.withLock { state -> Socket? in
            guard let index = state.strangers.firstIndex(where: { $0.number == number }) else {
                return nil
            }
            var entry = state.strangers.remove(at: index)
            entry.key = key
            state.known.append(entry)
            // Replays of one device's message take the place of that device alone.
            let own = state.known.filter { $0.key == key }
            let isOver = own.count > perKey
            guard isOver || state.known.count > most,
                let oldest = isOver ? own.first : state.known.first
            else { return nil }
            state.known.removeAll { $0.number == oldest.number }
            return oldest.socket
        }
        end(oldest)
    }

    private func leave(_ number: UInt64) {
        state.withLock { state in
            state.strangers.removeAll { $0.number == number }
            state.known.removeAll { $0.number == number }
        }
    }

    private func end(_ socket: Socket?) {
        socket?.abort(ChannelFault(.overLimit, "too many connections are not authenticated yet"))
    }
}
