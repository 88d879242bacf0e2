import CRDT
import Domain
import Simulation
@testable import Storage
import Testing
import Wire

/// The packed form of records.
@Suite("Record state")
struct RecordStateTests {
    @Test("a creation packed at once is the record that it is folded to", arguments: [false, true])
    func creation(isDerived: Bool) throws {
        let kit = try TenantKit()
        let node = try SimulatedNode("state", .station, site: World.siteA, kit: kit, seed: 1)
        let edits = [
            FieldEdit(1, .write(.text("title"), replacing: [])),
            FieldEdit(2, .write(.null, replacing: [])),
            FieldEdit(5, .write(.list([.integer(-4), .bool(true)]), replacing: [])),
        ]
        let operation = Operation(SimulationSchema.thing.number, .new, edits: edits)
        let stamp = Stamp(HybridTime(milliseconds: TenantKit.start, counter: 7), node.store.replica)
        try node.store.reading { connection throws(StorageError) in
            guard let author = try connection.replica(stamp.replica) else {
                Issue.record("the own replica is not known")
                return
            }
            let rank = author.rank(Name(stamp, hash: 0xfedc_ba98_7654_3210))
            var record = Record()
            record.apply(operation, rank: rank)
            let id = isDerived ? ID(createdAt: stamp, index: 0) : ID(high: 3, low: 4)
            let folded = try RecordState.encode(record, id, on: connection)
            let packed = try RecordState.encode(
                creation: operation,
                id,
                by: author,
                rank,
                on: connection
            )
            #expect(packed == folded)
            #expect(try RecordState.decode(folded, of: id, on: connection) == record)
        }
    }

    @Test("what is no creation, or adds to sets, is folded first")
    func others() throws {
        let kit = try TenantKit()
        let node = try SimulatedNode("state", .station, site: World.siteA, kit: kit, seed: 1)
        let author = InternedReplica(
            number: 1,
            id: ID(high: 1, low: 1),
            device: .zero,
            kind: 1,
            site: .zero,
            validity: 0...1
        )
        let rank = author.rank(Name(Stamp(.zero, author.id), hash: 1))
        let add = FieldEdit(4, .add(.text("tag"), replacing: []))
        let write = FieldEdit(1, .write(.text("title"), replacing: []))
        let adding = Operation(1_001, .new, edits: [write, add])
        let editing = Operation(1_001, .existing(.zero), edits: [write])
        try node.store.reading { connection throws(StorageError) in
            for operation in [adding, editing] {
                let packed = try RecordState.encode(
                    creation: operation,
                    .zero,
                    by: author,
                    rank,
                    on: connection
                )
                #expect(packed == nil)
            }
        }
    }
}
