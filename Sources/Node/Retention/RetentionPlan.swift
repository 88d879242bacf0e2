public import CRDT
public import Domain
import Storage
import Wire

/// A scope that the job looked at, and what is to become of it.
///
/// JSON: `{"scope", "subject", "step", "reasons", "kept_until", "archive_from", "changes",
/// "counts"}`.
public struct PlannedScope: Sendable {
    public let decision: RetentionDecision
    /// What people call it: PRJ-000123, or its scope.
    public let subject: String
    let census: ScopeCensus

    public var scope: Scope { decision.scope }

    /// The reasons in words, ascending.
    public var reasons: [String] { decision.reasons.map(\.rawValue).sorted() }

    public var json: JSON {
        [
            "scope": .text("\(scope)"), "subject": .text(subject),
            "step": .text(decision.step.rawValue), "reasons": .list(reasons, JSON.text),
            "kept_until": decision.keptUntil.map { .number($0) } ?? .null,
            "archive_from": decision.archiveFrom.map { .number($0) } ?? .null,
            "changes": .number(census.changes), "counts": census.countsJSON,
        ]
    }
}

extension ScopeCensus {
    /// The counts by the name of the table.
    var named: [String: Int64] {
        var named: [String: Int64] = [:]
        for (entity, count) in counts {
            named[Catalogue.schema[entity]?.name ?? "\(entity)", default: 0] += count
        }
        return named
    }

    fileprivate var countsJSON: JSON { .counts(named) }
}

extension JSON {
    /// Numbers by name, ascending by name.
    static func counts(_ counts: [String: Int64]) -> JSON {
        .object(counts.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .number($0.value)) })
    }
}

extension LocalNode {
    /// What the monthly job would do now, without doing anything.
    ///
    /// - Throws: `.refused` at a node that is no hub, or what the disk says.
    public func retentionPlan() throws -> [PlannedScope] {
        try requireHub()
        let now = plausibleTime
        let archives = try archives()
        return try readWhole { view in
            let search = try RetentionSearch(view, tenant: store.tenant, archives: archives)
            return try view.scopes().compactMap { try search.planned($0, now: now) }
        }
    }

    /// The hub's time; nil if its clock cannot be right, as for clock verdicts (MERGE-15).
    ///
    /// - Source: DOM-256.
    var plausibleTime: UInt64? {
        let now = wallMilliseconds
        let validity = store.authority.inForce(store.certificate).validity
        let (bound, isOver) = now.addingReportingOverflow(HybridClock.boundMilliseconds)
        guard validity.contains(now), !isOver, store.lastIssued.milliseconds <= bound else {
            return nil
        }
        return now
    }
}

/// Asks one state of a hub's store what retention wants to know.
struct RetentionSearch {
    private let view: View
    private let periods: RetentionPeriods
    private let holds: LegalHolds
    private let purges: Purges
    private let tenant: ID
    private let archives: [Scope: ArchivedScope]

    init(_ view: View, tenant: ID, archives: [Scope: ArchivedScope]) throws {
        self.view = view
        self.tenant = tenant
        self.archives = archives
        let policies = try view.records(of: RetentionPolicy.entity, in: .tenant)
            .filter { !$0.isDeleted }
            .compactMap { RetentionPolicy($0.fields) }
        periods = RetentionPeriods(policies, in: Catalogue.schema)
        holds = try view.legalHolds()
        purges = try view.purges()
    }

    /// What is to become of a scope; nil if nothing of it is held.
    func planned(_ scope: Scope, now: UInt64?) throws -> PlannedScope? {
        guard let census = try view.census(of: scope) else { return nil }
        var subject = "\(scope)"
        var facts = RetentionFacts(
            scope,
            isClosed: false,
            lastReceived: census.lastReceived,
            first: census.times.lowerBound,
            counts: census.counts
        )
        if scope.kind == .subject, let project = try view.projectIfAny(in: scope) {
            subject = project.number
            facts.isClosed =
                project.isOver && !project.stages.isInConflict
            facts.openApprovals = project.rows.count { $0.status == .inReview }
            // What nobody settled is worth a look only where the work is over.
            if facts.isClosed {
                facts.openConflicts = try ConflictSearch(view, tenant: tenant)
                    .cases(of: project, []).count
            }
        }
        facts.unreceipted = Int64(clamping: census.unreceipted)
        facts.openConflicts += Int(clamping: census.conflicts)
        facts.undecided = census.undecided
        facts.notUnderstood = census.notUnderstood
        facts.feeds = census.frontier.tips.count
        if let archived = archives[scope] {
            let isCurrent = scope.kind != .subject || archived.changes == census.changes
            facts.archived = isCurrent ? archived.time : nil
        }
        let decision = RetentionRules.decide(facts, periods, holds, now: now)
        return PlannedScope(decision: decision, subject: subject, census: census)
    }
}

extension View {
    /// The project of a scope; nil where there is none.
    func projectIfAny(in scope: Scope) throws -> ProjectView? {
        let record = try records(of: Project.entity, in: scope).first { !$0.isDeleted }
        return try record.map { try ProjectView($0, in: scope, on: self) }
    }
}

extension ProjectView {
    /// Whether the work is over: completed or cancelled, whatever the workflow calls it.
    public var isOver: Bool {
        let status = status.lowercased()
        return status == ProjectStatus.completed || status == ProjectStatus.cancelled
    }
}
