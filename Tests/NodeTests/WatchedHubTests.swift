import CRDT
import Domain
import Hub
import Identity
import Node
import Storage
import Sync
import Testing
import Transports

@testable import Wire

/// The hub's audit log, watched over real connections.
@Suite("A watched hub", .serialized)
struct WatchedHubTests {
    @Test("a station that meets the hub cosigns its log; a pack says who did, to both verifiers")
    func cosigned() async throws {
        let evidence = try EvidenceCase()
        let workshop = evidence.workshop
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let station = try await workshop.device("ST-1", .station, at: address, seed: 3)
            defer { station.store.close() }
            let held = try #require(try station.store.watched()).checkpoint
            #expect(held.cosignatures.map(\.device) == [station.store.device])
            #expect(station.store.authority.isGenuine(held))
            let witnessed = try workshop.hub.store.witnessedCheckpoints(of: 1)
            #expect(witnessed.map(\.checkpoint) == [held.checkpoint])
            #expect(witnessed.first?.cosignatures == held.cosignatures)

            try evidence.work(on: EvidenceCase.other)
            workshop.pass(milliseconds: 20_000)
            try await workshop.meet(station, at: address)
            let later = try #require(try station.store.watched()).checkpoint
            #expect(later.checkpoint.size > held.checkpoint.size)
            #expect(try station.alarms().isEmpty)

            let pack = try evidence.pack()
            let report = try evidence.report(pack, held: held)
            #expect(report.witnesses.map(\.device) == ["\(station.store.device)"])
            #expect(report.witnesses.first?.size == later.checkpoint.size)
            #expect(report.continues == held.checkpoint.size)
            let said = try evidence.python(pack, held: held)
            #expect(said["ok"] as? Bool == true && said["witnesses"] as? Int == 1)
            #expect(said["continues"] as? Int == Int(held.checkpoint.size))
            let forged = try evidence.resigned(pack) { files in
                files["witnessed.bin"]?[300] ^= 1
            }
            #expect(evidence.refusal(forged) == "witness")
            #expect(try evidence.otherRefusal(forged) == "witness")
        }
    }

    @Test(
        "T13: a hub put back is found over the line: marked, alarmed, not believed, and data flow"
    )
    func putBack() async throws {
        let evidence = try EvidenceCase()
        let workshop = evidence.workshop
        defer { workshop.clean() }
        try await workshop.withHub { address in
            let station = try await workshop.device("ST-1", .station, at: address, seed: 3)
            defer { station.store.close() }
            // Another log of the same key, as yesterday's disk would show it.
            let key = try #require(workshop.hub.store.keys.log)
            let held = try #require(try station.store.watched()).checkpoint.checkpoint
            let larger = Checkpoint(origin: held.origin, size: held.size + 50, root: .zero)
            let seen = SignedCheckpoint(signing: try #require(larger), with: key)
            let now = workshop.wall()
            #expect(try station.store.compare(seen, wallMilliseconds: now) == nil)

            try evidence.work(on: EvidenceCase.other)
            workshop.pass(milliseconds: 20_000)
            try await workshop.meet(station, at: address)
            let alarm = try #require(try station.alarms().first)
            #expect(alarm.word == "audit-shrunk" && alarm.isMark)
            #expect(alarm.hub == workshop.hub.store.device)
            #expect(try station.store.distrusts(workshop.hub.store.device))
            // The station has told it; the hub writes it down in its own time.
            for _ in 0..<500 where try workshop.hub.alarms().isEmpty {
                try await ContinuousClock().sleep(for: .milliseconds(10))
            }
            #expect(try workshop.hub.alarms().map(\.word) == ["audit-refused-shrunk"])
            let hashes = try workshop.hub.store.digests().map(\.hash)
            #expect(try station.store.digests().allSatisfy { hashes.contains($0.hash) })
            let management = LocalNode.RoleGrant("management", to: "nguyen.van.a")
            try workshop.hub.grant(management, by: evidence.admin)
            try workshop.hub.clearAlarm(of: workshop.hub.store.device, by: evidence.admin)
            #expect(try workshop.hub.alarms().isEmpty)
        }
    }

    @Test("F36, WIT-11: a rebuilt hub goes on in a new epoch that cites what stations held")
    func rebuilt() async throws {
        let evidence = try EvidenceCase()
        let workshop = evidence.workshop
        defer { workshop.clean() }
        try await workshop.withHub { hub in
            let station = try await workshop.device("ST-1", .station, at: hub, seed: 7)
            defer { station.store.close() }
            let held = try #require(try station.store.watched()).checkpoint
            let text = try RecoveryFile.text(
                of: workshop.root,
                statement: try #require(workshop.hub.store.authority.roots.first),
                name: "Factory Pulse",
                passphrase: "correct horse",
                chance: .seeded(9),
                cost: .least
            )
            let recovery = Recovery(
                try RecoveryFile.open(text, passphrase: "correct horse"),
                schema: Catalogue.schema,
                wall: workshop.wall,
                chance: .seeded(77)
            )
            try await workshop.withListener(of: station) { address in
                let new =
                    try await recovery
                    .found(at: workshop.place("hub-2"), peers: [address], name: "HUB-2")
                defer { new.store.close() }
                #expect(new.store.authority.auditEpoch.number == 2)
                #expect(new.store.authority.auditEpoch.cited == held.checkpoint.hash)
                try await workshop.meet(new, at: address)
                try await workshop.meet(new, at: address)
                let watched = try #require(try station.store.watched()).checkpoint
                #expect(watched.checkpoint.origin.epoch == 2)
                #expect(try station.alarms().isEmpty && new.alarms().isEmpty)

                let admin = try new.actor(as: "nguyen.van.a", by: .tester)
                let pack = try new.exportEvidence(.all, by: admin).bytes
                let report = try evidence.report(pack, held: held)
                #expect(report.head.epoch == 2 && report.continues == held.checkpoint.size)
                #expect(try evidence.otherRefusal(pack, held: held) == nil)
            }
        }
    }
}
