public import CRDT

/// A change as statements of a hub call it: its place in a feed of their scope, and its hash.
public struct FeedPoint: Hashable, Sendable {
    public let replica: ID
    public let sequence: UInt64
    public let hash: Hash

    public init(replica: ID, sequence: UInt64, hash: Hash) {
        self.replica = replica
        self.sequence = sequence
        self.hash = hash
    }
}

extension FeedPoint {
    /// The sequence and hash as one value: 40 bytes.
    var mark: Value {
        let sequence = (0..<8).map { UInt8(truncatingIfNeeded: self.sequence >> (56 - 8 * $0)) }
        return .bytes(sequence + hash.bytes)
    }

    /// Reads what ``mark`` writes.
    init?(replica: ID, mark: Value) {
        guard case .bytes(let bytes) = mark, bytes.count == 40, let hash = Hash(bytes[8...]) else {
            return nil
        }
        self.init(
            replica: replica,
            sequence: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) },
            hash: hash
        )
    }
}

/// The changes of one replica in one scope that are a given change, or lie before it in its feed.
public enum Line: Hashable, Sendable {
    /// None: the change is not held.
    case none
    /// The replica has one feed: all up to a sequence.
    case upTo(UInt64)
    /// The replica has branches: these.
    case changes(Set<Hash>)

    /// Whether a change of the same replica is one of them.
    public func contains(_ point: FeedPoint) -> Bool {
        switch self {
        case .none: false
        case .upTo(let last): point.sequence <= last
        case .changes(let hashes): hashes.contains(point.hash)
        }
    }
}
