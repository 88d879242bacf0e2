import CRDT
import Domain
import Node
import Storage
import Testing

/// What people find without knowing where it stands.
@Suite("Finding")
struct FindingTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
    }

    private func write(_ operations: [CRDT.Operation], in scope: Scope) throws {
        _ = try firm.hub.node.act(.machine) { _ in
            var draft = Draft()
            draft.add(operations, in: scope)
            return draft
        }
    }

    private func task(
        _ code: String,
        _ title: String,
        of person: ID,
        due: String,
        in scope: Scope
    ) -> CRDT.Operation {
        var values = FieldValues()
        values.set(WorkTask.code, code)
        values.set(WorkTask.title, title)
        values.set(WorkTask.due, due)
        values.add(WorkTask.assignees, [.id(person)])
        let tenant = firm.hub.node.store.tenant
        return Operation(creating: WorkTask.entity, values, in: scope, tenant: tenant)
    }

    @Test("TV-131, TV-141: tasks and inspections of a person, and tasks by day, in all subjects")
    func acrossSubjects() throws {
        let node = firm.hub.node
        let scope = try node.project(Firm.project).scope
        let other = Scope.subject(ID(high: 0x77, low: 1))
        let people = try ["do.thi.j", "ly.van.k"].map { name in
            try node.read { try $0.user(named: name).fields.id(User.user) ?? .zero }
        }
        try write([task("T-1", "Mount", of: people[0], due: "2025-11-30", in: scope)], in: scope)
        try write(
            [
                task("T-2", "Paint", of: people[0], due: "2025-11-28", in: other),
                task("T-3", "Pack", of: people[1], due: "2025-12-09", in: other),
            ],
            in: other
        )
        var values = FieldValues()
        values.set(Inspection.build, "B-9")
        values.set(Inspection.process, "FINAL_QC")
        values.set(Inspection.assignedTo, people[1])
        let tenant = node.store.tenant
        try write(
            [Operation(creating: Inspection.entity, values, in: other, tenant: tenant)],
            in: other
        )

        try node.read { view in
            func codes(_ lookUp: LookUp) throws -> [String] {
                try view.records(lookUp).items.compactMap { $0.record.fields.text(WorkTask.code) }
            }
            let own = LookUp(WorkTask.byAssignee, of: WorkTask.entity, [.id(people[0])])
            #expect(try codes(own).sorted() == ["T-1", "T-2"])
            var due = LookUp(WorkTask.byDue, of: WorkTask.entity)
            due.below = .text("2025-12-01")
            #expect(try codes(due) == ["T-2", "T-1"])
            let inspections = LookUp(
                Inspection.byAssignee,
                of: Inspection.entity,
                [.id(people[1])]
            )
            let found = try view.records(inspections).items
            #expect(found.map { $0.record.fields.text(Inspection.build) } == ["B-9"])
            #expect(found.first?.scope == other)
        }
    }

    @Test("FP-173: names, numbers and notes are found in three languages, with where they stand")
    func search() throws {
        let node = firm.hub.node
        let scope = try node.project(Firm.project).scope
        let person = try node.read { try $0.user(named: "do.thi.j").fields.id(User.user) ?? .zero }
        try write(
            [
                task("T-7", "Lắp động cơ 12,5 kW", of: person, due: "2025-11-30", in: scope),
                task("T-8", "検査結果を書く", of: person, due: "2025-11-30", in: scope),
            ],
            in: scope
        )
        func labels(_ text: String, kinds: [String] = []) throws -> [String] {
            var request = SearchRequest(text)
            request.kinds = kinds
            return try node.search(request).hits.map(\.label)
        }

        #expect(try labels("dong co") == ["Lắp động cơ 12,5 kW"])
        #expect(try labels("１２．５") == ["Lắp động cơ 12,5 kW"])
        #expect(try labels("検査") == ["検査結果を書く"])
        #expect(try labels("t-8") == ["検査結果を書く"])
        #expect(try labels("prj-000123", kinds: ["project"]) == ["Widget A Rev2"])
        #expect(try labels("prj-000123", kinds: ["task"]) == [])
        let hit = try #require(try node.search(SearchRequest("dong")).hits.first)
        #expect(hit.kind == "task" && hit.project == Firm.project && hit.scope == scope)
        #expect(hit.snippet.contains("động"))
        let error = #expect(throws: CommandFault.self) { try labels("x", kinds: ["tasks"]) }
        #expect(error?.code == .notFound)
        var query = ProjectQuery()
        query.text = "widget"
        #expect(try node.projects(query).rows.count == 1)
        query.text = "gadget"
        #expect(try node.projects(query).rows.isEmpty)
    }
}
