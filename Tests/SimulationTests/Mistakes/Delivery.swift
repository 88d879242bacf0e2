import CRDT
import Domain
import Simulation
import Storage
import Wire

/// A scope that is more than one chunk, and a store that has nothing of it (SYNC-12, W12).
struct Delivery {
    /// What the sender does with what its store read.
    typealias Cutting = ([Chunk.Item]) -> [[Chunk.Item]]

    private let player: StorePlayer
    private static let place = Place.shared

    /// Two stations write in turns, and the hub takes three changes of one under one signature.
    ///
    /// A chunk has room for 26 of them, which is no multiple of three.
    init(turns: Int) throws {
        player = try StorePlayer(Play(.registers, seed: 77))
        let text = String(repeating: "word ", count: 8_000)
        for turn in 0..<turns {
            let node = turn % 2 + 1
            for number in 0..<3 {
                player.pass(1_000)
                let act = Act.write(node, Self.place, .plain, text, isBad: false)
                try player.perform(act, turn * 3 + number)
            }
            try player.meet(node, 0)
        }
    }

    /// Sends all that the hub holds, and says after each chunk what is wrong.
    ///
    /// - Returns: How many chunks it took, and the faults.
    func send(_ cut: Cutting) throws -> (chunks: Int, faults: [String]) {
        let (hub, scope) = (player.nodes[0].store, Self.place.scope)
        let empty = try SimulatedNode(
            "empty",
            .station,
            site: World.siteA,
            kit: player.kit,
            seed: 4,
            schema: MistakeSchema.new
        )
        var (position, chunks) = (Int64(0), 0)
        var faults: [String] = []
        while true {
            let read = try hub.readChunk(
                of: scope,
                after: position,
                upTo: hub.position,
                lacking: Frontier(),
                known: [:],
                introduced: []
            )
            for items in cut(read.items) {
                chunks += 1
                let ingested = try empty.store.ingest(
                    Chunk(scope: scope, items: items),
                    from: hub.device,
                    wallMilliseconds: player.now
                )
                if ingested.isOrderBroken { faults.append("chunk \(chunks): order") }
                faults += ingested.refused.map { "chunk \(chunks): \($0)" }
                faults += try empty.store.verify { _ in }.faults
            }
            position = read.position
            if read.isComplete { break }
        }
        let frontiers = try [hub, empty.store].map { try $0.frontiers(of: [scope])[scope] }
        if frontiers[0] != frontiers[1] { faults.append("not all has come") }
        return (chunks, faults)
    }

    /// A sender that counts changes, wherever the signatures stand.
    static func cutting(after changes: Int) -> Cutting {
        { items in
            items.flatMap { item -> [[Chunk.Item]] in
                guard case .run(let run) = item, run.bodies.count > changes else { return [[item]] }
                var (head, tail) = (run, run)
                head.bodies = Array(run.bodies.prefix(changes))
                tail.bodies = Array(run.bodies.dropFirst(changes))
                tail.sequence += UInt64(changes)
                return [[.run(head)], [.run(tail)]]
            }
        }
    }
}
