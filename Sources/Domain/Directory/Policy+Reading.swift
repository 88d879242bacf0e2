import CRDT

/// What the directory says of a person, as far as rights are concerned.
struct Person: Sendable {
    let name: String?
    let status: UserStatus?
    let statusSince: Int64?
    var held: [HeldRole] = []

    init(_ fields: Fields) {
        name = fields.text(User.displayName) ?? fields.text(User.username)
        status = fields.text(User.status).map { UserStatus($0) }
        statusSince = fields.integer(User.statusSince)
    }
}

/// A role as somebody holds it.
struct HeldRole: Sendable {
    let role: String
    let level: Int
    private let from: String?
    private let until: String?
    let endedAt: Int64?
    /// None: everywhere.
    let sites: Set<ID>

    /// - Returns: nil for a membership without a role.
    init?(_ fields: Fields) {
        guard let role = fields.text(Membership.role) else { return nil }
        self.role = role
        level = Int(clamping: fields.integer(Membership.level) ?? 1)
        from = fields.text(Membership.effectiveFrom)
        until = fields.text(Membership.effectiveUntil)
        endedAt = fields.integer(Membership.endedAt)
        sites = Set(
            fields.elements(Membership.sites).compactMap { element in
                if case .id(let site) = element { site } else { nil }
            }
        )
    }

    func holds(at occasion: Occasion) -> Bool {
        occasion.isBetween(from, until) && !occasion.isAtOrAfter(endedAt)
            && occasion.isAmong(sites)
    }
}

/// The rights of one person, lent to another.
struct Delegated: Sendable {
    let user: ID
    let delegate: ID
    let role: String?
    private let from: String?
    private let until: String?
    let revokedAt: Int64?

    /// - Returns: nil for one that names nobody, or the same person twice.
    init?(_ fields: Fields) {
        guard let user = fields.id(Delegation.user), let delegate = fields.id(Delegation.delegate),
            user != delegate
        else { return nil }
        self.user = user
        self.delegate = delegate
        role = fields.text(Delegation.role)
        from = fields.text(Delegation.from)
        until = fields.text(Delegation.until)
        revokedAt = fields.integer(Delegation.revokedAt)
    }

    func holds(at occasion: Occasion) -> Bool {
        occasion.isBetween(from, until) && !occasion.isAtOrAfter(revokedAt)
    }
}

/// The roles that are in use, and of which others each is a kind.
struct RoleTree: Sendable {
    private let used: Set<String>
    private let unused: Set<String>
    private let parents: [String: String]

    init(_ roles: some Sequence<Fields>) {
        var (used, unused): (Set<String>, Set<String>) = ([], [])
        var parents: [String: String] = [:]
        for role in roles {
            guard let code = role.text(Role.code) else { continue }
            guard role.bool(Role.isActive) != false else {
                unused.insert(code)
                continue
            }
            used.insert(code)
            parents[code] = role.text(Role.parent)
        }
        (self.used, self.unused, self.parents) = (used, unused, parents)
    }

    /// The roles among these that are in use, and those above them, at their levels.
    func withParents(_ levels: [String: Int]) -> [String: Int] {
        var all: [String: Int] = [:]
        for (role, level) in levels where level >= 1 && used.contains(role) {
            for code in line(from: role) { all[code] = max(all[code] ?? 0, min(level, 3)) }
        }
        return all
    }

    /// A role and those above it; one that is not in use ends the line, and so does one that was
    /// passed already.
    func line(from role: String) -> [String] {
        var line: [String] = []
        var passed: Set<String> = []
        var next: String? = role
        while let code = next, !unused.contains(code), passed.insert(code).inserted {
            line.append(code)
            next = parents[code]
        }
        return line
    }
}
