import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

@Suite("A hub below its own receipts, SYNC-22")
struct RollbackTests {
    /// The scopes in which a station sees that the hub's disk was put back.
    private func alarms(_ firm: Firm) throws -> Int {
        let late = Firm.midnight + 2 * 86_400_000
        let (store, hub) = (firm.st1.node.store, firm.hub.node.store)
        let scopes = try store.digests().map(\.scope)
        let held = try hub.frontiers(of: scopes)
        for scope in scopes {
            let nothing = Frontier()
            #expect(try !store.isRolledBack(nothing, in: scope, at: hub.device, since: 0))
            #expect(try !store.isRolledBack(nothing, in: scope, at: store.device, since: late))
        }
        return try scopes.filter { scope in
            let shown = held[scope] ?? Frontier()
            return try store.isRolledBack(shown, in: scope, at: hub.device, since: late)
        }.count
    }

    @Test("C3 a station is alarmed by a hub that was restored, and gives it its work again")
    func restoredHub() throws {
        let firm = try Firm()
        let management = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.advance(Firm.project, to: "production", reason: "x", by: management)
        try firm.meetAll()
        let backup = try firm.hub.simulated.snapshot()
        firm.at("08:00")
        try firm.st1.step(.finish, "production_setup", as: "do.thi.j")
        try firm.meet(firm.st1, firm.hub)
        let hub = firm.hub.node
        #expect(try hub.store.attest(wallMilliseconds: hub.wallMilliseconds).receipts > 0)
        try firm.meet(firm.st1, firm.hub)
        #expect(try alarms(firm) == 0)

        try firm.hub.restore(backup)
        #expect(try alarms(firm) > 0)
        try firm.meet(firm.st1, firm.hub)
        #expect(try alarms(firm) == 0)
        #expect(
            try firm.hub.row("production_setup")?.status == firm.st1.row("production_setup")?.status
        )
    }

    @Test("after the alarm older receipts are not believed, and whoever may rule clears it")
    func doubted() throws {
        let firm = try Firm()
        firm.at("08:00")
        let backup = try firm.hub.simulated.snapshot()
        var edit = LocalNode.ProjectEdit()
        edit.title = "Widget A Rev3"
        try firm.st1.node.edit(Firm.project, edit, by: firm.st1.actor("pham.thi.d"))
        try firm.meet(firm.st1, firm.hub)
        let hub = firm.hub.node
        #expect(try hub.store.attest(wallMilliseconds: hub.wallMilliseconds).receipts > 0)
        try firm.meet(firm.st1, firm.hub)
        let node = firm.st1.node
        #expect(try node.store.unreceipted() == 0)

        try firm.hub.restore(backup)
        firm.at("09:00")
        node.noteRollback(of: hub.store.device)

        #expect(try node.store.unreceipted() > 0)
        #expect(try node.alarms().map(\.hub) == [hub.store.device])
        #expect(throws: RuleFault.self) {
            try node.clearAlarm(of: hub.store.device, by: firm.st1.actor("ly.van.k"))
        }
        try node.clearAlarm(of: hub.store.device, by: firm.st1.actor("nguyen.van.a"))
        #expect(try node.alarms().isEmpty)

        try firm.meet(firm.st1, firm.hub)
        let restored = firm.hub.node
        _ = try restored.store.attest(wallMilliseconds: restored.wallMilliseconds)
        try firm.meet(firm.st1, firm.hub)
        #expect(try node.store.unreceipted() == 0)
    }
}
