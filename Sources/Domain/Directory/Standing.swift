public import CRDT

/// What a person is allowed as: the roles they hold today, at this place, each at a level.
///
/// - Invariant: Levels are 1 to 3.
public struct Standing: Hashable, Sendable {
    public let user: ID
    /// The level by role code, with the parents of the roles held.
    public let levels: [String: Int]

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
        var levels: [String: Int] = [:]
        for membership in memberships where membership.id(Membership.user) == user {
            guard let role = membership.text(Membership.role),
                Self.holds(membership, on: day, at: site)
            else { continue }
            let level = Int(clamping: membership.integer(Membership.level) ?? 1)
            levels[role] = max(levels[role] ?? 0, level)
        }
        let active = roles.filter { $0.bool(Role.isActive) != false }
        let parents = active.compactMap { role in
            role.text(Role.code).flatMap { code in role.text(Role.parent).map { (code, $0) } }
        }
        let codes = Set(active.compactMap { $0.text(Role.code) })
        self.init(
            user: user,
            levels: levels.filter { codes.contains($0.key) },
            parents: Dictionary(parents) { first, _ in first }
        )
    }

    /// The level at which a role is held; 0 if it is not.
    public func level(in role: String) -> Int { levels[role] ?? 0 }

    /// Whether the person holds any role at all.
    public var isMember: Bool { !levels.isEmpty }

    private static func holds(_ membership: Fields, on day: String, at site: ID?) -> Bool {
        guard let from = membership.text(Membership.effectiveFrom), from <= day else {
            return false
        }
        if let until = membership.text(Membership.effectiveUntil), until <= day { return false }
        let sites = membership.elements(Membership.sites)
        guard let site, !sites.isEmpty else { return true }
        return sites.contains(.id(site))
    }
}
