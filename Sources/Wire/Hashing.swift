import Bytes
public import CRDT
import Identity

extension Hash {
    /// The BLAKE2b-256 hash of some bytes.
    public init(of bytes: [UInt8]) {
        self.init(digest: Blake2b.hash256(bytes))
    }

    /// Takes what BLAKE2b-256 gave.
    init(digest: [UInt8]) {
        var reader = Reader(digest)
        do throws(Malformed) {
            self = try reader.hash("digest")
        } catch {
            preconditionFailure("BLAKE2b-256 gives 32 bytes")
        }
    }
}

extension ID {
    /// The first 16 bytes of a hash.
    init(startOf hash: Hash) {
        self.init(high: hash.words.0, low: hash.words.1)
    }
}
