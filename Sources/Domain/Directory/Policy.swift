public import CRDT

/// Who may do what in a tenant: one value, made once from the directory and asked often.
///
/// Total and pure: the same directory and question give the same answer on every node.
///
/// - Source: DOM-30, DOM-90 to DOM-96.
public struct Policy: Sendable {
    public let grants: Grants
    let people: [ID: Person]
    let roles: RoleTree
    /// The delegations to each person.
    let delegations: [ID: [Delegated]]
    /// Who was given each role, or one of which it is a parent, at any time.
    let holders: [String: [ID]]

    /// What a person wants to do, when, where, and to what.
    public struct Request: Sendable {
        public var act: Act
        public var user: ID
        public var occasion: Occasion
        /// The roles that the sub-stage is the duty of, where there is one.
        public var responsible: [String]
        /// Whom the thing is assigned to, where it is assigned.
        public var assigned: Set<ID>

        public init(
            _ act: Act,
            by user: ID,
            at occasion: Occasion,
            responsible: [String] = [],
            assigned: Set<ID> = []
        ) {
            self.act = act
            self.user = user
            self.occasion = occasion
            self.responsible = responsible
            self.assigned = assigned
        }
    }

    /// Whether a person may, and by what or why not.
    public enum Decision: Sendable {
        /// - Parameters:
        ///   - by: The first grant that allows it.
        ///   - rightsOf: Whose rights they are: the person's own, or of who delegated them.
        case allowed(by: Grant, rightsOf: ID)
        case refused(Refusal)

        public var isAllowed: Bool {
            if case .allowed = self { true } else { false }
        }
    }

    /// - Parameters:
    ///   - users: Records of ``User``; a person without one counts as active.
    ///   - roles: Records of ``Role``.
    ///   - memberships: Records of ``Membership``.
    ///   - delegations: Records of ``Delegation``.
    ///   - permissions: Records of ``RolePermission``.
    public init(
        users: some Sequence<Fields>,
        roles: some Sequence<Fields>,
        memberships: some Sequence<Fields>,
        delegations: some Sequence<Fields> = [],
        permissions: some Sequence<Fields> = []
    ) {
        var people: [ID: Person] = [:]
        for user in users {
            guard let id = user.id(User.user) else { continue }
            people[id] = Person(user)
        }
        for membership in memberships {
            guard let id = membership.id(Membership.user), let held = HeldRole(membership) else {
                continue
            }
            people[id, default: Person(Fields([:]))].held.append(held)
        }
        self.people = people
        let roles = RoleTree(roles)
        self.roles = roles
        var holders: [String: [ID]] = [:]
        for (id, person) in people {
            for role in Set(person.held.map(\.role).flatMap(roles.line)) {
                holders[role, default: []].append(id)
            }
        }
        self.holders = holders
        self.delegations = Dictionary(
            grouping: delegations.compactMap(Delegated.init),
            by: \.delegate
        )
        grants = Grants(records: Array(permissions))
    }
}

// MARK: - Deciding

extension Policy {
    /// Decides about a request.
    ///
    /// - Complexity: O(grants of the permission × roles of the person).
    public func decide(_ request: Request) -> Decision {
        if let allowance = allowance(request) { return allowance }
        return .refused(refusal(of: request))
    }

    /// Whether a request is allowed; cheaper than asking who else could.
    public func allows(_ request: Request) -> Bool { allowance(request) != nil }

    /// The grant that allows a request, by the person's own rights or delegated ones.
    private func allowance(_ request: Request) -> Decision? {
        guard isActive(request.user, at: request.occasion) else { return nil }
        let permission = request.act.permission
        func allowed(by levels: [String: Int], of owner: ID) -> Decision? {
            let rights = Rights(user: request.user, levels: levels)
            let grant = grants.reaching(permission).first { rights.satisfy($0, request) }
            return grant.map { .allowed(by: $0, rightsOf: owner) }
        }
        if let own = allowed(
            by: ownLevels(of: request.user, at: request.occasion),
            of: request.user
        ) {
            return own
        }
        for delegated in delegations[request.user] ?? [] {
            let levels = levels(by: delegated, at: request.occasion)
            if let found = allowed(by: levels, of: delegated.user) { return found }
        }
        return nil
    }

    /// Whether a person's account is neither suspended nor disabled.
    public func isActive(_ user: ID, at occasion: Occasion) -> Bool {
        guard let person = people[user], let status = person.status else { return true }
        guard status.isBarred else { return true }
        // The right was there until the status was set.
        guard let since = person.statusSince, occasion.milliseconds != nil else { return false }
        return !occasion.isAtOrAfter(since)
    }

    /// The roles a person holds by memberships, with their parents.
    func ownLevels(of user: ID, at occasion: Occasion) -> [String: Int] {
        var levels: [String: Int] = [:]
        for held in people[user]?.held ?? [] where held.holds(at: occasion) {
            levels[held.role] = max(levels[held.role] ?? 0, held.level)
        }
        return roles.withParents(levels)
    }

    /// The roles that a delegation lends; what is lent is not lent on.
    private func levels(by delegated: Delegated, at occasion: Occasion) -> [String: Int] {
        guard delegated.holds(at: occasion), isActive(delegated.user, at: occasion) else {
            return [:]
        }
        let levels = ownLevels(of: delegated.user, at: occasion)
        guard let role = delegated.role else { return levels }
        guard let level = levels[role] else { return [:] }
        return Dictionary(roles.line(from: role).map { ($0, level) }, uniquingKeysWith: max)
    }

    /// The rights that others lent a person, by who lent them.
    func lent(to user: ID, at occasion: Occasion) -> [(lender: ID, levels: [String: Int])] {
        (delegations[user] ?? []).map { ($0.user, levels(by: $0, at: occasion)) }
    }

    /// Whether a person lent another all their rights.
    func hasAllRights(of lender: ID, _ user: ID, at occasion: Occasion) -> Bool {
        (delegations[user] ?? []).contains { delegated in
            delegated.user == lender && delegated.role == nil && delegated.holds(at: occasion)
        }
    }

    /// The roles a person acts with, own and lent, each at its greatest level.
    public func levels(of user: ID, at occasion: Occasion) -> [String: Int] {
        guard isActive(user, at: occasion) else { return [:] }
        return (delegations[user] ?? []).reduce(into: ownLevels(of: user, at: occasion)) {
            $0.merge(levels(by: $1, at: occasion), uniquingKeysWith: max)
        }
    }
}

/// What a person brings to a grant.
struct Rights {
    let user: ID
    /// With the parents of the roles held.
    let levels: [String: Int]

    /// Whether the person holds a role that works: administrators only administer (DOM-270).
    var isMember: Bool { levels.keys.contains { $0 != RoleCatalogue.administrator } }

    /// Whether a grant allows a request, at its place and under its conditions.
    func satisfy(_ grant: Grant, _ request: Policy.Request) -> Bool {
        guard request.occasion.isAmong(grant.sites) else { return false }
        func holds(_ role: String) -> Bool { levels[role] ?? 0 >= grant.level }
        let isHeld =
            switch grant.holder {
            case .member: isMember
            case .responsible:
                request.responsible.contains { $0 != RoleCatalogue.administrator && holds($0) }
            case .assignee: isMember && request.assigned.contains(user)
            case .role(let code): holds(code)
            }
        return isHeld
            && grant.conditions.allSatisfy { condition in
                switch condition {
                case .ownAssignments: request.assigned.contains(user)
                case .ownDuties: request.responsible.contains { levels[$0] != nil }
                }
            }
    }
}
