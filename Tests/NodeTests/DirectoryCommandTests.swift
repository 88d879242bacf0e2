import CRDT
import Domain
import Hub
import Node
import Storage
import Testing
import Wire

@Suite("Directory at a hub")
struct DirectoryCommandTests {
    private let workshop: Workshop
    private let admin: Actor

    init() throws {
        workshop = try Workshop()
        admin = try workshop.hub.actor(as: "nguyen.van.a", by: .tester)
    }

    private func draft(
        _ username: String,
        _ fill: (inout UserDraft) -> Void = { _ in }
    ) -> UserDraft {
        var draft = UserDraft()
        draft.username = username
        fill(&draft)
        return draft
    }

    private func fault(_ body: () throws -> Void) -> RuleFault.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? RuleFault)?.code
        }
    }

    private func may(_ user: ID, _ act: Act, _ assigned: Set<ID>) throws -> Bool {
        let now = try workshop.hub.occasion()
        let request = Policy.Request(act, by: user, at: now, assigned: assigned)
        return try workshop.hub.policy().decide(request).isAllowed
    }

    private func right(
        _ permission: String,
        _ conditions: Set<Domain.Grant.Condition> = []
    ) throws -> Domain.Grant {
        let pattern = try #require(PermissionPattern(permission))
        return Domain.Grant(.role("sales"), pattern, conditions: conditions)
    }

    @Test("FP-010, TV-006, TV-007: a person has names, addresses, a manager and a status")
    func fields() throws {
        defer { workshop.clean() }
        let boss = try workshop.hub.addUser(draft("boss"), by: admin)
        _ = try workshop.hub.addUser(
            draft("do.thi.j") { draft in
                draft.firstName = "Thi J"
                draft.lastName = "Do"
                draft.email = "do@factory.example"
                draft.phone = "+84 90"
                draft.jobTitle = "Lead"
                draft.department = "Production"
                draft.timezone = "Asia/Ho_Chi_Minh"
                draft.language = "vi"
                draft.manager = boss
            },
            isInvited: true,
            by: admin
        )
        let view = try workshop.hub.user("do.thi.j")
        let texts = Dictionary(uniqueKeysWithValues: view.texts)

        #expect(view.status == "invited" && view.managers == ["boss"])
        #expect(texts["display_name"] == "Thi J Do" && texts["phone"] == "+84 90")
        #expect(texts["first_name"] == "Thi J" && texts["last_name"] == "Do")
        #expect(texts["job_title"] == "Lead" && texts["department"] == "Production")
        #expect(texts["timezone"] == "Asia/Ho_Chi_Minh" && texts["language"] == "vi")
        #expect(try workshop.hub.user("boss").reports == ["do.thi.j"])
        var edit = UserDraft()
        edit.phone = "+84 91"
        try workshop.hub.editUser("do.thi.j", edit, by: admin)
        let after = Dictionary(uniqueKeysWithValues: try workshop.hub.user("do.thi.j").texts)
        #expect(after["phone"] == "+84 91" && after["email"] == "do@factory.example")
    }

    @Test("FP-011, FP-020, TV-008: one person has a username and an address, whatever the case")
    func unique() throws {
        defer { workshop.clean() }
        _ = try workshop.hub.addUser(draft("do") { $0.email = "do@x.example" }, by: admin)

        #expect(fault { _ = try workshop.hub.addUser(draft("DO"), by: admin) } == .taken)
        let other = draft("other") { $0.email = "Do@X.example" }
        #expect(fault { _ = try workshop.hub.addUser(other, by: admin) } == .taken)
        var edit = UserDraft()
        edit.email = "DO@x.example"
        #expect(fault { try workshop.hub.editUser("do", edit, by: admin) } == nil)
        edit.email = "nguyen.van.a@factory-pulse.example"
        #expect(fault { try workshop.hub.editUser("do", edit, by: admin) } == .taken)
        edit.email = "no address"
        #expect(fault { try workshop.hub.editUser("do", edit, by: admin) } == .notAnEmail)
        #expect(fault { _ = try workshop.hub.addUser(draft("a b"), by: admin) } == .unknownValue)
        let long = draft(String(repeating: "a", count: 51))
        #expect(fault { _ = try workshop.hub.addUser(long, by: admin) } == .tooLong)
    }

    @Test("FP-022: nobody comes to stand above themselves")
    func circle() throws {
        defer { workshop.clean() }
        let one = try workshop.hub.addUser(draft("one"), by: admin)
        let two = try workshop.hub.addUser(draft("two") { $0.manager = one }, by: admin)
        var edit = UserDraft()
        edit.manager = two
        #expect(fault { try workshop.hub.editUser("one", edit, by: admin) } == .ownManager)
        edit.manager = one
        #expect(fault { try workshop.hub.editUser("one", edit, by: admin) } == .ownManager)
    }

    @Test("TV-013, TV-014, AD-006: roles are held in intervals, at levels and sites, by N:M rows")
    func intervals() throws {
        defer { workshop.clean() }
        let hub = workshop.hub
        let user = try hub.addUser(draft("vu"), by: admin)
        var grant = LocalNode.RoleGrant("Sales Manager", to: "vu")
        grant.sites = ["HCM"]
        try hub.grant(grant, by: admin)
        try hub.grant(LocalNode.RoleGrant("ASSEMBLER", to: "vu"), by: admin)
        func levels() throws -> [String: Int] {
            try hub.policy().levels(of: user, at: hub.occasion())
        }

        #expect(try levels() == ["sales": 2, "assembler": 1, "production": 1])
        #expect(fault { try hub.grant(grant, by: admin) } == .interval)
        try hub.endRole("sales", of: "vu", by: admin)
        #expect(try levels() == ["assembler": 1, "production": 1])
        #expect(fault { try hub.endRole("sales", of: "vu", by: admin) } == .interval)
        try hub.endRole("assembler", of: "vu", on: "2026-11-23", by: admin)
        #expect(try levels().count == 2)
        workshop.pass(days: 2)
        #expect(try levels().isEmpty)
        try hub.grant(grant, by: admin)
        #expect(try levels() == ["sales": 2])
        let states = try hub.user("vu").held.map { "\($0.role) \($0.state)" }
        #expect(states.sorted() == ["assembler ended", "sales ended", "sales holds"])
        let unknown = LocalNode.RoleGrant("wizard", to: "vu")
        #expect(fault { try hub.grant(unknown, by: admin) } == .unknownRole)
    }

    @Test("FP-018, AD-007: one read gives a person with tenant, roles, rights, managers, reports")
    func combined() throws {
        defer { workshop.clean() }
        let view = try workshop.hub.user("nguyen.van.a")

        #expect(view.tenant.name == "Factory Pulse")
        #expect(view.levels == ["admin": 3] && view.status == "active")
        #expect(view.permissions.contains("user:manage"))
        #expect(view.json.text.contains("\"levels\":{\"admin\":3}"))
        #expect(view.lines.first == "nguyen.van.a, active")
    }

    @Test("FP-015: whom the hub suspends may not act from then on, and may again when resumed")
    func suspended() throws {
        defer { workshop.clean() }
        let hub = workshop.hub
        _ = try hub.addUser(draft("do"), by: admin)
        try hub.grant(LocalNode.RoleGrant("admin", to: "do"), by: admin)
        let actor = try hub.actor(as: "do", by: .tester)
        try hub.setStatus(.suspended, of: "do", by: admin)

        #expect(throws: CommandFault.self) { try hub.actor(as: "do", by: .tester) }
        #expect(fault { _ = try hub.addUser(draft("x"), by: actor) } == .notAllowed)
        #expect(
            fault { try hub.setStatus(.suspended, of: "nguyen.van.a", by: admin) } == .notAllowed
        )
        try hub.setStatus(.active, of: "do", by: admin)
        #expect(fault { _ = try hub.addUser(draft("x"), by: actor) } == nil)
    }

    @Test("TV-015, TV-016: rights are given to roles and taken away as records")
    func rights() throws {
        defer { workshop.clean() }
        let hub = workshop.hub
        let user = try hub.addUser(draft("sale"), by: admin)
        try hub.grant(LocalNode.RoleGrant("sales", to: "sale"), by: admin)
        func may(_ act: Act, _ assigned: Set<ID>) throws -> Bool {
            try self.may(user, act, assigned)
        }

        try hub.setRight(right("quality:*", [.ownAssignments]), isActive: true, by: admin)
        #expect(try !may(.measure, []) && may(.measure, [user]))
        try hub.setRight(right("quality:*"), isActive: true, by: admin)
        #expect(try may(.measure, []))
        try hub.setRight(right("quality:*"), isActive: false, by: admin)
        try hub.setRight(right("project:create"), isActive: false, by: admin)
        #expect(try !may(.measure, []) && !may(.createProject, []))
        let stranger = try hub.actor(as: "sale", by: .tester)
        #expect(fault { try hub.setRight(right("*"), isActive: true, by: stranger) } == .notAllowed)
    }

    @Test("rights are lent for days by who has them, and taken back")
    func lending() throws {
        defer { workshop.clean() }
        let hub = workshop.hub
        for name in ["lead", "helper"] { _ = try hub.addUser(draft(name), by: admin) }
        try hub.grant(LocalNode.RoleGrant("qa manager", to: "lead"), by: admin)
        try hub.grant(LocalNode.RoleGrant("qa", to: "helper"), by: admin)
        let lead = try hub.actor(as: "lead", by: .tester)
        let helper = try hub.actor(as: "helper", by: .tester)
        func level() throws -> Int? {
            try hub.policy().levels(of: helper.user, at: hub.occasion())["qa"]
        }
        var request = LocalNode.DelegationRequest(to: "helper", until: "2026-11-25")
        #expect(fault { try hub.delegate(request, by: lead) } == .reasonRequired)
        request.reason = "leave"
        try hub.delegate(request, by: lead)
        #expect(try level() == 3)
        #expect(try hub.delegations().map(\.state) == ["holds"])
        #expect(
            fault { try hub.endDelegation(of: "lead", to: "helper", by: helper) } == .notAllowed
        )
        try hub.endDelegation(of: nil, to: "helper", by: lead)
        #expect(try level() == 1)
        #expect(try hub.delegations().map(\.state) == ["ended"])
        request.until = "2026-11-21"
        #expect(fault { try hub.delegate(request, by: lead) } == .interval)
        request.until = "2026-11-25"
        request.user = "nguyen.van.a"
        request.from = "2026-11-22"
        #expect(fault { try hub.delegate(request, by: lead) } == .notAllowed)
        try hub.delegate(request, by: admin)
        workshop.pass(days: 1)
        #expect(try hub.policy().levels(of: helper.user, at: hub.occasion())["admin"] == 3)
        workshop.pass(days: 3)
        #expect(try level() == 1)
    }

    @Test("a station does not write the directory: the hub does")
    func hubOnly() throws {
        defer { workshop.clean() }
        let firm = try Firm()
        let actor = try firm.st1.actor("john.smith")
        #expect(fault { _ = try firm.st1.node.addUser(draft("x"), by: actor) } == .hubOnly)
    }
}
