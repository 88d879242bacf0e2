import Bytes
import CRDT
import Testing
import Wire

@Suite("Encoding")
struct EncodingTests {
    @Test(
        "each kind of value has the bytes of ENC-6",
        arguments: [
            (.null, [0]), (.bool(false), [1]), (.bool(true), [2]),
            (.integer(-1), [3, 1]), (.integer(300), [3, 0xd8, 4]),
            (.decimal(mantissa: 50, scale: 2), [4, 100, 2]),
            (.text("é"), [5, 2, 0xc3, 0xa9]), (.bytes([7]), [6, 1, 7]),
            (.id(ID(high: 1, low: 2)), [7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]),
            (.list([.null, .bool(true)]), [9, 2, 0, 2]),
            (.unknown(kind: 200, bytes: [9, 9]), [200, 2, 9, 9]),
        ] as [(Value, [UInt8])]
    )
    func valueBytes(value: Value, bytes: [UInt8]) throws {
        var reader = Reader(bytes)

        #expect(value.encoded == bytes)
        #expect(try reader.value("value") == value)
    }

    @Test("a link is a scope and an id")
    func link() {
        let scope = Scope.site(ID(high: 3, low: 4))
        let value = Value.link(scope, ID(high: 5, low: 6))

        #expect(value.encoded == [8] + scope.bytes + ID(high: 5, low: 6).bytes)
    }

    @Test("a random value has one encoding")
    func randomValues() {
        var arbitrary = Arbitrary(seed: 1)
        for _ in 0..<200 {
            expectOneEncoding(arbitrary.value().encoded) { bytes in
                var reader = Reader(bytes)
                let value = try reader.value("value")
                try reader.end("value")
                return value.encoded
            }
        }
    }

    @Test(
        "what ENC-6 does not allow is refused",
        arguments: [
            [9, 1, 9, 0], [4, 0, 19], [5, 1, 0xff], [9, 33] + [UInt8](repeating: 0, count: 33),
            [8, 5] + [UInt8](repeating: 0, count: 32), [8, 1] + [UInt8](repeating: 1, count: 32),
            [3, 0x80, 0],
        ] as [[UInt8]]
    )
    func refused(bytes: [UInt8]) {
        var reader = Reader(bytes)

        #expect(throws: Malformed.self) { try reader.value("value") }
    }

    @Test(
        "a value of 65,536 bytes is read, one of 65,537 is not (ENC-9)",
        arguments: [UInt8(5), 6, 10, 255]
    )
    func longValues(kind: UInt8) throws {
        var longest = Writer()
        longest.u8(kind)
        longest.prefixed([UInt8](repeating: 65, count: 65_536))
        var longer = Writer()
        longer.u8(kind)
        longer.prefixed([UInt8](repeating: 65, count: 65_537))
        var reader = Reader(longest.bytes)
        var other = Reader(longer.bytes)

        #expect(try reader.value("value").encoded == longest.bytes)
        let fault = #expect(throws: Malformed.self) { try other.value("value") }
        #expect(fault?.code == .overLimit)
    }

    @Test("names are read strictly ascending, at most 256 (ENC-8)")
    func names() throws {
        let names = (1...256).map {
            Name(Stamp(HybridTime(raw: UInt64($0)), .zero), hash: 0)
        }

        #expect(try read(names) == names)
        #expect(throws: Malformed.self) { try read(names.reversed()) }
        #expect(throws: Malformed.self) { try read([names[0], names[0]]) }
        #expect(throws: Malformed.self) {
            try read(names + [Name(Stamp(.max, .zero), hash: 0)])
        }
    }

    private func read(_ names: [Name]) throws -> [Name] {
        var writer = Writer()
        writer.names(names)
        var reader = Reader(writer.bytes)
        return try reader.names("names")
    }

    @Test("texts that look alike are different values, as their bytes are (ENC-7)")
    func lookAlikes() {
        let composed = Value.text("\u{e9}")
        let decomposed = Value.text("e\u{301}")

        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(Record.Cell(field: 1, key: "\u{e9}") != Record.Cell(field: 1, key: "e\u{301}"))
    }

    @Test("the id of a natural key depends on tenant, scope, entity and every value (CHG-8)")
    func naturalKeys() {
        let tenant = ID(high: 1, low: 1)
        let ids: Set<ID> = [
            ID(naturalKey: [.text("a")], of: 3, in: .tenant, tenant: tenant),
            ID(naturalKey: [.text("b")], of: 3, in: .tenant, tenant: tenant),
            ID(naturalKey: [.text("a")], of: 4, in: .tenant, tenant: tenant),
            ID(naturalKey: [.text("a")], of: 3, in: .site(tenant), tenant: tenant),
            ID(naturalKey: [.text("a")], of: 3, in: .tenant, tenant: .zero),
            ID(naturalKey: [.text("a"), .null], of: 3, in: .tenant, tenant: tenant),
        ]
        var written = Writer()
        written.tag("gemba/natural/1")
        written.raw(tenant.bytes + Scope.tenant.bytes + [0, 0, 0, 3, 5, 1, 97])

        #expect(ids.count == 6)
        #expect(ids.contains(ID(Hash(of: written.bytes).bytes.prefix(16)) ?? .zero))
    }
}
