import Synchronization

/// What reading has cost since the store was opened.
package struct ReadCosts: Hashable, Sendable {
    /// Statements run, among them those that begin and end transactions.
    package var statements = 0
    /// Rows that statements gave.
    package var rows = 0
    /// Steps of SQLite's own machine: they tell of rows that it passed over too.
    package var steps = 0

    package static func - (left: ReadCosts, right: ReadCosts) -> ReadCosts {
        ReadCosts(
            statements: left.statements - right.statements,
            rows: left.rows - right.rows,
            steps: left.steps - right.steps
        )
    }
}

extension Store {
    /// What the readers that nobody uses at this moment have done, for tests that count.
    package func readCosts() -> ReadCosts { readers.costs() }
}

extension ReaderPool {
    fileprivate func costs() -> ReadCosts {
        idle.withLock { connections in
            (connections ?? []).reduce(into: ReadCosts()) { sum, connection in
                sum.statements += connection.statementCount
                for statement in connection.compiled {
                    sum.rows += statement.rowCount
                    sum.steps += statement.stepCount
                }
            }
        }
    }
}
