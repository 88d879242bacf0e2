import Bytes
import CRDT
@testable import Wire

// Chunks that a library of zstd compressed, and frames that are not one frame of that length
// (SYNC-12, RFC 8878).

extension ChunkVectors {
    /// Forty-eight changes of one run, in transfer form.
    private static var repetitive: [UInt8] {
        let words = ["bolt", "torque", "weld", "gasket", "paint", "frame", "jig", "sensor"]
        var run = Writer()
        run.raw([0] + EncodingVectors.filled(1, 16) + [1, 0, 48])
        for index in 0..<48 {
            let chosen = [1, 3, 5, 7].map { words[(index * $0 + $0 * $0) % 8] }
            // Stamps two apart, authority 1, a new record of entity 1001 with a text in field 1.
            run.raw([1, 2, 1])
            run.raw(index == 0 ? [0] + EncodingVectors.filled(2, 16) : [2])
            run.raw([0, 0, 1, 1])
            run.varint(1_001 * 8 + 1)
            run.raw([1, 16, 5])
            run.text(chosen.joined(separator: " ") + " \(index * index)")
        }
        run.raw((0..<64).map { UInt8($0) })
        var writer = Writer()
        writer.raw([1, 2])
        writer.prefixed(run.bytes)
        return writer.bytes
    }

    /// What `zstd -19` (1.5.4) makes of them: a block with compressed literals and sequences.
    private static let compressed =
        "28b52ffd6002073d0d0076d03c2d605907300cc330120441100441bafceeee6634fe6118ee469472"
        + "4b29774a222222221211111111111111edbd0335002b002900c05e9087066b8ae682329bc66baaeb"
        + "cdaaed86ab29ef26f3559a0e1d4a2a2afc017ba946d0206144921cc772244bd28ee4c8289664f8f3"
        + "89f7e3abafdf6bedcde67d73ebc7cff9bc7d67bf17f34eb1ced137ef6b6ef04fb257742703d62efb"
        + "d6f63fbb3f7efbe6de57df7cbaced6e6c77eeff56cfafe4cc6ee555bafbcf59ab7b55b5f7dee3ff3"
        + "990331d8cbd5626d7d667ccd77bb52a550275389341285401f4fa772369a0ce662a950269208e4e1"
        + "6830168a04e2602810068200a024c71d51a031b57517b41ead01a02610992a1f9c1968266589a460"
        + "6ad29e3475125a58be298ca73a994c37e54ed35b74b60ee951f4857c9298eec942321daa643c93ca"
        + "701ca63bf7a9632099b4101d03b92396e6f0084823d056742a92b1d22e22a1b3fc509846c90a992e"
        + "4a56d0162be5fe4cd3b8ec197a94e5313acbed04b3979f184da87582dda00c4bc99c1d4b3447b8d8"
        + "1207487b313b2d0c4dc2cb01e3e191978f20f967f6e4647b61b9d5a7ee52c4f901"

    private static func wrapped(_ length: Int, _ frames: [UInt8]...) -> [UInt8] {
        var writer = Writer()
        writer.u8(1)
        writer.scope(scope)
        writer.u32(UInt32(length))
        for frame in frames { writer.raw(frame) }
        return writer.bytes
    }

    /// Parts of a frame (RFC 8878, 3.1.1).
    private struct Parts {
        static let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
        /// A frame that the readers of all versions pass over.
        static let skippable: [UInt8] = [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7]
        static let empty: [UInt8] = magic + [0x20, 0, 1, 0, 0]

        static func block(_ content: [UInt8], isLast: Bool = true, type: Int = 0) -> [UInt8] {
            let header = content.count << 3 | type << 1 | (isLast ? 1 : 0)
            return little(header, 3) + content
        }

        static func little(_ number: Int, _ width: Int) -> [UInt8] {
            (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
    }

    static func compressedChunks() throws -> [Vector] {
        let (items, frame) = (repetitive, try required(Hex.decode(compressed)))
        guard try Zstd.expand(frame, to: items.count) == items else { throw Missing() }
        let more: [String: JSON] = ["transferForm": .hex(items)]
        return [
            Vector("compressed", "chunk", wrapped(items.count, frame), "ok", more)
        ] + headers(items) + hostile(items, frame)
    }

    /// One content under every way in which a header can say its length, or fail to.
    private static func headers(_ items: [UInt8]) -> [Vector] {
        let block = Parts.block(items)
        let (head, tail) = (Parts.block(Array(items[..<9]), isLast: false), Array(items[9...]))
        let reserved = Parts.block(items, type: 3)
        let open = Parts.block(items, isLast: false)
        let window: [UInt8] = [0x58]
        func frame(_ name: String, _ bytes: [UInt8], _ outcome: String = "ok") -> Vector {
            let chunk = wrapped(items.count, Parts.magic + bytes)
            let more: [String: JSON] = outcome == "ok" ? ["transferForm": .hex(items)] : [:]
            return Vector("a frame \(name)", "chunk", chunk, outcome, more)
        }
        let (two, four, eight) = (
            Parts.little(items.count - 256, 2), Parts.little(items.count, 4),
            Parts.little(items.count, 8)
        )
        return [
            frame("with its length in two bytes", [0x60] + two + block),
            frame("with its length in eight bytes", [0xe0] + eight + block),
            frame("of two blocks", [0x60] + two + head + Parts.block(tail)),
            frame("with a window", [0x80] + window + four + block),
            frame("without its length", [0x00] + window + block, "invalid"),
            frame("with a reserved bit", [0xa8] + four + block, "invalid"),
            frame("with a reserved block", [0xa0] + four + reserved, "invalid"),
            frame("of a dictionary", [0xa1, 9] + four + block, "invalid"),
            frame("without a last block", [0xa0] + four + open, "invalid"),
            frame("with a wrong checksum", [0xa4] + four + block + [1, 2, 3, 4], "invalid"),
            frame("with less in it than its length", [0xa0] + four + Parts.block(tail), "invalid"),
            frame("with more in it than its length", [0xa0] + four + head + block, "invalid"),
        ]
    }

    private static func hostile(_ items: [UInt8], _ frame: [UInt8]) -> [Vector] {
        let count = items.count
        func vector(_ name: String, _ chunk: [UInt8], _ outcome: String = "invalid") -> Vector {
            Vector("compressed, \(name)", "chunk", chunk, outcome)
        }
        let half = Parts.magic + [0xa0] + Parts.little(9, 4) + Parts.block(Array(items[..<9]))
        let rest =
            Parts.magic + [0xa0] + Parts.little(count - 9, 4)
            + Parts.block(Array(items[9...]))
        var flipped = frame
        flipped[60] ^= 0x10
        return [
            vector("a length too small", wrapped(count - 1, frame)),
            vector("a length too great", wrapped(count + 1, frame)),
            vector("a length of 0", wrapped(0, frame)),
            vector("a length of 4,194,304", wrapped(4_194_304, frame)),
            vector("a length of 4,194,305", wrapped(4_194_305, frame), "overLimit"),
            vector("a length of 2^32 - 1", wrapped(0xffff_ffff, frame), "overLimit"),
            vector("cut short", wrapped(count, frame.dropLast())),
            vector("cut in its header", wrapped(count, Array(frame[..<5]))),
            vector("a byte after it", wrapped(count, frame, [0])),
            vector("a bit of its block flipped", wrapped(count, flipped)),
            vector("twice", wrapped(count, frame, frame)),
            vector("twice, with the length of both", wrapped(2 * count, frame, frame)),
            vector("an empty frame after it", wrapped(count, frame, Parts.empty)),
            vector("an empty frame before it", wrapped(count, Parts.empty, frame)),
            vector("in two frames", wrapped(count, half, rest)),
            vector("a skippable frame after it", wrapped(count, frame, Parts.skippable)),
            vector("a skippable frame before it", wrapped(count, Parts.skippable, frame)),
            vector("nothing in it", wrapped(0, Parts.empty), "truncated"),
        ]
    }
}
