import CRDT
import Domain
import Node
import Storage
import Testing

/// What the first seed calls organizations: the tenant itself, and the companies around it.
@Suite("Organizations")
struct OrganizationTests {
    private let firm: Firm

    init() throws { firm = try Firm(seed: 43) }

    private func chief() throws -> Actor { try firm.hub.actor("nguyen.van.a") }

    @Test("FP-001: an organization is the tenant, or a company that is customer, supplier or both")
    func kinds() throws {
        let tenant = try #require(try firm.hub.node.read { try $0.tenantRecord() })
        #expect(tenant.fields.text(Tenant.name) == "Factory Pulse")
        #expect(Set(["customer", "supplier", "vendor"]) == Set(Company.allKinds))
        let id = try firm.hub.node.addCompany(
            ["name": "Both Sides", "kinds": ["customer", "supplier"]],
            by: chief()
        )
        let company = try firm.hub.node.company("\(id)")
        #expect(company.entry.fields.texts(Company.kinds) == ["customer", "supplier"])
        // A name is one company's, as a slug was.
        let kinds: Cells = ["name": "both sides", "kinds": ["vendor"]]
        let actor = try chief()
        #expect(throws: (any Error).self) { try firm.hub.node.addCompany(kinds, by: actor) }
    }

    @Test("FP-002: the slug and whether it is active are the hub's word on a tenant, once")
    func slug() throws {
        let fields = [Tenant.slug, Tenant.isActive].compactMap(Tenant.entity.field)
        #expect(fields.map(\.merge) == [.authority, .authority])
        #expect(Tenant.entity.writer == .hub)
        #expect(Tenant.entity.form == .entity(key: [Tenant.tenant]))
    }

    @Test("FP-003: a company has a country of two letters, an industry, a website, a description")
    func details() throws {
        let id = try firm.hub.node.addCompany(
            [
                "name": "TechNova", "kinds": ["customer"], "country": "VN",
                "industry": "electronics", "website": "https://technova.example",
                "description": "makes boards",
            ],
            by: chief()
        )
        let fields = try firm.hub.node.company("\(id)").entry.fields
        #expect(fields.text(Company.country) == "VN")
        #expect(fields.text(Company.industry) == "electronics")
        #expect(fields.text(Company.website) == "https://technova.example")
        #expect(fields.text(Company.description) == "makes boards")
    }

    @Test("FP-004: a company is made, listed, shown, edited, and set inactive instead of deleted")
    func lifecycle() throws {
        let node = firm.hub.node
        let id = try node.addCompany(["name": "Acme", "kinds": ["customer"]], by: chief())
        try node.editCompany("\(id)", ["website": "https://acme.example"], by: chief())
        try node.editCompany("\(id)", ["status": "INACTIVE"], by: chief())
        let fields = try node.company("acme").entry.fields
        #expect(fields.text(Company.website) == "https://acme.example")
        #expect(fields.text(Company.status) == "INACTIVE")
        #expect(fields.bool(FieldEdit.deleted) != true)
        #expect(try node.export(.companies).rows.count == 1)
    }
}
