import CRDT
import Simulation
import Storage
import Testing
import Wire

extension MergeHistory {
    /// The state hash of a store that takes the changes in an order.
    func digest(_ order: [Int]) throws -> Hash? {
        let node = try SimulatedNode(
            "vector",
            .hub,
            site: .zero,
            kit: cast.kit,
            seed: 1,
            schema: VectorSchema.schema
        )
        let bindings = writers.map { Chunk.Item.binding($0.binding) }
        for index in order {
            let chunk = Chunk(scope: scope, items: bindings + [.run(changes[index].run)])
            let ingested = try node.store.ingest(
                chunk,
                from: .zero,
                wallMilliseconds: TenantKit.start
            )
            #expect(ingested.refused.isEmpty && !ingested.isOrderBroken, "\(index) of \(order)")
        }
        return try node.store.digests().first { $0.scope == scope }?.hash
    }
}
