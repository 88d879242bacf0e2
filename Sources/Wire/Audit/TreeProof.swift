public import CRDT

/// Shows that a leaf stands at an index of a tree.
///
/// - Source: AUD-11; RFC 6962, 2.1.1; RFC 9162, 2.1.3.
public struct InclusionProof: Hashable, Sendable {
    /// Of the leaf, from 0.
    public var index: UInt64
    /// Leaves of the tree.
    public var size: UInt64
    /// The roots beside the way up, from the leaf.
    public var hashes: [Hash]

    public init(index: UInt64, size: UInt64, hashes: [Hash]) {
        self.index = index
        self.size = size
        self.hashes = hashes
    }

    /// Makes a proof; nil unless the index is below the size.
    ///
    /// - Parameters:
    ///   - index: Of the leaf.
    ///   - size: Leaves of the tree.
    ///   - node: Gives the root of a whole subtree of it.
    /// - Throws: What `node` throws.
    /// - Complexity: O(log size) nodes are asked for.
    public init?<Fault: Error>(
        of index: UInt64,
        in size: UInt64,
        _ node: (TreeNode) throws(Fault) -> Hash
    ) throws(Fault) {
        guard index < size else { return nil }
        var span = LeafSpan(start: 0, end: size)
        var hashes: [Hash] = []
        while span.end - span.start > 1 {
            let middle = span.start + span.half
            let left = LeafSpan(start: span.start, end: middle)
            let right = LeafSpan(start: middle, end: span.end)
            hashes.append(try (index < middle ? right : left).root(node))
            span = index < middle ? left : right
        }
        self.init(index: index, size: size, hashes: hashes.reversed())
    }

    /// Whether it shows that a tree of this root has the leaf at the index.
    ///
    /// The size is believed: it comes with the root, in a checkpoint (AUD-13).
    public func shows(_ leaf: Hash, under root: Hash) -> Bool {
        guard index < size else { return false }
        var (node, last, hash) = (index, size - 1, leaf)
        for sibling in hashes {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = TreeHash.node(sibling, hash)
                while node & 1 == 0, node > 0 { (node, last) = (node >> 1, last >> 1) }
            } else {
                hash = TreeHash.node(hash, sibling)
            }
            (node, last) = (node >> 1, last >> 1)
        }
        return last == 0 && hash == root
    }
}

/// Shows that a tree begins with all the leaves of an earlier one.
///
/// - Source: AUD-12; RFC 6962, 2.1.2; RFC 9162, 2.1.4.
public struct ConsistencyProof: Hashable, Sendable {
    /// Leaves of the earlier tree.
    public var from: UInt64
    /// Leaves of the later one.
    public var to: UInt64
    public var hashes: [Hash]

    public init(from: UInt64, to: UInt64, hashes: [Hash]) {
        self.from = from
        self.to = to
        self.hashes = hashes
    }

    /// Makes a proof; one from no leaves, or to as many as before, holds no hashes, and nil comes
    /// of an earlier tree that is the larger.
    ///
    /// - Parameters:
    ///   - from: Leaves of the earlier tree.
    ///   - to: Leaves of the later one.
    ///   - node: Gives the root of a whole subtree of the later one.
    /// - Throws: What `node` throws.
    /// - Complexity: O(log to) nodes are asked for.
    public init?<Fault: Error>(
        from: UInt64,
        to: UInt64,
        _ node: (TreeNode) throws(Fault) -> Hash
    ) throws(Fault) {
        guard from <= to else { return nil }
        self.init(from: from, to: to, hashes: [])
        guard from > 0, from < to else { return }
        var span = LeafSpan(start: 0, end: to)
        while span.end > from {
            let middle = span.start + span.half
            let left = LeafSpan(start: span.start, end: middle)
            let right = LeafSpan(start: middle, end: span.end)
            hashes.append(try (from <= middle ? right : left).root(node))
            span = from <= middle ? left : right
        }
        // What the verifier holds as the earlier root need not be sent.
        if span.start > 0 { hashes.append(try span.root(node)) }
        hashes.reverse()
    }

    /// Whether it shows that a tree of the later root continues one of the earlier root.
    public func shows(_ earlier: Hash, continuedBy later: Hash) -> Bool {
        guard from > 0, from < to else {
            let isSame = from == to ? earlier == later : from == 0
            return isSame && hashes.isEmpty && (from > 0 || earlier == TreeHash.empty)
        }
        var rest = hashes[...]
        var (node, last) = (from - 1, to - 1)
        while node & 1 == 1 { (node, last) = (node >> 1, last >> 1) }
        guard let first = node == 0 ? earlier : rest.popFirst() else { return false }
        var (old, new) = (first, first)
        for hash in rest {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                old = TreeHash.node(hash, old)
                new = TreeHash.node(hash, new)
                while node & 1 == 0, node > 0 { (node, last) = (node >> 1, last >> 1) }
            } else {
                new = TreeHash.node(new, hash)
            }
            (node, last) = (node >> 1, last >> 1)
        }
        return last == 0 && old == earlier && new == later
    }
}
