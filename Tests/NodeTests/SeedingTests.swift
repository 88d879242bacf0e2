import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

/// What a stage brings: rows, due times, people; and the gate of approval.
@Suite("Seeding and dates")
struct SeedingTests {
    private let firm: Firm
    private var hub: LocalNode { firm.hub.node }
    private static let hour: Int64 = 3_600_000

    init() throws { firm = try Firm() }

    private func actor(_ user: String = "nguyen.van.a") throws -> Actor {
        try firm.hub.actor(user)
    }

    /// A project that follows a version of the default with hours, and begins production at 08:00.
    private func project(
        hours: [(String, Int64)] = [
            ("production_setup", 2), ("assembly", 5), ("quality_testing", 3),
        ],
        _ more: (inout WorkflowChange) -> Void = { _ in }
    ) throws -> String {
        let name = "Default Workflow"
        _ = try hub.cloneWorkflow(name, by: actor())
        for (slug, count) in hours {
            var change = WorkflowChange()
            (change.subStage, change.hours) = (slug, count)
            _ = try hub.editWorkflow(name, by: actor(), change.apply)
        }
        var days = WorkflowChange()
        (days.stage, days.days) = ("production", 3)
        _ = try hub.editWorkflow(name, by: actor(), days.apply)
        var change = WorkflowChange()
        more(&change)
        if change != WorkflowChange() {
            _ = try hub.editWorkflow(name, by: actor(), change.apply)
        }
        _ = try hub.publishWorkflow(name, by: actor())
        var new = NewProject("Timed")
        new.workflow = name
        new.sites = ["HCM"]
        let number = try hub.project("\(hub.create(new, by: actor("pham.thi.d")))").number
        firm.at("08:00")
        try hub.advance(number, to: "production", reason: "test", by: actor())
        return number
    }

    private func take(_ kind: ProgressRequest.Kind, _ slug: String, _ project: String) throws {
        let user = slug == "quality_testing" ? "bui.thi.h" : "do.thi.j"
        try hub.take(ProgressRequest(kind, project, slug), by: actor(user))
    }

    private func dates(_ project: String) throws -> [SubStageDates] {
        try hub.project(project).dated("production").map(\.dates)
    }

    /// Hours since 08:00.
    private func after(_ time: Int64?) -> Double? {
        time.map { Double($0 - Firm.milliseconds("08:00")) / Double(Self.hour) }
    }

    @Test("FP-072 C-17: the first is due from seeding, others from their start, planned before")
    func due() throws {
        let number = try project()
        var shown = try dates(number)
        #expect(shown.map { after($0.due) } == [2, nil, nil, nil])
        #expect(shown.map { after($0.planned) } == [2, 7, 10, nil])
        #expect(after(shown[0].started) == 0)

        firm.at("09:00")
        try take(.finish, "production_setup", number)
        firm.at("10:30")
        try take(.start, "assembly", number)
        shown = try dates(number)
        #expect(shown.map { after($0.due) } == [2, 7.5, nil, nil])
        #expect(shown.map { after($0.planned) } == [2, 7.5, 10.5, nil])
        #expect(after(shown[0].closed) == 1)
        let stage = try hub.project(number).stageDue
        #expect(stage == Firm.milliseconds("08:00") + 3 * 24 * Self.hour)
    }

    @Test("FP-073: late is what is past due and not closed, by the clock of whoever looks")
    func overdue() throws {
        let number = try project()
        func late(_ clock: String) throws -> [Bool] {
            firm.at(clock)
            let now = Int64(hub.wallMilliseconds)
            return try hub.project(number).dated("production")
                .map { $0.row.isOverdue($0.dates, now: now) }
        }
        #expect(try late("09:59") == [false, false, false, false])
        #expect(try late("10:01") == [true, false, false, false])
        #expect(try hub.age(of: hub.project(number)).overdue == 1)
        var query = ProjectQuery()
        query.isOverdue = true
        let listed = try hub.projects(query).rows
        #expect(listed.map { $0.text(of: "title") } == ["Timed"])
        try take(.finish, "production_setup", number)
        #expect(try late("23:00") == [false, false, false, false])
    }

    @Test(
        "FP-037 C-69: what is finished starts the next, if it advances by itself, from then on due"
    )
    func autoAdvance() throws {
        let number = try project { change in
            change.subStage = "production_setup"
            change.autoAdvance = .yes
        }
        firm.at("09:00")
        try take(.finish, "production_setup", number)
        let rows = try hub.project(number).rows(of: "production")
        #expect(rows.map(\.status) == [.completed, .inProgress, .pending, .pending])
        #expect(try dates(number).map { after($0.due) } == [2, 6, nil, nil])
        #expect(rows.map(\.seed.hours) == [2, 5, 3, nil])
    }

    @Test("FP-070: the order of the workflow says which is first, and seeding again adds nothing")
    func order() throws {
        let number = try project { change in
            change.subStage = "assembly"
            change.order = 0
        }
        let rows = try hub.project(number).rows(of: "production")
        #expect(rows.first?.seed.slug == "assembly" && rows.first?.status == .inProgress)
        #expect(rows.dropFirst().allSatisfy { $0.status == .pending })
        try hub.advance(number, to: "production", reason: "again", by: actor())
        #expect(try hub.project(number).rows(of: "production") == rows)
    }

    @Test("FP-171: with the override of approval turned round, the gate opens")
    func gate() throws {
        for (override, status) in [
            (WorkflowChange.Override.yes, SubStageProgress.Status.inReview), (.no, .completed),
        ] {
            let test = try SeedingTests()
            let number = try test.project { change in
                change.subStage = "quality_testing"
                change.approval = override
            }
            try test.take(.start, "quality_testing", number)
            try test.take(.finish, "quality_testing", number)
            let project = try test.hub.project(number)
            let row = project.rows(of: "production").first { $0.seed.slug == "quality_testing" }
            #expect(row?.status == status)
            let requests = try test.hub.read { view in
                try view.records(of: ApprovalRequest.entity, in: project.scope)
            }
            #expect(requests.count == (override == .yes ? 1 : 0))
        }
    }

    @Test("FP-171: a project steps through all eight stages as the workflow says")
    func through() throws {
        let path = "\(Sources.top)/fixtures/workflows/factory-pulse.json"
        _ = try hub.importWorkflows(path, by: actor())
        _ = try hub.cloneWorkflow("Default Workflow", by: actor())
        var change = WorkflowChange()
        (change.subStage, change.approval) = ("quality_testing", .no)
        _ = try hub.editWorkflow("Default Workflow", by: actor(), change.apply)
        _ = try hub.publishWorkflow("Default Workflow", by: actor())
        var new = NewProject("Through")
        (new.workflow, new.sites, new.begins) = ("Default Workflow", ["HCM"], true)
        let number = try hub.project("\(hub.create(new, by: actor("pham.thi.d")))").number
        var visited: [String] = []
        var count = 0
        for _ in 0..<40 {
            let project = try hub.project(number)
            guard let stage = project.stage,
                let row = project.rows(of: stage).first(where: { !$0.isClosed })
            else { break }
            if visited.last != stage { visited.append(stage) }
            let user = try actor(holder(of: row.seed.roles))
            let slug = row.seed.slug
            if row.status == .pending {
                try hub.take(ProgressRequest(.start, number, slug), by: user)
            }
            try hub.take(ProgressRequest(.finish, number, slug), by: user)
            count += 1
        }
        #expect(count == 27)
        #expect(visited == (try hub.workflow("Default Workflow").template.stages.map(\.slug)))
        #expect(try hub.project(number).status == "completed")
        let kinds = try hub.project(number).advances.entries.map(\.event.kind)
        #expect(kinds == [.begin] + Array(repeating: .automatic, count: 7))
    }

    /// Somebody who holds one of the roles.
    private func holder(of roles: [String]) throws -> String {
        try hub.read { view in
            let members = try view.records(of: Membership.entity, in: .tenant)
            let member = members.first { roles.contains($0.fields.text(Membership.role) ?? "") }
            return try Nicknames(view).user(member?.fields.id(Membership.user) ?? .zero)
        }
    }

    @Test("FP-062 FP-063 FP-077: the id of a row follows from tenant, subject and sub-stage")
    func rowIDs() throws {
        try hub.advance(Firm.project, to: "production", reason: "x", by: actor())
        try firm.meetAll()
        func ids(_ station: Station) throws -> [ID] {
            let project = try station.node.project(Firm.project)
            return project.rows.map {
                project.rowID(of: $0.seed.slug, tenant: station.node.store.tenant)
            }
        }
        let all = try firm.all.map(ids)
        #expect(Set(all).count == 1 && Set(all[0]).count == 4)
        // Two stations that assign it offline make one row.
        for (station, who) in [(firm.st1, "ly.van.k"), (firm.st2, "do.thi.j")] {
            let lead = try station.actor("do.thi.j")
            try station.node.assign("assembly", of: Firm.project, to: who, by: lead)
        }
        try firm.meetAll()
        let rows = try hub.read { view in
            let scope = try view.project(named: Firm.project).scope
            return try view.records(of: SubStageNote.entity, in: scope)
        }
        #expect(rows.map(\.id) == [all[0][1]])
        #expect(rows.first?.isInConflict(SubStageNote.assignedTo) == true)
    }

    @Test("FP-067: a sub-stage is assigned by its role, in place of what was shown, and taken back")
    func assigned() throws {
        let number = try project()
        func who() throws -> String? {
            let names = try hub.read { try Nicknames($0) }
            return try hub.project(number).assignee(of: "assembly").map(names.user)
        }
        let refused = #expect(throws: RuleFault.self) {
            try hub.assign("assembly", of: number, to: "ly.van.k", by: actor("bui.thi.h"))
        }
        #expect(refused?.code == .notAllowed)
        try hub.assign("assembly", of: number, to: "ly.van.k", by: actor("do.thi.j"))
        #expect(try who() == "ly.van.k")
        try hub.assign("assembly", of: number, to: "ngo.van.i", by: actor("do.thi.j"))
        #expect(try who() == "ngo.van.i" && hub.conflicts().isEmpty)
        try hub.assign("assembly", of: number, to: nil, by: actor("do.thi.j"))
        #expect(try who() == nil)
    }

    @Test("FP-074 FP-075: the page of a project says names, counts, days and hours, from one read")
    func readModels() throws {
        let number = try project()
        try hub.assign("production_setup", of: number, to: "ly.van.k", by: actor("do.thi.j"))
        firm.at("09:30")
        let project = try hub.project(number)
        let names = try hub.read { try Nicknames($0) }
        let detail = try project.summary(names, hub.age(of: project)).text
        let progress = try hub.stage(of: number).json.text

        for member in [
            "\"stage\":\"production\"", "\"sub_stages\":4", "\"completed_sub_stages\":0",
            "\"days_in_stage\":0", "\"stage_entered_at\":\"2025-11-24T01:00:00Z\"",
            "\"stage_due_at\":\"2025-11-27T01:00:00Z\"",
        ] {
            #expect(detail.contains(member), "\(member) in \(detail)")
        }
        for member in [
            "\"stage_name\":\"Production\"", "\"sub_stage_name\":\"Production Setup\"",
            "\"progress_status\":\"in_progress\"", "\"hours_until_due\":0",
            "\"assigned_to\":\"ly.van.k\"", "\"due_at\":\"2025-11-24T03:00:00Z\"",
            "\"planned_due_at\":\"2025-11-24T08:00:00Z\"", "\"overdue\":false",
        ] {
            #expect(progress.contains(member), "\(member) in \(progress)")
        }
        firm.at("11:30")
        #expect(try hub.stage(of: number).json.text.contains("\"hours_until_due\":-2"))
    }
}
