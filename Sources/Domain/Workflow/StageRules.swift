/// What entering a stage needs.
///
/// - Source: DOM-34, DOM-112, DOM-123.
public enum StageRules {
    /// Checks an advance of a subject whose stage and sub-stages were shown to the person.
    ///
    /// - Parameters:
    ///   - advance: What the person wants.
    ///   - stages: Where the subject was shown to stand.
    ///   - rows: The sub-stages of the current stage.
    ///   - criteria: What was confirmed of the exit criteria.
    ///   - template: The workflow.
    ///   - person: Who acts.
    /// - Throws: `notAllowed`, `wrongOrder`, `unknownStage`, `stageNotComplete`, `criteriaOpen`,
    ///   `noSuchMove`, `reasonRequired`.
    public static func check(
        _ advance: StageAdvance,
        from stages: ProjectStages,
        rows: [SubStageRow],
        criteria: StageCriteria = StageCriteria([:]),
        in template: WorkflowTemplate,
        by person: Standing
    ) throws(RuleFault) {
        let act: Act = advance.kind == .override ? .overrideStage : .advanceStage
        try act.check(person)
        guard advance.from == stages.current else {
            throw RuleFault(.wrongOrder, "the subject has moved: look again")
        }
        guard let to = advance.to, let stage = template[to] else {
            throw RuleFault(.unknownStage, "the workflow has no such stage")
        }
        switch advance.kind {
        case .begin:
            guard stages.current == nil, stage.slug == template.first?.slug else {
                throw RuleFault(.wrongOrder, "a subject begins once, with the first stage")
            }
        case .automatic:
            guard let from = advance.from, template.stage(after: from)?.slug == stage.slug else {
                throw RuleFault(.wrongOrder, "this is not the next stage")
            }
            try checkLeaving(from, rows: rows, criteria: criteria, in: template)
            if !template.moves.isEmpty { try checkMove(from, to, in: template, by: person) }
        case .move:
            guard let from = advance.from else {
                throw RuleFault(.wrongOrder, "a subject begins with the first stage")
            }
            try checkMove(from, to, in: template, by: person)
            if template.isBackward(from: from, to: to) {
                try TextRule.reason(advance.reason)
            } else {
                try checkLeaving(from, rows: rows, criteria: criteria, in: template)
            }
        case .override:
            try TextRule.reason(advance.reason)
        case nil:
            throw RuleFault(.unknownValue, "an advance begins, follows, moves or overrides")
        }
    }

    private static func checkLeaving(
        _ stage: String,
        rows: [SubStageRow],
        criteria: StageCriteria,
        in template: WorkflowTemplate
    ) throws(RuleFault) {
        guard isComplete(rows) else {
            throw RuleFault(.stageNotComplete, "required sub-stages of \(stage) are open")
        }
        let open = template.criteriaHold ? criteria.open(of: stage, in: template) : []
        guard open.isEmpty else {
            let keys = open.map(\.key).joined(separator: ", ")
            throw RuleFault(.criteriaOpen, "confirm the exit criteria of \(stage): \(keys)")
        }
    }

    private static func checkMove(
        _ from: String,
        _ to: String,
        in template: WorkflowTemplate,
        by person: Standing
    ) throws(RuleFault) {
        guard let move = template.move(from: from, to: to) else {
            throw RuleFault(.noSuchMove, "the workflow does not go from \(from) to \(to)")
        }
        try check(move, by: person)
    }

    /// Checks who makes a move that the workflow lists.
    ///
    /// - Throws: `notAllowed`.
    public static func check(
        _ move: WorkflowDefinition.MovePart,
        by person: Standing
    ) throws(RuleFault) {
        let grants = move.grants
        guard grants.isEmpty || grants.contains(where: { $0.allows(person, responsible: []) })
        else {
            let needed = grants.map { $0.words() }.joined(separator: ", or ")
            throw RuleFault(.notAllowed, "from \(move.from) to \(move.to) needs \(needed)")
        }
    }

    /// Whether a subject may be cancelled from where it stands: anywhere, unless the workflow lists
    /// from where.
    ///
    /// - Throws: `cancelled`, `noSuchMove`, `notAllowed`, `reasonRequired`.
    public static func checkCancel(
        _ project: Fields,
        in stage: String?,
        of template: WorkflowTemplate?,
        reason: String?,
        by person: Standing
    ) throws(RuleFault) {
        try Act.cancelProject.check(person)
        try TextRule.reason(reason)
        guard project.bool(Project.isCancelled) != true else {
            throw RuleFault(.cancelled, "it is cancelled already")
        }
        let side = WorkflowDefinition.MovePart.cancelled
        guard let template, let stage, template.moves.contains(where: { $0.to == side }) else {
            return
        }
        guard let move = template.move(from: stage, to: side) else {
            throw RuleFault(.noSuchMove, "the workflow does not cancel in \(stage)")
        }
        try check(move, by: person)
    }

    /// Whether all required sub-stages are completed or skipped, so that the stage may be left.
    public static func isComplete(_ rows: [SubStageRow]) -> Bool {
        rows.allSatisfy { $0.isClosed || !$0.seed.isRequired }
    }
}
