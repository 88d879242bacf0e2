public import CRDT

/// What a hub knows of a scope when it asks whether the scope may go.
public struct RetentionFacts: Hashable, Sendable {
    public var scope: Scope
    /// Whether its work is over: completed or cancelled.
    public var isClosed: Bool
    /// The hub's time at which anything of it last came; nil: no hub has said so.
    public var lastReceived: UInt64?
    /// The first stamp of it, milliseconds since 1970.
    public var first: UInt64
    /// How many records and events there are, by the number of their entity.
    public var counts: [UInt32: Int64]
    /// Changes of devices that no receipt covers.
    public var unreceipted: Int64 = 0
    /// Requests for an approval that nobody has decided.
    public var openApprovals: Int = 0
    public var openConflicts: Int = 0
    /// Changes that are set aside until a person has ruled on them.
    public var undecided: Int = 0
    /// Operations that this version does not understand.
    public var notUnderstood: Int64 = 0
    /// Feeds: a certificate names each.
    public var feeds: Int = 0
    /// When it was archived as it is now, by the hub's time; nil: never.
    public var archived: UInt64?
    /// Whether a certificate in force names it.
    public var isPurged: Bool = false

    public init(
        _ scope: Scope,
        isClosed: Bool,
        lastReceived: UInt64?,
        first: UInt64,
        counts: [UInt32: Int64]
    ) {
        self.scope = scope
        self.isClosed = isClosed
        self.lastReceived = lastReceived
        self.first = first
        self.counts = counts
    }
}

/// What becomes of a scope when the job runs.
public struct RetentionDecision: Hashable, Sendable {
    public enum Step: String, Hashable, Sendable {
        case keep
        /// It stays, and a copy goes to an archive.
        case archive
        /// It goes to an archive and from every node.
        case purge
    }

    /// Why a scope is not purged.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// Its feeds are dense and older by time, not by subject: nothing can be taken out.
        case notASubject = "not_a_subject"
        case notClosed = "not_closed"
        case tooYoung = "too_young"
        /// Something in it is kept for ever.
        case keptForEver = "kept_for_ever"
        case held
        case notReceived = "not_received"
        case openApproval = "open_approval"
        case openConflict = "open_conflict"
        case undecided
        case notUnderstood = "not_understood"
        case tooManyFeeds = "too_many_feeds"
        case purgedAlready = "purged_already"
        /// The hub's clock cannot be right.
        case clock
    }

    public let scope: Scope
    public let step: Step
    /// Empty if it is to be purged.
    public let reasons: Set<Reason>
    /// When the longest duty to keep any of it ends, milliseconds since 1970; nil: never.
    public let keptUntil: UInt64?
    /// When a copy is due; nil: never.
    public let archiveFrom: UInt64?
}

/// When a scope may be archived and when it may be purged.
///
/// - Source: DOM-254 to DOM-257.
public enum RetentionRules {
    /// - Parameters:
    ///   - facts: What the hub holds.
    ///   - periods: How long what is kept.
    ///   - holds: What must not go.
    ///   - now: The hub's time, milliseconds since 1970; nil if its clock cannot be right.
    /// - Returns: What becomes of the scope, and why.
    public static func decide(
        _ facts: RetentionFacts,
        _ periods: RetentionPeriods,
        _ holds: LegalHolds,
        now: UInt64?
    ) -> RetentionDecision {
        let end = keptUntil(facts, periods)
        var reasons = blockers(facts, holds)
        if now == nil { reasons.insert(.clock) }
        if end == nil, facts.lastReceived != nil { reasons.insert(.keptForEver) }
        if let now, let end, now < end { reasons.insert(.tooYoung) }
        let due = archiveFrom(facts, periods)
        let isDue = now.map { now in due.map { $0 <= now } ?? false } ?? false
        let step: RetentionDecision.Step =
            reasons.isEmpty && end != nil ? .purge : isDue && !facts.isPurged ? .archive : .keep
        return RetentionDecision(
            scope: facts.scope,
            step: step,
            reasons: reasons,
            keptUntil: end,
            archiveFrom: due
        )
    }

    private static func keptUntil(
        _ facts: RetentionFacts,
        _ periods: RetentionPeriods
    ) -> UInt64? {
        guard let start = facts.lastReceived, !facts.counts.isEmpty else { return nil }
        var latest = start
        for entity in facts.counts.keys {
            guard let end = periods.end(of: entity, from: start) else { return nil }
            latest = max(latest, end)
        }
        // What holds nothing but attachments has no duty that could end.
        return latest > start ? latest : nil
    }

    private static func archiveFrom(
        _ facts: RetentionFacts,
        _ periods: RetentionPeriods
    ) -> UInt64? {
        let isSubject = facts.scope.kind == .subject
        guard let last = facts.lastReceived, !isSubject || facts.isClosed else { return nil }
        // A subject is archived once, as it ended; the others grow on, and are each year.
        if let archived = facts.archived {
            return isSubject ? nil : RetentionPeriod.years(1).end(from: archived)
        }
        let start = isSubject ? last : facts.first
        return facts.counts.keys.compactMap { periods.archiveTime(of: $0, from: start) }.min()
    }

    private static func blockers(
        _ facts: RetentionFacts,
        _ holds: LegalHolds
    ) -> Set<RetentionDecision.Reason> {
        let blockers: [(RetentionDecision.Reason, Bool)] = [
            (.notASubject, facts.scope.kind != .subject),
            (.notClosed, facts.scope.kind == .subject && !facts.isClosed),
            (.held, !holds.on(facts.scope).isEmpty),
            (.notReceived, facts.lastReceived == nil || facts.unreceipted > 0),
            (.openApproval, facts.openApprovals > 0),
            (.openConflict, facts.openConflicts > 0),
            (.undecided, facts.undecided > 0),
            (.notUnderstood, facts.notUnderstood > 0),
            (.tooManyFeeds, facts.feeds > PurgeCertificate.feedsMax),
            (.purgedAlready, facts.isPurged),
        ]
        return Set(blockers.filter(\.1).map(\.0))
    }
}

/// When the job runs: at 02:00 on the first day of each month, by the hub's time in UTC.
///
/// - Source: DOM-258.
public enum RetentionSchedule {
    static let hour: UInt64 = 2

    /// The last time at or before a moment at which the job was to run.
    public static func last(before now: UInt64) -> UInt64 {
        let today = CivilTime(now)
        let thisMonth = today.firstOfMonth(hour: hour).time
        return thisMonth <= now ? thisMonth : today.firstOfMonthBefore(hour: hour).time
    }

    /// Whether a run is due: what was missed is made up, once.
    ///
    /// - Parameters:
    ///   - last: When the job ran last, milliseconds since 1970; nil: never.
    ///   - now: The hub's time.
    /// - Returns: Whether a time to run lies between the two.
    public static func isDue(after last: UInt64?, now: UInt64) -> Bool {
        last.map { $0 < Self.last(before: now) } ?? true
    }

    /// Whether a nightly job is due: at 02:00 each day.
    public static func isDueToday(after last: UInt64?, now: UInt64) -> Bool {
        let slot = now / 86_400_000 * 86_400_000 + hour * 3_600_000
        let due = slot <= now ? slot : slot - min(slot, 86_400_000)
        return last.map { $0 < due } ?? true
    }
}
