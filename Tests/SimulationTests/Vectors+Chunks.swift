import Bytes
import CRDT
import Identity
import Simulation
@testable import Wire

/// Contents of chunk frames, plain and in transfer form (SYNC-12 to 14).
enum ChunkVectors {
    static func file() throws -> VectorFile {
        let cast = try VectorCast(seed: 20_261)
        let chunk = try chunk(cast)
        return VectorFile(
            name: "chunks",
            about: "Chunks, plain and in transfer form: protocol/sync.md, SYNC-12 to 14.",
            vectors: try plain(chunk) + transferred(chunk) + badForms() + limits()
                + compressedChunks()
        )
    }

    static let scope = Scope.subject(ID(high: 0x5b, low: 1))

    // MARK: - A chunk with everything in it

    private static func chunk(_ cast: VectorCast) throws -> Chunk {
        let (one, two) = try (cast.writer(.station), cast.writer(.hub))
        let name = Name(Stamp(HybridTime(milliseconds: 5), one.replica), hash: 1 << 63 | 5)
        let ahead = Name(Stamp(HybridTime(milliseconds: 1 << 46), two.replica), hash: 6)
        let record = ID(high: 0xaaaa, low: 0xbbbb)
        let link = Value.link(.subject(record), one.replica)
        let first = ChangeVectors.body([
            Operation(1_001, .new, edits: [FieldEdit(1, .write(.text("組立"), replacing: []))]),
            Operation(
                1_002,
                .natural(record),
                edits: [FieldEdit(1, .write(.id(record), replacing: []))]
            ),
            Operation(
                1_003,
                .event,
                after: [name, ahead],
                edits: [FieldEdit(1, .write(link, replacing: []))]
            ),
            Operation(9, .unknown(kind: 6, bytes: [1, 2]), edits: []),
        ])
        var second = ChangeVectors.body(
            [
                Operation(
                    1_001,
                    .existing(record),
                    edits: [
                        FieldEdit(
                            1,
                            .write(.list([.id(two.replica), link, .null]), replacing: [name])
                        ),
                        FieldEdit(
                            2,
                            .add(.bytes(EncodingVectors.filled(7, 16)), replacing: [name])
                        ),
                        FieldEdit(3, .increment(-5)),
                        FieldEdit(
                            4,
                            .put(key: "k", .decimal(mantissa: -12, scale: 1), replacing: [])
                        ),
                        FieldEdit(5, .unknown(verb: 9, bytes: [3])),
                    ]
                )
            ],
            at: 1_763_700_000_001,
            user: .zero
        )
        second.method = .machine
        // Earlier than the change before it in the chunk: the difference of stamps is negative.
        let third = ChangeVectors.body([Operation(1_001, .new, edits: [])], at: 4)
        let run = try one.run([first.encoded(), second.encoded()], in: scope)
        let other = try two.run([[2, 0xff], third.encoded()], in: scope, linked: true)
        return Chunk(
            scope: scope,
            items: [.binding(one.binding), .run(run), .binding(two.binding), .run(other)]
        )
    }

    private static func packed(_ chunk: Chunk) throws -> [UInt8] {
        [0] + chunk.scope.bytes + (try EncodedChunk(chunk, encoding: 0).content)
    }

    private static func plain(_ chunk: Chunk) throws -> [Vector] {
        let bytes = try packed(chunk)
        var vectors: [Vector] = []
        vectors.add("bindings and runs", "chunk", bytes)
        for item in chunk.items.indices {
            let single = Chunk(scope: scope, items: [chunk.items[item]])
            vectors.append(Vector("item \(item)", "chunk", try packed(single)))
        }
        let head = [0] + scope.bytes
        vectors += [
            Vector("no items", "chunk", head + [0]),
            Vector("an item to ignore", "chunk", head + [1, 9, 2, 1, 2]),
            Vector("encoding 3", "chunk", [3] + scope.bytes + [0], "invalid"),
            Vector("257 items", "chunk", head + [0x81, 2], "overLimit"),
            Vector("no scope", "chunk", [0, 9] + EncodingVectors.filled(0, 17), "invalid"),
        ]
        return vectors
    }

    // MARK: - Transfer form

    /// A zstd frame of one block that is stored as it is (RFC 8878, 3.1.1): the same bytes with
    /// every version of the library.
    static func stored(_ content: [UInt8]) -> [UInt8] {
        frame(content.count, block: (type: 0, size: content.count), content)
    }

    private static func frame(
        _ length: Int,
        block: (type: Int, size: Int),
        _ content: [UInt8]
    ) -> [UInt8] {
        // A single segment whose header states its length in four bytes.
        var frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000]
        frame += (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        let header = block.size << 3 | block.type << 1 | 1
        frame += (0..<3).map { UInt8(truncatingIfNeeded: header >> (8 * $0)) }
        return frame + content
    }

    private static func wrapped(_ items: [UInt8], length: Int? = nil) -> [UInt8] {
        var writer = Writer()
        writer.u8(1)
        writer.scope(scope)
        writer.u32(UInt32(length ?? items.count))
        writer.raw(stored(items))
        return writer.bytes
    }

    /// The items of a chunk in transfer form, before they are packed.
    private static func transferForm(_ chunk: Chunk) throws -> [UInt8] {
        let packed = try EncodedChunk(chunk, encoding: 1)
        var reader = Reader(packed.content)
        let length = try reader.u32("length")
        return try Zstd.expand(reader.rest(), to: Int(length))
    }

    private static func transferred(_ chunk: Chunk) throws -> [Vector] {
        let items = try transferForm(chunk)
        let good = wrapped(items)
        let head = [1] + scope.bytes
        let length = [0, 0, 0, UInt8(40)]
        let repeated = frame(40, block: (type: 1, size: 40), [0])
        let more: [String: JSON] = ["transferForm": .hex(items)]
        return [
            Vector("bindings and runs, transferred", "chunk", good, "ok", more),
            Vector("items cut short", "chunk", wrapped(items.dropLast()), "truncated"),
            Vector("a byte after the items", "chunk", wrapped(items + [0]), "trailing"),
            Vector("another length", "chunk", wrapped(items, length: items.count + 1), "invalid"),
            Vector("a byte after the frame", "chunk", good + [0], "invalid"),
            Vector("a frame cut short", "chunk", good.dropLast(), "invalid"),
            Vector("no frame", "chunk", head + length, "invalid"),
            Vector(
                "another magic number",
                "chunk",
                StatementVectors.patched(good, 22, [0x29]),
                "invalid"
            ),
            Vector("a length of three bytes", "chunk", head + [0, 0, 0], "truncated"),
            Vector("a length above the limit", "chunk", head + [0, 0x40, 0, 1], "overLimit"),
            Vector(
                "a repeated byte: no items, and more",
                "chunk",
                head + length + repeated,
                "trailing"
            ),
        ]
    }

    /// One run with one change in transfer form, written by hand.
    private static func run(
        replica: [UInt8],
        user: [UInt8],
        record: [UInt8],
        link: [UInt8] = [0]
    ) -> [UInt8] {
        // Stamp 2, authority 1, login 0, method 0, schema 1, an existing record of entity 1 whose
        // field 1 is emptied.
        let body = [1, 4, 1] + user + [0, 0, 1, 1, 11] + record + [1, 16, 0]
        let run = replica + [1] + link + [1] + body + EncodingVectors.filled(0, 64)
        var writer = Writer()
        writer.raw([1, 2])
        writer.prefixed(run)
        return wrapped(writer.bytes)
    }

    private static func badForms() -> [Vector] {
        let (one, two) = (EncodingVectors.filled(1, 16), EncodingVectors.filled(2, 16))
        let good = run(replica: [0] + one, user: [1], record: [0] + two)
        func vector(_ name: String, _ bytes: [UInt8], _ outcome: String) -> Vector {
            Vector(name, "chunk", bytes, outcome)
        }
        return [
            vector("refs by hand", good, "ok"),
            vector(
                "an id spelled twice",
                run(replica: [0] + one, user: [0] + one, record: [0] + two),
                "notCanonical"
            ),
            vector(
                "a ref to what follows",
                run(replica: [0] + one, user: [2], record: [0] + two),
                "invalid"
            ),
            vector(
                "a ref of 2^64 - 1",
                run(
                    replica: [0] + one,
                    user: EncodingVectors.filled(0xff, 9) + [1],
                    record: [0] + two
                ),
                "invalid"
            ),
            vector(
                "a ref that is no shortest number",
                run(
                    replica: [0] + one,
                    user: [0x81, 0],
                    record: [0] + two
                ),
                "notCanonical"
            ),
            vector(
                "a ref before any id",
                run(replica: [1], user: [1], record: [0] + two),
                "invalid"
            ),
            vector(
                "a link of 2",
                run(replica: [0] + one, user: [1], record: [1], link: [2]),
                "invalid"
            ),
            vector(
                "a link to a hash",
                run(
                    replica: [0] + one,
                    user: [1],
                    record: [1],
                    link: [1] + EncodingVectors.filled(3, 32)
                ),
                "ok"
            ),
        ]
    }

    // MARK: - Limits

    private static func limits() -> [Vector] {
        let head = [0] + scope.bytes
        func item(_ content: [UInt8]) -> [UInt8] {
            var writer = Writer()
            writer.u8(2)
            writer.prefixed(content)
            return writer.bytes
        }
        let start = EncodingVectors.filled(1, 16) + [1, 0]
        let end = EncodingVectors.filled(0, 64)
        func one(_ count: Int) -> [UInt8] {
            item(start + [1] + EncodingVectors.prefixed(EncodingVectors.filled(2, count)) + end)
        }
        return [
            Vector("no changes", "chunk", head + [1] + item(start + [0] + end), "invalid"),
            Vector(
                "129 changes",
                "chunk",
                head + [1] + item(start + [0x81, 1] + end),
                "overLimit"
            ),
            Vector(
                "128 changes",
                "chunk",
                head + [1] + item(start + [0x80, 1] + EncodingVectors.filled(0, 128) + end)
            ),
            Vector("a body of 1,048,576", "chunk", head + [1] + one(1_048_576)),
            Vector("a body of 1,048,577", "chunk", head + [1] + one(1_048_577), "overLimit"),
            Vector("bodies of 2,097,152", "chunk", head + [2] + one(1_048_576) + one(1_048_576)),
            Vector(
                "bodies of 2,097,153",
                "chunk",
                head + [3] + one(1_048_576) + one(1_048_576) + one(1),
                "overLimit"
            ),
        ]
    }
}
