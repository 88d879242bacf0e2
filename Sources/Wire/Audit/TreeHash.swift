public import CRDT
import Identity

/// How leaves and nodes of an audit tree are hashed: a leaf never looks like a node.
///
/// - Source: AUD-2; RFC 6962, 2.1.
public enum TreeHash {
    /// The root of a tree without leaves.
    public static let empty = Hash(digest: SHA256.hash([]))

    /// The hash of a leaf of these bytes.
    public static func leaf(_ bytes: [UInt8]) -> Hash {
        Hash(digest: SHA256.hash([0] + bytes))
    }

    /// The hash of the node above two subtrees.
    public static func node(_ left: Hash, _ right: Hash) -> Hash {
        var bytes: [UInt8] = [1]
        bytes.reserveCapacity(65)
        append(left, to: &bytes)
        append(right, to: &bytes)
        return Hash(digest: SHA256.hash(bytes))
    }

    /// The root of a tree of these leaves.
    ///
    /// - Complexity: O(leaves).
    public static func root(of leaves: some Sequence<Hash>) -> Hash {
        var tree = GrowingTree()
        for leaf in leaves { tree.append(leaf) }
        return tree.root
    }

    /// The root that a tree had when it was of a size.
    ///
    /// - Parameters:
    ///   - size: Its leaves then.
    ///   - node: Gives the root of a whole subtree.
    /// - Returns: The root.
    /// - Throws: What `node` throws.
    /// - Complexity: O(log size) nodes are asked for.
    public static func root<Fault: Error>(
        ofSize size: UInt64,
        _ node: (TreeNode) throws(Fault) -> Hash
    ) throws(Fault) -> Hash {
        try LeafSpan(start: 0, end: size).root(node)
    }

    private static func append(_ hash: Hash, to bytes: inout [UInt8]) {
        let words = hash.words
        for word in [words.0, words.1, words.2, words.3] {
            unsafe withUnsafeBytes(of: word.bigEndian) { unsafe bytes.append(contentsOf: $0) }
        }
    }
}
