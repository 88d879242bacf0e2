import CRDT
import Storage
import Synchronization
import Wire

/// Up to where the peers of running sessions hold the own log.
final class Holdings: Sendable {
    private let positions = Mutex<[ID: Int64]>([:])

    func note(_ position: Int64, of device: ID) {
        positions.withLock { $0[device] = max($0[device] ?? 0, position) }
    }

    /// The peer has lost what it held.
    func forget(_ device: ID) { positions.withLock { $0[device] = nil } }

    func position(of device: ID) -> Int64 { positions.withLock { $0[device] ?? 0 } }
}

/// On how many nodes something is known to be: on this one, and on those that acknowledged it.
///
/// Fewer than there are: what a peer has passed on, nobody says here.
public struct Copies: Sendable {
    /// A peer, and up to where it holds what it shares.
    struct Holder: Sendable {
        let certificate: Certificate
        let position: Int64
    }

    private let store: Store
    let holders: [Holder]

    init(_ holders: [Holder], of store: Store) {
        self.holders = holders
        self.store = store
    }

    /// The nodes that surely hold a change, this one among them.
    func count(of origin: Origin) -> Int {
        1
            + holders.count {
                $0.position >= origin.position && store.shares(origin.scope, with: $0.certificate)
            }
    }
}

extension LocalNode {
    /// What is known of the copies that others hold.
    public func copies() throws -> Copies {
        let holders = try store.peers().compactMap { peer -> Copies.Holder? in
            let position = max(peer.held, holdings.position(of: peer.device))
            guard position > 0, try !store.distrusts(peer.device),
                let standing = certificateStanding(of: peer.device)
            else { return nil }
            return Copies.Holder(certificate: standing.certificate, position: position)
        }
        return Copies(holders, of: store)
    }

    /// How many changes of this device no other node is known to hold.
    public func unshared() throws -> Int64 {
        try store.unshared(
            beyond: copies().holders.map { ($0.certificate, $0.position) }
        )
    }
}
