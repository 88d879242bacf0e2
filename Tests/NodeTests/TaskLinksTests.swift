import CRDT
import Domain
import Node
import Testing

/// What tasks wait for, and what people have to do.
@Suite("Task dependencies and workload")
struct TaskLinksTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        try firm.enterProduction()
        for code in ["T-1", "T-2", "T-3"] {
            try firm.st1.addTask(code, subStage: "assembly", estimate: 60, assign: ["ly.van.k"])
        }
        try firm.meetAll()
    }

    @Test("TV-137 a cycle is refused, with the way round; so is a second link")
    func cycle() throws {
        let st1 = firm.st1
        try st1.link("T-1", "T-2")
        try st1.link("T-2", "T-3")
        let text = refusalText { try st1.link("T-3", "T-1") }
        #expect(text.contains("T-1 > T-2 > T-3"))
        #expect(refusal { try st1.link("T-1", "T-1") } == .cycle)
        #expect(refusal { try st1.link("T-1", "T-2", .startToStart) } == .alreadyThere)
        #expect(refusal { try st1.link("T-1", "T-3", lag: -1) } == .outOfRange)
        let fault = #expect(throws: CommandFault.self) { try st1.link("T-1", "T-9") }
        #expect(fault?.code == .notFound)
    }

    @Test("TV-137 two stations close a cycle together: one does not count, until one is taken back")
    func together() throws {
        firm.at("10:00")
        try firm.st1.link("T-1", "T-2")
        firm.at("10:05")
        try firm.st2.link("T-2", "T-1")
        try firm.meetAll()

        for station in firm.all {
            let graph = try station.node.tasks(of: Firm.project).tasks.graph
            #expect(graph.edges.map(\.edge.successor) == ["T-2"])
            #expect(graph.dropped.map(\.path) == [["T-1", "T-2"]])
            let cycle = try #require(try station.conflicts(.dependencyCycle).first)
            #expect(cycle.sides.map(\.value) == ["T-1 before T-2", "T-2 before T-1"])
            #expect(cycle.sides.map(\.isShown) == [true, false])
            #expect(cycle.sides.map { $0.author?.device } == ["ST-1", "ST-2"])
        }
        try firm.st3.node.unlinkTasks(
            "T-1",
            before: "T-2",
            of: Firm.project,
            reason: "the other way",
            by: firm.st3.actor("do.thi.j")
        )
        try firm.meetAll()
        for station in firm.all {
            let graph = try station.node.tasks(of: Firm.project).tasks.graph
            #expect(graph.edges.map(\.edge.successor) == ["T-1"])
            #expect(try station.conflicts(.dependencyCycle).isEmpty)
        }
        #expect(try firm.differences() == [])
    }

    @Test("TV-137 each of the four kinds holds up what it says, until its lag is over")
    func kinds() throws {
        let st1 = firm.st1
        firm.at("08:00")
        try st1.link("T-1", "T-2", lag: 30)
        try st1.link("T-1", "T-3", .startToFinish)
        #expect(refusal { try st1.task(.start, "T-2") } == .dependencyOpen)
        try st1.task(.start, "T-3")
        #expect(refusal { try st1.task(.complete, "T-3") } == .dependencyOpen)
        try st1.task(.start, "T-1")
        try st1.task(.complete, "T-3")
        firm.at("09:00")
        try st1.task(.complete, "T-1")
        #expect(refusalText { try st1.task(.start, "T-2") }.contains("T-1"))
        firm.at("09:31")
        try st1.task(.start, "T-2")

        try st1.addTask("T-4", assign: ["ly.van.k"])
        try st1.addTask("T-5", assign: ["ly.van.k"])
        try st1.link("T-4", "T-5", .startToStart)
        #expect(refusal { try st1.task(.start, "T-5") } == .dependencyOpen)
        try st1.task(.start, "T-4")
        try st1.task(.start, "T-5")
        try st1.addTask("T-6", assign: ["ly.van.k"])
        try st1.link("T-4", "T-6", .finishToFinish)
        try st1.task(.start, "T-6")
        #expect(refusal { try st1.task(.complete, "T-6") } == .dependencyOpen)
        try st1.task(.complete, "T-4")
        try st1.task(.complete, "T-6")
    }

    @Test("TV-132 TV-137 the earliest start follows what is waited for; minutes left what is done")
    func schedule() throws {
        let st1 = firm.st1
        firm.at("08:00")
        try st1.link("T-1", "T-2", lag: 30)
        try st1.link("T-2", "T-3")
        try st1.task(.start, "T-1")
        try st1.task(.progress, "T-1", share: 2_550)

        let report = try st1.node.tasks(of: Firm.project)
        let spans = report.tasks.schedule.spans

        #expect(spans["T-1"]?.start == Firm.milliseconds("08:00"))
        #expect(spans["T-2"]?.start == Firm.milliseconds("09:30"))
        #expect(spans["T-3"]?.start == Firm.milliseconds("10:30"))
        #expect(spans["T-3"]?.finish == Firm.milliseconds("11:30"))
        #expect(report.json.text.contains("\"remaining_minutes\":45"))
        #expect(report.json.text.contains("\"earliest_start\":\"2025-11-24T02:30:00Z\""))
        #expect(report.json.text.contains("\"for\":\"T-1\",\"kind\":\"FINISH_TO_START\""))
    }

    @Test("TV-133 TV-138 TV-140 the workload of a person, with the hours that are on record")
    func workload() throws {
        let st1 = firm.st1
        func hours(_ code: String, _ kind: String, _ start: String, _ end: String) throws {
            var request = HoursRequest(kind)
            request.project = Firm.project
            request.task = code
            let actor = try st1.actor("ly.van.k")
            _ = try st1.node.logHours(request, from: start, to: end, by: actor)
        }
        firm.at("12:00")
        for code in ["T-1", "T-2"] { try st1.task(.start, code) }
        try st1.task(.progress, "T-2", share: 5_000)
        try hours("T-1", "WORK", "08:00", "08:50")
        try hours("T-1", "BREAK", "08:50", "09:10")
        try hours("T-1", "REWORK", "09:10", "09:20")
        try st1.task(.complete, "T-1")
        try firm.meetAll()

        for station in [firm.hub, firm.st1, firm.st2] {
            let load = try #require(try station.node.workload(of: "ly.van.k").people.first)
            #expect(load.pending == 1)
            #expect(load.active == 1)
            #expect(load.onHold == 0)
            #expect(load.completed == 1)
            #expect(load.remainingMinutes == 90)
            #expect(load.averageMinutes == 60)
        }
        #expect(try firm.hub.node.workload().json.text.hasPrefix("{\"held\":\"all\""))
        #expect(try st1.node.workload().json.text.hasPrefix("{\"held\":\"own\""))
        let item = try st1.node.tasks(of: Firm.project, task: "T-1")
        #expect(item.json.text.contains("\"actual_minutes\":60"))
    }
}
