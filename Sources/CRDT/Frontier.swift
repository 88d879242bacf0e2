/// What a store holds of one scope: the last change of each feed.
///
/// Feeds are dense and hash-linked, so a few bytes a replica say everything. A replica that was
/// cloned has several tips, one a branch.
///
/// - Invariant: 1. Tips are sorted and unique by (replica, branch). 2. The branch of a replica
///   with one tip is zero.
/// - Source: SYNC-5.
public struct Frontier: Hashable, Sendable {
    /// The last change of a feed.
    public struct Tip: Hashable, Comparable, Sendable {
        public let replica: ID
        /// The hash of the first change after the last fork below this tip; zero without a fork.
        public let branch: Hash
        /// The sequence number of the last change, from 1.
        public let sequence: UInt64
        /// Its hash.
        public let hash: Hash

        public init(replica: ID, branch: Hash = .zero, sequence: UInt64, hash: Hash) {
            self.replica = replica
            self.branch = branch
            self.sequence = sequence
            self.hash = hash
        }

        public static func < (left: Tip, right: Tip) -> Bool {
            (left.replica, left.branch, left.sequence, left.hash)
                < (right.replica, right.branch, right.sequence, right.hash)
        }
    }

    /// The tips, sorted.
    public let tips: [Tip]

    /// Takes tips in any order; of two for one feed the greater stands.
    public init(_ tips: some Sequence<Tip> = []) {
        var feeds: [FeedKey: Tip] = [:]
        for tip in tips {
            let key = FeedKey(replica: tip.replica, branch: tip.branch)
            feeds[key] = max(feeds[key] ?? tip, tip)
        }
        self.tips = feeds.values.sorted()
    }

    public var isEmpty: Bool { tips.isEmpty }

    /// The tips of one replica: one, or one for each branch.
    public func tips(of replica: ID) -> [Tip] {
        tips.filter { $0.replica == replica }
    }

    private struct FeedKey: Hashable {
        let replica: ID
        let branch: Hash
    }
}
