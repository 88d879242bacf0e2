import CRDT
import Domain
import Foundation
import Node
import Storage
import Testing

/// Files of records taken in at a hub, and written out again.
@Suite("Tables")
struct TableImportTests {
    private let workshop: Workshop
    private var hub: LocalNode { workshop.hub }

    init() throws { workshop = try Workshop(seed: 76) }

    private func importText(
        _ text: String,
        of table: RecordTable,
        start: String? = nil,
        isDryRun: Bool = false,
        by actor: Actor = .machine
    ) throws -> ImportReport {
        var options = ImportOptions()
        options.startDay = start
        options.isDryRun = isDryRun
        let path = workshop.folder + "/\(table.rawValue)-\(text.utf8.count)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try hub.importTable(path, of: table, options, by: actor)
    }

    private func digests() throws -> [Hash] { try hub.store.digests().map(\.hash) }

    // MARK: Form

    @Test(
        "quotes, line ends, separators and a byte order mark are read as RFC 4180 says (DOM-167)",
        arguments: [
            "name,kinds,notes\n\"Acme, \"\"A\"\"\",customer,\"two\nlines\"\n",
            "\u{FEFF}name,kinds,notes\r\n\"Acme, \"\"A\"\"\",customer,\"two\nlines\"\r\n",
            "Name;Kinds;Notes\n\"Acme, \"\"A\"\"\";customer;\"two\nlines\"",
            "name\tkinds\tnotes\n\"Acme, \"\"A\"\"\"\tcustomer\t\"two\nlines\"\n\n",
            "{\"companies\": [{\"name\": \"Acme, \\\"A\\\"\", \"kinds\": [\"customer\"], "
                + "\"notes\": \"two\\nl\\u0069nes\"}]}",
            "[{\"name\": \"Acme, \\\"A\\\"\", \"kinds\": \"customer\", "
                + "\"notes\": \"two\\nlines\"}]",
        ]
    )
    func forms(text: String) throws {
        defer { workshop.clean() }
        let report = try importText(text, of: .companies)

        #expect(report.created == 1 && report.refused.isEmpty)
        let fields = try hub.company("Acme, \"A\"").entry.fields
        #expect(fields.text(Company.notes) == "two\nlines")
    }

    @Test(
        "a file that cannot be read as a whole is refused as a whole",
        arguments: [
            "name,colour\nAcme,red\n", "name,name\nA,B\n", "", "name,kinds\n\"Acme,customer\n",
            "[{\"name\": \"Acme\"", "[1e", "{\"a\": 1}", "name\n\u{FEFF}",
        ].map { Array($0.utf8) } + [[0x6e, 0x0a, 0xff]]
    )
    func badFiles(bytes: [UInt8]) throws {
        defer { workshop.clean() }
        let path = workshop.folder + "/companies.csv"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let before = try digests()

        let report = try? hub.importTable(path, of: .companies, by: .machine)

        let after = try digests()
        #expect(report == nil || report?.created == 0)
        #expect(report != nil || after == before)
    }

    @Test("deep nesting, odd escapes and stray bytes of JSON end in a fault, never in a trap")
    func hostileJSON() throws {
        defer { workshop.clean() }
        let texts = [
            String(repeating: "[", count: 10_000), "[\"\\ud800\"]", "[\"\\u12\"]", "[\"\\x\"]",
            "[tru]", "[-]", "[1 2]", "{\"a\" 1}", "{\"a\":1,}", "[]]",
        ]
        for text in texts {
            #expect(throws: CommandFault.self, "\(text.prefix(20))") {
                try importText(text, of: .companies)
            }
        }
    }

    @Test("a text that a spreadsheet would take for a formula comes back as it was (DOM-167)")
    func formulas() throws {
        defer { workshop.clean() }
        let admin = try hub.actor(as: "nguyen.van.a", by: .tester)
        try hub.grant(LocalNode.RoleGrant("management", to: "nguyen.van.a"), by: admin)
        let names = ["=1+1", "+84", "-5", "@SUM", "'=x", "''-y", "＝z", "plain", "'quoted"]
        for (place, name) in names.enumerated() {
            try hub.addCompany(
                ["name": .text(name), "kinds": ["vendor"], "notes": .text("n\(place)|\\,\"")],
                by: admin
            )
        }
        let text = try hub.export(.companies).commaSeparated(withMark: true)
        let cells = text.split(whereSeparator: { $0 == "\r\n" || $0 == "," })

        #expect(cells.contains("'=1+1") && cells.contains("''=x") && cells.contains("'quoted"))
        #expect(!cells.contains { "=+-@＝".contains($0.first ?? "x") })
        let before = try digests()
        let again = try importText(text, of: .companies)
        #expect(again.unchanged == names.count && again.refused.isEmpty)
        #expect(try digests() == before)
    }

    // MARK: Rows

    @Test("S-11 bad rows are listed with all their reasons, and the good rows are taken")
    func badRows() throws {
        defer { workshop.clean() }
        let report = try importText(
            """
            id,name,kinds,status
            550e8400-e29b-41d4-a716-446655440001,TechNova,customer,ACTIVE
            550e8400-e29b-41d4-a716-446655440002,,customer,ACTIVE
            550e8400-e29b-41d4-a716-446655440003,Acme,PUMP,SLEEPING
            550e8400-e29b-41d4-a716-446655440004,Optics,,
            550e8400-e29b-41d4-a716-446655440005,Short,customer
            """,
            of: .companies
        )

        #expect(report.created == 1)
        #expect(report.refused.map(\.row) == ["row 3", "row 4", "row 5", "row 6"])
        let reasons = Dictionary(
            uniqueKeysWithValues: report.refused.map { ($0.row, $0.reasons) }
        )
        #expect(reasons["row 3"] == "name is missing")
        #expect(reasons["row 4"]?.split(separator: ";").count == 2)
        #expect(reasons["row 4"]?.contains("PUMP") == true)
        #expect(reasons["row 5"] == "kinds is missing")
        #expect(reasons["row 6"] == "has 3 cells where the header has 4")
        #expect(report.fault?.code == .badInput && report.fault?.reason == "rows-refused")
        let job = try #require(hub.importJobs().last)
        #expect(job.status == .warning && job.refused == 4 && job.created == 1)
        #expect(job.errors?.contains("row 3: name is missing") == true)
    }

    @Test("S-11 a doubled id is one row that the later one updates")
    func doubledRow() throws {
        defer { workshop.clean() }
        let report = try importText(
            """
            id,name,kinds,industry
            550e8400e29b41d4a716446655440001,TechNova,customer,Optics
            550E8400-E29B-41D4-A716-446655440001,TechNova Vietnam,,Technology
            """,
            of: .companies
        )

        #expect(report.created == 1 && report.merged == 1 && report.refused.isEmpty)
        let company = try hub.company("550e8400e29b41d4a716446655440001")
        #expect(company.name == "TechNova Vietnam")
        #expect(company.entry.fields.texts(Company.kinds) == ["customer"])
    }

    @Test("S-11 a second run changes nothing and says so; a changed cell changes one field")
    func again() throws {
        defer { workshop.clean() }
        let text = "number,name,kinds,tags\nC-1,TechNova,customer,a|b\nC-2,,customer,\n"
        _ = try importText(text, of: .companies)
        let before = try digests()

        let again = try importText(text, of: .companies)
        #expect(again.created + again.changed == 0 && again.unchanged == 1)
        #expect(again.lines.first?.contains("nothing new") == true)
        #expect(try digests() == before)

        let changed = try importText(
            "number,name,kinds,tags\nC-1,TechNova,customer,b|c\n",
            of: .companies
        )
        #expect(changed.changed == 1)
        #expect(try hub.company("C-1").entry.fields.texts(Company.tags) == ["b", "c"])
    }

    @Test("a dry run says the same and writes nothing")
    func dryRun() throws {
        defer { workshop.clean() }
        let text = "name,kinds\nTechNova,customer\n,customer\n"
        let before = try digests()

        let dry = try importText(text, of: .companies, isDryRun: true)
        #expect(try digests() == before && dry.isDryRun)
        let wet = try importText(text, of: .companies)

        #expect(dry.created == wet.created && dry.refused == wet.refused)
        #expect(try digests() != before)
    }

    @Test("only a hub imports, and of people only whoever has the role")
    func mayImport() throws {
        defer { workshop.clean() }
        _ = try hub.importFolder("\(Sources.top)/fixtures/factory-pulse", by: .machine)
        let text = "name,kinds\nTechNova,customer\n"

        let seller = try hub.actor(as: "pham.thi.d", by: .tester)
        let fault = #expect(throws: RuleFault.self) {
            try importText(text, of: .companies, by: seller)
        }
        let manager = try hub.actor(as: "nguyen.van.a", by: .tester)
        let report = try importText(text, of: .companies, by: manager)

        #expect(fault?.code == .notAllowed && report.created == 1)
    }

    @Test("what somebody removed, no file brings back")
    func removed() throws {
        defer { workshop.clean() }
        _ = try hub.importFolder("\(Sources.top)/fixtures/factory-pulse", by: .machine)
        let contacts = "company,name,email\nTechNova,Lan,lan@technova.vn\n"
        _ = try importText("name,kinds\nTechNova,customer\n", of: .companies)
        _ = try importText(contacts, of: .contacts)
        try hub.removeContact("Lan", by: hub.actor(as: "nguyen.van.a", by: .tester))

        let again = try importText(contacts, of: .contacts)

        #expect(again.created + again.changed == 0)
        #expect(try hub.contacts(of: "TechNova").isEmpty)
    }
}
