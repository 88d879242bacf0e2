import Bytes
import CRDT
import Foundation
import Identity
import SeededRandom
import Testing
import Wire

@Suite("The audit tree")
struct AuditTreeTests {
    @Test("hashes are those of the published vectors (AUD-2)")
    func vectors() throws {
        let top = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = top.appending(path: "fixtures/vectors/rfc6962-tree-0-to-8.json")
        let vector = try JSONDecoder().decode(TreeVector.self, from: Data(contentsOf: file))
        let leaves = vector.leaf_inputs_hex.map { TreeHash.leaf(Hex.decode($0) ?? []) }

        #expect(vector.root_hashes_by_size.count == 9)
        for (size, root) in vector.root_hashes_by_size.enumerated() {
            #expect(TreeHash.root(of: leaves.prefix(size)).description == root)
            #expect(tree(of: Array(leaves.prefix(size)), noting: { _ in }).root.description == root)
        }
        var nodes: [Hash] = []
        for level in 0...3 {
            for index in 0..<8 >> level {
                nodes.append(
                    try #require(node(TreeNode(level: level, index: UInt64(index)), leaves))
                )
            }
        }
        #expect(nodes.map(\.description).sorted() == vector.node_hashes_level_order.sorted())
    }

    @Test("10,000 random trees have the roots and proofs of the definition (AUD-11, AUD-12)")
    func naive() throws {
        var random = SplitMix64(seed: 0x6962)
        for round in 0..<10_000 {
            let bound = round % 500 == 0 ? 700 : round % 40 == 0 ? 60 : 11
            let size = 1 + random.below(bound)
            let leaves = (0..<size).map { _ in TreeHash.leaf(random.bytes(3)) }
            let naive = leaves.map(\.bytes)
            let tree = tree(of: leaves, noting: { _ in })
            let root = NaiveTree.root(naive[...])
            guard tree.root.bytes == root, tree.size == UInt64(size) else {
                Issue.record("round \(round): the root of \(size) leaves")
                return
            }
            let index = random.below(size)
            let inclusion = try #require(
                InclusionProof(of: UInt64(index), in: UInt64(size)) { try find($0, leaves) }
            )
            let from = 1 + random.below(size)
            let consistency = try #require(
                ConsistencyProof(from: UInt64(from), to: UInt64(size)) { try find($0, leaves) }
            )
            guard inclusion.hashes.map(\.bytes) == NaiveTree.path(index, naive[...]),
                consistency.hashes.map(\.bytes) == NaiveTree.proof(from, naive[...]),
                inclusion.shows(leaves[index], under: tree.root),
                consistency.shows(
                    TreeHash.root(of: leaves.prefix(from)),
                    continuedBy: tree.root
                )
            else {
                Issue.record("round \(round): proofs of \(index) and \(from) in \(size)")
                return
            }
        }
    }

    @Test("every leaf of every tree up to 40 is shown, and at no other index (AUD-11)")
    func everyIndex() throws {
        let leaves = (0..<40).map { TreeHash.leaf([UInt8($0)]) }
        for size in 1...40 {
            let root = TreeHash.root(of: leaves.prefix(size))
            for index in 0..<size {
                var proof = try #require(
                    InclusionProof(of: UInt64(index), in: UInt64(size)) { try find($0, leaves) }
                )
                #expect(proof.shows(leaves[index], under: root))
                for other in 0...size where other != index {
                    proof.index = UInt64(other)
                    #expect(!proof.shows(leaves[index], under: root))
                }
            }
        }
        #expect(InclusionProof(of: 40, in: 40) { _ in TreeHash.empty } == nil)
    }

    @Test("every pair of sizes up to 40 is consistent, and with no other root (AUD-12)")
    func everyPair() throws {
        let leaves = (0..<40).map { TreeHash.leaf([UInt8($0)]) }
        let roots = (0...40).map { TreeHash.root(of: leaves.prefix($0)) }
        for to in 0...40 {
            for from in 0...to {
                let proof = try #require(
                    ConsistencyProof(from: UInt64(from), to: UInt64(to)) { try find($0, leaves) }
                )
                #expect(proof.shows(roots[from], continuedBy: roots[to]))
                #expect(!proof.shows(roots[(from + 1) % 41], continuedBy: roots[to]))
                guard from > 0 else { continue }
                #expect(!proof.shows(roots[from], continuedBy: roots[(to + 1) % 41]))
            }
        }
        #expect(ConsistencyProof(from: 2, to: 1) { _ in TreeHash.empty } == nil)
    }

    @Test("every single-bit change of a proof, and of what it shows, is refused")
    func everyBit() throws {
        let leaves = (0..<21).map { TreeHash.leaf([UInt8($0)]) }
        let roots = (0...21).map { TreeHash.root(of: leaves.prefix($0)) }
        for (index, size) in [(0, 1), (0, 21), (20, 21), (13, 21), (7, 8), (4, 5)] {
            let proof = try #require(
                InclusionProof(of: UInt64(index), in: UInt64(size)) { try find($0, leaves) }
            )
            for changed in changes(of: proof.hashes) {
                let other = InclusionProof(index: proof.index, size: proof.size, hashes: changed)
                #expect(!other.shows(leaves[index], under: roots[size]))
            }
            for bit in 0..<256 {
                #expect(!proof.shows(flipped(leaves[index], bit), under: roots[size]))
                #expect(!proof.shows(leaves[index], under: flipped(roots[size], bit)))
            }
            for bit in 0..<64 {
                var other = proof
                other.index ^= 1 << UInt64(bit)
                #expect(!other.shows(leaves[index], under: roots[size]))
            }
        }
        for (from, to) in [(1, 2), (1, 21), (8, 21), (13, 21), (20, 21), (16, 16)] {
            let proof = try #require(
                ConsistencyProof(from: UInt64(from), to: UInt64(to)) { try find($0, leaves) }
            )
            for changed in changes(of: proof.hashes) {
                let other = ConsistencyProof(from: proof.from, to: proof.to, hashes: changed)
                #expect(!other.shows(roots[from], continuedBy: roots[to]))
            }
            for bit in 0..<256 {
                #expect(!proof.shows(flipped(roots[from], bit), continuedBy: roots[to]))
                #expect(!proof.shows(roots[from], continuedBy: flipped(roots[to], bit)))
            }
        }
    }

    @Test("tiles hold the whole tree, and a tree goes on from its tiles (AUD-10)")
    func tiles() throws {
        var random = SplitMix64(seed: 256)
        let leaves = (0..<66_000).map { UInt64($0) }.map {
            TreeHash.leaf([UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8), 1])
        }
        var filled: [Tile.Place: Tile] = [:]
        let whole = tree(of: leaves) { filled[$0.place] = $0 }
        #expect(filled.keys.filter { $0.level == 0 }.count == 257)
        #expect(filled.keys.filter { $0.level == 1 }.count == 1)
        #expect(filled.values.allSatisfy { $0.hashes.count == 256 })
        for _ in 0..<40 {
            let level = random.below(17)
            let index = UInt64(random.below(66_000 >> level))
            let place = Tile.Place(of: TreeNode(level: level, index: index))
            let tile = try #require(filled[place] ?? whole.partial(place))
            #expect(tile.hashes.count == place.width(in: 66_000))
            let first = Int(index) << level
            #expect(
                tile.root(of: TreeNode(level: level, index: index))
                    == TreeHash.root(of: leaves[first..<first + 1 << level])
            )
        }
        for size in [0, 1, 255, 256, 257, 65_535, 65_536, 65_537] {
            let earlier = tree(of: Array(leaves.prefix(size)), noting: { _ in })
            let resumed = GrowingTree(size: UInt64(size)) { place in
                earlier.partial(place)?.hashes ?? []
            }
            #expect(resumed == earlier)
        }
        #expect(GrowingTree(size: 5) { _ in [] } == nil)
    }

    @Test("a tile is served under the path of tlog-tiles (AUD-10)")
    func paths() {
        #expect(Tile.Place(level: 0, number: 0).path(width: 256) == "tile/0/000")
        #expect(
            Tile.Place(level: 3, number: 1_234_067).path(width: 256) == "tile/3/x001/x234/067"
        )
        #expect(Tile.Place(level: 1, number: 1).path(width: 17) == "tile/1/001.p/17")
    }
}

private struct TreeVector: Decodable {
    let leaf_inputs_hex: [String]
    let node_hashes_level_order: [String]
    let root_hashes_by_size: [String]
}

private struct NoSuchNode: Error {}

/// The root of a whole subtree, from the leaves.
private func node(_ node: TreeNode, _ leaves: [Hash]) -> Hash? {
    let first = Int(node.index) << node.level
    guard first + 1 << node.level <= leaves.count else { return nil }
    let bytes = leaves[first..<first + 1 << node.level].map(\.bytes)
    return Hash(NaiveTree.root(bytes[...]))
}

private func find(_ place: TreeNode, _ leaves: [Hash]) throws -> Hash {
    guard let hash = node(place, leaves) else { throw NoSuchNode() }
    return hash
}

private func tree(of leaves: [Hash], noting note: (Tile) -> Void) -> GrowingTree {
    var tree = GrowingTree()
    for leaf in leaves { tree.append(leaf).forEach(note) }
    return tree
}

private func flipped(_ hash: Hash, _ bit: Int) -> Hash {
    var bytes = hash.bytes
    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    return Hash(bytes) ?? .zero
}

/// The hashes with one bit changed, one missing, one twice, and two exchanged.
private func changes(of hashes: [Hash]) -> [[Hash]] {
    var changes: [[Hash]] = [hashes + [TreeHash.empty]]
    for index in hashes.indices {
        for bit in 0..<256 {
            var changed = hashes
            changed[index] = flipped(hashes[index], bit)
            changes.append(changed)
        }
        var fewer = hashes
        fewer.remove(at: index)
        changes.append(fewer)
        changes.append(Array(hashes[...index]) + Array(hashes[index...]))
        guard index > 0 else { continue }
        var exchanged = hashes
        exchanged.swapAt(index, index - 1)
        changes.append(exchanged)
    }
    return changes
}
