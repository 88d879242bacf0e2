import CRDT
import Domain
import Foundation
import Node
import SeededRandom
import Simulation
import Storage
import Testing
import Wire

@Suite("S-25 Retention, holds, purge and return, RET-5 to RET-11")
struct RetentionTests {
    private let old: RetentionFirm

    init() throws {
        old = try RetentionFirm()
    }

    private var firm: Firm { old.firm }

    @Test("S-25 TV-055 what is closed for eight years is archived, certified and gone everywhere")
    func purge() throws {
        try old.close()
        let counts = try old.hub.node.read { try $0.census(of: old.scope)?.counts } ?? [:]
        let root = try old.digest(old.hub)
        #expect(try old.planned()?.decision.reasons == [.tooYoung])
        old.pass(years: 8)
        let run = try #require(old.hub.node.performUpkeep().retention)

        #expect(run.purged.map(\.archive.scope) == [old.scope])
        #expect(try !old.holds(old.hub))
        let certificate = try #require(old.certificates(old.hub).first)
        #expect(certificate.scope == old.scope)
        #expect(certificate.root == root)
        #expect(certificate.counts.values.reduce(0, +) == counts.values.reduce(0, +))
        #expect(certificate.counts["project"] == 1)
        let file = try #require(run.purged.first?.archive.file)
        let archive = try Store.checkArchive(at: file, of: old.hub.node.store.tenant)
        #expect(archive.hash == certificate.archive)
        #expect(archive.contents.end.changes == UInt64(certificate.changes))
        #expect(throws: (any Error).self) { try old.hub.node.project(Firm.project) }

        try firm.meetAll()
        for station in firm.all {
            try station.node.performDuties()
            #expect(try !old.holds(station), "\(station.name)")
            #expect(station.node.store.reopened == nil)
        }
        try firm.meetAll()
        #expect(try firm.differences() == [])
        #expect(try firm.faults() == [])
    }

    @Test("S-25 ST-2 comes back after 14 months with old rows, and does not bring them back")
    func drawer() throws {
        try old.hub.node.advance(Firm.project, to: "production", reason: "x", by: old.actor())
        try firm.meetAll()
        // The last that it wrote anywhere lies in what is purged.
        try firm.st2.step(.block, "production_setup", as: "do.thi.j", reason: "crack in frame")
        let own = firm.st2.node.store.lastIssued
        try firm.meetAll()
        try old.close()
        old.pass(years: 6)
        try firm.meetAll()
        // In the drawer.
        firm.pass(seconds: 425 * RetentionFirm.day)
        #expect(try old.holds(firm.st2))
        try old.hub.node.runRetention()
        #expect(try !old.holds(old.hub))
        for _ in 0..<2 { try firm.meet(firm.st2, old.hub) }

        #expect(try !old.holds(old.hub))
        #expect(try firm.st2.node.store.dropPurged().dropped == [old.scope])
        #expect(try !old.holds(firm.st2))
        let left = try #require(firm.st2.node.store.leftFeeds().first)
        #expect(left.scope == old.scope && left.sequence == 1 && left.time == own)
        #expect(try firm.st2.node.store.verify { _ in }.faults == [])
        // Its own last stamp is known for life: a restart opens no other replica.
        try firm.st2.restart()
        #expect(firm.st2.node.store.reopened == nil)
        #expect(firm.st2.node.store.lastIssued == own)
        // Whoever still holds the rows gives them to nobody.
        try firm.meet(firm.st1, firm.st2)
        #expect(try !old.holds(firm.st2))
    }

    @Test("S-25 unsent work in what was purged is kept and shown, and a hold lets it reach the hub")
    func unsent() throws {
        let hub = old.hub.node
        try hub.advance(Firm.project, to: "production", reason: "x", by: old.actor())
        try firm.meetAll()
        try firm.st2.step(.block, "production_setup", as: "do.thi.j", reason: "crack in frame")
        try hub.cancel(Firm.project, reason: "withdrawn", by: old.actor())
        try old.attest()
        old.pass(years: 8)
        try hub.runRetention()
        #expect(try !old.holds(old.hub))
        try firm.meet(firm.st2, old.hub)
        try firm.st2.node.performDuties()

        #expect(try old.holds(firm.st2))
        #expect(try firm.st2.node.retention().kept.map(\.scope) == [old.scope])
        #expect(try firm.st2.node.store.unreceipted() > 0)
        #expect(try !old.holds(old.hub))
        // A person wants it: nothing was lost.
        let id = try old.hub.node.hold("\(old.scope.key)", reason: "late", by: old.actor())
        for _ in 0..<3 { try firm.meet(firm.st2, old.hub) }
        #expect(try old.holds(old.hub))
        #expect(try old.digest(old.hub) == old.digest(firm.st2))
        #expect(try old.hub.node.store.verify { _ in }.faults == [])
        try old.attest()
        try firm.meet(firm.st2, old.hub)
        #expect(try firm.st2.node.store.unreceipted() == 0)
        _ = try old.hub.node.release(hold: "\(id)", reason: "seen", by: old.actor())
        // The old certificate does not cover what came: it stays until it is old itself.
        try old.hub.node.performDuties()
        #expect(try old.holds(old.hub))
    }

    @Test("S-25 TV-053 a held record stays with its whole subject and its links, until released")
    func held() throws {
        try old.close()
        let record = try old.hub.node.project(Firm.project).record.id
        let hold = try old.hub.node.hold("\(record)", reason: "lawsuit", by: old.actor())
        let before = try old.digest(old.hub)
        old.pass(years: 8)

        #expect(try old.planned()?.decision.reasons == [.held])
        #expect(try old.hub.node.runRetention().purged.isEmpty)
        #expect(try old.digest(old.hub) == before)
        #expect(throws: RuleFault.self) {
            try old.hub.node.release(hold: "\(hold)", reason: "x", by: old.hub.actor("do.thi.j"))
        }
        #expect(throws: RuleFault.self) {
            try old.hub.node.hold(Firm.project, reason: " ", by: old.actor())
        }
        _ = try old.hub.node.release(hold: "\(hold)", reason: "settled", by: old.actor())
        #expect(try old.hub.node.runRetention().purged.count == 1)
    }

    @Test(
        "S-25 ended after any step, the next run finishes it once",
        arguments: RetentionStep.allCases
    )
    func crash(step: RetentionStep) throws {
        struct Killed: Error {}
        try old.close()
        old.pass(years: 8)
        #expect(throws: Killed.self) {
            try old.hub.node.runRetention { passed, _ in if passed == step { throw Killed() } }
        }
        try old.hub.restart()
        #expect(old.hub.node.store.reopened == nil)
        #expect(try old.hub.node.store.jobs(.retention).first?.status == .failed)
        try old.hub.node.runRetention()

        #expect(try !old.holds(old.hub))
        #expect(try old.certificates(old.hub).count == 1)
        #expect(try old.archives().filter { $0.contains("\(old.scope.key)") }.count == 1)
        #expect(try old.archives().allSatisfy { $0.hasSuffix(".gemba-archive") })
        #expect(try old.hub.node.store.verify { _ in }.faults == [])
        try firm.meetAll()
        for station in firm.all { try station.node.performDuties() }
        try firm.meetAll()
        #expect(try firm.differences() == [])
        // The log goes on where it was: nothing that peers know of it is used twice.
        let position = old.hub.node.store.position
        try old.hub.restart()
        #expect(old.hub.node.store.position == position)
    }

    @Test("P2 what an archive holds is taken back, and is the same to the byte")
    func takenBack() throws {
        try old.close()
        let root = try old.digest(old.hub)
        old.pass(years: 8)
        let file = try #require(old.hub.node.runRetention().purged.first?.archive.file)
        let node = old.hub.node
        #expect(throws: StorageError.self) {
            try node.takeBack(archive: file, by: old.actor())
        }
        let replica = node.store.replica
        let hold = try node.hold("\(old.scope.key)", reason: "lawsuit", by: old.actor())

        // What this replica wrote there is not here yet: it goes on as another.
        #expect(node.store.replica != replica)
        #expect(try node.takeBack(archive: file, by: old.actor()) > 0)
        #expect(try old.digest(old.hub) == root)
        #expect(try node.takeBack(archive: file, by: old.actor()) == 0)
        #expect(try node.project(Firm.project).isOver)
        #expect(try node.store.verify { _ in }.faults == [])
        try firm.meetAll()
        #expect(try firm.differences() == [])
        _ = try node.release(hold: "\(hold)", reason: "settled", by: old.actor())
        try node.performDuties()
        #expect(try !old.holds(old.hub))
    }

    @Test("P3 before its time, with a wrong clock or at a station, nothing is purged")
    func tooEarly() throws {
        try old.close()
        old.pass(years: 6)
        #expect(try old.hub.node.runRetention().purged.isEmpty)
        #expect(throws: CommandFault.self) { try firm.st1.node.runRetention() }
        old.hub.clockError = 30 * 365 * 86_400_000
        #expect(try old.planned()?.decision.reasons.contains(.clock) == true)
        #expect(try old.hub.node.runRetention().purged.isEmpty)
        old.hub.clockError = 0
        #expect(try old.holds(old.hub))
        #expect(throws: StorageError.self) {
            try firm.st1.node.store.archive(
                old.scope,
                to: firm.st1.node.archiveFolder + "x",
                wallMilliseconds: 0
            )
        }
    }

    @Test("TV-054 TV-056 at two years a closed project is copied to an archive and stays")
    func archived() throws {
        try old.close()
        old.pass(years: 3)
        let run = try #require(old.hub.node.performUpkeep().retention)
        #expect(run.purged.isEmpty)
        #expect(run.archived.map(\.archive.scope).contains(old.scope))
        #expect(try old.holds(old.hub))
        // Once, and no second time the same.
        let again = try old.hub.node.runRetention()
        #expect(!again.archived.map(\.archive.scope).contains(old.scope))
        #expect(old.hub.node.performUpkeep().retention == nil)
        firm.pass(seconds: 32 * RetentionFirm.day)
        #expect(old.hub.node.performUpkeep().retention != nil)
    }

    @Test("S-25 any byte of an archive that is changed, and any cut, is found (RET-3)")
    func tamper() throws {
        try old.close()
        old.pass(years: 3)
        _ = try old.hub.node.runRetention()
        let tenant = old.hub.node.store.tenant
        let files = try old.archives()
        let file = try #require(files.first { $0.contains("\(old.scope.key)") })
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file)))
        var random = SplitMix64(seed: 25)
        let copy = file + ".copy"
        for _ in 0..<60 {
            var changed = bytes
            let place = Int(random.next() % UInt64(bytes.count))
            changed[place] ^= UInt8(1 << (random.next() % 8))
            try Data(changed).write(to: URL(fileURLWithPath: copy))
            #expect(throws: StorageError.self, "\(place)") {
                try Store.checkArchive(at: copy, of: tenant)
            }
            let cut = Int(random.next() % UInt64(bytes.count))
            try Data(bytes.prefix(cut)).write(to: URL(fileURLWithPath: copy))
            #expect(throws: StorageError.self, "\(cut)") {
                try Store.checkArchive(at: copy, of: tenant)
            }
        }
        #expect(throws: StorageError.self) {
            try Store.checkArchive(at: file, of: ID(high: 1, low: 2))
        }
        #expect(try Store.checkArchive(at: file, of: tenant).contents.header.scope == old.scope)
    }

    @Test("TV-053 a policy lengthens what is kept, and never shortens it")
    func policy() throws {
        try old.close()
        let node = old.hub.node
        try node.setRetention(of: "orders", years: 1, by: old.actor())
        old.pass(years: 6)
        #expect(try old.planned()?.decision.reasons == [.tooYoung])
        try node.setRetention(of: "project", years: 12, description: "aero", by: old.actor())
        old.pass(years: 3)
        #expect(try old.planned()?.decision.reasons == [.tooYoung])
        try node.setRetention(of: "project", isActive: false, by: old.actor())
        #expect(try old.planned()?.decision.step == .purge)
        #expect(throws: RuleFault.self) {
            try node.setRetention(of: "no_table", years: 9, by: old.actor())
        }
        #expect(throws: RuleFault.self) {
            try node.setRetention(of: "orders", years: 9, by: old.hub.actor("do.thi.j"))
        }
        #expect(try node.retention().policies.map(\.subject) == ["orders"])
    }
}
