import CRDT
import Domain
import Identity
import Simulation
@testable import Wire

/// Changes in two orders, and the records that follow (MERGE-1 to 13, CHG-16 to 19).
enum MergeVectors {
    static func file() throws -> VectorFile {
        let schema = Vector(
            "the schema of the merges",
            "schema",
            "ok",
            ["entities": VectorSchema.json()]
        )
        return VectorFile(
            name: "merges",
            about: "Changes in two orders and their state: protocol/merging.md, CHG-16 to 19.",
            vectors: [schema] + (try merges()) + (try Folds.all())
        )
    }

    private static let thing = SimulationSchema.thing.number
    private static let named = SimulationSchema.named.number
    private static let step = SimulationSchema.step.number
    private static let rule = VectorSchema.rule.number
    private static let subject = Scope.subject(ID(high: 0x5b, low: 1))

    private static func merges() throws -> [Vector] {
        let cast = try VectorCast(seed: 20_262)
        let writers = try [cast.writer(.station), cast.writer(.technician), cast.writer(.hub)]
        func history(_ scope: Scope) -> MergeHistory { MergeHistory(cast, writers, in: scope) }
        func history() -> MergeHistory { history(subject) }
        return [
            try register(history()), try hidden(history()), try caution(history()),
            try outside(cast, history()), try deletion(history()), try set(history()),
            try natural(history()), try wrongKeys(history()), try events(history()),
            try authority(history()), try hubs(history(.site(VectorCast.site))),
            try unknown(history()), try kinds(history()), try twoEntities(history()),
            try forks(history()),
        ] + (try CounterMapVectors.merges(history()))
    }

    // MARK: - Words

    private static func text(_ field: UInt32, _ word: String, _ seen: [Name] = []) -> FieldEdit {
        FieldEdit(field, .write(.text(word), replacing: seen))
    }

    private static func new(_ edits: FieldEdit...) -> [Operation] {
        [Operation(thing, .new, edits: edits)]
    }

    private static func edit(_ id: ID, _ edits: FieldEdit...) -> [Operation] {
        [Operation(thing, .existing(id), edits: edits)]
    }

    // MARK: - Registers

    private static func register(_ start: MergeHistory) throws -> Vector {
        var history = start
        let first = try history.write(0, at: 1, new(text(1, "a"), text(5, "made")))
        let id = history.id(0)
        let left = try history.write(0, at: 2, edit(id, text(1, "b", [first])))
        let right = try history.write(1, at: 3, edit(id, text(1, "c", [first])))
        try history.write(2, at: 4, edit(id, text(1, "b", [right])))
        let blind = try history.write(1, at: 5, edit(id, text(1, "blind")))
        try history.write(
            0,
            at: 6,
            edit(id, FieldEdit(1, .write(.null, replacing: [left, blind].sorted())))
        )
        return try history.vector("writes that name what they saw")
    }

    /// A write that names one of several heads leaves the others, even older ones.
    private static func hidden(_ start: MergeHistory) throws -> Vector {
        var history = start
        let first = try history.write(0, at: 1, new(text(1, "a")))
        let id = history.id(0)
        let left = try history.write(1, at: 9, edit(id, text(1, "late", [first])))
        try history.write(2, at: 2, edit(id, text(1, "early", [first])))
        try history.write(0, at: 10, edit(id, text(1, "settled", [left])))
        try history.write(1, at: 11, edit(id, text(1, "again", [first, left].sorted())))
        return try history.vector("heads that nobody named stand")
    }

    private static func caution(_ start: MergeHistory) throws -> Vector {
        var history = start
        let first = try history.write(0, at: 1, new(text(2, "PASS")))
        let id = history.id(0)
        try history.write(0, at: 9, edit(id, text(2, "CONDITIONAL", [first])))
        try history.write(1, at: 3, edit(id, text(2, "FAIL", [first])))
        let other = try history.write(2, at: 5, new(text(2, "PASS")))
        let second = history.id(3)
        try history.write(0, at: 10, edit(second, text(2, "FAIL", [other])))
        try history.write(1, at: 7, edit(second, text(2, "NEWER", [other])))
        return try history.vector("the most cautious value, not the latest")
    }

    /// A stamp outside the certificate's validity ranks below every stamp inside (MERGE-6).
    private static func outside(_ cast: VectorCast, _ start: MergeHistory) throws -> Vector {
        let past = TenantKit.start - 10...TenantKit.start + 10
        let short = try cast.writer(.station, validity: past)
        var history = MergeHistory(cast, start.writers + [short], in: start.scope)
        let first = try history.write(0, at: 1, new(text(1, "a")))
        let id = history.id(0)
        try history.write(3, at: 1_000, edit(id, text(1, "outside", [first])))
        try history.write(1, at: 2, edit(id, text(1, "inside", [first])))
        try history.write(2, at: 2, edit(id, text(1, "beside", [first])))
        return try history.vector("a stamp outside validity")
    }

    private static func deletion(_ start: MergeHistory) throws -> Vector {
        var history = start
        func deleted(_ isDeleted: Bool, _ seen: [Name]) -> FieldEdit {
            FieldEdit(FieldEdit.deleted, .write(.bool(isDeleted), replacing: seen))
        }
        let first = try history.write(0, at: 1, new(text(1, "a"), deleted(false, [])).map(sorted))
        let id = history.id(0)
        try history.write(0, at: 3, edit(id, deleted(true, [first])))
        try history.write(1, at: 2, edit(id, deleted(false, [first]), text(1, "b", [first])))
        try history.write(2, at: 4, new(text(1, "gone")))
        try history.write(2, at: 5, edit(history.id(3), deleted(true, [])))
        return try history.vector("a deletion beside an edit")
    }

    private static func sorted(_ operation: Operation) -> Operation {
        let edits = operation.edits.sorted { $0.field < $1.field }
        return Operation(operation.entity, operation.target, after: operation.after, edits: edits)
    }

    // MARK: - Sets

    private static func set(_ start: MergeHistory) throws -> Vector {
        var history = start
        func add(_ word: String, _ seen: [Name] = []) -> FieldEdit {
            FieldEdit(4, .add(.text(word), replacing: seen))
        }
        func remove(_ word: String, _ names: [Name]) -> FieldEdit {
            FieldEdit(4, .remove(.text(word), names: names))
        }
        let first = try history.write(0, at: 1, new(add("x"), add("y"), add("z")))
        let id = history.id(0)
        try history.write(0, at: 2, edit(id, remove("x", [first]), remove("y", [first])))
        let again = try history.write(1, at: 3, edit(id, add("x")))
        try history.write(2, at: 4, edit(id, add("y", [first]), remove("z", [first])))
        try history.write(1, at: 5, edit(id, add("x", [again])))
        try history.write(2, at: 6, edit(id, remove("x", [first])))
        try history.write(2, at: 7, edit(id, FieldEdit(4, .add(.null, replacing: []))))
        try history.write(2, at: 8, edit(id, FieldEdit(4, .add(.integer(1), replacing: []))))
        return try history.vector("an addition wins over a removal that had not seen it")
    }

    // MARK: - Keys

    private static func naturalID(_ history: MergeHistory, _ key: [Value], _ entity: UInt32) -> ID {
        ID(naturalKey: key, of: entity, in: history.scope, tenant: history.cast.kit.tenant)
    }

    private static func natural(_ start: MergeHistory) throws -> Vector {
        var history = start
        let id = naturalID(history, [.text("k")], named)
        func create(_ note: String) -> [Operation] {
            [Operation(named, .natural(id), edits: [text(1, "k"), text(2, note)])]
        }
        let left = try history.write(0, at: 1, create("one"))
        try history.write(1, at: 2, create("two"))
        try history.write(
            2,
            at: 3,
            [Operation(named, .existing(id), edits: [text(2, "three", [left])])]
        )
        let empty = naturalID(history, [.null], named)
        try history.write(0, at: 4, [Operation(named, .natural(empty), edits: [])])
        return try history.vector("two creations of one key are one record")
    }

    private static func wrongKeys(_ start: MergeHistory) throws -> Vector {
        var history = start
        let id = naturalID(history, [.text("k")], named)
        let elsewhere = ID(
            naturalKey: [.text("k")],
            of: named,
            in: .tenant,
            tenant: history.cast.kit.tenant
        )
        func create(_ entity: UInt32, _ target: Operation.Target, _ word: String) -> Operation {
            Operation(entity, target, edits: [text(1, word)])
        }
        try history.write(0, at: 1, [create(named, .natural(id), "other")])
        try history.write(0, at: 2, [create(named, .natural(elsewhere), "k")])
        try history.write(0, at: 3, [create(named, .new, "k"), create(named, .natural(id), "k")])
        try history.write(1, at: 4, [create(thing, .natural(id), "k")])
        try history.write(1, at: 5, [create(named, .existing(id), "k")])
        try history.write(2, at: 6, [Operation(named, .natural(id), edits: [])])
        return try history.vector("keys that are not the hash of their fields")
    }

    // MARK: - Events

    private static func events(_ start: MergeHistory) throws -> Vector {
        var history = start
        func step(_ word: String, _ after: [Name] = []) -> Operation {
            Operation(
                Self.step,
                .event,
                after: after.sorted(),
                edits: [text(1, "s"), text(2, word)]
            )
        }
        let first = try history.write(0, at: 1, [step("a"), step("b")])
        let left = try history.write(0, at: 2, [step("c", [first])])
        let right = try history.write(1, at: 9, [step("d", [first])])
        try history.write(2, at: 3, [step("e", [left, right])])
        let id = history.id(0)
        try history.write(
            2,
            at: 4,
            [Operation(Self.step, .existing(id), edits: [text(2, "edited")])]
        )
        try history.write(2, at: 5, [Operation(Self.step, .new, edits: [text(2, "no event")])])
        let odd = [text(0, "no field"), text(1, "s"), text(9, "unknown")]
        try history.write(
            1,
            at: 10,
            [
                Operation(thing, .event, edits: [text(1, "no event's entity")]),
                Operation(Self.step, .event, edits: odd),
            ]
        )
        return try history.vector("events, and what they had seen")
    }

    /// Two machines write as one replica, at one time: two records, though they have one id.
    private static func forks(_ start: MergeHistory) throws -> Vector {
        var history = start
        func both(_ word: String) -> [Operation] {
            [
                Operation(step, .event, edits: [text(1, "s"), text(2, word)]),
                Operation(thing, .new, edits: [text(1, word)]),
            ]
        }
        try history.write(0, at: 1, new(text(1, "before")))
        let left = try history.write(0, at: 2, both("one machine"))
        let right = try history.write(0, at: 2, after: .some(0), both("the other"))
        let id = history.id(1, 1)
        try history.write(1, at: 3, edit(id, text(1, "settled", [left])))
        try history.write(2, at: 4, edit(id, text(1, "otherwise", [right])))
        return try history.vector("two branches of a replica")
    }

    // MARK: - What does not count

    private static func authority(_ start: MergeHistory) throws -> Vector {
        var history = start
        let first = try history.write(2, at: 1, new(text(1, "a"), text(3, "by the hub")))
        let id = history.id(0)
        try history.write(
            0,
            at: 2,
            edit(id, text(1, "b", [first]), text(3, "by a station", [first]))
        )
        try history.write(1, at: 3, edit(id, text(3, "only that", [first])))
        try history.write(2, at: 4, edit(id, text(3, "again", [first])))
        try history.write(1, at: 5, new(text(3, "a creation")))
        try history.write(1, at: 6, edit(id, text(5, "fixed")))
        return try history.vector("fields reserved to hubs, and fixed ones")
    }

    private static func hubs(_ start: MergeHistory) throws -> Vector {
        var history = start
        let place = Value.id(VectorCast.site)
        let id = naturalID(history, [place, .text("r")], rule)
        func create(_ limit: Int64) -> [Operation] {
            [
                Operation(
                    rule,
                    .natural(id),
                    edits: [
                        text(1, "r"), FieldEdit(2, .write(place, replacing: [])),
                        FieldEdit(3, .write(.decimal(mantissa: limit, scale: 2), replacing: [])),
                        FieldEdit(4, .write(.list([.integer(1), .text("x")]), replacing: [])),
                    ]
                )
            ]
        }
        try history.write(0, at: 1, create(100))
        let first = try history.write(2, at: 2, create(150))
        let limit = Value.decimal(mantissa: 15, scale: 1)
        let edit = FieldEdit(3, .write(limit, replacing: [first]))
        try history.write(1, at: 3, [Operation(rule, .existing(id), edits: [edit])])
        try history.write(2, at: 4, [Operation(rule, .existing(id), edits: [edit])])
        try history.write(2, at: 5, new(text(1, "beside it")))
        return try history.vector("an entity of hubs")
    }

    private static func unknown(_ start: MergeHistory) throws -> Vector {
        var history = start
        let first = try history.write(0, at: 1, new(text(1, "a"), text(9, "no field")))
        let id = history.id(0)
        try history.write(
            0,
            at: 2,
            [
                Operation(999, .new, edits: [text(1, "no entity")]),
                Operation(thing, .unknown(kind: 5, bytes: [1, 2]), edits: []),
                Operation(rule, .new, edits: [text(1, "no key")]),
            ]
        )
        try history.write(1, at: 3, edit(id, FieldEdit(1, .unknown(verb: 9, bytes: [1]))))
        try history.write(1, at: 4, edit(id, text(9, "no field", [first])))
        try history.write(2, at: 5, edit(id, FieldEdit(1, .increment(1)), text(2, "FAIL")))
        try history.write(2, at: 6, edit(id, FieldEdit(1, .put(key: "k", .null, replacing: []))))
        try history.write(1, at: 7, edit(ID(high: 1, low: 1), text(1, "never created")))
        try history.write(1, at: 8, edit(ID(high: 1, low: 2), text(9, "never, and no field")))
        return try history.vector("what a node does not know")
    }

    private static func kinds(_ start: MergeHistory) throws -> Vector {
        var history = start
        func write(_ field: UInt32, _ value: Value, _ seen: [Name] = []) -> FieldEdit {
            FieldEdit(field, .write(value, replacing: seen))
        }
        let first = try history.write(0, at: 1, new(write(1, .integer(1)), write(2, .null)))
        let id = history.id(0)
        try history.write(0, at: 2, edit(id, write(1, .unknown(kind: 77, bytes: [1]), [first])))
        try history.write(1, at: 3, edit(id, write(0, .text("deleted")), write(1, .text("a"))))
        try history.write(2, at: 4, edit(id, write(4, .text("a set written to"))))
        try history.write(2, at: 5, edit(id, FieldEdit(1, .add(.text("added"), replacing: []))))
        try history.write(1, at: 6, edit(id, write(0, .null), write(3, .text("of hubs"))))
        return try history.vector("values of another kind than the field's")
    }

    /// One id under two entities is two records.
    private static func twoEntities(_ start: MergeHistory) throws -> Vector {
        var history = start
        let first = try history.write(0, at: 1, new(text(1, "a")))
        let id = history.id(0)
        try history.write(1, at: 2, [Operation(named, .existing(id), edits: [text(2, "b")])])
        try history.write(0, at: 3, edit(id, text(1, "c", [first])))
        return try history.vector("one id under two entities")
    }
}
