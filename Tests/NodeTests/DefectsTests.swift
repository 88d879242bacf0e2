import CRDT
import Domain
import Node
import Testing

/// Defects at stations that do not hear each other.
@Suite("Defects at stations")
struct DefectsTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        try firm.enterProduction()
    }

    private func resolve(_ code: String, at station: Station) throws {
        try station.defect(.cause, code, text: "seal too short")
        try station.defect(.correct, code, text: "seal replaced")
        try station.defect(.prevent, code, text: "check seals on arrival")
        try station.defect(.resolve, code)
    }

    @Test("TV-128 a defect is contained, corrected, resolved, and verified by somebody else")
    func steps() throws {
        let st1 = firm.st1
        var request = DefectRequest("crack in frame", .minor)
        request.category = "weld"
        request.build = "B-7"
        request.location = "left corner"
        request.coordinates = ["1,5", "-2", "0.25"]
        request.affectsFunctionality = true
        request.customerVisible = false
        request.due = "2025-12-01"
        request.assignedTo = "do.thi.j"
        let code = try st1.node.reportDefect(
            request,
            of: Firm.project,
            by: st1.actor("ly.van.k")
        )
        #expect(code.hasPrefix("D-"))
        #expect(refusal { try st1.defect(.contain, code) } == .empty)
        try st1.defect(.contain, code, text: "lot 12 set aside")
        #expect(try st1.defect(code)?.progress.status == .open)
        #expect(refusal { try st1.defect(.resolve, code) } == .wrongOrder)
        try resolve(code, at: st1)
        #expect(try st1.defect(code)?.progress.status == .resolved)
        #expect(refusal { try st1.defect(.verify, code, as: "do.thi.j") } == .notAllowed)
        #expect(refusal { try st1.defect(.refuse, code, as: "bui.thi.h") } == .reasonRequired)
        try st1.defect(.verify, code, as: "bui.thi.h")
        #expect(try st1.defect(code)?.progress.status == .closed)
        try st1.defect(.reopen, code, as: "bui.thi.h", reason: "again")
        try firm.meetAll()

        let json = try firm.hub.node.defects(of: Firm.project, defect: code).json.text
        for part in [
            "\"status\":\"IN_PROGRESS\"", "\"attempt\":2", "\"severity\":\"MINOR\"",
            "\"containment\":\"lot 12 set aside\"", "\"root_cause\":\"seal too short\"",
            "\"preventive_action\":\"check seals on arrival\"", "\"customer_visible\":false",
            "\"coordinates\":[\"1.5\",\"-2\",\"0.25\"]", "\"affects_functionality\":true",
            "\"assigned_to\":\"do.thi.j\"", "\"location\":\"left corner\"",
        ] {
            #expect(json.contains(part), "\(part)")
        }
        #expect(try firm.hub.node.defects(of: Firm.project, openOnly: true).items.count == 1)
    }

    @Test("TV-128 who resolved a defect does not verify it, whatever their roles")
    func sameAuthor() throws {
        let st1 = firm.st1
        try st1.report("D-1", .minor)
        try st1.defect(.cause, "D-1", as: "bui.thi.h", text: "x")
        try st1.defect(.correct, "D-1", as: "bui.thi.h", text: "y")
        try st1.defect(.resolve, "D-1", as: "bui.thi.h")
        #expect(refusal { try st1.defect(.verify, "D-1", as: "bui.thi.h") } == .sameAuthor)
        try st1.defect(.verify, "D-1", as: "ngo.van.i")
    }

    @Test("TV-128 a station raises a severity and never lowers it; the hub decides")
    func severity() throws {
        try firm.st1.report("D-1", .major)
        try firm.meetAll()
        #expect(
            refusal {
                try firm.st1.defect(.grade, "D-1", reason: "small", severity: .minor)
            } == .hubOnly
        )
        try firm.st1.defect(.grade, "D-1", reason: "sharp", severity: .critical)
        try firm.hub.defect(.grade, "D-1", as: "tran.thi.b", reason: "small", severity: .minor)
        try firm.meetAll()
        for station in firm.all {
            #expect(try station.defect("D-1")?.progress.severity == .critical)
        }
        try firm.hub.defect(.grade, "D-1", as: "tran.thi.b", reason: "seen", severity: .minor)
        try firm.meetAll()
        #expect(try firm.st2.defect("D-1")?.progress.severity == .minor)
    }

    @Test("TV-128 a station asks to waive, and only the hub does")
    func waive() throws {
        try firm.st1.report("D-1", .critical)
        #expect(
            refusal { try firm.st1.defect(.waive, "D-1", as: "ly.van.k", reason: "x") }
                == .notAllowed
        )
        try firm.st1.defect(.waive, "D-1", as: "ngo.van.i", reason: "not seen from outside")
        #expect(try firm.st1.defect("D-1")?.progress.isWaiverAsked == true)
        #expect(try firm.st1.defect("D-1")?.progress.isOpen == true)
        try firm.meetAll()
        try firm.hub.defect(.waive, "D-1", as: "tran.thi.b", reason: "agreed")
        try firm.meetAll()
        for station in firm.all {
            #expect(try station.defect("D-1")?.progress.status == .waived)
            #expect(try station.defect("D-1")?.progress.isWaiverAsked == false)
        }
    }

    @Test("TV-128 a verification beside a refusal does not count, until one who saw both verifies")
    func apart() throws {
        try firm.st1.report("D-1", .major)
        try resolve("D-1", at: firm.st1)
        try firm.meetAll()
        try firm.st1.defect(.verify, "D-1", as: "bui.thi.h")
        try firm.st2.defect(.refuse, "D-1", as: "ngo.van.i", reason: "still leaks")
        try firm.meetAll()

        for station in firm.all {
            #expect(try station.defect("D-1")?.progress.status == .inProgress)
            let join = try #require(try station.conflicts(.defectJoin).first)
            #expect(join.shown == "refuse \"still leaks\"")
            let authors = join.sides.compactMap { $0.author?.user }
            #expect(authors.contains("bui.thi.h"))
        }
        try firm.st1.defect(.resolve, "D-1")
        try firm.meetAll()
        try firm.st2.defect(.verify, "D-1", as: "ngo.van.i")
        try firm.meetAll()
        for station in firm.all {
            #expect(try station.defect("D-1")?.progress.status == .closed)
            #expect(try station.conflicts(.defectJoin).isEmpty)
        }
        #expect(try firm.differences() == [])
    }
}
