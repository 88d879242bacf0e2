import CRDT
import Domain
import Testing

/// Who administers, who works, and who only runs a machine.
@Suite("Administrators")
struct AdministrationTests {
    private let now = Occasion(day: "2026-11-22", milliseconds: 1_000, site: nil)
    private let roles = RoleCatalogue.entries.map { entry in
        Fields([
            Role.code: .text(entry.code), Role.parent: entry.parent.map(Value.text) ?? .null,
        ])
    }

    private func member(_ number: UInt64, _ role: String) -> Fields {
        Fields([
            Membership.user: .id(id(number)), Membership.role: .text(role),
            Membership.level: .integer(3), Membership.effectiveFrom: .text("2026-01-01"),
        ])
    }

    private func right(_ role: String, _ permission: String) -> Fields {
        Fields([
            RolePermission.role: .text(role), RolePermission.permission: .text(permission),
            RolePermission.level: .integer(1), RolePermission.isActive: .bool(true),
        ])
    }

    private func policy(_ memberships: [Fields], _ rights: [Fields] = []) -> Policy {
        Policy(
            users: [Fields](),
            roles: roles,
            memberships: memberships,
            permissions: rights
        )
    }

    private func allowed(_ policy: Policy, _ user: ID) -> Set<Act> {
        Set(
            Act.allCases.filter { act in
                policy.allows(
                    Policy.Request(
                        act,
                        by: user,
                        at: now,
                        responsible: ["admin", "production"],
                        assigned: [user]
                    )
                )
            }
        )
    }

    @Test("P7: an administrator creates no record of the day's work, whatever the tenant grants")
    func administrators() {
        let granted = ["*", "progress:*", "*:record", "project:create", "quality:measure"].map {
            right("admin", $0)
        }
        let plain = allowed(policy([member(1, "admin")]), id(1))

        #expect(plain == Set(Act.allCases.filter(\.isAdministration)))
        #expect(allowed(policy([member(1, "admin")], granted), id(1)) == plain)
        #expect(plain.isSuperset(of: [.manageUsers, .grantRoles, .setSecrets, .setLoginRules]))
        let work: Set<Act> = [
            .start, .finish, .block, .skip, .createProject, .measure, .recordHours, .reportDefect,
            .takeTask, .workOnTask, .decideWaiver, .ruleOnChanges, .openSubject, .advanceStage,
        ]
        #expect(plain.isDisjoint(with: work))
    }

    @Test("P7: an administrator who holds a work role as well does that role's work, and no more")
    func both() {
        let both = allowed(policy([member(1, "admin"), member(1, "production")]), id(1))
        let worker = allowed(policy([member(2, "production")]), id(2))
        let admin = allowed(policy([member(3, "admin")]), id(3))

        #expect(both == worker.union(admin))
        #expect(worker.contains(.finish) && !worker.contains(.manageUsers))
    }

    @Test("P7: whoever runs the machine has no role in the tenant and may do none of its acts")
    func machine() {
        let all = policy(
            [member(1, "admin"), member(2, "management")],
            [right("@member", "*"), right("@assignee", "*"), right("@responsible", "*")]
        )

        #expect(allowed(all, .zero).isEmpty)
        #expect(all.levels(of: .zero, at: now).isEmpty)
    }

    @Test("the settings of logins have their ranges, and what is senseless is the default")
    func settings() throws {
        for setting in LoginRules.Setting.allCases {
            let standard = setting.value(Fields([:]))
            try setting.check(standard)
            for wrong in [Int64.min, -1, 0, 1_000_000, .max] {
                #expect(throws: RuleFault.self) { try setting.check(wrong) }
                #expect(setting.value(Fields([setting.field: .integer(wrong)])) == standard)
            }
            #expect(setting.value(Fields([setting.field: .integer(standard + 1)])) == standard + 1)
        }
    }

    @Test("P14: the name of a person who left, or had another, is nobody else's (DOM-272)")
    func names() throws {
        let gone = Fields(
            [
                User.user: .id(id(1)), User.username: .text("do.thi.j"),
                User.status: .text("disabled"), FieldEdit.deleted: .bool(true),
            ],
            sets: [User.formerUsernames: [.text("do.thi")]]
        )
        func check(_ name: String, _ user: ID) -> RuleFault.Code? {
            var draft = UserDraft()
            draft.username = name
            do throws(RuleFault) {
                try draft.check(of: user, among: [gone])
                return nil
            } catch {
                return error.code
            }
        }

        #expect(check("do.thi.j", id(2)) == .taken && check("DO.THI", id(2)) == .taken)
        #expect(check("do.thi", id(1)) == nil && check("ly", id(2)) == nil)
    }
}

/// How attempts are counted together.
@Suite("Login attempts")
struct LoginAttemptTests {
    @Test("TV-049: a login attempt is written and read as it was, and holds no other field")
    func fields() {
        var content = LoginAttempt.Content(.login, isSuccess: false, method: 4)
        content.user = id(1)
        content.reason = "wrong-secret"
        content.account = 1_000
        let attempt = LoginAttempt(content, count: 3, first: 10, last: 30)
        var unknown = LoginAttempt.Content(.refusal, isSuccess: false, method: 1)
        unknown.nameHash = [UInt8](repeating: 7, count: 16)
        unknown.act = "progress:finish"

        for fact in [attempt, LoginAttempt(unknown, count: 1, first: 5, last: 5)] {
            #expect(LoginAttempt(Fields(of: fact.operation())) == fact)
        }
        #expect(LoginAttempt(Fields([:])).content.kind == .other)
        #expect(LoginAttempt.entity.fields.count == 11)
    }

    @Test("TV-049: what is counted is what is written and what waits, whatever the clock does")
    func folding() {
        var tally = AttemptTally(began: 1_000)
        var written: Int64 = 0
        for step in 0..<500 where tally.take(at: 1_000 + UInt64(step) * 7_919 % 5_000, each: 6) {
            written += 1
        }

        #expect(written == 6 && tally.written == 6)
        #expect(tally.waiting?.count == 494)
        #expect((tally.waiting?.first ?? 0) >= 1_000 && (tally.waiting?.last ?? 0) < 6_000)
        #expect(!tally.isOver(at: 1_000 + AttemptTally.intervalMilliseconds - 1))
        #expect(tally.isOver(at: 1_000 + AttemptTally.intervalMilliseconds))
        #expect(tally.isOver(at: 999))
    }
}
