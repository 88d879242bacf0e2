import Synchronization

/// Connections that only read: one a reader at a time, kept for the next.
final class ReaderPool: Sendable {
    private let path: String
    private let mode: Connection.Mode
    /// nil once the pool is closed.
    let idle = Mutex<[Connection]?>([])

    /// Takes what its connections may do: read, or read for a person.
    init(path: String, mode: Connection.Mode = .read) {
        self.path = path
        self.mode = mode
    }

    func take() throws(StorageError) -> Connection {
        let (isOpen, known) = idle.withLock { ($0 != nil, $0?.popLast()) }
        guard isOpen else { throw StorageError(.closed, "the store was closed") }
        if let known { return known }
        return try Connection(path: path, mode: mode)
    }

    func give(_ connection: Connection) {
        idle.withLock { $0?.append(connection) }
    }

    /// Closes what is idle, and what comes back.
    func close() {
        idle.withLock { $0 = nil }
    }
}

extension Connection {
    /// Runs `body` in one read transaction: everything it reads is of one moment.
    func snapshot<T, Failure: Error>(_ body: () throws(Failure) -> T) throws(Failure) -> T {
        // A transaction that could not begin leaves each statement on its own, and they report.
        try? owning { () throws(StorageError) in try execute("BEGIN") }
        standings.begin()
        defer { rollbackReading() }
        return try body()
    }

    private func rollbackReading() {
        guard isInTransaction else { return }
        try? owning { () throws(StorageError) in try execute("ROLLBACK") }
    }
}
