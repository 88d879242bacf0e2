import CRDT
import Domain
import Node
import Testing

/// Tasks at stations that do not hear each other.
@Suite("Tasks")
struct TasksTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        try firm.enterProduction()
    }

    @Test(
        "TV-132 TV-133 TV-134 TV-136 a task keeps all that was said of it, and the hub shows it"
    )
    func fields() throws {
        var request = TaskRequest()
        request.title = "Mount the pump"
        request.description = "left side first"
        request.type = "assembly"
        request.subStage = "Assembly"
        request.build = "B-2025-0007"
        request.sequence = 3
        request.assignees = ["ly.van.k"]
        request.skills = ["welding"]
        request.tools = ["torque wrench", "gauge"]
        request.instructions = ["Clean the flange", "Fit the seal"]
        request.workCenter = "WC-3"
        request.safetyRequirements = "gloves"
        request.estimatedMinutes = 90
        request.priority = "MEDIUM"
        request.due = "2025-11-30"
        request.inspectionRequired = true
        let planner = try firm.st1.actor("do.thi.j")

        let code = try firm.st1.node.addTask(request, to: Firm.project, by: planner)
        try firm.meetAll()

        #expect(code.hasPrefix("T-") && code.count == 15)
        for station in [firm.hub, firm.st2] {
            let report = try station.node.tasks(of: Firm.project, task: code)
            let task = try #require(report.items.first?.definition)
            #expect(task.priority == "normal")
            #expect(task.type == "ASSEMBLY")
            #expect(task.subStage == "assembly")
            #expect(task.instructions == ["Clean the flange", "Fit the seal"])
            #expect(task.tools == ["gauge", "torque wrench"])
            #expect(task.safetyRequirements == "gloves")
            #expect(task.inspectionRequired)
            let text = report.json.text
            for part in [
                "\"estimated_minutes\":90", "\"remaining_minutes\":90", "\"due\":\"2025-11-30\"",
                "\"assignees\":[\"ly.van.k\"]", "\"work_center\":\"WC-3\"",
                "\"description\":\"left side first\"", "\"skills\":[\"welding\"]",
            ] {
                #expect(text.contains(part), "\(part)")
            }
            #expect(report.lines.contains { $0.contains("safety: gloves") })
        }
    }

    @Test("TV-132 TV-134 TV-136 what no catalogue has, and who may not plan, is refused")
    func refused() throws {
        func code(
            as user: String = "do.thi.j",
            _ edit: (inout TaskRequest) -> Void
        ) throws
            -> RuleFault.Code?
        {
            var request = TaskRequest()
            request.title = "x"
            edit(&request)
            let actor = try firm.st1.actor(user)
            return refusal {
                try firm.st1.node.addTask(request, to: Firm.project, by: actor)
            }
        }
        #expect(try code { $0.type = "PAINTING" } == .unknownValue)
        #expect(try code { $0.priority = "soon" } == .unknownValue)
        #expect(try code { $0.estimatedMinutes = -1 } == .outOfRange)
        #expect(try code { $0.due = "2025-02-30" } == .notADay)
        #expect(try code { $0.title = " " } == .empty)
        #expect(try code { $0.parent = "T-9" } == .unknownTask)
        #expect(try code(as: "ly.van.k") { _ in } == .notAllowed)
        try firm.st1.addTask("T-1")
        #expect(try code { $0.code = "T-1" } == .alreadyThere)
    }

    @Test("TV-135 a task goes from state to state, and only as the table says")
    func steps() throws {
        let st1 = firm.st1
        try st1.addTask("T-1", subStage: "assembly", assign: ["ly.van.k"])
        #expect(try st1.task("T-1")?.progress.status == .pending)
        #expect(refusal { try st1.task(.complete, "T-1") } == .wrongOrder)
        try st1.task(.start, "T-1")
        #expect(refusal { try st1.task(.hold, "T-1") } == .reasonRequired)
        try st1.task(.hold, "T-1", reason: "wrong screws")
        #expect(try st1.task("T-1")?.progress.status == .onHold)
        #expect(refusal { try st1.task(.complete, "T-1") } == .wrongOrder)
        try st1.task(.resume, "T-1")
        try st1.task(.progress, "T-1", share: 6_000)
        #expect(refusal { try st1.task(.progress, "T-1", share: 5_999) } == .progressFalls)
        #expect(refusal { try st1.task(.progress, "T-1", share: 10_001) } == .outOfRange)
        try st1.task(.issue, "T-1", reason: "thread damaged")
        try st1.task(.complete, "T-1")
        #expect(try st1.task("T-1")?.progress.status == .completed)
        #expect(refusal { try st1.task(.reopen, "T-1", reason: "loose") } == .notAllowed)
        try st1.task(.reopen, "T-1", as: "bui.thi.h", reason: "loose")

        let item = try #require(try st1.task("T-1"))
        #expect(item.progress.status == .inProgress)
        #expect(item.progress.attempt == 2)
        #expect(item.progress.progress == 0)
        #expect(item.progress.issues.count == 1)
        let json = try st1.node.tasks(of: Firm.project, task: "T-1").json.text
        #expect(json.contains("\"reason\":\"thread damaged\""))
        #expect(json.split(separator: "\"had_seen\"").count == 8)
    }

    @Test("TV-132 progress said apart never falls, and a hold wins over a completion (TV-135)")
    func apart() throws {
        try firm.st1.addTask("T-1", subStage: "assembly", assign: ["ly.van.k"])
        try firm.st1.task(.start, "T-1")
        try firm.meetAll()
        try firm.st1.task(.progress, "T-1", share: 6_000)
        try firm.st2.task(.progress, "T-1", share: 4_000)
        try firm.meetAll()
        for station in firm.all { #expect(try station.task("T-1")?.progress.progress == 6_000) }

        firm.at("10:00")
        try firm.st1.task(.complete, "T-1")
        firm.at("10:05")
        try firm.st2.task(.hold, "T-1", as: "ngo.van.i", reason: "crack")
        try firm.meetAll()

        for station in firm.all {
            #expect(try station.task("T-1")?.progress.status == .onHold)
            let join = try #require(try station.conflicts(.taskJoin).first)
            #expect(join.sides.map(\.value) == ["complete", "hold \"crack\""])
            #expect(join.shown == "hold \"crack\"")
        }
        try firm.st2.task(.resume, "T-1")
        try firm.st2.task(.complete, "T-1")
        try firm.meetAll()
        for station in firm.all {
            #expect(try station.task("T-1")?.progress.status == .completed)
            #expect(try station.conflicts(.taskJoin).isEmpty)
        }
        #expect(try firm.differences() == [])
    }

    @Test("TV-135 a station asks to cancel, which holds the task, and the hub decides")
    func cancel() throws {
        try firm.st1.addTask("T-1", subStage: "assembly")
        try firm.st1.task(.cancel, "T-1", as: "do.thi.j", reason: "not needed")
        #expect(try firm.st1.task("T-1")?.progress.holds.map(\.asksToCancel) == [true])
        #expect(try firm.st1.task("T-1")?.progress.status == .onHold)
        try firm.meetAll()
        try firm.hub.task(.cancel, "T-1", as: "nguyen.van.a", reason: "agreed")
        try firm.meetAll()

        for station in firm.all {
            #expect(try station.task("T-1")?.progress.status == .cancelled)
        }
        #expect(
            refusal { try firm.st1.task(.cancel, "T-1", as: "ly.van.k", reason: "x") }
                == .notAllowed
        )
    }

    @Test("TV-132 work that was begun in two places is shown until somebody has looked")
    func doubleWork() throws {
        try firm.st1.addTask("T-1", subStage: "assembly")
        try firm.meetAll()
        firm.at("10:00")
        try firm.st1.task(.start, "T-1", as: "ly.van.k")
        firm.at("10:05")
        try firm.st2.task(.start, "T-1", as: "do.thi.j")
        try firm.meetAll()

        for station in firm.all {
            let double = try #require(try station.conflicts(.doubleWork).first)
            #expect(double.what == "T-1")
            #expect(double.sides.map { $0.author?.user } == ["ly.van.k", "do.thi.j"])
        }
        try firm.st2.task(.issue, "T-1", reason: "both worked on it, half each")
        try firm.meetAll()
        for station in firm.all { #expect(try station.conflicts(.doubleWork).isEmpty) }
    }

    @Test("TV-132 people take a task themselves, planners give it; two who assign apart both do")
    func assignment() throws {
        try firm.st1.addTask("T-1", subStage: "assembly")
        try firm.meetAll()
        func assign(_ station: Station, to user: String, as actor: String) throws {
            try station.node.assignTask(
                "T-1",
                of: Firm.project,
                to: [user],
                by: station.actor(actor)
            )
        }
        try assign(firm.st1, to: "ly.van.k", as: "ly.van.k")
        try assign(firm.st2, to: "dinh.van.g", as: "do.thi.j")
        #expect(
            refusal { try assign(firm.st2, to: "do.thi.j", as: "ly.van.k") } == .notAllowed
        )
        try firm.meetAll()
        for station in firm.all {
            #expect(try station.task("T-1")?.definition.assignees.count == 2)
        }
        try firm.st1.node.assignTask(
            "T-1",
            of: Firm.project,
            to: [],
            from: ["dinh.van.g"],
            by: firm.st1.actor("do.thi.j")
        )
        #expect(try firm.st1.task("T-1")?.definition.assignees.count == 1)
    }

    @Test("TV-132 notes written apart stand side by side until somebody settles them")
    func notes() throws {
        try firm.st1.addTask("T-1", subStage: "assembly")
        try firm.meetAll()
        for (station, note) in [(firm.st1, "left half done"), (firm.st2, "no screws")] {
            try station.node.noteTask(
                "T-1",
                of: Firm.project,
                note,
                by: station.actor("ly.van.k")
            )
        }
        try firm.meetAll()
        let conflict = try #require(try firm.hub.conflicts(.field).first { $0.what == "notes" })
        #expect(conflict.subject == "PRJ-000123 T-1")
        #expect(Set(conflict.sides.map(\.value)) == ["left half done", "no screws"])
        try firm.st2.node.settle(
            "\(conflict.id)",
            with: .value("left half done, no screws"),
            by: firm.st2.actor("do.thi.j")
        )
        try firm.meetAll()
        for station in firm.all {
            #expect(try station.task("T-1")?.definition.notes == "left half done, no screws")
            #expect(try station.conflicts(.field).isEmpty)
        }
    }
}
