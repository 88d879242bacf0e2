import CRDT
import Domain
import Storage
import Wire

/// What a running node did by itself, after something came.
public struct Duties: Hashable, Sendable {
    /// Stages that a hub confirmed.
    public var confirmed = 0
    /// Changes that a hub set aside, because their authors might not do what they did.
    public var quarantined = 0
    /// Projects that got their number.
    public var numbered = 0
    /// Leases that were granted, or asked for.
    public var leases = 0
    /// Approval requests whose receipt a hub noted.
    public var received = 0
    /// Keys of people that a hub certified, or ended.
    public var keys = 0
    /// Assignments, reminders, escalations and the like of approval requests.
    public var approvals = 0
    /// Scopes that were purged, and are gone from here.
    public var dropped = 0
    /// Sites at which something that was written from another site was opened.
    public var opened = 0

    public init() {}

    public var isEmpty: Bool { self == Duties() }
}

extension LocalNode {
    /// Does what a node does without being told: a hub confirms stages, grants and gives numbers; a
    /// station asks for numbers where they run low.
    ///
    /// Doing it again without anything new does nothing.
    ///
    /// - Parameter position: Of the log: only what came after it is looked at.
    /// - Returns: What was done.
    /// - Throws: What the disk says.
    @discardableResult
    public func performDuties(after position: Int64 = 0) throws -> Duties {
        var duties = Duties()
        try writeAttemptsThatWait()
        duties.dropped = try store.dropPurged().dropped.count
        guard isHub else {
            duties.leases = try askForNumbers() ? 1 : 0
            return duties
        }
        duties.quarantined = try judgeArrivals()
        duties.keys = try settleKeys(after: position)
        let scopes = try store.scopesWithArrivals(after: position, upTo: .max)
            .filter { $0.kind == .subject }
        var unnumbered: [Scope] = []
        for scope in scopes {
            // Nearly always there is nothing to do, and nobody has to wait for the writer.
            let open = try readWhole { view in try view.openDuties(in: scope) }
            if open.isUnnumbered { unnumbered.append(scope) }
            if open.isAny {
                duties.quarantined += try quarantine(in: scope)
                duties.confirmed += try confirmStage(in: scope) ? 1 : 0
            }
            var work = ApprovalWork()
            if open.hasApprovals { try performApprovalDuties(in: scope, &work) }
            duties.received += work.received
            duties.approvals += work.events
            // What an approval completed may have brought the subject on.
            if work.events > 0 { duties.confirmed += try confirmStage(in: scope) ? 1 : 0 }
        }
        duties.opened = try openLetters(in: scopes)
        duties.numbered = try giveNumbers(in: unnumbered)
        duties.leases = try grantNumbers()
        return duties
    }

    /// Confirms the stage of a subject, as a hub, once.
    ///
    /// - Returns: Whether there was something to confirm.
    private func confirmStage(in scope: Scope) throws -> Bool {
        let saved = try act(.machine) { acting in
            var draft = Draft()
            guard let project = try acting.view.project(in: scope),
                let stage = try project.stageToConfirm(on: acting.view)
            else { return draft }
            draft.add(stage.operation(after: project.advances.heads), in: scope)
            return draft
        }
        return !saved.changes.isEmpty
    }

    /// Sets aside, as a hub, the overrides and skips that their authors might not make (DOM-125).
    ///
    /// - Returns: How many changes.
    private func quarantine(in scope: Scope) throws -> Int {
        let saved = try act(.machine) { acting in
            let view = acting.view
            var draft = Draft()
            guard let project = try view.project(in: scope) else { return draft }
            var judged: Set<Hash> = []
            for (event, reason) in try project.forbidden(on: view)
            where judged.insert(event.origin.change).inserted {
                let point = try view.changes(hashPrefix: event.origin.change.bytes).first?.point
                guard let point else { continue }
                let verdict = try view.verdict(.quarantined, on: point, in: scope, reason: reason)
                draft.add(verdict, in: scope)
            }
            return draft
        }
        return saved.changes.isEmpty ? 0 : 1
    }
}

extension View {
    /// What a hub has to do for a subject.
    fileprivate func openDuties(
        in scope: Scope
    ) throws -> (isAny: Bool, isUnnumbered: Bool, hasApprovals: Bool) {
        let hasApprovals = try !records(of: ApprovalRequest.entity, in: scope).isEmpty
        guard let project = try project(in: scope) else { return (false, false, hasApprovals) }
        let isUnnumbered = project.record.fields.text(Project.humanNumber) == nil
        let isAny =
            try project.stageToConfirm(on: self) != nil || !project.forbidden(on: self).isEmpty
        return (isAny, isUnnumbered, hasApprovals)
    }
}

extension ProjectView {
    /// What a hub writes so that the stage that is shown becomes the official one; nil where it is
    /// already, where stages stand side by side, and where the workflow says no.
    fileprivate func stageToConfirm(on view: View) throws -> StageAdvance? {
        guard stages.isProvisional, !stages.isInConflict,
            record.fields.bool(Project.isCancelled) != true
        else { return nil }
        if var derived = stages.derived {
            derived.isConfirmed = true
            return derived
        }
        guard let shown = stages.heads.last, let to = shown.to,
            let template = try? view.workflow(of: record), let stage = template[to],
            isAllowed(shown, to: stage, in: template),
            try shown.kind == .override || !isHeld(shown, in: template, on: view)
        else { return nil }
        return StageAdvance(
            of: subject,
            from: shown.from,
            to: stage,
            kind: shown.kind ?? .automatic,
            reason: shown.reason,
            in: template,
            isConfirmed: true
        )
    }

    /// Whether the workflow knows such an advance; who made it is judged elsewhere.
    private func isAllowed(
        _ advance: StageAdvance,
        to stage: WorkflowTemplate.Stage,
        in template: WorkflowTemplate
    ) -> Bool {
        switch advance.kind {
        case .begin: return stage.slug == template.first?.slug
        case .automatic:
            guard let from = advance.from, template.stage(after: from)?.slug == stage.slug else {
                return false
            }
            return !template.criteriaHold || criteria.open(of: from, in: template).isEmpty
        case .move: return advance.from.flatMap { template.move(from: $0, to: stage.slug) } != nil
        case .override: return true
        case nil: return false
        }
    }

    /// The events that their authors might not write, with the reason.
    ///
    /// Judged by the roles of the day that the event says: who lost a role since was right then.
    fileprivate func forbidden(on view: View) throws -> [(StoredEvent, String)] {
        var found: [(StoredEvent, String)] = []
        let hasMoves = advances.entries.contains { $0.event.kind == .move }
        let directory = try Directory(view)
        let template = hasMoves ? try? view.workflow(of: record) : nil
        for entry in advances.entries where [.override, .move].contains(entry.event.kind) {
            guard let event = events[entry.id],
                event.origin.deviceKind != Certificate.Kind.hub.rawValue
            else { continue }
            let person = ActingPerson(event.origin, in: directory)
            let (from, to) = (entry.event.from ?? "", entry.event.to ?? "")
            do throws(RuleFault) {
                if entry.event.kind == .override {
                    try TextRule.reason(entry.event.reason)
                } else if entry.event.kind == .move, let template {
                    guard let move = template.move(from: from, to: to) else {
                        throw RuleFault(.noSuchMove, "no such move")
                    }
                    try StageRules.check(move, by: person.standing)
                }
            } catch {
                found.append((event, "policy_denied: \(error.message)"))
            }
        }
        let seeds = stages.entered.flatMap(stages.seeds)
        for seed in seeds where !seed.canSkip {
            for entry in steps[seed.slug]?.entries ?? [] where entry.event.action == .skip {
                guard let event = events[entry.id] else { continue }
                found.append((event, "policy_denied: \(seed.slug) cannot be skipped"))
            }
        }
        return found
    }
}

extension ActingPerson {
    /// The person who wrote something, with what they might do there that day.
    fileprivate init(_ origin: Origin, in directory: Directory) {
        self.init(
            Actor(user: origin.user, login: origin.login, method: origin.method),
            in: directory,
            at: origin.site,
            wallMilliseconds: origin.time.milliseconds
        )
    }
}
