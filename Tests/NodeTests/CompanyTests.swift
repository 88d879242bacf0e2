import CRDT
import Domain
import Node
import Storage
import Testing

/// Companies and contacts on a hub and stations that meet.
@Suite("Companies at work")
struct CompanyTests {
    private let firm: Firm

    init() throws { firm = try Firm(seed: 12) }

    /// A company taken in at the hub and known everywhere.
    private func known(_ name: String, kinds: [String] = ["customer"]) throws -> ID {
        let cells: Cells = ["name": .text(name), "kinds": .list(kinds)]
        let id = try firm.hub.node.addCompany(cells, by: firm.hub.actor("nguyen.van.a"))
        try firm.meetAll()
        return id
    }

    @Test("TV-021: a station proposes a company, the hub takes it in with a number and a status")
    func proposing() throws {
        let id = try firm.st1.node.addCompany(
            ["name": "TechNova Vietnam", "kinds": ["customer"], "customer_type": "laboratory"],
            by: firm.st1.actor("do.thi.j")
        )
        #expect(try firm.st1.node.company("technova vietnam").isProposed)
        try firm.meetAll()

        try firm.hub.node.acceptCompany(
            "\(id)",
            number: "C-0001",
            by: firm.hub.actor("nguyen.van.a")
        )
        try firm.meetAll()

        for station in firm.all {
            let fields = try station.node.company("c-0001").entry.fields
            #expect(fields.text(Company.status) == "ACTIVE", "\(station.name)")
            #expect(fields.text(Company.customerType) == "LABORATORY")
        }
        #expect(try firm.differences() == [])
    }

    @Test("TV-022: number, status, acceptance and merger are the hub's, and of who may decide")
    func hubOnly() throws {
        let id = try known("Acme")
        let sales = try firm.st1.actor("pham.thi.d")
        let faults = [
            #expect(throws: RuleFault.self) {
                try firm.st1.node.editCompany("\(id)", ["number": "C-9"], by: sales)
            },
            #expect(throws: RuleFault.self) {
                try firm.st1.node.acceptCompany("\(id)", by: sales)
            },
            #expect(throws: RuleFault.self) {
                try firm.st1.node.addCompany(
                    ["name": "B", "kinds": ["vendor"], "status": "ACTIVE"],
                    by: sales
                )
            },
        ]
        let member = #expect(throws: RuleFault.self) {
            try firm.hub.node.editCompany(
                "\(id)",
                ["status": "SUSPENDED"],
                by: firm.hub.actor("vu.thi.f")
            )
        }

        #expect(faults.allSatisfy { [.hubOnly, .notAllowed].contains($0?.code) })
        #expect(faults[1]?.code == .hubOnly && member?.code == .notAllowed)
    }

    @Test(
        "TV-021: what is commercial stands at hubs alone; a station can neither read nor write it"
    )
    func commercial() throws {
        let id = try known("Acme")
        try firm.hub.node.editCompany(
            "\(id)",
            ["credit_limit": "500000", "payment_terms": "30", "tax_id": "VN-77"],
            by: firm.hub.actor("nguyen.van.a")
        )
        try firm.meetAll()

        #expect(try firm.hub.node.company("Acme").json.text.contains("\"credit_limit\":500000"))
        for station in firm.all.dropFirst() {
            let shown = try station.node.company("Acme").json.text
            #expect(shown.contains("\"commercial\":null"), "\(station.name)")
            #expect(try station.node.read { try $0.scopes(.restricted) } == [])
        }
        let fault = #expect(throws: RuleFault.self) {
            try firm.st1.node.editCompany(
                "Acme",
                ["credit_limit": "1"],
                by: firm.st1.actor("pham.thi.d")
            )
        }
        #expect(fault?.code == .hubOnly)
    }

    @Test("C-01: a company merged into another is found as that one, with its contacts")
    func merging() throws {
        let id = try known("TechNova Vietnam")
        let double = try firm.st2.node.addCompany(
            ["name": "Technova", "kinds": ["supplier"]],
            by: firm.st2.actor("ly.van.k")
        )
        try firm.st2.node.addContact(
            to: "Technova",
            ["name": "Tran Thi Lan", "email": "lan.tran@technova.vn"],
            by: firm.st2.actor("pham.thi.d")
        )
        try firm.meetAll()

        let manager = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.mergeCompany("Technova", into: "TechNova Vietnam", by: manager)
        try firm.meetAll()

        let shown = try firm.st1.node.company("\(double)")
        #expect(shown.entry.id == id)
        #expect(shown.contacts.map(\.name) == ["Tran Thi Lan"])
        #expect(try firm.st1.node.companyViews().map(\.name) == ["TechNova Vietnam"])
        let again = #expect(throws: RuleFault.self) {
            try firm.hub.node.mergeCompany("\(id)", into: "\(double)", by: manager)
        }
        #expect(again?.code == .cycle)
    }

    @Test("two people who name a company at once leave both names, and one settles it")
    func conflict() throws {
        let id = try known("Acme")
        try firm.st1.node.editCompany(
            "\(id)",
            ["industry": "Robotics"],
            by: firm.st1.actor("pham.thi.d")
        )
        try firm.st2.node.editCompany(
            "\(id)",
            ["industry": "Optics"],
            by: firm.st2.actor("hoang.van.e")
        )
        try firm.meetAll()

        #expect(try firm.hub.node.company("Acme").hasConflict)
        try firm.hub.node.editCompany(
            "\(id)",
            ["industry": "Robotics"],
            by: firm.hub.actor("pham.thi.d")
        )
        try firm.meetAll()

        let fields = try firm.st3.node.company("Acme").entry.fields
        #expect(fields.text(Company.industry) == "Robotics")
        #expect(try !firm.st3.node.company("Acme").hasConflict)
    }

    @Test("TV-025: addresses edited apart stand whole beside each other, never mixed (DOM-157)")
    func addresses() throws {
        _ = try known("Acme")
        let sales = try firm.st1.actor("pham.thi.d")
        let address = try firm.st1.node.setAddress(
            of: "Acme",
            [
                "type": "billing", "street_1": "1 Le Loi", "city": "Hue",
                "is_default_billing": "yes",
            ],
            by: sales
        )
        try firm.meetAll()
        try firm.st1.node.setAddress(
            of: "Acme",
            id: address,
            ["street_1": "9 Hai Ba Trung", "city": "Hanoi"],
            by: sales
        )
        try firm.st2.node.setAddress(
            of: "Acme",
            id: address,
            ["street_1": "5 Nguyen Hue", "city": "Saigon"],
            by: firm.st2.actor("hoang.van.e")
        )
        try firm.meetAll()

        let record = try firm.hub.node.read {
            try $0.records(of: CompanyAddress.entity, in: Company.directory).first
        }
        let heads = Set((record?.heads(CompanyAddress.lines) ?? []).map(\.value.shown))
        #expect(
            heads == [
                "-, 9 Hai Ba Trung, -, Hanoi, -, -, -", "-, 5 Nguyen Hue, -, Saigon, -, -, -",
            ]
        )
        let company = try firm.hub.node.company("Acme").entry
        #expect(company.fields.id(Company.defaultBilling) == address)
    }
}

@Suite("Contacts at work")
struct ContactTests {
    private let firm: Firm

    init() throws {
        firm = try Firm(seed: 14)
        let manager = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.addCompany(["name": "Acme", "kinds": ["customer"]], by: manager)
        for name in ["Lan", "Minh"] {
            try firm.hub.node.addContact(
                to: "Acme",
                ["name": .text(name), "email": .text("\(name)@acme.vn")],
                isPrimary: name == "Lan",
                by: manager
            )
        }
        try firm.meetAll()
    }

    @Test("FP-023, TV-026: a contact belongs to a company and has the fields of both systems")
    func fields() throws {
        try firm.st1.node.editContact(
            "lan@acme.vn",
            [
                "first_name": "Lan", "last_name": "Tran", "title": "CTO", "department": "IT",
                "phone": "+84-1", "mobile": "+84-2", "preferred_method": "phone",
                "receives_notifications": "no",
            ],
            by: firm.st1.actor("pham.thi.d")
        )

        let contact = try #require(firm.st1.node.contacts(of: "Acme").first { $0.name == "Lan" })
        let fields = contact.record.fields
        #expect(fields.text(Contact.title) == "CTO" && fields.text(Contact.mobile) == "+84-2")
        #expect(fields.bool(Contact.receivesNotifications) == false)
        #expect(contact.type == "customer" && contact.isPrimary)
        #expect(Contact.entity.field(named: "company_name") == nil)
    }

    @Test("FP-025: the job title and whether a contact is active are registers")
    func active() throws {
        try firm.st1.node.editContact(
            "Lan",
            ["is_active": "no", "title": "Former CTO"],
            by: firm.st1.actor("pham.thi.d")
        )
        try firm.meetAll()

        let fields = try firm.st3.node.contact("Lan").record.fields
        #expect(fields.bool(Contact.isActive) == false)
        #expect(fields.text(Contact.title) == "Former CTO")
    }

    @Test("FP-026: two primary contacts set at once are one pointer with a conflict, never two")
    func primary() throws {
        try firm.st1.node.addContact(
            to: "Acme",
            ["name": "Hoa", "email": "hoa@acme.vn"],
            isPrimary: true,
            by: firm.st1.actor("pham.thi.d")
        )
        try firm.st2.node.makePrimary("Minh", by: firm.st2.actor("hoang.van.e"))
        try firm.meetAll()

        for station in firm.all {
            let company = try station.node.company("Acme")
            #expect(company.contacts.filter(\.isPrimary).count == 1, "\(station.name)")
            #expect(company.hasConflict)
        }
        try firm.hub.node.makePrimary("Minh", by: firm.hub.actor("pham.thi.d"))
        try firm.meetAll()
        let settled = try firm.st1.node.company("Acme")
        #expect(settled.contacts.filter(\.isPrimary).map(\.name) == ["Minh"])
        #expect(!settled.hasConflict)
    }

    @Test("AD-009: who to talk to is found through the company's pointer")
    func throughCompany() throws {
        let company = try firm.st1.node.company("Acme")

        #expect(company.contacts.first(where: \.isPrimary)?.name == "Lan")
        #expect(company.entry.fields.id(Company.primaryContact) != nil)
    }

    @Test("FP-026: a contact that is removed is not listed; an edit beside it brings it back")
    func removing() throws {
        try firm.st1.node.removeContact("Lan", by: firm.st1.actor("pham.thi.d"))
        #expect(try firm.st1.node.contacts(of: "Acme").map(\.name) == ["Minh"])
        #expect(try firm.st1.node.company("Acme").contacts.allSatisfy { !$0.isPrimary })
        try firm.meetAll()
        let record = try firm.hub.node.read {
            try $0.records(of: Contact.entity, in: Company.directory).filter(\.isDeleted)
        }

        #expect(record.map { Contact.name($0.fields) } == ["Lan"])
    }

    @Test("an address of a contact is checked, and two contacts of a company do not share one")
    func emails() throws {
        let sales = try firm.st1.actor("pham.thi.d")
        let bad = #expect(throws: RuleFault.self) {
            try firm.st1.node.editContact("Lan", ["email": "lan at acme"], by: sales)
        }
        let taken = #expect(throws: CommandFault.self) {
            try firm.st1.node.addContact(
                to: "Acme",
                ["name": "X", "email": "LAN@acme.vn"],
                by: sales
            )
        }

        #expect(bad?.code == .notAnEmail && taken?.reason == "exists")
    }

    @Test("FP-027, FP-028: a project has contacts by role, as links that add-wins; one is primary")
    func links() throws {
        let sales = try firm.hub.actor("pham.thi.d")
        try firm.hub.node.link(
            "Lan",
            to: Firm.project,
            role: "project_manager",
            isPrimary: true,
            by: sales
        )
        try firm.meetAll()
        try firm.st1.node.unlink(
            "Lan",
            from: Firm.project,
            role: "project_manager",
            by: firm.st1.actor("pham.thi.d")
        )
        try firm.st2.node.link(
            "Lan",
            to: Firm.project,
            role: "technical_contact",
            by: firm.st2.actor("pham.thi.d")
        )
        try firm.meetAll()

        let links = try firm.st1.node.contacts(ofProject: Firm.project)
        #expect(links.map(\.role) == ["technical_contact"])
        #expect(links.first?.isPrimary == true && links.first?.name == "Lan")
        try firm.st1.node.link(
            "Lan",
            to: Firm.project,
            role: "project_manager",
            by: firm.st1.actor("pham.thi.d")
        )
        try firm.meetAll()
        #expect(try firm.st3.node.contacts(ofProject: Firm.project).count == 2)
    }
}

extension Entity {
    /// The field of a name.
    fileprivate func field(named name: String) -> Field? { fields.first { $0.name == name } }
}
