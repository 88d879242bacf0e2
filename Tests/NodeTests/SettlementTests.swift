import CRDT
import Domain
import Node
import Testing

@Suite("Conflicts of fields, and projects that begin at a station")
struct SettlementTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        firm.at("08:00")
    }

    private func edit(_ station: Station, _ title: String, seen: Seen? = nil) throws {
        var edit = LocalNode.ProjectEdit()
        edit.title = title
        edit.seen = seen
        try station.node.edit(Firm.project, edit, by: station.actor("pham.thi.d"))
    }

    private func titles(_ station: Station) throws -> Set<String> {
        Set(try station.conflicts(.field).flatMap(\.sides).map(\.value))
    }

    @Test("a case says who, where, when, how known, and what each had seen")
    func sides() throws {
        try edit(firm.st1, "Widget A Rev3")
        firm.at("08:10")
        try edit(firm.st2, "Widget A Rev4")
        try firm.meetAll()

        let conflict = try #require(try firm.st3.conflicts(.field).first)

        #expect(conflict.subject == Firm.project)
        #expect(conflict.what == "title")
        #expect(conflict.shown == "Widget A Rev4")
        #expect(conflict.sides.map { $0.author?.device } == ["ST-2", "ST-1"])
        #expect(conflict.sides.map { $0.author?.site } == ["HCM", "HCM"])
        #expect(
            conflict.sides.map { $0.author?.at } == [
                "2025-11-24T01:10:00Z", "2025-11-24T01:00:00Z",
            ]
        )
        #expect(conflict.sides.allSatisfy { $0.hadSeen == ["Widget A Rev2 by -"] })
        #expect(conflict.lines.contains { $0.contains("asserted") })
    }

    @Test("settling writes one value in place of all heads, and every node agrees")
    func settle() throws {
        try edit(firm.st1, "Widget A Rev3")
        firm.at("08:10")
        try edit(firm.st2, "Widget A Rev4")
        try firm.meetAll()
        let id = try #require(try firm.st1.conflicts(.field).first).id
        let before = try firm.st1.node.history(of: Firm.project).count

        try firm.st1.node.settle("\(id)", with: .side(2), by: firm.st1.actor("pham.thi.d"))
        try firm.meetAll()

        for station in firm.all {
            #expect(try station.conflicts(.field).isEmpty)
            #expect(try station.node.project(Firm.project).title == "Widget A Rev3")
        }
        #expect(try firm.hub.node.history(of: Firm.project).count == before + 1)
    }

    @Test("what arrived after the form was shown stands beside what the form settles (U1)")
    func form() throws {
        try edit(firm.st1, "Widget A Rev3")
        try edit(firm.st2, "Widget A Rev4")
        try firm.meetAll()
        let shown = try #require(try firm.st1.conflicts(.field).first)
        try edit(firm.hub, "Widget A Rev5", seen: Seen(text: shown.seen.text))
        try firm.meetAll()

        var other = LocalNode.ProjectEdit()
        other.title = "Widget A Rev6"
        other.seen = shown.seen
        try firm.st1.node.edit(Firm.project, other, by: firm.st1.actor("pham.thi.d"))
        try firm.meetAll()

        #expect(try titles(firm.hub) == ["Widget A Rev5", "Widget A Rev6"])
    }

    @Test("who may not edit may not settle, and a wrong side or value is refused")
    func refusals() throws {
        try edit(firm.st1, "Widget A Rev3")
        try edit(firm.st2, "Widget A Rev4")
        try firm.meetAll()
        let id = try #require(try firm.st1.conflicts(.field).first).id

        let role = #expect(throws: RuleFault.self) {
            try firm.st1.node.settle("\(id)", with: .side(1), by: firm.st1.actor("ly.van.k"))
        }
        let side = #expect(throws: CommandFault.self) {
            try firm.st1.node.settle("\(id)", with: .side(3), by: firm.st1.actor("pham.thi.d"))
        }
        let empty = #expect(throws: RuleFault.self) {
            try firm.st1.node.settle("\(id)", with: .value(" "), by: firm.st1.actor("pham.thi.d"))
        }

        #expect(role?.code == .notAllowed)
        #expect(side?.reason == "unknown-side")
        #expect(empty?.code == .empty)
    }

    @Test("two who settle apart with one value agree; with two, it is a conflict again")
    func settledTwice() throws {
        try edit(firm.st1, "Widget A Rev3")
        try edit(firm.st2, "Widget A Rev4")
        try firm.meetAll()
        let id = try #require(try firm.st1.conflicts(.field).first).id
        for (station, value) in [(firm.st1, "Widget A Rev7"), (firm.st2, "Widget A Rev8")] {
            let actor = try station.actor("pham.thi.d")
            try station.node.settle("\(id)", with: .value(value), by: actor)
        }

        try firm.meetAll()

        #expect(try titles(firm.hub) == ["Widget A Rev7", "Widget A Rev8"])
        #expect(try firm.hub.conflicts(.field).first?.id == id)
    }

    @Test("a station begins a project with a label of its site, and the hub gives the number")
    func provisional() throws {
        var new = NewProject("Bracket")
        new.workflow = "Default Workflow"
        let subject = try firm.st1.node.create(new, by: firm.st1.actor("pham.thi.d"))
        let label = try firm.st1.node.project("\(subject)").number
        try firm.meetAll()
        var edit = LocalNode.ProjectEdit()
        edit.number = "PRJ-000124"
        try firm.hub.node.edit(label, edit, by: firm.hub.actor("pham.thi.d"))
        try firm.meetAll()

        #expect(label.hasPrefix("PRJ-HCM-"))
        for station in [firm.hub, firm.st1, firm.st2, firm.tec7] {
            #expect(try station.node.project(label).number == "PRJ-000124")
        }
    }

    @Test("a project goes to a site once it is opened there")
    func opened() throws {
        var new = NewProject("Bracket")
        new.workflow = "Default Workflow"
        new.sites = ["HCM"]
        let subject = try firm.hub.node.create(new, by: firm.hub.actor("pham.thi.d"))
        try firm.meetAll()
        let before = try firm.st3.node.projects().count

        try firm.hub.node.open("\(subject)", at: "HAN", by: firm.hub.actor("pham.thi.d"))
        try firm.meetAll()
        let again = #expect(throws: CommandFault.self) {
            try firm.hub.node.open("\(subject)", at: "HAN", by: firm.hub.actor("pham.thi.d"))
        }

        #expect(before == 1)
        #expect(try firm.st3.node.project("Bracket").number == "PRJ-000124")
        #expect(again?.reason == "exists")
    }
}
