import CRDT
import Domain
import Node
import Storage
import Testing

@Suite("Messages and handover notes")
struct MessageTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        firm.at("08:00")
    }

    private func contents(_ station: Station, _ user: String) throws -> [String] {
        try station.node.messages(of: station.actor(user)).map(\.message.content)
    }

    private func unread(_ station: Station, _ user: String) throws -> Int {
        try station.node.inbox(of: station.actor(user)).unread[.message] ?? 0
    }

    @Test("FP-123: a message on a project goes to other sites, to whom it names or to all")
    func onProject() throws {
        var request = MessageRequest("ready for testing")
        request.project = Firm.project
        request.recipient = "bui.thi.h"
        try firm.st1.node.send(request, by: firm.st1.actor("do.thi.j"))
        firm.at("08:10")
        request = MessageRequest("line stops at noon")
        request.project = Firm.project
        try firm.st1.node.send(request, by: firm.st1.actor("do.thi.j"))
        try firm.meetAll()

        let both = ["line stops at noon", "ready for testing"]
        #expect(try contents(firm.st3, "bui.thi.h") == both)
        #expect(try contents(firm.st3, "ly.van.k") == ["line stops at noon"])
        #expect(try contents(firm.st2, "do.thi.j") == both, "its sender")
        #expect(try unread(firm.st3, "bui.thi.h") == 2)
        #expect(try unread(firm.st2, "do.thi.j") == 0)
    }

    @Test("FP-123: a broadcast at a station stays at its site; from the hub it goes to all")
    func broadcast() throws {
        try firm.st1.node.send(MessageRequest("in HCM"), by: firm.st1.actor("do.thi.j"))
        firm.at("08:10")
        try firm.hub.node.send(MessageRequest("everywhere"), by: firm.hub.actor("nguyen.van.a"))
        try firm.meetAll()

        #expect(try contents(firm.st2, "ly.van.k") == ["everywhere", "in HCM"])
        #expect(try contents(firm.st3, "ly.van.k") == ["everywhere"])
    }

    @Test(
        "FP-123: a message to a role is for whoever holds it, or a role of which it is the parent"
    )
    func role() throws {
        var request = MessageRequest("count the stock")
        request.role = "production"
        try firm.st1.node.send(request, by: firm.st1.actor("nguyen.van.a"))

        #expect(try unread(firm.st1, "ly.van.k") == 1)
        #expect(try unread(firm.st1, "bui.thi.h") == 0)
    }

    @Test("FP-123: an answer goes where the message went, to its sender, and reading marks it")
    func reply() throws {
        var request = MessageRequest("may I start?")
        request.project = Firm.project
        request.recipient = "bui.thi.h"
        let id = try firm.st1.node.send(request, by: firm.st1.actor("do.thi.j"))
        try firm.meetAll()
        let before = try unread(firm.st2, "bui.thi.h")
        let read = try firm.st2.node.readMessages(["\(id)"], by: firm.st2.actor("bui.thi.h"))
        var answer = MessageRequest("yes")
        answer.replyTo = "\(id)"
        try firm.st2.node.send(answer, by: firm.st2.actor("bui.thi.h"))
        try firm.meetAll()

        #expect(before == 1)
        #expect(read.map(\.message.content) == ["may I start?"])
        #expect(try unread(firm.st1, "bui.thi.h") == 0)
        let answered = try #require(
            try firm.st1.node.messages(of: firm.st1.actor("do.thi.j")).first
        )
        #expect(answered.message.content == "yes")
        #expect(answered.message.replyTo == id)
        #expect(answered.readAt == nil)
        #expect(answered.json.text.contains("\"project\":\"PRJ-000123\""))
        #expect(answered.lines.first?.contains("UNREAD") == true)
    }

    @Test("a station writes to its own site, and what says nothing is refused")
    func refused() throws {
        var other = MessageRequest("hello")
        other.site = "HAN"
        let elsewhere = #expect(throws: CommandFault.self) {
            try firm.st1.node.send(other, by: firm.st1.actor("do.thi.j"))
        }
        let empty = #expect(throws: RuleFault.self) {
            try firm.st1.node.send(MessageRequest(" "), by: firm.st1.actor("do.thi.j"))
        }

        #expect(elsewhere?.reason == "other-site")
        #expect(empty?.code == .empty)
    }

    // MARK: - Handover notes

    private func write(_ roles: [String], _ people: [String] = []) throws -> ID {
        var request = HandoverRequest("pump 3 leaks")
        request.shift = "night"
        request.workCenter = "CELL-2"
        request.projects = [Firm.project]
        request.roles = roles
        request.people = people
        return try firm.st1.node.writeHandover(request, by: firm.st1.actor("do.thi.j"))
    }

    @Test("DOM-180: a note stands in the inbox and the status until who is meant has seen it")
    func handover() throws {
        let id = try write(["production"], ["bui.thi.h"])
        try firm.meet(firm.st1, firm.hub)
        try firm.meet(firm.st2, firm.hub)
        let open = try firm.st2.node.handovers(openOnly: true)
        firm.at("14:05")
        let count = try firm.st2.node.acknowledge([], by: firm.st2.actor("ly.van.k"))
        let seenAt = firm.st2.node.wallMilliseconds
        let half = try #require(try firm.st2.node.handovers(openOnly: true).first)
        try firm.st2.node.acknowledge(["\(id)"], by: firm.st2.actor("bui.thi.h"))
        try firm.meetAll()

        #expect(open.map(\.id) == [id])
        #expect(open.first?.note.workCenter == "CELL-2")
        #expect(count == 1)
        #expect(half.standing.missingRoles.isEmpty)
        #expect(half.standing.missingPeople.count == 1)
        for station in [firm.st1, firm.st2, firm.hub] {
            #expect(try station.node.handovers(openOnly: true).isEmpty)
            let note = try #require(try station.node.handovers().first)
            let who = try station.actor("ly.van.k").user
            #expect(note.standing.acknowledged[who] == seenAt, "\(station.name)")
        }
        #expect(try firm.st3.node.handovers().isEmpty, "another site")
    }

    @Test("DOM-180: at the top of the inbox of who is meant, and not of its author or of others")
    func inbox() throws {
        let id = try write([])
        func waits(_ user: String) throws -> [ID] {
            try firm.st1.node.inbox(of: firm.st1.actor(user)).handovers.map(\.id)
        }
        let before = try (waits("do.thi.j"), waits("bui.thi.h"), waits("ly.van.k"))
        try firm.st1.node.acknowledge(["\(id)"], by: firm.st1.actor("bui.thi.h"))

        #expect(before == ([], [id], [id]))
        #expect(try waits("bui.thi.h").isEmpty)
        #expect(try waits("ly.van.k") == [id], "each person sees it until they took note")
        #expect(try firm.st1.node.handovers(openOnly: true).isEmpty, "but somebody has seen it")
        let lines = try firm.st1.node.inbox(of: firm.st1.actor("ly.van.k")).lines(atMost: 9)
        #expect(lines.first == "NOT SEEN YET:")
    }

    // MARK: - Preferences and sub-stages

    @Test("FP-013: a person's preferences follow them over the site, and only they set them")
    func preferences() throws {
        let anna = try firm.st1.actor("do.thi.j")
        try firm.st1.node.setPreference("language", to: "vi", by: anna)
        try firm.st1.node.setPreference("theme", to: "dark", by: anna)
        firm.at("08:10")
        try firm.st2.node.setPreference("timezone", to: "Asia/Tokyo", by: anna)
        try firm.meetAll()
        firm.at("08:20")
        try firm.hub.node.setPreference("theme", to: "light", by: anna)
        try firm.meetAll()
        let all = try firm.st1.node.preferences(of: "do.thi.j")
        firm.at("08:30")
        try firm.st1.node.setPreference("theme", to: nil, by: anna)
        let other = #expect(throws: RuleFault.self) {
            try firm.st1.node.setPreference("theme", to: "dark", of: "bui.thi.h", by: anna)
        }
        let zone = #expect(throws: CommandFault.self) {
            try firm.st1.node.setPreference("timezone", to: "Mars/Olympus", by: anna)
        }

        #expect(all == ["language": "vi", "theme": "light", "timezone": "Asia/Tokyo"])
        #expect(try firm.st1.node.preferences(of: "do.thi.j")["theme"] == nil)
        #expect(try firm.st2.node.preferences(of: "do.thi.j")["theme"] == "light")
        #expect(other?.code == .notAllowed)
        #expect(zone?.reason == "unknown-zone")
    }

    @Test("FP-013: two stations that set one preference apart show the same, and none is lost")
    func preferencesApart() throws {
        let anna = try firm.st1.actor("do.thi.j")
        try firm.st1.node.setPreference("theme", to: "dark", by: anna)
        firm.at("08:10")
        try firm.st2.node.setPreference("theme", to: "light", by: anna)
        try firm.meetAll()
        let cases = try firm.st1.conflicts(.field)

        for station in [firm.st1, firm.st2, firm.hub] {
            #expect(try station.node.preferences(of: "do.thi.j")["theme"] == "light")
        }
        let id = try #require(cases.first).id
        let other = #expect(throws: RuleFault.self) {
            let manager = try firm.st1.actor("nguyen.van.a")
            try firm.st1.node.settle("\(id)", with: .side(1), by: manager)
        }
        try firm.st1.node.settle("\(id)", with: .value("dark"), by: anna)
        #expect(other?.code == .notAllowed)
        #expect(try firm.st1.node.preferences(of: "do.thi.j")["theme"] == "dark")
        #expect(try firm.st1.conflicts(.field).isEmpty)
        #expect(cases.map(\.what) == ["preferences[theme]"])
        #expect(Set(cases.flatMap(\.sides).map(\.value)) == ["dark", "light"])
    }

    @Test("DOM-183: pieces counted apart add up, values kept apart stand, one key is settled")
    func subStage() throws {
        try firm.hub.node.advance(
            Firm.project,
            to: "production",
            reason: "rush",
            by: firm.hub.actor("nguyen.van.a")
        )
        try firm.meetAll()
        for (station, pieces, torque) in [(firm.st1, 12, "45 Nm"), (firm.st2, 30, "47 Nm")] {
            let actor = try station.actor("do.thi.j")
            let node = station.node
            try node.countPieces(Firm.project, "assembly", adding: Int64(pieces), by: actor)
            try node.noteSubStage(Firm.project, "assembly", "torque", torque, by: actor)
            try node.noteSubStage(Firm.project, "assembly", "by \(station.name)", "x", by: actor)
        }
        try firm.meetAll()
        let json = try firm.st3.node.progress(of: Firm.project, subStage: "assembly").json.text
        let conflict = try #require(try firm.st1.conflicts(.field).first)
        let lead = try firm.st1.actor("ly.van.k")
        try firm.st1.node.settle("\(conflict.id)", with: .value("46 Nm"), by: lead)
        try firm.meetAll()
        let settled = try firm.st3.node.progress(of: Firm.project, subStage: "assembly")

        #expect(json.contains("\"pieces\":42"))
        #expect(json.contains("by ST-1") && json.contains("by ST-2"))
        #expect(conflict.what == "metadata[torque]")
        #expect(settled.json.text.contains("\"value\":\"46 Nm\",\"in_conflict\":false"))
        #expect(try firm.hub.conflicts(.field).isEmpty)
        #expect(try firm.differences() == [])
        #expect(try firm.faults() == [])
    }
}
