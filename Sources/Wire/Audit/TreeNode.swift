import CRDT

/// A whole subtree: the leaves from `index * 2^level`, 2^level of them.
public struct TreeNode: Hashable, Sendable {
    public let level: Int
    public let index: UInt64

    public init(level: Int, index: UInt64) {
        self.level = level
        self.index = index
    }
}

/// Leaves in a row, under one node of a tree.
///
/// Only those that the definitions of the tree and of its proofs name: what begins at 0, or at a
/// multiple of the power of two that is not less than its length.
struct LeafSpan: Hashable, Sendable {
    let start: UInt64
    let end: UInt64

    /// The largest power of two below the count: where the tree of the span is parted.
    var half: UInt64 {
        let count = end - start
        return count < 2 ? 0 : 1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }

    /// The whole subtrees that it consists of, from the left, each smaller than the one before.
    var nodes: [TreeNode] {
        var nodes: [TreeNode] = []
        var start = start
        while start < end {
            let level = 63 - (end - start).leadingZeroBitCount
            nodes.append(TreeNode(level: level, index: start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        return nodes
    }

    /// The root of the span.
    ///
    /// - Parameter node: Gives the root of a whole subtree.
    /// - Returns: That of no leaves for an empty span.
    /// - Throws: What `node` throws.
    func root<Fault: Error>(
        _ node: (TreeNode) throws(Fault) -> Hash
    ) throws(Fault) -> Hash {
        var root: Hash?
        for part in nodes.reversed() {
            let left = try node(part)
            root = root.map { TreeHash.node(left, $0) } ?? left
        }
        return root ?? TreeHash.empty
    }
}
