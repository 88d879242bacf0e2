import CRDT
import Wire

/// Operations that tests of bodies try.
enum BodyCases {
    static let record = ID(high: 9, low: 9)

    /// Operations that no body may hold.
    static let forbidden: [(String, [Operation])] = [
        ("no operations", []),
        ("an entity of 2^29", [Operation(1 << 29, .new, edits: [])]),
        ("a field of 2^28", [new([FieldEdit(1 << 28, .write(.null, replacing: []))])]),
        ("an existing record without edits", [Operation(1, .existing(record), edits: [])]),
        ("a new record that has seen", [new([FieldEdit(1, .write(.null, replacing: [name]))])]),
        ("a new record that removes", [new([FieldEdit(1, .remove(.null, names: [name]))])]),
        ("a removal that names nothing", [edit([FieldEdit(1, .remove(.null, names: []))])]),
        ("names out of order", [edit([FieldEdit(1, .write(.null, replacing: [later, name]))])]),
        (
            "a field twice",
            [
                edit([
                    FieldEdit(1, .write(.null, replacing: [])),
                    FieldEdit(1, .write(.null, replacing: [])),
                ])
            ]
        ),
        (
            "fields out of order",
            [
                edit([
                    FieldEdit(2, .write(.null, replacing: [])),
                    FieldEdit(1, .write(.null, replacing: [])),
                ])
            ]
        ),
        (
            "an element twice",
            [
                edit([
                    FieldEdit(1, .add(.bool(true), replacing: [])),
                    FieldEdit(1, .remove(.bool(true), names: [name])),
                ])
            ]
        ),
        (
            "map keys out of order",
            [
                edit([
                    FieldEdit(1, .put(key: "b", .null, replacing: [])),
                    FieldEdit(1, .put(key: "a", .null, replacing: [])),
                ])
            ]
        ),
        (
            "a record twice",
            [
                edit([FieldEdit(1, .write(.null, replacing: []))]),
                Operation(2, .natural(record), edits: []),
            ]
        ),
        ("an increment above 2^53", [new([FieldEdit(1, .increment(1 << 53 + 1))])]),
        ("the least integer as an increment", [new([FieldEdit(1, .increment(.min))])]),
        ("a scale of 19", [new([FieldEdit(1, .write(decimal(19), replacing: []))])]),
        ("a list in a list", [new([FieldEdit(1, .write(.list([.list([])]), replacing: []))])]),
        ("a verb that means something", [new([FieldEdit(1, .unknown(verb: 5, bytes: [0]))])]),
        ("a verb above 15", [new([FieldEdit(1, .unknown(verb: 24, bytes: [0]))])]),
        (
            "a kind that means something",
            [Operation(1, .unknown(kind: 4, bytes: [0, 0]), edits: [])]
        ),
        (
            "a known kind of value as unknown",
            [new([FieldEdit(1, .write(.unknown(kind: 6, bytes: []), replacing: []))])]
        ),
        (
            "names after a record that is no event",
            [Operation(1, .new, after: [name], edits: [])]
        ),
    ]

    /// Operations at a limit, and just above it.
    static let limits: [(String, [Operation], [Operation])] = [
        ("text", [write(.text(text(65_536)))], [write(.text(text(65_537)))]),
        ("list", [write(nulls(32))], [write(nulls(33))]),
        ("scale", [write(decimal(18))], [write(decimal(19))]),
        (
            "delta", [new([FieldEdit(1, .increment(-1 << 53))])],
            [new([FieldEdit(1, .increment(-1 << 53 - 1))])]
        ),
        (
            "map key", [new([FieldEdit(1, .put(key: text(255), .null, replacing: []))])],
            [new([FieldEdit(1, .put(key: text(256), .null, replacing: []))])]
        ),
        (
            "names", [edit([FieldEdit(1, .write(.null, replacing: names(256)))])],
            [edit([FieldEdit(1, .write(.null, replacing: names(257)))])]
        ),
        ("edits", [new(writes(256))], [new(writes(257))]),
        (
            "operations", [Operation](repeating: new([]), count: 16_384),
            [Operation](repeating: new([]), count: 16_385)
        ),
        (
            "unknown edit", [new([FieldEdit(1, .unknown(verb: 9, bytes: zeros(65_536)))])],
            [new([FieldEdit(1, .unknown(verb: 9, bytes: zeros(65_537)))])]
        ),
        (
            "unknown operation", [Operation(1, .unknown(kind: 5, bytes: zeros(65_536)), edits: [])],
            [Operation(1, .unknown(kind: 5, bytes: zeros(65_537)), edits: [])]
        ),
        (
            "body", [Operation](repeating: write(.text(text(65_000))), count: 16),
            [Operation](repeating: write(.text(text(65_534))), count: 16)
        ),
    ]

    private static let name = Name(Stamp(HybridTime(raw: 1), .zero), hash: 1)
    private static let later = Name(Stamp(HybridTime(raw: 2), .zero), hash: 1)

    private static func new(_ edits: [FieldEdit]) -> Operation { Operation(1, .new, edits: edits) }

    private static func edit(_ edits: [FieldEdit]) -> Operation {
        Operation(1, .existing(record), edits: edits)
    }

    private static func write(_ value: Value) -> Operation {
        new([FieldEdit(1, .write(value, replacing: []))])
    }

    private static func decimal(_ scale: UInt8) -> Value { .decimal(mantissa: 1, scale: scale) }

    private static func nulls(_ count: Int) -> Value {
        .list([Value](repeating: .null, count: count))
    }

    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    private static func names(_ count: Int) -> [Name] {
        (0..<count).map { Name(Stamp(HybridTime(raw: UInt64($0)), .zero), hash: 0) }
    }

    private static func writes(_ count: Int) -> [FieldEdit] {
        (0..<count).map { FieldEdit(UInt32($0), .write(.null, replacing: [])) }
    }
}
