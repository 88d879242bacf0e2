import Bytes
import CRDT
import Testing
import Wire

@Suite("Canonical form")
struct CanonicalFormTests {
    private let id = ID(high: 1, low: 2)
    private let first = Name(Stamp(HybridTime(raw: 1), .zero), hash: 1)
    private let second = Name(Stamp(HybridTime(raw: 2), .zero), hash: 2)

    @Test("a record is its creations and its cells in order (CHG-18)")
    func entity() throws {
        var record = Record()
        let rank = { (name: Name) in Rank(name, isPlausible: true) }
        let edits = [
            FieldEdit(0, .write(.bool(false), replacing: [])),
            FieldEdit(3, .increment(-2)),
            FieldEdit(4, .put(key: "b", .null, replacing: [])),
        ]
        record.apply(Operation(5, .new, edits: edits), rank: rank(first))
        let more = [
            FieldEdit(0, .write(.bool(true), replacing: [])),
            FieldEdit(2, .add(.integer(1), replacing: [])),
            FieldEdit(4, .put(key: "a", .null, replacing: [])),
        ]
        record.apply(Operation(5, .existing(id), edits: more), rank: rank(second))
        let one = name(first)
        let two = name(second)
        let register: [UInt8] = [0, 1, 2] + one + [1] + two + [2]
        let set: [UInt8] = [2, 2, 1, 3, 2, 1] + two
        let sum = [3, 3] + [UInt8](repeating: 0xff, count: 15) + [0xfe]
        let map: [UInt8] = [4, 4, 1, 97, 1] + two + [0, 4, 4, 1, 98, 1] + one + [0]

        let form = CanonicalForm.entity(record, entity: 5, id: id)

        #expect(form == [1, 5] + id.bytes + [1] + one + [5] + register + set + sum + map)
    }

    @Test("an event is its name, what it had seen, and the edits that count (CHG-18)")
    func event() {
        let edits = [FieldEdit(1, .write(.bool(true), replacing: []))]
        let operation = Operation(5, .event, after: [first], edits: edits)

        let form = CanonicalForm.event(operation, id: id, name: second)

        let names = name(second) + [1] + name(first)
        #expect(form == [2, 5] + id.bytes + names + [1, 16, 2])
    }

    @Test("the form does not depend on the order in which writes came")
    func anyOrder() {
        let operations = (1...4).map { index in
            let edits = [
                FieldEdit(1, .write(.integer(Int64(index)), replacing: [])),
                FieldEdit(2, .add(.integer(Int64(index % 2)), replacing: [])),
                FieldEdit(3, .increment(Int64(index))),
                FieldEdit(4, .put(key: "\(index % 2)", .null, replacing: [])),
            ]
            let name = Name(Stamp(HybridTime(raw: UInt64(index)), .zero), hash: 0)
            return (Operation(1, .new, edits: edits), Rank(name, isPlausible: index > 2))
        }
        let form = { (order: [(Operation, Rank)]) in
            var record = Record()
            for (operation, rank) in order {
                record.apply(operation, rank: rank)
            }
            return CanonicalForm.entity(record, entity: 1, id: .zero)
        }

        #expect(form(operations) == form(operations.reversed()))
        #expect(form(operations) != form(Array(operations.dropLast())))
    }

    @Test("the state hash is over tenant, scope and each form with its length (CHG-19)")
    func stateHash() {
        var state = StateHash(of: .site(id), tenant: .zero)
        state.add([1, 2, 3])
        state.add([])
        let records: [UInt8] = [0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0]
        let bytes = Array("gemba/state/1\0".utf8) + ID.zero.bytes + Scope.site(id).bytes + records

        #expect(state.finish() == Hash(of: bytes))
    }

    @Test("the mark of a scope is over its tips in order (SYNC-3)")
    func mark() {
        let tip = Frontier.Tip(replica: id, sequence: 5, hash: Hash(of: [1]))
        let header = Array("gemba/frontier/1\0".utf8) + id.bytes + Scope.tenant.bytes
        let bytes = id.bytes + Hash.zero.bytes + [0, 0, 0, 0, 0, 0, 0, 5] + tip.hash.bytes

        #expect(Frontier([tip]).mark(of: .tenant, tenant: id) == Hash(of: header + bytes))
        #expect(Frontier().mark(of: .tenant, tenant: id) == Hash(of: header))
    }

    private func name(_ name: Name) -> [UInt8] {
        var writer = Writer()
        writer.name(name)
        return writer.bytes
    }
}
