import CRDT
public import Domain
public import Storage

/// What a person asks to be approved that no other command asks for.
public struct ApprovalDemand: Hashable, Sendable {
    public var project: String
    public var type: String
    public var subject: ApprovalSubject
    public var priority: String?
    public var amount: String?
    public var currency: String?
    /// Names of ``ApprovalFact`` with their values, as they were typed.
    public var facts: [(name: String, value: String)] = []
    public var vendor: String?
    public var partOf: String?
    public var comment: String?
    public var attachments: Set<ApprovalEvidence> = []

    public init(_ project: String, _ type: String, of subject: ApprovalSubject) {
        self.project = project
        self.type = type
        self.subject = subject
    }

    public static func == (left: ApprovalDemand, right: ApprovalDemand) -> Bool {
        left.hashed == right.hashed
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(hashed) }

    private var hashed: [String?] {
        [project, type, "\(subject)", priority, amount, currency, vendor, partOf, comment]
            + facts.map { "\($0.name)=\($0.value)" }
    }
}

extension LocalNode {
    /// Asks for an approval; a station may while it is alone.
    ///
    /// It takes the place of what was asked before of the same subject, which is outdated then.
    ///
    /// - Returns: The request.
    /// - Throws: `RuleFault`, `.notFound`.
    @discardableResult
    public func requestApproval(_ demand: ApprovalDemand, by actor: Actor) throws -> ApprovalCase {
        for text in [demand.comment, demand.vendor, demand.partOf, demand.subject.key] {
            try ShortText.text(text)
        }
        guard !demand.subject.kind.isRecorded || demand.subject.kind == .inspection else {
            throw RuleFault(
                .unknownValue,
                "\(demand.subject.kind.rawValue) asks by itself: finish it, or ask for the waiver"
            )
        }
        let scope = try read { view in try view.projectRecord(named: demand.project).scope }
        let (tenant, now) = (store.tenant, Int64(clamping: wallMilliseconds))
        let asked = Decided<ID>()
        _ = try act(by: actor) { acting, person in
            try person.check(.requestApproval)
            let view = acting.view
            var ask = try demand.ask(by: person.user, at: now)
            let known = try ApprovalCases(in: scope, on: view)
            if ask.subject.kind.isRecorded {
                guard let project = try view.project(in: scope) else {
                    throw CommandFault(.notFound, "the project is not here")
                }
                ask.revision = try SubjectStates(of: project, on: view).revision(of: ask)
                guard ask.revision != nil else {
                    throw CommandFault(.notFound, "there is no \(ask.subject)")
                }
            } else {
                ask.replaces = try known.replaced(by: ask)
                ask.revision = SubjectRevision(ask).hash
            }
            var draft = Draft()
            let id = draft.add(ask, in: scope, tenant: tenant)
            guard !known.cases.contains(where: { $0.id == id }) else {
                throw RuleFault(.alreadyThere, "that very revision was asked for: \(id)")
            }
            asked.set(id)
            return draft
        }
        return try approval("\(asked.value ?? .zero)")
    }

    /// Says something about a request, and what one would decide.
    ///
    /// A recommendation decides nothing: whoever decides at the hub sees it (C-75).
    ///
    /// - Throws: `RuleFault`, `.notFound`.
    @discardableResult
    public func commentApproval(
        _ name: String,
        _ comment: String?,
        recommends: ApprovalEvent.Action? = nil,
        attachments: Set<ApprovalEvidence> = [],
        by actor: Actor
    ) throws -> ApprovalCase {
        try ShortText.text(comment)
        if recommends == nil, attachments.isEmpty { try TextRule.reason(comment) }
        let id = try approval(name).id
        _ = try act(by: actor) { acting, person in
            try person.check(.commentApproval)
            let found = try acting.view.approval(named: "\(id)")
            var event = ApprovalEvent(found.id, .comment)
            event.by = person.user
            event.comment = comment
            event.recommends = recommends
            event.attachments = attachments
            var draft = Draft()
            draft.add(event.operation(after: found.stream.heads), in: found.scope)
            return draft
        }
        return try approval("\(id)")
    }

    /// A request.
    ///
    /// - Throws: `.notFound`.
    public func approval(_ name: String) throws -> ApprovalCase {
        try read { view in try view.approval(named: name) }
    }
}

extension ApprovalDemand {
    fileprivate func ask(by user: ID, at now: Int64) throws -> ApprovalAsk {
        var ask = ApprovalAsk(subject, type, by: user, at: now)
        ask.priority = try ShortText.anyPriority(priority) ?? "normal"
        ask.amount = try amount.map { text throws(RuleFault) in try DecimalNumber(entered: text) }
        ask.currency = currency
        (ask.vendor, ask.partOf, ask.comment) = (vendor, partOf, comment)
        ask.attachments = attachments
        for (name, value) in facts {
            guard let fact = ApprovalFact(rawValue: name) else {
                let known = ApprovalFact.allCases.map(\.rawValue).joined(separator: ", ")
                throw RuleFault(.unknownValue, "a fact is one of \(known)")
            }
            guard let said = ApprovalFacts.Value(value, of: fact.kind) else {
                throw RuleFault(.unknownValue, "\(name) is a \(fact.kind.rawValue), not \(value)")
            }
            ask.facts.values[fact] = said
        }
        try ask.check()
        return ask
    }
}

extension ApprovalCases {
    /// The requests of the same subject and kind that nothing has taken the place of.
    ///
    /// - Throws: `alreadyThere` if one of them asks for the same and is open.
    fileprivate func replaced(by ask: ApprovalAsk) throws(RuleFault) -> Set<ID> {
        let same = cases.filter { $0.ask.subject == ask.subject && $0.ask.type == ask.type }
        let replaced = same.reduce(into: Set<ID>()) { $0.formUnion($1.ask.replaces) }
        let standing = same.filter { !replaced.contains($0.id) }
        for one in standing where one.progress.status.isOpen {
            var other = one.ask
            other.replaces = []
            guard SubjectRevision(other) != SubjectRevision(ask) else {
                throw RuleFault(.alreadyThere, "that is asked for already: \(one.id)")
            }
        }
        return Set(standing.map(\.id))
    }
}

extension Draft {
    /// Writes a request with the event that begins its history.
    ///
    /// - Returns: The id of the request.
    @discardableResult
    mutating func add(_ ask: ApprovalAsk, in scope: Scope, tenant: ID, after: [Name] = []) -> ID {
        let creation = Operation(
            creating: ApprovalRequest.entity,
            ask.values,
            in: scope,
            tenant: tenant
        )
        add(creation, in: scope)
        guard case .natural(let id) = creation.target else { return .zero }
        var event = ApprovalEvent(id, .request)
        event.by = ask.requestedBy
        event.comment = ask.comment
        add(event.operation(after: after), in: scope)
        return id
    }
}
