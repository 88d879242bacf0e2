public import CRDT

/// What a decision needs: asked before anything is written.
///
/// - Source: DOM-202.
public enum ApprovalRules {
    /// A decision as a person wants to make it.
    public struct Decision: Sendable {
        /// Approve or reject.
        public let action: ApprovalEvent.Action
        /// The slug of the step; nil: the open one that the person may decide.
        public let step: String?
        public let comment: String?

        public init(_ action: ApprovalEvent.Action, step: String? = nil, comment: String?) {
            self.action = action
            self.step = step
            self.comment = comment
        }
    }

    /// Checks a decision, and finds the step and the rights that it is made with.
    ///
    /// - Parameters:
    ///   - decision: What the person wants.
    ///   - progress: The request as it was shown.
    ///   - place: What else decides.
    ///   - person: Who decides.
    ///   - approvers: Whoever may decide each open step, by its slug.
    ///   - isCurrent: Whether what was reviewed is still what is there.
    /// - Returns: The step, and the person with whose rights they act.
    /// - Throws: `wrongOrder`, `outdated`, `sameAuthor`, `notAllowed`, `reasonRequired`, `tooLong`.
    public static func check(
        _ decision: Decision,
        on progress: ApprovalProgress,
        _ place: ApprovalPlace,
        by person: ID,
        approvers: [String: [Approver]],
        isCurrent: Bool
    ) throws(RuleFault) -> (step: ApprovalStep, approver: Approver) {
        try checkOpen(progress)
        guard progress.isRouted, !progress.openSteps.isEmpty else {
            throw RuleFault(.wrongOrder, "the hub has not said yet who decides: try again")
        }
        guard isCurrent else {
            throw RuleFault(.outdated, "what was to be reviewed has changed: it is asked for anew")
        }
        guard !place.authors.contains(person) else {
            throw RuleFault(.sameAuthor, "who asked for an approval, or did the work, decides not")
        }
        let decided = progress.steps.contains { $0.approvals[person] != nil }
        guard !decided else {
            throw RuleFault(.sameAuthor, "nobody decides twice in one chain")
        }
        if decision.action == .reject { try TextRule.reason(decision.comment) }
        try TextRule.comment(decision.comment)
        return try step(of: decision, on: progress, by: person, approvers)
    }

    private static func step(
        of decision: Decision,
        on progress: ApprovalProgress,
        by person: ID,
        _ approvers: [String: [Approver]]
    ) throws(RuleFault) -> (step: ApprovalStep, approver: Approver) {
        let open = progress.openSteps
        if let wanted = decision.step, !open.contains(where: { $0.step.slug == wanted }) {
            throw RuleFault(.wrongOrder, "\(wanted) is not to be decided now")
        }
        for step in open where decision.step.map({ $0 == step.step.slug }) ?? true {
            if let able = approvers[step.step.slug]?.first(where: { $0.person == person }) {
                return (step.step, able)
            }
            if step.assigned.contains(person) { return (step.step, Approver(person)) }
        }
        let words = open.map { "\($0.step.slug): \($0.step.words)" }.joined(separator: "; ")
        throw RuleFault(.notAllowed, "it is not yours to decide; \(words)")
    }

    /// - Throws: `wrongOrder` for what is closed.
    public static func checkOpen(_ progress: ApprovalProgress) throws(RuleFault) {
        guard progress.status.isOpen else {
            let state = progress.status.rawValue
            throw RuleFault(.wrongOrder, "it is \(state), which does not change: ask anew")
        }
    }

    /// Checks that a person may give their turn to another.
    ///
    /// - Returns: The step that they were to decide.
    /// - Throws: `wrongOrder`, `notAllowed`, `sameAuthor`, `reasonRequired`.
    public static func checkHandOn(
        to other: ID,
        on progress: ApprovalProgress,
        _ place: ApprovalPlace,
        by person: ID,
        approvers: [String: [Approver]],
        mayForOthers: Bool,
        reason: String?
    ) throws(RuleFault) -> ApprovalStep {
        try checkOpen(progress)
        try TextRule.reason(reason)
        guard !place.authors.contains(other), !progress.approvers.contains(other) else {
            throw RuleFault(.sameAuthor, "who asked or has decided already is nobody to decide")
        }
        let own = progress.openSteps.first { step in
            step.assigned.contains(person)
                || approvers[step.step.slug]?.contains { $0.person == person } ?? false
        }
        if place.authors.contains(person), !mayForOthers {
            throw RuleFault(.sameAuthor, "who asked does not choose who decides")
        }
        guard let step = own ?? (mayForOthers ? progress.openSteps.first : nil) else {
            throw RuleFault(.notAllowed, "it is not yours to decide, nor to hand on")
        }
        return step.step
    }
}
