import Bytes
import CRDT
public import Wire

extension Connection {
    private enum Kind: Int64 {
        case root = 0, learnedOperator = 1, learnedIssuer = 2, statement = 3
    }

    /// The parts of the authority log, in the order in which it is built.
    func authorityRows() throws(StorageError) -> [(kind: UInt8, bytes: [UInt8])] {
        try prepare("SELECT kind, bytes FROM authority ORDER BY kind, number")
            .all { (UInt8(clamping: $0.integer(0)), $0.bytes(1)) }
    }

    /// The authority log as it is stored.
    func authorityLog() throws(StorageError) -> AuthorityLog {
        let rows = try prepare("SELECT kind, bytes FROM authority ORDER BY kind, number")
            .all { ($0.integer(0), $0.bytes(1)) }
        do {
            var log = try AuthorityLog(
                roots: rows.filter { $0.0 == Kind.root.rawValue }.map {
                    try Cosigned(decoding: $0.1)
                }
            )
            for (kind, bytes) in rows where kind == Kind.learnedOperator.rawValue {
                try log.learn(operator: Cosigned(decoding: bytes))
            }
            for (kind, bytes) in rows where kind == Kind.learnedIssuer.rawValue {
                try log.learn(siteIssuer: Signed(decoding: bytes))
            }
            let statements = rows.filter { $0.0 == Kind.statement.rawValue }
            try log.append(roots: [], statements: statements.map { try Cosigned(decoding: $0.1) })
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
        for statement in log.learnedOperators {
            try insert(.learnedOperator, statement.structure.number, statement.encoded)
        }
        for issuer in log.learnedSiteIssuers {
            try insert(.learnedIssuer, issuer.structure.serial, issuer.encoded)
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
    /// - Parameters:
    ///   - roots: Root statements.
    ///   - statements: Statements of the log.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Throws: What the disk says; nothing was written then.
    /// - Returns: Why they were refused, all of them; nil once they are on disk.
    /// - Throws: What the disk says.
    public func adopt(
        roots: [Cosigned<RootStatement>],
        statements: [Cosigned<Statement>],
        wallMilliseconds: UInt64
    ) throws(StorageError) -> AuthorityFault? {
        try writing { writer throws(StorageError) in
            var log = writer.state.authority
            do throws(AuthorityFault) {
                try log.append(roots: roots, statements: statements)
            } catch {
                return error
            }
            try writer.take(log, wallMilliseconds: wallMilliseconds)
            return nil
        }
    }
}
