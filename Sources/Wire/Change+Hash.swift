import Bytes
public import CRDT

// What names a change, and what its author signs (CHG-9, 10, 12).

extension Change {
    /// Puts a body in its place and computes the hash that names it there.
    public init(feed: Feed, sequence: UInt64, previous: Hash, body: [UInt8]) {
        var writer = Writer(capacity: 112 + body.count)
        writer.tag("gemba/change/1")
        writer.feed(feed)
        writer.u64(sequence)
        writer.hash(previous)
        writer.raw(body)
        self.init(
            feed: feed,
            sequence: sequence,
            previous: previous,
            body: body,
            trusting: Hash(of: writer.bytes)
        )
    }

    /// What the first change of a feed links to, by the hash of the replica statement.
    public static func beginning(of feed: Feed, statement: Hash) -> Hash {
        var writer = Writer(capacity: 96)
        writer.tag("gemba/feed/1")
        writer.feed(feed)
        writer.hash(statement)
        return Hash(of: writer.bytes)
    }

    /// The 101 bytes that the signature at the end of a run covers.
    ///
    /// Sequence and hash are those of the last change of the run.
    public static func signedBytes(feed: Feed, sequence: UInt64, hash: Hash) -> [UInt8] {
        var writer = Writer(capacity: 101)
        writer.tag("gemba/run/1")
        writer.feed(feed)
        writer.u64(sequence)
        writer.hash(hash)
        return writer.bytes
    }
}

extension FeedTip {
    /// Where a feed stands that has no change yet, by the hash of the replica statement.
    public static func beginning(of feed: Change.Feed, statement: Hash) -> FeedTip {
        FeedTip(
            sequence: 0,
            hash: Change.beginning(of: feed, statement: statement),
            time: .zero,
            authority: 0
        )
    }
}

extension Writer {
    fileprivate mutating func feed(_ feed: Change.Feed) {
        id(feed.tenant)
        scope(feed.scope)
        id(feed.replica)
    }
}
