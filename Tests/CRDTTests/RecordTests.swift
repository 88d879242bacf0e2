import CRDT
import SeededRandom
import Testing

@Suite("Record")
struct RecordTests {
    @Test("MERGE-7 every admissible order of a history gives the record that is its definition")
    func everyOrderAgrees() {
        for seed in UInt64(0)..<400 {
            let history = History(seed: seed)
            let expected = Definition(history.steps).record
            var generator = SplitMix64(seed: ~seed)
            for _ in 0..<6 {
                var record = Record()
                for step in history.order(using: &generator) {
                    record.apply(step.operation, rank: step.rank)
                }

                #expect(record == expected, "SEED=\(seed)")
            }
        }
    }

    @Test("a part of a history that holds what it names gives the definition of that part")
    func everyPrefixAgrees() {
        for seed in UInt64(1000)..<1200 {
            let history = History(seed: seed)
            var generator = SplitMix64(seed: ~seed)
            let order = history.order(using: &generator)
            var record = Record()
            for (index, step) in order.enumerated() {
                record.apply(step.operation, rank: step.rank)

                #expect(
                    record == Definition(Array(order[...index])).record,
                    "SEED=\(seed) after \(index + 1)"
                )
            }
        }
    }

    @Test("histories reach conflicts, clones, removals and hidden records")
    func historiesAreRich() {
        let histories = (UInt64(0)..<400).map { History(seed: $0) }
        let records = histories.map { Definition($0.steps).record }
        let title = Record.Cell(field: History.title)

        #expect(records.contains { ($0.registers[title]?.heads.count ?? 0) > 2 })
        #expect(records.contains { $0.registers[title]?.isInConflict == true })
        #expect(records.contains { !$0.exists && !$0.registers.isEmpty })
        #expect(records.contains { $0.creations.count > 1 })
        #expect(records.contains { $0.sets.isEmpty })
        #expect(
            histories.contains { Set($0.steps.map(\.name.stamp)).count < $0.steps.count }
        )
    }

    @Test("restoring what was stored gives the record back, without what is empty")
    func restoring() {
        var record = Record()
        let edits = [
            FieldEdit(1, .write(.bool(true), replacing: [])),
            FieldEdit(2, .add(.text("a"), replacing: [])),
            FieldEdit(4, .increment(3)),
        ]
        record.apply(Operation(7, .new, edits: edits), rank: rank(1, 1))

        var registers = record.registers
        registers[Record.Cell(field: 9)] = Register()
        var sets = record.sets
        sets[9] = AddWinsSet()
        let restored = Record(
            creations: record.creations,
            registers: registers,
            sets: sets,
            sums: record.sums
        )

        #expect(restored == record)
    }

    @Test("what a newer version wrote is passed over, and the rest counts")
    func unknownIsPassedOver() {
        var record = Record()
        let edits = [
            FieldEdit(1, .unknown(verb: 9, bytes: [1])), FieldEdit(4, .increment(1)),
        ]
        record.apply(Operation(7, .new, edits: edits), rank: rank(1, 1))
        record.apply(Operation(7, .unknown(kind: 6, bytes: [2]), edits: []), rank: rank(2, 1))

        #expect(record.sums == [4: 1])
        #expect(record.registers.isEmpty)
        #expect(record.creations == [name(1, 1)])
    }
}
