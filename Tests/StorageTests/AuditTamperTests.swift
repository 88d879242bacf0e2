import CRDT
import Foundation
import Simulation
@testable import Storage
import Testing
import Wire

/// Whoever has the file can write to it: the check of the store, and the next opening, find it.
@Suite("An audit that was tampered with")
struct AuditTamperTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let sql: String
        /// What the fault says.
        let fault: String
        var testDescription: String { name }
    }

    private static let open = "DROP TRIGGER audit_is_kept; "

    static let cases = [
        Case(
            name: "another time",
            sql: "UPDATE audit SET time = time + 1 WHERE number = 40",
            fault: "entry 40 was rewritten"
        ),
        Case(
            name: "another kind",
            sql: "UPDATE audit SET kind = 10 WHERE number = 41",
            fault: "entry 41 was rewritten"
        ),
        Case(
            name: "another device",
            sql: "UPDATE audit SET actor = (SELECT max(number) FROM reference) WHERE number = 42",
            fault: "entry 42 was rewritten"
        ),
        Case(
            name: "other words",
            sql: "UPDATE audit SET detail = x'00' WHERE number = 43",
            fault: "entry 43 was rewritten"
        ),
        Case(
            name: "another person in a change",
            sql: """
                UPDATE audit SET person = (SELECT max(number) FROM reference)
                WHERE number = (SELECT min(number) FROM audit WHERE kind = 1)
                """,
            fault: "does not say what its change says"
        ),
        Case(
            name: "other words in the last entry",
            sql: """
                UPDATE audit SET detail = x'00'
                WHERE number = (SELECT max(number) FROM audit WHERE kind = 9)
                """,
            fault: "its entries are not those of the root"
        ),
        Case(
            name: "an entry removed",
            sql: open + "DELETE FROM audit WHERE number = 50",
            fault: "entry 50 is missing"
        ),
        Case(
            name: "the end cut off",
            sql: open + "DELETE FROM audit WHERE number > (SELECT max(number) - 3 FROM audit)",
            fault: "is missing"
        ),
        Case(
            name: "two entries exchanged",
            sql: """
                UPDATE audit SET number = 1000000 WHERE number = 60;
                UPDATE audit SET number = 60 WHERE number = 61;
                UPDATE audit SET number = 61 WHERE number = 1000000
                """,
            fault: "entry 60 was rewritten"
        ),
        Case(
            name: "an entry put in",
            sql: """
                UPDATE audit SET number = -number WHERE number >= 70;
                UPDATE audit SET number = 1 - number WHERE number < 0;
                INSERT INTO audit SELECT 70, kind, time, position, actor, person, entity, record,
                    scope, keys, subject, detail FROM audit WHERE number = 69
                """,
            fault: "entry 70 was rewritten"
        ),
        Case(
            name: "an entry put behind",
            sql: """
                INSERT INTO audit SELECT number + 1, kind, time, position, actor, person, entity,
                    record, scope, keys, subject, detail FROM audit ORDER BY number DESC LIMIT 1
                """,
            fault: "stand after its end"
        ),
        Case(
            name: "a tile",
            sql: "UPDATE audit_tile SET hashes = zeroblob(8192) WHERE place = 0",
            fault: "was rewritten"
        ),
        Case(
            name: "the root of a tile",
            sql: "UPDATE audit_tile SET root = zeroblob(32) WHERE place = 0",
            fault: "tile 0 of level 0"
        ),
        Case(
            name: "the root of the tree",
            sql: "UPDATE meta SET value = zeroblob(40) WHERE key = 'audit'",
            fault: "stand after its end"
        ),
        Case(
            name: "no root any more",
            sql: "DELETE FROM meta WHERE key = 'audit'",
            fault: "has lost its root"
        ),
    ]

    /// A hub with changes, acts and more than one full tile.
    private func hub() throws -> SimulatedNode {
        let node = try SimulatedNode("audit", .hub, site: .zero, kit: TenantKit(), seed: 3)
        for round in 0..<12 { try write("change \(round)", at: node.store) }
        try fill(node.store, 600)
        for round in 0..<4 { try write("later \(round)", at: node.store) }
        try fill(node.store, 3)
        return node
    }

    @Test("rewriting, truncating, reordering, inserting: the check names it", arguments: cases)
    func found(_ change: Case) throws {
        let node = try hub()
        #expect(try node.store.verify { _ in }.faults == [])
        // A check of a store that runs reads the file, and not what it remembers.
        let constraints = "PRAGMA ignore_check_constraints = ON; "
        try tamper(node, constraints + change.sql)
        let faults = try node.store.verify { _ in }.faults
        #expect(faults.contains { $0.contains(change.fault) }, "\(faults)")
    }

    @Test("P1: a changed byte of the last entries stops all writing at the next start")
    func closed() throws {
        let node = try hub()
        node.store.close()
        let size = "(SELECT max(number) FROM audit)"
        try tamper(node, "UPDATE audit SET time = time + 1 WHERE number = \(size)")
        try node.restart(at: TenantKit.start)
        #expect(node.store.auditFault?.code == .damaged)
        let before = try node.store.status()
        #expect(throws: StorageError.self) { try write("one", at: node.store) }
        #expect(throws: StorageError.self) {
            try node.store.record(
                AuditAct(.read, AuditSubject(user: .zero), [:]),
                wallMilliseconds: TenantKit.start
            )
        }
        #expect(try node.store.status().changes == before.changes)
        #expect(
            try node.store.read { try $0.records(of: SimulationSchema.thing, in: .tenant) }.count
                == 16
        )
    }

    @Test("a change without an entry, and an entry without its change, are found at the start")
    func unrecorded() throws {
        let node = try hub()
        try write("last", at: node.store)
        node.store.close()
        try tamper(
            node,
            """
            DROP TRIGGER audit_is_kept;
            DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)
            """
        )
        try node.restart(at: TenantKit.start)
        #expect(node.store.auditFault?.code == .damaged)
        #expect(try !node.store.verify { _ in }.faults.isEmpty)
    }
}
