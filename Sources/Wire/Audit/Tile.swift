public import CRDT

/// Up to 256 hashes in a row at one level of a tree: what is stored of it, and served.
///
/// The hash at `i` of a tile is the root of the whole subtree of 256^level leaves that begins at
/// leaf (256 * number + i) * 256^level.
///
/// - Invariant: `hashes.count` is 1 to 256.
/// - Source: AUD-10; C2SP tlog-tiles, height 8.
public struct Tile: Hashable, Sendable {
    /// Which tile of a tree.
    public struct Place: Hashable, Sendable {
        public let level: Int
        public let number: UInt64

        public init(level: Int, number: UInt64) {
            self.level = level
            self.number = number
        }
    }

    public static let width = 256
    static let height = 8
    /// A tree of 2^56 leaves is more than anybody fills.
    public static let levelsMax = 7

    public let place: Place
    public let hashes: [Hash]

    /// - Returns: nil unless there are 1 to 256 hashes.
    public init?(_ place: Place, _ hashes: [Hash]) {
        guard (1...Self.width).contains(hashes.count) else { return nil }
        self.place = place
        self.hashes = hashes
    }

    /// The path under which a log serves it, without a leading slash.
    public var path: String { place.path(width: hashes.count) }

    /// The root of the leaves below all its hashes.
    public var root: Hash { TreeHash.root(of: hashes) }

    /// The root of a whole subtree inside of it; nil if the tile does not hold it.
    public func root(of node: TreeNode) -> Hash? {
        guard Place(of: node) == place else { return nil }
        let height = node.level % Self.height
        let first = Int((node.index << UInt64(height)) % UInt64(Self.width))
        guard first + 1 << height <= hashes.count else { return nil }
        return TreeHash.root(of: hashes[first..<first + 1 << height])
    }
}

extension Tile.Place {
    /// The tile from which the root of a subtree is found.
    public init(of node: TreeNode) {
        let height = node.level % Tile.height
        let first = node.index << UInt64(height)
        self.init(level: node.level / Tile.height, number: first / UInt64(Tile.width))
    }

    /// How many hashes it has in a tree of a size; 0 if the tree does not reach it.
    public func width(in size: UInt64) -> Int {
        let hashes = size >> UInt64(level * Tile.height)
        let (first, overflows) = number.multipliedReportingOverflow(by: UInt64(Tile.width))
        guard !overflows, hashes > first else { return 0 }
        return Int(min(hashes - first, UInt64(Tile.width)))
    }

    /// The path of the tile, whole or with the first hashes of it only.
    public func path(width: Int) -> String {
        var groups: [String] = []
        var rest = number
        repeat {
            let digits = String(rest % 1000)
            let padded = String(repeating: "0", count: 3 - digits.count) + digits
            groups.append(groups.isEmpty ? padded : "x" + padded)
            rest /= 1000
        } while rest > 0
        let whole = "tile/\(level)/" + groups.reversed().joined(separator: "/")
        return width == Tile.width ? whole : whole + ".p/\(width)"
    }
}
