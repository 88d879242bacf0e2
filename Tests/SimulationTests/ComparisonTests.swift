import CRDT
import SeededRandom
@testable import Sync
import Testing
import Wire

/// How two sides find the scopes that differ, whatever they hold (SYNC-9).
@Suite("Comparing scopes")
struct ComparisonTests {
    private static let key = [UInt8](repeating: 7, count: 64)

    /// What a comparison came to.
    private struct Course {
        var differing: Set<Scope> = []
        var exchanges = 0
        var bytes = 0
        var largest = 0
        var mostRanges = 0
    }

    /// Lets two sides answer each other until one says that nothing is left.
    private func compare(_ one: SharedScopes, _ other: SharedScopes) throws -> Course {
        var course = Course()
        var ranges = one.opening(key: Self.key)
        while true {
            let bytes = Frame.ranges(round: 1, ranges).encoded()
            course.exchanges += 1
            course.bytes += bytes.count
            course.largest = max(course.largest, bytes.count)
            course.mostRanges = max(course.mostRanges, ranges.count)
            try #require(course.exchanges < 1_000)
            try #require(bytes.count <= Limits.frameBytesMax)
            guard case .ranges(_, let read) = try Frame(decoding: bytes), !read.isEmpty
            else { break }
            let side = course.exchanges.isMultiple(of: 2) ? one : other
            let comparison = try #require(side.compare(read, key: Self.key))
            course.differing.formUnion(comparison.differing)
            ranges = comparison.answer
        }
        return course
    }

    private static func scopes(_ count: Int, seed: UInt64) -> [Scope] {
        var random = SplitMix64(seed: seed)
        var scopes: Set<Scope> = []
        while scopes.count < count {
            scopes.insert(.subject(ID(high: random.next(), low: random.next())))
        }
        return scopes.sorted()
    }

    private static func side(
        _ scopes: [Scope],
        sharing others: [Scope] = [],
        marking mark: (Int) -> UInt8 = { _ in 0 }
    ) -> SharedScopes {
        var entries = scopes.enumerated().map { index, scope in
            SharedScopes.Entry(scope: scope, mark: Hash(of: [mark(index)]))
        }
        entries += others.map { SharedScopes.Entry(scope: $0, mark: nil) }
        return SharedScopes(entries.sorted { $0.scope < $1.scope })
    }

    /// What each side would ask about, and how many frames that took.
    private func check(
        _ one: SharedScopes,
        _ other: SharedScopes,
        in exchanges: Int,
        _ name: String
    ) throws {
        let course = try compare(one, other)
        let left = Dictionary(uniqueKeysWithValues: one.entries.map { ($0.scope, $0.mark) })
        let right = Dictionary(uniqueKeysWithValues: other.entries.map { ($0.scope, $0.mark) })
        let all = Set(left.keys).union(right.keys)
        let expected = all.filter { (left[$0] ?? nil) != (right[$0] ?? nil) }
        #expect(course.differing == expected, "\(name)")
        #expect(course.exchanges <= exchanges, "\(name): \(course.exchanges)")
        #expect(course.mostRanges <= Limits.frameRangesMax, "\(name): \(course.mostRanges)")
    }

    @Test(
        "two sides of 10,000 scopes find all that differ, and nothing else, in few frames",
        arguments: [1, 2, 100, 10_000]
    )
    func marksDiffer(every step: Int) throws {
        let scopes = Self.scopes(10_000, seed: 1)
        let one = Self.side(scopes)
        try check(one, Self.side(scopes) { $0 % step == step / 2 ? 1 : 0 }, in: 5, "every \(step)")
        var random = SplitMix64(seed: UInt64(step))
        try check(one, Self.side(scopes) { _ in random.below(step) == 0 ? 1 : 0 }, in: 5, "random")
    }

    @Test("disjoint sides, an empty one, and a single scope", arguments: [0, 1, 16, 17, 10_000])
    func setsDiffer(count: Int) throws {
        let mine = Self.scopes(10_000, seed: 2)
        let theirs = Self.scopes(count, seed: 3)
        let one = Self.side(mine, sharing: theirs)
        let other = Self.side(theirs, sharing: mine)
        try check(one, other, in: 6, "10,000 and \(count)")
        try check(other, one, in: 6, "\(count) and 10,000")
        try check(other, other, in: 2, "\(count) alike")
        let none = Self.side([], sharing: theirs)
        try check(other, none, in: 5, "\(count) and none")
        try check(none, other, in: 5, "none and \(count)")
    }

    @Test("what lies thick here and thin there, and more than a frame can list, still ends")
    func skewed() throws {
        let low = (0..<10_000).map { Scope.subject(ID(high: 1, low: UInt64($0))) }
        let spread = Self.scopes(10_000, seed: 4)
        let one = Self.side(low, sharing: spread)
        let other = Self.side(spread, sharing: low)
        try check(one, other, in: 64, "thick and spread")
        try check(other, one, in: 64, "spread and thick")
        let many = Self.scopes(60_000, seed: 5)
        try check(Self.side(many), Self.side(many) { _ in 1 }, in: 64, "60,000 that all differ")
        try check(Self.side(many), Self.side(many) { UInt8($0 % 2) }, in: 64, "every second")
    }

    @Test("one scope of 10,000 costs a few frames of a few hundred bytes")
    func oneDiffers() throws {
        let scopes = Self.scopes(10_000, seed: 6)
        let course = try compare(Self.side(scopes), Self.side(scopes) { $0 == 4_321 ? 1 : 0 })
        #expect(course.differing == [scopes[4_321]])
        #expect(course.exchanges <= 5)
        #expect(course.bytes <= 1_300, "\(course.bytes)")
    }
}
