import CRDT
import Domain
import Hub
import Node
import Storage
import Testing
import Wire

/// S-24: Vu Thi F loses the role sales on 10 March at noon while ST-3 is offline.
@Suite("S-24 Changed rights")
struct ChangedRightsTests {
    private let firm: Firm
    private let original: String

    /// ST-3 has acted in her name on 9 March, on 10 March at 11:00, and on 11 March.
    init() throws {
        firm = try Firm()
        original = try firm.hub.node.project(Firm.project).record.fields.text(Project.title) ?? ""
        try Self.makeAdmin("john.smith", firm.hub)
        try firm.meetAll()
        firm.at(Self.march(9, 9))
        try Self.edit(firm.st3) { $0.description = "9 March" }
        firm.at(Self.march(10, 11))
        try Self.edit(firm.st3) { $0.priority = "high" }
        firm.at(Self.march(10, 12))
        let john = try firm.hub.actor("john.smith")
        try firm.hub.node.endRole("sales", of: "vu.thi.f", by: john)
        try firm.hub.node.grant(LocalNode.RoleGrant("finance", to: "vu.thi.f"), by: john)
        firm.at(Self.march(11, 8))
        try Self.edit(firm.st3) { $0.title = "11 March" }
        // Another person's act of that day, in the same feed.
        try Self.edit(firm.st3, as: "pham.thi.d") { $0.requestedDueDate = "2026-04-01" }
    }

    /// The hour of a day of March 2026, counted from the firm's first day, 24 November 2025.
    private static func march(_ day: Int, _ hour: Int) -> String { "\((96 + day) * 24 + hour):00" }

    private static func edit(
        _ station: Station,
        as user: String = "vu.thi.f",
        _ fill: (inout LocalNode.ProjectEdit) -> Void
    ) throws {
        var edit = LocalNode.ProjectEdit()
        fill(&edit)
        try station.node.edit(Firm.project, edit, by: station.actor(user))
    }

    private static func makeAdmin(_ user: String, _ hub: Station) throws {
        let id = try hub.actor(user).user
        let tenant = hub.node.store.tenant
        _ = try hub.node.act(.machine) { _ in
            var values = FieldValues()
            values.set(Membership.user, id)
            values.set(Membership.role, "admin")
            values.set(Membership.effectiveFrom, "2025-01-01")
            values.set(Membership.level, 3 as Int64)
            var draft = Draft()
            draft.add(
                Operation(creating: Membership.entity, values, in: .tenant, tenant: tenant),
                in: .tenant
            )
            return draft
        }
    }

    private func fields(_ station: Station) throws -> Fields {
        try station.node.project(Firm.project).record.fields
    }

    @Test(
        "S-24 FP-016 TV-014: what was done before the role ended counts, what came after is aside"
    )
    func denied() throws {
        try firm.meet(firm.st3, firm.hub)
        #expect(try fields(firm.hub).text(Project.title) == "11 March")
        #expect(try firm.hub.node.judgeArrivals() == 1)
        try firm.meetAll()

        for station in firm.all {
            let fields = try fields(station)
            #expect(fields.text(Project.description) == "9 March", "\(station.name)")
            #expect(fields.text(Project.priority) == "high", "\(station.name)")
            #expect(fields.text(Project.title) == original, "\(station.name)")
            #expect(fields.text(Project.requestedDueDate) == "2026-04-01", "\(station.name)")
            let listed = try station.node.setAside()
            #expect(listed.map(\.why) == ["quarantined"], "\(station.name)")
            #expect(listed.first?.reason?.hasPrefix("policy-denied: project:update needs") == true)
            #expect(listed.first?.author.contains("vu.thi.f at ST-3") == true)
        }
        #expect(try firm.hub.node.judgeArrivals() == 0)
        #expect(try firm.differences() == [] && firm.faults() == [])
    }

    @Test("S-24 what was set aside is released by a person, and then counts everywhere")
    func released() throws {
        try firm.meet(firm.st3, firm.hub)
        try firm.hub.node.judgeArrivals()
        try firm.meetAll()
        let change = try #require(try firm.hub.node.setAside().first)
        let john = try firm.hub.actor("john.smith")
        let reason = "she could not know"
        _ = try firm.hub.node.rule(.accepted, on: [change.short], reason: reason, by: john)
        try firm.meetAll()

        for station in firm.all {
            #expect(try fields(station).text(Project.title) == "11 March", "\(station.name)")
            #expect(try station.node.setAside().isEmpty)
        }
        #expect(try firm.hub.node.judgeArrivals() == 0)
        try firm.meet(firm.st3, firm.hub)
        #expect(try fields(firm.hub).text(Project.title) == "11 March")
    }

    @Test("S-24 the station that did not know goes on working, and hears of it with the directory")
    func goesOn() throws {
        try firm.meet(firm.st3, firm.hub)
        try firm.hub.node.judgeArrivals()
        try firm.meetAll()

        let fault = #expect(throws: RuleFault.self) {
            try Self.edit(firm.st3) { $0.title = "again" }
        }
        #expect(fault?.code == .notAllowed)
        try Self.edit(firm.st3, as: "pham.thi.d") { $0.title = "by another" }
        try firm.meetAll()
        try firm.hub.node.judgeArrivals()
        #expect(try fields(firm.hub).text(Project.title) == "by another")
    }

    @Test(
        "a hub judges what was done at a site by who holds the role there, and suspensions by time"
    )
    func sites() throws {
        let john = try firm.hub.actor("john.smith")
        firm.at(Self.march(12, 8))
        var grant = LocalNode.RoleGrant("sales", to: "ngo.van.i")
        grant.sites = ["HCM"]
        try firm.hub.node.grant(grant, by: john)
        try firm.meetAll()
        try Self.edit(firm.st1, as: "ngo.van.i") { $0.description = "at HCM" }
        #expect(throws: RuleFault.self) {
            try Self.edit(firm.st3, as: "ngo.van.i") { $0.description = "at HAN" }
        }
        firm.at(Self.march(12, 9))
        try firm.hub.node.setStatus(.suspended, of: "ngo.van.i", by: john)
        firm.at(Self.march(12, 10))
        try Self.edit(firm.st1, as: "ngo.van.i") { $0.priority = "urgent" }
        try firm.meet(firm.st1, firm.hub)
        // Her act of 11 March that ST-3 brought is the other one.
        #expect(try firm.hub.node.judgeArrivals() == 2)
        try firm.meetAll()

        #expect(try fields(firm.st1).text(Project.description) == "at HCM")
        #expect(try fields(firm.st1).text(Project.priority) == "high")
    }

    @Test("S-24 DOM-293: an older station is told to update, and works on")
    func update() throws {
        let (hub, st3) = (firm.hub.node.store.device, firm.st3)
        func meet(_ device: ID, schema: UInt64) throws {
            try st3.node.store.note(
                PeerNote(
                    device: device,
                    address: "hub:7400",
                    software: "gemba 9",
                    lastSeen: 1,
                    lastEqual: 1,
                    clockAhead: 0,
                    schema: schema
                )
            )
        }
        #expect(try st3.node.newerVersion() == nil)
        let own = UInt64(st3.node.store.schema.version)
        try meet(hub, schema: own)
        #expect(try st3.node.newerVersion() == nil)
        try meet(firm.st1.node.store.device, schema: own + 1)
        #expect(try st3.node.newerVersion()?.isHub == false)
        try meet(hub, schema: own + 2)

        let newer = try #require(try st3.node.newerVersion())
        #expect(newer.schema == own + 2 && newer.own == own)
        #expect(newer.text.contains("HUB, which runs gemba 9: update it"))
        let health = try Health(of: st3.node).findings.first { $0.subject == "version" }
        #expect(health?.grade == .warning)
        // It reads and writes in its own version.
        try Self.edit(st3, as: "pham.thi.d") { $0.description = "works on" }
        try firm.meetAll()
        #expect(try fields(firm.hub).text(Project.description) == "works on")
        // Its program became as new as the hub's.
        try meet(hub, schema: own)
        try meet(firm.st1.node.store.device, schema: own)
        #expect(try st3.node.newerVersion() == nil)
    }
}
