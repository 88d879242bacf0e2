public import CRDT

/// A tree to which leaves are added: its right edge, which is all that adding needs.
///
/// ```swift
/// var tree = GrowingTree()
/// tree.append(TreeHash.leaf([]))
/// tree.root  // TreeHash.leaf([])
/// ```
///
/// - Invariant: `edge[level]` are the last `(size / 256^level) % 256` hashes of that level;
///   `peaks` are the roots of the whole subtrees that the leaves form, from the left.
public struct GrowingTree: Hashable, Sendable {
    /// Leaves.
    public private(set) var size: UInt64 = 0
    private var peaks: [Hash] = []
    /// The hashes of tiles that are not full, from the level of leaves.
    private var edge: [[Hash]] = [[]]

    public init() {}

    /// Goes on where a tree ended; nil if `tail` gives fewer or more than there are.
    ///
    /// - Parameters:
    ///   - size: Its leaves, fewer than 2^56.
    ///   - tail: Gives the hashes of the last tile of a level that is not full, in order.
    /// - Throws: What `tail` throws.
    public init?<Fault: Error>(
        size: UInt64,
        _ tail: (Tile.Place) throws(Fault) -> [Hash]
    ) throws(Fault) {
        guard size >> UInt64(Tile.levelsMax * Tile.height) == 0 else { return nil }
        self.size = size
        edge = []
        var level = 0
        while level == 0 || size >> UInt64(level * Tile.height) > 0 {
            let hashes = size >> UInt64(level * Tile.height)
            let place = Tile.Place(level: level, number: hashes / UInt64(Tile.width))
            let count = Int(hashes % UInt64(Tile.width))
            let held = count == 0 ? [] : try tail(place)
            guard held.count == count else { return nil }
            edge.append(held)
            level += 1
        }
        for held in edge.reversed() {
            for node in LeafSpan(start: 0, end: UInt64(held.count)).nodes {
                let first = Int(node.index) << node.level
                peaks.append(TreeHash.root(of: held[first..<first + 1 << node.level]))
            }
        }
    }

    /// The root of the whole tree.
    ///
    /// - Complexity: O(log size) hashes.
    public var root: Hash {
        guard var root = peaks.last else { return TreeHash.empty }
        for peak in peaks.dropLast().reversed() { root = TreeHash.node(peak, root) }
        return root
    }

    /// Adds a leaf.
    ///
    /// - Returns: The tiles that it fills, from the lowest: nearly always none.
    @discardableResult
    public mutating func append(_ leaf: Hash) -> [Tile] {
        var filled: [Tile] = []
        var hash = leaf
        var level = 0
        edge[0].append(hash)
        while size >> UInt64(level) & 1 == 1, let left = peaks.popLast() {
            hash = TreeHash.node(left, hash)
            level += 1
            guard level % Tile.height == 0 else { continue }
            let full = level / Tile.height - 1
            let place = Tile.Place(level: full, number: size >> UInt64(level))
            if let tile = Tile(place, edge[full]) { filled.append(tile) }
            edge[full] = []
            if edge.count == full + 1 { edge.append([]) }
            edge[full + 1].append(hash)
        }
        peaks.append(hash)
        size += 1
        return filled
    }

    /// The hashes of a tile that is not full yet.
    public func partial(_ place: Tile.Place) -> Tile? {
        guard edge.indices.contains(place.level), place.width(in: size) < Tile.width else {
            return nil
        }
        let held = Tile(place, edge[place.level])
        return held.flatMap { $0.hashes.count == place.width(in: size) ? $0 : nil }
    }
}
