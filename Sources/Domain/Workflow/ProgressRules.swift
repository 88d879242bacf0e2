/// What a step on a sub-stage needs: asked before anything is written, and again by the hub.
///
/// - Source: DOM-32, DOM-33.
public enum ProgressRules {
    /// Checks a step on a sub-stage as it was shown to the person.
    ///
    /// - Parameters:
    ///   - step: What the person wants to do.
    ///   - row: The sub-stage as it was shown.
    ///   - currentStage: The stage that the subject was shown in.
    ///   - person: Who acts.
    /// - Throws: `notAllowed`, `stageNotCurrent`, `wrongOrder`, `notSkippable`, `reasonRequired`,
    ///   `tooLong`, `blocksNotNamed`, `hubOnly`.
    public static func check(
        _ step: ProgressStep,
        on row: SubStageRow,
        currentStage: String?,
        by person: Standing
    ) throws(RuleFault) {
        guard let act = act(of: step.action) else {
            throw RuleFault(.hubOnly, "the hub decides on a finish")
        }
        try act.check(person, responsible: row.seed.roles)
        try checkOrder(step.action, row)
        // What was begun in a stage is brought to its end there, wherever the subject is by then.
        if row.progress.status == .pending, row.stage != currentStage {
            throw RuleFault(.stageNotCurrent, "the subject is not in stage \(row.stage)")
        }
        if [.block, .skip, .reopen].contains(step.action) { try TextRule.reason(step.reason) }
        try TextRule.comment(step.comment)
        if case .unblock(let lifted) = step.action {
            let standing = Set(row.progress.blocks.map(\.id))
            guard !lifted.isEmpty, standing.isSuperset(of: lifted) else {
                throw RuleFault(.blocksNotNamed, "name the blocks to lift, of those that stand")
            }
        }
    }

    /// Checks a decision of the hub on the finish that is under review.
    ///
    /// - Throws: `wrongOrder` unless that very revision is under review; `reasonRequired`.
    public static func checkDecision(_ step: ProgressStep, on row: SubStageRow) throws(RuleFault) {
        switch step.action {
        case .approve(let revision), .reject(let revision):
            guard row.status == .inReview, revision == row.progress.revision else {
                throw RuleFault(.wrongOrder, "this revision is not under review")
            }
            if step.action.isRejection { try TextRule.reason(step.reason) }
        default:
            throw RuleFault(.wrongOrder, "only an approval or a rejection is a decision")
        }
    }

    static func act(of action: ProgressStep.Action) -> Act? {
        switch action {
        case .start: .start
        case .finish: .finish
        case .block: .block
        case .unblock: .unblock
        case .skip: .skip
        case .reopen: .reopen
        case .approve, .reject, .unknown: nil
        }
    }

    private static func checkOrder(
        _ action: ProgressStep.Action,
        _ row: SubStageRow
    ) throws(RuleFault) {
        guard allowed(from: action).contains(row.status) else {
            let state = row.status.rawValue
            throw RuleFault(.wrongOrder, "\(row.seed.slug) is \(state): this does not follow")
        }
        if action == .skip, !row.seed.canSkip {
            throw RuleFault(.notSkippable, "\(row.seed.slug) cannot be skipped")
        }
    }

    /// The states in which a step may be taken.
    public static func allowed(
        from action: ProgressStep.Action
    ) -> Set<SubStageProgress.Status> {
        switch action {
        case .start: [.pending]
        case .finish: [.inProgress]
        case .block: [.pending, .inProgress, .inReview, .blocked]
        case .unblock: [.blocked]
        case .skip: [.pending, .inProgress]
        case .reopen: [.inReview, .completed, .skipped]
        case .approve, .reject: [.inReview]
        case .unknown: []
        }
    }
}
