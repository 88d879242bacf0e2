import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

/// Projects: their fields, status, dates, and the lists that people filter.
@Suite("Projects")
struct ProjectTests {
    private let firm: Firm
    private var hub: LocalNode { firm.hub.node }

    init() throws { firm = try Firm() }

    private func actor(_ user: String = "nguyen.van.a") throws -> Actor {
        try firm.hub.actor(user)
    }

    private func create(
        _ title: String,
        _ fill: (inout NewProject) -> Void = { _ in }
    ) throws
        -> ProjectView
    {
        var new = NewProject(title)
        new.workflow = "Default Workflow"
        new.sites = ["HCM"]
        fill(&new)
        return try hub.project("\(hub.create(new, by: actor("pham.thi.d")))")
    }

    private func edit(_ fill: (inout LocalNode.ProjectEdit) -> Void) throws {
        var edit = LocalNode.ProjectEdit()
        fill(&edit)
        try hub.edit(Firm.project, edit, by: actor())
    }

    private func json(_ project: ProjectView) throws -> String {
        let names = try hub.read { try Nicknames($0) }
        return try project.summary(names, hub.age(of: project)).text
    }

    @Test("FP-053 FP-055 FP-056: a project says who, what, until when, of what type and intake")
    func fields() throws {
        let project = try create("System") { new in
            new.description = "two pumps"
            new.customerReference = "PO-77"
            new.priority = "high"
            new.assignedTo = "do.thi.j"
            new.requestedDueDate = "2026-01-10"
            (new.projectType, new.intakeType, new.intakeSource) = ("system_build", "rfq", "portal")
        }
        let text = try json(project)

        for member in [
            "\"title\":\"System\"", "\"customer_reference\":\"PO-77\"", "\"priority\":\"high\"",
            "\"assigned_to\":\"do.thi.j\"", "\"requested_due_date\":\"2026-01-10\"",
            "\"project_type\":\"system_build\"", "\"intake_type\":\"rfq\"",
            "\"intake_source\":\"portal\"", "\"status\":\"draft\"", "\"stage\":null",
        ] {
            #expect(text.contains(member), "\(member) in \(text)")
        }
        for type in ["manufacturing", "fabrication", "of our own"] {
            #expect(
                try create(type) { $0.projectType = type }.record.fields.text(Project.projectType)
                    == type
            )
        }
    }

    @Test("FP-055 C-82: four dates are kept; promises and estimates are the hub's")
    func dates() throws {
        try edit { edit in
            edit.requestedDueDate = "2025-10-30"
            edit.promisedDueDate = "2025-11-20"
            edit.estimatedDeliveryDate = "2025-11-28"
        }
        var edit = LocalNode.ProjectEdit()
        edit.promisedDueDate = "2025-12-01"
        let refused = #expect(throws: RuleFault.self) {
            try firm.st1.node.edit(Firm.project, edit, by: firm.st1.actor("pham.thi.d"))
        }
        #expect(refused?.code == .hubOnly)
        edit = LocalNode.ProjectEdit()
        edit.actualDeliveryDate = "2025-02-30"
        #expect(throws: RuleFault.self) {
            try firm.st1.node.edit(Firm.project, edit, by: firm.st1.actor("pham.thi.d"))
        }
        // Promised for the 20th, it is the 24th.
        var project = try hub.project(Firm.project)
        #expect(try hub.age(of: project).isLate)
        edit.actualDeliveryDate = "2025-11-20"
        try hub.edit(Firm.project, edit, by: actor())
        project = try hub.project(Firm.project)
        #expect(try !hub.age(of: project).isLate)
        edit.actualDeliveryDate = "2025-11-21"
        try hub.edit(Firm.project, edit, by: actor())
        #expect(try hub.age(of: hub.project(Firm.project)).isLate)
    }

    @Test("FP-060 FP-061 C-04: every vocabulary of priorities means one of the four")
    func priorities() throws {
        let words = [
            ("medium", "normal"), ("MEDIUM", "normal"), ("STANDARD", "normal"),
            ("NORMAL", "normal"), ("RUSH", "high"), ("EMERGENCY", "urgent"),
            ("critical", "urgent"), ("LOW", "low"), ("High", "high"), ("urgent", "urgent"),
        ]
        for (word, meaning) in words {
            #expect(
                try create(word) { $0.priority = word }.record.fields.text(Project.priority)
                    == meaning
            )
        }
        try edit { $0.priority = "RUSH" }
        #expect(try hub.project(Firm.project).record.fields.text(Project.priority) == "high")
        let refused = #expect(throws: RuleFault.self) {
            try create("x") { $0.priority = "soonest" }
        }
        #expect(refused?.code == .unknownValue)
        #expect(Project.priorities == ["low", "normal", "high", "urgent"])
    }

    /// A workflow in which every stage says what projects are called there.
    private func takeStatuses() throws {
        let path = "\(Sources.top)/fixtures/workflows/factory-pulse.json"
        _ = try hub.importWorkflows(path, by: actor())
    }

    @Test(
        "FP-058 FP-059 C-12: the status follows from the stage; active is none of the stored ones"
    )
    func status() throws {
        try takeStatuses()
        let project = try create("Bracket")
        #expect(project.status == "draft" && !ProjectStatus.isActive(project.status))
        var seen = ["draft"]
        for stage in try hub.workflow("Default Workflow").template.stages {
            try hub.advance(project.number, to: stage.slug, reason: "test", by: actor())
            let status = try hub.project(project.number).status
            #expect(ProjectStatus.isActive(status))
            seen.append(status)
        }
        for slug in [
            "final_inspection", "shipping", "delivery_confirmation", "project_closure",
        ] {
            #expect(try hub.project(project.number).status == "production")
            var request = ProgressRequest(.start, project.number, slug)
            let user = [
                "final_inspection": "bui.thi.h", "project_closure": "nguyen.van.a",
                "delivery_confirmation": "pham.thi.d",
            ]
            let worker = try actor(user[slug] ?? logistics())
            if slug != "final_inspection" { try hub.take(request, by: worker) }
            request.kind = .finish
            try hub.take(request, by: worker)
        }
        let done = try hub.project(project.number)
        seen.append(done.status)
        try hub.cancel(Firm.project, reason: "customer is gone", by: actor())
        seen.append(try hub.project(Firm.project).status)

        #expect(
            seen == [
                "draft", "inquiry", "reviewing", "reviewing", "quoted", "confirmed", "procurement",
                "production", "production", "completed", "cancelled",
            ]
        )
        #expect(!ProjectStatus.isActive(done.status))
        #expect(Set(seen) == Set(ProjectStatus.known))
    }

    private func logistics() throws -> String {
        try hub.read { view in
            let members = try view.records(of: Membership.entity, in: .tenant)
            let user = members.first { $0.fields.text(Membership.role) == "logistics" }
            return try Nicknames(view).user(user?.fields.id(Membership.user) ?? .zero)
        }
    }

    @Test("FP-070 FP-071 C-16: a project that begins when it is created has its first sub-stages")
    func begins() throws {
        let draft = try create("Draft")
        #expect(draft.stage == nil && draft.rows.isEmpty)
        let project = try create("Begun") { $0.begins = true }
        #expect(project.stage == "inquiry_received")
        #expect(project.rows.map(\.status) == [.inProgress, .pending, .pending])
        #expect(project.stages.official == "inquiry_received")
        #expect(project.advances.entries.map(\.event.kind) == [.begin])
    }

    @Test("cancelling is the hub's, has a reason, and stops work; what others did meanwhile stays")
    func cancelled() throws {
        try hub.advance(Firm.project, to: "production", reason: "x", by: actor())
        try firm.meetAll()
        let station = #expect(throws: CommandFault.self) {
            try firm.st1.node.cancel(
                Firm.project,
                reason: "x",
                by: firm.st1.actor("nguyen.van.a")
            )
        }
        #expect(station?.reason == "hub-only")
        for (user, reason) in [("pham.thi.d", "no budget"), ("nguyen.van.a", " ")] {
            #expect(throws: RuleFault.self) {
                try hub.cancel(Firm.project, reason: reason, by: actor(user))
            }
        }
        try hub.cancel(Firm.project, reason: "no budget", by: actor())
        try firm.st1.step(.finish, "production_setup", as: "do.thi.j")
        try firm.meetAll()

        let fault = #expect(throws: RuleFault.self) {
            try firm.st1.step(.start, "assembly", as: "do.thi.j")
        }
        #expect(fault?.code == .cancelled)
        #expect(try firm.hub.row("production_setup")?.status == .completed)
        #expect(try json(hub.project(Firm.project)).contains("\"cancel_reason\":\"no budget\""))
        #expect(throws: RuleFault.self) {
            try hub.cancel(Firm.project, reason: "again", by: actor())
        }
    }

    @Test("FP-054 FP-064 FP-079: a list is filtered by stage, status, priority, lateness, person")
    func filters() throws {
        _ = try create("Small") { $0.priority = "low" }
        _ = try create("Begun") { new in
            new.begins = true
            new.assignedTo = "dinh.van.g"
            new.requestedDueDate = "2025-11-22"
        }
        let begun = try hub.project("Begun").number
        try hub.assign("feasibility_check", of: begun, to: "ngo.van.i", by: actor())
        func titles(_ fill: (inout ProjectQuery) -> Void) throws -> [String] {
            var query = ProjectQuery()
            fill(&query)
            return try hub.projects(query).rows.compactMap { $0.text(of: "title") }.sorted()
        }

        #expect(try titles { _ in } == ["Begun", "Small", "Widget A Rev2"])
        #expect(try titles { $0.stage = "inquiry_received" } == ["Begun"])
        #expect(try titles { $0.status = "draft" } == ["Small", "Widget A Rev2"])
        #expect(try titles { $0.priority = "LOW" } == ["Small"])
        #expect(try titles { $0.isLate = true } == ["Begun", "Widget A Rev2"])
        #expect(try titles { $0.assignedTo = "dinh.van.g" } == ["Begun"])
        #expect(try titles { $0.assignedTo = "ngo.van.i" } == ["Begun"])
        #expect(try titles { $0.assignedTo = "vu.thi.f" } == [])
        #expect(try titles { $0.isOverdue = true } == [])
    }

    @Test("FP-054: no two projects have one number")
    func unique() throws {
        #expect(throws: CommandFault.self) { try create("Twin") { $0.number = Firm.project } }
        let numbers = try [create("A").number, create("B").number, Firm.project]
        #expect(Set(numbers).count == 3)
    }
}
