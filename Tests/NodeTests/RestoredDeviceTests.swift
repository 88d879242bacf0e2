import CRDT
import Domain
import Node
import Simulation
import Storage
import Testing

/// S-09: a station is restored from an old backup.
@Suite("S-09 Device restored from an old backup")
struct RestoredDeviceTests {
    private let firm: Firm
    private let backup: String
    private let disk: String

    /// ST-1 works, is backed up, works on, and has given it all to the hub.
    init() throws {
        firm = try Firm()
        let management = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.advance(Firm.project, to: "production", reason: "x", by: management)
        try firm.meetAll()
        try firm.st1.step(.finish, "production_setup", as: "do.thi.j")
        backup = try firm.st1.simulated.snapshot()
        disk = try firm.st1.simulated.snapshot(withState: true)
        try firm.st1.step(.start, "assembly", as: "do.thi.j")
        try firm.st1.step(.block, "assembly", as: "do.thi.j", reason: "no screws")
        try firm.meetAll()
    }

    @Test("S-09 the restored station goes on at once, offline, as another replica")
    func anotherReplica() throws {
        let before = firm.st1.node.store.replica

        try firm.st1.restore(backup)
        try firm.st1.step(.start, "assembly", as: "do.thi.j")

        #expect(firm.st1.node.store.incarnation == 2)
        #expect(firm.st1.node.store.replica != before)
        #expect(firm.st1.node.store.reopened != nil)
        #expect(try firm.st1.row("assembly")?.status == .inProgress)
    }

    @Test("S-09 what the backup lacked flows back from the hub")
    func flowsBack() throws {
        try firm.st1.restore(backup)
        let lacking = try firm.st1.node.project(Firm.project).steps["assembly"]?.entries.count
        try firm.st1.step(.start, "assembly", as: "do.thi.j")

        try firm.meet(firm.st1, firm.hub)

        #expect(lacking == nil)
        #expect(try firm.st1.node.project(Firm.project).steps["assembly"]?.entries.count == 3)
        #expect(try firm.st1.row("assembly")?.status == .blocked)
        #expect(try firm.differences().filter { $0.contains("ST-1") } == [])
    }

    @Test("S-09 if a whole disk was put back unnoticed, both branches are kept and count")
    func branches() throws {
        try firm.st1.restore(disk, withState: true)
        try firm.st1.step(.block, "assembly", as: "ly.van.k", reason: "no oil")

        try firm.meetAll()

        for station in firm.all {
            let blocks = try station.row("assembly")?.progress.blocks
            #expect(Set((blocks ?? []).map(\.reason)) == ["no screws", "no oil"])
        }
        #expect(try firm.differences() == [])
        #expect(try firm.faults() == [])
    }
}
