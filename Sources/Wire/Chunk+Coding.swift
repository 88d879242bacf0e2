public import Bytes
import CRDT

/// How the items of a chunk are written (SYNC-12).
private enum Encoding {
    static let plain: UInt8 = 0
    /// zstd of the transfer form.
    static let compressed: UInt8 = 1
}

/// The kinds of item (SYNC-12).
enum ItemKind {
    static let binding: UInt8 = 1
    static let run: UInt8 = 2
}

extension EncodedChunk {
    /// The encoding that ``ChunkStreams`` writes and reads (SYNC-21).
    static let stream: UInt8 = 2

    /// Packs a chunk.
    ///
    /// - Parameters:
    ///   - chunk: What to send.
    ///   - encoding: 0 plain, 1 zstd of the transfer form.
    /// - Throws: If a limit is passed, or a body cannot be read; the transfer form needs to.
    public init(_ chunk: Chunk, encoding: UInt8) throws(Malformed) {
        var references = encoding == Encoding.plain ? nil : References()
        var items = Writer(capacity: 4_096)
        try items.items(chunk.items, by: &references)
        var content = items.bytes
        switch encoding {
        case Encoding.plain:
            break
        case Encoding.compressed:
            var packed = Writer(capacity: content.count)
            packed.u32(UInt32(truncatingIfNeeded: content.count))
            packed.raw(try Zstd.compress(content, .sent))
            content = packed.bytes
        default:
            throw Malformed(.invalid, "encoding", at: 0)
        }
        let frame = max(content.count, items.bytes.count) + Self.headerBytes
        guard frame <= Limits.frameBytesMax else { throw Malformed(.overLimit, "chunk", at: 0) }
        self.init(encoding: encoding, scope: chunk.scope, content: content)
    }

    /// Packs a chunk in the shorter of the encodings that a peer reads, up to the greatest it
    /// accepts: a lone change is shorter plain.
    public init(_ chunk: Chunk, upTo greatest: UInt8) throws(Malformed) {
        let packed = try EncodedChunk(chunk, encoding: greatest)
        guard greatest != Encoding.plain, packed.content.count < Self.smallBytes else {
            self = packed
            return
        }
        let plain = try EncodedChunk(chunk, encoding: Encoding.plain)
        self = plain.content.count < packed.content.count ? plain : packed
    }

    /// Content below which compression may not pay.
    private static let smallBytes = 1_024

    /// What stands before the content in a frame: its type, the encoding and the scope.
    private static let headerBytes = 19

    /// Unpacks a chunk that stands for itself: of encoding 0 or 1.
    ///
    /// What it claims to be is compared with the limits before it is expanded.
    public func expanded() throws(Malformed) -> Chunk {
        var reader = Reader(content)
        guard let scope else { throw reader.malformed(.invalid, "encoding") }
        var references: References?
        switch encoding {
        case Encoding.plain:
            break
        case Encoding.compressed:
            let length = try reader.u32("length")
            guard length <= Limits.frameBytesMax else {
                throw reader.malformed(.overLimit, "length")
            }
            reader = Reader(try Zstd.expand(reader.rest(), to: Int(length)))
            references = References()
        default:
            throw reader.malformed(.invalid, "encoding")
        }
        let items = try reader.items(by: &references)
        try reader.end("chunk")
        return Chunk(scope: scope, items: items)
    }
}

extension Writer {
    fileprivate mutating func items(
        _ items: [Chunk.Item],
        by references: inout References?
    ) throws(Malformed) {
        var room = Limits.chunkBodyBytesMax
        guard items.count <= Limits.chunkItemsMax else {
            throw Malformed(.overLimit, "items", at: 0)
        }
        varint(UInt64(items.count))
        for item in items {
            switch item {
            case .binding(let binding):
                u8(ItemKind.binding)
                prefixed(binding.encoded)
            case .run(let run):
                u8(ItemKind.run)
                room -= run.bodies.reduce(0) { $0 + $1.count }
                var content = Writer(capacity: 1_024)
                try content.run(run, by: &references)
                prefixed(content.bytes)
            case .ignored(let kind):
                u8(kind)
                prefixed([])
            }
        }
        guard room >= 0 else { throw Malformed(.overLimit, "bodies", at: 0) }
    }
}

extension Reader {
    fileprivate mutating func items(
        by references: inout References?
    ) throws(Malformed) -> [Chunk.Item] {
        var room = Limits.chunkBodyBytesMax
        var items: [Chunk.Item] = []
        for _ in 0..<(try count(atMost: Limits.chunkItemsMax, "items")) {
            let kind = try u8("kind")
            let content = try prefixed(atMost: Limits.frameBytesMax, "item")
            switch kind {
            case ItemKind.binding:
                items.append(.binding(try Binding(decoding: content)))
            case ItemKind.run:
                var reader = Reader(content)
                items.append(.run(try reader.run(by: &references, room: &room)))
                try reader.end("run")
            default:
                items.append(.ignored(kind: kind))
            }
        }
        return items
    }
}
