import CRDT
import Domain
import Foundation
import Node
import SeededRandom
import Simulation
import Storage
import Testing
import Wire

@Suite("Backups that verify themselves, RET-12 to RET-14")
struct BackupTests {
    private let old: RetentionFirm

    init() throws {
        old = try RetentionFirm()
    }

    private var node: LocalNode { old.hub.node }
    private var folder: String { old.hub.simulated.place.directory }

    private func check(_ path: String) throws -> BackupSummary {
        try Store.checkBackup(at: path, schema: Catalogue.schema)
    }

    @Test("FP-140 a backup verifies itself, is closed to others, and holds no private key")
    func backup() throws {
        let path = folder + "/b.sqlite"
        _ = try node.backUp(to: path)
        let found = try check(path)
        #expect(found.tenant == node.store.tenant)
        #expect(found.device == node.store.device)
        #expect(found.report.changes == Int(try node.store.status().changes))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        let state = node.store.place.stateRoot + "/\(node.store.device)/keys"
        let keys = try Data(contentsOf: URL(fileURLWithPath: state))
        let copy = try Data(contentsOf: URL(fileURLWithPath: path))
        // Behind the tag the file of keys is nothing but secrets and one byte.
        let secrets = keys.dropFirst("gemba/keys/1".utf8.count + 1)
        #expect(secrets.count >= 64)
        #expect(copy.range(of: secrets.prefix(32)) == nil)
        #expect(copy.range(of: secrets.dropFirst(32).prefix(32)) == nil)
        #expect(throws: StorageError.self) {
            try node.store.backup(to: path, wallMilliseconds: 1)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).contains("b.sqlite"))
        #expect(!FileManager.default.fileExists(atPath: path + ".new"))
    }

    @Test("P21 a changed row, a cut file and a foreign file are each found")
    func damaged() throws {
        let path = folder + "/b.sqlite"
        _ = try node.backUp(to: path)
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        let copy = folder + "/c.sqlite"
        // The text of a title, as an insider would edit it.
        let title = try Array(node.project(Firm.project).title.utf8)
        var edited = bytes
        var places = 0
        while let range = Data(edited).range(of: Data(title)) {
            edited[range.lowerBound] ^= 1
            places += 1
        }
        #expect(places > 0)
        for damaged in [edited, Array(bytes.prefix(bytes.count / 2)), [], [1, 2, 3]] {
            try Data(damaged).write(to: URL(fileURLWithPath: copy))
            #expect(throws: StorageError.self) { try check(copy) }
        }
        #expect(throws: StorageError.self) { try check(folder + "/none") }
        try Data(contentsOf: URL(fileURLWithPath: folder + "/gemba.sqlite"))
            .write(to: URL(fileURLWithPath: copy))
        #expect(throws: StorageError.self) { try check(copy) }
    }

    @Test("P21 a restore opens another replica, holds the same, and fetches what it lacks")
    func restore() throws {
        let path = (folder as NSString).deletingLastPathComponent + "/b.sqlite"
        _ = try node.backUp(to: path)
        let digests = try node.store.digests().map(\.hash)
        let (replica, place) = (node.store.replica, node.store.place)
        // What was written since is at a station.
        try node.cancel(Firm.project, reason: "withdrawn", by: old.actor())
        try old.firm.meet(old.firm.st1, old.hub)
        let wall = node.wallMilliseconds
        func restored() throws -> Store {
            try Store.restore(
                path,
                at: place,
                schema: Catalogue.schema,
                wallMilliseconds: wall,
                chance: Chance(seed: 9)
            )
        }
        #expect(throws: StorageError.self) { _ = try restored() }
        node.store.close()
        try FileManager.default.removeItem(atPath: place.directory)
        let store = try restored()
        #expect(store.replica != replica)
        #expect(store.reopened == .restored)
        #expect(try store.digests().map(\.hash) == digests)
        store.close()
        try old.hub.restart()
        try old.firm.meetAll()
        #expect(try old.firm.differences() == [])
        #expect(try node.project(Firm.project).isOver)
    }

    @Test("TV-057 P21 the hub backs up at night, keeps a week, and tries one out each month")
    func scheduled() throws {
        let first = node.performUpkeep()
        #expect(first.backup != nil)
        #expect(first.restoreTest == first.backup)
        #expect(node.performUpkeep() == Upkeep())
        for _ in 0..<9 {
            old.firm.pass(seconds: RetentionFirm.day)
            #expect(node.performUpkeep().backup != nil)
        }
        let kept = try FileManager.default.contentsOfDirectory(atPath: node.backupFolder())
        #expect(kept.count == 7)
        let jobs = try node.store.jobs()
        #expect(jobs.filter { $0.kind == .backup }.count == 10)
        #expect(jobs.allSatisfy { $0.status == .completed && $0.durationSeconds != nil })
        let trial = try #require(jobs.last { $0.kind == .restoreTest })
        #expect(trial.message.hasPrefix("restorable"))
        #expect((trial.bytes ?? 0) > 0)
        #expect(trial.place == first.backup)
    }

    @Test("TV-057 a job that fails is in the log with its reason, and is tried again an hour later")
    func failed() throws {
        try node.setBackupFolder("/dev/null/nowhere")
        #expect(node.performUpkeep().backup == nil)
        let job = try #require(node.store.jobs(.backup).first)
        #expect(job.status == .failed)
        #expect(!job.message.isEmpty)
        #expect(node.performUpkeep().backup == nil)
        #expect(try node.store.jobs(.backup).count == 1)
        try node.setBackupFolder(nil)
        old.firm.pass(seconds: 3_601)
        #expect(node.performUpkeep().backup != nil)
        // The process ended in the middle of one.
        _ = try node.store.beginJob(.backup, at: node.wallMilliseconds)
        try old.hub.restart()
        #expect(try node.store.jobs(.backup).first?.status == .failed)
    }

    @Test("TV-058 the self-check looks at chains, disk, clock and peers, and says how it stands")
    func health() throws {
        old.pass(years: 2)
        let station = old.firm.st1.node
        let result = try station.checkHealth()
        #expect(["PASS", "WARN"].contains(result))
        #expect(try station.store.jobs(.health).first?.message.hasPrefix(result) == true)
        old.firm.st1.clockError = -50 * 365 * 86_400_000
        #expect(try old.firm.st1.node.checkHealth() == "FAIL")
    }
}
