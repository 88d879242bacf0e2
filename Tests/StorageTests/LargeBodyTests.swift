import CRDT
import Domain
import Simulation
@testable import Storage
import Testing
import Wire

/// A body that lies compressed is the body that was hashed.
@Suite("Large bodies")
struct LargeBodyTests {
    @Test("a change of many rows lies compressed, verifies, and reaches a peer unaltered")
    func imported() throws {
        let kit = try TenantKit()
        let station = try SimulatedNode("large", .station, site: World.siteA, kit: kit, seed: 1)
        let hub = try SimulatedNode("large-hub", .hub, site: .zero, kit: kit, seed: 2)
        _ = try station.store.act(History.actor, wallMilliseconds: TenantKit.start) { _ in
            var draft = Draft()
            for index in 0..<200 {
                let edit = FieldEdit(1, .write(.text("row \(index)"), replacing: []))
                let thing = Operation(SimulationSchema.thing.number, .new, edits: [edit])
                draft.add(thing, in: .site(World.siteA))
            }
            return draft
        }
        let outcome = try Meeting(station, hub, now: TenantKit.start, seed: 3).run()
        #expect(outcome.isEqual)
        for node in [station, hub] {
            try node.restart(at: TenantKit.start)
            let (stored, length) = try #require(try lengths(in: node.store))
            #expect(stored < length / 2, "\(stored) bytes for \(length)")
            #expect(try node.store.verify { _ in }.faults == [])
        }
        let digests = try [station, hub].map { try $0.store.digests().map(\.hash) }
        #expect(digests[0] == digests[1])
    }

    @Test("a body that is not what its length says is damage, and no trap")
    func damaged() throws {
        let kit = try TenantKit()
        let node = try SimulatedNode("large", .station, site: World.siteA, kit: kit, seed: 1)
        for length in [-1, 5, 1 << 40] as [Int64] {
            #expect(throws: StorageError.self) {
                try node.store.reading { connection throws(StorageError) in
                    _ = try connection.expanded([40, 181, 47, 253], length: length, at: 1)
                }
            }
        }
    }

    /// The bytes that the one body takes, and how long it is.
    private func lengths(in store: Store) throws -> (stored: Int64, length: Int64)? {
        try store.reading { connection throws(StorageError) in
            try connection.prepare(
                "SELECT length(body), length FROM change WHERE length IS NOT NULL"
            )
            .first { ($0.integer(0), $0.integer(1)) }
        }
    }
}
