import CRDT
import Domain
import Node
import Storage
import Testing

/// What lists read of subjects is kept, and never older than the store.
@Suite("Lists")
struct ListTests {
    private let firm: Firm
    private static let workflow = "Default Workflow"

    /// The sample firm with 24 projects more, of three people and four priorities.
    init() throws {
        firm = try Firm()
        let management = try firm.hub.actor("nguyen.van.a")
        for number in 0..<24 {
            var new = NewProject("Frame \(number)")
            new.priority = ["low", "normal", "high", "urgent"][number % 4]
            new.assignedTo = ["do.thi.j", "ly.van.k", nil][number % 3]
            new.requestedDueDate = number % 5 == 0 ? "2025-11-\(10 + number / 5)" : "2026-01-31"
            new.sites = ["HCM"]
            new.workflow = Self.workflow
            _ = try firm.hub.node.create(new, by: management)
        }
    }

    /// The rows of a list, all pages of it, as texts.
    private func pages(
        _ node: LocalNode,
        limit: Int,
        _ fill: (inout ProjectQuery) -> Void = { _ in }
    ) throws -> [String] {
        var query = ProjectQuery()
        fill(&query)
        query.limit = limit
        var rows: [String] = []
        while true {
            let page = try node.projects(query)
            #expect(page.rows.count <= limit)
            rows += page.rows.map(\.text)
            guard let next = page.next else { return rows }
            query.after = next
        }
    }

    /// The same, from the projects themselves.
    private func scanned(
        _ node: LocalNode,
        where fits: (ProjectView) -> Bool = { _ in true }
    ) throws -> [String] {
        let names = try node.read { try Nicknames($0) }
        return try node.projects().filter(fits).map { try $0.summary(names, node.age(of: $0)).text }
    }

    @Test("FP-054, FP-079: pages of a list say what the projects do, whatever narrows them")
    func pagesAgree() throws {
        let node = firm.hub.node
        let person = try node.read { try $0.user(named: "do.thi.j").fields.id(User.user) }
        let all = try scanned(node)

        #expect(all.count == 25)
        for limit in [1, 7, 100] { #expect(try pages(node, limit: limit) == all) }
        #expect(
            try pages(node, limit: 4) { $0.assignedTo = "do.thi.j" }
                == scanned(node) { $0.record.fields.id(Project.assignedTo) == person }
        )
        #expect(
            try pages(node, limit: 3) {
                $0.assignedTo = "do.thi.j"
                $0.priority = "high"
            }
                == scanned(node) {
                    let fields = $0.record.fields
                    return fields.id(Project.assignedTo) == person
                        && fields.text(Project.priority) == "high"
                }
        )
    }

    @Test("FP-073: a list of what is late has it by its day, and no more once it is delivered")
    func late() throws {
        let node = firm.hub.node
        let late = try node.projects().filter {
            ($0.record.fields.text(Project.requestedDueDate) ?? "~") < "2025-11-24"
        }
        .sorted {
            let days = [$0, $1].map { $0.record.fields.text(Project.requestedDueDate) ?? "" }
            return (days[0], $0.number) < (days[1], $1.number)
        }
        let names = try node.read { try Nicknames($0) }
        let shown = try pages(node, limit: 2) { $0.isLate = true }

        #expect(late.count >= 5)
        #expect(try shown == late.map { try $0.summary(names, node.age(of: $0)).text })

        let delivered = try #require(late.first)
        let id = delivered.record.id
        let day = FieldEdit(
            Project.actualDeliveryDate,
            .write(.text("2025-11-23"), replacing: [])
        )
        _ = try node.act(.machine) { _ in
            var draft = Draft()
            draft.add(
                Operation(Project.number, .existing(id), edits: [day]),
                in: delivered.scope
            )
            return draft
        }
        #expect(try pages(node, limit: 9) { $0.isLate = true }.count == late.count - 1)
    }

    @Test("FP-064, FP-079: an advance is in the next list, made here or brought by a peer")
    func neverStale() throws {
        let (hub, st1) = (firm.hub.node, firm.st1)
        func inStage(_ node: LocalNode) throws -> Int {
            let rows = try pages(node, limit: 10) { $0.stage = "procurement_planning" }
            return rows.count
        }
        try firm.meetAll()
        #expect(try inStage(hub) == 0)
        #expect(try inStage(st1.node) == 0)

        try hub.advance(
            Firm.project,
            to: "procurement_planning",
            reason: "customer waived the RFQ",
            by: firm.hub.actor("nguyen.van.a")
        )

        #expect(try inStage(hub) == 1)
        #expect(try inStage(st1.node) == 0)
        try firm.meet(st1, firm.hub)
        #expect(try inStage(st1.node) == 1)
        #expect(try pages(st1.node, limit: 3) == scanned(st1.node))
    }

    @Test("a verdict that takes an edit back is in the next list")
    func verdict() throws {
        let hub = firm.hub.node
        var edit = LocalNode.ProjectEdit()
        edit.title = "Wrong"
        try hub.edit(Firm.project, edit, by: firm.hub.actor("nguyen.van.a"))
        #expect(try pages(hub, limit: 100).joined().contains("Wrong"))
        let scope = try hub.project(Firm.project).scope
        let record = try hub.project(Firm.project).record
        let history = try hub.read { view in
            try view.history(of: record.id, entity: Project.number, in: scope)
        }
        let change = try #require(history.last?.origin.change)

        _ = try hub.rule(
            .rejected,
            on: ["\(change)"],
            reason: "a slip",
            by: firm.hub.actor("nguyen.van.a")
        )

        #expect(try !pages(hub, limit: 100).joined().contains("Wrong"))
        #expect(try pages(hub, limit: 100) == scanned(hub))
    }

    @Test("a page goes on where it ended, whatever is written before or after it")
    func stablePages() throws {
        let node = firm.hub.node
        var query = ProjectQuery()
        query.limit = 10
        let first = try node.projects(query)
        var new = NewProject("In between")
        new.sites = ["HCM"]
        new.number = "PRJ-000000"
        new.workflow = Self.workflow
        _ = try node.create(new, by: firm.hub.actor("nguyen.van.a"))
        query.after = first.next
        let second = try node.projects(query)

        let all = try scanned(node)
        #expect(all.first?.contains("PRJ-000000") == true)
        #expect((first.rows + second.rows).map(\.text) == Array(all.dropFirst().prefix(20)))
        query.after = "00"
        let error = #expect(throws: CommandFault.self) { try node.projects(query) }
        #expect(error?.code == .badInput)
    }

    @Test("what is kept shows people by the names that they have now")
    func names() throws {
        let node = firm.hub.node
        _ = try pages(node, limit: 100)
        while try node.refreshLists() {}
        let user = try node.read { try $0.user(named: "ly.van.k") }
        let renamed = FieldEdit(
            User.username,
            .write(.text("ly.van.kim"), replacing: user.names(User.username))
        )
        let operation = Operation(User.number, .existing(user.id), edits: [renamed])
        _ = try node.act(.machine) { _ in
            var draft = Draft()
            draft.add(operation, in: .tenant)
            return draft
        }

        #expect(try pages(node, limit: 9).joined().contains("ly.van.kim"))
        #expect(try pages(node, limit: 9) == scanned(node))
        #expect(try node.read { try $0.user(named: "LY.VAN.KIM").id } == user.id)
    }

    @Test("TV-008, TV-141: hours of a day read by index are those that a scan finds")
    func hours() throws {
        let st1 = firm.st1
        firm.at("07:00")
        let people = ["do.thi.j", "ly.van.k", "bui.thi.h"]
        for (index, person) in people.enumerated() {
            let actor = try st1.actor(person)
            for hour in 0..<4 {
                _ = try st1.node.logHours(
                    HoursRequest("WORK"),
                    from: "2025-11-2\(index + 1) 0\(hour + 1):00",
                    to: "2025-11-2\(index + 1) 0\(hour + 1):50",
                    by: actor
                )
            }
        }
        let running = try st1.node.startHours(HoursRequest("WAIT"), by: st1.actor("ly.van.k"))
        let all = try st1.node.hours().entries
        var edit = LocalNode.HoursEdit()
        (edit.start, edit.end) = ("2025-11-20 01:00", "2025-11-20 02:00")
        edit.reason = "the day before"
        let moved = try #require(all.first { $0.person != nil }).id
        try st1.node.correctHours("\(moved)", edit, by: st1.actor("do.thi.j"))

        let day = Firm.milliseconds("00:00") - 4 * 86_400_000
        let sheet = try st1.node.hours().entries
        for offset in 0..<5 {
            let start = day + Int64(offset) * 86_400_000
            let period = start..<(start + 86_400_000)
            for person in people + [nil] {
                let user = try person.map { name in
                    try st1.node.read { try $0.user(named: name).fields.id(User.user) }
                }
                let expected = sheet.filter { entry in
                    (period.contains(entry.start) || entry.isRunning)
                        && (user == nil || entry.person == user)
                }
                #expect(try st1.node.hours(of: person, in: period).entries == expected)
            }
        }
        #expect(try st1.node.hours(around: running).entry(running)?.isRunning == true)
        try st1.node.stopHours(at: nil, by: st1.actor("ly.van.k"))
        #expect(try st1.node.hours(around: running).entry(running)?.isRunning == false)
        #expect(try st1.node.store.verify { _ in }.faults == [])
    }
}
