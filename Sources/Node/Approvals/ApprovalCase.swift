public import CRDT
public import Domain
public import Storage

/// An approval request as it is shown: what is asked, what happened, and who is to decide.
public struct ApprovalCase: Sendable {
    public let scope: Scope
    public let record: StoredRecord
    public let ask: ApprovalAsk
    public let stream: Stream<ApprovalEvent>
    public let progress: ApprovalProgress
    /// Whoever asked: they decide nothing.
    public let authors: Set<ID>
    let events: [ID: StoredEvent]
    /// What people call the project that it belongs to.
    let projectNumber: String
    let projectManager: ID?

    /// - Returns: nil for a subject of a newer version.
    init?(_ record: StoredRecord, in scope: Scope, on view: View) throws {
        guard let ask = ApprovalAsk(record.fields) else { return nil }
        self.scope = scope
        self.record = record
        self.ask = ask
        let stored = try view.events(
            of: ApprovalEvent.entity,
            in: scope,
            stream: [.id(record.id)]
        )
        events = Dictionary(stored.map { ($0.id, $0) }) { first, _ in first }
        let stream = Stream(stored.map { $0.entry(as: ApprovalEvent.self) })
        self.stream = stream
        var authors: Set<ID> = [ask.requestedBy]
        for entry in stream.entries where entry.event.action == .request {
            if let author = events[entry.id]?.origin.user { authors.insert(author) }
        }
        self.authors = authors.subtracting([.zero])
        progress = ApprovalProgress(stream, revision: ask.revision, authors: self.authors)
        let project = try view.records(of: Project.entity, in: scope).first { !$0.isDeleted }
        projectNumber = project?.projectNumber ?? "\(scope.key)"
        projectManager = project?.fields.id(Project.assignedTo)
    }

    public var id: ID { record.id }

    public var place: ApprovalPlace {
        ApprovalPlace(
            authors: authors,
            requestedBy: ask.requestedBy,
            projectManager: projectManager
        )
    }

    /// Milliseconds since 1970; nil before the hub has it.
    public var receivedAt: Int64? { record.fields.integer(ApprovalRequest.hubReceivedAt) }

    /// Milliseconds since 1970; nil before the hub has it.
    public var dueAt: Int64? { record.fields.integer(ApprovalRequest.dueAt) }

    /// Whoever may decide each open step, by its slug.
    func approvers(
        in policy: Policy,
        _ line: ReportingLine,
        at occasion: Occasion
    ) -> [String: [Approver]] {
        var approvers: [String: [Approver]] = [:]
        for step in progress.openSteps {
            approvers[step.step.slug] = policy.approvers(
                of: step.step,
                place,
                decided: progress.approvers,
                line,
                at: occasion
            )
        }
        return approvers
    }

    /// The request with one event more, as if it were written.
    func progress(after event: ApprovalEvent, at stamp: Stamp, index: UInt16) -> ApprovalProgress {
        let rank = Rank(Name(stamp, hash: 0), isPlausible: true)
        let entry = Stream.Entry(event, rank: rank, index: index, after: stream.heads)
        let entries = stream.entries + [entry]
        return ApprovalProgress(Stream(entries), revision: ask.revision, authors: authors)
    }

    /// What the history says last of when it was closed; nil while it is open.
    public var decision: StoredEvent? { progress.closed.flatMap { events[$0] } }
}

/// The requests of a project, with what they are about.
struct ApprovalCases {
    let cases: [ApprovalCase]

    init(in scope: Scope, on view: View) throws {
        cases = try view.records(of: ApprovalRequest.entity, in: scope)
            .filter { !$0.isDeleted }
            .compactMap { try ApprovalCase($0, in: scope, on: view) }
    }

    /// Whether what a request is about is still what is there.
    ///
    /// Where the project is not here, nobody can say that it is not.
    func isCurrent(_ one: ApprovalCase, _ states: SubjectStates?) -> Bool {
        guard !cases.contains(where: { $0.ask.replaces.contains(one.id) }) else { return false }
        // A sub-stage that was seeded by an older version has no revision to compare.
        guard one.ask.subject.kind.isRecorded, let revision = one.ask.revision, let states else {
            return true
        }
        // A waiver that is decided asks no more, and is judged by the inspection itself.
        if one.ask.subject.kind == .waiver, !one.progress.status.isOpen { return true }
        return states.revision(of: one.ask) == revision
    }

    var kinds: Set<ApprovalSubject.Kind> { Set(cases.map(\.ask.subject.kind)) }
}

extension View {
    /// The project of a scope; nil where there is none.
    func project(in scope: Scope) throws -> ProjectView? {
        let record = try records(of: Project.entity, in: scope).first { !$0.isDeleted }
        return try record.map { try ProjectView($0, in: scope, on: self) }
    }

    /// All requests that are held, by when they were asked.
    func approvals() throws -> [ApprovalCase] {
        let lookUp = LookUp(ApprovalRequest.asked, of: ApprovalRequest.entity)
        return try records(lookUp).items.compactMap { placed in
            try ApprovalCase(placed.record, in: placed.scope, on: self)
        }
    }

    /// The request whose id begins with what was typed.
    ///
    /// - Throws: `.notFound`.
    func approval(named typed: String) throws -> ApprovalCase {
        let lookUp = LookUp(ApprovalRequest.asked, of: ApprovalRequest.entity)
        let placed = try records(lookUp).items.only(
            "approval",
            beginning: typed,
            digitsMin: 8,
            shownBy: "gemba approval list",
            id: \.record.id
        )
        guard let found = try ApprovalCase(placed.record, in: placed.scope, on: self) else {
            throw CommandFault(
                .refused,
                "it is about something of a newer version: update gemba",
                reason: "newer-version"
            )
        }
        return found
    }

    func reportingLine() throws -> ReportingLine {
        ReportingLine(try records(of: User.entity, in: .tenant).map(\.fields))
    }

    func approvalPolicies() throws -> [ApprovalOutline] {
        try records(of: ApprovalPolicy.entity, in: .tenant)
            .filter { !$0.isDeleted }
            .compactMap { ApprovalOutline($0.fields) }
            .sorted { ($0.slug, $0.version) < ($1.slug, $1.version) }
    }

    func approvalSettings() throws -> ApprovalSettings {
        ApprovalSettings(try tenantRecord()?.fields ?? Fields([:]))
    }
}
