import CRDT
import Domain
import Foundation
import Node
import Storage
import Testing

/// Master data on a hub and stations that meet.
@Suite("Master data")
struct MasterDataTests {
    private let firm: Firm
    private let folder = FileManager.default.temporaryDirectory.path

    init() throws { firm = try Firm(seed: 11) }

    private func importAtHub(_ text: String, _ table: RecordTable) throws -> ImportReport {
        let path = folder + "/gemba-master-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try firm.hub.node.importTable(path, of: table, by: .machine)
    }

    @Test("S-11 what the hub takes in, every station holds after they met")
    func pulled() throws {
        _ = try importAtHub("number,name,kinds\nC-1,TechNova,customer\n", .companies)
        _ = try importAtHub("company,name,email\nC-1,Lan,lan@technova.vn\n", .contacts)
        _ = try importAtHub(
            "process,version,phase,name,item,title\nLEAK,1,IN_PROCESS,Leak,1,Seal\n",
            .checkPlans
        )
        try firm.meetAll()

        for station in firm.all {
            #expect(try station.node.company("C-1").contacts.map(\.name) == ["Lan"])
            let rows = try station.node.export(.checkPlans).rows
            #expect(rows.contains { $0.first == .text("LEAK") }, "\(station.name)")
        }
        #expect(try firm.differences() == [])
        #expect(try firm.faults() == [])
    }

    @Test("S-11 a station cannot write master data: not in its own name, nor in a hub's")
    func refused() throws {
        _ = try importAtHub("number,name,kinds\nC-1,TechNova,customer\n", .companies)
        try firm.meetAll()
        var plan = FieldValues()
        plan.set(QualityProcess.code, "LEAK")
        plan.set(QualityProcess.version, Int64(1))
        let creation = Operation(
            creating: QualityProcess.entity,
            plan,
            in: .tenant,
            tenant: firm.hub.node.store.tenant
        )
        let atDoor = #expect(throws: StorageError.self) {
            try firm.st1.node.act(firm.st1.actor("do.thi.j")) { _ in
                var draft = Draft()
                draft.add(creation, in: .tenant)
                return draft
            }
        }
        let company = try firm.st1.node.company("C-1").entry.record
        _ = try firm.st1.node.act(firm.st1.actor("do.thi.j")) { _ in
            let edit = FieldEdit(
                Company.humanNumber,
                .write(.text("C-9"), replacing: company.names(Company.humanNumber))
            )
            var draft = Draft()
            draft.add(
                Operation(Company.number, .existing(company.id), edits: [edit]),
                in: Company.directory
            )
            return draft
        }
        try firm.meetAll()

        #expect(atDoor?.code == .inadmissible)
        for station in firm.all {
            let fields = try station.node.company("TechNova").entry.fields
            #expect(fields.text(Company.humanNumber) == "C-1", "\(station.name)")
        }
        let importing = #expect(throws: RuleFault.self) {
            try firm.st1.node.importTable("/none", of: .companies, by: .machine)
        }
        #expect(importing?.code == .hubOnly)
    }

    @Test("an import settles no conflict: what is shown already is left as it is (DOM-166)")
    func conflictStays() throws {
        let text = "number,name,kinds,industry\nC-1,TechNova,customer,Robotics\n"
        _ = try importAtHub(text, .companies)
        try firm.meetAll()
        for (station, industry) in [(firm.st1, "Optics"), (firm.st2, "Robotics 2")] {
            try station.node.editCompany(
                "C-1",
                ["industry": .text(industry)],
                by: station.actor("pham.thi.d")
            )
        }
        try firm.meetAll()
        let shown = try firm.hub.node.company("C-1").entry.fields.text(Company.industry) ?? ""

        let again = try importAtHub(text.replacing("Robotics", with: shown), .companies)

        #expect(again.unchanged == 1 && again.changed == 0)
        #expect(try firm.hub.node.company("C-1").hasConflict)
    }

    @Test("TV-021: an export holds what the node may read: nothing commercial at a station")
    func exported() throws {
        _ = try importAtHub(
            "number,name,kinds,credit_limit\nC-1,TechNova,customer,500000\n",
            .companies
        )
        try firm.meetAll()

        let (hub, station) = (
            try firm.hub.node.export(.companies), try firm.st1.node.export(.companies)
        )
        let place = try #require(RecordTable.companies.columnNames.firstIndex(of: "credit_limit"))
        #expect(hub.rows.map { $0[place] } == [.text("500000")])
        #expect(station.rows.map { $0[place] } == [.empty])
        #expect(
            hub.commaSeparated().split(separator: "\r\n").first
                == station.commaSeparated().split(separator: "\r\n").first
        )
    }
}
