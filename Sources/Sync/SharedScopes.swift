import Bytes
public import CRDT
import Identity
import Wire

/// The scopes that a session is about, each with the mark of what this node holds of it.
///
/// A value of one moment: a round compares two of them, and what arrives meanwhile is for later.
///
/// - Invariant: Scopes are sorted and unique.
/// - Source: SYNC-2 to SYNC-4.
public struct SharedScopes: Hashable, Sendable {
    /// A scope that both sides may read.
    public struct Entry: Hashable, Sendable {
        public let scope: Scope
        /// The mark of what is held; nil if nothing is.
        public let mark: Hash?

        public init(scope: Scope, mark: Hash?) {
            self.scope = scope
            self.mark = mark
        }
    }

    public let entries: [Entry]
    /// Whether every scope is shared, listed or not, as between hubs.
    private let isOpen: Bool
    /// The entries of which something is held, with their scopes as bytes, for comparing bounds.
    let held: [(bytes: [UInt8], entry: Entry)]

    /// - Parameters:
    ///   - entries: Sorted by scope, unique.
    ///   - isOpen: Whether scopes that neither side has heard of are shared as well.
    public init(_ entries: [Entry], isOpen: Bool = false) {
        self.entries = entries
        self.isOpen = isOpen
        held = entries.filter { $0.mark != nil }.map { ($0.scope.bytes, $0) }
    }

    public func contains(_ scope: Scope) -> Bool {
        if isOpen { return true }
        let place = lowerBound(entries.count) { entries[$0].scope < scope }
        return place < entries.count && entries[place].scope == scope
    }

    public static func == (left: SharedScopes, right: SharedScopes) -> Bool {
        left.entries == right.entries && left.isOpen == right.isOpen
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(entries)
    }

    /// The first index below `count` at which `isBelow` is false.
    func lowerBound(_ count: Int, _ isBelow: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBelow(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

// MARK: - Digests

extension SharedScopes {
    /// What one side says of everything it shares, in sixteen bytes that cannot be echoed.
    ///
    /// - Parameters:
    ///   - role: The role of the side that says it.
    ///   - key: The handshake hash of the channel.
    ///   - authority: Number and hash of the last authority statement.
    /// - Returns: 16 bytes.
    /// - Source: SYNC-4.
    func summary(
        of role: Session.Role,
        key: [UInt8],
        authority: (number: UInt64, hash: Hash)
    ) -> [UInt8] {
        var writer = Writer(capacity: 64 + held.count * 49)
        writer.tag("gemba/summary/1")
        writer.u8(role.rawValue)
        writer.u64(authority.number)
        writer.raw(authority.hash.bytes)
        write(held.indices, to: &writer)
        return Blake2b.hash(writer.bytes, length: 16, key: key)
    }

    /// What this side holds in a range, in sixteen bytes.
    ///
    /// - Source: SYNC-4.
    func fingerprint(_ range: Range<Int>, key: [UInt8]) -> [UInt8] {
        var writer = Writer(capacity: 16 + range.count * 49)
        writer.tag("gemba/range/1")
        write(range, to: &writer)
        return Blake2b.hash(writer.bytes, length: 16, key: key)
    }

    private func write(_ range: Range<Int>, to writer: inout Writer) {
        for (bytes, entry) in held[range] {
            writer.raw(bytes)
            writer.raw(entry.mark?.bytes ?? [])
        }
    }
}
