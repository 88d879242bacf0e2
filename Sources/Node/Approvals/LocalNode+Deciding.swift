import CRDT
public import Domain
public import Storage
import Wire

extension LocalNode {
    /// Approves or rejects a request, at a hub: what is shown is what is decided on.
    ///
    /// The last approval of a chain completes what was asked for in the same change; a rejection
    /// blocks it with the comment (FP-101, FP-102).
    ///
    /// - Parameters:
    ///   - name: The request.
    ///   - decision: What is decided.
    ///   - actor: Who decides.
    ///   - signer: Whoever proved for this very act who they are: the decision is signed.
    /// - Returns: The request as it is then.
    /// - Throws: `RuleFault`: `hubOnly`, `outdated`, `sameAuthor`, `notAllowed`, `wrongOrder`,
    ///   `reasonRequired`, `methodTooWeak`; `.notFound`.
    @discardableResult
    public func decideApproval(
        _ name: String,
        _ decision: ApprovalRules.Decision,
        by actor: Actor,
        signedBy signer: Signer? = nil
    ) throws -> ApprovalCase {
        try ShortText.text(decision.comment)
        let id = try approval(name).id
        try requireHub(for: id)
        let now = wallMilliseconds
        _ = try act(by: actor) { acting, person in
            try person.check(.decideApproval)
            let form = try DecisionForm(id, on: acting.view, in: self, at: now)
            let (step, approver) = try ApprovalRules.check(
                decision,
                on: form.found.progress,
                form.found.place,
                by: person.user,
                approvers: form.approvers,
                isCurrent: form.isCurrent
            )
            guard step.method <= 4 || signer != nil && actor.method.rawValue >= step.method else {
                throw RuleFault(
                    .methodTooWeak,
                    "\(step.slug) is signed: give the PIN or passphrase for this very act"
                )
            }
            var event = ApprovalEvent(id, decision.action)
            (event.step, event.by) = (step.slug, person.user)
            event.onBehalfOf = approver.lender
            event.comment = decision.comment
            event.revision = form.found.ask.revision
            event.signature = signer?.sign(form.found.signed(decision)).encoded
            return try form.draft(of: event, acting)
        }
        return try approval("\(id)")
    }

    /// Approves or rejects a request with an electronic signature: of the very revision, with its
    /// meaning and reason (P13, SIG-6).
    ///
    /// - Throws: as ``decideApproval(_:_:by:signedBy:)`` and ``signer(_:by:)``.
    @discardableResult
    public func signApproval(
        _ name: String,
        _ decision: ApprovalRules.Decision,
        with proof: SignatureProof,
        by caller: Caller
    ) throws -> ApprovalCase {
        let signer = try signer(proof, by: caller)
        return try decideApproval(name, decision, by: signer.actor, signedBy: signer)
    }

    /// Lets somebody else decide in one's place, at a hub: this request alone.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `notAllowed`, `sameAuthor`, `wrongOrder`,
    ///   `reasonRequired`; `.notFound`.
    @discardableResult
    public func delegateApproval(
        _ name: String,
        to other: String,
        reason: String?,
        by actor: Actor
    ) throws -> ApprovalCase {
        try ShortText.text(reason)
        let id = try approval(name).id
        try requireHub(for: id)
        let now = wallMilliseconds
        _ = try act(by: actor) { acting, person in
            try person.check(.decideApproval)
            let form = try DecisionForm(id, on: acting.view, in: self, at: now)
            let user = try acting.view.userID(named: other)
            let progress = form.found.progress
            let step = try ApprovalRules.checkHandOn(
                to: user,
                on: progress,
                form.found.place,
                by: person.user,
                approvers: form.approvers,
                mayForOthers: person.standing.decide(.reassignApproval).isAllowed,
                reason: reason
            )
            var event = ApprovalEvent(id, .reassign)
            event.step = step.slug
            event.by = person.user
            event.comment = reason
            let assigned = progress.openSteps.first { $0.step.slug == step.slug }?.assigned ?? []
            event.people = assigned.subtracting([person.user]).union([user])
            var draft = Draft()
            draft.add(event.operation(after: form.found.stream.heads), in: form.found.scope)
            return draft
        }
        return try approval("\(id)")
    }

    /// Takes a request back, at a hub: whoever asked, or management.
    ///
    /// - Throws: `RuleFault`: `hubOnly`, `notAllowed`, `wrongOrder`, `reasonRequired`; `.notFound`.
    @discardableResult
    public func cancelApproval(
        _ name: String,
        reason: String?,
        by actor: Actor
    ) throws -> ApprovalCase {
        try ShortText.text(reason)
        try TextRule.reason(reason)
        let id = try approval(name).id
        try requireHub(for: id)
        _ = try act(by: actor) { acting, person in
            let found = try acting.view.approval(named: "\(id)")
            try ApprovalRules.checkOpen(found.progress)
            if found.authors.contains(person.user) {
                try person.checkMethod(.cancelApproval)
            } else {
                try person.check(.cancelApproval)
            }
            var event = ApprovalEvent(id, .cancel)
            event.by = person.user
            event.comment = reason
            var draft = Draft()
            draft.add(event.operation(after: found.stream.heads), in: found.scope)
            return draft
        }
        return try approval("\(id)")
    }

    /// Refuses at any node but a hub, and says who could decide there.
    ///
    /// At a hub a request that came this moment gets its chain first.
    private func requireHub(for id: ID) throws {
        guard !isHub else {
            let scope = try approval("\(id)").scope
            var work = ApprovalWork()
            return try performApprovalDuties(in: scope, &work)
        }
        let now = wallMilliseconds
        let names = try read { view in
            let directory = try directories.directory(on: view, isCommitted: true)
            let found = try view.approval(named: "\(id)")
            let able = found.approvers(
                in: directory.policy,
                try view.reportingLine(),
                at: directory.occasion(at: .zero, milliseconds: now)
            )
            let people = Set(able.values.flatMap { $0.map(\.person) })
                .union(found.progress.currentApprovers)
            let names = try Nicknames(view)
            return people.map(names.user).sorted()
        }
        let who = names.isEmpty ? "" : "; \(names.prefix(3).joined(separator: ", ")) can"
        throw RuleFault(.hubOnly, "only the hub decides: give the command there\(who)")
    }
}

/// A request with all that a decision on it needs.
struct DecisionForm: Sendable {
    let found: ApprovalCase
    let approvers: [String: [Approver]]
    let isCurrent: Bool
    let project: ProjectView?

    init(
        _ id: ID,
        on view: View,
        in node: LocalNode,
        at milliseconds: UInt64
    ) throws {
        let found = try view.approval(named: "\(id)")
        let directory = try node.directories.directory(on: view, isCommitted: false)
        let project = try view.project(in: found.scope)
        let states = try project.map {
            try SubjectStates(of: $0, kinds: [found.ask.subject.kind], on: view)
        }
        self.found = found
        self.project = project
        isCurrent = try ApprovalCases(in: found.scope, on: view).isCurrent(found, states)
        approvers = found.approvers(
            in: directory.policy,
            try view.reportingLine(),
            at: directory.occasion(at: .zero, milliseconds: milliseconds)
        )
    }

    /// Writes a decision beside one of another command that says what follows.
    ///
    /// - Returns: Whether the chain ends with it.
    func add(
        _ action: ApprovalEvent.Action,
        _ comment: String,
        by user: ID,
        to draft: inout Draft,
        at stamp: Stamp
    ) throws(RuleFault) -> Bool {
        let (step, approver) = try ApprovalRules.check(
            ApprovalRules.Decision(action, comment: comment),
            on: found.progress,
            found.place,
            by: user,
            approvers: approvers,
            isCurrent: isCurrent
        )
        var event = ApprovalEvent(found.id, action)
        (event.step, event.by, event.onBehalfOf) = (step.slug, user, approver.lender)
        (event.comment, event.revision) = (comment, found.ask.revision)
        draft.add(event.operation(after: found.stream.heads), in: found.scope)
        return !found.progress(after: event, at: stamp, index: 0).status.isOpen
    }

    /// Writes a decision, and what follows from it.
    func draft(
        of event: ApprovalEvent,
        _ acting: borrowing Acting
    ) throws -> Draft {
        var draft = Draft()
        let heads = found.stream.heads
        if let lender = event.onBehalfOf {
            var used = ApprovalEvent(found.id, .delegateUsed)
            (used.by, used.onBehalfOf, used.step) = (event.by, lender, event.step)
            draft.add(used.operation(after: heads), in: found.scope)
        }
        draft.add(event.operation(after: heads), in: found.scope)
        let after = found.progress(after: event, at: acting.stamp, index: 0)
        guard !after.status.isOpen, found.progress.status.isOpen, isCurrent else { return draft }
        try draft.addOutcome(
            of: found,
            after.status,
            comment: event.comment,
            in: project,
            at: acting.stamp,
            on: acting.view
        )
        return draft
    }
}
