import CRDT
import Domain
import SeededRandom

/// A directory as plain rows, and who may do what in it, written down without any index.
struct NaivePolicy {
    struct RoleRow {
        var code: String
        var parent: String?
        var isActive = true
    }

    struct Member {
        var user: ID
        var role: String
        var level: Int
        var from: String
        var until: String?
        var endedAt: Int64?
        var sites: Set<ID> = []
    }

    struct Lent {
        var user: ID
        var delegate: ID
        var role: String?
        var from: String
        var until: String
        var revokedAt: Int64?
    }

    struct Right {
        var role: String
        var permission: String
        var level: Int
        var sites: Set<ID> = []
        var isActive = true
        var conditions: Set<String> = []
    }

    var roles: [RoleRow] = []
    var members: [Member] = []
    var lent: [Lent] = []
    var rights: [Right] = []
    /// Since when each of these is suspended.
    var suspended: [ID: Int64] = [:]

    /// Decides by ``table``, which a caller makes once.
    func allows(_ request: Policy.Request, by table: [Right]) -> Bool {
        let when = request.occasion
        if let since = suspended[request.user], (when.milliseconds ?? .max) >= since {
            return false
        }
        var sources = [held(by: request.user, when)]
        for loan in lent
        where loan.delegate == request.user && loan.user != loan.delegate
            && loan.from <= when.day && when.day < loan.until
            && !hasCome(loan.revokedAt, when)
        {
            if let since = suspended[loan.user], (when.milliseconds ?? .max) >= since { continue }
            let whole = held(by: loan.user, when)
            sources.append(
                loan.role.map { role in
                    whole.contains { $0.0 == role }
                        ? whole.filter { $0.0 == role }.flatMap { climb($0.0, $0.1) } : []
                } ?? whole
            )
        }
        return table.contains { right in
            sources.contains { satisfies(right, $0, request) }
        }
    }

    private func satisfies(
        _ right: Right,
        _ held: [(String, Int)],
        _ request: Policy.Request
    ) -> Bool {
        guard right.isActive, reaches(right.permission, request.act.permission) else {
            return false
        }
        if right.role == "admin" {
            let named = request.act.grants.contains { grant in
                if case .role("admin", _) = grant { true } else { false }
            }
            guard named else { return false }
        }
        let working = held.filter { $0.0 != "admin" }
        if let site = request.occasion.site, !right.sites.isEmpty, !right.sites.contains(site) {
            return false
        }
        for condition in right.conditions {
            switch condition {
            case "own_assignments":
                guard request.assigned.contains(request.user) else { return false }
            case "own_duties":
                guard held.contains(where: { request.responsible.contains($0.0) }) else {
                    return false
                }
            default: return false
            }
        }
        switch right.role {
        case "@member": return !working.isEmpty
        case "@assignee": return !working.isEmpty && request.assigned.contains(request.user)
        case "@responsible":
            return working.contains {
                request.responsible.contains($0.0) && $0.1 >= right.level
            }
        default: return held.contains { $0.0 == right.role && $0.1 >= right.level }
        }
    }

    private func reaches(_ pattern: String, _ permission: String) -> Bool {
        if pattern == "*" || pattern == permission { return true }
        let (one, other) = (pattern.split(separator: ":"), permission.split(separator: ":"))
        return zip(one, other).allSatisfy { $0 == "*" || $0 == $1 }
    }

    /// The rows of the code, and in their places or beside them those of the tenant.
    var table: [Right] {
        var rows = Act.allCases.flatMap { act in
            act.grants.map { grant in
                switch grant {
                case .anyMember: Right(role: "@member", permission: act.permission, level: 1)
                case .assigned: Right(role: "@assignee", permission: act.permission, level: 1)
                case .responsible(let level):
                    Right(role: "@responsible", permission: act.permission, level: level)
                case .role(let role, let level):
                    Right(role: role, permission: act.permission, level: level)
                }
            }
        }
        for right in rights {
            rows.removeAll { $0.role == right.role && $0.permission == right.permission }
            rows.append(right)
        }
        return rows
    }

    private func held(by user: ID, _ when: Occasion) -> [(String, Int)] {
        members.filter { member in
            member.user == user && member.from <= when.day
                && (member.until.map { when.day < $0 } ?? true) && !hasCome(member.endedAt, when)
                && (member.sites.isEmpty || when.site.map(member.sites.contains) ?? true)
                && roles.contains { $0.code == member.role && $0.isActive }
        }
        .flatMap { climb($0.role, $0.level) }
    }

    private func climb(_ role: String, _ level: Int, passed: [String] = []) -> [(String, Int)] {
        let row = roles.first { $0.code == role }
        guard row?.isActive ?? true, !passed.contains(role) else { return [] }
        let above = row?.parent.map { climb($0, level, passed: passed + [role]) } ?? []
        return [(role, level)] + above
    }

    private func hasCome(_ time: Int64?, _ when: Occasion) -> Bool {
        time.flatMap { time in when.milliseconds.map { $0 >= time } } ?? false
    }

    // MARK: The same as records

    var policy: Policy {
        Policy(
            users: suspended.map { user, since in
                Fields([
                    User.user: .id(user), User.status: .text("suspended"),
                    User.statusSince: .integer(since),
                ])
            },
            roles: roles.map { role in
                Fields([
                    Role.code: .text(role.code), Role.parent: role.parent.map(Value.text) ?? .null,
                    Role.isActive: .bool(role.isActive),
                ])
            },
            memberships: members.map { member in
                Fields(
                    [
                        Membership.user: .id(member.user), Membership.role: .text(member.role),
                        Membership.level: .integer(Int64(member.level)),
                        Membership.effectiveFrom: .text(member.from),
                        Membership.effectiveUntil: member.until.map(Value.text) ?? .null,
                        Membership.endedAt: member.endedAt.map(Value.integer) ?? .null,
                    ],
                    sets: [Membership.sites: Set(member.sites.map(Value.id))]
                )
            },
            delegations: lent.map { loan in
                Fields([
                    Delegation.user: .id(loan.user), Delegation.delegate: .id(loan.delegate),
                    Delegation.from: .text(loan.from), Delegation.until: .text(loan.until),
                    Delegation.role: loan.role.map(Value.text) ?? .null,
                    Delegation.revokedAt: loan.revokedAt.map(Value.integer) ?? .null,
                ])
            },
            permissions: rights.map { right in
                Fields(
                    [
                        RolePermission.role: .text(right.role),
                        RolePermission.permission: .text(right.permission),
                        RolePermission.level: .integer(Int64(right.level)),
                        RolePermission.isActive: .bool(right.isActive),
                    ],
                    sets: [
                        RolePermission.sites: Set(right.sites.map(Value.id)),
                        RolePermission.conditions: Set(right.conditions.map(Value.text)),
                    ]
                )
            }
        )
    }
}
