import CRDT
import Domain
import Testing

@Suite("Policy")
struct PolicyTests {
    private func user(_ number: UInt64, _ name: String, status: String? = nil) -> Fields {
        Fields([
            User.user: .id(id(number)), User.displayName: .text(name),
            User.status: status.map(Value.text) ?? .null,
        ])
    }

    private func member(_ number: UInt64, _ role: String, _ level: Int64 = 1) -> Fields {
        Fields([
            Membership.user: .id(id(number)), Membership.role: .text(role),
            Membership.level: .integer(level), Membership.effectiveFrom: .text("2026-01-01"),
        ])
    }

    private let roles = RoleCatalogue.entries.map { entry in
        Fields([
            Role.code: .text(entry.code), Role.parent: entry.parent.map(Value.text) ?? .null,
        ])
    }

    private let now = Occasion(day: "2026-11-21", milliseconds: 1_000)

    private func refusal(_ decision: Policy.Decision) -> Policy.Refusal? {
        if case .refused(let refusal) = decision { refusal } else { nil }
    }

    @Test("FP-019: a permission is matched by itself, by its resource, its action, and by *")
    func patterns() throws {
        let cases: [(String, String, Bool)] = [
            ("orders:create", "orders:create", true), ("orders:*", "orders:create", true),
            ("orders:*", "order:create", false), ("*:create", "orders:create", true),
            ("*:create", "orders:read", false), ("*", "orders:create", true),
            ("*:*", "quality:measure", true), ("orders:create", "orders:creat", false),
            ("*", "no permission", false), ("*", "a:b:c", false), ("orders:*", "orders:", false),
        ]
        for (pattern, permission, isMatch) in cases {
            let read = try #require(PermissionPattern(pattern))
            #expect(read.matches(permission) == isMatch, "\(pattern) \(permission)")
        }
        for text in ["", ":", "orders", "orders:", ":x", "a:b:c", "Orders:x", "or*:x", "a b:c"] {
            #expect(PermissionPattern(text) == nil, "\(text)")
        }
        let long = String(repeating: "a", count: 101)
        #expect(PermissionPattern("\(long):b") == nil)
    }

    @Test("TV-015, TV-016: every act has a code resource:action of its own, and a category")
    func codes() {
        let codes = Act.allCases.map(\.permission)

        #expect(Set(codes).count == codes.count)
        for code in codes { #expect(PermissionPattern(code)?.isExact == true, "\(code)") }
        #expect(Act.start.permission == "progress:start")
        #expect(Act.createProject.permission == "project:create")
        #expect(Act.measure.category == .quality && Act.ruleOnChanges.category == .system)
        #expect(
            Act.Category.allCases.map(\.rawValue) == [
                "SYSTEM", "ORDERS", "INVENTORY", "PRODUCTION", "QC", "FINANCIAL",
            ]
        )
    }

    @Test("TV-015: a row of the tenant stands in the place of the code's; a wildcard adds (DOM-91)")
    func overlay() {
        func may(_ rows: [Fields], _ act: Act, _ role: String) -> Bool {
            let policy = Policy(
                users: [Fields](),
                roles: roles,
                memberships: [member(1, role)],
                permissions: rows
            )
            return policy.decide(Policy.Request(act, by: id(1), at: now)).isAllowed
        }
        func row(
            _ role: String,
            _ permission: String,
            level: Int64? = nil,
            isActive: Bool = true
        )
            -> Fields
        {
            Fields([
                RolePermission.role: .text(role), RolePermission.permission: .text(permission),
                RolePermission.level: level.map(Value.integer) ?? .null,
                RolePermission.isActive: .bool(isActive),
            ])
        }

        #expect(may([], .editProject, "sales"))
        #expect(!may([row("sales", "project:update", isActive: false)], .editProject, "sales"))
        #expect(!may([row("sales", "project:update", level: 2)], .editProject, "sales"))
        #expect(may([row("sales", "project:update", level: 2)], .editProject, "engineering"))
        #expect(!may([], .measure, "sales"))
        #expect(may([row("sales", "quality:*")], .measure, "sales"))
        #expect(!may([row("sales", "quality:*")], .openInspection, "sales"))
        #expect(may([], .manageUsers, "admin"))
        #expect(!may([row("admin", "user:manage", isActive: false)], .manageUsers, "admin"))
        #expect(!may([row("admin", "*")], .waiveDefect, "admin"))
        #expect(may([row("@member", "quality:measure")], .measure, "auditor"))
        #expect(!may([row("sales", "no pattern")], .measure, "sales"))
    }

    @Test("TV-016: conditions are a closed list, and one that is not known grants nothing (DOM-92)")
    func conditions() {
        func may(_ condition: String, responsible: [String] = [], assigned: Set<ID> = []) -> Bool {
            let row = Fields(
                [
                    RolePermission.role: .text("sales"),
                    RolePermission.permission: .text("quality:measure"),
                ],
                sets: [RolePermission.conditions: [.text(condition)]]
            )
            let policy = Policy(
                users: [Fields](),
                roles: roles,
                memberships: [member(1, "sales")],
                permissions: [row]
            )
            let request = Policy.Request(
                .measure,
                by: id(1),
                at: now,
                responsible: responsible,
                assigned: assigned
            )
            return policy.decide(request).isAllowed
        }

        #expect(!may("own_assignments"))
        #expect(may("own_assignments", assigned: [id(1)]))
        #expect(!may("own_assignments", assigned: [id(2)]))
        #expect(may("own_duties", responsible: ["sales"]))
        #expect(!may("own_duties", responsible: ["qa"]))
        #expect(!may("of_a_newer_version", responsible: ["sales"], assigned: [id(1)]))
    }

    @Test("TV-018: a refusal says what is missing, and names up to three who could (DOM-98)")
    func whoCould() throws {
        let policy = Policy(
            users: [
                user(1, "An"), user(2, "Binh"), user(3, "Chi"), user(4, "Dung"), user(5, "Em"),
                user(6, "Giang", status: "suspended"), user(7, "Ha"),
            ],
            roles: roles,
            memberships: [member(1, "sales"), member(7, "admin")]
                + (2...6).map { member($0, "qa", 2) }
        )
        let request = Policy.Request(.settleMeasurement, by: id(1), at: now)
        let found = try #require(refusal(policy.decide(request)))

        #expect(found.missing == .grants(["qa level 2"]))
        #expect(found.whoCould == ["Binh", "Chi", "Dung"] && found.more == 1)
        #expect(
            found.message == "quality:settle needs qa level 2; Binh, Chi, Dung and 1 more can"
        )
        let barred = Policy.Request(.settleMeasurement, by: id(6), at: now)
        #expect(try #require(refusal(policy.decide(barred))).missing == .activeAccount)
    }

    @Test("FP-016: the duties of the sample firm are those of its responsibility matrix")
    func duties() throws {
        let company = try Company()
        let template = try #require(company.template("Default Workflow"))
        func may(_ user: String, _ subStage: String) -> Bool {
            let seed = template.stages.flatMap(\.seeds).first { $0.slug == subStage }
            let decision = company.standing(user).decide(.finish, responsible: seed?.roles ?? [])
            return decision.isAllowed
        }

        #expect(may("bui.thi.h", "quality_testing") && !may("do.thi.j", "quality_testing"))
        #expect(may("do.thi.j", "assembly") && !may("bui.thi.h", "assembly"))
        #expect(!may("vu.thi.f", "assembly") && !may("hoang.van.e", "assembly"))
    }

    @Test("FP-017: packaging is done by production and by logistics")
    func packaging() throws {
        let company = try Company()
        let seed = company.template("Default Workflow")?.stages.flatMap(\.seeds)
            .first { $0.slug == "packaging" }
        let roles = try #require(seed?.roles)

        #expect(Set(roles) == ["logistics", "production"])
        for user in ["do.thi.j", "hoang.van.e"] {
            #expect(company.standing(user).decide(.start, responsible: roles).isAllowed)
        }
        #expect(!company.standing("bui.thi.h").decide(.start, responsible: roles).isAllowed)
    }

    @Test("FP-015, TV-012: what is suspended or disabled since a time may not act from then on")
    func status() {
        #expect(
            UserStatus.allCases.map(\.rawValue) == ["invited", "active", "suspended", "disabled"]
        )
        #expect(UserStatus("INACTIVE") == .disabled && UserStatus("SUSPENDED") == .suspended)
        #expect(UserStatus("ACTIVE") == .active && UserStatus("of a newer version") == .disabled)
        func may(_ status: String, since: Int64?, at milliseconds: Int64) -> Bool {
            let row = Fields([
                User.user: .id(id(1)), User.status: .text(status),
                User.statusSince: since.map(Value.integer) ?? .null,
            ])
            let policy = Policy(users: [row], roles: roles, memberships: [member(1, "sales")])
            let when = Occasion(day: "2026-11-21", milliseconds: milliseconds)
            return policy.decide(Policy.Request(.block, by: id(1), at: when)).isAllowed
        }
        #expect(may("suspended", since: 2_000, at: 1_999))
        #expect(!may("suspended", since: 2_000, at: 2_000))
        #expect(!may("disabled", since: nil, at: 1))
        #expect(may("invited", since: nil, at: 1) && may("active", since: 5, at: 1))
    }

    @Test(
        "a delegation lends rights for its days, not onward, and not of who is suspended (DOM-95)"
    )
    func delegation() {
        func loan(_ from: UInt64, _ to: UInt64, until: String = "2026-12-01") -> Fields {
            Fields([
                Delegation.user: .id(id(from)), Delegation.delegate: .id(id(to)),
                Delegation.from: .text("2026-11-01"), Delegation.until: .text(until),
            ])
        }
        func who(_ loans: [Fields], _ asked: UInt64, status: String = "active") -> ID? {
            let policy = Policy(
                users: [user(1, "An", status: status)],
                roles: roles,
                memberships: [member(1, "qa", 3)],
                delegations: loans
            )
            let decision = policy.decide(Policy.Request(.measure, by: id(asked), at: now))
            if case .allowed(_, let owner) = decision { return owner }
            return nil
        }

        #expect(who([loan(1, 2)], 2) == id(1))
        #expect(who([loan(1, 2)], 1) == id(1))
        #expect(who([loan(1, 2), loan(2, 3)], 3) == nil)
        #expect(who([loan(1, 2, until: "2026-11-21")], 2) == nil)
        #expect(who([loan(1, 2)], 2, status: "suspended") == nil)
    }
}

@Suite("Directory")
struct DirectoryTests {
    @Test("FP-014: the ten roles of the first seed, and those beside them, ship as rows")
    func catalogue() {
        let codes = RoleCatalogue.entries.map(\.code)
        let seed = [
            "admin", "management", "engineering", "qa", "procurement", "production", "sales",
            "finance", "logistics", "auditor",
        ]

        #expect(Set(codes).isSuperset(of: seed) && Set(codes).count == codes.count)
        for (place, entry) in RoleCatalogue.entries.enumerated() {
            if let parent = entry.parent { #expect(codes[..<place].contains(parent)) }
        }
    }

    @Test(
        "TV-010, TV-011, AD-005: names of other systems mean roles of the catalogue",
        arguments: [
            ("ADMIN", "admin", 1), ("Administrator", "admin", 1),
            ("PRODUCTION_COORDINATOR", "production_manager", 1),
            ("Production Manager", "production_manager", 1), ("PROCUREMENT", "procurement", 1),
            ("QC_PERSON", "qa", 1), ("QC Inspector", "qa", 1), ("ASSEMBLER", "assembler", 1),
            ("Assembly Technician", "assembler", 1), ("SERVICE_DEPARTMENT", "service", 1),
            ("Sales Manager", "sales", 2), ("SALES_MGR", "sales", 2),
            ("Customer Service", "customer_service", 1), ("event_director", "event_director", 1),
            ("engineering lead", "engineering", 2), ("qa manager", "qa", 3),
        ]
    )
    func aliases(_ name: String, _ code: String, _ level: Int) {
        let meaning = RoleCatalogue.meaning(of: name)

        #expect(meaning?.code == code && meaning?.level == level)
        #expect(RoleCatalogue.entries.contains { $0.code == code })
    }

    @Test("an unknown name of a role means nothing")
    func unknownRole() { #expect(RoleCatalogue.meaning(of: "wizard") == nil) }

    @Test("TV-009: an e-mail address is letters, digits and ._%+-, a domain and two letters")
    func emails() {
        for good in ["a@b.co", "John.Doe+x@sub-domain.example", "a_%-1@B.VN", "a@b.c.de"] {
            #expect((try? EmailAddress(typed: good)) != nil, "\(good)")
        }
        for bad in [
            "", "a", "a@", "@b.co", "a@b", "a@b.c", "a@b.c1", "a b@c.de", "a@b@c.de", "ä@b.de",
            "a@b.dé", "a@.", "a@.c", "a!@b.co", "a@b_c.de", "a@b.co ", "<a@b.co>",
            String(repeating: "a", count: 250) + "@b.com",
        ] {
            #expect((try? EmailAddress(typed: bad)) == nil, "\(bad)")
        }
        #expect(throws: RuleFault.self) { _ = try EmailAddress(typed: "nobody") }
    }

    @Test("FP-022: the chain of managers goes up, each once, also in a circle (DOM-96)")
    func managers() {
        func user(_ number: UInt64, _ manager: UInt64?) -> Fields {
            Fields([
                User.user: .id(id(number)),
                User.manager: manager.map { .id(id($0)) } ?? .null,
            ])
        }
        let line = ReportingLine([user(1, 2), user(2, 3), user(3, nil), user(4, 2)])
        #expect(line.managers(of: id(1)) == [id(2), id(3)])
        #expect(line.managers(of: id(3)).isEmpty && line.managers(of: id(9)).isEmpty)
        let circle = ReportingLine([user(1, 2), user(2, 3), user(3, 1), user(4, 4)])
        #expect(circle.managers(of: id(1)) == [id(2), id(3)])
        #expect(circle.managers(of: id(4)).isEmpty && circle.reports(of: id(4)).isEmpty)
        #expect(line.closesCircle(id(1), above: id(3)) && line.closesCircle(id(1), above: id(1)))
        #expect(!line.closesCircle(id(3), above: id(4)))
    }

    @Test("FP-012: who reports to a person is derived from the managers, never kept")
    func reports() {
        let users = [(1, 3), (2, 3), (3, 4)].map { pair in
            Fields([
                User.user: .id(id(UInt64(pair.0))), User.manager: .id(id(UInt64(pair.1))),
            ])
        }
        #expect(ReportingLine(users).reports(of: id(3)) == [id(1), id(2)])
        #expect(!User.entity.fields.contains { $0.name.contains("reports") })
    }
}
