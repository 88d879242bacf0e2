import CRDT
import Domain
public import Storage

extension LocalNode {
    /// Rights that one person lends another.
    public struct DelegationRequest: Hashable, Sendable {
        /// Whose rights; nil: who gives the command.
        public var user: String?
        public var delegate: String
        /// YYYY-MM-DD; nil: today.
        public var from: String?
        /// The first day on which it no longer holds.
        public var until: String
        /// The one role that is lent; nil: all.
        public var role: String?
        public var reason: String?

        public init(to delegate: String, until: String) {
            self.delegate = delegate
            self.until = until
        }
    }

    /// Lends the rights of a person to another, for some days.
    ///
    /// - Throws: `RuleFault`: `notAllowed`, `interval`, `notADay`, `reasonRequired`; `.notFound`.
    public func delegate(_ request: DelegationRequest, by actor: Actor) throws {
        let (tenant, today) = (store.tenant, try occasion().day)
        try TextRule.reason(request.reason)
        try ShortText.text(request.reason)
        let from = request.from ?? today
        try TextRule.day(from)
        try TextRule.day(request.until)
        guard from < request.until, today < request.until else {
            throw RuleFault(.interval, "a delegation ends after today and after it begins")
        }
        try actOnDirectory(.delegate, by: actor) { view, person, changes in
            let user = try request.user.map { try view.userID(named: $0) } ?? person.user
            let delegate = try view.userID(named: request.delegate)
            if user != person.user { try person.check(.delegateForOthers) }
            guard user != delegate else {
                throw RuleFault(.interval, "nobody lends rights to themselves")
            }
            var values = FieldValues()
            values.set(Delegation.user, user)
            values.set(Delegation.delegate, delegate)
            values.set(Delegation.from, from)
            values.set(Delegation.role, try request.role.map { try view.role(named: $0).code })
            values.set(Delegation.until, request.until)
            values.set(Delegation.reason, request.reason)
            values.set(Delegation.delegatedBy, person.user)
            let creation = Operation(
                creating: Delegation.entity,
                values,
                in: .tenant,
                tenant: tenant
            )
            if case .natural(let id) = creation.target,
                try view.record(id, of: Delegation.entity, in: .tenant) != nil
            {
                throw RuleFault(.interval, "there is one from \(from) already")
            }
            changes.add(creation, in: .tenant)
        }
    }

    /// Takes back what a person lent another, from now on.
    ///
    /// - Throws: `RuleFault`: `notAllowed`, `interval` if there is none; `.notFound`.
    public func endDelegation(of name: String?, to other: String, by actor: Actor) throws {
        let (now, today) = (Int64(clamping: wallMilliseconds), try occasion().day)
        try actOnDirectory(.delegate, by: actor) { view, person, changes in
            let user = try name.map { try view.userID(named: $0) } ?? person.user
            let delegate = try view.userID(named: other)
            if user != person.user { try person.check(.delegateForOthers) }
            let open = try view.records(of: Delegation.entity, in: .tenant).filter { record in
                let fields = record.fields
                return fields.id(Delegation.user) == user
                    && fields.id(Delegation.delegate) == delegate
                    && fields.integer(Delegation.revokedAt) == nil
                    && fields.text(Delegation.until).map { today < $0 } ?? true
            }
            guard !open.isEmpty else { throw RuleFault(.interval, "nothing is lent to \(other)") }
            for record in open {
                changes.add(record.writing([(Delegation.revokedAt, .integer(now))]), in: .tenant)
            }
        }
    }

    /// What is lent and was, by the first day.
    public func delegations() throws -> [DelegationView] {
        let now = try occasion()
        return try read { view in
            let names = try Nicknames(view)
            return try view.records(of: Delegation.entity, sortedBy: Delegation.from).map {
                DelegationView($0, names, now)
            }
        }
    }
}

/// A delegation as people read it.
public struct DelegationView: Sendable {
    public let user: String
    public let delegate: String
    public let role: String?
    public let from: String
    public let until: String
    /// coming, holds or ended.
    public let state: String
    public let reason: String?

    init(_ record: StoredRecord, _ names: Nicknames, _ now: Occasion) {
        let fields = record.fields
        user = names.user(fields.id(Delegation.user) ?? .zero)
        delegate = names.user(fields.id(Delegation.delegate) ?? .zero)
        role = fields.text(Delegation.role)
        from = fields.text(Delegation.from) ?? "-"
        until = fields.text(Delegation.until) ?? "-"
        reason = fields.text(Delegation.reason)
        let isOver = fields.integer(Delegation.revokedAt) != nil || until <= now.day
        state = isOver ? "ended" : now.day < from ? "coming" : "holds"
    }

    public var json: JSON {
        [
            "user": .text(user), "delegate": .text(delegate), "role": .text(orNull: role),
            "from": .text(from), "until": .text(until), "state": .text(state),
            "reason": .text(orNull: reason),
        ]
    }
}
