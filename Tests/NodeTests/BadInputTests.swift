import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing
import Wire

/// What people type wrong: each is refused with a code and a word, and nothing changes.
@Suite("Bad input")
struct BadInputTests {
    private let firm: Firm
    private let st1: Station

    init() throws {
        firm = try Firm()
        st1 = firm.st1
        let management = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.advance(Firm.project, to: "production", reason: "x", by: management)
        let build = InspectionName(Firm.project, "FINAL_QC", build: "B-2025-0007")
        _ = try firm.hub.node.openInspection(build, by: firm.hub.actor("bui.thi.h"))
        try firm.meetAll()
        firm.at("09:00")
    }

    /// How much was written at the station, but for what tells of refusals (DOM-273).
    private func written() throws -> Int64 {
        let told = try st1.node.loginAttempts().rows.filter { !$0.isWaiting }
        return st1.node.store.position - Int64(told.count)
    }

    /// Expects that an act is refused with a code and a reason, and that nothing was written.
    private func refused(
        _ code: CommandFault.Code,
        _ reason: String?,
        containing words: String = "",
        _ act: () throws -> Void
    ) {
        let before = try? written()
        let error = #expect(throws: (any Error).self) { try act() }
        guard let error else { return }
        let fault = CommandFault(error)
        #expect(fault.code == code)
        #expect(fault.reason == reason)
        #expect(fault.message.contains(words), "\(fault.message)")
        #expect((try? written()) == before && before != nil)
    }

    // MARK: Names

    @Test("an unknown project, person, stage, sub-stage or process is not found, with near ones")
    func unknownNames() throws {
        refused(.notFound, "unknown-name", containing: "PRJ-000123") {
            _ = try st1.node.project("PRJ-000132")
        }
        refused(.notFound, "unknown-name", containing: "do.thi.j") { _ = try st1.actor("do.thi.y") }
        refused(.notFound, "unknown-name", containing: "production") {
            try st1.node.advance(Firm.project, to: "prodution", by: st1.actor("do.thi.j"))
        }
        refused(.notFound, "unknown-name", containing: "assembly") {
            try st1.step(.start, "asembly", as: "do.thi.j")
        }
        refused(.notFound, "unknown-name", containing: "FINAL_QC") {
            let name = InspectionName(Firm.project, "FINAL_QX", build: "B-1")
            _ = try st1.node.openInspection(name, by: st1.actor("bui.thi.h"))
        }
        refused(.notFound, "unknown-name", containing: "HCM") {
            _ = try firm.hub.node.hours(at: "HCN")
        }
        refused(.notFound, "unknown-name") { _ = try st1.node.conflict("3fa91c02") }
        refused(.notFound, "unknown-name") { _ = try st1.node.history(of: "nothing") }
        refused(.notFound, "unknown-name") {
            try firm.st1.node.stopHours("0123456789", by: st1.actor("do.thi.j"))
        }
    }

    @Test("a name of two projects is not found, and the ids of both are said")
    func ambiguous() throws {
        let sales = try firm.hub.actor("pham.thi.d")
        for _ in 0..<2 {
            var new = NewProject("Twin")
            new.workflow = "Default Workflow"
            new.sites = ["HCM"]
            _ = try firm.hub.node.create(new, by: sales)
        }
        try firm.meetAll()
        let ids = try st1.node.projects().filter { $0.title == "Twin" }.map { "\($0.record.id)" }

        refused(.notFound, "ambiguous-name", containing: ids[0]) {
            _ = try st1.node.project("Twin")
        }
        #expect(ids.count == 2)
        #expect(
            try st1.node.projects().map(\.number) == [
                "PRJ-000123", "PRJ-000124", "PRJ-000125",
            ]
        )
    }

    // MARK: Order and roles

    @Test("steps that do not follow are refused: finish before start, twice, in a later stage")
    func wrongOrder() throws {
        refused(.refused, "wrong-order") { try st1.step(.finish, "assembly", as: "do.thi.j") }
        refused(.refused, "wrong-order") { try st1.step(.unblock, "assembly", as: "do.thi.j") }
        refused(.refused, "wrong-order") {
            try st1.step(.reopen, "assembly", as: "bui.thi.h", reason: "x")
        }
        refused(.refused, "wrong-order") {
            try st1.step(.start, "production_setup", as: "do.thi.j")
        }
        refused(.refused, "stage-not-current", containing: "completed") {
            try st1.step(.start, "shipping", as: "hoang.van.e")
        }
        refused(.refused, "stage-not-complete") {
            try st1.node.advance(Firm.project, to: "completed", by: st1.actor("do.thi.j"))
        }
        refused(.refused, "not-skippable") {
            try st1.step(.skip, "assembly", as: "do.thi.j", reason: "no time")
        }
        refused(.refused, "not-running") {
            try st1.node.stopHours(by: st1.actor("ly.van.k"))
        }
        refused(.refused, "wrong-order", containing: "has not failed") {
            let name = InspectionName(Firm.project, "FINAL_QC", build: "B-2025-0007")
            _ = try st1.node.openInspection(name, by: st1.actor("bui.thi.h"))
        }
    }

    @Test("who lacks the role or the level is refused")
    func wrongRole() throws {
        refused(.refused, "not-allowed") {
            try st1.step(.finish, "production_setup", as: "vu.thi.f")
        }
        try st1.step(.block, "assembly", as: "vu.thi.f", reason: "no parts")
        refused(.refused, "not-allowed") { try st1.step(.unblock, "assembly", as: "ly.van.k") }
        refused(.refused, "not-allowed") {
            try st1.node.advance(
                Firm.project,
                to: "completed",
                reason: "hurry",
                by: st1.actor("do.thi.j")
            )
        }
        refused(.refused, "not-allowed") {
            _ = try st1.node.create(NewProject("Mine"), by: st1.actor("ly.van.k"))
        }
        refused(.refused, "not-allowed") { try measure("0.42", as: "do.thi.j") }
        refused(.refused, "hub-only") {
            var edit = LocalNode.ProjectEdit()
            edit.number = "PRJ-000999"
            try st1.node.edit(Firm.project, edit, by: st1.actor("pham.thi.d"))
        }
    }

    // MARK: Values

    private func measure(
        _ found: String,
        item: Int64 = 4,
        unit: String? = nil,
        outcome: String? = nil,
        as user: String = "bui.thi.h"
    ) throws {
        var finding = LocalNode.Finding(found)
        finding.unit = unit
        finding.outcome = outcome
        let name = InspectionName(Firm.project)
        try st1.node.measure(item, of: name, finding, by: st1.actor(user))
    }

    @Test("a decimal comma is understood; what may be a thousand or is no number is refused")
    func numbers() throws {
        try measure("0,42")
        refused(.badInput, "thousands") { try measure("1,000") }
        refused(.badInput, "thousands") { try measure("0.4.2") }
        refused(.badInput, "not-a-number") { try measure("") }
        refused(.badInput, "not-a-number") { try measure("½") }
        refused(.badInput, "too-many-digits") { try measure("0.1234567890123456789") }
        refused(.refused, "wrong-unit") { try measure("0.42", unit: "m/s") }
        refused(.refused, "outcome-differs") { try measure("0.71", outcome: "pass") }
        refused(.refused, "unknown-item") { try measure("pass", item: 99) }
        refused(.badInput, "unknown-value") { try measure("3", item: 1) }
        refused(.refused, "reason-required") { try measure("na") }
        refused(.badInput, "empty") { try measure("pass") }
    }

    @Test("an end before the start, and what is no time, is refused")
    func times() throws {
        let actor = try st1.actor("ly.van.k")
        let request = HoursRequest("WORK")
        refused(.refused, "end-before-start") {
            _ = try st1.node.logHours(request, from: "10:00", to: "09:00", by: actor)
        }
        for typed in ["25:00", "9:00", "tomorrow", "2025-13-01 09:00", "09:00+7", ""] {
            refused(.badInput, "not-a-time") {
                _ = try st1.node.logHours(request, from: typed, to: "12:00", by: actor)
            }
        }
        refused(.badInput, "unknown-value") {
            _ = try st1.node.startHours(HoursRequest("SLEEP"), by: actor)
        }
        let entry = try st1.node.startHours(request, by: actor)
        refused(.refused, "end-before-start") {
            try st1.node.stopHours("\(entry)", at: "08:00", by: actor)
        }
        var edit = LocalNode.HoursEdit()
        edit.end = "10:00"
        refused(.refused, "reason-required") {
            try st1.node.correctHours("\(entry)", edit, by: actor)
        }
        refused(.usage, "no-edit") {
            try st1.node.correctHours("\(entry)", LocalNode.HoursEdit(), by: actor)
        }
    }

    @Test("a missing, blank or over-long reason or title is refused")
    func texts() throws {
        for reason in [nil, "", "  \n"] as [String?] {
            refused(.refused, "reason-required") {
                try st1.step(.block, "assembly", as: "ly.van.k", reason: reason)
            }
        }
        refused(.badInput, "too-long") {
            let reason = String(repeating: "x", count: 16_385)
            try st1.step(.block, "assembly", as: "ly.van.k", reason: reason)
        }
        let long = String(repeating: "é", count: 128)
        for (title, word) in [("", "empty"), (" ", "empty"), (long, "too-long")] {
            refused(.badInput, word) { try edit { $0.title = title } }
        }
        refused(.badInput, "unknown-value") { try edit { $0.priority = "asap" } }
        refused(.badInput, "not-a-day") { try edit { $0.requestedDueDate = "30.10.2025" } }
        refused(.usage, "no-edit") { try edit { _ in } }
    }

    @Test("control characters are refused in every text")
    func controls() throws {
        for bad in ["a\u{1b}[2J", "a\u{0}", "a\u{202e}b", "a\rb"] {
            refused(.badInput, "control-characters") { try edit { $0.title = bad } }
            refused(.badInput, "control-characters") {
                try st1.step(.block, "assembly", as: "ly.van.k", reason: bad)
            }
        }
    }

    private func edit(_ fill: (inout LocalNode.ProjectEdit) -> Void) throws {
        var edit = LocalNode.ProjectEdit()
        fill(&edit)
        try st1.node.edit(Firm.project, edit, by: st1.actor("pham.thi.d"))
    }

    // MARK: What was seen

    @Test("names that are no names, or of something else, are refused")
    func seen() throws {
        #expect(Seen(text: "") == nil)
        #expect(Seen(text: "none,none") == nil)
        #expect(Seen(text: String(repeating: "g", count: 64)) == nil)
        let foreign = try #require(Seen(text: String(repeating: "0", count: 64)))
        #expect(foreign.text == String(repeating: "0", count: 64))
        refused(.badInput, "unknown-names") {
            try st1.step(.block, "assembly", as: "ly.van.k", reason: "x", seen: foreign)
        }
        refused(.badInput, "unknown-names") {
            try edit { edit in
                edit.title = "x"
                edit.seen = foreign
            }
        }
    }

    @Test("a person whom the node does not know well enough is refused")
    func strangers() throws {
        refused(.notPermitted, "nobody-named") {
            _ = try st1.node.actor(as: nil, by: Caller(uid: 7) { _ in true })
        }
        let user = try st1.actor("bui.thi.h").user
        try st1.node.bind(uid: 7, to: user)
        let bound = try st1.node.actor(as: nil, by: Caller(uid: 7) { _ in true })
        #expect(bound.user == user)
        #expect(bound.method == .account)
    }
}
