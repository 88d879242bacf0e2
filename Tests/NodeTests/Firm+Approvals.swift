import CRDT
import Domain
import Node
import Simulation
import Storage

// Requests, policies and decisions of the sample company.

extension Firm {
    /// The id of a person.
    func user(_ name: String) throws -> ID {
        try hub.node.read { try $0.user(named: name).fields.id(User.user) } ?? .zero
    }

    func users(_ names: String...) throws -> Set<ID> { Set(try names.map(user)) }

    /// Gives a person a role, from the beginning.
    func grant(_ role: String, _ level: Int64, to name: String) throws {
        let (tenant, user) = (kit.tenant, try user(name))
        _ = try hub.node.act(.machine) { _ in
            var values = FieldValues()
            values.set(Membership.user, user)
            values.set(Membership.role, role)
            values.set(Membership.effectiveFrom, "2025-01-02" as String?)
            values.set(Membership.level, level)
            var draft = Draft()
            let operation = Operation(
                creating: Membership.entity,
                values,
                in: .tenant,
                tenant: tenant
            )
            draft.add(operation, in: .tenant)
            return draft
        }
    }

    /// Takes in a file of `fixtures/approvals`, with the settings that it asks for.
    func importPolicies(_ file: String) throws {
        for (name, value) in [
            ("quote_margin_min", "15"), ("quote_total_max", "50000"), ("large_spend_min", "10000"),
        ] {
            try hub.node.setApprovalSetting(name, value, by: .machine)
        }
        let path = "\(Sources.top)/fixtures/approvals/\(file).json"
        _ = try hub.node.importApprovalPolicies(path, by: .machine)
        try meetAll()
    }

    /// Quality Testing waits in review at ST-1, finished by Ngo Van I, and the hub knows it.
    func enterReview(
        _ attachments: Set<ApprovalEvidence> = [],
        priority: String? = nil
    ) throws {
        try enterProduction()
        try st1.step(.start, "quality_testing", as: "ngo.van.i")
        try st1.finish("quality_testing", as: "ngo.van.i", attachments)
        try meet(st1, hub)
        try hub.node.performDuties()
    }
}

extension Station {
    func finish(
        _ subStage: String,
        as user: String,
        _ attachments: Set<ApprovalEvidence>
    ) throws {
        var request = ProgressRequest(.finish, Firm.project, subStage)
        request.attachments = attachments
        try node.take(request, by: actor(user))
    }

    /// Asks for an approval.
    @discardableResult
    func ask(
        _ type: String,
        _ kind: ApprovalSubject.Kind,
        _ key: String,
        _ amount: String? = nil,
        as user: String = "do.thi.j",
        _ edit: (inout ApprovalDemand) -> Void = { _ in }
    ) throws -> ApprovalCase {
        var demand = ApprovalDemand(Firm.project, type, of: ApprovalSubject(kind, key))
        demand.amount = amount
        edit(&demand)
        return try node.requestApproval(demand, by: actor(user))
    }

    @discardableResult
    func decide(
        _ found: ApprovalCase,
        _ action: ApprovalEvent.Action = .approve,
        as user: String,
        comment: String? = nil
    ) throws -> ApprovalCase {
        let decision = ApprovalRules.Decision(action, comment: comment)
        return try node.decideApproval("\(found.id)", decision, by: actor(user))
    }

    /// The only request, or the one about something.
    func approval(about key: String? = nil, open: Bool? = nil) throws -> ApprovalCase? {
        try node.approvals().map(\.found).last { found in
            (key.map { $0 == found.ask.subject.key } ?? true)
                && (open.map { $0 == found.progress.status.isOpen } ?? true)
        }
    }

    func again(_ found: ApprovalCase) throws -> ApprovalCase { try node.approval("\(found.id)") }

    /// What a person is told of approvals, by word.
    func told(_ user: String, _ word: String) throws -> [String] {
        try node.inbox(of: actor(user)).items
            .filter { $0.notice.kind == .approval && $0.notice.word == word }
            .map(\.notice.title)
    }
}

extension ApprovalCase {
    /// The actions of its history.
    var actions: [String] { stream.entries.map { $0.event.action?.rawValue ?? "?" } }

    func events(_ action: ApprovalEvent.Action) -> [ApprovalEvent] {
        stream.entries.map(\.event).filter { $0.action == action }
    }

    var chain: [String] { progress.steps.map(\.step.slug) }
}
