import Bytes
import SeededRandom
import Testing

@Suite("Reader and Writer")
struct ReaderTests {
    private static let corners = (0..<64).flatMap { (shift: UInt64) -> [UInt64] in
        let power = UInt64(1) << shift
        return [power, power - 1, power + 1, ~power]
    }

    @Test("ENC-2 a varint reads back, in as few bytes as seven bits a byte allow")
    func varints() throws {
        for value in Self.corners {
            var writer = Writer()
            writer.varint(value)
            var reader = Reader(writer.bytes)

            #expect(try reader.varint("n") == value)
            try reader.end("n")
            let bits = 64 - value.leadingZeroBitCount
            #expect(writer.bytes.count == max(1, (bits + 6) / 7))
        }
    }

    @Test(
        "ENC-2 a varint has one form: no zero ending, no eleventh byte, no bit above 64",
        arguments: [
            ([0x80, 0x00], Malformed.Code.notCanonical),
            ([0xff, 0x80, 0x00], .notCanonical),
            ([UInt8](repeating: 0x80, count: 9) + [0x00], .notCanonical),
            ([UInt8](repeating: 0xff, count: 9) + [0x02], .invalid),
            ([UInt8](repeating: 0xff, count: 9) + [0x81, 0x00], .invalid),
            ([UInt8](repeating: 0xff, count: 20), .invalid),
            ([0x80], .truncated),
            ([], .truncated),
        ] as [([UInt8], Malformed.Code)]
    )
    func varintRefusals(bytes: [UInt8], code: Malformed.Code) {
        let error = #expect(throws: Malformed.self) {
            var reader = Reader(bytes)
            _ = try reader.varint("n")
        }
        #expect(error?.code == code)
        #expect(error?.field == "n")
    }

    @Test("ENC-2 no two byte strings of up to three bytes are the same number")
    func varintsAreUnique() throws {
        var found: [UInt64: [UInt8]] = [:]
        for word in 0..<(1 << 16) {
            let bytes = [UInt8(word >> 8), UInt8(word & 255)]
            for text in [[bytes[1]], bytes, [0x80] + bytes] {
                var reader = Reader(text)
                guard let value = try? reader.varint("n"), reader.remaining == 0 else { continue }
                #expect(found[value] ?? text == text)
                found[value] = text
            }
        }
        #expect(found.count > 16_000)
    }

    @Test("ENC-3 a zigzag folds signs: 0, -1, 1, -2 become 0, 1, 2, 3; the ends read back")
    func zigzags() throws {
        for (value, byte) in [(Int64(0), UInt8(0)), (-1, 1), (1, 2), (-2, 3)] {
            var writer = Writer()
            writer.zigzag(value)
            #expect(writer.bytes == [byte])
        }
        for value in Self.corners.map({ Int64(bitPattern: $0) }) + [.min, .max] {
            var writer = Writer()
            writer.zigzag(value)
            var reader = Reader(writer.bytes)
            #expect(try reader.zigzag("n") == value)
        }
    }

    @Test("ENC-1 fixed widths are big-endian and read back")
    func fixedWidths() throws {
        var writer = Writer()
        writer.u8(0x01)
        writer.u16(0x0203)
        writer.u32(0x0405_0607)
        writer.u48(0xffff_0809_0a0b_0c0d)
        writer.u64(0x0e0f_1011_1213_1415)

        #expect(writer.bytes == (1...21).map { UInt8($0) })
        var reader = Reader(writer.bytes)
        #expect(try reader.u8("a") == 0x01)
        #expect(try reader.u16("b") == 0x0203)
        #expect(try reader.u32("c") == 0x0405_0607)
        #expect(try reader.u48("d") == 0x0809_0a0b_0c0d)
        #expect(try reader.u64("e") == 0x0e0f_1011_1213_1415)
        #expect(reader.peek == nil)
    }

    @Test("ENC-4 bytes and texts carry their length and read back")
    func lengths() throws {
        for text in ["", "a", "Schütze 現場", String(repeating: "x", count: 300)] {
            var writer = Writer()
            writer.text(text)
            writer.prefixed([1, 2, 3])
            var reader = Reader(writer.bytes)

            #expect(try reader.text(atMost: 300, "text") == text)
            #expect(try reader.prefixed(atMost: 3, "bytes") == [1, 2, 3])
            try reader.end("both")
        }
    }

    @Test("ENC-9 a length above its limit is refused before it is compared with what is there")
    func limits() {
        var writer = Writer()
        writer.varint(.max)
        for limit in [0, 5, Int.max] {
            let error = #expect(throws: Malformed.self) {
                var reader = Reader(writer.bytes)
                _ = try reader.prefixed(atMost: limit, "bytes")
            }
            #expect(error?.code == .overLimit)
        }
        let short = #expect(throws: Malformed.self) {
            var reader = Reader([5, 1, 2])
            _ = try reader.prefixed(atMost: 5, "bytes")
        }
        #expect(short?.code == .truncated)
    }

    @Test(
        "ENC-4 a text that is not UTF-8 is refused",
        arguments: [
            [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82],
        ] as [[UInt8]]
    )
    func invalidText(utf8: [UInt8]) {
        let error = #expect(throws: Malformed.self) {
            var reader = Reader([UInt8(utf8.count)] + utf8)
            _ = try reader.text(atMost: 10, "text")
        }
        #expect(error?.code == .invalid)
    }

    @Test("bytes left over, cut fields and foreign tags are refused, and say where")
    func refusals() throws {
        var reader = Reader([1, 2])
        _ = try reader.u8("a")
        let trailing = #expect(throws: Malformed.self) { try reader.end("structure") }
        #expect(trailing == Malformed(.trailing, "structure", at: 1))
        #expect(trailing?.description == "trailing: structure at byte 1")
        let cut = #expect(throws: Malformed.self) { _ = try reader.u32("b") }
        #expect(cut == Malformed(.truncated, "b", at: 1))
        var tagged = Writer()
        tagged.tag("gemba/change/1")
        #expect(tagged.bytes.last == 0)
        var other = Reader(tagged.bytes)
        let foreign = #expect(throws: Malformed.self) { try other.tag("gemba/changf/1") }
        #expect(foreign?.code == .invalid)
        var same = Reader(tagged.bytes)
        try same.tag("gemba/change/1")
    }

    @Test("what was passed, what is next and what is left are the input, cut in three")
    func positions() throws {
        var reader = Reader([9, 8, 7, 6])
        _ = try reader.u8("skip")
        let start = reader.offset
        _ = try reader.raw(2, "two")

        #expect(reader.passed(since: start) == [8, 7])
        #expect(reader.peek == 6)
        #expect(reader.rest() == [6])
        #expect(reader.remaining == 0)
        let negative = #expect(throws: Malformed.self) { _ = try reader.raw(-1, "negative") }
        #expect(negative?.code == .truncated)
    }

    @Test("a writer that forgets writes the same again")
    func removeAll() {
        var writer = Writer(capacity: 8)
        writer.u16(1)
        writer.removeAll()
        writer.raw([2])

        #expect(writer.bytes == [2])
    }

    @Test("random bytes, read by random calls, give values or coded refusals and never trap")
    func randomBytes() {
        for seed in UInt64(0)..<3000 {
            var generator = SplitMix64(seed: seed)
            var reader = Reader(generator.bytes(generator.below(24)))
            while (try? step(&reader, generator.below(10))) != nil, reader.remaining > 0 {}
            #expect(reader.remaining >= 0, "SEED=\(seed)")
        }
    }

    @Test("random bytes that read are written back as the same bytes")
    func randomRoundTrips() {
        for seed in UInt64(0)..<5000 {
            var generator = SplitMix64(seed: seed)
            let bytes = generator.bytes(12)
            var reader = Reader(bytes)
            guard let value = try? reader.varint("n") else { continue }
            var writer = Writer()
            writer.varint(value)

            #expect(writer.bytes == Array(bytes.prefix(reader.offset)), "SEED=\(seed)")
        }
    }

    private func step(_ reader: inout Reader, _ call: Int) throws(Malformed) {
        switch call {
        case 0: _ = try reader.u8("f")
        case 1: _ = try reader.u16("f")
        case 2: _ = try reader.u32("f")
        case 3: _ = try reader.u48("f")
        case 4: _ = try reader.u64("f")
        case 5: _ = try reader.varint("f")
        case 6: _ = try reader.zigzag("f")
        case 7: _ = try reader.prefixed(atMost: 1 << 40, "f")
        case 8: _ = try reader.text(atMost: 100, "f")
        default: _ = try reader.count(atMost: 1000, "f")
        }
    }
}
