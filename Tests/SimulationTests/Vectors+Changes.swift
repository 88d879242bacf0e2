import Bytes
import CRDT
@testable import Wire

/// Bodies and hashes of changes (CHG-1 to 10).
enum ChangeVectors {
    static func file() throws -> VectorFile {
        VectorFile(
            name: "changes",
            about: "Bodies, hashes and admission of changes: protocol/changes.md.",
            vectors: bodies() + badBodies() + limits() + hashes() + (try AdmissionVectors.all())
        )
    }

    private static let record = ID(high: 0x1111 << 48, low: 9)
    private static let other = ID(high: 0x2222 << 48, low: 9)
    private static let early = Name(Stamp(HybridTime(raw: 1 << 20), other), hash: 1 << 63)
    private static let late = Name(Stamp(HybridTime(raw: 1 << 21), record), hash: 2)

    static func body(
        _ operations: [Operation],
        at milliseconds: UInt64 = 1_763_700_000_000,
        user: ID = ID(high: 7, low: 7)
    ) -> Body {
        Body(
            time: HybridTime(milliseconds: milliseconds, counter: 3),
            authority: 2,
            user: user,
            login: 300,
            method: .secretInLogin,
            schema: 1,
            operations: operations
        )
    }

    private static func write(_ field: UInt32, _ value: Value, _ seen: [Name] = []) -> FieldEdit {
        FieldEdit(field, .write(value, replacing: seen))
    }

    private static func edit(_ edits: [FieldEdit]) -> Operation {
        Operation(1_001, .existing(record), edits: edits)
    }

    private static func new(_ edits: [FieldEdit]) -> Operation {
        Operation(1_001, .new, edits: edits)
    }

    // MARK: - Good

    private static let everyVerb: [FieldEdit] = [
        write(0, .bool(true)),
        write(1, .text("組立"), [early, late]),
        FieldEdit(2, .add(.text("a"), replacing: [])),
        FieldEdit(2, .add(.text("b"), replacing: [early])),
        FieldEdit(2, .remove(.text("c"), names: [late])),
        FieldEdit(3, .increment(-1 << 53)),
        FieldEdit(4, .put(key: "", .integer(1), replacing: [])),
        FieldEdit(4, .put(key: "key", .null, replacing: [early])),
        FieldEdit(5, .unknown(verb: 8, bytes: [1, 2, 3])),
        FieldEdit(1 << 28 - 1, .unknown(verb: 15, bytes: [])),
    ]

    private static let operations: [(String, [Operation])] = [
        ("a creation", [new([write(1, .text("x")), FieldEdit(2, .add(.null, replacing: []))])]),
        ("a creation of nothing", [new([])]),
        ("every verb", [edit(everyVerb)]),
        (
            "every kind",
            [
                new([write(1, .null)]),
                Operation(1_002, .natural(other), edits: [write(1, .text("k"))]),
                edit([write(1, .link(.subject(other), record))]),
                Operation(1_003, .event, after: [early, late], edits: [write(1, .id(other))]),
                Operation(9, .unknown(kind: 0, bytes: [9]), edits: []),
                Operation(9, .unknown(kind: 7, bytes: []), edits: []),
            ]
        ),
        ("the greatest entity", [Operation(1 << 29 - 1, .new, edits: [])]),
        ("an event after nothing", [Operation(1_003, .event, edits: [])]),
    ]

    private static func bodies() -> [Vector] {
        var vectors: [Vector] = []
        for (name, operations) in operations {
            vectors.add(name, "body", body(operations).encoded())
        }
        var machine = body([new([])], user: .zero)
        machine.method = .machine
        machine.login = 0
        var newer = machine
        newer.method = Method(rawValue: 99)
        newer.authority = .max
        newer.schema = .max
        newer.time = .max
        vectors += [
            Vector("a machine's own", "body", machine.encoded()),
            Vector("a method of a newer version", "body", newer.encoded()),
            Vector("format 2", "body", [2, 0xff, 0xff]),
            Vector("format 0, of one byte", "body", [0]),
        ]
        return vectors
    }

    // MARK: - Bad

    private static let forbidden: [(String, [Operation], String)] = [
        ("no operations", [], "invalid"),
        ("an entity of 2^29", [Operation(1 << 29, .new, edits: [])], "overLimit"),
        ("a field of 2^28", [new([write(1 << 28, .null)])], "overLimit"),
        ("an existing record without edits", [edit([])], "invalid"),
        ("a creation that has seen", [new([write(1, .null, [early])])], "invalid"),
        (
            "a creation that removes", [new([FieldEdit(1, .remove(.null, names: [early]))])],
            "invalid"
        ),
        (
            "an event that takes over",
            [
                Operation(1_003, .event, edits: [FieldEdit(1, .add(.null, replacing: [early]))])
            ], "invalid"
        ),
        (
            "a natural creation that has seen a key",
            [
                Operation(
                    2,
                    .natural(other),
                    edits: [FieldEdit(1, .put(key: "", .null, replacing: [late]))]
                )
            ], "invalid"
        ),
        (
            "a removal that names nothing", [edit([FieldEdit(1, .remove(.null, names: []))])],
            "invalid"
        ),
        ("names out of order", [edit([write(1, .null, [late, early])])], "notCanonical"),
        (
            "after out of order",
            [
                Operation(1_003, .event, after: [late, early], edits: [])
            ], "notCanonical"
        ),
        ("a field twice", [edit([write(1, .null), write(1, .null)])], "notCanonical"),
        ("fields out of order", [edit([write(2, .null), write(1, .null)])], "notCanonical"),
        (
            "an element twice",
            [
                edit([
                    FieldEdit(1, .add(.bool(true), replacing: [])),
                    FieldEdit(1, .remove(.bool(true), names: [early])),
                ])
            ], "notCanonical"
        ),
        (
            "elements out of order",
            [
                edit([
                    FieldEdit(1, .add(.text("b"), replacing: [])),
                    FieldEdit(1, .add(.text("a"), replacing: [])),
                ])
            ], "notCanonical"
        ),
        (
            "a write and an increment",
            [
                edit([write(1, .null), FieldEdit(1, .increment(1))])
            ], "notCanonical"
        ),
        (
            "map keys out of order",
            [
                edit([
                    FieldEdit(1, .put(key: "b", .null, replacing: [])),
                    FieldEdit(1, .put(key: "a", .null, replacing: [])),
                ])
            ], "notCanonical"
        ),
        (
            "a record twice",
            [
                edit([write(1, .null)]), Operation(2, .natural(record), edits: []),
            ], "invalid"
        ),
        ("an increment above 2^53", [new([FieldEdit(1, .increment(1 << 53 + 1))])], "overLimit"),
        ("the least integer as increment", [new([FieldEdit(1, .increment(.min))])], "overLimit"),
    ]

    private static func badBodies() -> [Vector] {
        let good = body([new([write(1, .text("x"))])])
        let bytes = good.encoded()
        var long = bytes
        long.replaceSubrange(9..<10, with: [0x82, 0])
        return forbidden.map { Vector($0.0, "body", body($0.1).encoded(), $0.2) } + [
            Vector("nothing", "body", [], "truncated"),
            Vector("an authority number in two bytes", "body", long, "notCanonical"),
            Vector("a text that is none", "body", bytes.dropLast() + [0xff], "invalid"),
        ]
            + (0..<bytes.count).map {
                Vector("cut after \($0) bytes", "body", Array(bytes.prefix($0)), "truncated")
            }
    }

    private static func limits() -> [Vector] {
        func text(_ count: Int) -> String { String(repeating: "x", count: count) }
        func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
        func names(_ count: Int) -> [Name] {
            (0..<count).map { Name(Stamp(HybridTime(raw: UInt64($0)), .zero), hash: 0) }
        }
        let cases: [(String, Int, (Int) -> [Operation])] = [
            (
                "a map key of", 255,
                {
                    [new([FieldEdit(1, .put(key: text($0), .null, replacing: []))])]
                }
            ),
            ("names of an edit:", 256, { [edit([write(1, .null, names($0))])] }),
            ("names of an event:", 256, { [Operation(1, .event, after: names($0), edits: [])] }),
            ("edits:", 256, { [new((0..<$0).map { write(UInt32($0), .null) })] }),
            ("operations:", 16_384, { [Operation](repeating: new([]), count: $0) }),
            (
                "an unknown edit of", 65_536,
                {
                    [new([FieldEdit(1, .unknown(verb: 9, bytes: zeros($0)))])]
                }
            ),
            (
                "an unknown operation of", 65_536,
                {
                    [Operation(1, .unknown(kind: 5, bytes: zeros($0)), edits: [])]
                }
            ),
        ]
        var vectors: [Vector] = []
        for (name, most, make) in cases {
            let (good, bad) = (body(make(most)).encoded(), body(make(most + 1)).encoded())
            vectors.append(Vector("\(name) \(most)", "body", good))
            vectors.append(Vector("\(name) \(most + 1)", "body", bad, "overLimit"))
        }
        return vectors
    }

    // MARK: - Hashes

    private static func hashes() -> [Vector] {
        let feed = Change.Feed(tenant: ID(high: 5, low: 6), scope: .subject(other), replica: record)
        let bytes = body(operations[3].1).encoded()
        let previous = Change.beginning(of: feed, statement: Hash(of: [1]))
        func vector(
            _ name: String,
            _ feed: Change.Feed,
            _ sequence: UInt64,
            _ previous: Hash
        ) -> Vector {
            let change = Change(feed: feed, sequence: sequence, previous: previous, body: bytes)
            return Vector(name, "change", bytes, "ok", placed(change))
        }
        let tenant = Change.Feed(tenant: ID(high: 5, low: 7), scope: feed.scope, replica: record)
        let scope = Change.Feed(tenant: feed.tenant, scope: .site(other), replica: record)
        let replica = Change.Feed(tenant: feed.tenant, scope: feed.scope, replica: other)
        return [
            vector("a change", feed, 2, previous), vector("another tenant", tenant, 2, previous),
            vector("another scope", scope, 2, previous),
            vector("another replica", replica, 2, previous),
            vector("another sequence", feed, 3, previous),
            vector("another previous", feed, 2, .zero),
            vector("the last sequence", feed, .max >> 11, previous),
            first(feed, bytes), ownID(feed),
        ]
    }

    private static func placed(_ change: Change) -> [String: JSON] {
        [
            "tenant": change.feed.tenant.json, "scope": change.feed.scope.json,
            "replica": change.feed.replica.json, "sequence": .number(Int(change.sequence)),
            "previous": change.previous.json, "hash": change.hash.json,
        ]
    }

    /// The first change of a feed links to the replica statement (CHG-10).
    private static func first(_ feed: Change.Feed, _ bytes: [UInt8]) -> Vector {
        let statement = Hash(of: [2])
        let previous = Change.beginning(of: feed, statement: statement)
        let change = Change(feed: feed, sequence: 1, previous: previous, body: bytes)
        var more = placed(change)
        more["previous"] = nil
        more["statement"] = statement.json
        return Vector("the first of a feed", "change", bytes, "ok", more)
    }

    /// An operation may not touch what another of the same change creates (CHG-6).
    private static func ownID(_ feed: Change.Feed) -> Vector {
        var body = body([new([])])
        let id = ID(createdAt: Stamp(body.time, feed.replica), index: 0)
        body.operations.append(Operation(1_001, .existing(id), edits: [write(1, .null)]))
        let change = Change(feed: feed, sequence: 2, previous: .zero, body: body.encoded())
        var more = placed(change)
        more["hash"] = nil
        return Vector("its own record", "change", change.body, "invalid", more)
    }
}
