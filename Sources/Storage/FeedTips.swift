import Bytes
import CRDT
import Wire

/// A feed of one scope, or a branch of it, and where it stands.
struct Feed {
    let branch: Hash
    let tip: FeedTip
}

extension Connection {
    /// Where the feeds of a replica in a scope stand: one, or one a branch; none before its first
    /// change.
    func feeds(_ replica: Int64, in scope: Int64) throws(StorageError) -> [Feed] {
        let sql = """
            SELECT branch, sequence, hash, time, authority FROM feed
            WHERE scope = ? AND replica = ? ORDER BY branch
            """
        let feeds = try prepare(sql).bind(scope).bind(replica).all { row in
            Feed(
                branch: row.hash(0) ?? .zero,
                tip: FeedTip(
                    sequence: row.bits(1),
                    hash: row.hash(2) ?? .zero,
                    time: HybridTime(raw: row.bits(3)),
                    authority: row.bits(4)
                )
            )
        }
        guard feeds.count == 1, let feed = feeds.first, feed.branch == .zero,
            let tip = try tail(of: replica, after: feed.tip.sequence, in: scope)
        else { return feeds }
        return [Feed(branch: .zero, tip: tip)]
    }

    /// The last change by which a feed has grown since its row was written: of a scope, a replica,
    /// after a sequence.
    private static let grown = """
        WHERE scope = ? AND replica = ? AND sequence > ? ORDER BY sequence DESC LIMIT 1
        """

    /// Where a feed stands that has grown since its row was written, change by change.
    ///
    /// An action writes its change and not the feed's row: one page less for the disk.
    private func tail(
        of replica: Int64,
        after sequence: UInt64,
        in scope: Int64
    ) throws(StorageError) -> FeedTip? {
        let row = try prepare("SELECT \(Self.changeColumns) \(Self.grown)").bind(scope).bind(
            replica
        ).bind(Int64(clamping: sequence))
            .first(Self.readRow)
        guard let row else { return nil }
        let change = try logged(row)
        guard let body = try change.body() else {
            throw StorageError(.damaged, "the tip of replica \(replica) in scope \(scope)")
        }
        return FeedTip(
            sequence: change.sequence,
            hash: change.hash,
            time: body.time,
            authority: body.authority
        )
    }

    /// The last stamp of a replica in any scope; zero before its first.
    func lastTime(of replica: Int64) throws(StorageError) -> HybridTime {
        let scopes = try prepare("SELECT DISTINCT scope FROM feed WHERE replica = ?").bind(replica)
            .all { $0.integer(0) }
        // Of scopes that were dropped the last stamps are still known (RET-8).
        let left = try prepare("SELECT ifnull(max(time), 0) FROM left_feed WHERE replica = ?")
            .bind(replica).first { $0.bits(0) }
        var last = HybridTime(raw: left ?? 0)
        for scope in scopes {
            for feed in try feeds(replica, in: scope) { last = max(last, feed.tip.time) }
        }
        return last
    }

    func setFeed(_ feed: Feed, of replica: Int64, in scope: Int64) throws(StorageError) {
        try prepare(
            """
            INSERT INTO feed (scope, replica, branch, sequence, hash, time, authority)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash,
                time = excluded.time, authority = excluded.authority
            """
        )
        .bind(scope).bind(replica).bind(feed.branch).bind(bits: feed.tip.sequence)
        .bind(feed.tip.hash).bind(bits: feed.tip.time.raw).bind(bits: feed.tip.authority)
        .run()
    }

    func removeFeeds(of replica: Int64, in scope: Int64) throws(StorageError) {
        try prepare("DELETE FROM feed WHERE scope = ? AND replica = ?")
            .bind(scope).bind(replica).run()
    }

    /// What is held of a scope: the tips of all its feeds.
    func frontier(of scope: Int64) throws(StorageError) -> Frontier {
        let rows = try prepare("SELECT replica, branch, sequence, hash FROM feed WHERE scope = ?")
            .bind(scope)
            .all { ($0.integer(0), $0.hash(1) ?? .zero, $0.bits(2), $0.hash(3) ?? .zero) }
        let tail = "SELECT sequence, hash FROM change \(Self.grown)"
        var tips: [Frontier.Tip] = []
        for (replica, branch, sequence, hash) in rows {
            var end = (sequence, hash)
            if branch == .zero {
                let grown = try prepare(tail)
                    .bind(scope).bind(replica).bind(Int64(clamping: sequence))
                    .first { ($0.bits(0), $0.hash(1) ?? .zero) }
                end = grown ?? end
            }
            tips.append(
                Frontier.Tip(
                    replica: try self.replica(numbered: replica).id,
                    branch: branch,
                    sequence: end.0,
                    hash: end.1
                )
            )
        }
        return Frontier(tips)
    }
}
