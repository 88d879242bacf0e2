public import CRDT
public import Domain
public import Storage
import Wire

/// What a person does to a sub-stage.
public struct ProgressRequest: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case start, finish, block, unblock, skip, reopen
    }

    public var kind: Kind
    public var project: String
    public var subStage: String
    public var reason: String?
    public var comment: String?
    /// What the form showed; nil: what this node shows.
    public var seen: Seen?
    /// Ids of the blocks to lift; none: all that were shown.
    public var lifts: [ID] = []
    /// Of a finish that needs approval: documents that are reviewed with it.
    public var attachments: Set<ApprovalEvidence> = []

    public init(_ kind: Kind, _ project: String, _ subStage: String, reason: String? = nil) {
        self.kind = kind
        self.project = project
        self.subStage = subStage
        self.reason = reason
    }
}

extension LocalNode {
    /// Takes a step on a sub-stage, as it was shown to the person.
    ///
    /// A finish that needs approval asks for it in the same change.
    ///
    /// - Returns: The project as it is then, and the slug of the sub-stage.
    /// - Throws: `RuleFault`, `.notFound`, `.badInput` for names that are not held.
    @discardableResult
    public func take(
        _ request: ProgressRequest,
        by actor: Actor
    ) throws -> (project: ProjectView, subStage: String) {
        try ShortText.text(request.reason)
        try ShortText.text(request.comment)
        let (shown, slug) = try read { view in
            let project = try view.project(named: request.project)
            return (project, try view.subStage(named: request.subStage, of: project))
        }
        let (record, scope) = (shown.record, shown.scope)
        let (tenant, wall, isHub) = (store.tenant, wallMilliseconds, isHub)
        _ = try act(by: actor) { acting, person in
            let form = try ProgressForm(
                project: ProjectView(record, in: scope, on: acting.view),
                subStage: slug,
                seen: request.seen
            )
            if request.kind != .unblock { try form.project.checkAlive() }
            let row = try form.row()
            let revision = try form.revision(request, row, on: acting.view)
            let step = ProgressStep(
                slug,
                request.action(on: row, revision: revision),
                reason: request.reason,
                comment: request.comment
            )
            try ProgressRules.check(
                step,
                on: row,
                currentStage: form.project.stage,
                by: person.standing
            )
            try person.checkMethod(request.act)
            if [.finish, .skip].contains(request.kind) {
                let now = Int64(clamping: wall)
                try acting.view.checkClosing(slug, of: form.project, now: now)
            }
            var draft = Draft()
            if row.stage == form.project.stages.derived?.to { draft.addDerived(of: form.project) }
            draft.add(step.operation(after: form.seen), in: scope)
            if let revision {
                var ask = form.ask(of: row, by: person.user, at: Int64(clamping: wall))
                ask.revision = revision
                ask.comment = request.comment
                ask.attachments = request.attachments
                try ask.check()
                draft.add(ask, in: scope, tenant: tenant)
            }
            let entry = step.entry(at: acting.stamp, after: form.seen)
            try draft.addFollowing(entry, of: form.project, isHub: isHub, on: acting.view)
            return draft
        }
        return (try project("\(shown.subject)"), slug)
    }
}

extension ProgressRequest {
    fileprivate var act: Act {
        switch kind {
        case .start: .start
        case .finish: .finish
        case .block: .block
        case .unblock: .unblock
        case .skip: .skip
        case .reopen: .reopen
        }
    }

    fileprivate func action(on row: SubStageRow, revision: [UInt8]?) -> ProgressStep.Action {
        switch kind {
        case .start: .start
        case .finish: .finish(needsApproval: row.seed.requiresApproval, revision: revision)
        case .block: .block
        case .unblock: .unblock(lifts.isEmpty ? row.progress.blocks.map(\.id) : lifts)
        case .skip: .skip
        case .reopen: .reopen
        }
    }
}

/// A sub-stage as a form showed it, which may be older than what the node holds.
private struct ProgressForm: Sendable {
    let project: ProjectView
    let subStage: String
    /// The heads that were shown.
    let seen: [Name]
    private let steps: [String: Stream<ProgressStep>]

    /// Takes the form's word for what was seen; without one, what the node shows.
    init(project: ProjectView, subStage: String, seen: Seen?) throws {
        self.project = project
        self.subStage = subStage
        let stream = project.steps[subStage] ?? Stream([])
        var steps = project.steps
        if let seen {
            self.seen = try seen.names(among: stream.entries.map(\.name))
            steps[subStage] = stream.shown(self.seen)
        } else {
            self.seen = stream.heads
        }
        self.steps = steps
    }

    /// The row that the form showed, folded from what it had seen.
    func row() throws -> SubStageRow {
        for stage in project.stages.entered.sorted(by: isCurrent) {
            let rows = project.stages.rows(of: stage, steps: steps)
            if let row = rows.first(where: { $0.seed.slug == subStage }) { return row }
        }
        throw CommandFault(.damaged, "\(subStage) is in no stage")
    }

    private func isCurrent(_ left: String, _ right: String) -> Bool {
        (left == project.stage ? 0 : 1, left) < (right == project.stage ? 0 : 1, right)
    }

    /// The hash of what a finish that needs approval is reviewed as; nil for any other step.
    func revision(
        _ request: ProgressRequest,
        _ row: SubStageRow,
        on view: View
    ) throws -> [UInt8]? {
        guard row.seed.requiresApproval, request.kind == .finish else { return nil }
        let states = try SubjectStates(of: project, kinds: [.progress], on: view)
        let shown = steps[subStage] ?? Stream([])
        return states.progress(subStage, shown, request.attachments)
    }

    /// What a finish asks for.
    func ask(of row: SubStageRow, by user: ID, at now: Int64) -> ApprovalAsk {
        let type = ApprovalRequest.type(ofRoles: row.seed.roles)
        var ask = ApprovalAsk(ApprovalSubject(.progress, subStage), type, by: user, at: now)
        ask.attempt = Int64(row.progress.attempt)
        ask.priority = project.record.fields.text(Project.priority) ?? "normal"
        return ask
    }
}

extension View {
    /// The slug of a sub-stage that a project was given, by slug or name.
    ///
    /// - Throws: `.notFound`; `RuleFault` if the workflow has it and the project is not so far.
    func subStage(named typed: String, of project: ProjectView) throws -> String {
        let names = try titles(
            of: WorkflowSubStage.entity,
            WorkflowSubStage.slug,
            WorkflowSubStage.name
        )
        let seeded = Set(project.rows.map(\.seed.slug))
        var choice = NameChoice<String>("sub-stage")
        for slug in seeded { choice.add(slug, names: [slug, names[slug]]) }
        do {
            return try choice.only(called: typed)
        } catch {
            var later = NameChoice<(String, String)>("sub-stage")
            for stage in (try? workflow(of: project))?.stages ?? [] {
                for seed in stage.seeds where !seeded.contains(seed.slug) {
                    later.add((seed.slug, stage.slug), names: [seed.slug, names[seed.slug]])
                }
            }
            guard let (slug, stage) = try? later.only(called: typed) else { throw error }
            throw RuleFault(
                .stageNotCurrent,
                "\(slug) belongs to stage \(stage), where \(project.number) has not been yet"
            )
        }
    }
}
