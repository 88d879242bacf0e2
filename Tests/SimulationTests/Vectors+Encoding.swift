import Bytes
import CRDT
import Wire

/// Numbers, texts, scopes, values and names (ENC-1 to 9).
enum EncodingVectors {
    static func file() throws -> VectorFile {
        VectorFile(
            name: "encoding",
            about: "Numbers, texts, values and names: protocol/encoding.md.",
            vectors: numbers() + texts() + scopes() + values() + names() + (try naturalIDs())
        )
    }

    private static func numbers() -> [Vector] {
        var vectors: [Vector] = []
        for (structure, width) in [("u8", 1), ("u16", 2), ("u32", 4), ("u48", 6), ("u64", 8)] {
            vectors.add("counting bytes", structure, (1...UInt8(width)).map { $0 })
            vectors.append(Vector("the greatest", structure, filled(0xff, width)))
        }
        for number in [0, 1, 127, 128, 300, 1 << 32, 1 << 63, .max] as [UInt64] {
            var writer = Writer()
            writer.varint(number)
            vectors.add("varint \(number)", "varint", writer.bytes)
        }
        for number in [0, -1, 1, -2, 2, -64, 64, .min, .max] as [Int64] {
            var writer = Writer()
            writer.zigzag(number)
            vectors.append(Vector("zigzag \(number)", "zigzag", writer.bytes))
        }
        let bad: [(String, [UInt8], String)] = [
            ("nothing", [], "truncated"),
            ("only high bits", [0x80, 0x80], "truncated"),
            ("zero in two bytes", [0x80, 0], "notCanonical"),
            ("one in three bytes", [0x81, 0x80, 0], "notCanonical"),
            ("a tenth byte of 2", filled(0xff, 9) + [2], "invalid"),
            ("eleven bytes", filled(0x80, 10) + [1], "invalid"),
        ]
        for structure in ["varint", "zigzag"] {
            vectors += bad.map { Vector($0.0, structure, $0.1, $0.2) }
        }
        return vectors
    }

    private static func texts() -> [Vector] {
        var vectors: [Vector] = []
        for text in [
            "", "Mars", "e\u{301}", "é", "組立", "🏭", "a\0b", "\u{feff}\"\\\n\t\u{1f}\u{7f}",
        ] {
            vectors.append(Vector("a text", "text", prefixed(text.utf8)))
        }
        vectors.add("a word", "text", prefixed("gemba".utf8))
        vectors.add("three bytes", "bytes", prefixed([0xff, 0, 0x80]))
        let bad: [(String, [UInt8])] = [
            ("no UTF-8", [0xff]), ("an overlong zero", [0xc0, 0x80]),
            ("a surrogate", [0xed, 0xa0, 0x80]),
            ("above the last scalar", [0xf4, 0x90, 0x80, 0x80]),
            ("half a scalar", [0xe7, 0xb5]),
        ]
        vectors += bad.map { Vector($0.0, "text", prefixed($0.1), "invalid") }
        for structure in ["text", "bytes"] {
            vectors += [
                Vector("65,536 bytes", structure, prefixed(filled(0x78, 65_536))),
                Vector("65,537 bytes", structure, prefixed(filled(0x78, 65_537)), "overLimit"),
                Vector("2^64 - 1 bytes", structure, filled(0xff, 9) + [1], "overLimit"),
                Vector("no shortest length", structure, [0x81, 0, 0x78], "notCanonical"),
            ]
        }
        return vectors
    }

    private static func scopes() -> [Vector] {
        let key = ID(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
        var vectors: [Vector] = []
        for scope in [.tenant, .site(key), .subject(key), .restricted(key), .site(.zero)] as [Scope]
        {
            let text = JSON.text(scope.description)
            vectors.add(scope.description, "scope", scope.bytes, ["text": text])
        }
        vectors += [
            Vector("kind 0", "scope", [0] + key.bytes, "invalid"),
            Vector("kind 5", "scope", [5] + key.bytes, "invalid"),
            Vector("a tenant with a key", "scope", [1] + key.bytes, "invalid"),
        ]
        return vectors
    }

    private static func values() -> [Vector] {
        let id = ID(high: 1 << 63 | 7, low: 9)
        let good: [(String, Value)] = [
            ("false", .bool(false)), ("true", .bool(true)), ("an integer", .integer(-300)),
            ("the least integer", .integer(.min)), ("1.50", .decimal(mantissa: 150, scale: 2)),
            ("-1.5", .decimal(mantissa: -15, scale: 1)),
            ("the finest scale", .decimal(mantissa: 1, scale: 18)), ("a text", .text("組立 PASS")),
            ("bytes", .bytes([0, 255])), ("an id", .id(id)), ("a link", .link(.subject(id), id)),
            ("a link into the tenant", .link(.tenant, id)),
            ("a list", .list([.null, .integer(1), .text(""), .id(id), .link(.site(id), id)])),
            ("an empty text", .text("")), ("kind 10", .unknown(kind: 10, bytes: [1, 2])),
            ("kind 255", .unknown(kind: 255, bytes: [0])),
        ]
        var vectors: [Vector] = [
            Vector("null", "value", Value.null.encoded),
            Vector("an empty list", "value", Value.list([]).encoded),
            Vector("a list of 32", "value", [9, 32] + filled(0, 32)),
            Vector("a list of 33", "value", [9, 33] + filled(0, 33), "overLimit"),
            Vector("a list in a list", "value", [9, 1, 9, 0], "invalid"),
            Vector("a scale of 19", "value", [4, 2, 19], "overLimit"),
            Vector("a link into scope 0", "value", [8, 0] + id.bytes + id.bytes, "invalid"),
            Vector("a link into a tenant's key", "value", [8, 1] + id.bytes + id.bytes, "invalid"),
            Vector("an integer in too many bytes", "value", [3, 0x80, 0], "notCanonical"),
            Vector("a text that is none", "value", [5, 1, 0xff], "invalid"),
            Vector("nothing", "value", [], "truncated"),
        ]
        for kind in [5, 6, 10, 200] as [UInt8] {
            let (most, above) = (filled(0x78, 65_536), filled(0x78, 65_537))
            vectors.append(Vector("kind \(kind) of 65,536", "value", [kind] + prefixed(most)))
            vectors.append(
                Vector("kind \(kind) of 65,537", "value", [kind] + prefixed(above), "overLimit")
            )
        }
        for (name, value) in good {
            if value.encoded.count > 1 {
                vectors.add(name, "value", value.encoded)
            } else {
                vectors.append(Vector(name, "value", value.encoded))
            }
        }
        return vectors
    }

    private static func names() -> [Vector] {
        func name(_ time: UInt64, _ replica: UInt64, _ hash: UInt64) -> Name {
            Name(Stamp(HybridTime(raw: time), ID(high: replica, low: 0)), hash: hash)
        }
        func list(_ names: [Name]) -> [UInt8] {
            var writer = Writer()
            writer.names(names)
            return writer.bytes
        }
        let ordered = [
            name(1, 9, 9), name(2, 1, 1), name(2, 1, 2), name(2, 2, 0), name(1 << 63, 0, 0),
        ]
        var single = Writer()
        single.name(ordered[0])
        var vectors = [Vector("no names", "names", [0])]
        vectors.add("a name", "name", single.bytes)
        vectors.add("names in order", "names", list(ordered))
        for index in 1..<ordered.count {
            let swapped = [ordered[index], ordered[index - 1]]
            vectors.append(Vector("names out of order", "names", list(swapped), "notCanonical"))
        }
        let many = (0..<257).map { name(UInt64($0), 1, 1) }
        vectors += [
            Vector("a name twice", "names", list([ordered[0], ordered[0]]), "notCanonical"),
            Vector("256 names", "names", list(Array(many.prefix(256)))),
            Vector("257 names", "names", list(many), "overLimit"),
        ]
        return vectors
    }

    private static func naturalIDs() throws -> [Vector] {
        let tenant = ID(high: 1, low: 2)
        let key: [Value] = [.text("SN-1"), .integer(7), .null]
        return [
            (Scope.tenant, 1, key), (.site(ID(high: 3, low: 4)), 1, key), (.tenant, 2, key),
            (.tenant, 1, key.reversed()), (.tenant, 1, []),
        ].map { scope, entity, key in
            let id = ID(naturalKey: key, of: UInt32(entity), in: scope, tenant: tenant)
            return Vector(
                "a natural key",
                "naturalID",
                "ok",
                [
                    "bytes": .hex(key.flatMap(\.encoded)), "tenant": tenant.json,
                    "scope": scope.json, "entity": .number(entity), "id": id.json,
                ]
            )
        }
    }

    static func filled(_ byte: UInt8, _ count: Int) -> [UInt8] {
        [UInt8](repeating: byte, count: count)
    }

    static func prefixed(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var writer = Writer()
        writer.prefixed(bytes)
        return writer.bytes
    }
}
