public import CRDT

/// What a hub has to do for a request, one event after the other.
///
/// Pure, and asked again after each event: a hub that was killed between two goes on where it
/// stood, and what is written already is not written again.
///
/// - Source: DOM-203, DOM-204.
public struct ApprovalDuty: Sendable {
    /// When things are due, milliseconds since 1970.
    public struct Times: Hashable, Sendable {
        public var now: Int64
        public var due: Int64?
        public var remind: Int64?
        public var expires: Int64?

        public init(now: Int64, due: Int64?, remind: Int64?, expires: Int64?) {
            self.now = now
            self.due = due
            self.remind = remind
            self.expires = expires
        }
    }

    public let request: ID
    public let revision: [UInt8]?
    public let progress: ApprovalProgress
    public let times: Times
    /// Whether what was to be reviewed is still what is there.
    public let isCurrent: Bool
    /// Whether a breach gives it to the next delegate.
    public let reassigns: Bool
    /// Whoever may decide each open step, own rights first.
    public let approvers: [String: [Approver]]
    /// What an automatic approval is to say.
    public let flags: Set<String>

    public init(
        _ request: ID,
        revision: [UInt8]?,
        _ progress: ApprovalProgress,
        _ times: Times,
        isCurrent: Bool,
        reassigns: Bool,
        approvers: [String: [Approver]],
        flags: Set<String> = []
    ) {
        self.request = request
        self.revision = revision
        self.progress = progress
        self.times = times
        self.isCurrent = isCurrent
        self.reassigns = reassigns
        self.approvers = approvers
        self.flags = flags
    }

    /// The next event that is to be written.
    ///
    /// - Parameter above: Who is told that some people did not decide in time.
    /// - Returns: nil if there is nothing to do.
    public func next(above: (Set<ID>) -> Set<ID>) -> ApprovalEvent? {
        if !isCurrent, !progress.isOutdated, progress.status.isOpen || progress.status == .approved
        {
            return event(.outdated)
        }
        guard progress.status.isOpen, progress.isRouted else { return nil }
        if progress.steps.isEmpty { return automatic }
        if let expires = times.expires, times.now >= expires { return event(.expire) }
        return assignment ?? reminder ?? escalation(above) ?? reassignment
    }

    private func event(_ action: ApprovalEvent.Action) -> ApprovalEvent {
        var event = ApprovalEvent(request, action)
        event.revision = revision
        return event
    }

    private var automatic: ApprovalEvent {
        var approval = event(.approve)
        approval.flags = flags.union([ApprovalEvent.Flag.automatic])
        return approval
    }

    /// Says who is to decide a step that nobody was named for: whoever has the rights, else the
    /// first to whom they are lent.
    private var assignment: ApprovalEvent? {
        guard let step = progress.openSteps.first(where: { !$0.isAssigned }) else { return nil }
        let able = approvers[step.step.slug] ?? []
        let own = able.filter { $0.lender == nil }
        let named = own.isEmpty ? Array(able.prefix(1)) : own
        var assignment = event(.assign)
        assignment.step = step.step.slug
        assignment.people = Set(named.map(\.person))
        assignment.onBehalfOf = own.isEmpty ? named.first?.lender : nil
        return assignment
    }

    private var reminder: ApprovalEvent? {
        guard let due = times.due, let remind = times.remind, times.now >= remind,
            times.now <= due, !progress.reminded.contains(due)
        else { return nil }
        var reminder = event(.remind)
        reminder.due = due
        reminder.people = progress.currentApprovers
        return reminder
    }

    private var isBreached: Bool { times.due.map { times.now > $0 } ?? false }

    private func escalation(_ above: (Set<ID>) -> Set<ID>) -> ApprovalEvent? {
        guard isBreached, let due = times.due, !progress.escalated.contains(due) else { return nil }
        var escalation = event(.escalate)
        escalation.due = due
        escalation.people = above(progress.currentApprovers)
        return escalation
    }

    /// Names the next to whom the rights are lent, once a breach.
    private var reassignment: ApprovalEvent? {
        guard reassigns, isBreached, let due = times.due, !progress.reassigned.contains(due) else {
            return nil
        }
        for step in progress.openSteps {
            let next = (approvers[step.step.slug] ?? []).first { approver in
                !progress.everAssigned.contains(approver.person)
            }
            guard let next else { continue }
            var reassignment = event(.reassign)
            reassignment.step = step.step.slug
            reassignment.due = due
            reassignment.people = step.assigned.union([next.person])
            reassignment.onBehalfOf = next.lender
            return reassignment
        }
        return nil
    }
}
