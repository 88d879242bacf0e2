public import CRDT
import Identity

extension Hash {
    /// The BLAKE2b-256 hash of some bytes.
    public init(of bytes: [UInt8]) {
        self.init(digest: Blake2b.hash256(bytes))
    }

    /// Takes what BLAKE2b-256 gave.
    init(digest: [UInt8]) {
        guard let hash = Hash(digest) else { preconditionFailure("BLAKE2b-256 gives 32 bytes") }
        self = hash
    }
}

extension ID {
    /// The first 16 bytes of a hash.
    init(startOf hash: Hash) {
        guard let id = ID(hash.bytes.prefix(16)) else {
            preconditionFailure("a hash has more than 16 bytes")
        }
        self = id
    }
}
