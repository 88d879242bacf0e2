public import CRDT

/// What people are told of the work on one subject.
///
/// A pure function of the records of its scope, so that every node that holds them derives the
/// same notices, with the same ids.
///
/// - Source: DOM-177.
public struct WorkflowNotices: Sendable {
    /// An event with what a notice says of it.
    public struct Cause: Sendable {
        public let id: ID
        public let author: ID
        /// Milliseconds since 1970.
        public let milliseconds: UInt64

        public init(_ id: ID, by author: ID, at milliseconds: UInt64) {
            self.id = id
            self.author = author
            self.milliseconds = milliseconds
        }
    }

    private let scope: Scope
    /// What people call the subject.
    private let subject: String
    /// The people it is assigned to, and those of its open tasks.
    private let team: Addressees

    public init(_ scope: Scope, _ subject: String, team: Set<ID>) {
        self.scope = scope
        self.subject = subject
        self.team = Addressees(people: team)
    }

    /// A stage was entered: the team, and the roles that its sub-stages are the duty of.
    public func stage(_ advance: StageAdvance, _ cause: Cause) -> Notice? {
        guard let stage = advance.to else { return nil }
        let next = Addressees.roles(advance.seeds.flatMap(\.roles))
        return notice(
            .workflow,
            "stage",
            cause,
            for: team.union(next),
            title: "\(subject) is in stage \(stage)",
            text: advance.reason
        )
    }

    /// A step on a sub-stage.
    ///
    /// - Parameters:
    ///   - step: What was done.
    ///   - row: The sub-stage as it is; nil if no stage brought it.
    ///   - next: The sub-stage after it in its stage.
    ///   - finishers: Who finished it before, for a decision.
    ///   - cause: The event.
    /// - Returns: nil for a step that nobody is told of.
    public func step(
        _ step: ProgressStep,
        on row: SubStageRow?,
        before next: SubStageRow?,
        finishers: Set<ID>,
        _ cause: Cause
    ) -> Notice? {
        let name = "\(step.subStage) of \(subject)"
        let duty = Addressees.roles(row?.seed.roles ?? [])
        func workflow(
            _ word: String,
            _ title: String,
            _ to: Addressees,
            isUrgent: Bool = false
        ) -> Notice {
            notice(
                .workflow,
                word,
                cause,
                for: to,
                priority: isUrgent ? .high : .normal,
                title: title,
                text: step.reason ?? step.comment
            )
        }
        switch step.action {
        case .block:
            return workflow("block", "\(name) is blocked", team.union(duty), isUrgent: true)
        case .unblock: return workflow("unblock", "\(name) is no longer blocked", team.union(duty))
        case .reopen: return workflow("reopen", "\(name) is open again", team.union(duty))
        case .skip: return workflow("skip", "\(name) is skipped", team)
        case .finish(let needsApproval, _):
            guard !needsApproval, let next else { return nil }
            let title = "\(name) is finished, next is \(next.seed.slug)"
            return workflow("finish", title, .roles(next.seed.roles))
        case .approve, .reject:
            let isApproved = if case .approve = step.action { true } else { false }
            return notice(
                .approval,
                isApproved ? "approved" : "rejected",
                cause,
                for: team.union(Addressees(people: finishers)),
                priority: isApproved ? .normal : .high,
                title: "\(name) is \(isApproved ? "approved" : "rejected")",
                text: step.reason ?? step.comment
            )
        case .start, .unknown: return nil
        }
    }

    /// A finish waits for approval: those who may decide it, as long as it does.
    ///
    /// - Parameters:
    ///   - type: The kind of review that was asked for.
    ///   - row: The sub-stage that is under review.
    ///   - cause: The request.
    /// - Returns: nil if it is not in review.
    public func request(_ type: String?, on row: SubStageRow, _ cause: Cause) -> Notice? {
        guard row.status == .inReview else { return nil }
        var roles = Dictionary(row.seed.roles.map { ($0, 2) }, uniquingKeysWith: min)
        if type == "quality_review" { roles["qa"] = 2 }
        roles["management"] = 1
        return notice(
            .approval,
            "request",
            cause,
            for: Addressees(roles: roles),
            title: "\(row.seed.slug) of \(subject) waits for approval",
            text: nil
        )
    }

    /// Work was given to somebody.
    public func assignment(of what: String, to person: ID, _ cause: Cause) -> Notice {
        notice(.workflow, "assigned", cause, for: .person(person), title: "\(what) is yours")
    }

    /// A photo or document was attached.
    public func document(_ name: String, _ cause: Cause) -> Notice {
        notice(.document, "document", cause, for: team, title: "\(name) was attached to \(subject)")
    }

    private func notice(
        _ kind: Notice.Kind,
        _ word: String,
        _ cause: Cause,
        for addressees: Addressees,
        priority: Notice.Priority = .normal,
        title: String,
        text: String? = nil
    ) -> Notice {
        Notice(
            kind,
            word,
            in: scope,
            cause: cause.id,
            for: addressees,
            by: cause.author,
            at: cause.milliseconds,
            priority: priority,
            title: title,
            text: text
        )
    }
}
