import CRDT
import Domain
import SeededRandom
import Simulation
import Storage
import Testing

/// Nodes of three schema versions side by side: what a node does not understand it keeps and
/// forwards, and after an upgrade it is as if it had always been new (MERGE-7, W7).
@Suite("Schema versions")
struct VersionTests {
    /// The newest schema, less what came later than a version.
    private static func schema(_ version: UInt32) -> Schema {
        let full = SimulationSchema.thing
        var fields = full.fields
        if version < 3 { fields.removeAll { [4, 6].contains($0.number) } }
        if version < 2 { fields.removeAll { [2, 7].contains($0.number) } }
        let thing = Entity(full.number, full.name, in: full.scopes, form: full.form, fields: fields)
        var entities = [thing, SimulationSchema.step, Opening.entity, Opened.entity]
        if version >= 2 { entities.append(SimulationSchema.named) }
        return Schema(version: version, entities: entities)
    }

    @Test(
        "200 seeds with three versions agree once all are upgraded, and equal a fold from nothing"
    )
    func versions() throws {
        var (aside, left) = (Int64(0), Int64(0))
        for seed in 1...200 as ClosedRange<UInt64> {
            let world = try World(seed: 7_000 + seed, schema: Self.schema(3))
            for (index, node) in world.nodes.enumerated() where index != 1 {
                try node.restart(at: world.now, as: Self.schema(UInt32(1 + index % 2)))
            }
            for _ in 0..<60 {
                _ = try world.step()
                if world.history.random.happens(10) { try world.meetAtRandom() }
            }
            #expect(try world.settle(), "seed \(seed)")
            aside += try world.nodes.reduce(0) { try $0 + $1.store.status().setAside }
            for node in world.nodes { try node.restart(at: world.now, as: Self.schema(3)) }
            left += try world.nodes.reduce(0) { try $0 + $1.store.status().setAside }
            #expect(try world.differences() == [], "seed \(seed)")
            #expect(try world.faults() == [], "seed \(seed)")
        }
        // What is left is a station's writing to a field that is a hub's to write.
        #expect(left * 2 < aside, "the old versions had much to set aside")
    }
}
