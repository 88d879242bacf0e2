import CRDT
import Domain
import Testing

/// What statements of hubs cut off, and when writes rank (CHG-20 to CHG-24, MERGE-14).
@Suite("Effectiveness of changes")
struct EffectivenessTests {
    private static let hub = ID(high: 1, low: 1)
    private static let second = ID(high: 2, low: 2)
    private static let station = ID(high: 4, low: 4)
    private static let first = Hash(words: (1, 1, 1, 1))

    private static func point(_ replica: ID, _ sequence: UInt64) -> FeedPoint {
        let hash = Hash(words: (replica.high, sequence, 0, 0))
        return FeedPoint(replica: replica, sequence: sequence, hash: hash)
    }

    private func effectiveness(_ scope: NaiveCuts) -> Effectiveness {
        Effectiveness(
            revocations: scope.revocations,
            cutOffs: scope.cutOffs,
            receipts: { scope.receipts },
            clockVerdicts: scope.clocks,
            line: scope.line
        )
    }

    @Test("10,000 random scopes, shuffled, agree with a naive evaluation")
    func laws() {
        var (cut, ruled) = (0, 0)
        for seed in 1...10_000 as ClosedRange<UInt64> {
            var scope = NaiveCuts(seed: seed)
            let straight = effectiveness(scope)
            scope.revocations.reverse()
            scope.cutOffs.reverse()
            scope.receipts.reverse()
            scope.clocks.reverse()
            let reversed = effectiveness(scope)
            for point in scope.points {
                let (isCut, time) = (scope.isCut(point), scope.time(of: point))
                guard straight.isCut(point) == isCut, reversed.isCut(point) == isCut,
                    straight.time(of: point) == time, reversed.time(of: point) == time,
                    !isCut || point.sequence > straight.uncut(of: point.replica)
                else {
                    Issue.record("seed \(seed): \(point)")
                    return
                }
                cut += isCut ? 1 : 0
                ruled += time == nil ? 0 : 1
            }
        }
        #expect(cut > 5_000 && ruled > 5_000)
    }

    @Test("a cut-off keeps what is it or before it, and receipts stand in while there is none")
    func standIn() {
        var scope = NaiveCuts()
        for sequence in 1...4 as ClosedRange<UInt64> {
            for replica in [Self.hub, Self.station] {
                let point = Self.point(replica, sequence)
                let before = Self.point(replica, sequence - 1).hash
                scope.nodes[point.hash] = NaiveCuts.Node(point: point, previous: before)
            }
        }
        let points = (1...4).map { Self.point(Self.station, $0) }
        func cut() -> [Bool] { points.map(effectiveness(scope).isCut) }
        #expect(cut() == [false, false, false, false])
        scope.revocations = [
            Revocation(number: 9, hash: Self.first, replicas: [Self.station: false])
        ]
        #expect(cut() == [true, true, true, true])
        let author = Self.point(Self.hub, 1)
        scope.receipts = [Stated(Receipt([points[2]], milliseconds: 5), by: author)]
        #expect(cut() == [false, false, false, true])
        scope.cutOffs = [Stated(CutOff(Self.first, after: points[1]), by: author)]
        #expect(cut() == [false, false, true, true])
        scope.cutOffs.append(Stated(CutOff(Self.first, after: points[3]), by: author))
        #expect(cut() == [false, false, false, false], "a hub extends a cut-off by another")
    }

    @Test("a hub that was revoked first says nothing about who revoked it")
    func revokedHub() {
        var scope = NaiveCuts()
        scope.hubs = [Self.hub, Self.second]
        for replica in scope.hubs {
            let point = Self.point(replica, 1)
            scope.nodes[point.hash] = NaiveCuts.Node(point: point, previous: nil)
        }
        let (stolen, rightful) = (Self.point(Self.hub, 1), Self.point(Self.second, 1))
        let other = Hash(words: (2, 2, 2, 2))
        scope.revocations = [
            Revocation(number: 3, hash: Self.first, replicas: [Self.hub: true]),
            Revocation(number: 4, hash: other, replicas: [Self.second: true]),
        ]
        func nothing(of replica: ID) -> FeedPoint {
            FeedPoint(replica: replica, sequence: 0, hash: .zero)
        }
        scope.cutOffs = [
            Stated(CutOff(Self.first, after: nothing(of: Self.hub)), by: rightful),
            Stated(CutOff(other, after: nothing(of: Self.second)), by: stolen),
        ]
        let effectiveness = effectiveness(scope)
        #expect(effectiveness.isCut(stolen))
        #expect(!effectiveness.isCut(rightful))
    }

    @Test("W9: a verdict releases what is cut off, and leaves statements to cut-offs alone")
    func standing() {
        let released = ChangeStanding(isCut: true, ruling: .accepted)
        #expect(released.exclusion(of: Project.number) == nil)
        #expect(released.exclusion(of: Verdict.number) == .cutOff)
        let refused = ChangeStanding(isCut: false, ruling: .rejected)
        #expect(refused.exclusion(of: Project.number) == .rejected)
        #expect(refused.exclusion(of: CutOff.number) == nil)
    }

    @Test("W9: of verdicts side by side the more cautious is shown, a newer one most of all")
    func caution() {
        func ruling(_ values: [String]) -> Ruling? {
            var record = Record()
            for (index, value) in values.enumerated() {
                let stamp = Stamp(HybridTime(raw: UInt64(index + 1)), Self.hub)
                let edit = FieldEdit(Verdict.ruling, .write(.text(value), replacing: []))
                record.apply(
                    Operation(Verdict.number, .natural(.zero), edits: [edit]),
                    rank: Rank(Name(stamp, hash: 1), isPlausible: true)
                )
            }
            let fields = Fields(of: record, Verdict.entity)
            return Verdict.ruling(fields, isWritten: !values.isEmpty)
        }
        #expect(ruling([]) == nil)
        #expect(ruling(["rejected", "accepted"]) == .rejected)
        #expect(ruling(["quarantined", "rejected", "accepted"]) == .quarantined)
        #expect(ruling(["accepted", "a ruling of a newer version"]) == .quarantined)
    }

    @Test("statements read what they wrote, and say nothing where a field is missing")
    func facts() {
        let point = Self.point(Self.station, 7)
        func read<F: Fact>(_ fact: F) -> F { F(Fields(of: fact.operation())) }
        let cutOff = CutOff(Self.first, after: point)
        #expect(read(cutOff) == cutOff)
        let verdict = ClockVerdict(from: 3, to: point, milliseconds: 1_700_000_000_000)
        #expect(read(verdict) == verdict)
        let held = Set((1...64).map { Self.point(Self.station, $0) })
        let receipt = Receipt(held, milliseconds: 5)
        #expect(read(receipt) == receipt)
        #expect(CutOff(Fields([:])).last == nil)
        #expect(ClockVerdict(Fields([:])).last == nil)
        #expect(Receipt(Fields([:])).held.isEmpty)
    }
}
