import CRDT
import Testing

/// Wordings about refusals, upgrades, events, creations and counters that diverge.
@Suite("Wrong rules for folds")
struct WrongFoldTests {
    private typealias Change = (operation: Operation, rank: Rank)

    private let field = Record.Cell(field: 1)

    private func write(_ value: String, _ rank: Rank, saw seen: [Name] = []) -> Change {
        (Operation(7, .existing(.zero), edits: [edit(value, seen)]), rank)
    }

    private func edit(_ value: String, _ seen: [Name]) -> FieldEdit {
        FieldEdit(1, .write(.text(value), replacing: seen))
    }

    private func element(_ action: FieldEdit.Action, _ rank: Rank) -> Change {
        (Operation(7, .existing(.zero), edits: [FieldEdit(2, action)]), rank)
    }

    /// MERGE-7: the fold, in order of arrival, of what counts.
    private func fold(_ log: [Change], excluding excluded: Set<Name> = []) -> Record {
        var record = Record()
        for change in log where !excluded.contains(change.rank.name) {
            record.apply(change.operation, rank: change.rank)
        }
        return record
    }

    private func shown(_ record: Record) -> Value? { record.registers[field]?.value }

    @Test("W7 kept and applied at the end, whole change after upgrade: what was replaced returns")
    func lateAfterUpgrade() {
        let c1 = write("q", rank(1, 1))
        let c2 = write("p", rank(2, 2), saw: [c1.rank.name])

        let late = fold([c2, c1])
        let always = fold([c1, c2])
        #expect(late != always)
        #expect(late.registers[field]?.isInConflict == true)
        #expect(fold([c1, c2], excluding: [c1.rank.name]) == fold([c2]))
        #expect(shown(always) == .text("p"))
    }

    @Test("W7 released change applied at the end: an element that was removed is back")
    func lateAfterRelease() {
        let added = element(.add(.text("x"), replacing: []), rank(1, 1))
        let removed = element(.remove(.text("x"), names: [added.rank.name]), rank(2, 2))
        let log = [added, removed]

        #expect(fold([removed, added]).sets[2]?.contains(.text("x")) == true)
        #expect(fold(log, excluding: []).sets[2] == nil)
        #expect(fold(log, excluding: [added.rank.name]).sets[2] == nil)
    }

    @Test("W8 hub withholds a change it refuses before the verdict is replicated: hub stands alone")
    func withholding() {
        let good = write("a", rank(1, 1))
        let bad = write("b", rank(2, 2), saw: [good.rank.name])
        let log = [good, bad]
        let station = fold(log)

        let withholdingHub = fold(log, excluding: [bad.rank.name])
        #expect(withholdingHub != station)
        func node(holding verdicts: Set<Name>) -> Record { fold(log, excluding: verdicts) }
        #expect(node(holding: []) == station)
        #expect(shown(node(holding: [bad.rank.name])) == .text("a"))
    }

    @Test("W8 excluded counts as never written: what it replaced stands beside what replaced it")
    func excludedIsNeverWritten() {
        let c1 = write("old", rank(1, 1))
        let c2 = write("bad", rank(2, 2), saw: [c1.rank.name])
        let c3 = write("informed", rank(3, 3), saw: [c2.rank.name])

        let record = fold([c1, c2, c3], excluding: [c2.rank.name])
        #expect(record.registers[field]?.names == [c1.rank.name, c3.rank.name])
    }

    @Test("W8 compensation as ordinary operations beats a valid informed edit")
    func compensationBeats() {
        let old = write("old", rank(1, 1))
        let bad = write("bad", rank(2, 2), saw: [old.rank.name])
        let informed = write("valid", rank(3, 3), saw: [bad.rank.name])
        let compensation = write("old", rank(4, 9), saw: [bad.rank.name])

        #expect(shown(fold([old, bad, informed, compensation])) == .text("old"))
        let ruled = fold([old, bad, informed], excluding: [bad.rank.name])
        #expect(shown(ruled) == .text("valid"))
    }

    @Test("W8 compensation as ordinary operations resurrects an element and loses another")
    func compensationOnSets() {
        let added = element(.add(.text("x"), replacing: []), rank(1, 1))
        let badRemoval = element(.remove(.text("x"), names: [added.rank.name]), rank(2, 2))
        let rightRemoval = element(.remove(.text("x"), names: [added.rank.name]), rank(2, 3))
        let readded = element(.add(.text("x"), replacing: []), rank(4, 9))
        let log = [added, badRemoval, rightRemoval]

        #expect(fold(log + [readded]).sets[2]?.contains(.text("x")) == true)
        #expect(fold(log, excluding: [badRemoval.rank.name]).sets[2] == nil)

        let takeover = element(.add(.text("x"), replacing: [added.rank.name]), rank(2, 2))
        let undo = element(.remove(.text("x"), names: [takeover.rank.name]), rank(4, 9))
        #expect(fold([added, takeover, undo]).sets[2] == nil)
        let ruled = fold([added, takeover], excluding: [takeover.rank.name])
        #expect(ruled.sets[2]?.contains(.text("x")) == true)
    }

    @Test("W8 compensation where the hub had not applied what it refused counts twice")
    func compensationTwice() {
        let bad = (Operation(7, .existing(.zero), edits: [FieldEdit(4, .increment(5))]), rank(1, 1))
        let undo = (
            Operation(7, .existing(.zero), edits: [FieldEdit(4, .increment(-5))]), rank(2, 9)
        )

        let hub = fold([bad, undo], excluding: [bad.1.name])
        let station = fold([bad, undo])
        #expect(hub.sums[4] == -5)
        #expect(station.sums[4] == 0)
        #expect(fold([bad], excluding: [bad.1.name]).sums[4] == nil)
    }

    @Test("W9 concurrent verdicts on one change are a cautious register: quarantined first")
    func verdicts() {
        let caution = Caution(leastFirst: ["accepted", "rejected", "quarantined"])
        let verdicts = [
            Write("accepted", rank(9, 1)), Write("quarantined", rank(1, 2)),
            Write("rejected", rank(5, 3)),
        ]

        let lastToArrive = Set(verdicts.orders.compactMap { $0.last?.value })
        #expect(lastToArrive.count == 3)
        let shown = verdicts.orders.map { caution.shown(of: Register(arriving: $0))?.value }
        #expect(Set(shown) == ["quarantined"])
    }

    @Test("W10 events folded by order of arrival: two inspections disagree after two events")
    func eventsByArrival() {
        let events = [entry("PASS", rank(1, 1)), entry("FAIL", rank(2, 2))]

        #expect(Set(events.orders.compactMap { $0.last?.event }).count == 2)
        #expect(Set(events.orders.map { outcome($0) }) == ["FAIL"])
    }

    @Test("W10 events folded by stamp: an informed FAIL of a slow node loses to PASS")
    func eventsByStamp() {
        let pass = entry("PASS", rank(100, 1))
        let fail = entry("FAIL", rank(50, 2), after: [pass.name])

        let byStamp = [pass, fail].max { $0.name.stamp < $1.name.stamp }
        #expect(byStamp?.event == "PASS")
        #expect(Set([pass, fail].orders.map { outcome($0) }) == ["FAIL"])
        let retest = entry("PASS", rank(10, 3), after: [fail.name])
        #expect(Set([pass, fail, retest].orders.map { outcome($0) }) == ["PASS"])
    }

    private typealias Entry = Stream<String>.Entry

    private func entry(_ event: String, _ rank: Rank, after: [Name] = []) -> Entry {
        Stream.Entry(event, rank: rank, index: 0, after: after)
    }

    /// The most cautious of the events that no other had seen.
    private func outcome(_ events: [Entry]) -> String {
        let stream = Stream(events)
        let heads = stream.entries.filter { entry in
            !stream.entries.contains { stream.saw($0, entry) }
        }
        return heads.contains { $0.event == "FAIL" } ? "FAIL" : "PASS"
    }

    @Test("U2 creation: two of one natural key are both kept; the first to arrive is no one's")
    func creations() {
        let id = ID(high: 1, low: 1)
        let log: [Change] = [
            (Operation(7, .natural(id), edits: [edit("a", [])]), rank(2, 1)),
            (Operation(7, .natural(id), edits: [edit("b", [])]), rank(1, 2)),
        ]

        #expect(Set(log.orders.map { $0[0].rank.name }).count == 2)
        for order in log.orders {
            #expect(fold(order).creations == [name(2, 1), name(1, 2)])
            #expect(fold(order).creations.min() == name(1, 2))
            #expect(fold(order).registers[field]?.isInConflict == true)
        }
    }

    @Test("U2 a write to a record that does not count is kept with it, hidden, until it does")
    func hidden() {
        let creation = (Operation(7, .new, edits: [edit("a", [])]), rank(1, 1))
        let later = write("b", rank(2, 2), saw: [creation.1.name])

        let hidden = fold([creation, later], excluding: [creation.1.name])
        #expect(!hidden.exists)
        #expect(shown(hidden) == .text("b"))
        #expect(fold([creation, later]).exists)
    }

    @Test("U9 counters over 64 bits that refuse what overflows depend on the order; 128 do not")
    func counters() {
        let deltas: [Int64] = [.max, 1, -5]
        func refusing(_ deltas: [Int64]) -> Int64 {
            deltas.reduce(0) { sum, delta in
                let (result, overflow) = sum.addingReportingOverflow(delta)
                return overflow ? sum : result
            }
        }

        #expect(Set(deltas.orders.map(refusing)).count > 1)
        let sums = deltas.orders.map { order in
            fold(
                order.enumerated().map { place, delta in
                    let edits = [FieldEdit(4, .increment(delta))]
                    return (Operation(7, .existing(.zero), edits: edits), rank(UInt64(place), 1))
                }
            ).sums[4]
        }
        #expect(Set(sums) == [Int128(Int64.max) - 4])
    }

    @Test("U10 deleted is a cautious register: a concurrent edit shows, and no row is dropped")
    func deletion() {
        let creation = (Operation(7, .new, edits: [edit("a", [])]), rank(1, 1))
        let deletion = FieldEdit(FieldEdit.deleted, .write(.bool(true), replacing: []))
        let deleted = (Operation(7, .existing(.zero), edits: [deletion]), rank(3, 2))
        let restored = FieldEdit(FieldEdit.deleted, .write(.bool(false), replacing: []))
        let alive = (Operation(7, .existing(.zero), edits: [restored]), rank(2, 3))
        let caution = Caution<Value>(leastFirst: [.bool(true), .bool(false)])
        let register = Record.Cell(field: FieldEdit.deleted)

        func dropping(_ log: [Change]) -> Record {
            log.reduce(into: Record()) { record, change in
                let drops = change.operation.edits == [deletion]
                if drops {
                    record = Record()
                } else {
                    record.apply(change.operation, rank: change.rank)
                }
            }
        }
        #expect(dropping([creation, deleted, alive]) != dropping([creation, alive, deleted]))
        for order in [deleted, alive].orders {
            let record = fold([creation] + order)
            #expect(shown(record) == .text("a"))
            let shownHead = record.registers[register].flatMap { caution.shown(of: $0) }
            #expect(shownHead?.value == .bool(false))
        }
    }
}
