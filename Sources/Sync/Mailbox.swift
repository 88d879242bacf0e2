/// A queue with room for a few items: who puts into a full one waits, so a fast peer is slowed down
/// instead of filling the memory.
actor Mailbox<Item: Sendable> {
    private let capacity: Int
    private var items: [Item] = []
    private var isFinished = false
    private var isClosed = false
    private var taker: CheckedContinuation<Item?, Never>?
    private var putters: [CheckedContinuation<Void, Never>] = []

    /// - Parameter capacity: How many items may wait.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Adds an item, waiting while the queue is full; nothing happens once it is closed.
    func put(_ item: Item) async {
        while items.count >= capacity, !isClosed {
            await withCheckedContinuation { putters.append($0) }
        }
        guard !isClosed, !isFinished else { return }
        if let waiting = taker {
            taker = nil
            waiting.resume(returning: item)
        } else {
            items.append(item)
        }
    }

    /// Removes the oldest item, waiting for one; nil once the queue is closed.
    func take() async -> Item? {
        guard !isClosed else { return nil }
        if !items.isEmpty {
            let item = items.removeFirst()
            wakePutter()
            return item
        }
        guard !isFinished else { return nil }
        return await withCheckedContinuation { taker = $0 }
    }

    /// Takes no more; what waits can still be taken.
    func finish() {
        isFinished = true
        guard items.isEmpty else { return }
        close()
    }

    /// Lets everybody go who waits.
    func close() {
        isClosed = true
        items = []
        taker?.resume(returning: nil)
        taker = nil
        let waiting = putters
        putters = []
        for putter in waiting { putter.resume() }
    }

    private func wakePutter() {
        guard !putters.isEmpty else { return }
        putters.removeFirst().resume()
    }
}
