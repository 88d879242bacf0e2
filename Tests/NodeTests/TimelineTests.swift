import CRDT
import Domain
import Node
import SeededRandom
import Storage
import Testing

@Suite("Timeline and activity feed")
struct TimelineTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        firm.at("08:00")
    }

    private func request(
        _ project: String? = nil,
        _ change: (inout TimelineRequest) -> Void = { _ in }
    ) -> TimelineRequest {
        var request = TimelineRequest()
        request.project = project
        request.limit = 1_000
        change(&request)
        return request
    }

    private func retitle(_ station: Station, _ title: String) throws {
        var edit = LocalNode.ProjectEdit()
        edit.title = title
        try station.node.edit(Firm.project, edit, by: station.actor("pham.thi.d"))
    }

    private func production(_ station: Station) throws {
        try station.node.advance(
            Firm.project,
            to: "production",
            reason: "rush",
            by: station.actor("nguyen.van.a")
        )
    }

    @Test("DOM-184: the hours on a project stand in its timeline, stops, corrections and all")
    func hours() throws {
        try production(firm.st1)
        let person = try firm.st1.actor("do.thi.j")
        var work = HoursRequest("WORK")
        work.project = Firm.project
        let entry = try firm.st1.node.startHours(work, by: person)
        _ = try firm.st1.node.startHours(HoursRequest("SETUP"), by: person)
        firm.pass(seconds: 600)
        try firm.st1.step(.block, "assembly", as: "do.thi.j", reason: "crack")
        try firm.st1.node.stopHours("\(entry)", by: person)
        var edit = LocalNode.HoursEdit()
        (edit.start, edit.reason) = ("07:55", "began earlier")
        try firm.st1.node.correctHours("\(entry)", edit, by: person)

        func kinds(_ station: Station, _ wanted: TimelineRequest) throws -> [String] {
            try station.node.timeline(wanted).items.map(\.entity)
        }
        let all = try kinds(firm.st1, request(Firm.project))
        let mine = ["time_event", "progress_event", "time_event", "time_correction"]
        #expect(Array(all.suffix(4)) == mine, "and not the hours on nothing")
        let short = try firm.st1.node.timeline(request(Firm.project) { $0.limit = 2 })
        #expect(short.items.map(\.entity) == Array(mine.suffix(2)))
        let before = try kinds(
            firm.st1,
            request(Firm.project) {
                ($0.limit, $0.before) = (2, short.before)
            }
        )
        #expect(before == Array(mine.prefix(2)))
        let after = try kinds(
            firm.st1,
            request(Firm.project) {
                $0.after = TimelineCursor(text: "\(short.before?.text ?? "")")
            }
        )
        #expect(after == ["time_correction"])
        // The hours of a site are of its nodes, and of hubs.
        try firm.meetAll()
        #expect(try kinds(firm.hub, request(Firm.project)).filter { $0 == "time_event" }.count == 2)
        #expect(try !kinds(firm.st3, request(Firm.project)).contains("time_event"))
    }

    // MARK: - What stands in it

    @Test("AD-023: a change is in the feed with activity, entity, person, title and what it said")
    func feed() throws {
        try production(firm.st1)
        try firm.st1.step(.block, "assembly", as: "do.thi.j", reason: "crack")
        try retitle(firm.st1, "Widget A Rev3")

        let items = try firm.st1.node.timeline(request(Firm.project)).items
        let activities = items.suffix(3).map { "\($0.activity.rawValue) \($0.entity)" }
        #expect(
            activities == [
                "status_changed stage_event", "status_changed progress_event", "updated project",
            ]
        )
        #expect(items.contains { $0.activity == .created && $0.entity == "project" })
        let json = try firm.st1.node.timeline(request(Firm.project)).json.text
        #expect(json.contains("\"title\":\"assembly\""))
        #expect(json.contains("\"to\":\"crack\""))
        #expect(json.contains("\"from\":[\"Widget A Rev2\"],\"to\":\"Widget A Rev3\""))
    }

    @Test("AD-024: the person of an entry is who signed it, not whom a field names")
    func author() throws {
        var edit = LocalNode.ProjectEdit()
        edit.assignedTo = "bui.thi.h"
        try firm.st1.node.edit(Firm.project, edit, by: firm.st1.actor("pham.thi.d"))

        let mine = try firm.st1.node.timeline(request { $0.person = "pham.thi.d" }).items
        let theirs = try firm.st1.node.timeline(request { $0.person = "bui.thi.h" }).items
        #expect(mine.map(\.entity) == ["project"])
        #expect(theirs.isEmpty)
    }

    @Test("AD-025: stages and steps are in the feed of the site as changes of status")
    func statuses() throws {
        try production(firm.st1)
        try firm.st1.step(.start, "assembly", as: "do.thi.j")
        try firm.meetAll()
        try firm.st3.step(.block, "packaging", as: "do.thi.j", reason: "no pallets")
        try firm.meetAll()

        let items = try firm.hub.node.timeline(
            request {
                $0.site = "HCM"
                $0.kind = "status_changed"
            }
        ).items
        #expect(items.map(\.entity) == ["stage_event", "progress_event"])
    }

    @Test("AD-026: no kind of record tracks activity: the feed is derived from the log alone")
    func derived() throws {
        let names = Catalogue.schema.entities.map(\.name)
        let before = firm.st1.node.store.position
        _ = try firm.st1.node.timeline(request())

        #expect(!names.contains { $0.contains("tracking") || $0.contains("feed") })
        #expect(firm.st1.node.store.position == before)
    }

    @Test("AD-030: a call with a company is one event on record, of who wrote it")
    func activity() throws {
        let company = ID(high: 7, low: 7)
        var call = ActivityRequest("call", "delivery moves")
        call.project = Firm.project
        call.company = company
        call.contact = ID(high: 8, low: 8)
        call.time = "07:30"
        try firm.st1.node.logActivity(call, by: firm.st1.actor("pham.thi.d"))
        try firm.meetAll()
        let wrong = #expect(throws: RuleFault.self) {
            try firm.st1.node.logActivity(
                ActivityRequest("fax", "x"),
                by: firm.st1.actor("pham.thi.d")
            )
        }

        let items = try firm.st3.node.timeline(request { $0.kind = "activity" }).items
        let event = try #require(items.first)
        let read = ContactActivity(Fields(of: event.entry.operation))
        #expect(items.count == 1)
        #expect(read.kind == .call && read.company == company)
        #expect(read.time == Firm.milliseconds("07:30"))
        #expect(wrong?.code == .unknownValue)
    }

    @Test(
        "conflicts show where they began and where they were settled, what is set aside is marked"
    )
    func conflicts() throws {
        try retitle(firm.st1, "Rev3")
        firm.at("08:10")
        try retitle(firm.st2, "Rev4")
        try firm.meetAll()
        let id = try #require(try firm.st3.conflicts(.field).first).id
        try firm.st3.node.settle("\(id)", with: .side(2), by: firm.st3.actor("pham.thi.d"))
        try firm.meetAll()

        for station in firm.all {
            let lines = try station.node.timeline(request(Firm.project)).lines
            #expect(lines.filter { $0.contains("IN CONFLICT with") }.count == 1, "\(station.name)")
            #expect(lines.last?.hasSuffix("-> Rev3 (settled)") == true, "\(station.name)")
        }
    }

    @Test("a step that did not know of one before it says so, and one that did does not")
    func apart() throws {
        try production(firm.hub)
        try firm.meetAll()
        try firm.st1.step(.block, "assembly", as: "do.thi.j", reason: "crack")
        firm.at("08:10")
        try firm.st2.step(.start, "assembly", as: "ly.van.k")
        try firm.meetAll()
        try firm.hub.step(.unblock, "assembly", as: "nguyen.van.a")

        let items = try firm.hub.node.timeline(
            request(Firm.project) { $0.kind = "progress_event" }
        ).items
        #expect(items.map(\.unseen.count) == [0, 1, 0])
        #expect(items[1].unseen == [items[0].entry.id])
    }

    @Test("what is set aside stays in the timeline, and is marked")
    func setAside() throws {
        try retitle(firm.st1, "Rev3")
        try firm.meetAll()
        let last = try #require(try firm.hub.node.timeline(request(Firm.project)).items.last)
        let digits = last.entry.origin.change.description
        let manager = try firm.hub.actor("le.van.c")
        _ = try firm.hub.node.rule(.rejected, on: [digits], reason: "wrong", by: manager)
        try firm.meetAll()

        for station in firm.all {
            let items = try station.node.timeline(request(Firm.project)).items
            let aside = items.filter { $0.setAside != nil }
            #expect(aside.map(\.setAside) == ["rejected"], "\(station.name)")
            #expect(aside.allSatisfy { !$0.counts && $0.entity == "project" })
        }
    }

    @Test("nothing stands before what it had seen, whatever the clocks say")
    func causal() throws {
        firm.st2.clockError = -3_600_000
        try retitle(firm.st1, "first")
        try firm.meet(firm.st1, firm.st2)
        try retitle(firm.st2, "second")
        try firm.meetAll()

        for station in firm.all {
            let items = try station.node.timeline(request(Firm.project)).items
            let titles = items.compactMap { item -> String? in
                if case .text(let text) = item.entry.operation.written(Project.title) {
                    text
                } else {
                    nil
                }
            }
            #expect(titles.suffix(2) == ["first", "second"], "\(station.name)")
        }
    }

    // MARK: - Pages

    private func pages(_ node: LocalNode, of limit: Int, forwards: Bool) throws -> [TimelineItem] {
        var all: [TimelineItem] = []
        var request = request()
        request.limit = limit
        if forwards { request.after = TimelineCursor(text: "0.0") }
        while true {
            let page = try node.timeline(request)
            guard page.items.count <= limit, let first = page.before, let last = page.after else {
                return all
            }
            all = forwards ? all + page.items : page.items + all
            (request.after, request.before) = forwards ? (last, nil) : (nil, first)
        }
    }

    /// Every operation that the tables of records and events know of, found without the log.
    private func operations(_ node: LocalNode) throws -> [String] {
        try node.read { view in
            var found: [String] = []
            for scope in try view.scopes() {
                for entity in Catalogue.schema.entities where entity.number != Receipt.number {
                    if entity.isEvent {
                        found += try view.events(of: entity, in: scope).map {
                            "\($0.origin.change) \($0.id) \(entity.name)"
                        }
                        continue
                    }
                    for record in try view.records(of: entity, in: scope) {
                        found += try view.history(of: record.id, entity: entity.number, in: scope)
                            .map { "\($0.origin.change) \(record.id) \(entity.name)" }
                    }
                }
            }
            return found.sorted()
        }
    }

    @Test("AD-029: of everything that anybody does, each event and edit is on exactly one page")
    func everythingOnce() throws {
        for seed in UInt64(1)...4 {
            let firm = try Firm(seed: seed)
            firm.at("08:00")
            var random = SplitMix64(seed: seed)
            try firm.hub.node.advance(
                Firm.project,
                to: "production",
                reason: "rush",
                by: firm.hub.actor("nguyen.van.a")
            )
            try firm.meetAll()
            for round in 0..<40 {
                let station = firm.all[random.below(firm.all.count)]
                // Some acts are not possible at the time: then nothing is written.
                try? Self.act(random.below(8), round, at: station)
                if random.happens(20) {
                    try firm.meet(station, firm.all[0] === station ? firm.st1 : firm.hub)
                }
            }
            try firm.meetAll()
            for station in [firm.hub, firm.st1] {
                let expected = try operations(station.node)
                for (limit, forwards) in [(7, true), (5, false), (1_000, true)] {
                    let items = try pages(station.node, of: limit, forwards: forwards)
                    let found = items.map { item in
                        "\(item.entry.origin.change) \(item.entry.id ?? .zero) \(item.entity)"
                    }
                    #expect(found.sorted() == expected, "SEED=\(seed) \(station.name) \(limit)")
                    let cursors = items.map(\.cursor)
                    #expect(cursors == cursors.sorted(), "SEED=\(seed)")
                }
            }
            let kinds = Set(try pages(firm.hub.node, of: 1_000, forwards: true).map(\.entity))
            #expect(kinds.count > 10, "SEED=\(seed)")
        }
    }

    private static func act(_ kind: Int, _ round: Int, at station: Station) throws {
        let (node, lead) = (station.node, try station.actor("do.thi.j"))
        switch kind {
        case 0: try station.step(.block, "assembly", as: "do.thi.j", reason: "r\(round)")
        case 1: try station.step(.unblock, "assembly", as: "do.thi.j")
        case 2: try node.send(MessageRequest("m\(round)"), by: lead)
        case 3: try node.setPreference("theme", to: ["dark", "light"][round % 2], by: lead)
        case 4: try node.countPieces(Firm.project, "assembly", adding: 1, by: lead)
        case 5: try node.logActivity(ActivityRequest("call", "c\(round)"), by: lead)
        case 6: try node.writeHandover(HandoverRequest("h\(round)"), by: lead)
        default:
            var edit = LocalNode.ProjectEdit()
            edit.title = "t\(round)"
            try node.edit(Firm.project, edit, by: station.actor("pham.thi.d"))
        }
    }

    @Test("a page, a kind and a cursor that cannot be are refused")
    func refused() throws {
        let limit = #expect(throws: CommandFault.self) {
            try firm.st1.node.timeline(request { $0.limit = 0 })
        }
        let kind = #expect(throws: CommandFault.self) {
            try firm.st1.node.timeline(request { $0.kind = "nothing" })
        }

        #expect(limit?.reason == "bad-limit")
        #expect(kind?.reason == "unknown-kind")
        for text in ["", "1", "1.", "-1.0", "1.99999", "a.b", "1.2.3"] {
            #expect(TimelineCursor(text: text) == nil, "\(text)")
        }
        #expect(TimelineCursor(text: "12.3")?.text == "12.3")
    }
}
