import CRDT
import Domain
import Node
import Testing

/// S-02: two stations complete and block the same sub-stage offline.
@Suite("S-02 Two stations complete and block the same sub-stage")
struct FinishAndBlockTests {
    private let firm: Firm

    /// Assembly is in progress at ST-1 and ST-2, then both act apart.
    init() throws {
        firm = try Firm()
        let management = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.advance(
            Firm.project,
            to: "production",
            reason: "urgent",
            by: management
        )
        try firm.hub.step(.finish, "production_setup", as: "do.thi.j")
        try firm.hub.step(.start, "assembly", as: "do.thi.j")
        try firm.meetAll()
        firm.at("10:15")
        try firm.st1.step(.finish, "assembly", as: "do.thi.j")
        firm.at("10:20")
        try firm.st2.step(.block, "assembly", as: "ly.van.k", reason: "crack in frame")
    }

    @Test(
        "S-02 in any order of meetings all show blocked with that reason",
        arguments: Firm.orders
    )
    func blocked(order: [Int]) throws {
        try firm.meet(inOrder: order)

        for station in firm.all {
            let row = try #require(try station.row("assembly"))
            #expect(row.status == .blocked)
            #expect(row.progress.blocks.map(\.reason) == ["crack in frame"])
            #expect(row.progress.attempt == 1)
            #expect(row.progress.closed == nil)
        }
        #expect(try firm.differences() == [])
    }

    @Test("S-02 at one node, two forms that were opened at once come to the same")
    func oneNode() throws {
        let firm = try Firm()
        let st1 = firm.st1
        let management = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.advance(Firm.project, to: "production", reason: "x", by: management)
        try firm.meetAll()
        try st1.step(.finish, "production_setup", as: "do.thi.j")
        try st1.step(.start, "assembly", as: "do.thi.j")
        let report = try st1.node.progress(of: Firm.project, subStage: "assembly")
        let shown = report.json.text.split(separator: "\"seen\":\"").last?.prefix { $0 != "\"" }
        let seen = try #require(shown.flatMap { Seen(text: String($0)) })
        firm.at("10:15")
        try st1.step(.finish, "assembly", as: "do.thi.j", seen: seen)
        firm.at("10:20")
        try st1.step(.block, "assembly", as: "ly.van.k", reason: "crack in frame", seen: seen)

        let row = try #require(try st1.row("assembly"))
        #expect(row.status == .blocked)
        #expect(row.progress.blocks.map(\.reason) == ["crack in frame"])
        #expect(row.progress.closed == nil)
        #expect(try st1.conflicts(.progressJoin).map(\.what) == ["assembly"])
    }

    @Test("S-02 the case is a progress join that names both acts, and how to settle it")
    func join() throws {
        try firm.meetAll()

        let cases = try firm.hub.conflicts(.progressJoin)

        let join = try #require(cases.first)
        #expect(cases.count == 1)
        #expect(join.what == "assembly")
        #expect(join.sides.map(\.value) == ["finish", "block \"crack in frame\""])
        #expect(join.shown == "block \"crack in frame\"")
        #expect(join.sides.map { $0.author?.user } == ["do.thi.j", "ly.van.k"])
        #expect(join.sides.map { $0.author?.device } == ["ST-1", "ST-2"])
        #expect(
            join.sides.map { $0.author?.at } == [
                "2025-11-24T03:15:00Z", "2025-11-24T03:20:00Z",
            ]
        )
        #expect(join.sides.allSatisfy { $0.hadSeen == ["start by do.thi.j"] })
        #expect(join.settledBy.contains("gemba progress unblock PRJ-000123 assembly"))
        let error = #expect(throws: CommandFault.self) {
            try firm.hub.node.settle(
                "\(join.id)",
                with: .side(1),
                by: firm.hub.actor("nguyen.van.a")
            )
        }
        #expect(error?.reason == "settled-by-acting")
    }

    @Test("S-02 nothing is completed, both acts stay on record, the stage stays")
    func onRecord() throws {
        try firm.meetAll()

        let report = try firm.st1.node.progress(of: Firm.project, subStage: "assembly")

        #expect(report.json.text.contains("\"completed_at\":null"))
        #expect(report.json.text.contains("\"action\":\"finish\""))
        #expect(report.json.text.contains("\"action\":\"block\""))
        #expect(report.project.stage == "production")
    }

    @Test("S-02 a lead unblocks and finishes again: completed, and the case is closed")
    func settled() throws {
        try firm.meetAll()

        let refused = #expect(throws: RuleFault.self) {
            try firm.st2.step(.unblock, "assembly", as: "ly.van.k")
        }
        try firm.st2.step(.unblock, "assembly", as: "do.thi.j")
        let between = try firm.st2.row("assembly")?.status
        try firm.st2.step(.finish, "assembly", as: "do.thi.j")
        try firm.meetAll()

        #expect(refused?.code == .notAllowed)
        #expect(between == .inProgress)
        for station in firm.all {
            #expect(try station.row("assembly")?.status == .completed)
            #expect(try station.conflicts(.progressJoin).isEmpty)
        }
    }

    @Test("S-02 who has seen the finish cannot block, and must reopen instead")
    func reopenInstead() throws {
        let firm = try Firm()
        let management = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.advance(Firm.project, to: "production", reason: "x", by: management)
        try firm.hub.step(.finish, "production_setup", as: "do.thi.j")
        try firm.meetAll()

        let error = #expect(throws: RuleFault.self) {
            try firm.st2.step(.block, "production_setup", as: "ly.van.k", reason: "dirty")
        }
        try firm.st2.step(.reopen, "production_setup", as: "bui.thi.h", reason: "dirty")

        #expect(error?.code == .wrongOrder)
        #expect(try firm.st2.row("production_setup")?.progress.attempt == 2)
        #expect(try firm.st2.row("production_setup")?.status == .inProgress)
    }

    @Test("a form that was opened before a block arrived saves beside it, not over it (U1)")
    func form() throws {
        let shown = try firm.st1.node.progress(of: Firm.project, subStage: "quality_testing")
        let seen = try #require(Seen(text: "none"))
        try firm.st2.step(.start, "quality_testing", as: "bui.thi.h")
        try firm.meet(firm.st2, firm.st1)

        try firm.st1.step(.block, "quality_testing", as: "do.thi.j", reason: "late", seen: seen)

        let steps = try firm.st1.node.project(Firm.project).steps["quality_testing"]
        #expect(shown.json.text.contains("\"seen\":\"none\""))
        #expect(steps?.entries.last?.after == [])
        #expect(steps?.heads.count == 2)
    }
}
