import CRDT
import Domain
import Foundation
import Node
import Storage
import Testing

/// The sample data of `fixtures/sample`, taken in as a person would.
@Suite("Sample data")
struct SampleDataTests {
    private let workshop: Workshop
    private let brought: LocalNode.FolderImport
    private var hub: LocalNode { workshop.hub }
    private static let folder = "\(Sources.top)/fixtures/sample"
    /// The tables of the folder, in the order in which they are taken in.
    private static let tables: [RecordTable] = [
        .users, .memberships, .stages, .subStages, .definitions, .companies, .contacts, .projects,
        .projectContacts,
    ]

    init() throws {
        workshop = try Workshop(seed: 174)
        brought = try Self.take(workshop.hub)
    }

    private static func take(_ hub: LocalNode) throws -> LocalNode.FolderImport {
        var options = ImportOptions()
        options.startDay = "2026-01-01"
        return try hub.importAll(of: folder, options, by: .machine)
    }

    private func digests() throws -> [Hash] { try hub.store.digests().map(\.hash) }

    @Test("FP-174: five customers with their ids, countries and trades")
    func companies() throws {
        defer { workshop.clean() }
        let companies = try hub.companyViews(kind: "customer")

        #expect(
            companies.map { "\($0.entry.id)".suffix(6) + " " + $0.name }.sorted() == [
                "440001 TechNova Vietnam", "440002 Industrial Solutions USA",
                "440003 Precision Engineering Inc", "440004 Global Manufacturing Corp",
                "440005 Tokyo Precision Ltd",
            ]
        )
        let fields = try hub.company("Tokyo Precision Ltd").entry.fields
        #expect(fields.text(Company.country) == "JP")
        #expect(fields.text(Company.industry) == "Manufacturing")
        #expect(companies.allSatisfy { $0.entry.fields.text(Company.status) == "ACTIVE" })
    }

    @Test("FP-175, C-30: thirteen people of the rows that are listed, with addresses and roles")
    func people() throws {
        defer { workshop.clean() }
        let people = try hub.read { view in
            try view.records(of: User.entity, in: .tenant).filter { record in
                record.fields.text(User.email)?.hasSuffix("@factorypulse.com") == true
            }
        }

        #expect(people.count == 13)
        let names = people.compactMap { $0.fields.text(User.displayName) }
        #expect(names.contains("Bui Thi H") && names.contains("John Smith"))
    }

    @Test("FP-176, C-07: who reports to whom is kept as the manager of each")
    func managers() throws {
        defer { workshop.clean() }
        let managers = try hub.read { view in
            let names = try Nicknames(view)
            return try view.records(of: User.entity, sortedBy: User.username).map { record in
                "\(record.fields.text(User.username) ?? ""): "
                    + (record.fields.id(User.manager).map(names.user) ?? "-")
            }
        }

        #expect(managers.contains("nguyen.van.a: john.smith"))
        #expect(managers.contains("hoang.van.e: nguyen.van.a"))
        #expect(managers.contains("ngo.van.i: tran.thi.b"))
        #expect(managers.contains("dinh.van.g: le.van.c"))
        for person in ["mary.johnson", "le.van.c", "vu.thi.f", "do.thi.j", "ly.van.k"] {
            #expect(managers.contains("\(person): -"))
        }
    }

    @Test("FP-177: ten contacts, two of each company, the first of them primary")
    func contacts() throws {
        defer { workshop.clean() }
        let companies = try hub.companyViews()

        #expect(companies.allSatisfy { $0.contacts.count == 2 })
        let primary = companies.flatMap { $0.contacts.filter(\.isPrimary).map(\.name) }
        #expect(
            primary.sorted() == [
                "Hiroshi Tanaka", "John Anderson", "Mike Wilson", "Nguyen Van Minh",
                "Robert Chen",
            ]
        )
        #expect(try hub.contact("minh.nguyen@technova.vn").type == "customer")
    }

    @Test("FP-178: eight stages in their order, with days and roles")
    func stages() throws {
        defer { workshop.clean() }
        let stages = try hub.read { try $0.records(of: WorkflowStage.entity, in: .tenant) }
            .sorted {
                ($0.fields.integer(WorkflowStage.order) ?? 0)
                    < ($1.fields.integer(WorkflowStage.order) ?? 0)
            }

        #expect(
            stages.compactMap { $0.fields.text(WorkflowStage.slug) } == [
                "inquiry_received", "technical_review", "quote_preparation",
                "customer_approval", "production_planning", "manufacturing",
                "quality_control", "delivery_installation",
            ]
        )
        let days = stages.compactMap { $0.fields.integer(WorkflowStage.estimatedDays) }
        #expect(days == [1, 3, 5, 2, 7, 30, 5, 3])
    }

    @Test("FP-179, C-04: seven projects, each in its stage, due so many days after the start")
    func projects() throws {
        defer { workshop.clean() }
        let projects = try hub.projects()
        let rows = projects.map { project in
            let fields = project.record.fields
            let day = fields.text(Project.estimatedDeliveryDate) ?? "-"
            let priority = fields.text(Project.priority) ?? "-"
            return "\(project.number) \(priority) \(day) \(project.stage ?? "-")"
        }

        #expect(
            rows == [
                "PRJ-000001 high 2026-04-01 inquiry_received",
                "PRJ-000002 urgent 2026-03-02 manufacturing",
                "PRJ-000003 high 2026-03-17 production_planning",
                "PRJ-000013 high 2026-02-15 manufacturing",
                "PRJ-000024 normal 2026-05-01 quote_preparation",
                "PRJ-000035 urgent 2026-03-22 manufacturing",
                "PRJ-000036 high 2026-04-11 production_planning",
            ]
        )
        #expect(
            projects.map { $0.record.fields.text(Project.projectType) ?? "" }.sorted().first
                == "manufacturing"
        )
    }

    @Test("FP-180, C-13: the contacts of three projects are links with a role, all primary")
    func projectContacts() throws {
        defer { workshop.clean() }
        let links = try ["PRJ-000001", "PRJ-000002", "PRJ-000013"].flatMap { number in
            try hub.contacts(ofProject: number).map {
                "\($0.name ?? "") \($0.role) \($0.isPrimary)"
            }
        }

        #expect(
            links == [
                "Nguyen Van Minh project_manager true", "John Anderson technical_contact true",
                "Mike Wilson quality_contact true",
            ]
        )
    }

    @Test("C-29: the firm is the tenant and none of its customers; people and projects are its own")
    func internalTenant() throws {
        defer { workshop.clean() }
        let name = try hub.read { try $0.tenantRecord()?.fields.text(Tenant.name) }

        #expect(name == "Factory Pulse")
        #expect(try hub.companyViews().allSatisfy { $0.name != name })
        let customers = try hub.projects().compactMap { $0.record.fields.id(Project.customer) }
        #expect(customers.filter { "\($0)".hasSuffix("440005") }.count == 2)
    }

    @Test(
        "FP-182: what is only announced is made up: the same seed lets the people do the same work"
    )
    func work() throws {
        defer { workshop.clean() }
        let other = try Workshop(seed: 182)
        defer { other.clean() }
        _ = try Self.take(other.hub)

        let work = try hub.playSample(seed: 5, count: 30)
        let same = try other.hub.playSample(seed: 5, count: 30)
        let after = try hub.projects().map { $0.rows.map(\.status) }

        #expect(work.steps.count > 10 && work == same)
        #expect(try other.hub.projects().map { $0.rows.map(\.status) } == after)
        #expect(try hub.playSample(seed: 6, count: 30) != other.hub.playSample(seed: 7, count: 30))
        #expect(after.joined().contains(.completed))
    }

    @Test("FP-181, C-32: no file of the sample data holds a password")
    func noPasswords() throws {
        defer { workshop.clean() }
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.folder)
        where file != "README.md" {
            let text = try String(contentsOfFile: "\(Self.folder)/\(file)", encoding: .utf8)
            #expect(!text.lowercased().contains("password"), "\(file)")
        }
        let fields = Catalogue.schema.entities.flatMap(\.fields).map(\.name)
        #expect(!fields.contains { $0.contains("password") })
    }

    @Test("importing all of it again changes nothing, in any part")
    func again() throws {
        defer { workshop.clean() }
        let before = try digests()

        let again = try Self.take(hub)

        #expect(brought.tables.map(\.table) == Self.tables)
        #expect(brought.tables.allSatisfy { $0.refused.isEmpty })
        #expect(again.records.isEmpty && again.tables.allSatisfy { $0.created + $0.changed == 0 })
        #expect(try digests() == before)
    }

    @Test("what is exported, as CSV or JSON, changes nothing when it is imported (DOM-167)")
    func roundTrip() throws {
        defer { workshop.clean() }
        _ = try hub.importFolder("\(Sources.top)/fixtures/factory-pulse", by: .machine)
        try addMore()
        let before = try digests()
        for table in RecordTable.allCases {
            let export = try hub.export(table)
            #expect(!export.rows.isEmpty, "\(table)")
            for text in [
                export.commaSeparated(), export.commaSeparated(withMark: true), export.json.text,
            ] {
                let path = workshop.folder + "/\(table.rawValue)"
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                let report = try hub.importTable(path, of: table, by: .machine)

                #expect(report.refused == [], "\(table)")
                // The rows of a check plan are one.
                let rows = table == .checkPlans ? 1 : export.rows.count
                #expect(report.unchanged + report.merged == rows, "\(table)")
                #expect(try digests() == before, "\(table)")
            }
        }
    }

    /// A row of each kind that the sample data does not have.
    private func addMore() throws {
        let manager = try hub.actor(as: "nguyen.van.a", by: .tester)
        try hub.setAddress(
            of: "TechNova Vietnam",
            [
                "type": "BOTH", "street_1": "1, Le Loi", "city": "=Hue",
                "is_default_billing": "yes", "is_validated": "yes",
            ],
            by: manager
        )
        try hub.editCompany(
            "TechNova Vietnam",
            ["credit_limit": "500000", "tax_exempt": "yes", "tags": ["a|b", "c\\d"]],
            by: manager
        )
        let tasks = """
            project,code,title,type,assignees,instructions,estimated_minutes,priority
            PRJ-000002,T-1,Mount the pump,assembly,do.thi.j|ly.van.k,Clean|Mount,90,MEDIUM
            """
        let path = workshop.folder + "/tasks.csv"
        try Data(tasks.utf8).write(to: URL(fileURLWithPath: path))
        let report = try hub.importTable(path, of: .tasks, by: .machine)
        #expect(report.created == 1, "\(report.refused)")
    }
}
