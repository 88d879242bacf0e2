public import CRDT
import Domain
public import Storage

/// A step of the job, in the order in which it takes them: a test may end the process at each.
public enum RetentionStep: String, Hashable, Sendable, CaseIterable {
    /// The archive lies on disk, and was read back.
    case archived
    /// The certificate lies in the tenant scope.
    case certified
    /// The scope is gone from this node.
    case dropped
}

/// What a run of the job did.
///
/// JSON: `{"job", "archived": […], "purged": […], "kept": […], "unsent": […]}`.
public struct RetentionRun: Hashable, Sendable {
    /// An archive that was written.
    public struct Written: Hashable, Sendable {
        public let subject: String
        public let archive: ArchivedScope
    }

    public var job: Int64 = 0
    public var archived: [Written] = []
    public var purged: [Written] = []
    /// Scopes that a certificate names and that are still here.
    public var unsent: [Scope] = []

    public var json: JSON {
        func list(_ written: [Written]) -> JSON {
            .list(written) { written in
                [
                    "subject": .text(written.subject),
                    "scope": .text("\(written.archive.scope)"),
                    "file": .text(written.archive.file),
                    "hash": .text("\(written.archive.hash)"),
                ]
            }
        }
        return [
            "job": .number(job), "archived": list(archived), "purged": list(purged),
            "unsent": .list(unsent) { .text("\($0)") },
        ]
    }

    public var lines: [String] {
        archived.map { "archived \($0.subject) in \($0.archive.file)" }
            + purged.map { "purged \($0.subject), archived in \($0.archive.file)" }
            + unsent.map { "\($0) is purged, but holds work here that lies in no archive" }
            + (archived.isEmpty && purged.isEmpty ? ["nothing is due"] : [])
    }
}

extension LocalNode {
    /// Archives and purges what is due, as a hub.
    ///
    /// Each subject by itself: archive, certificate, drop. Ended anywhere, it is taken up where it
    /// was left by the next run, and nothing is done twice.
    ///
    /// - Parameters:
    ///   - actor: Who told it to; the machine, for the monthly job.
    ///   - passed: Called after each step; what it throws ends the run there.
    /// - Returns: What was done.
    /// - Throws: `.refused`, `RuleFault`, or what the disk says.
    /// - Source: RET-10.
    @discardableResult
    public func runRetention(
        by actor: Actor = .machine,
        passed: (RetentionStep, Scope) throws -> Void = { _, _ in }
    ) throws -> RetentionRun {
        try requireHub()
        if actor != .machine {
            _ = try act(by: actor) { _, person in
                try person.check(.manageRetention)
                return Draft()
            }
        }
        var run = RetentionRun()
        run.job = try store.beginJob(.retention, at: wallMilliseconds)
        do {
            try retain(into: &run, by: actor, passed)
        } catch {
            try store.endJob(
                run.job,
                as: .failed,
                at: wallMilliseconds,
                message: CommandFault(error).message
            )
            throw error
        }
        try store.endJob(
            run.job,
            as: .completed,
            at: wallMilliseconds,
            wrote: archiveFolder,
            message: "\(run.archived.count) archived, \(run.purged.count) purged"
        )
        return run
    }

    private func retain(
        into run: inout RetentionRun,
        by actor: Actor,
        _ passed: (RetentionStep, Scope) throws -> Void
    ) throws {
        // What an earlier run had certified goes first.
        run.unsent = try store.dropPurged().kept
        for planned in try retentionPlan() where planned.decision.step != .keep {
            let archive = try archive(planned)
            try passed(.archived, planned.scope)
            let written = RetentionRun.Written(subject: planned.subject, archive: archive)
            guard planned.decision.step == .purge else {
                run.archived.append(written)
                continue
            }
            guard try certify(planned, archive, by: actor) else { continue }
            try passed(.certified, planned.scope)
            try store.dropPurged()
            try passed(.dropped, planned.scope)
            run.purged.append(written)
        }
    }

    /// Writes the certificate, if nothing has changed since the scope was archived.
    ///
    /// - Returns: Whether it was written.
    private func certify(
        _ planned: PlannedScope,
        _ archive: ArchivedScope,
        by actor: Actor
    ) throws -> Bool {
        let (scope, tenant, now) = (planned.scope, store.tenant, plausibleTime)
        let archives = try archives()
        let saved = try act(actor) { acting in
            let search = try RetentionSearch(acting.view, tenant: tenant, archives: archives)
            var draft = Draft()
            guard let now, let current = try search.planned(scope, now: now),
                current.decision.step == .purge, let end = current.decision.keptUntil,
                current.census.frontier == planned.census.frontier
            else { return draft }
            let certificate = PurgeCertificate(
                of: scope,
                upTo: current.census.frontier,
                counts: current.census.named,
                changes: Int64(clamping: current.census.changes),
                times: current.census.times,
                archive: archive.hash,
                root: archive.root,
                keptUntil: end,
                time: now,
                reason: "retention: the longest duty to keep any of it has ended"
            )
            draft.add(certificate.operation(), in: .tenant)
            return draft
        }
        return !saved.changes.isEmpty
    }
}

// MARK: - Policies and holds

extension LocalNode {
    /// Sets how long a class, or one table, is kept; nil leaves what is said.
    ///
    /// - Throws: `RuleFault`, `.refused` at a node that is no hub.
    public func setRetention(
        of subject: String,
        years: Int64? = nil,
        days: Int64? = nil,
        archiveDays: Int64? = nil,
        description: String? = nil,
        isActive: Bool? = nil,
        by actor: Actor
    ) throws {
        try requireHub()
        try RetentionPolicy.check(
            subject,
            years: years,
            days: days,
            archiveDays: archiveDays,
            in: Catalogue.schema
        )
        try ShortText.text(description ?? "-")
        let tenant = store.tenant
        _ = try act(by: actor) { acting, person in
            try person.check(.manageRetention)
            var draft = Draft()
            var values: [(UInt32, Value)] = []
            if let years { values += [(RetentionPolicy.keepYears, .integer(years))] }
            if let days { values += [(RetentionPolicy.keepDays, .integer(days))] }
            if years != nil { values += [(RetentionPolicy.keepDays, .null)] }
            if days != nil { values += [(RetentionPolicy.keepYears, .null)] }
            if let archiveDays { values += [(RetentionPolicy.archiveDays, .integer(archiveDays))] }
            if let description { values += [(RetentionPolicy.description, .text(description))] }
            if let isActive { values += [(RetentionPolicy.isActiveField, .bool(isActive))] }
            let held = try acting.view.records(of: RetentionPolicy.entity, in: .tenant)
                .first { $0.fields.text(RetentionPolicy.subjectField) == subject }
            if let held {
                var edit = RecordEdit(held)
                for (field, value) in values { edit.write(field, value) }
                if let operation = edit.operation { draft.add(operation, in: .tenant) }
                return draft
            }
            var created = FieldValues()
            created.set(RetentionPolicy.subjectField, subject)
            for (field, value) in values { created[field] = value }
            draft.add(
                Operation(
                    creating: RetentionPolicy.entity,
                    created,
                    in: .tenant,
                    tenant: tenant
                ),
                in: .tenant
            )
            return draft
        }
    }

    /// Keeps something from being purged: a project, a record with the scope it lies in, or all.
    ///
    /// - Parameters:
    ///   - named: A project, or the id of a record; nil: everything.
    ///   - reason: Why: everybody reads it.
    ///   - actor: Who says so.
    /// - Returns: The id of the hold.
    /// - Throws: `RuleFault`, `.notFound`, `.refused`.
    public func hold(_ named: String?, reason: String, by actor: Actor) throws -> ID {
        try requireHub()
        let id = Decided<ID>()
        _ = try act(by: actor) { acting, person in
            try person.check(.holdRecords)
            try TextRule.reason(reason)
            let (scope, records) = try acting.view.held(named)
            var draft = Draft()
            let hold = LegalHold(.hold(scope), records: records, reason: reason)
            id.set(acting.id(draft.add(hold.operation(), in: .tenant)))
            return draft
        }
        guard let id = id.value else { throw CommandFault(.damaged, "a hold without an id") }
        return id
    }

    /// Ends a hold.
    ///
    /// - Throws: `RuleFault`, `.notFound` if no hold of that id stands, `.refused`.
    public func release(hold typed: String, reason: String, by actor: Actor) throws -> ID {
        try requireHub()
        let lifted = Decided<ID>()
        _ = try act(by: actor) { acting, person in
            try person.check(.holdRecords)
            try TextRule.reason(reason)
            let standing = try acting.view.legalHolds().standing
                .filter { "\($0.id)".hasPrefix(typed.lowercased()) }
            guard let only = standing.first, standing.count == 1, typed.utf8.count >= 4 else {
                throw CommandFault(
                    .notFound,
                    "no hold, or several, are called \(typed.prefix(32)): gemba retention list",
                    reason: standing.count > 1 ? "ambiguous-name" : "unknown-name"
                )
            }
            var draft = Draft()
            draft.add(LegalHold(.lift([only.id]), reason: reason).operation(), in: .tenant)
            lifted.set(only.id)
            return draft
        }
        guard let id = lifted.value else { throw CommandFault(.damaged, "no hold was lifted") }
        return id
    }
}

extension View {
    /// The scope that a hold names, and the record that it is about.
    fileprivate func held(_ named: String?) throws -> (scope: Scope?, records: Set<ID>) {
        guard let named else { return (nil, []) }
        if let id = ID(text: named) {
            if let place = try locate(id).first { return (place.scope, [id]) }
            let purged = Scope.subject(id)
            // A hold on what was purged lets it come back (RET-9).
            if try purgeCertificates().contains(where: { $0.1.scope == purged }) {
                return (purged, [])
            }
        }
        return (try projectRecord(named: named).scope, [])
    }
}
