import CRDT
import Identity
@testable import Wire

/// Records folded from operations that all count: sums and maps, which no entity has yet (CHG-18).
enum Folds {
    private static let id = ID(high: 0x1d, low: 1)

    static func all() throws -> [Vector] {
        let names = (1...4).map { number in
            let replica = ID(high: UInt64(5 - number) << 48, low: 0)
            return Name(Stamp(HybridTime(raw: UInt64(number)), replica), hash: UInt64(number) << 60)
        }
        func edit(_ edits: FieldEdit...) -> Operation { Operation(7, .existing(id), edits: edits) }
        func put(_ key: String, _ number: Int64, _ seen: [Name] = []) -> FieldEdit {
            FieldEdit(2, .put(key: key, .integer(number), replacing: seen))
        }
        let limit = Limits.counterDeltaMax
        let created = Operation(7, .natural(id), edits: [FieldEdit(3, .increment(1))])
        return [
            fold(
                "a sum",
                [
                    (created, names[0]), (edit(FieldEdit(3, .increment(-limit))), names[1]),
                    (edit(FieldEdit(3, .increment(-limit))), names[2]),
                ]
            ),
            fold(
                "a sum of nothing",
                [
                    (edit(FieldEdit(3, .increment(5))), names[0]),
                    (edit(FieldEdit(3, .increment(-5))), names[1]),
                ]
            ),
            fold(
                "a map",
                [
                    (edit(put("", 1), put("b", 2), put("e\u{301}", 3), put("é", 4)), names[0]),
                    (edit(put("b", 5, [names[0]]), put("é", 6)), names[1]),
                    (edit(put("b", 7, [names[0]])), names[2]),
                ]
            ),
            fold(
                "every cell of one field",
                [
                    (edit(FieldEdit(2, .write(.bool(true), replacing: []))), names[3]),
                    (edit(FieldEdit(2, .add(.id(id), replacing: []))), names[1]),
                    (edit(FieldEdit(2, .increment(9))), names[2]), (edit(put("k", 1)), names[0]),
                    (edit(FieldEdit(0, .write(.null, replacing: []))), names[1]),
                ]
            ),
            fold("two creations out of order", [(created, names[2]), (created, names[0])]),
        ]
    }

    private static func fold(_ name: String, _ operations: [(Operation, Name)]) -> Vector {
        var record = Record()
        for (operation, name) in operations {
            record.apply(operation, rank: Rank(name, isPlausible: true))
        }
        let form = CanonicalForm.entity(record, entity: 7, id: id)
        let steps = operations.map { operation, name in
            let body = ChangeVectors.body([operation])
            return JSON.list([.hex(body.encoded()), name.json])
        }
        return Vector(
            "fold: \(name)",
            "fold",
            "ok",
            [
                "entity": .number(7), "id": id.json, "operations": .list(steps), "form": .hex(form),
            ]
        )
    }
}
