public import CRDT
import Domain
import Wire

/// What a scope holds, in numbers: what retention asks of it.
public struct ScopeCensus: Hashable, Sendable {
    /// Records and events, by the number of their entity.
    public var counts: [UInt32: Int64] = [:]
    public var changes: UInt64 = 0
    /// The first stamp and the last, milliseconds since 1970.
    public var times: ClosedRange<UInt64> = 0...0
    /// The time by which a hub last had something new of it; nil: none has said so.
    public var lastReceived: UInt64?
    /// Changes of devices that no receipt covers.
    public var unreceipted: UInt64 = 0
    /// Changes that wait for a ruling, or are ruled on and not here.
    public var undecided: Int = 0
    /// Operations of a newer version.
    public var notUnderstood: Int64 = 0
    /// Fields in conflict.
    public var conflicts: Int64 = 0
    public var frontier = Frontier()
}

extension View {
    /// Counts what a scope holds; nil if nothing of it is held.
    ///
    /// - Complexity: The rows of the scope's records and events; of changes, two a feed.
    public func census(of scope: Scope) throws(StorageError) -> ScopeCensus? {
        guard let number = try connection.number(of: scope) else { return nil }
        var census = ScopeCensus()
        for table in ["record", "event"] {
            try connection.prepare(
                "SELECT entity, count(*) FROM \(table) WHERE scope = ? GROUP BY entity"
            )
            .bind(number)
            .forEach { row in
                census.counts[UInt32(clamping: row.integer(0)), default: 0] += row.integer(1)
                return true
            }
        }
        census.frontier = try connection.frontier(of: number)
        guard !census.frontier.isEmpty else { return nil }
        try measure(number, into: &census)
        census.notUnderstood = try count("aside", where: Self.newer, number)
        census.conflicts = try count("conflict", where: "1", number)
        let standing = try connection.standing(of: number)
        census.undecided =
            standing.changes.values.count { $0.ruling == .quarantined } + standing.awaited.count
        return census
    }

    /// The reasons of what a newer version may understand.
    private static let newer =
        "reason IN ('\(Uncounted.unknownOperation.rawValue)', "
        + "'\(Uncounted.unknownEntity.rawValue)', '\(Folder.partial)')"

    private func count(
        _ table: String,
        where condition: String,
        _ scope: Int64
    ) throws(StorageError) -> Int64 {
        try connection.prepare("SELECT count(*) FROM \(table) WHERE scope = ? AND \(condition)")
            .bind(scope).first { $0.integer(0) } ?? 0
    }

    /// Times, and what receipts cover, feed by feed.
    private func measure(
        _ scope: Int64,
        into census: inout ScopeCensus
    ) throws(StorageError) {
        var receipted: [ID: UInt64] = [:]
        var last: UInt64?
        try connection.prepare("SELECT replica, sequence, time FROM receipt WHERE scope = ?")
            .bind(scope)
            .forEach { row in
                let replica = row.id(0) ?? .zero
                receipted[replica] = max(receipted[replica] ?? 0, row.bits(1))
                last = max(last ?? 0, row.bits(2))
                return true
            }
        var (first, end): (UInt64, UInt64) = (.max, 0)
        for replica in Set(census.frontier.tips.map(\.replica)) {
            guard let author = try connection.replica(replica) else { continue }
            for feed in try connection.feeds(author.number, in: scope) {
                let time = feed.tip.time.milliseconds
                end = max(end, time)
                census.changes += feed.tip.sequence
                if author.isHub { last = max(last ?? 0, time) }
                let covered = receipted[replica] ?? 0
                if !author.isHub, covered < feed.tip.sequence {
                    census.unreceipted += feed.tip.sequence - covered
                }
            }
            for change in try connection.changes(of: author.number, at: 1, in: scope) {
                let body = try connection.change(at: change.position, in: scope).body()
                first = min(first, body?.time.milliseconds ?? .max)
            }
        }
        census.times = min(first, end)...end
        census.lastReceived = last
    }
}
