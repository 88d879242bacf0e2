import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing
import Wire

/// What is done with one company costs the same however many there are.
@Suite("Costs of companies")
struct CompanyCostTests {
    /// A station of the firm with so many companies more, each with a contact.
    private func firm(_ count: Int) throws -> Firm {
        let firm = try Firm()
        let john = try firm.st1.actor("vu.thi.f")
        try firm.st1.node.addCompany(
            ["name": "Vinmec", "kinds": ["customer"]],
            by: john
        )
        let tenant = firm.kit.tenant
        _ = try firm.st1.node.act(john) { _ in
            var draft = Draft()
            for number in 0..<count {
                let id = ID(high: 0xc0, low: UInt64(number) + 1)
                var company = FieldValues()
                company.set(Company.company, id)
                company.set(Company.name, "Company \(number)")
                company.add(Company.kinds, [.text("vendor")])
                var contact = FieldValues()
                contact.set(Contact.contact, ID(high: 0xc1, low: UInt64(number) + 1))
                contact.set(Contact.company, id)
                contact.set(Contact.name, "Somebody \(number)")
                contact.set(Contact.email, "somebody.\(number)@example.com")
                for (entity, values) in [(Company.entity, company), (Contact.entity, contact)] {
                    let scope = Company.directory
                    draft.add(
                        Operation(creating: entity, values, in: scope, tenant: tenant),
                        in: scope
                    )
                }
            }
            return draft
        }
        return firm
    }

    @Test("adding, editing, and a contact by address, beside eight times the companies")
    func actions() throws {
        func steps(_ firm: Firm) throws -> [Int] {
            let node = firm.st1.node
            let person = try firm.st1.actor("vu.thi.f")
            let acts: [() throws -> Void] = [
                { try node.addCompany(["name": "Tam Anh", "kinds": ["customer"]], by: person) },
                { try node.editCompany("company 7", ["industry": "Health"], by: person) },
                {
                    let cells: Cells = ["name": "Lan", "email": "lan@example.com"]
                    try node.addContact(to: "Company 9", cells, isPrimary: true, by: person)
                },
                { try node.makePrimary("somebody.9@example.com", by: person) },
                { try node.editContact("SOMEBODY.3@example.com", ["title": "CEO"], by: person) },
                { try node.rateVendor("Company 5", { $0.quality = 4 }, by: person) },
            ]
            return try acts.map { act in
                func steps() throws -> Int {
                    try node.store.readCosts().steps + node.store.costs().steps
                }
                let before = try steps()
                try act()
                return try steps() - before
            }
        }
        let (few, many) = (try steps(firm(40)), try steps(firm(320)))
        for (place, pair) in zip(few, many).enumerated() {
            #expect(pair.0 > 0 && pair.1 <= pair.0 * 3 / 2 + 200, "step \(place): \(pair)")
        }
    }

    @Test("what an action knows of companies is what the whole directory says")
    func same() throws {
        let firm = try firm(30)
        let person = try firm.hub.actor("nguyen.van.a")
        try firm.meetAll()
        for (one, other) in [("Company 1", "Company 2"), ("Company 2", "Company 3")] {
            try firm.hub.node.mergeCompany(one, into: other, by: person)
        }
        // Whoever is called by what was merged means what it was merged into.
        let merged = try firm.hub.node.company("Company 3")
        let id = ID(high: 0xc0, low: 2)
        #expect(try firm.hub.node.company("\(id)").entry.id == merged.entry.id)
        try firm.hub.node.editCompany("\(id)", ["industry": "Pumps"], by: person)
        #expect(throws: CommandFault.self) {
            try firm.hub.node.addCompany(["name": "COMPANY 3", "kinds": ["vendor"]], by: person)
        }
        #expect(throws: CommandFault.self) {
            // The address is that of a contact of a company that was merged into this one.
            let cells: Cells = ["name": "Twin", "email": "Somebody.1@example.com"]
            try firm.hub.node.addContact(to: "Company 3", cells, by: person)
        }
    }
}
