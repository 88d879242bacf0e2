import Foundation
import Testing

/// Companies, contacts, vendors, imports and exports, as scripts meet them.
@Suite("Companies on the command line")
struct CompanyCommandTests {
    private struct Company: Decodable {
        struct Contact: Decodable {
            let name: String
            let primary: Bool
        }

        let company: String
        let name: String
        let proposed: Bool
        let contacts: [Contact]
    }

    private struct Report: Decodable {
        struct Refusal: Decodable, Hashable {
            let row: String
            let reasons: String
        }

        let created: Int
        let changed: Int
        let unchanged: Int
        let errors: [Refusal]
    }

    @Test("a company is added, gets contacts, is accepted and merged; vendors are rated")
    func companies() async throws {
        let hub = try await Firm("companies").hub
        let sales = ["--as", "vu.thi.f", "--json"]
        let manager = ["--as", "nguyen.van.a", "--json"]
        let added = try await hub.done(["company", "add", "Acme", "--kind", "vendor"] + sales)
            .result(Company.self)
        try await hub.done(
            [
                "contact", "add", "Lan", "--company", "Acme", "--email", "lan@acme.example",
                "--primary",
            ] + sales
        )
        try await hub.done(["company", "add", "Acme Ltd", "--kind", "vendor"] + sales)
        try await hub.done(["company", "accept", "Acme Ltd", "--number", "C-1"] + manager)
        let merged = try await hub.done(["company", "merge", "Acme", "--into", "C-1"] + manager)
            .result(Company.self)
        try await hub.done(
            ["vendor", "rate", "C-1", "--quality", "4", "--on-time", "no"] + manager
        )

        #expect(added.proposed && merged.name == "Acme Ltd" && !merged.proposed)
        #expect(merged.contacts.map(\.name) == ["Lan"])
        let vendor = try await hub.done("vendor", "show", added.company, "--json")
        #expect(vendor.output.contains("\"quality\":\"4.00\""))
        let list = try await hub.done("company", "list")
        #expect(list.output.split(separator: "\n").filter { $0.contains("Acme") }.count == 1)
    }

    @Test("an import ends with 65 and rows-refused where rows were refused; the others are in")
    func importing() async throws {
        let firm = try await Firm("tables")
        let file = try firm.folder.file(holding: "name;kinds\nAcme;vendor\n;vendor\nOptics;PUMP\n")
        let command = ["import", "--table", "companies", file, "--json"]

        let dry = try await firm.hub.command(command + ["--dry-run"])
        let wet = try await firm.hub.command(command)
        let again = try await firm.hub.command(command)

        #expect(dry.status == 65 && wet.status == 65 && again.status == 65)
        #expect(try wet.fault().error.reason == "rows-refused")
        let reports = try [dry, wet, again].map {
            try JSONDecoder().decode(Report.self, from: Data($0.output.utf8))
        }
        #expect(reports.map(\.created) == [1, 1, 0] && reports[2].unchanged == 1)
        #expect(reports[1].errors.map(\.row) == ["row 3", "row 4"])
        let unknown = try await firm.hub.command("import", "--table", "boats", file, "--json")
        #expect(unknown.status == 64)
    }

    @Test("an export is a new file that changes nothing when it is imported, in CSV and JSON")
    func exporting() async throws {
        let firm = try await Firm("export")
        try await firm.hub.done([
            "import", "--start", "2026-01-01", "\(Machine.fixtures)/sample",
        ])
        let before = try await firm.hub.digests()
        for name in ["contacts.csv", "contacts.json"] {
            let file = "\(firm.folder.path)/\(name)"
            try await firm.hub.done("export", "contacts", file, "--mark")
            let report = try await firm.hub.done("import", file, "--json").result(Report.self)
            #expect(report.unchanged == 10 && report.created + report.changed == 0)
            let taken = try await firm.hub.command("export", "contacts", file, "--json")
            #expect(taken.status == 73)
        }
        #expect(try await firm.hub.digests() == before)
    }

    @Test(
        "FP-030: an intake answers with success, or with the stage that failed and nothing written"
    )
    func intake() async throws {
        let firm = try await Firm("intake")
        let before = try await firm.hub.digests()
        let command = [
            "project", "intake", "Valve housing", "--company", "TechNova", "--contact", "Lan",
            "--workflow", "Default Workflow", "--site", "HCM", "--as", "pham.thi.d", "--json",
            "--email",
        ]

        let bad = try await firm.hub.command(command + ["nobody"])
        #expect(bad.status == 65)
        #expect(try bad.fault().error.reason == "contact-failed")
        #expect(try await firm.hub.digests() == before)
        let good = try await firm.hub.done(command + ["lan@technova.example"])
        #expect(good.output.contains("\"success\":true"))
    }
}
