public import CRDT

/// What a step on a defect needs: asked before it is written, and again by the hub.
///
/// - Source: DOM-85.
public enum DefectRules {
    /// Checks a new defect; its first judgement is written beside it.
    ///
    /// - Throws: `notAllowed`, `empty`, `tooLong`, `reasonRequired`, `notADay`, `outOfRange`.
    public static func check(
        _ defect: DefectDefinition,
        by person: Standing
    ) throws(RuleFault) {
        try Act.reportDefect.check(person)
        try TextRule.code(defect.code)
        try TextRule.reason(defect.description)
        for text in [defect.category, defect.build, defect.location].compactMap(\.self) {
            try TextRule.code(text)
        }
        for text in [
            defect.containment, defect.rootCause, defect.correctiveAction, defect.preventiveAction,
        ] {
            try TextRule.comment(text)
        }
        guard defect.coordinates.isEmpty || defect.coordinates.count == 3 else {
            throw RuleFault(.outOfRange, "a place has three coordinates, or none")
        }
        if let due = defect.due { try TextRule.day(due) }
    }

    /// Checks a step on a defect as it was shown to the person.
    ///
    /// - Parameters:
    ///   - step: What the person wants to do.
    ///   - defect: The defect with its texts as they were shown.
    ///   - progress: The fold of its steps as it was shown.
    ///   - resolver: Who wrote the resolution that stands.
    ///   - person: Who acts.
    /// - Throws: `notAllowed`, `wrongOrder`, `reasonRequired`, `tooLong`, `empty`, `sameAuthor`,
    ///   `hubOnly`.
    public static func check(
        _ step: DefectStep,
        on defect: DefectDefinition,
        _ progress: DefectProgress,
        resolver: ID? = nil,
        by person: Standing
    ) throws(RuleFault) {
        guard let act = act(of: step.action) else {
            throw RuleFault(.hubOnly, "the hub waives and lowers: ask it to")
        }
        try act.check(person)
        try checkOrder(step, on: defect, progress)
        switch step.action {
        case .resolve:
            guard defect.rootCause != nil, defect.correctiveAction != nil else {
                throw RuleFault(.empty, "write its cause and the corrective action first")
            }
        case .verify:
            guard resolver != person.user else {
                throw RuleFault(.sameAuthor, "who resolved it does not verify it")
            }
        case .contain:
            guard defect.containment != nil else {
                throw RuleFault(.empty, "write how it is contained first")
            }
        case .reclassify(let severity, _):
            guard severity > progress.severity else {
                throw RuleFault(.hubOnly, "only the hub lowers a severity")
            }
            try TextRule.reason(step.reason)
        case .refuse, .reopen, .askToWaive: try TextRule.reason(step.reason)
        default: break
        }
    }

    /// Checks a waiver, or a severity, that the hub decides.
    ///
    /// - Throws: `notAllowed`, `wrongOrder`, `reasonRequired`, `tooLong`.
    public static func checkDecision(
        _ step: DefectStep,
        on defect: DefectDefinition,
        _ progress: DefectProgress,
        by person: Standing
    ) throws(RuleFault) {
        try Act.waiveDefect.check(person)
        switch step.action {
        case .waive, .reclassify(_, isDecided: true): break
        default: throw RuleFault(.wrongOrder, "only a waiver or a severity is decided")
        }
        try checkOrder(step, on: defect, progress)
        try TextRule.reason(step.reason)
    }

    /// The states in which a step may be taken.
    public static func allowed(from action: DefectStep.Action) -> Set<DefectProgress.Status> {
        switch action {
        case .start: [.open]
        case .contain: [.open, .inProgress]
        case .resolve: [.inProgress]
        case .verify, .refuse: [.resolved]
        case .reopen: [.closed, .waived]
        case .reclassify, .askToWaive, .waive: [.open, .inProgress, .resolved]
        case .unknown: []
        }
    }

    static func act(of action: DefectStep.Action) -> Act? {
        switch action {
        case .start, .contain, .resolve: .workOnDefect
        case .verify, .refuse: .verifyDefect
        case .reopen: .reopenDefect
        case .reclassify(_, isDecided: false): .reportDefect
        case .askToWaive: .askForWaiver
        case .reclassify, .waive, .unknown: nil
        }
    }

    private static func checkOrder(
        _ step: DefectStep,
        on defect: DefectDefinition,
        _ progress: DefectProgress
    ) throws(RuleFault) {
        guard step.defect == defect.code, allowed(from: step.action).contains(progress.status)
        else {
            let state = progress.status.rawValue
            throw RuleFault(.wrongOrder, "\(defect.code) is \(state): this does not follow")
        }
        try TextRule.comment(step.comment)
    }
}
