import CRDT
import Domain
import Hub
import Node
import Simulation
import Storage
import Testing
import Wire

/// S-08: a technician's device is stolen; the hub revokes it while work of it is on its way.
@Suite("S-08 Stolen device")
struct StolenDeviceTests {
    private let firm: Firm

    /// TEC-7 has finished a sub-stage that the hub holds, and started one that ST-1 alone holds.
    init() throws {
        firm = try Firm()
        let management = try firm.hub.actor("nguyen.van.a")
        try firm.hub.node.advance(Firm.project, to: "production", reason: "x", by: management)
        try firm.meetAll()
        try firm.tec7.step(.finish, "production_setup", as: "do.thi.j")
        try firm.meetAll()
        try firm.tec7.step(.start, "assembly", as: "do.thi.j")
        try firm.meet(firm.tec7, firm.st1)
        try firm.revoke(firm.tec7)
    }

    private var others: [Station] { firm.all.filter { $0.name != "TEC-7" } }

    private func meetOthers() throws {
        for _ in 0..<2 {
            for station in others.dropFirst() { try firm.meet(station, firm.hub) }
        }
    }

    @Test("S-08 what the hub held at the revocation stays valid, on every node")
    func before() throws {
        try meetOthers()

        for station in [firm.st1, firm.st2, firm.hub] {
            #expect(try station.row("production_setup")?.status == .completed, "\(station.name)")
        }
    }

    @Test("S-08 what comes later, by any relay, is set aside and listed, and shown in history")
    func after() throws {
        #expect(try firm.st1.row("assembly")?.status == .inProgress)

        try meetOthers()

        for station in [firm.st1, firm.st2, firm.hub] {
            let listed = try station.node.setAside()
            #expect(listed.map(\.why) == ["cut-off"], "\(station.name)")
            #expect(listed.first?.author.contains("TEC-7") == true)
            let history = try station.node.history(of: Firm.project, isWhole: true).text
            #expect(history.contains { $0.hasSuffix("set aside: cut-off") }, "\(station.name)")
        }
        #expect(try firm.st1.row("assembly")?.status != .inProgress)
        #expect(try firm.faults() == [])
    }

    @Test("S-08 other nodes hear of the revocation from each other, before they see the hub")
    func gossip() throws {
        try firm.meet(firm.st2, firm.hub)
        try firm.meet(firm.st1, firm.st2)

        #expect(firm.st1.node.store.authority == firm.hub.node.store.authority)
        #expect(try firm.st1.node.setAside().map(\.why) == ["cut-off"])
    }

    @Test("S-08 late work that was honest is released by a person, and counts everywhere")
    func release() throws {
        try meetOthers()
        let change = try #require(try firm.hub.node.setAside().first).short
        let manager = try firm.hub.actor("nguyen.van.a")
        #expect(throws: RuleFault.self) {
            _ = try firm.hub.node.rule(
                .accepted,
                on: [change],
                reason: "honest",
                by: firm.hub.actor("do.thi.j")
            )
        }
        #expect(throws: CommandFault.self) {
            _ = try firm.st1.node.rule(.accepted, on: [change], reason: "honest", by: manager)
        }

        _ = try firm.hub.node.rule(.accepted, on: [change], reason: "honest", by: manager)
        try meetOthers()

        for station in others {
            #expect(try station.node.setAside().isEmpty, "\(station.name)")
        }
        for station in [firm.st1, firm.st2, firm.hub] {
            #expect(try station.row("assembly")?.status == .inProgress, "\(station.name)")
        }
    }

    @Test("a hub revokes a device once, suspends and resumes one, and never itself")
    func revoking() throws {
        let workshop = try Workshop()
        defer { workshop.clean() }
        let enrolment = try workshop.enrolment()
        let device = ID(high: 9, low: 9)
        var log: AuthorityLog { workshop.hub.store.authority }
        #expect(throws: CommandFault.self) {
            try enrolment.revoke(workshop.hub.store.device, reason: .lost)
        }

        try enrolment.suspend(device, isOn: true)
        #expect(log.isBarred(device, serial: 1) && log.revocations.isEmpty)
        try enrolment.suspend(device, isOn: false)
        #expect(!log.isBarred(device, serial: 1))
        try enrolment.revoke(device, reason: .stolen)
        #expect(log.isBarred(device, serial: 1) && log.revocations.map(\.device) == [device])
        #expect(throws: CommandFault.self) { try enrolment.revoke(device, reason: .stolen) }
    }
}

extension Firm {
    /// The hub's operator revokes a device.
    func revoke(_ station: Station) throws {
        let log = hub.node.store.authority
        let statement = Statement(
            tenant: kit.tenant,
            number: log.number + 1,
            previous: log.lastHash,
            authorityEpoch: 1,
            issued: log.signedTime,
            payload: .revocation(
                device: station.node.store.device,
                serial: 0,
                reason: RevocationReason.stolen.rawValue,
                effectiveAt: log.number + 1
            )
        )
        let fault = try hub.node.store.adopt(
            roots: [],
            statements: [Cosigned(signing: statement, with: [kit.operatorKey])],
            wallMilliseconds: hub.node.wallMilliseconds
        )
        #expect(fault == nil)
    }
}
