import CRDT
import Domain
import SeededRandom
import Testing

@Suite("Vendor ratings")
struct VendorRatingTests {
    private typealias Entry = Stream<VendorRating>.Entry

    /// A rating at a time, which is also its name.
    private func entry(
        _ time: UInt64,
        quality: Int64? = nil,
        isOnTime: Bool? = nil,
        supersedes: [UInt64] = [],
        after: [UInt64] = []
    ) -> Entry {
        var rating = VendorRating(of: id(1))
        rating.quality = quality
        rating.isOnTime = isOnTime
        rating.supersedes = Set(supersedes.map(ratingID))
        return Stream.Entry(
            rating,
            rank: Rank(name(time), isPlausible: true),
            index: 0,
            after: after.map(name)
        )
    }

    private func name(_ time: UInt64) -> Name {
        Name(Stamp(HybridTime(milliseconds: time), id(7)), hash: time)
    }

    private func ratingID(_ time: UInt64) -> ID { ID(createdAt: name(time).stamp, index: 0) }

    @Test("AD-012: shares and means are folded from the ratings that count (DOM-164)")
    func metrics() {
        let metrics = VendorMetrics(
            Stream([
                entry(1, quality: 5, isOnTime: true), entry(2, quality: 4, isOnTime: false),
                entry(3, quality: 4, isOnTime: true),
            ])
        )

        #expect(metrics.counted.count == 3)
        #expect(metrics.qualityHundredths == 433)
        #expect(metrics.onTimeBasisPoints == 6_666)
        #expect(metrics.communicationHundredths == nil)
    }

    @Test("AD-011: a correction takes the place of the rating it names and saw (DOM-163)")
    func superseding() {
        let first = entry(1, quality: 1)

        let seen = VendorMetrics(
            Stream([first, entry(2, quality: 5, supersedes: [1], after: [1])])
        )
        let unseen = VendorMetrics(Stream([first, entry(2, quality: 5, supersedes: [1])]))

        #expect(seen.qualityHundredths == 500 && seen.counted == [ratingID(2)])
        #expect(unseen.counted == [ratingID(1), ratingID(2)])
    }

    @Test("AD-011: a rating without figures takes back what it replaces")
    func takenBack() {
        let metrics = VendorMetrics(
            Stream([entry(1, quality: 1), entry(2, supersedes: [1], after: [1])])
        )

        #expect(metrics.counted.isEmpty && metrics.qualityHundredths == nil)
    }

    @Test("two corrections beside each other are a conflict, and the greater rank counts")
    func beside() {
        let metrics = VendorMetrics(
            Stream([
                entry(1, quality: 1), entry(2, quality: 2, supersedes: [1], after: [1]),
                entry(3, quality: 3, supersedes: [1], after: [1]),
            ])
        )

        #expect(metrics.counted == [ratingID(3)])
        #expect(metrics.conflicts == [ratingID(2), ratingID(3)])
    }

    @Test("AD-011: figures are 1 to 5, and a rating says something or replaces (DOM-161)")
    func rules() throws {
        var rating = VendorRating(of: id(1))
        let empty = #expect(throws: RuleFault.self) { try rating.check() }
        rating.quality = 6
        let large = #expect(throws: RuleFault.self) { try rating.check() }
        rating.quality = 5
        try rating.check()

        #expect(empty?.code == .empty && large?.code == .outOfRange)
        let forged = Fields([VendorRating.qualityField: .integer(99)])
        #expect(VendorRating(forged).quality == nil)
    }

    /// The rule of DOM-163, read aloud over sets of ids.
    private func naive(_ entries: [Entry]) -> (counted: Set<ID>, conflicts: Set<ID>) {
        let stream = Stream(entries)
        func replaces(_ later: Entry, _ earlier: Entry) -> Bool {
            later.event.supersedes.contains(earlier.id) && stream.saw(later, earlier)
        }
        var groups = stream.entries.map { [$0] }
        while let (left, right) = pair(of: groups, where: replaces) {
            groups[left] += groups[right]
            groups.remove(at: right)
        }
        var result: (counted: Set<ID>, conflicts: Set<ID>) = ([], [])
        for group in groups {
            let standing = group.filter { entry in !group.contains { replaces($0, entry) } }
            if let last = standing.max(by: { $0.rank < $1.rank }), last.event.hasFigures {
                result.counted.insert(last.id)
            }
            if standing.count > 1 { result.conflicts.formUnion(standing.map(\.id)) }
        }
        return result
    }

    private func pair(
        of groups: [[Entry]],
        where replaces: (Entry, Entry) -> Bool
    ) -> (Int, Int)? {
        for left in groups.indices {
            for right in groups.indices.dropFirst(left + 1) {
                let areTied = groups[left].contains { one in
                    groups[right].contains { replaces(one, $0) || replaces($0, one) }
                }
                if areTied { return (left, right) }
            }
        }
        return nil
    }

    @Test("a second evaluator agrees on 500 random histories, in any order")
    func laws() {
        var random = SplitMix64(seed: 16)
        for _ in 0..<500 {
            let entries = (UInt64(1)...8).map { time in
                let earlier = (1..<time).filter { _ in random.next() % 2 == 0 }
                return entry(
                    time,
                    quality: random.next() % 4 == 0 ? nil : Int64(random.next() % 5) + 1,
                    supersedes: earlier.filter { _ in random.next() % 3 == 0 },
                    after: earlier.filter { _ in random.next() % 2 == 0 }
                )
            }
            let metrics = VendorMetrics(Stream(entries.shuffled(using: &random)))
            let expected = naive(entries)
            #expect(Set(metrics.counted) == expected.counted)
            #expect(Set(metrics.conflicts) == expected.conflicts)
        }
    }
}
