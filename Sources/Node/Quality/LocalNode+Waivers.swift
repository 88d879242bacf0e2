import CRDT
public import Domain
public import Storage

/// What a person asks the hub to accept, or what the hub decides.
public struct WaiverRequest: Hashable, Sendable {
    /// The items whose failed measurements are meant; none: at a decision what was asked for, at a
    /// request all that fail.
    public var items: [Int64] = []
    /// nil: the request.
    public var decision: Waiver.Decision?
    public var reason: String
    /// For a conditional pass.
    public var conditions: String?

    public init(_ decision: Waiver.Decision? = nil, reason: String) {
        self.decision = decision
        self.reason = reason
    }
}

extension LocalNode {
    /// Asks the hub to accept failed items as they are, or decides that at the hub.
    ///
    /// It names the measurements that were shown: what is measured later is not waived.
    ///
    /// - Returns: The inspection as it is then.
    /// - Throws: `RuleFault`: `hubOnly`, `empty`, `wrongOrder` and others; `.notFound`.
    @discardableResult
    public func waive(
        _ request: WaiverRequest,
        of name: InspectionName,
        by actor: Actor
    ) throws -> InspectionView {
        try ShortText.text(request.reason)
        try ShortText.text(request.conditions)
        let subject = try project(name.project).subject
        var name = name
        name.project = "\(subject)"
        let (wanted, isHub, tenant) = (name, isHub, store.tenant)
        let now = wallMilliseconds
        if isHub, request.decision != nil {
            // A request that came this moment is to have its chain before it is decided.
            var work = ApprovalWork()
            try performApprovalDuties(in: .subject(subject), &work)
        }
        _ = try act(by: actor) { acting, person in
            let inspection = try acting.view.inspection(wanted)
            let waiver = Waiver(
                inspection: inspection.record.id,
                accepts: try inspection.meant(by: request),
                request.decision,
                reason: request.reason,
                conditions: request.conditions
            )
            try InspectionRules.check(
                waiver,
                failing: inspection.failing,
                isHub: isHub,
                by: person.standing
            )
            try person.checkMethod(request.decision == nil ? .askForWaiver : .decideWaiver)
            var draft = Draft()
            let heads = inspection.waiverStream.heads
            guard let decision = request.decision else {
                draft.add(waiver.operation(after: heads), in: inspection.scope)
                let ask = inspection.approval(of: waiver, by: person.user, at: now)
                draft.add(ask, in: inspection.scope, tenant: tenant)
                return draft
            }
            // What was asked for is decided by its chain.
            let open = try inspection.openApproval(on: acting.view)
            if let open {
                let form = try DecisionForm(open, on: acting.view, in: self, at: now)
                let isDecided = try form.add(
                    decision == .refused ? .reject : .approve,
                    request.reason,
                    by: person.user,
                    to: &draft,
                    at: acting.stamp
                )
                guard isDecided else { return draft }
            }
            draft.add(waiver.operation(after: heads), in: inspection.scope)
            return draft
        }
        return try inspection(wanted)
    }
}

extension InspectionView {
    /// What a request for a waiver asks the hub to approve.
    fileprivate func approval(of waiver: Waiver, by user: ID, at wall: UInt64) -> ApprovalAsk {
        let subject = ApprovalSubject(.waiver, "\(record.id)")
        var ask = ApprovalAsk(subject, "qc_waiver", by: user, at: Int64(clamping: wall))
        let asked = askedMeasurements.intersection(failing).union(waiver.accepts)
        ask.revision = SubjectStates.waiver(of: record.id, asked)
        ask.comment = waiver.reason
        return ask
    }

    /// The request about its waiver that is open; of several the last asked.
    fileprivate func openApproval(on view: View) throws -> ID? {
        let cases = try ApprovalCases(in: scope, on: view).cases.filter { one in
            one.ask.subject == ApprovalSubject(.waiver, "\(record.id)")
                && one.progress.status.isOpen
        }
        return cases.max { ($0.ask.requestedAt, $0.id) < ($1.ask.requestedAt, $1.id) }?.id
    }

    /// The measurements that a request or decision is about.
    fileprivate func meant(by request: WaiverRequest) throws -> Set<ID> {
        guard request.items.isEmpty else {
            return try request.items.reduce(into: []) { meant, number in
                guard let item = self[number] else {
                    throw RuleFault(.unknownItem, "\(process) has no item \(number)")
                }
                meant.formUnion(item.measured.failing)
            }
        }
        guard request.decision != nil else { return failing }
        let asked = waiverStream.entries.filter { waivers.asked.contains($0.id) }
        let meant = asked.reduce(into: Set<ID>()) { $0.formUnion($1.event.accepts) }
        // What was measured again since it was asked for is no longer there to accept.
        return request.decision == .refused ? meant : meant.intersection(failing)
    }
}
