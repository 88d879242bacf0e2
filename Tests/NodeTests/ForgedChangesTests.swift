import CRDT
import Domain
import Hub
import Node
import Simulation
import Storage
import Testing
import Wire

/// What a hub makes of changes that no command of a station would have written: of every kind of
/// record that a station may write, by somebody without any right, and by somebody with all.
@Suite("Forged changes")
struct ForgedChangesTests {
    private let firm: Firm
    private static let stranger = ID(high: 0x57_7261, low: 0x6e67_6572)

    init() throws {
        firm = try Firm()
        try firm.enterProduction()
        let admin = try firm.hub.actor("john.smith").user
        let tenant = firm.kit.tenant
        _ = try firm.hub.node.act(.machine) { _ in
            var draft = Draft()
            for role in RoleCatalogue.entries.map(\.code) {
                var values = FieldValues()
                values.set(Membership.user, admin)
                values.set(Membership.role, role)
                values.set(Membership.effectiveFrom, "2025-01-01")
                values.set(Membership.level, 3 as Int64)
                draft.add(
                    Operation(creating: Membership.entity, values, in: .tenant, tenant: tenant),
                    in: .tenant
                )
            }
            return draft
        }
        // What is written in a scope that nobody opened goes nowhere.
        try firm.hub.node.addCompany(
            ["name": "Acme", "kinds": ["vendor"]],
            by: firm.hub.actor("nguyen.van.a")
        )
        try firm.meetAll()
        try firm.hub.node.judgeArrivals()
    }

    /// The kinds that need a right, and that a station may write.
    private static let kinds = Catalogue.schema.entities.filter {
        $0.writer == .anyDevice && !RequiredAct.unasked.contains($0.number)
    }

    private func scope(of entity: Entity) throws -> Scope {
        guard entity.scopes.contains(.subject) else { return .site(firm.st1.node.site) }
        let companies: Set<UInt32> = [
            Company.number, CompanyAddress.number, Contact.number, VendorRating.number,
        ]
        return companies.contains(entity.number)
            ? Company.directory : try firm.st1.node.project(Firm.project).scope
    }

    /// A record of a kind, as a forger writes it: with every field that a station can set.
    private func operation(_ entity: Entity, by user: ID, in scope: Scope) -> Operation {
        var values = FieldValues()
        for field in entity.fields {
            switch (field.merge, field.kind) {
            case (.authority, _), (.map, _), (.counter, _): break
            case (.set, .text): values.add(field.number, [.text("word")])
            case (.set, _): values.add(field.number, [.id(user)])
            case (_, .id): values.set(field.number, user)
            case (_, .integer): values.set(field.number, 1 as Int64)
            case (_, .bool): values.set(field.number, true)
            case (_, .bytes): values[field.number] = .bytes([1])
            case (_, .text): values.set(field.number, Self.words[field.name] ?? "word")
            default: break
            }
        }
        guard !entity.isEvent else {
            return Operation(entity.number, .event, edits: values.edits)
        }
        return Operation(creating: entity, values, in: scope, tenant: firm.kit.tenant)
    }

    /// What fields say where a word alone would mean nothing, by name.
    private static let words = ["action": "start", "sub_stage": "assembly"]

    /// Writes one change of each kind at the station.
    ///
    /// - Returns: The hash of each, by the name of its kind.
    private func write(by user: ID) throws -> [String: Hash] {
        var hashes: [String: Hash] = [:]
        for entity in Self.kinds {
            let scope = try scope(of: entity)
            let operation = operation(entity, by: user, in: scope)
            let actor = Actor(user: user, login: 1, method: .secretInLogin)
            let saved = try firm.st1.node.act(actor) { _ in
                var draft = Draft()
                draft.add(operation, in: scope)
                return draft
            }
            hashes[entity.name] = saved.changes.first?.hash
        }
        return hashes
    }

    private func asideAtHub() throws -> [Hash: String] {
        let aside = try firm.hub.node.read { try $0.setAside() }
        return Dictionary(aside.map { ($0.origin.change, $0.reason ?? "") }) { first, _ in first }
    }

    @Test("DOM-290: of every kind, what somebody without the right forges is set aside")
    func forged() throws {
        let written = try write(by: Self.stranger)
        try firm.meet(firm.st1, firm.hub)
        #expect(try firm.hub.node.judgeArrivals() == Self.kinds.count)

        let aside = try asideAtHub()
        for entity in Self.kinds {
            let reason = try #require(written[entity.name].map { aside[$0] ?? "" })
            #expect(reason.hasPrefix("policy-denied: "), "\(entity.name): \(reason)")
        }
        // It is kept and listed everywhere, and nothing of it is shown.
        try firm.meetAll()
        for station in [firm.hub, firm.st1, firm.st2] {
            #expect(try station.node.setAside().count == Self.kinds.count, "\(station.name)")
            #expect(try station.node.project(Firm.project).assignee(of: "assembly") == nil)
        }
        #expect(try firm.differences() == [] && firm.faults() == [])
    }

    @Test("DOM-290: of every kind, what somebody with the right writes is not set aside")
    func honest() throws {
        let written = try write(by: firm.hub.actor("john.smith").user)
        try firm.meet(firm.st1, firm.hub)
        #expect(written.count == Self.kinds.count)
        try firm.hub.node.judgeArrivals()
        let aside = try asideAtHub().values.sorted()
        #expect(aside == [])
    }

    @Test("DOM-290: an edit of what others made is forged as much as a record of one's own")
    func edits() throws {
        let admin = try firm.hub.actor("john.smith").user
        _ = try write(by: admin)
        var wanted: [Hash] = []
        for entity in Self.kinds where !entity.isEvent {
            let scope = try scope(of: entity)
            let operation = operation(entity, by: admin, in: scope)
            guard case .natural(let id) = operation.target else { continue }
            let fields = entity.fields.filter {
                $0.kind == .text && ($0.merge == .register || $0.merge == .map)
            }
            guard let field = fields.first else { continue }
            let action: FieldEdit.Action =
                field.merge == .map
                ? .put(key: "theme", .text("dark"), replacing: [])
                : .write(.text("forged"), replacing: [])
            let actor = Actor(user: Self.stranger, login: 1, method: .secretInLogin)
            let saved = try firm.st1.node.act(actor) { _ in
                var draft = Draft()
                draft.add(
                    Operation(
                        entity.number,
                        .existing(id),
                        edits: [FieldEdit(field.number, action)]
                    ),
                    in: scope
                )
                return draft
            }
            wanted += saved.changes.map(\.hash)
        }
        #expect(wanted.count >= 9)
        try firm.meet(firm.st1, firm.hub)
        try firm.hub.node.judgeArrivals()
        #expect(Set(try asideAtHub().keys) == Set(wanted))
    }

    @Test("DOM-290: nobody speaks in another's name, whatever else they may")
    func otherNames() throws {
        let admin = try firm.hub.actor("john.smith")
        let other = try firm.hub.actor("bui.thi.h").user
        let scope = try firm.st1.node.project(Firm.project).scope
        let site = Scope.site(firm.st1.node.site)
        var preferences = FieldValues()
        preferences.set(Preferences.user, other)
        preferences.put(Preferences.values, key: "theme", .text("dark"))
        let forged = [
            (
                CriterionCheck("tested", of: "production", isMet: true, by: other).operation(),
                scope
            ),
            (
                Evidence(inspection: other, item: 1, .signature(by: other, of: [other]))
                    .operation(), scope
            ),
            (
                Operation(
                    creating: Preferences.entity,
                    preferences,
                    in: site,
                    tenant: firm.kit.tenant
                ), site
            ),
        ]
        for (operation, place) in forged {
            _ = try firm.st1.node.act(
                Actor(user: admin.user, login: 1, method: .secretInLogin)
            ) { _ in
                var draft = Draft()
                draft.add(operation, in: place)
                return draft
            }
        }
        try firm.meet(firm.st1, firm.hub)
        #expect(try firm.hub.node.judgeArrivals() == 3)
        let reasons = try asideAtHub().values
        #expect(reasons.allSatisfy { $0.hasSuffix("in one's own name alone") })
    }

    @Test("what commands of a station let people do, the hub lets stand")
    func commands() throws {
        let (st1, node) = (firm.st1, firm.st1.node)
        let (worker, sales) = (try st1.actor("ly.van.k"), try st1.actor("vu.thi.f"))
        let lead = try st1.actor("do.thi.j")
        try st1.addTask("T-1", assign: ["ly.van.k"])
        try node.noteTask("T-1", of: Firm.project, "look at the seal", by: worker)
        try st1.task(.start, "T-1")
        try node.assign("assembly", of: Firm.project, to: "ly.van.k", by: lead)
        try node.noteSubStage(Firm.project, "assembly", "lot", "A7", by: worker)
        try node.countPieces(Firm.project, "assembly", adding: 3, by: worker)
        try node.send(MessageRequest("hello"), by: worker)
        try node.writeHandover(HandoverRequest("B-7 leaks"), by: lead)
        try node.acknowledge([], by: worker)
        try node.logActivity(ActivityRequest("call", "asked for parts"), by: worker)
        try node.setPreference("theme", to: "dark", by: worker)
        try node.setPreference("theme", to: "light", by: worker)
        let company = try node.addCompany(["name": "Vinmec", "kinds": ["vendor"]], by: worker)
        let contact = try node.addContact(
            to: "Vinmec",
            ["name": "Lan", "email": "lan@vinmec.example"],
            isPrimary: true,
            by: sales
        )
        try node.editCompany("\(company)", ["industry": "Health"], by: sales)
        try node.setAddress(
            of: "Vinmec",
            ["type": "BILLING", "street_1": "1 Hoang Dieu"],
            by: sales
        )
        try node.link("\(contact)", to: Firm.project, role: "buyer", isPrimary: true, by: sales)
        try node.rateVendor("Vinmec", { $0.quality = 4 }, by: worker)
        var project = NewProject("Intake")
        project.workflow = "Default Workflow"
        let intake = ProjectIntake(
            companyName: "Tam Anh",
            contactName: "Minh",
            contactEmail: "minh@tamanh.example",
            project: project
        )
        _ = try node.intake(intake, by: sales)
        try st1.step(.finish, "production_setup", as: "do.thi.j")
        try st1.report("D-1", .minor)
        try firm.meet(st1, firm.hub)
        try firm.hub.node.judgeArrivals()
        let aside = try asideAtHub().values.sorted()
        #expect(aside == [])
    }
}
