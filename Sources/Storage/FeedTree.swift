import CRDT
import Wire

/// The changes of a cloned replica in one scope: a tree, each branch of which is a feed (CHG-13).
///
/// Built only for replicas with a fork, which are rare and small.
struct FeedTree {
    private let parents: [Hash: Hash]
    private let sequences: [Hash: UInt64]
    private let children: [Hash: [Hash]]

    /// - Parameter changes: All changes of the replica, each with the hash it links to.
    init(_ changes: [(hash: Hash, previous: Hash, sequence: UInt64)]) {
        var children: [Hash: [Hash]] = [:]
        var parents: [Hash: Hash] = [:]
        var sequences: [Hash: UInt64] = [:]
        for change in changes where parents[change.hash] == nil {
            parents[change.hash] = change.previous
            sequences[change.hash] = change.sequence
            children[change.previous, default: []].append(change.hash)
        }
        self.parents = parents
        self.sequences = sequences
        self.children = children
    }

    /// The last changes of all branches, each with the first change after its last fork.
    var tips: [(branch: Hash, hash: Hash)] {
        parents.keys.filter { children[$0] == nil }.sorted().map { (branch(of: $0), $0) }
    }

    private func branch(of tip: Hash) -> Hash {
        var current = tip
        while let parent = parents[current] {
            if (children[parent]?.count ?? 0) > 1 { return current }
            current = parent
        }
        return .zero
    }

    /// A change and all before it; empty for one that is not held.
    func line(to tip: Hash) -> Set<Hash> {
        var line: Set<Hash> = []
        var current = tip
        while let parent = parents[current], line.insert(current).inserted { current = parent }
        return line
    }
}

extension Connection {
    /// Whether a replica has branches in a scope.
    func isBranched(_ replica: Int64, in scope: Int64) throws(StorageError) -> Bool {
        let feeds = try feeds(replica, in: scope)
        return feeds.contains { $0.branch != .zero }
    }

    /// The tree of a replica that has branches.
    func tree(_ replica: Int64, in scope: Int64) throws(StorageError) -> FeedTree {
        FeedTree(
            try changes(of: replica, in: scope).map { ($0.hash, $0.previous ?? .zero, $0.sequence) }
        )
    }

    /// Prepares a line for a second branch: from now on every change says what it links to.
    ///
    /// The beginning is what the first change of the feed links to.
    func keepPrevious(
        of replica: Int64,
        in scope: Int64,
        beginning: Hash
    ) throws(StorageError) {
        try dissolveBlocks(of: replica, in: scope)
        var previous = beginning
        for change in try changes(of: replica, in: scope) where change.previous == nil {
            try prepare("UPDATE change SET previous = ? WHERE scope = ? AND position = ?")
                .bind(previous).bind(scope).bind(change.position).run()
            previous = change.hash
        }
    }

    /// Writes the tips of a replica anew, from its tree.
    func renewFeeds(of replica: Int64, in scope: Int64) throws(StorageError) {
        let changes = try changes(of: replica, in: scope)
        let byHash = Dictionary(changes.map { ($0.hash, $0) }) { first, _ in first }
        try removeFeeds(of: replica, in: scope)
        for (branch, hash) in try tree(replica, in: scope).tips {
            guard let tip = try tip(at: hash, byHash) else { continue }
            try setFeed(Feed(branch: branch, tip: tip), of: replica, in: scope)
        }
    }

    /// Where a feed stands after a held change; time and authority are those of the last body that
    /// is readable here.
    func tip(
        at hash: Hash,
        _ changes: [Hash: LoggedChange]
    ) throws(StorageError) -> FeedTip? {
        guard let last = changes[hash] else { return nil }
        var current: LoggedChange? = last
        while let change = current {
            if let body = try change.body() {
                return FeedTip(
                    sequence: last.sequence,
                    hash: hash,
                    time: body.time,
                    authority: body.authority
                )
            }
            current = change.previous.flatMap { changes[$0] }
        }
        return FeedTip(sequence: last.sequence, hash: hash, time: .zero, authority: 0)
    }
}
