import CRDT
public import Domain
public import Storage

/// What a person does to a defect.
public struct DefectStepRequest: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case start, contain, cause, correct, prevent, resolve, verify, refuse, reopen, waive, grade
    }

    public var kind: Kind
    public var project: String
    public var defect: String
    /// What contains it, its cause, or the corrective or preventive action.
    public var text: String?
    /// For grade.
    public var severity: Defect.Severity?
    public var reason: String?
    public var comment: String?
    /// What the form showed of the steps; nil: what this node shows.
    public var seen: Seen?

    public init(_ kind: Kind, _ project: String, _ defect: String, reason: String? = nil) {
        self.kind = kind
        self.project = project
        self.defect = defect
        self.reason = reason
    }
}

extension LocalNode {
    /// Takes a step on a defect, or writes its cause or what is done about it.
    ///
    /// At a station a waiver asks the hub, and a severity is only ever raised; the hub decides.
    /// Writing a cause or an action of an open defect starts the work on it.
    ///
    /// - Returns: The defect as it is then.
    /// - Throws: `RuleFault`, `.notFound`.
    @discardableResult
    public func take(_ request: DefectStepRequest, by actor: Actor) throws -> DefectsReport {
        for text in [request.text, request.reason, request.comment] { try ShortText.text(text) }
        let shown = try read { view in try view.projectRecord(named: request.project) }
        let isHub = isHub
        _ = try act(by: actor) { acting, person in
            let defects = try ProjectDefects(in: shown.scope, on: acting.view)
            let item = try defects.defect(named: request.defect)
            let names = try request.seen?.names(among: item.stream.entries.map(\.name))
            let progress = names.map { DefectProgress(item.stream.shown($0)) } ?? item.progress
            let form = DefectForm(
                request: request,
                item: item,
                changed: try request.applied(to: item.definition),
                progress: progress,
                resolver: defects.origin(progress.resolution)?.user
            )
            var draft = Draft()
            let edits = item.record.edits(to: form.changed.values)
            if !edits.isEmpty {
                try person.check(.workOnDefect)
                draft.add(
                    Operation(Defect.number, .existing(item.record.id), edits: edits),
                    in: shown.scope
                )
            }
            if let step = try form.step(isHub: isHub, by: person) {
                draft.add(step.operation(after: names ?? item.stream.heads), in: shown.scope)
            }
            guard !draft.isEmpty else {
                throw CommandFault(.usage, "that is what it says already", reason: "no-edit")
            }
            return draft
        }
        return try defects(of: "\(shown.scope.key)", defect: request.defect)
    }
}

extension DefectStepRequest {
    /// The defect with the text that the request brings.
    fileprivate func applied(to defect: DefectDefinition) throws -> DefectDefinition {
        var defect = defect
        switch kind {
        case .contain: defect.containment = text ?? defect.containment
        case .cause: defect.rootCause = try needed
        case .correct: defect.correctiveAction = try needed
        case .prevent: defect.preventiveAction = try needed
        default: break
        }
        return defect
    }

    private var needed: String {
        get throws {
            try TextRule.reason(text)
            return text ?? ""
        }
    }
}

/// A defect as a form showed it, and what is to become of it.
private struct DefectForm {
    let request: DefectStepRequest
    let item: ProjectDefects.Item
    let changed: DefectDefinition
    let progress: DefectProgress
    let resolver: ID?

    /// The step that goes with the request; nil where only a text is written.
    ///
    /// - Throws: `RuleFault`, `.usage`.
    func step(isHub: Bool, by person: ActingPerson) throws -> DefectStep? {
        guard let action = try action(isHub: isHub) else { return nil }
        let step = DefectStep(
            item.definition.code,
            action,
            reason: request.reason,
            comment: request.comment
        )
        if action == .waive || action.isDecision {
            try DefectRules.checkDecision(step, on: changed, progress, by: person.standing)
        } else {
            try DefectRules.check(
                step,
                on: changed,
                progress,
                resolver: resolver,
                by: person.standing
            )
        }
        try person.checkMethod(action.act)
        return step
    }

    private func action(isHub: Bool) throws -> DefectStep.Action? {
        switch request.kind {
        case .start: return .start
        case .contain: return .contain
        case .cause, .correct, .prevent: return progress.status == .open ? .start : nil
        case .resolve: return .resolve
        case .verify: return .verify
        case .refuse: return .refuse
        case .reopen: return .reopen
        case .waive: return isHub ? .waive : .askToWaive
        case .grade:
            guard let severity = request.severity else {
                throw CommandFault(.usage, "say how bad: MINOR, MAJOR or CRITICAL")
            }
            return .reclassify(severity, isDecided: isHub)
        }
    }
}

extension DefectStep.Action {
    fileprivate var isDecision: Bool {
        if case .reclassify(_, isDecided: true) = self { true } else { false }
    }

    /// The act that the rules ask for.
    fileprivate var act: Act {
        switch self {
        case .start, .contain, .resolve, .unknown: .workOnDefect
        case .verify, .refuse: .verifyDefect
        case .reopen: .reopenDefect
        case .reclassify(_, let isDecided): isDecided ? .waiveDefect : .reportDefect
        case .askToWaive: .askForWaiver
        case .waive: .waiveDefect
        }
    }
}
