public import CRDT

/// What people are told of an approval request.
///
/// A pure function of its events, so that every node that holds them derives the same notices.
///
/// - Source: DOM-207.
public struct ApprovalNotices: Sendable {
    public typealias Cause = WorkflowNotices.Cause

    private let scope: Scope
    /// What people call it.
    private let name: String
    private let ask: ApprovalAsk
    private let progress: ApprovalProgress
    private let authors: Set<ID>

    public init(
        _ scope: Scope,
        _ name: String,
        _ ask: ApprovalAsk,
        _ progress: ApprovalProgress,
        authors: Set<ID>
    ) {
        self.scope = scope
        self.name = name
        self.ask = ask
        self.progress = progress
        self.authors = authors
    }

    /// - Returns: nil for an event that nobody is told of.
    public func notice(_ event: ApprovalEvent, _ cause: Cause) -> Notice? {
        guard let action = event.action else { return nil }
        let deciders = progress.currentApprovers
        switch action {
        case .assign, .reassign:
            // As long as it waits; the step that is decided waits no more.
            let step = progress.openSteps.first { $0.step.slug == event.step }
            let people = event.people.intersection(step?.assigned ?? [])
            guard !people.isEmpty else { return nil }
            return notice("request", people, "waits for your approval", event, cause)
        case .remind:
            guard progress.status.isOpen else { return nil }
            return notice("reminder", event.people, "is due soon", event, cause, .high)
        case .escalate:
            return notice("escalated", event.people, "was not decided in time", event, cause, .high)
        case .approve:
            return approval(event, cause)
        case .reject:
            return ask.subject.kind == .progress
                ? nil : notice("rejected", authors, "is rejected", event, cause, .high)
        case .cancel:
            return notice("cancelled", deciders.union(authors), "is taken back", event, cause)
        case .expire: return notice("expired", authors, "has expired", event, cause)
        case .outdated:
            let told = authors.union(progress.approvers).union(progress.everAssigned)
            return notice("outdated", told, "is outdated by rework", event, cause, .high)
        case .comment:
            return notice("comment", deciders.union(authors), "has a comment", event, cause)
        case .request, .delegateUsed: return nil
        }
    }

    /// The approval that ends the chain; of a sub-stage the step that completes it tells.
    private func approval(_ event: ApprovalEvent, _ cause: Cause) -> Notice? {
        if event.flags.contains(ApprovalEvent.Flag.split) {
            return notice("split", [], "was approved by itself: look at it", event, cause, .high)
        }
        guard progress.status == .approved, progress.closed == cause.id,
            ask.subject.kind != .progress
        else { return nil }
        return notice("approved", authors, "is approved", event, cause)
    }

    private func notice(
        _ word: String,
        _ people: Set<ID>,
        _ what: String,
        _ event: ApprovalEvent,
        _ cause: Cause,
        _ priority: Notice.Priority? = nil
    ) -> Notice {
        let asked = Notice.Priority(rawValue: ask.priority) ?? .normal
        return Notice(
            .approval,
            word,
            in: scope,
            cause: cause.id,
            // A split is looked at by those who could have been asked.
            for: people.isEmpty
                ? Addressees(roles: ["management": 1, "production_manager": 1])
                : Addressees(people: people),
            by: cause.author,
            at: cause.milliseconds,
            priority: max(asked, priority ?? .low),
            title: "\(name) \(what)",
            text: event.comment
        )
    }
}
