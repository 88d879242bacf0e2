public import CRDT

/// What a person is allowed as: the roles they hold today, at this place, each at a level.
///
/// - Invariant: Levels are 1 to 3.
public struct Standing: Sendable {
    public let user: ID
    /// The level by role code, with the parents of the roles held and what was delegated.
    public let levels: [String: Int]
    private let place: (policy: Policy, occasion: Occasion)?

    /// A person of whom nothing but their roles is known; the table of the code applies.
    ///
    /// Gives each role held to its parents too.
    ///
    /// - Parameters:
    ///   - user: The person.
    ///   - levels: The level by role code; above 3 counts as 3, below 1 as not held.
    ///   - parents: The parent of each role that has one.
    public init(user: ID, levels: [String: Int], parents: [String: String] = [:]) {
        self.user = user
        var all: [String: Int] = [:]
        for (role, level) in levels where level >= 1 {
            var next: String? = role
            var seen: Set<String> = []
            while let code = next, seen.insert(code).inserted {
                all[code] = max(all[code] ?? 0, min(level, 3))
                next = parents[code]
            }
        }
        self.levels = all
        place = nil
    }

    /// A person as a directory knows them, then and there.
    public init(user: ID, in policy: Policy, at occasion: Occasion) {
        self.user = user
        levels = policy.levels(of: user, at: occasion)
        place = (policy, occasion)
    }

    /// Reads the directory.
    ///
    /// - Parameters:
    ///   - user: The person.
    ///   - memberships: Records of ``Membership``, of any person.
    ///   - roles: Records of ``Role``.
    ///   - day: Today at the site, YYYY-MM-DD.
    ///   - site: Where the person acts; nil: at the hub.
    public init(
        user: ID,
        memberships: some Sequence<Fields>,
        roles: some Sequence<Fields>,
        on day: String,
        at site: ID?
    ) {
        let policy = Policy(users: [Fields](), roles: roles, memberships: memberships)
        self.init(user: user, in: policy, at: Occasion(day: day, site: site))
    }

    /// The level at which a role is held; 0 if it is not.
    public func level(in role: String) -> Int { levels[role] ?? 0 }

    /// Whether the person holds a role that works: any but the administrator's.
    public var isMember: Bool { Rights(user: user, levels: levels).isMember }

    /// Whether the person may do something, and by what or why not.
    ///
    /// - Parameters:
    ///   - act: What.
    ///   - responsible: The roles that the sub-stage is the duty of, where there is one.
    ///   - assigned: Whom the thing is assigned to, where it is assigned.
    /// - Returns: The grant, or what is missing.
    public func decide(
        _ act: Act,
        responsible: [String] = [],
        assigned: Set<ID> = []
    ) -> Policy.Decision {
        let request = Policy.Request(
            act,
            by: user,
            at: place?.occasion ?? Occasion(day: ""),
            responsible: responsible,
            assigned: assigned
        )
        if let place { return place.policy.decide(request) }
        let rights = Rights(user: user, levels: levels)
        let reaching = Grants.standard.reaching(act.permission)
        if let grant = reaching.first(where: { rights.satisfy($0, request) }) {
            return .allowed(by: grant, rightsOf: user)
        }
        return .refused(Policy.nobody.refusal(of: request))
    }
}

extension Policy {
    /// A tenant of which nothing is known.
    static let nobody = Policy(users: [Fields](), roles: [Fields](), memberships: [Fields]())
}
