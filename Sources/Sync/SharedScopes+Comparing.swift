import CRDT
import Wire

// Which scopes differ, found in few frames (SYNC-9; Meyer, Range-Based Set Reconciliation, 2023).
//
// A frame holds at most 256 ranges, and at most 546 KiB if each lists 64 scopes: the limit of a
// frame is never met.
//
// How many frames it takes: the first fifteen ranges that differ are always answered in full
// (15 × (one of mode 0 before it + 16) + one for the rest = 256). A range that is answered in full
// is listed, which settles it, or split, so that with two answers what either side holds in the
// foremost range falls to a sixteenth or to 32. So of n scopes the foremost range is settled after
// at most 2 log₁₆ n + 4 frames, whatever is joined behind it, and the comparison ends. Where at
// most 256 ranges of at most 64 scopes are open nothing is joined at all: up to 16,384 scopes that
// lie alike on both sides take three frames and the empty one.

extension SharedScopes {
    /// What follows from the ranges that the peer sent.
    struct Comparison: Hashable {
        /// The ranges to answer with; empty when nothing is left to compare.
        var answer: [Frame.ScopeRange] = []
        /// The scopes of which the two sides hold different things.
        var differing: [Scope] = []
    }

    /// A range of the peer's, as it lies here.
    private struct Stretch {
        /// The places of what is held in it.
        let own: Range<Int>
        let upperBound: [UInt8]
        let content: Frame.ScopeRange.Content
        /// Whether there is something to say about it.
        var isOpen = false
    }

    /// How many ranges a range is split into.
    private static let fanOut = 16
    /// How many scopes are listed rather than split, as long as there is room for all.
    private static let listedAtMost = 16
    /// How many scopes a part has where there is not: so few that the peer may list them.
    private static let crowdedPart = 32

    /// The ranges that open a comparison: all there is.
    func opening(key: [UInt8]) -> [Frame.ScopeRange] {
        var builder = RangeBuilder()
        tell(held.indices, upTo: [], listing: Self.listedAtMost, key: key, into: &builder)
        return builder.finish()
    }

    /// Compares the peer's ranges with what is here.
    ///
    /// - Returns: nil if the ranges do not cover the scopes in order.
    /// - Source: SYNC-9.
    func compare(_ ranges: [Frame.ScopeRange], key: [UInt8]) -> Comparison? {
        guard var stretches = stretches(ranges) else { return nil }
        var comparison = Comparison()
        for (index, stretch) in stretches.enumerated() {
            switch stretch.content {
            case .nothing: break
            case .fingerprint(let theirs):
                stretches[index].isOpen = theirs != fingerprint(stretch.own, key: key)
            case .list(let items):
                comparison.differing += differences(stretch.own, items)
            }
        }
        comparison.answer = answer(to: stretches, key: key)
        return comparison
    }

    /// Finds the places of ranges that must rise and end at the end.
    private func stretches(_ ranges: [Frame.ScopeRange]) -> [Stretch]? {
        guard ranges.last?.upperBound.isEmpty == true else { return nil }
        var stretches: [Stretch] = []
        var start = 0
        var lower: [UInt8] = []
        for range in ranges.dropLast() {
            guard lower.lexicographicallyPrecedes(range.upperBound) else { return nil }
            let end = place(of: range.upperBound, from: start)
            stretches.append(
                Stretch(own: start..<end, upperBound: range.upperBound, content: range.content)
            )
            start = end
            lower = range.upperBound
        }
        let last = ranges[ranges.count - 1].content
        return stretches + [Stretch(own: start..<held.count, upperBound: [], content: last)]
    }

    private func place(of bound: [UInt8], from start: Int) -> Int {
        start
            + lowerBound(held.count - start) {
                held[start + $0].bytes.lexicographicallyPrecedes(bound)
            }
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

// MARK: - Answering

extension SharedScopes {
    /// Lists and splits the open stretches in order; what finds no room is joined into one range,
    /// for the peer to split.
    private func answer(to stretches: [Stretch], key: [UInt8]) -> [Frame.ScopeRange] {
        var builder = RangeBuilder()
        var said = 0
        let listed = hasRoom(forAll: stretches) ? Self.listedAtMost : Limits.rangeItemsMax
        for (index, stretch) in stretches.enumerated() {
            guard stretch.isOpen else {
                builder.skip(to: stretch.upperBound)
                continue
            }
            let rest = index == stretches.count - 1 ? 0 : 1
            let count = Self.parts(of: stretch.own.count, listing: listed)
            guard builder.count + count + rest <= Limits.frameRangesMax else {
                builder.sayRest(.fingerprint(fingerprint(said..<held.count, key: key)))
                break
            }
            tell(stretch.own, upTo: stretch.upperBound, listing: listed, key: key, into: &builder)
            said = stretch.own.upperBound
        }
        return builder.finish()
    }

    /// Whether a frame holds the answer to all if only short lists are made.
    private func hasRoom(forAll stretches: [Stretch]) -> Bool {
        var count = 0
        var isSkipping = false
        for stretch in stretches {
            if stretch.isOpen {
                count += Self.parts(of: stretch.own.count, listing: Self.listedAtMost)
            } else if !isSkipping {
                count += 1
            }
            isSkipping = !stretch.isOpen
        }
        return count <= Limits.frameRangesMax
    }

    private static func parts(of count: Int, listing most: Int) -> Int {
        guard count > most else { return 1 }
        return most == listedAtMost ? fanOut : min(fanOut, (count - 1) / crowdedPart + 1)
    }

    private func tell(
        _ range: Range<Int>,
        upTo bound: [UInt8],
        listing most: Int,
        key: [UInt8],
        into builder: inout RangeBuilder
    ) {
        let count = Self.parts(of: range.count, listing: most)
        guard count > 1 else {
            let items = held[range].map { item in
                Frame.ScopeRange.Item(
                    scope: item.entry.scope,
                    mark: (item.entry.mark ?? .zero).shortened
                )
            }
            builder.say(.list(items), upTo: bound)
            return
        }
        for part in 0..<count {
            let low = range.lowerBound + range.count * part / count
            let high = range.lowerBound + range.count * (part + 1) / count
            let upper = part == count - 1 ? bound : separator(before: high)
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
}

extension Hash {
    /// The first sixteen bytes: enough for a mark inside a session.
    fileprivate var shortened: ID { ID(bytes.prefix(16)) ?? .zero }
}

/// Joins ranges that follow each other, so that stretches with nothing to say cost one entry.
private struct RangeBuilder {
    private var ranges: [Frame.ScopeRange] = []
    private var skippedTo: [UInt8]?

    /// How many ranges there are, with the one that is being skipped.
    var count: Int { ranges.count + (skippedTo == nil ? 0 : 1) }

    mutating func skip(to bound: [UInt8]) {
        skippedTo = bound
    }

    mutating func say(_ content: Frame.ScopeRange.Content, upTo bound: [UInt8]) {
        if let skipped = skippedTo {
            ranges.append(Frame.ScopeRange(upperBound: skipped, content: .nothing))
            skippedTo = nil
        }
        ranges.append(Frame.ScopeRange(upperBound: bound, content: content))
    }

    /// Says one thing of all that was not said yet, and of what was skipped last.
    mutating func sayRest(_ content: Frame.ScopeRange.Content) {
        skippedTo = nil
        say(content, upTo: [])
    }

    /// The ranges; none if there is nothing to say at all.
    func finish() -> [Frame.ScopeRange] {
        guard !ranges.isEmpty, let skipped = skippedTo else { return ranges }
        return ranges + [Frame.ScopeRange(upperBound: skipped, content: .nothing)]
    }
}
