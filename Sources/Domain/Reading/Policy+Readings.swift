public import CRDT

extension Policy {
    /// What a person may read, judged by now (C-79).
    ///
    /// - Parameters:
    ///   - user: Who.
    ///   - occasion: When and where; a site limits it to the roles that hold there.
    ///   - enforced: The rules; fewer are for tests.
    /// - Returns: Nothing for a person whom the tenant does not know, or lets not act.
    public func reading(
        of user: ID,
        at occasion: Occasion,
        enforcing enforced: Set<Reading.Rule> = Set(Reading.Rule.allCases)
    ) -> Reading {
        let held = isActive(user, at: occasion) ? heldApart(by: user, at: occasion) : []
        var rights: [ReadingRight: Reading.Sites] = [:]
        for right in ReadingRight.allCases {
            for grant in grants.reaching(right.permission)
            where occasion.isAmong(grant.sites) && grant.conditions.isEmpty {
                for part in held where part.holds(grant) {
                    let sites = Reading.Sites(part.sites).intersection(.init(grant.sites))
                    guard sites != .some([]) else { continue }
                    rights[right] = rights[right].map { $0.union(sites) } ?? sites
                }
            }
        }
        return Reading(
            of: user,
            isKnown: people[user] != nil && isActive(user, at: occasion),
            levels: levels(of: user, at: occasion),
            rights: rights,
            enforcing: enforced
        )
    }

    /// How many of the times have come at which something of a person's rights ends: while policy
    /// and day stay and this does, so does ``reading(of:at:enforcing:)``.
    public func epoch(of user: ID, at occasion: Occasion) -> Int {
        let lent = delegations[user] ?? []
        let owners = [user] + lent.map(\.user)
        let ends =
            owners.flatMap { owner in
                (people[owner]?.held.map(\.endedAt) ?? []) + [people[owner]?.statusSince]
            } + lent.map(\.revokedAt)
        return ends.count { occasion.isAtOrAfter($0) }
    }

    /// The roles of a person, own and lent, each apart with the sites where it holds.
    private func heldApart(by user: ID, at occasion: Occasion) -> [HeldApart] {
        var held = heldApart(of: user, limitedTo: nil, at: occasion)
        for delegated in delegations[user] ?? []
        where delegated.holds(at: occasion) && isActive(delegated.user, at: occasion) {
            held += heldApart(of: delegated.user, limitedTo: delegated.role, at: occasion)
        }
        return held
    }

    private func heldApart(
        of user: ID,
        limitedTo role: String?,
        at occasion: Occasion
    ) -> [HeldApart] {
        (people[user]?.held ?? []).filter { $0.holds(at: occasion) }.compactMap { held in
            let levels = roles.withParents([held.role: held.level])
            guard let role else { return HeldApart(levels: levels, sites: held.sites) }
            guard let level = levels[role] else { return nil }
            let line = roles.line(from: role).map { ($0, level) }
            return HeldApart(
                levels: Dictionary(line, uniquingKeysWith: max),
                sites: held.sites
            )
        }
    }
}

/// One membership: the roles it gives, and where.
private struct HeldApart {
    let levels: [String: Int]
    /// None: everywhere.
    let sites: Set<ID>

    /// Whether a grant is for who holds it; duties and assignments are of acts.
    func holds(_ grant: Grant) -> Bool {
        switch grant.holder {
        case .member: !levels.isEmpty
        case .role(let code): levels[code] ?? 0 >= grant.level
        case .responsible, .assignee: false
        }
    }
}

extension Reading.Sites {
    /// As the directory writes them: none is everywhere.
    init(_ sites: Set<ID>) {
        self = sites.isEmpty ? .all : .some(sites)
    }

    func intersection(_ other: Reading.Sites) -> Reading.Sites {
        switch (self, other) {
        case (.all, let sites), (let sites, .all): sites
        case (.some(let one), .some(let two)): .some(one.intersection(two))
        }
    }

    func union(_ other: Reading.Sites) -> Reading.Sites {
        switch (self, other) {
        case (.some(let one), .some(let two)): .some(one.union(two))
        default: .all
        }
    }
}
