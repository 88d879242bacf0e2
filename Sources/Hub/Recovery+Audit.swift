import CRDT
import Domain
import Identity
import Node
import Storage
import Transports
import Wire

// What a hub that is made anew, or put back, owes to those who watched its audit log (WIT-11).

extension Recovery {
    /// The largest genuine checkpoint of the epoch in force that witnesses hold.
    func largest(
        of peers: [String],
        under log: AuthorityLog,
        as device: ID,
        keys: DeviceKeys
    ) async throws -> SignedCheckpoint? {
        var largest: SignedCheckpoint?
        let identity = try visitor(log, device, keys)
        for peer in peers {
            let held = try await AuthorityFetch.checkpoint(
                at: peer,
                as: identity,
                from: try AuthorityLog(roots: Array(log.roots.prefix(1))),
                schema: schema,
                wallMilliseconds: wall(),
                chance: chance
            )
            guard let held, log.isGenuine(held),
                held.checkpoint.origin.epoch == log.auditEpoch.number,
                held.checkpoint.size > largest?.checkpoint.size ?? 0
            else { continue }
            largest = held
        }
        return largest
    }

    /// Whether a hub's audit log is not one that continues a checkpoint: its disk was put back.
    static func contradicts(_ node: LocalNode, _ seen: SignedCheckpoint?) throws -> Bool {
        guard let seen = seen?.checkpoint else { return false }
        return try node.store.auditRoot(of: seen.size) != seen.root
    }
}
