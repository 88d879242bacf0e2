import Bytes
import CRDT
public import Wire

extension Connection {
    private enum Kind: Int64 { case root = 0, statement = 1 }

    /// The authority log as it is stored.
    func authorityLog() throws(StorageError) -> AuthorityLog {
        let rows = try prepare("SELECT kind, bytes FROM authority ORDER BY kind, number")
            .all { ($0.integer(0), $0.bytes(1)) }
        do {
            var roots: [Cosigned<RootStatement>] = []
            var statements: [Cosigned<Statement>] = []
            for (kind, bytes) in rows {
                if kind == Kind.root.rawValue {
                    roots.append(try Cosigned<RootStatement>(decoding: bytes))
                } else {
                    statements.append(try Cosigned<Statement>(decoding: bytes))
                }
            }
            var log = try AuthorityLog(roots: roots)
            try log.append(roots: [], statements: statements)
            return log
        } catch {
            throw StorageError(.damaged, "the authority log: \(error)")
        }
    }

    /// Adds what of a log is not stored yet.
    func insert(_ log: AuthorityLog) throws(StorageError) {
        for root in log.roots {
            try insert(.root, UInt64(root.structure.number), root.encoded)
        }
        for statement in log.statements {
            try insert(.statement, statement.structure.number, statement.encoded)
        }
    }

    private func insert(
        _ kind: Kind,
        _ number: UInt64,
        _ bytes: [UInt8]
    ) throws(StorageError) {
        try prepare("INSERT INTO authority VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(kind.rawValue).bind(bits: number).bind(bytes).run()
    }
}

extension Store {
    /// Adds statements that continue the authority log; what is held already is passed over.
    ///
    /// - Returns: Why they were refused, all of them; nil once they are on disk.
    public func adopt(
        roots: [Cosigned<RootStatement>],
        statements: [Cosigned<Statement>]
    ) throws(StorageError) -> AuthorityFault? {
        try writing { writer throws(StorageError) in
            var log = writer.state.authority
            do throws(AuthorityFault) {
                try log.append(roots: roots, statements: statements)
            } catch {
                return error
            }
            try writer.connection.insert(log)
            writer.state.authority = log
            return nil
        }
    }
}
