import CRDT
import Domain
import Foundation
import Simulation
@testable import Storage
import Testing
import Wire

@Suite("A hub's audit")
struct AuditTests {
    private func hub(_ seed: UInt64 = 1) throws -> SimulatedNode {
        try SimulatedNode("audit", .hub, site: .zero, kit: TenantKit(), seed: seed)
    }

    private func entries(_ node: SimulatedNode) throws -> [AuditEntry] {
        try node.store.read { try $0.auditEntries(from: 0, upTo: .max >> 1) }
    }

    @Test("P5: every change and every statement has its entry, in the order of the log (AUD-8)")
    func everyChange() throws {
        let world = try World(seed: 71)
        world.attests = true
        for _ in 0..<60 { _ = try world.step() }
        #expect(try world.settle())
        try world.revoke(world.nodes[3])
        _ = try world.settle()

        let store = world.hub.store
        let entries = try entries(world.hub)
        let changes = entries.compactMap(\.change)
        #expect(changes.map(\.position) == Array(1...store.position))
        #expect(entries.map(\.number) == Array(0..<UInt64(entries.count)))
        let statements = store.authority.roots.count + store.authority.statements.count
        #expect(entries.filter { $0.kind == AuditKind.authority.rawValue }.count == statements)
        #expect(entries.contains { $0.kind == AuditKind.ruling.rawValue })
        let hashes = Dictionary(
            uniqueKeysWithValues: try store.read { view in
                try view.connection.audited(from: 1, to: .max).map { ($0.key, $0.value) }
            }
        )
        for entry in entries {
            guard let change = entry.change, let held = hashes[change.position] else { continue }
            #expect(entry.detail == .change(held.change.hash))
            #expect(entry.subject?.scope == held.scope)
            #expect(entry.subject?.user == held.change.user)
            #expect(entry.actor == held.change.device)
        }
        let head = try #require(store.auditHead)
        #expect(head.root == TreeHash.root(of: entries.map(\.leaf.hash)))
        let report = try store.verify { _ in }
        #expect(report.faults == [])
        #expect(report.entries == head.size)
        for node in world.nodes.dropFirst() { #expect(node.store.auditHead == nil) }
    }

    @Test("an action that is refused, or writes nothing, leaves no entry (AUD-1)")
    func refused() throws {
        struct Refused: Error {}
        let node = try hub()
        let before = node.store.auditHead
        #expect(throws: Refused.self) {
            try node.store.act(History.actor, wallMilliseconds: TenantKit.start) { _ in
                throw Refused()
            }
        }
        _ = try node.store.act(History.actor, wallMilliseconds: TenantKit.start) { _ in Draft() }
        #expect(node.store.auditHead == before)
        try write("one", at: node.store)
        #expect(node.store.auditHead?.size == (before?.size ?? 0) + 1)
    }

    @Test("every entry is shown to stand in the tree, and every size to continue those before it")
    func proofs() throws {
        let node = try hub()
        try fill(node.store, 700)
        let store = node.store
        let head = try #require(store.auditHead)
        let entries = try entries(node)
        #expect(UInt64(entries.count) == head.size)
        for entry in entries {
            let proof = try #require(try store.inclusionProof(of: entry.number, in: head.size))
            #expect(proof.shows(entry.leaf.hash, under: head.root))
        }
        for size in stride(from: UInt64(1), through: head.size, by: 37) {
            let root = try #require(try store.auditRoot(of: size))
            let leaves = entries.prefix(Int(size)).map(\.leaf.hash)
            #expect(root == TreeHash.root(of: leaves))
            let proof = try #require(try store.consistencyProof(from: size, to: head.size))
            #expect(proof.shows(root, continuedBy: head.root))
        }
        #expect(try store.inclusionProof(of: head.size, in: head.size) == nil)
        #expect(try store.inclusionProof(of: 0, in: head.size + 1) == nil)
        let tile = try store.auditTile(Tile.Place(level: 0, number: 1), in: 300)
        #expect(tile?.hashes == entries[256..<300].map(\.leaf.hash))
    }

    @Test("the audit goes on over a restart, and over a store that is older than it (AUD-8)")
    func reopened() throws {
        let node = try hub()
        try fill(node.store, 300)
        for round in 0..<20 { try write("change \(round)", at: node.store) }
        let head = node.store.auditHead
        try node.restart(at: TenantKit.start)
        #expect(node.store.auditHead == head)
        #expect(node.store.auditFault == nil)

        node.store.close()
        try tamper(
            node,
            "DROP TABLE audit; DROP TABLE audit_tile; DROP TABLE audit_span; "
                + "DROP TABLE audit_mention; DROP TABLE audit_checkpoint; "
                + "DELETE FROM meta WHERE key = 'audit'"
        )
        try node.restart(at: TenantKit.start)
        let entries = try entries(node)
        let statements = node.store.authority.roots.count + node.store.authority.statements.count
        #expect(entries.count == statements + 20)
        #expect(entries.prefix(statements).allSatisfy { $0.kind == 4 })
        #expect(entries.compactMap(\.change?.position) == Array(1...20))
        #expect(try node.store.verify { _ in }.faults == [])
        try write("after", at: node.store)
        #expect(node.store.auditHead?.size == UInt64(statements + 21))
    }

    @Test("P23: without room for the entry nothing is written, and reading goes on (AUD-1)")
    func full() throws {
        let node = try hub()
        let store = node.store
        try write("first", at: store)
        try store.writing { writer throws(StorageError) in
            let pages = try writer.connection.prepare("PRAGMA page_count").first { $0.integer(0) }
            try writer.connection.execute("PRAGMA max_page_count = \((pages ?? 0) + 4)")
        }
        var written = 1
        var fault: StorageError?
        for round in 0..<400 where fault == nil {
            do {
                try write("more \(round)", at: store)
                written += 1
            } catch {
                fault = error as? StorageError
            }
        }
        #expect(fault?.code == .full)
        let entries = try entries(node)
        #expect(entries.compactMap(\.change).count == written)
        #expect(store.position == Int64(written))
        #expect(try store.verify { _ in }.faults == [])
        try store.writing { writer throws(StorageError) in
            try writer.connection.execute("PRAGMA max_page_count = 100000")
        }
        try write("again", at: store)
        #expect(try self.entries(node).compactMap(\.change).count == written + 1)
    }

    @Test("P7: no value of the configuration turns it off, and nothing deletes an entry (AUD-9)")
    func locked() throws {
        let node = try hub()
        let keys = ["audit", "audit/off", "audit/enabled", "log", "configuration", "account/0"]
        for key in try node.store.localValues(prefix: "").map(\.key) + keys {
            for value: [UInt8]? in [[], [0], [1], Array("off".utf8), nil] {
                try node.store.setLocalValue(value, for: key)
            }
        }
        try node.restart(at: TenantKit.start)
        let before = node.store.auditHead?.size ?? 0
        try write("one", at: node.store)
        #expect(node.store.auditHead?.size == before + 1)
        for sql in ["DELETE FROM audit", "DELETE FROM audit_checkpoint"] {
            _ = try node.store.makeCheckpoint(epoch: 1, wallMilliseconds: 1) { _ in [1] }
            #expect(throws: StorageError.self, "\(sql)") {
                try node.store.writing { writer throws(StorageError) in
                    try writer.connection.execute(sql)
                }
            }
        }
    }

    @Test("a checkpoint is stored, and of one size there is one; a tree that broke makes none")
    func checkpoints() throws {
        let node = try hub()
        let store = node.store
        try fill(store, 40)
        let sign: (AuditHead) -> [UInt8] = { Array("\($0.size) \($0.root)".utf8) }
        let first = try store.makeCheckpoint(epoch: 1, wallMilliseconds: 5, sign)
        #expect(first.head == store.auditHead)
        #expect(first.signed == sign(first.head))
        // AUD-13: the same size again is the same checkpoint, whatever would be signed now.
        let again = try store.makeCheckpoint(epoch: 1, wallMilliseconds: 9) { _ in [0] }
        #expect(again == first)
        try fill(store, 40)
        let second = try store.makeCheckpoint(epoch: 1, wallMilliseconds: 9, sign)
        #expect(second.head.size == first.head.size + 40)
        #expect(try store.newestCheckpoint(of: 1) == second)
        #expect(try store.checkpoint(of: 1, upTo: second.head.size - 1) == first)
        #expect(try store.newestCheckpoint(of: 2) == nil)

        try node.restart(at: TenantKit.start)
        #expect(try node.store.newestCheckpoint(of: 1) == second)
        node.store.close()
        try tamper(
            node,
            "DROP TRIGGER audit_checkpoint_stays; "
                + "UPDATE audit_checkpoint SET root = zeroblob(32)"
        )
        try node.restart(at: TenantKit.start)
        #expect(throws: StorageError.self) {
            try node.store.makeCheckpoint(epoch: 1, wallMilliseconds: 9, sign)
        }
        #expect(try node.store.verify { _ in }.faults.contains { $0.contains("checkpoint of") })
    }

    @Test("an entry whose keys are erased says nothing more, and every proof stands (AUD-4)")
    func erased() throws {
        let node = try hub()
        let store = node.store
        try write("personal", at: store)
        try fill(store, 10)
        let before = try entries(node)
        let chosen = Set(before.suffix(11).prefix(3).map(\.number))
        let act = AuditAct(.erasure, AuditSubject(user: ID(high: 1, low: 1)), ["entries": "3"])
        let root = try #require(try store.auditRoot(of: UInt64(before.count)))
        let now = TenantKit.start + 100
        #expect(try store.eraseEntries(chosen, recording: act, wallMilliseconds: now) == 3)
        #expect(try store.eraseEntries(chosen, recording: act, wallMilliseconds: now) == 0)

        let after = try entries(node)
        #expect(after.count == before.count + 1)
        #expect(try store.auditRoot(of: UInt64(before.count)) == root)
        for (old, new) in zip(before, after) {
            #expect(old.leaf == new.leaf)
            let isErased = chosen.contains(old.number)
            #expect((new.keys == nil && new.subject == nil && new.detail == nil) == isErased)
            let proof = try store.inclusionProof(of: old.number, in: UInt64(before.count))
            #expect(proof?.shows(new.leaf.hash, under: root) == true)
        }
        #expect(try store.verify { _ in }.faults == [])
        // The keys are nowhere in the file any more.
        try node.restart(at: TenantKit.start)
        node.store.close()
        let file = try Data(contentsOf: URL(filePath: node.place.directory + "/gemba.sqlite"))
        for entry in before {
            let keys = try #require(entry.keys)
            #expect((file.range(of: Data(keys.bytes)) == nil) == chosen.contains(entry.number))
        }
    }

    @Test("what a device is refused is recorded each time it has doubled, and no more often")
    func refusals() throws {
        let node = try hub()
        let device = ID(high: 9, low: 9)
        for _ in 0..<100 {
            try node.store.writing { writer throws(StorageError) in
                let held = try writer.connection.refusals(3, from: device)
                try writer.connection.countRefusals(1, 3, from: device, at: 5)
                try writer.auditRefusals(1, after: held, 3, from: device, wallMilliseconds: 5)
            }
        }
        let found = try entries(node).filter { $0.kind == AuditKind.refusal.rawValue }
        #expect(found.count == 7)
        #expect(found.allSatisfy { $0.actor == device && $0.subject?.record == device })
        #expect(found.last?.detail?.fields["count"] == "64")
    }

    @Test("P22: a clock that was set back is an entry of its own, before what it was set for")
    func clock() throws {
        let node = try hub()
        let act = AuditAct(.read, AuditSubject(user: .zero), [:])
        let start = TenantKit.start
        for time in [start, start + 60_000, start + 50_001, start + 40_000, start + 40_001] {
            try node.store.record(act, wallMilliseconds: time)
        }
        let found = try entries(node).suffix(6)
        #expect(found.map(\.kind) == [9, 9, 9, 18, 9, 9])
        let set = try #require(found.first { $0.kind == AuditKind.clock.rawValue })
        #expect(set.detail?.fields["before"] == "\(start + 50_001)")
        #expect(set.detail?.fields["after"] == "\(start + 40_000)")
        try node.restart(at: start)
        try node.store.record(act, wallMilliseconds: start)
        #expect(try entries(node).suffix(2).map(\.kind) == [18, 9])
        #expect(try node.store.verify { _ in }.faults == [])
    }

    @Test("an entry costs a statement, and its commit one more (AUD-1)")
    func costs() throws {
        let node = try hub()
        let kit = try TenantKit()
        let station = try SimulatedNode("plain", .station, site: World.siteA, kit: kit, seed: 1)
        func statements(_ store: Store, _ scope: Scope) throws -> Int {
            for round in 0..<3 { try write("\(round)", at: store, in: scope) }
            let first = try store.costs().statements
            let asking = try store.costs().statements - first
            let before = first + asking
            try write("counted", at: store, in: scope)
            return try store.costs().statements - before - asking
        }
        let without = try statements(station.store, .site(World.siteA))
        let with = try statements(node.store, .tenant)
        #expect(with - without <= 3, "\(with) statements with the audit, \(without) without")
    }
}

extension AuditDetail {
    fileprivate var fields: AuditFields {
        if case .act(let fields) = self { fields } else { AuditFields() }
    }
}

/// Acts in one commit.
func fill(_ store: Store, _ count: Int) throws {
    try store.writing { writer throws(StorageError) in
        for number in 0..<count {
            let act = AuditAct(
                .read,
                AuditSubject(
                    user: ID(high: 1, low: UInt64(number % 7)),
                    record: ID(high: 2, low: 2)
                ),
                ["number": "\(number)"]
            )
            try writer.audit(act, wallMilliseconds: TenantKit.start + UInt64(number))
        }
    }
}

func write(_ title: String, at store: Store, in scope: Scope = .tenant) throws {
    _ = try store.act(History.actor, wallMilliseconds: TenantKit.start) { _ in
        let edit = FieldEdit(1, .write(.text(title), replacing: []))
        var draft = Draft()
        draft.add(Operation(SimulationSchema.thing.number, .new, edits: [edit]), in: scope)
        return draft
    }
}

/// Writes to the file of a closed store as somebody who has it would.
func tamper(_ node: SimulatedNode, _ sql: String) throws {
    let connection = try Connection(path: node.place.directory + "/gemba.sqlite", mode: .write)
    try connection.execute(sql)
    connection.close()
}
