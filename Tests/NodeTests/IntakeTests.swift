import CRDT
import Domain
import Node
import Storage
import Testing

@Suite("Intake")
struct IntakeTests {
    private let firm: Firm

    init() throws { firm = try Firm(seed: 29) }

    private func intake(
        customer: String? = nil,
        company: String? = nil,
        contact: String = "Tran Thi Lan",
        email: String = "lan.tran@technova.vn",
        workflow: String = "Default Workflow"
    ) -> ProjectIntake {
        var project = NewProject("Valve housing")
        project.workflow = workflow
        return ProjectIntake(
            customer: customer,
            companyName: company,
            contactName: contact,
            contactEmail: email,
            project: project
        )
    }

    @Test("FP-029: an intake with a company name makes company, contact and project in one action")
    func all() throws {
        let sales = try firm.st1.actor("pham.thi.d")
        let outcome = try firm.st1.node.intake(intake(company: "TechNova Vietnam"), by: sales)
        try firm.meetAll()

        let company = try firm.hub.node.company("TechNova Vietnam")
        #expect(company.isProposed && outcome.isNewCompany)
        #expect(company.contacts.map(\.isPrimary) == [true])
        let project = try firm.hub.node.project("\(outcome.project)")
        #expect(project.record.fields.id(Project.customer) == outcome.company)
        let links = try firm.hub.node.contacts(ofProject: "\(outcome.project)")
        #expect(links.map(\.isPrimary) == [true])
        #expect(links.map(\.name) == ["Tran Thi Lan"])
    }

    @Test("FP-029: an existing customer and contact are the ones meant")
    func existing() throws {
        let sales = try firm.hub.actor("pham.thi.d")
        var first = intake(company: "TechNova Vietnam")
        first.project.sites = ["HCM"]
        let made = try firm.hub.node.intake(first, by: sales)
        var second = intake(customer: "technova vietnam", email: "LAN.TRAN@technova.vn")
        second.project.sites = ["HCM"]
        let again = try firm.hub.node.intake(second, by: sales)

        #expect(again.company == made.company && again.contact == made.contact)
        #expect(!again.isNewCompany && again.project != made.project)
        #expect(try firm.hub.node.companyViews().count == 1)
    }

    @Test(
        "FP-030: an intake that fails names the stage, and nothing of it is written",
        arguments: ["company", "contact", "project"]
    )
    func failing(stage: String) throws {
        let sales = try firm.st1.actor("pham.thi.d")
        let bad: ProjectIntake =
            switch stage {
            case "company": intake()
            case "contact": intake(company: "TechNova", email: "nobody")
            default: intake(company: "TechNova", workflow: "No Such Workflow")
            }
        let before = try firm.st1.node.store.digests().map(\.hash)

        let fault = #expect(throws: IntakeFault.self) {
            try firm.st1.node.intake(bad, by: sales)
        }

        #expect(fault?.stage.rawValue == stage)
        #expect(CommandFault(try #require(fault)).reason == "\(stage)-failed")
        #expect(try firm.st1.node.store.digests().map(\.hash) == before)
    }

    @Test("FP-030: what fails for no stage of the intake is unknown, and nothing is written")
    func unknown() throws {
        let sales = try firm.st1.actor("pham.thi.d")
        firm.st1.node.store.close()

        let fault = #expect(throws: IntakeFault.self) {
            try firm.st1.node.intake(intake(company: "TechNova"), by: sales)
        }

        #expect(fault?.stage == .unknown)
        #expect(ProjectIntake.Stage.allCases.count == 4)
    }

    @Test("FP-030: whoever may not begin projects is refused in the stage of the project")
    func notAllowed() throws {
        let fault = #expect(throws: IntakeFault.self) {
            try firm.st1.node.intake(
                intake(company: "TechNova"),
                by: firm.st1.actor("do.thi.j")
            )
        }

        #expect(fault?.stage == .project && fault?.cause.reason == "not-allowed")
        #expect(try firm.st1.node.companyViews().isEmpty)
    }
}

@Suite("Vendors at work")
struct VendorTests {
    private let firm: Firm

    init() throws {
        firm = try Firm(seed: 16)
        try firm.hub.node.addCompany(
            ["name": "Precision Parts", "kinds": ["vendor", "supplier"]],
            by: firm.hub.actor("nguyen.van.a")
        )
        try firm.meetAll()
    }

    @Test("AD-011: ratings made apart add up, and a correction takes the place of one")
    func ratings() throws {
        let buyer = try firm.st1.actor("hoang.van.e")
        let first = try firm.st1.node.rateVendor(
            "Precision Parts",
            about: Firm.project,
            { rating in
                rating.quality = 2
                rating.isOnTime = true
            },
            by: buyer
        )
        try firm.st3.node.rateVendor(
            "Precision Parts",
            { $0.quality = 4 },
            by: firm.st3.actor("bui.thi.h")
        )
        try firm.meetAll()
        let wrong = try #require(first.metrics.counted.first)
        try firm.st1.node.rateVendor(
            "Precision Parts",
            { rating in
                rating.quality = 5
                rating.isOnTime = true
                rating.supersedes = [wrong]
            },
            by: buyer
        )
        try firm.meetAll()

        let vendor = try firm.hub.node.vendor("Precision Parts")
        #expect(vendor.metrics.qualityHundredths == 450)
        #expect(vendor.metrics.onTimeBasisPoints == 10_000)
        #expect(vendor.stream.entries.count == 3 && vendor.metrics.counted.count == 2)
    }

    @Test("AD-012: what a vendor comes to is written nowhere: rating leaves the company as it was")
    func derived() throws {
        let id = try firm.hub.node.company("Precision Parts").entry.record.id
        func writes() throws -> Int {
            try firm.hub.node.read {
                try $0.history(of: id, entity: Company.number, in: Company.directory).count
            }
        }
        let before = try writes()

        try firm.hub.node.rateVendor(
            "Precision Parts",
            { $0.quality = 4 },
            by: firm.hub.actor("nguyen.van.a")
        )

        #expect(try writes() == before)
        #expect(try firm.hub.node.vendor("Precision Parts").metrics.qualityHundredths == 400)
    }

    @Test("AD-008: vendors are read from the companies that are of the kind")
    func list() throws {
        try firm.hub.node.addCompany(
            ["name": "Acme", "kinds": ["customer"]],
            by: firm.hub.actor("nguyen.van.a")
        )

        #expect(try firm.hub.node.vendors().map(\.entry.name) == ["Precision Parts"])
        let refused = #expect(throws: CommandFault.self) {
            try firm.hub.node.rateVendor(
                "Acme",
                { $0.quality = 4 },
                by: firm.hub.actor("nguyen.van.a")
            )
        }
        #expect(refused?.reason == "no-vendor")
    }
}
