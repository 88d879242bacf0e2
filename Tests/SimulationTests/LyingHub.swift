import CRDT
import Identity
import Simulation
import Storage
import Sync

@testable import Wire

/// A hub's log as whoever has its disk and its keys can make it: any leaves at all, well proven.
struct LyingHub {
    let kit: TenantKit
    var leaves: [Hash]
    var epoch: UInt32 = 1
    var key: SigningKey
    var authority: UInt64 = 1
    var cited: SignedCheckpoint?
    /// Proofs of these leaves in place of its own.
    var provenLeaves: [Hash]?

    init(_ kit: TenantKit, entries: Int) {
        self.kit = kit
        leaves = (0..<entries).map { Self.leaf($0) }
        key = kit.logKey
    }

    static func leaf(_ number: Int) -> Hash { TreeHash.leaf(Array("entry \(number)".utf8)) }

    var checkpoint: SignedCheckpoint? {
        guard let origin = LogOrigin(host: "hub", tenant: kit.tenant, epoch: epoch) else {
            return nil
        }
        let root = TreeHash.root(of: leaves)
        return Checkpoint(origin: origin, size: UInt64(leaves.count), root: root)
            .map { SignedCheckpoint(signing: $0, with: key) }
    }

    func answer(_ held: WitnessFrame.Held) -> WitnessFrame.Shown {
        let proven = provenLeaves ?? leaves
        let proofs = ([held.checkpoint?.checkpoint.size ?? 0] + held.claims).map { size in
            let proof = ConsistencyProof(from: size, to: UInt64(leaves.count)) { node in
                let first = min(Int(node.index) << node.level, proven.count)
                return TreeHash.root(of: proven[first..<min(first + 1 << node.level, proven.count)])
            }
            return proof?.hashes ?? []
        }
        return WitnessFrame.Shown(
            authority: authority,
            checkpoint: checkpoint,
            cited: cited,
            proofs: proofs
        )
    }

    /// Meets a station; what the station told at the end.
    @discardableResult
    func meet(_ world: World, _ index: Int) throws -> WitnessFrame.Judged? {
        let station = world.nodes[index]
        world.now += 1_000
        let wall = station.wall(world.now)
        var exchange = WitnessExchange(
            store: station.store,
            peer: world.hub.store.certificate,
            wall: { wall }
        )
        var told: WitnessFrame.Judged?
        var frames = exchange.start()
        while let bytes = frames.popLast() {
            switch try WitnessFrame(decoding: bytes) {
            case .held(let held): frames += exchange.take(WitnessFrame.shown(answer(held)).encoded)
            case .judged(let judged): told = judged
            case .shown: break
            }
        }
        return told
    }
}
