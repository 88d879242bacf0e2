/// What the writer has done since the store was opened.
package struct Costs: Hashable, Sendable {
    /// Statements run, among them those that begin and end transactions.
    package let statements: Int
    /// Commits that wrote something: each is one sync of the disk.
    package let commits: Int
    /// Pages read from the file, as far as they were not in the writer's cache.
    package let pagesRead: Int
    /// Steps of SQLite's own machine: they tell of rows that it passed over too.
    package let steps: Int
}

extension Store {
    /// What the writer has done, for tests and benchmarks that count.
    ///
    /// Asking costs a transaction that writes nothing.
    package func costs() throws(StorageError) -> Costs {
        try writing { writer in
            Costs(
                statements: writer.connection.statementCount,
                commits: writer.commitCount,
                pagesRead: writer.connection.pagesRead,
                steps: writer.connection.compiled.reduce(0) { $0 + $1.stepCount }
            )
        }
    }
}
