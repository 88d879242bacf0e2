import Bytes
import CRDT
import Domain
import Identity
import Wire

/// What a check of the whole store found.
public struct VerifyReport: Hashable, Sendable {
    public var scopes = 0
    public var changes = 0
    public var records = 0
    public var events = 0
    /// Entries of a hub's audit.
    public var entries: UInt64 = 0
    /// What contradicts itself, in words; empty if all holds.
    public var faults: [String] = []

    public init() {}
}

extension Store {
    /// Checks all that the store holds: chains, signatures, and each record against a fold of the
    /// log from nothing.
    ///
    /// - Parameter progress: Called after each scope with what was found so far.
    /// - Returns: What was found; the store is sound if it names no faults.
    /// - Throws: If the file cannot be read; what is wrong in it is reported, not thrown.
    public func verify(
        _ progress: (VerifyReport) -> Void
    ) throws(StorageError) -> VerifyReport {
        let authority = authority
        return try reading { connection throws(StorageError) in
            var report = VerifyReport()
            // What is on the disk is asked for, not what was unpacked from it earlier.
            connection.unpacked.forget()
            let integrity = try connection.prepare("PRAGMA quick_check").all { $0.text(0) }
            if integrity != ["ok"] { report.faults += integrity.map { "the file: \($0)" } }
            let folding = Folder(connection: connection, schema: schema, tenant: tenant)
            for (scope, number, _) in try connection.heldScopes() {
                let check = ScopeCheck(folding, scope, number, authority)
                for part in [
                    check.standing, check.chains, check.records, check.events, check.indexes,
                ] {
                    try check.note(part, into: &report)
                }
                report.scopes += 1
                progress(report)
            }
            try Self.verifyAudit(on: connection, into: &report)
            return report
        }
    }

    /// Checks the audit alone: every entry, the tree, its tiles and its checkpoints.
    ///
    /// - Returns: What was found, with nothing of scopes and changes.
    /// - Throws: If the file cannot be read.
    public func verifyAudit() throws(StorageError) -> VerifyReport {
        try reading { connection throws(StorageError) in
            var report = VerifyReport()
            connection.unpacked.forget()
            try Self.verifyAudit(on: connection, into: &report)
            return report
        }
    }

    private static func verifyAudit(
        on connection: Connection,
        into report: inout VerifyReport
    ) throws(StorageError) {
        var audit = AuditCheck(connection)
        try audit.run()
        report.entries = audit.count
        report.faults += audit.faults
    }
}

/// The check of one scope.
private struct ScopeCheck {
    let folding: Folder
    let scope: Scope
    let number: Int64
    let authority: AuthorityLog
    var connection: Connection { folding.connection }

    init(_ folding: Folder, _ scope: Scope, _ number: Int64, _ authority: AuthorityLog) {
        self.folding = folding
        self.scope = scope
        self.number = number
        self.authority = authority
    }

    /// Makes a part of the check; damage that ends it is a fault like any other.
    func note(
        _ part: (inout VerifyReport) throws(StorageError) -> Void,
        into report: inout VerifyReport
    ) throws(StorageError) {
        do throws(StorageError) {
            try part(&report)
        } catch {
            guard error.code == .damaged else { throw error }
            report.faults.append("\(scope): \(error.message)")
        }
    }

    /// Every change links to one before it, its hash is right, and a signature covers it.
    func chains(into report: inout VerifyReport) throws(StorageError) {
        let replicas = try connection.prepare(
            """
            SELECT replica FROM change WHERE scope = ?1
            UNION SELECT replica FROM block WHERE scope = ?1
            """
        ).bind(number).all { $0.integer(0) }
        for replica in replicas {
            let author = try connection.replica(numbered: replica)
            let changes = try connection.changes(of: replica, in: number)
            report.changes += changes.count
            guard let binding = try connection.binding(of: author.id),
                let verified = try? authority.verify(binding)
            else {
                report.faults.append("\(scope): the binding of replica \(author.id) does not hold")
                continue
            }
            chain(changes, verified, into: &report)
            try tips(replica, changes, into: &report)
        }
    }

    private func chain(
        _ changes: [LoggedChange],
        _ binding: VerifiedBinding,
        into report: inout VerifyReport
    ) {
        let feed = Change.Feed(tenant: folding.tenant, scope: scope, replica: binding.replica)
        var links: [Hash: UInt64] = [
            Change.beginning(of: feed, statement: binding.statement.hash): 0
        ]
        var previous = links.keys.first ?? .zero
        var covered: Set<Hash> = []
        var previousOf: [Hash: Hash] = [:]
        for change in changes {
            let link = change.previous ?? previous
            let hashed = Change(
                feed: feed,
                sequence: change.sequence,
                previous: link,
                body: change.bytes
            )
            if links[link].map({ $0 + 1 }) != change.sequence || hashed.hash != change.hash {
                report.faults.append(
                    "\(scope): change \(change.sequence) of \(feed.replica): chain"
                )
            }
            links[change.hash] = change.sequence
            previousOf[change.hash] = link
            previous = change.hash
            guard let signature = change.signature else { continue }
            let message = Change.signedBytes(
                feed: feed,
                sequence: change.sequence,
                hash: change.hash
            )
            guard binding.statement.signKey.isValid(signature, for: message) else {
                report.faults.append(
                    "\(scope): change \(change.sequence) of \(feed.replica): signature"
                )
                continue
            }
            var under: Hash? = change.hash
            while let hash = under, covered.insert(hash).inserted { under = previousOf[hash] }
        }
        for change in changes where !covered.contains(change.hash) {
            report.faults.append(
                "\(scope): change \(change.sequence) of \(feed.replica): under no signature"
            )
        }
    }

    private func tips(
        _ replica: Int64,
        _ changes: [LoggedChange],
        into report: inout VerifyReport
    ) throws(StorageError) {
        let held = Set(changes.map(\.hash))
        let feeds = try connection.feeds(replica, in: number)
        let isWhole =
            feeds.count == 1
            ? feeds[0].tip.hash == changes.last?.hash
            : feeds.allSatisfy { held.contains($0.tip.hash) }
        if !isWhole { report.faults.append("\(scope): the tips of replica \(replica)") }
    }

    /// What is set aside, and how writes rank, is what the statements held say.
    func standing(into report: inout VerifyReport) throws(StorageError) {
        var reading = StatementReading(folding, authority.revocations, scope, number)
        let effectiveness = try reading.effectiveness()
        let cut = try reading.cut(by: effectiveness)
        let rulings = try reading.rulings()
        var expected = ScopeStanding()
        for position in cut.union(rulings.keys) {
            let change = ChangeStanding(
                isCut: cut.contains(position),
                ruling: rulings[position]
            )
            if !change.isPlain { expected.changes[position] = change }
        }
        expected.clocks = try reading.clocks(of: effectiveness)
        expected.awaited = reading.awaited
        if try connection.standing(of: number) != expected {
            report.faults.append("\(scope): what is set aside is not what statements say")
        }
    }

    /// Every record equals a fold of the log from nothing.
    func records(into report: inout VerifyReport) throws(StorageError) {
        let touched = try connection.prepare(
            """
            SELECT entity, id FROM record WHERE scope = ?1
            UNION SELECT entity, id FROM touch WHERE scope = ?1
            """
        ).bind(number).all { ($0.integer(0), $0.bytes(1)) }
        for (entity, id) in touched {
            guard let id = ID(id) else { continue }
            let entity = UInt32(clamping: entity)
            let held = try connection.record(id, of: entity, in: number)
            let folded = try folding.refolded(id, of: entity, in: scope)
            report.records += 1
            if held != folded {
                report.faults.append("\(scope): record \(id) of entity \(entity) is not its fold")
            }
        }
    }

    /// Every event that counts has its row, and every row its event.
    func events(into report: inout VerifyReport) throws(StorageError) {
        var expected = 0
        try connection.forEachChange(in: number, after: 0, upTo: .max) {
            change throws(StorageError) in
            guard let body = try change.body() else { return true }
            for (index, operation) in body.operations.enumerated() {
                let place = Folder.Place(
                    scope: scope,
                    number: number,
                    position: change.position,
                    index: UInt16(truncatingIfNeeded: index),
                    rank: change.rank(body),
                    author: change.replica
                )
                guard case .counts(let counting) = folding.counted(operation, at: place),
                    case .event = counting.target
                else { continue }
                expected += 1
            }
            return true
        }
        let held = try connection.prepare("SELECT count(*) FROM event WHERE scope = ?")
            .bind(number).first { $0.integer(0) }
        report.events += expected
        if held != Int64(expected) {
            report.faults.append("\(scope): \(held ?? 0) events for \(expected) in the log")
        }
    }

    /// The rows by which records are found are those that records and log say.
    func indexes(into report: inout VerifyReport) throws(StorageError) {
        let check = IndexCheck(folding, scope, number)
        if try !check.holds() {
            report.faults.append("\(scope): an index does not find what there is")
        }
    }
}
