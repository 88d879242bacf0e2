public import CRDT
public import Domain
public import Storage

extension LocalNode {
    /// A role that is given to a person.
    public struct RoleGrant: Hashable, Sendable {
        public var user: String
        /// A code, or a name of another system.
        public var role: String
        /// 1 to 3; nil: what the name means, or what the role says.
        public var level: Int?
        /// YYYY-MM-DD; nil: today.
        public var from: String?
        /// The first day on which it no longer holds.
        public var until: String?
        /// Codes of sites; none: everywhere.
        public var sites: [String] = []

        public init(_ role: String, to user: String) {
            self.user = user
            self.role = role
        }
    }

    /// Gives a person a role.
    ///
    /// - Throws: `RuleFault`: `unknownRole`, `outOfRange`, `notADay`, `interval`; `.notFound`.
    public func grant(_ grant: RoleGrant, by actor: Actor) throws {
        let tenant = store.tenant
        let today = try occasion().day
        try actOnDirectory(.grantRoles, by: actor) { view, person, changes in
            let user = try view.userID(named: grant.user)
            let (code, meant) = try view.role(named: grant.role)
            let level = grant.level ?? meant
            guard (1...3).contains(level) else {
                throw RuleFault(.outOfRange, "a level is 1 member, 2 lead or 3 manager")
            }
            let from = grant.from ?? today
            try TextRule.day(from)
            if let until = grant.until {
                try TextRule.day(until)
                guard from < until else {
                    throw RuleFault(.interval, "it would end before it begins")
                }
            }
            var values = FieldValues()
            values.set(Membership.user, user)
            values.set(Membership.role, code)
            values.set(Membership.effectiveFrom, from)
            values.set(Membership.level, Int64(level))
            values.set(Membership.effectiveUntil, grant.until)
            values.add(Membership.sites, try grant.sites.map { .id(try view.siteID(named: $0)) })
            values.set(Membership.assignedBy, person.user)
            let creation = Operation(
                creating: Membership.entity,
                values,
                in: .tenant,
                tenant: tenant
            )
            if case .natural(let id) = creation.target,
                try view.record(id, of: Membership.entity, in: .tenant) != nil
            {
                throw RuleFault(.interval, "there is one from \(from) already: give another --from")
            }
            changes.add(creation, in: .tenant)
        }
    }

    /// Ends a role that a person holds.
    ///
    /// - Parameters:
    ///   - role: A code, or a name of another system.
    ///   - name: The person.
    ///   - day: The first day on which it no longer holds; nil: it ends now.
    ///   - actor: Who ends it.
    /// - Throws: `RuleFault`: `interval` if they hold none, `notADay`; `.notFound`.
    public func endRole(
        _ role: String,
        of name: String,
        on day: String? = nil,
        by actor: Actor
    ) throws {
        let (now, today) = (Int64(clamping: wallMilliseconds), try occasion().day)
        if let day { try TextRule.day(day) }
        try actOnDirectory(.grantRoles, by: actor) { view, _, changes in
            let user = try view.userID(named: name)
            let (code, _) = try view.role(named: role)
            let open = try view.records(of: Membership.entity, in: .tenant).filter { record in
                let fields = record.fields
                return fields.id(Membership.user) == user
                    && fields.text(Membership.role) == code
                    && fields.integer(Membership.endedAt) == nil
                    && fields.text(Membership.effectiveUntil).map { today < $0 } ?? true
            }
            guard !open.isEmpty else {
                throw RuleFault(.interval, "\(name) does not hold \(code)")
            }
            for record in open {
                let end: (UInt32, Value) =
                    day.map { (Membership.effectiveUntil, .text($0)) }
                    ?? (Membership.endedAt, .integer(now))
                changes.add(record.writing([end]), in: .tenant)
            }
        }
    }

    /// The sites of codes.
    ///
    /// - Throws: `.notFound`.
    public func sites(named codes: [String]) throws -> Set<ID> {
        try read { view in Set(try codes.map { try view.siteID(named: $0) }) }
    }

    /// Gives a role a right, or takes one away that the table or a record gives.
    ///
    /// - Parameters:
    ///   - right: A row of ``RolePermission``: role, pattern, level, conditions.
    ///   - isActive: Whether it holds from now on.
    ///   - actor: Who decides.
    /// - Throws: `RuleFault`: `unknownRole`, `unknownValue` for a pattern that is none.
    public func setRight(_ right: Grant, isActive: Bool, by actor: Actor) throws {
        let tenant = store.tenant
        try actOnDirectory(.grantRights, by: actor) { view, person, changes in
            var code = right.holder.code
            if case .role(let name) = right.holder { code = try view.role(named: name).code }
            var values = FieldValues()
            values.set(RolePermission.role, code)
            values.set(RolePermission.permission, "\(right.pattern)")
            values.set(RolePermission.level, Int64(right.level))
            values.set(RolePermission.isActive, isActive)
            values.add(RolePermission.conditions, right.conditions.map { .text($0.rawValue) })
            values.add(RolePermission.sites, right.sites.map(Value.id))
            values.set(RolePermission.grantedBy, person.user)
            let creation = Operation(
                creating: RolePermission.entity,
                values,
                in: .tenant,
                tenant: tenant
            )
            guard case .natural(let id) = creation.target,
                let record = try view.record(id, of: RolePermission.entity, in: .tenant)
            else {
                changes.add(creation, in: .tenant)
                return
            }
            changes.add(record.replacing(right, isActive: isActive, by: person.user), in: .tenant)
        }
    }
}

extension StoredRecord {
    /// The operation that makes a row of rights say another thing.
    fileprivate func replacing(_ right: Grant, isActive: Bool, by user: ID) -> Operation {
        var edits = writing([
            (RolePermission.level, .integer(Int64(right.level))),
            (RolePermission.isActive, .bool(isActive)), (RolePermission.grantedBy, .id(user)),
        ]).edits
        let sets: [(UInt32, Set<Value>)] = [
            (RolePermission.sites, Set(right.sites.map(Value.id))),
            (RolePermission.conditions, Set(right.conditions.map { .text($0.rawValue) })),
        ]
        for (field, wanted) in sets { edits += self.edits(of: field, to: wanted) }
        let sorted = edits.enumerated().sorted {
            ($0.element.field, $0.offset) < ($1.element.field, $1.offset)
        }
        return Operation(RolePermission.number, .existing(id), edits: sorted.map(\.element))
    }

    /// The edits that make a set hold these elements and no other of those that are shown.
    private func edits(of field: UInt32, to wanted: Set<Value>) -> [FieldEdit] {
        let held = record.sets[field]?.additions ?? [:]
        // A creation has its elements in the order that changes ask for.
        var all = FieldValues()
        all.add(field, wanted.union(held.keys))
        return all.edits.compactMap { edit in
            guard case .add(let element, _) = edit.action else { return nil }
            guard let names = held[element] else { return edit }
            guard !wanted.contains(element) else { return nil }
            return FieldEdit(field, .remove(element, names: names.sorted()))
        }
    }
}

extension View {
    func userID(named name: String) throws -> ID {
        guard let id = try user(named: name).fields.id(User.user) else {
            throw CommandFault(.damaged, "\(name) has no id")
        }
        return id
    }

    func siteID(named name: String) throws -> ID {
        guard let id = try site(named: name).fields.id(Site.site) else {
            throw CommandFault(.damaged, "\(name) has no id")
        }
        return id
    }

    /// The role in use that people call so, here or in another system, and its usual level.
    ///
    /// - Throws: `RuleFault`: `unknownRole`.
    func role(named name: String) throws -> (code: String, level: Int) {
        let meaning = RoleCatalogue.meaning(of: name)
        let roles = try records(of: Role.entity, in: .tenant).filter {
            !$0.isDeleted && $0.fields.bool(Role.isActive) != false
        }
        let found = roles.first {
            let code = $0.fields.text(Role.code)
            return code == name || code == meaning?.code
        }
        guard let found, let code = found.fields.text(Role.code) else {
            throw RuleFault(.unknownRole, "no role is called \(name.prefix(60)): gemba role list")
        }
        let usual = Int(clamping: found.fields.integer(Role.level) ?? 1)
        return (code, max(usual, meaning?.level ?? 1))
    }
}
