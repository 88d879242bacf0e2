import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

@Suite("Inbox: what people are told of")
struct InboxTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        firm.at("08:00")
    }

    private func words(_ station: Station, _ user: String) throws -> [String] {
        let inbox = try station.node.inbox(of: station.actor(user))
        return inbox.items.map { "\($0.notice.kind) \($0.notice.word)" }
    }

    private func items(
        _ station: Station,
        _ user: String,
        _ word: String,
        withRead: Bool = false
    ) throws -> [Inbox.Item] {
        try station.node.inbox(of: station.actor(user), withRead: withRead).items
            .filter { $0.notice.word == word }
    }

    private func enterProduction(at station: Station) throws {
        try station.node.advance(
            Firm.project,
            to: "production",
            reason: "rush",
            by: station.actor("nguyen.van.a")
        )
    }

    private func assign(_ user: String, at station: Station) throws {
        var edit = LocalNode.ProjectEdit()
        edit.assignedTo = user
        try station.node.edit(Firm.project, edit, by: station.actor("pham.thi.d"))
    }

    // MARK: - What is told to whom

    @Test("FP-126: a stage tells the person it is assigned to and the roles of its sub-stages")
    func stage() throws {
        try assign("dinh.van.g", at: firm.hub)
        try enterProduction(at: firm.hub)
        try firm.meetAll()

        for user in ["dinh.van.g", "do.thi.j", "bui.thi.h", "hoang.van.e"] {
            #expect(try words(firm.st1, user).contains("workflow stage"), "\(user)")
        }
        for user in ["nguyen.van.a", "vu.thi.f"] {
            #expect(try !words(firm.st1, user).contains("workflow stage"), "\(user)")
        }
        let item = try #require(try items(firm.st1, "bui.thi.h", "stage").first)
        #expect(item.notice.title == "PRJ-000123 is in stage production")
        #expect(item.notice.text == "rush")
    }

    @Test("FP-126: every node derives the same notices, once each, however often nodes meet")
    func deterministic() throws {
        try enterProduction(at: firm.st1)
        try firm.st1.step(.block, "assembly", as: "do.thi.j", reason: "crack")
        let alone = try items(firm.st1, "bui.thi.h", "stage").map(\.id)
        for _ in 0..<2 { try firm.meetAll() }
        try firm.meet(firm.st1, firm.st2)

        #expect(alone.count == 1)
        for station in firm.all {
            #expect(try items(station, "bui.thi.h", "stage").map(\.id) == alone)
            #expect(try items(station, "ly.van.k", "block").count == 1)
            #expect(try items(station, "do.thi.j", "block").isEmpty, "their own")
        }
    }

    @Test(
        "FP-126: a finish that waits tells who may approve, and no longer once it is not in review"
    )
    func approval() throws {
        try enterProduction(at: firm.st1)
        try firm.st1.step(.start, "quality_testing", as: "ngo.van.i")
        try firm.st1.step(.finish, "quality_testing", as: "ngo.van.i")
        try firm.meetAll()
        let waiting = try firm.hub.node.inbox(of: firm.hub.actor("bui.thi.h"))
        let management = try items(firm.hub, "le.van.c", "request")
        let others = try items(firm.hub, "do.thi.j", "request")
        try firm.hub.step(.block, "quality_testing", as: "bui.thi.h", reason: "wrong gauge")
        try firm.meetAll()

        #expect(waiting.items.filter { $0.notice.kind == .approval }.count == 1)
        #expect(waiting.unread[.approval] == 1)
        #expect(management.count == 1)
        #expect(others.isEmpty)
        #expect(try items(firm.st1, "bui.thi.h", "request").isEmpty)
    }

    @Test("FP-126: a decision of the hub tells whoever finished, and the person it is assigned to")
    func decision() throws {
        try assign("dinh.van.g", at: firm.hub)
        try enterProduction(at: firm.st1)
        try firm.st1.step(.start, "quality_testing", as: "ngo.van.i")
        try firm.st1.step(.finish, "quality_testing", as: "ngo.van.i")
        try firm.meetAll()
        let project = try firm.hub.node.project(Firm.project)
        let heads = project.steps["quality_testing"]?.heads ?? []
        let manager = try firm.hub.actor("le.van.c")
        let step = ProgressStep("quality_testing", .reject(revision: nil), reason: "retest")
        _ = try firm.hub.node.act(manager) { _ in
            var draft = Draft()
            draft.add(step.operation(after: heads), in: project.scope)
            return draft
        }
        try firm.meetAll()

        for user in ["ngo.van.i", "dinh.van.g"] {
            let told = try items(firm.st1, user, "rejected")
            #expect(told.map(\.notice.kind) == [.approval], "\(user)")
            #expect(told.first?.notice.text == "retest")
        }
        #expect(try items(firm.st1, "bui.thi.h", "rejected").isEmpty)
    }

    @Test("FP-126: a finish tells the roles of the next sub-stage, an assignment the person")
    func next() throws {
        try enterProduction(at: firm.st1)
        try firm.st1.step(.start, "assembly", as: "do.thi.j")
        try firm.st1.step(.finish, "assembly", as: "do.thi.j")
        try assign("ngo.van.i", at: firm.st1)

        let told = try items(firm.st1, "bui.thi.h", "finish")
        #expect(told.first?.notice.title.hasSuffix("next is quality_testing") == true)
        #expect(try items(firm.st1, "ngo.van.i", "assigned").count == 1)
        #expect(try items(firm.st1, "bui.thi.h", "assigned").isEmpty)
    }

    @Test("FP-125: a role that is given is a system notice for its user alone")
    func system() throws {
        let told = try items(firm.st1, "bui.thi.h", "role")

        #expect(told.map(\.notice.kind) == [.system])
        #expect(told.first?.notice.title.contains("role qa, level 2") == true)
    }

    @Test("FP-125: work that the hub set aside is a sync notice for its author, with the reason")
    func setAside() throws {
        try enterProduction(at: firm.st1)
        try firm.st1.step(.block, "assembly", as: "ly.van.k", reason: "crack")
        try firm.meetAll()
        let timeline = try firm.hub.node.timeline(request("progress_event"))
        let hash = try #require(timeline.items.last?.entry.origin.change)
        let digits = hash.bytes.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        let manager = try firm.hub.actor("le.van.c")
        _ = try firm.hub.node.rule(.rejected, on: [digits], reason: "not his", by: manager)
        let before = try items(firm.st1, "do.thi.j", "block").count
        try firm.meetAll()

        let told = try items(firm.st1, "ly.van.k", "set-aside")
        #expect(told.map(\.notice.kind) == [.sync])
        #expect(told.first?.notice.text == "not his")
        #expect(before == 1)
        #expect(
            try items(firm.st1, "do.thi.j", "block").isEmpty,
            "what does not count tells nobody"
        )
    }

    private func request(_ kind: String) -> TimelineRequest {
        var request = TimelineRequest()
        request.kind = kind
        return request
    }

    @Test(
        "FP-125: a conflict waits in the inbox of who may settle it, and leaves when it is settled"
    )
    func conflict() throws {
        for (station, title) in [(firm.st1, "Rev3"), (firm.st2, "Rev4")] {
            var edit = LocalNode.ProjectEdit()
            edit.title = title
            try station.node.edit(Firm.project, edit, by: station.actor("pham.thi.d"))
        }
        try firm.meetAll()
        let told = try items(firm.st1, "vu.thi.f", "field")
        let others = try items(firm.st1, "ly.van.k", "field")
        let id = try #require(try firm.st1.conflicts(.field).first).id
        try firm.st1.node.settle("\(id)", with: .side(1), by: firm.st1.actor("pham.thi.d"))

        #expect(told.map(\.notice.kind) == [.conflict])
        #expect(others.isEmpty)
        #expect(try items(firm.st1, "vu.thi.f", "field").isEmpty)
    }

    // MARK: - Reading

    @Test("FP-127: unread notices are listed and counted, newest first, until they are marked")
    func unread() throws {
        try enterProduction(at: firm.st1)
        firm.at("09:00")
        try firm.st1.step(.block, "quality_testing", as: "do.thi.j", reason: "gauge")
        let actor = try firm.st1.actor("bui.thi.h")
        let before = try firm.st1.node.inbox(of: actor)
        let block = try #require(before.items.first)

        let marked = try firm.st1.node.markRead(["\(block.id)"], by: actor)
        let after = try firm.st1.node.inbox(of: actor)
        let again = try firm.st1.node.markRead(["\(block.id)"], by: actor)
        let rest = try firm.st1.node.markRead([], by: actor)

        #expect(before.items.map(\.notice.word) == ["block", "stage", "role"])
        #expect(before.unreadCount == 3)
        #expect(marked == 1)
        #expect(after.items.map(\.notice.word) == ["stage", "role"])
        #expect(again == 0)
        #expect(rest == 2)
        #expect(try firm.st1.node.inbox(of: actor).items.isEmpty)
        #expect(try firm.st1.node.inbox(of: actor, withRead: true).items.count == 3)
        #expect(after.json(atMost: 1).text.contains("\"unread\":2"))
        #expect(after.lines(atMost: 1).last?.hasPrefix("2 unread, 1 more") == true)
    }

    @Test("FP-124: a notice says its type, priority, title, text, subject, author and when")
    func said() throws {
        try enterProduction(at: firm.st1)
        firm.at("09:00")
        try firm.st1.step(.block, "quality_testing", as: "do.thi.j", reason: "gauge broken")

        let inbox = try firm.st1.node.inbox(of: firm.st1.actor("bui.thi.h"))
        let json = inbox.json(atMost: 1).text
        let scope = try firm.st1.node.project(Firm.project).scope
        for part in [
            "\"kind\":\"workflow\"", "\"word\":\"block\"", "\"priority\":\"high\"",
            "\"title\":\"quality_testing of PRJ-000123 is blocked\"",
            "\"text\":\"gauge broken\"", "\"scope\":\"\(scope)\"", "\"by\":\"do.thi.j\"",
            "\"at\":\"2025-11-24T02:0", "\"read_at\":null",
        ] {
            #expect(json.contains(part), "\(part) in \(json)")
        }
    }

    @Test("FP-124: a mark made at one station holds at the others, and the earliest is when it was")
    func replicated() throws {
        try enterProduction(at: firm.hub)
        try firm.meetAll()
        firm.at("09:00")
        try firm.st2.node.markRead([], by: firm.st2.actor("bui.thi.h"))
        let first = firm.st2.node.wallMilliseconds
        firm.at("09:30")
        try firm.st1.node.markRead([], by: firm.st1.actor("bui.thi.h"))
        try firm.meetAll()

        for station in [firm.st1, firm.st2, firm.hub] {
            let all = try items(station, "bui.thi.h", "stage", withRead: true)
            #expect(all.compactMap(\.readAt) == [first])
            #expect(try station.node.inbox(of: station.actor("bui.thi.h")).items.isEmpty)
        }
        #expect(try items(firm.st1, "do.thi.j", "stage").count == 1, "a mark is of one person")
    }

    @Test("an inbox that is asked again says the same as one that is derived from nothing")
    func cached() throws {
        try enterProduction(at: firm.st1)
        for (clock, user) in [("08:30", "do.thi.j"), ("08:40", "ly.van.k"), ("08:50", "do.thi.j")] {
            firm.at(clock)
            try firm.st1.step(.block, "assembly", as: user, reason: clock)
            _ = try words(firm.st1, "bui.thi.h")
            try firm.st1.node.markRead([], by: firm.st1.actor("do.thi.j"))
            try firm.st1.node.send(MessageRequest(clock), by: firm.st1.actor(user))
            let kept = try firm.st1.node.inbox(of: firm.st1.actor("do.thi.j"), withRead: true)

            let now = firm.st1.node.wallMilliseconds
            let fresh = LocalNode(
                firm.st1.simulated.store,
                wall: { now },
                chance: firm.st1.node.chance
            )
            let derived = try fresh.inbox(of: firm.st1.actor("do.thi.j"), withRead: true)
            #expect(kept.json(atMost: 999).text == derived.json(atMost: 999).text)
        }
    }

    @Test("FP-128: growth of the store is told, and what came has progress and approvals")
    func stream() async throws {
        try enterProduction(at: firm.st1)
        try firm.st1.step(.start, "quality_testing", as: "ngo.van.i")
        try firm.meetAll()
        let station = firm.st2
        let cursor = try #require(try station.node.timeline(TimelineRequest()).after)
        let growth = station.node.store.growth()
        try firm.st1.step(.finish, "quality_testing", as: "ngo.van.i")
        try firm.meet(firm.st1, station)

        var first: Growth?
        for await one in growth {
            first = one
            break
        }
        var after = TimelineRequest()
        after.after = cursor
        let kinds = Set(try station.node.timeline(after).items.map(\.entity))
        #expect((first?.position ?? 0) > 0)
        #expect(kinds.isSuperset(of: ["progress_event", "approval_request"]))
    }
}
