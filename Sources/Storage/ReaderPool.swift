import Synchronization

/// Connections that only read: one a reader at a time, kept for the next.
final class ReaderPool: Sendable {
    private let path: String
    private let idle = Mutex<[Connection]>([])

    init(path: String) {
        self.path = path
    }

    func take() throws(StorageError) -> Connection {
        if let connection = idle.withLock({ $0.popLast() }) { return connection }
        return try Connection(path: path, mode: .read)
    }

    func give(_ connection: Connection) {
        idle.withLock { $0.append(connection) }
    }

    /// Closes what is idle.
    func close() {
        idle.withLock { $0 = [] }
    }
}

extension Connection {
    /// Runs `body` in one read transaction: everything it reads is of one moment.
    func snapshot<T, Failure: Error>(_ body: () throws(Failure) -> T) throws(Failure) -> T {
        // A transaction that could not begin leaves each statement on its own, and they report.
        try? execute("BEGIN")
        defer { rollbackReading() }
        return try body()
    }

    private func rollbackReading() {
        guard isInTransaction else { return }
        try? execute("ROLLBACK")
    }
}
