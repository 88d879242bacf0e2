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
    /// The entries of which something is held, with their scopes as bytes, for comparing bounds.
    private let held: [(bytes: [UInt8], entry: Entry)]

    /// - Parameter entries: Sorted by scope, unique.
    public init(_ entries: [Entry]) {
        self.entries = entries
        held = entries.filter { $0.mark != nil }.map { ($0.scope.bytes, $0) }
    }

    public func contains(_ scope: Scope) -> Bool {
        let place = lowerBound(entries.count) { entries[$0].scope < scope }
        return place < entries.count && entries[place].scope == scope
    }

    public static func == (left: SharedScopes, right: SharedScopes) -> Bool {
        left.entries == right.entries
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(entries)
    }

    /// The first index below `count` at which `isBelow` is false.
    private func lowerBound(_ count: Int, _ isBelow: (Int) -> Bool) -> Int {
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

    private func fingerprint(_ range: Range<Int>, key: [UInt8]) -> [UInt8] {
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

// MARK: - Range comparison

extension SharedScopes {
    /// What follows from the ranges that the peer sent.
    struct Comparison: Hashable {
        /// The ranges to answer with; empty when nothing is left to compare.
        var answer: [Frame.ScopeRange] = []
        /// The scopes of which the two sides hold different things.
        var differing: [Scope] = []
    }

    /// How many ranges a range is split into, and how many scopes are listed rather than split.
    private static let fanOut = 16

    /// The ranges that open a comparison: all there is.
    func opening(key: [UInt8]) -> [Frame.ScopeRange] {
        var builder = RangeBuilder()
        split(held.indices, upTo: [], key: key, into: &builder)
        return builder.finish()
    }

    /// Compares the peer's ranges with what is here.
    ///
    /// - Returns: nil if the ranges do not cover the scopes in order.
    /// - Source: SYNC-9; Meyer, Range-Based Set Reconciliation, 2023.
    func compare(_ ranges: [Frame.ScopeRange], key: [UInt8]) -> Comparison? {
        guard !ranges.isEmpty, ranges.last?.upperBound.isEmpty == true else { return nil }
        var comparison = Comparison()
        var builder = RangeBuilder()
        var start = 0
        var lower: [UInt8] = []
        for (index, range) in ranges.enumerated() {
            let isLast = index == ranges.count - 1
            guard range.upperBound.isEmpty == isLast else { return nil }
            guard isLast || lower.lexicographicallyPrecedes(range.upperBound) else { return nil }
            let end = isLast ? held.count : place(of: range.upperBound, from: start)
            switch range.content {
            case .nothing:
                builder.skip(to: range.upperBound)
            case .fingerprint(let theirs):
                if theirs == fingerprint(start..<end, key: key) {
                    builder.skip(to: range.upperBound)
                } else {
                    split(start..<end, upTo: range.upperBound, key: key, into: &builder)
                }
            case .list(let items):
                comparison.differing += differences(start..<end, items)
                builder.skip(to: range.upperBound)
            }
            start = end
            lower = range.upperBound
        }
        comparison.answer = builder.finish()
        return comparison
    }

    private func place(of bound: [UInt8], from start: Int) -> Int {
        start
            + lowerBound(held.count - start) {
                held[start + $0].bytes.lexicographicallyPrecedes(bound)
            }
    }

    private func split(
        _ range: Range<Int>,
        upTo bound: [UInt8],
        key: [UInt8],
        into builder: inout RangeBuilder
    ) {
        guard range.count > Self.fanOut else {
            let items = held[range].map { item in
                Frame.ScopeRange.Item(
                    scope: item.entry.scope,
                    mark: (item.entry.mark ?? .zero).shortened
                )
            }
            builder.say(.list(items), upTo: bound)
            return
        }
        for part in 0..<Self.fanOut {
            let low = range.lowerBound + range.count * part / Self.fanOut
            let high = range.lowerBound + range.count * (part + 1) / Self.fanOut
            let upper = part == Self.fanOut - 1 ? bound : separator(before: high)
            builder.say(.fingerprint(fingerprint(low..<high, key: key)), upTo: upper)
        }
    }

    /// The shortest bytes that lie above the scope before `index` and not above the one at it.
    private func separator(before index: Int) -> [UInt8] {
        let below = held[index - 1].bytes
        let above = held[index].bytes
        let common = zip(below, above).prefix { $0 == $1 }.count
        return Array(above.prefix(common + 1))
    }

    private func differences(_ range: Range<Int>, _ items: [Frame.ScopeRange.Item]) -> [Scope] {
        var theirs: [Scope: ID] = [:]
        for item in items {
            theirs[item.scope] = item.mark
        }
        var differing: [Scope] = []
        for (_, entry) in held[range] {
            let mark = theirs.removeValue(forKey: entry.scope)
            if mark != entry.mark?.shortened { differing.append(entry.scope) }
        }
        return differing + theirs.keys.filter(contains).sorted()
    }
}

extension Hash {
    /// The first sixteen bytes: enough for a mark inside a session.
    fileprivate var shortened: ID { ID(bytes.prefix(16)) ?? .zero }
}

/// Joins ranges that follow each other, so that stretches with nothing to say cost one entry.
private struct RangeBuilder {
    private var ranges: [Frame.ScopeRange] = []
    private var skippedTo: [UInt8]?
    private var hasContent = false

    mutating func skip(to bound: [UInt8]) {
        skippedTo = bound
    }

    mutating func say(_ content: Frame.ScopeRange.Content, upTo bound: [UInt8]) {
        if let skipped = skippedTo {
            ranges.append(Frame.ScopeRange(upperBound: skipped, content: .nothing))
            skippedTo = nil
        }
        ranges.append(Frame.ScopeRange(upperBound: bound, content: content))
        hasContent = true
    }

    /// The ranges; none if there is nothing to say at all.
    func finish() -> [Frame.ScopeRange] {
        guard hasContent else { return [] }
        guard let skipped = skippedTo else { return ranges }
        return ranges + [Frame.ScopeRange(upperBound: skipped, content: .nothing)]
    }
}
