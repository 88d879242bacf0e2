import Bytes
import CRDT
import Domain
import Node
import Storage
import Testing
import Wire

@Suite("Reading the audit")
struct AuditLogTests {
    private let firm: Firm

    init() throws {
        firm = try Firm()
        firm.at("07:00")
        let manager = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.advance(Firm.project, to: "production", reason: "rush", by: manager)
        try firm.meetAll()
        firm.at("08:00")
    }

    private func log(
        as user: String = "nguyen.van.a",
        _ change: (inout AuditRequest) -> Void = { _ in }
    ) throws -> AuditLog {
        var request = AuditRequest()
        request.limit = 1_000
        change(&request)
        return try firm.hub.node.auditLog(request, by: firm.hub.actor(user))
    }

    private func retitle(_ station: Station, _ title: String) throws {
        var edit = LocalNode.ProjectEdit()
        edit.title = title
        try station.node.edit(Firm.project, edit, by: station.actor("pham.thi.d"))
    }

    @Test(
        "P5, FP-130, FP-131, TV-048: each accepted change is an entry with old and new values, once"
    )
    func oldAndNew() throws {
        try retitle(firm.st1, "Widget A Rev3")
        try firm.meetAll()
        try retitle(firm.hub, "Widget A Rev4")

        let json = try log { $0.entity = "project" }.json.text
        #expect(json.contains("\"from\":[\"Widget A Rev2\"],\"to\":\"Widget A Rev3\""))
        #expect(json.contains("\"from\":[\"Widget A Rev3\"],\"to\":\"Widget A Rev4\""))
        let store = firm.hub.node.store
        let entries = try store.read { try $0.auditEntries(from: 0, upTo: 100_000) }
        // TV-050: whatever the table, one path appends the change and its entry.
        #expect(entries.compactMap(\.change?.position) == Array(1...store.position))
        #expect(try store.verify { _ in }.faults == [])
    }

    @Test("FP-104, P19: a version that was replaced stays in the trail, in its place and readable")
    func versions() throws {
        for title in ["Rev3", "Rev4", "Rev5"] { try retitle(firm.hub, title) }
        let log = try self.log { request in
            request.entity = "project"
            request.user = "pham.thi.d"
        }
        let titles = log.text.reversed()
        let order = ["Widget A Rev2 -> Rev3", "Rev3 -> Rev4", "Rev4 -> Rev5"].map { change in
            Array(titles).firstIndex { $0.contains(change) }
        }
        #expect(order.allSatisfy { $0 != nil })
        #expect(order.compactMap(\.self) == order.compactMap(\.self).sorted())
    }

    @Test("P6: who with role, what old and new, when with zone and clock, and why stand in each")
    func fourFields() throws {
        #expect(throws: RuleFault.self) {
            try firm.st1.step(.block, "assembly", as: "do.thi.j", reason: " \n")
        }
        try firm.st1.step(.block, "assembly", as: "do.thi.j", reason: "crack in the frame")
        try firm.meetAll()

        let log = try self.log { request in
            request.user = "do.thi.j"
            request.entity = "progress_event"
        }
        let json = log.json.text
        #expect(log.lines.count == 1)
        #expect(json.contains("\"user\":\"do.thi.j\""))
        #expect(json.contains("\"roles\":[\"production "))
        #expect(json.contains("\"zone\":\"Asia/Ho_Chi_Minh\""))
        #expect(json.contains("\"local\":\"2025-11-24 08:0"))
        #expect(json.contains("\"clock_suspect\":false"))
        #expect(json.contains("\"reasons\":[\"crack in the frame\"]"))
        #expect(json.contains("\"device\":\"ST-1\""))
        #expect(log.text.contains { $0.contains("why: crack in the frame") })
    }

    @Test(
        "FP-132, FP-138: a feed of one project, and one of all by time, person and kind of record"
    )
    func feeds() throws {
        try firm.st1.step(.start, "assembly", as: "do.thi.j")
        try firm.meetAll()
        firm.at("09:00")
        try retitle(firm.hub, "Rev3")

        let ofProject = try log { $0.subject = Firm.project }.lines
        let scopes = Set(ofProject.compactMap { $0.entry.change?.scope })
        #expect(scopes.count == 1 && scopes.first?.kind == .subject)
        let late = try log { $0.from = "2025-11-24T09:00:00+07:00" }.text.joined()
        #expect(late.contains("Rev3"))
        #expect(!late.contains("assembly"))
        let early = try log { request in
            request.to = "2025-11-24T09:00:00+07:00"
            request.user = "do.thi.j"
        }.text.joined()
        #expect(early.contains("assembly"))
        #expect(throws: CommandFault.self) { try log { $0.entity = "nonsense" } }
        #expect(throws: CommandFault.self) { try log { $0.kind = "nonsense" } }
        #expect(throws: CommandFault.self) { try log { $0.limit = 0 } }
    }

    @Test("FP-139: the first systems' names of a step of a sub-stage mean the same entries")
    func aliases() throws {
        try firm.st1.step(.start, "assembly", as: "do.thi.j")
        try firm.meetAll()
        let names = ["progress_event", "project_sub_stage_progress", "project_sub_stage"]
        let found = try names.map { name in
            try log { $0.entity = name }.lines.map(\.entry.number)
        }
        #expect(!found[0].isEmpty)
        #expect(found[1] == found[0] && found[2] == found[0])
        // By the id of an event alone, as FP-139 asks by entity and id.
        var request = TimelineRequest()
        request.project = Firm.project
        request.kind = "progress_event"
        let event = try #require(try firm.hub.node.timeline(request).items.last?.entry.id)
        let one = try log { request in
            request.entity = "project_sub_stage_progress"
            request.subject = "\(event)"
        }.lines
        #expect(one.count == 1)
        #expect(found[0].contains(one.first?.entry.number ?? .max))
    }

    @Test("P4, P7: only who has the right reads it, and every reading is an entry itself")
    func rights() throws {
        let refused = #expect(throws: RuleFault.self) { try log(as: "do.thi.j") }
        #expect(refused?.code == .notAllowed)
        _ = try log { $0.kind = "change" }
        let readings = try log { $0.kind = "read" }
        #expect(readings.lines.count == 2)
        let text = readings.text.joined(separator: "\n")
        #expect(text.contains("command: audit log") && text.contains("kind: change"))
        #expect(text.contains("nguyen.van.a (management 3)"))
        let atStation = #expect(throws: CommandFault.self) {
            try firm.st1.node.auditLog(AuditRequest(), by: firm.st1.actor("nguyen.van.a"))
        }
        #expect(atStation?.reason == "no-audit")
    }

    @Test("P23: from 80 % of the disk on the health of a hub warns, and a sound audit is told")
    func room() throws {
        #expect(!Room(free: 201, all: 1_000).isLow)
        #expect(Room(free: 200, all: 1_000).isLow)
        #expect(Room(free: 0, all: .max).usedPercent >= 100)
        #expect(Room(free: 5, all: 0).usedPercent == 0)
        let findings = try Health(of: firm.hub.node).findings.filter { $0.subject == "audit" }
        #expect(findings.contains { $0.text.contains("entries, root") })
        #expect(try Health(of: firm.st1.node).findings.allSatisfy { $0.subject != "audit" })
    }

    @Test("TV-046, TV-047: what was done has a word, an outcome, a person, a device and its words")
    func words() throws {
        try retitle(firm.hub, "Rev3")
        try firm.st1.step(.block, "assembly", as: "do.thi.j", reason: "crack")
        try firm.meetAll()
        let caller = Caller(uid: 1_000) { _ in true }
        try firm.hub.node.bind(uid: 1_000, to: firm.hub.actor("nguyen.van.a").user)
        try firm.hub.node.record(
            .export,
            by: caller,
            ["command": "export", "table": "projects", "rows": "3", "outcome": "written"]
        )
        let json = try log { $0.limit = 1_000 }.json.text
        for word in ["CREATE", "UPDATE", "STATUS_CHANGE", "EXPORT", "CONFIGURATION", "AUTHORITY"] {
            #expect(json.contains("\"action\":\"\(word)\""), "\(word)")
        }
        let exports = try log { request in
            request.kind = "export"
            request.user = "nguyen.van.a"
        }
        #expect(exports.lines.count == 1)
        #expect(exports.json.text.contains("\"outcome\":\"written\""))
        #expect(exports.json.text.contains("\"device\":\"HUB\""))
        #expect(exports.json.text.contains("\"table\":\"projects\""))
    }

    @Test("TV-050, TV-051: the person of an entry is who signed, and the system is one of them")
    func persons() throws {
        var edit = LocalNode.ProjectEdit()
        edit.assignedTo = "bui.thi.h"
        try firm.st1.node.edit(Firm.project, edit, by: firm.st1.actor("pham.thi.d"))
        try firm.meetAll()
        let mine = try log { request in
            request.user = "pham.thi.d"
            request.entity = "project"
        }.lines
        #expect(mine.count == 1)
        #expect(try log { $0.user = "bui.thi.h" }.lines.isEmpty)
        // The founding was of the machine itself: an entry like any other, of no person.
        let first = try log { $0.kind = "change" }.lines.last
        #expect(first?.entry.subject?.user == .zero)
        #expect(try log { $0.kind = "change" }.text.contains { $0.contains("change  - at HUB") })
    }

    @Test("FP-104, TV-052: an entry is shown and proven to stand in the tree, by its number")
    func shown() throws {
        try retitle(firm.hub, "Rev3")
        let newest = try #require(try log { $0.entity = "project" }.lines.first)
        let number = newest.entry.number
        let actor = try firm.hub.actor("nguyen.van.a")
        let one = try firm.hub.node.auditEntry(number, by: actor)
        #expect(one.lines.map(\.entry) == [newest.entry])
        let proof = try firm.hub.node.auditProof(of: number, in: nil, by: actor)
        #expect(proof.proof.shows(newest.entry.leaf.hash, under: proof.root))
        let keys = try #require(newest.entry.keys)
        let detail = try #require(newest.entry.detail)
        #expect(
            AuditKeys.commitment(to: detail.encoded, key: keys.detail) == newest.entry.leaf.detail
        )
        let fault = #expect(throws: CommandFault.self) {
            try firm.hub.node.auditEntry(1_000_000, by: actor)
        }
        #expect(fault?.reason == "no-entry")
    }
}
