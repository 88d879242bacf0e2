import Domain
import Storage
import Wire

/// That a node's program is older than what a peer runs: it keeps working in its own version, and
/// keeps and forwards what it cannot read.
///
/// JSON: `{"own_schema", "schema", "device", "is_hub", "software"}`.
///
/// - Source: DOM-293; MERGE-12 for what is kept unread.
public struct NewerVersion: Sendable {
    /// The version of records that this node knows.
    public let own: UInt64
    /// The peer's.
    public let schema: UInt64
    public let isHub: Bool
    private let device: String
    private let software: String

    init(_ peer: PeerNote, isHub: Bool, own: UInt64, _ names: Nicknames) {
        self.own = own
        self.isHub = isHub
        schema = peer.schema
        device = names.device(peer.device)
        software = peer.software
    }

    /// One sentence for whoever runs the node.
    public var text: String {
        let peer = isHub ? "its hub" : "its peer"
        let runs = software.isEmpty ? "" : ", which runs \(software)"
        return
            "this node is older than \(peer) \(device)\(runs): update it. Until then it works on "
            + "in its version (\(own), not \(schema)); what it cannot read it keeps and passes on"
    }

    public var json: JSON {
        [
            "own_schema": .number(own), "schema": .number(schema), "device": .text(device),
            "is_hub": .bool(isHub), "software": .text(software),
        ]
    }
}

extension LocalNode {
    /// The newest program that a peer was last met with, hubs first; nil if none is newer.
    public func newerVersion() throws -> NewerVersion? {
        let own = UInt64(store.schema.version)
        let newer = try store.peers().filter { $0.schema > own }.map { peer in
            (peer, store.authority.known(device: peer.device)?.kind == .hub)
        }
        let newest = newer.max { left, right in
            (left.1 ? 1 : 0, left.0.schema) < (right.1 ? 1 : 0, right.0.schema)
        }
        guard let (peer, isHub) = newest else { return nil }
        return NewerVersion(peer, isHub: isHub, own: own, try read { try Nicknames($0) })
    }
}
