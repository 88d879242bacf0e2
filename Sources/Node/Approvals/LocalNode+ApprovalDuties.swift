import CRDT
import Domain
import Storage

// What a hub does for requests without being told (DOM-203 to DOM-206).

/// What a hub did for approval requests.
public struct ApprovalWork: Hashable, Sendable {
    /// Whose receipt was noted, and whose chain was said.
    public var received = 0
    /// Events: assignments, reminders, escalations and the like.
    public var events = 0
    /// Requests that need nothing more.
    public var settled = 0

    public init() {}

    var total: Int { received + events + settled }
}

extension LocalNode {
    /// Does what is due for all open requests: what no arrival tells, a clock does.
    ///
    /// Each thing is an action of its own, so that a hub that is killed between two goes on where
    /// it stood; doing it again without anything new does nothing.
    ///
    /// - Parameter most: How many actions at most.
    /// - Returns: What was done.
    /// - Throws: What the disk says.
    @discardableResult
    public func performApprovalDuties(atMost most: Int = .max) throws -> ApprovalWork {
        guard isHub else { return ApprovalWork() }
        let lookUp = LookUp(ApprovalRequest.open, of: ApprovalRequest.entity)
        let scopes = try read { view in Set(try view.records(lookUp).items.map(\.scope)) }
        var work = ApprovalWork()
        for scope in scopes.sorted() {
            try performApprovalDuties(in: scope, atMost: most, &work)
        }
        return work
    }

    /// Does what is due for the requests of one subject.
    func performApprovalDuties(
        in scope: Scope,
        atMost most: Int = .max,
        _ work: inout ApprovalWork
    ) throws {
        while work.total < most {
            let now = Int64(clamping: wallMilliseconds)
            // Nearly always there is nothing to do, and nobody has to wait for the writer.
            let isIdle = try read { view in
                try ApprovalDesk(in: scope, on: view, of: self, now: now).next() == nil
            }
            guard !isIdle else { return }
            let done = Decided<ApprovalDesk.Deed>()
            _ = try act(.machine) { acting in
                let desk = try ApprovalDesk(in: scope, on: acting.view, of: self, now: now)
                guard let deed = try desk.next() else { return Draft() }
                done.set(deed)
                return try desk.draft(of: deed, acting)
            }
            switch done.value {
            case .receive: work.received += 1
            case .record: work.events += 1
            case .settle: work.settled += 1
            case nil: return
            }
        }
    }
}

/// The requests of one subject, as a hub that works on them sees them.
struct ApprovalDesk {
    /// One thing to do.
    enum Deed: Sendable {
        case receive(ApprovalCase)
        case record(ApprovalEvent, ApprovalCase)
        case settle(ApprovalCase)
    }

    private let view: View
    private let scope: Scope
    private let cases: ApprovalCases
    private let project: ProjectView?
    private let states: SubjectStates?
    private let directory: Directory
    private let line: ReportingLine
    private let occasion: Occasion
    private let now: Int64

    init(in scope: Scope, on view: View, of node: LocalNode, now: Int64) throws {
        self.view = view
        self.scope = scope
        self.now = now
        let cases = try ApprovalCases(in: scope, on: view)
        let project = cases.cases.isEmpty ? nil : try view.project(in: scope)
        states = try project.map { try SubjectStates(of: $0, kinds: cases.kinds, on: view) }
        (self.cases, self.project) = (cases, project)
        directory = try node.directories.directory(on: view, isCommitted: false)
        occasion = directory.occasion(at: .zero, milliseconds: UInt64(clamping: now))
        line = try view.reportingLine()
    }

    /// The first thing that is to be done; nil: nothing.
    func next() throws -> Deed? {
        for one in cases.cases {
            guard one.receivedAt != nil else { return .receive(one) }
            if let event = duty(of: one).next(above: above) { return .record(event, one) }
            let isSettled = one.record.fields.bool(ApprovalRequest.isSettled) ?? false
            if isSettled == one.progress.status.isOpen { return .settle(one) }
        }
        return nil
    }

    private func duty(of one: ApprovalCase) -> ApprovalDuty {
        let fields = one.record.fields
        return ApprovalDuty(
            one.id,
            revision: one.ask.revision,
            one.progress,
            ApprovalDuty.Times(
                now: now,
                due: one.dueAt,
                remind: fields.integer(ApprovalRequest.remindAt),
                expires: fields.integer(ApprovalRequest.expiresAt)
            ),
            isCurrent: cases.isCurrent(one, states),
            reassigns: fields.bool(ApprovalRequest.reassigns) ?? false,
            approvers: one.approvers(in: directory.policy, line, at: occasion),
            flags: isSplit(one) ? [ApprovalEvent.Flag.split] : []
        )
    }

    private func above(_ late: Set<ID>) -> Set<ID> {
        directory.policy.above(late, line, at: occasion)
    }

    /// The changes of a deed.
    func draft(of deed: Deed, _ acting: borrowing Acting) throws -> Draft {
        var draft = Draft()
        switch deed {
        case .receive(let one): try receive(one, &draft)
        case .settle(let one):
            let isClosed = !one.progress.status.isOpen
            draft.add(one.record.writing([(ApprovalRequest.isSettled, .bool(isClosed))]), in: scope)
        case .record(let event, let one):
            draft.add(event.operation(after: one.stream.heads), in: scope)
            let after = one.progress(after: event, at: acting.stamp, index: 0)
            if one.progress.status.isOpen, after.status == .approved {
                try draft.addOutcome(
                    of: one,
                    .approved,
                    comment: event.comment,
                    in: project,
                    at: acting.stamp,
                    on: view
                )
            }
        }
        return draft
    }
}

// MARK: - Receiving

extension ApprovalDesk {
    private static let hour: Int64 = 3_600_000

    /// Notes when a request came, and says who must agree: from then on time counts.
    private func receive(_ one: ApprovalCase, _ draft: inout Draft) throws {
        let settings = try view.approvalSettings()
        let tenant = try view.tenantRecord()
        let amount = ApprovalAmount(
            one.ask.amount,
            in: one.ask.currency,
            tenant: tenant?.fields.text(Tenant.defaultCurrency),
            settings
        )
        let route = ApprovalRoute(
            of: one.ask,
            one.ask.facts(try known(of: one), amount: amount.converted),
            amount: amount.converted,
            among: try view.approvalPolicies(),
            settings
        )
        let due = now + route.hours * Self.hour
        var writes: [(UInt32, Value)] = [
            (ApprovalRequest.hubReceivedAt, .integer(now)), (ApprovalRequest.dueAt, .integer(due)),
            (ApprovalRequest.reassigns, .bool(route.reassigns)),
            (ApprovalRequest.isSettled, .bool(false)),
        ]
        if let policy = route.policy { writes.append((ApprovalRequest.policy, .text(policy))) }
        if let version = route.version {
            writes.append((ApprovalRequest.policyVersion, .integer(version)))
        }
        if let hours = route.remindHours {
            writes.append((ApprovalRequest.remindAt, .integer(due - hours * Self.hour)))
        }
        if let days = route.expiryDays {
            writes.append((ApprovalRequest.expiresAt, .integer(now + days * 24 * Self.hour)))
        }
        draft.add(one.record.writing(writes.sorted { $0.0 < $1.0 }), in: scope)
        var event = ApprovalEvent(one.id, .assign)
        event.steps = route.steps
        event.mode = route.mode
        event.revision = one.ask.revision
        event.amount = amount.converted
        event.rate = amount.rate
        if amount.rate != nil { event.ratedAt = tenant?.rateSet(one.ask.currency ?? "") }
        if route.steps.isEmpty { event.flags = [ApprovalEvent.Flag.automatic] }
        draft.add(event.operation(after: one.stream.heads), in: scope)
    }

    /// What the hub itself knows of a subject.
    private func known(of one: ApprovalCase) throws -> ApprovalFacts {
        var facts = ApprovalFacts()
        let defects = try ProjectDefects(in: scope, on: view)
        let open = defects.items.filter { $0.progress.isOpen }
        facts.values[.openDefects] = Self.number(open.count)
        guard one.ask.subject.kind == .progress else { return facts }
        let subStages = try view.records(of: WorkflowSubStage.entity, in: .tenant)
        let row = subStages.first {
            $0.fields.text(WorkflowSubStage.slug) == one.ask.subject.key
        }
        let isRegulated = row?.fields.bool(WorkflowSubStage.isRegulated) ?? false
        facts.values[.regulated] = .flag(isRegulated)
        if one.ask.facts.values[.ctq] == nil {
            // Whatever a check plan holds is critical to quality, and an open critical defect is.
            let plans = try view.plans().filter(\.isActive).map(\.plan)
            let isHeld = plans.contains { $0.holds.contains(one.ask.subject.key) }
            let isCritical = open.contains { $0.progress.holdsWork }
            facts.values[.ctq] = .flag(isHeld || isCritical || isRegulated)
        }
        return facts
    }

    private static func number(_ count: Int) -> ApprovalFacts.Value? {
        DecimalNumber(mantissa: Int64(count), scale: 0).map(ApprovalFacts.Value.number)
    }

    /// Whether a request that no person looks at is above what nobody looks at, with others of one
    /// vendor, whole and day (S-19).
    private func isSplit(_ one: ApprovalCase) -> Bool {
        guard one.progress.isRouted, one.progress.steps.isEmpty, let vendor = one.ask.vendor,
            let policy = try? view.approvalPolicies().first(where: { isFollowed($0, by: one) }),
            let bound = policy.tiers.first(where: { $0.steps.isEmpty })?.upTo
        else { return false }
        let same = cases.cases.filter { other in
            other.ask.vendor == vendor && other.ask.partOf == one.ask.partOf
                && other.ask.type == one.ask.type && day(of: other) == day(of: one)
                && !cases.cases.contains { $0.ask.replaces.contains(other.id) }
        }
        guard same.count > 1 else { return false }
        var sum: DecimalNumber? = DecimalNumber(mantissa: 0, scale: 0)
        for other in same {
            let amount = other.stream.entries.compactMap(\.event.amount).first ?? other.ask.amount
            sum = amount.flatMap { sum?.adding($0) }
        }
        return sum.map { !$0.isAtMost(bound) } ?? true
    }

    private func isFollowed(_ policy: ApprovalOutline, by one: ApprovalCase) -> Bool {
        policy.slug == one.record.fields.text(ApprovalRequest.policy)
            && policy.version == one.record.fields.integer(ApprovalRequest.policyVersion)
    }

    /// The day on which it was asked, in UTC.
    private func day(of one: ApprovalCase) -> Int64 { one.ask.requestedAt / (24 * Self.hour) }
}

extension StoredRecord {
    /// When the rate of a currency was set, milliseconds since 1970.
    fileprivate func rateSet(_ currency: String) -> Int64? {
        let name = ApprovalSettings.rateName(currency)
        return heads(Tenant.settings, key: name).first.map {
            Int64(clamping: $0.name.stamp.time.milliseconds)
        }
    }
}
