import CRDT
import Domain
import Foundation
import Node
import Storage
import Testing

/// What is particular to each kind of table.
@Suite("Kinds of table")
struct TableKindsTests {
    private let workshop: Workshop
    private var hub: LocalNode { workshop.hub }

    init() throws {
        workshop = try Workshop(seed: 158)
        _ = try workshop.hub.importFolder("\(Sources.top)/fixtures/factory-pulse", by: .machine)
    }

    private func take(_ text: String, _ table: RecordTable) throws -> ImportReport {
        let path = workshop.folder + "/\(table.rawValue)-\(text.utf8.count)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try hub.importTable(path, of: table, by: .machine)
    }

    private func user(_ name: String) throws -> Fields {
        try hub.read { try $0.user(named: name).fields }
    }

    // MARK: Master data as JSON

    @Test("objects under their ids are rows, and come in again as updates")
    func keyedObjects() throws {
        defer { workshop.clean() }
        let first = try take(
            """
            {"companies": {
              "00000000000000000000000000000718": {"name": "Sinks", "kinds": ["vendor"]},
              "00000000000000000000000000000719": {"name": "Basins", "kinds": ["vendor"]}
            }}
            """,
            .companies
        )
        let second = try take(
            """
            {"00000000000000000000000000000718": {"name": "Sink bodies", "notes": "steel"},
             "00000000000000000000000000000719": {"name": "Basins"}}
            """,
            .companies
        )

        #expect(first.created == 2)
        #expect(second.changed == 1 && second.unchanged == 1 && second.refused.isEmpty)
        let company = try hub.company("00000000000000000000000000000718")
        #expect(company.name == "Sink bodies")
    }

    @Test("TV-159, C-64: missing names and kinds, and words of no list, are errors of their rows")
    func strictRows() throws {
        defer { workshop.clean() }
        let report = try take(
            """
            [{"name": "A", "kinds": ["vendor"]}, {"kinds": ["vendor"]},
             {"name": "B", "kinds": ["PUMP"]}, {"name": "C", "kinds": null},
             {"name": "D", "kinds": ["vendor"], "status": "SLEEPING", "colour": "red"}, 7,
             {"name": "E", "kinds": ["vendor"], "notes": {"a": 1}}]
            """,
            .companies
        )

        #expect(report.created == 1)
        #expect(
            report.refused.map(\.row) == [
                "item 2", "item 3", "item 4", "item 5", "item 6", "item 7",
            ]
        )
        #expect(report.refused[2].reasons == "kinds is missing")
        #expect(report.refused[3].reasons.split(separator: ";").count == 2)
    }

    @Test("TV-161: a thousand rows take less than 30 seconds, in actions of thousands")
    func thousand() throws {
        defer { workshop.clean() }
        let rows = (1...1_000).map { "C-\($0),Company \($0),customer" }
        let text = "number,name,kinds\n" + rows.joined(separator: "\n")
        let before = try hub.read { try $0.scopes().count }

        let clock = ContinuousClock()
        var report: ImportReport?
        let time = try clock.measure { report = try take(text, .companies) }

        #expect(report?.created == 1_000 && time < .seconds(30))
        #expect(try hub.read { try $0.scopes().count } == before + 1)
    }

    @Test("TV-027: a company is found by its number, its name in any case, and its id")
    func found() throws {
        defer { workshop.clean() }
        let rows = (1...300).map { "C-\($0),Company \($0),customer" }
        _ = try take("number,name,kinds\n" + rows.joined(separator: "\n"), .companies)

        let company = try hub.company("c-77")
        #expect(try hub.company("COMPANY 77").entry.id == company.entry.id)
        #expect(try hub.company("\(company.entry.id)").name == "Company 77")
        let unknown = #expect(throws: CommandFault.self) { try hub.company("Company 301") }
        #expect(unknown?.code == .notFound)
    }

    @Test("TV-163: an import leaves one record with counts, times, the file's hash and its errors")
    func job() throws {
        defer { workshop.clean() }
        let text = "name,kinds\nA,vendor\n,vendor\n"
        _ = try take(text, .companies)
        _ = try take(text, .companies)

        let jobs = try hub.importJobs()
        #expect(jobs.count == 1)
        let job = try #require(jobs.first)
        #expect(job.status == .warning && job.rows == 2 && job.created == 1 && job.refused == 1)
        #expect(job.content.count == 32 && job.startedAt != nil)
        #expect((job.completedAt ?? 0) >= (job.startedAt ?? 1))
        #expect(job.errors == "row 3: name is missing\n")
        let bad = try take("name,kinds\n,vendor\n", .companies)
        #expect(try bad.created == 0 && hub.importJobs().last?.status == .error)
    }

    // MARK: People

    @Test("C-07: direct reports are edges; a person with two managers is refused")
    func twoManagers() throws {
        defer { workshop.clean() }
        let report = try take(
            """
            username,manager,direct_reports
            a.one,,c.three|d.four
            b.two,,c.three
            c.three,,
            d.four,,
            """,
            .users
        )

        #expect(report.created == 3)
        #expect(report.refused.map(\.row) == ["row 4"])
        #expect(report.refused.first?.reasons == "has two managers: a.one and b.two")
        let boss = try user("a.one").id(User.user)
        #expect(try user("d.four").id(User.manager) == boss)
    }

    @Test("C-05: roles and states of people have the names of other systems as well")
    func words() throws {
        defer { workshop.clean() }
        let people = try take("username,status\nq.one,INACTIVE\n", .users)
        let memberships = try take(
            """
            user,role,level,effective_from
            q.one,QC_PERSON,,2026-01-01
            q.one,Sales Manager,,2026-01-01
            q.one,ASSEMBLER,lead,2026-01-01
            q.one,JUGGLER,,2026-01-01
            """,
            .memberships
        )

        #expect(people.created == 1 && memberships.created == 3)
        #expect(try user("q.one").text(User.status) == "disabled")
        #expect(memberships.refused.map(\.row) == ["row 5"])
        let id = try user("q.one").id(User.user)
        let held = try hub.read { try $0.records(of: Membership.entity, in: .tenant) }
            .filter { $0.fields.id(Membership.user) == id }
            .map { fields in
                let role = fields.fields.text(Membership.role) ?? ""
                return "\(role):\(fields.fields.integer(Membership.level) ?? 0)"
            }
        #expect(Set(held) == ["qa:1", "sales:2", "assembler:2"])
    }

    // MARK: Work

    @Test("a check plan is taken whole or not at all, and a version that is written stays")
    func checkPlans() throws {
        defer { workshop.clean() }
        let header = "process,version,phase,name,item,title,unit,low,high\n"
        let good =
            header + "LEAK,1,IN_PROCESS,Leak,1,Seal,,,\nLEAK,1,IN_PROCESS,Leak,2,Rate,ml,,0.50\n"
        let report = try take(
            good + "HALF,1,IN_PROCESS,Half,1,Seal,,,\nHALF,1,IN_PROCESS,Half,two,Rate,,,\n",
            .checkPlans
        )
        let changed = try take(good.replacing("0.50", with: "0.60"), .checkPlans)
        let next = try take(good.replacing("LEAK,1", with: "LEAK,2"), .checkPlans)
        let skipping = try take(good.replacing("LEAK,1", with: "LEAK,4"), .checkPlans)

        #expect(report.created == 1 && report.refused.map(\.row) == ["row 4", "row 5"])
        #expect(report.refused.first?.reasons.contains("row 5") == true)
        #expect(changed.refused.count == 1 && changed.created == 0)
        #expect(next.created == 1 && skipping.refused.count == 1)
        let items = try hub.read { try $0.records(of: QualityItem.entity, in: .tenant) }
        #expect(items.filter { $0.fields.text(QualityItem.process) == "LEAK" }.count == 4)
        #expect(!items.contains { $0.fields.text(QualityItem.process) == "HALF" })
    }

    @Test("FP-171: a project steps through its workflow, and its version says what needs approval")
    func gate() throws {
        defer { workshop.clean() }
        _ = try take(
            """
            name,version,stages,sub_stages
            Short,1,production|completed,quality_testing approval=yes
            Short,2,production|completed,quality_testing approval=no
            """,
            .definitions
        )
        let projects = try take(
            """
            number,title,workflow,workflow_version,stage
            P-1,With approval,Short,1,production
            P-2,Without,Short,2,production
            """,
            .projects
        )
        #expect(projects.created == 2, "\(projects.refused)")
        let inspector = try hub.actor(as: "bui.thi.h", by: .tester)
        for number in ["P-1", "P-2"] {
            try hub.take(ProgressRequest(.finish, number, "quality_testing"), by: inspector)
        }

        let states = try ["P-1", "P-2"].map { number in
            try hub.project(number).rows(of: "production").map(\.status.rawValue)
        }
        #expect(states == [["in_review"], ["completed"]])
        #expect(try hub.project("P-1").stage == "production")
        #expect(try hub.project("P-2").stage == "completed")
        #expect(throws: (any Error).self) {
            try hub.advance("P-1", to: "completed", by: inspector)
        }
    }

    @Test("a workflow that is written, a stage of a project and its workflow are not changed")
    func fixedWork() throws {
        defer { workshop.clean() }
        let definition = try take(
            "name,version,stages\nManufacturing Workflow,1,production\nNew,1,nowhere\n",
            .definitions
        )
        let project = try take(
            """
            number,title,workflow,stage
            PRJ-000123,Widget A Rev2,Manufacturing Workflow,
            PRJ-000123x,New,Default Workflow,nowhere
            ,No number,Default Workflow,
            """,
            .projects
        )

        #expect(definition.refused.map(\.row) == ["row 2", "row 3"])
        #expect(project.refused.count == 3 && project.created == 0)
    }

    @Test("tasks come with their people, and a row that breaks a rule of tasks is refused")
    func tasks() throws {
        defer { workshop.clean() }
        let report = try take(
            """
            project,code,title,type,assignees,estimated_minutes,due
            PRJ-000123,T-1,Mount the pump,assembly,do.thi.j|ly.van.k,90,2026-02-28
            PRJ-000123,T-2,Polish,polishing,,90,
            PRJ-000123,T-3,Test,TESTING,nobody,90,2026-02-30
            NOWHERE,T-4,Test,TESTING,,90,
            """,
            .tasks
        )

        #expect(report.created == 1 && report.refused.map(\.row) == ["row 3", "row 4", "row 5"])
        #expect(report.refused[1].reasons.split(separator: ";").count == 2)
    }

    // MARK: Load

    @Test(
        "TV-165: the same seed makes the same tables, another one others; they come in as they are"
    )
    func generator() throws {
        defer { workshop.clean() }
        let size = SampleTables.Size(projects: 20, companies: 5, tasks: 3)
        let (one, same) = (SampleTables(seed: 7, size), SampleTables(seed: 7, size))
        let other = SampleTables(seed: 8, size)

        #expect(one.files.map(\.text) == same.files.map(\.text))
        #expect(one.files.map(\.text) != other.files.map(\.text))
        #expect(
            one.files.last { $0.table == .projects }?.text.contains("TEST-PROJECT-000020") == true
        )
        for (table, text) in one.files {
            var options = ImportOptions()
            options.startDay = "2026-01-01"
            let path = workshop.folder + "/load-\(table.rawValue)"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            let report = try hub.importTable(path, of: table, options, by: .machine)
            #expect(report.refused == [] && report.created > 0, "\(table)")
        }
        let stages = try Set(hub.projects().compactMap(\.stage))
        #expect(stages.isSuperset(of: ["draft", "configuration", "production", "quality_control"]))
    }
}
