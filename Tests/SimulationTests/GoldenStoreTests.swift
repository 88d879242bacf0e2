import CRDT
import Domain
import Foundation
import Simulation
import Storage
import Testing
import Wire

/// A store that an earlier commit of this version wrote opens with today's code, says what it said
/// then, meets others, and writes on.
///
/// With GEMBA_WRITE_STORE=1 in the environment the store is written instead: once for each
/// format of file, when that format is new, and never again.
@Suite("Golden store", .serialized)
struct GoldenStoreTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("fixtures/databases/format-1")
    private static let scope = Scope.subject(World.subjectQ)
    /// An entity of a version that is not yet written.
    private static let later = Entity(
        1_999,
        "later",
        in: [.subject],
        form: .entity(key: []),
        fields: [Field(1, "word", .text)]
    )

    /// What was true of the store when it was written.
    private struct Said: Codable, Equatable {
        /// State hashes by scope.
        var digests: [String: String]
        /// Records, events and the rest, as the status counts them.
        var counts: [String: Int64]
        var replica: String
        /// The true time at the end, milliseconds since 1970.
        var now: UInt64
    }

    private static func said(by store: Store, now: UInt64) throws -> Said {
        let status = try store.status()
        let digests = try store.digests().map { ("\($0.scope)", "\($0.hash)") }
        return Said(
            digests: Dictionary(uniqueKeysWithValues: digests),
            counts: [
                "changes": status.changes, "records": status.records, "events": status.events,
                "conflicts": status.conflicts, "setAside": status.setAside,
                "excluded": status.excluded,
            ],
            replica: "\(store.replica)",
            now: now
        )
    }

    // MARK: - Writing

    /// A hub that has seen everything there is: conflicts, verdicts, a cut-off, receipts, a fork, a
    /// wrong clock, and an entity of a later version.
    private static func history() throws -> World {
        let world = try World(seed: 1_001)
        world.attests = true
        world.nodes[2].clockError = 7_200_000
        for _ in 0..<60 { _ = try world.step() }
        _ = try world.settle()
        let copy = try world.nodes[3].snapshot(withState: true)
        let clone = try SimulatedNode(
            "clone",
            cloning: copy,
            machine: "machine",
            seed: 1_002,
            now: world.now
        )
        try world.step("one branch", at: world.nodes[3], in: scope)
        try world.step("the other", at: clone, in: scope)
        _ = try Meeting(clone, world.hub, now: world.now, seed: 1).run()
        try addLater(at: world.nodes[4], in: world)
        let thing = try world.create("draft", at: world.nodes[1], in: scope)
        _ = try world.settle()
        for (word, index) in [("one", 1), ("two", 2)] {
            try world.write(.text(word), to: thing, at: world.nodes[index], in: scope)
        }
        _ = try world.settle()
        _ = try world.create("late", at: world.nodes[1], in: scope)
        try world.meet(1, 2)
        try world.revoke(world.nodes[1])
        _ = try world.settle()
        let changes = try NaiveScope(scope, of: world.hub.store).changes
        try world.rule(.rejected, on: [changes[5].point], in: scope)
        try world.rule(.quarantined, on: [changes[9].point], in: scope)
        try world.attest()
        _ = try world.settle()
        return world
    }

    private static func addLater(at node: SimulatedNode, in world: World) throws {
        let schema = SimulationSchema.schema
        let entities = schema.entities + [later]
        try node.restart(at: world.now, as: Schema(version: 2, entities: entities))
        _ = try node.store.act(History.actor, wallMilliseconds: node.wall(world.now)) { _ in
            var draft = Draft()
            let edit = FieldEdit(1, .write(.text("of a later version"), replacing: []))
            draft.add(Operation(later.number, .new, edits: [edit]), in: scope)
            return draft
        }
        try node.restart(at: world.now, as: schema)
    }

    private static func write() throws {
        let world = try history()
        let hub = world.hub
        try hub.restart(at: world.now)
        let said = try said(by: hub.store, now: world.now)
        hub.store.close()
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let files = FileManager.default
        let data = URL(fileURLWithPath: hub.place.directory)
        try files.copyItem(
            at: data.appendingPathComponent("gemba.sqlite"),
            to: folder.appendingPathComponent("gemba.sqlite")
        )
        let state = URL(fileURLWithPath: hub.place.stateRoot)
        try files.copyItem(at: state, to: folder.appendingPathComponent("state"))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(said).write(to: folder.appendingPathComponent("said.json"))
    }

    // MARK: - Reading

    /// A copy of the store on disk, opened as the node that wrote it.
    private func opened() throws -> (node: SimulatedNode, said: Said) {
        if ProcessInfo.processInfo.environment["GEMBA_WRITE_STORE"] == "1" { try Self.write() }
        let said = try JSONDecoder().decode(
            Said.self,
            from: Data(contentsOf: Self.folder.appendingPathComponent("said.json"))
        )
        let files = FileManager.default
        let copy = try TemporaryFolder("golden")
        let data = copy.path + "/data"
        let owner: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        try files.createDirectory(
            atPath: data,
            withIntermediateDirectories: true,
            attributes: owner
        )
        try files.copyItem(
            atPath: Self.folder.appendingPathComponent("gemba.sqlite").path,
            toPath: data + "/gemba.sqlite"
        )
        let state = copy.path + "/state"
        try files.copyItem(
            atPath: Self.folder.appendingPathComponent("state").path,
            toPath: state
        )
        // A checkout keeps no modes, and keys must be the owner's alone.
        for path in try files.subpathsOfDirectory(atPath: copy.path) {
            let full = "\(copy.path)/\(path)"
            let type = try files.attributesOfItem(atPath: full)[.type] as? FileAttributeType
            let mode = type == .typeDirectory ? 0o700 : 0o600
            try files.setAttributes([.posixPermissions: mode], ofItemAtPath: full)
        }
        let node = try SimulatedNode(
            "golden",
            cloning: copy.path,
            machine: "machine",
            seed: 5,
            now: said.now
        )
        return (node, said)
    }

    @Test("FP-172: opens, and says what it said when it was written")
    func opens() throws {
        let (node, said) = try opened()
        #expect(try Self.said(by: node.store, now: said.now) == said)
        #expect(node.store.reopened == nil)
        #expect(try node.store.verify { _ in }.faults == [])
        for (count, number) in said.counts { #expect(number > 0, "nothing of \(count) in it") }
        let tips = try node.store.frontiers(of: [Self.scope])[Self.scope]?.tips ?? []
        #expect(tips.contains { $0.branch != .zero }, "no fork in it")
        #expect(node.store.authority.number > 1, "nobody is revoked in it")
        let kinds = try [CutOff.number, Receipt.number, ClockVerdict.number].map { number in
            try NaiveScope(Self.scope, of: node.store).changes.contains {
                $0.body?.operations.contains { $0.entity == number } == true
            }
        }
        #expect(kinds == [true, true, true])
    }

    @Test("meets a fresh node, and both write on")
    func writesOn() throws {
        let (node, said) = try opened()
        let world = try World(seed: 1_001)
        let fresh = try SimulatedNode(
            "fresh",
            .station,
            site: World.siteB,
            kit: world.kit,
            seed: 77
        )
        #expect(fresh.store.tenant == node.store.tenant)
        func meet(_ seed: UInt64) throws {
            #expect(try Meeting(fresh, node, now: said.now, seed: seed).run().isEqual)
        }
        try meet(1)
        world.now = said.now
        let thing = try world.create("new", at: fresh, in: Self.scope)
        try meet(2)
        try world.write(.text("newer"), to: thing, at: node, in: Self.scope)
        try meet(3)
        for one in [fresh, node] {
            #expect(try one.titles(of: thing, in: Self.scope) == ["newer"])
            #expect(try one.store.verify { _ in }.faults == [])
        }
        let hashes = try [fresh, node].map { node in
            try node.store.digests().first { $0.scope == Self.scope }?.hash
        }
        #expect(hashes[0] == hashes[1])
    }
}
