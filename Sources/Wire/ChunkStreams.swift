public import Bytes
import CRDT

/// What one direction of a session has said in chunks of encoding 2, so that the next chunk can
/// be told relative to it.
///
/// ```swift
/// var (sent, received) = (ChunkStreams(), ChunkStreams())
/// let encoded = try sent.pack(chunk, upTo: 2)
/// let same = try received.unpack(encoded)
/// ```
///
/// Sender and receiver each hold one for the direction, and take every chunk in the order of the
/// channel. A stream never leaves its scope: else the length of a chunk would tell what another
/// scope holds. After an error the streams are of no more use, nor is the session.
///
/// - Invariant: 1. At most 16 streams, each of another scope, the last used first. 2. A prefix has
///   at most 4,096 bytes.
/// - Source: SYNC-21.
public struct ChunkStreams: Sendable {
    private struct Stream: Sendable {
        let scope: Scope
        var references: References? = References(isStream: true)
        var prefix: [UInt8] = []

        init(_ scope: Scope) {
            self.scope = scope
        }

        mutating func extend(by items: [UInt8]) {
            let kept = max(Limits.streamPrefixBytesMax - items.count, 0)
            prefix = prefix.suffix(kept) + items.suffix(Limits.streamPrefixBytesMax)
        }
    }

    /// What stands beside the length of the items.
    private enum Form {
        static let frame: UInt64 = 1
        /// The runs are counted; else there is one.
        static let counted: UInt64 = 2
    }

    private var streams: [Stream] = []

    public init() {}

    /// Packs a chunk in the best encoding that a peer reads.
    ///
    /// - Parameters:
    ///   - chunk: What to send.
    ///   - greatest: The greatest encoding that the peer accepts, 0 to 2.
    /// - Returns: What goes into a frame.
    /// - Throws: If a limit is passed, or a body cannot be read; the transfer form needs to.
    public mutating func pack(
        _ chunk: Chunk,
        upTo greatest: UInt8
    ) throws(Malformed) -> EncodedChunk {
        guard greatest == EncodedChunk.stream else {
            return try EncodedChunk(chunk, upTo: greatest)
        }
        var content = Writer(capacity: 256)
        var stream = take(chunk.scope, naming: &content)
        var (items, signatures) = (Writer(capacity: 1_024), Writer())
        let runs = try items.streamed(chunk.items, &signatures, by: &stream.references)
        guard items.bytes.count <= Limits.frameBytesMax else {
            throw Malformed(.overLimit, "chunk", at: 0)
        }
        let block = try Zstd.Block(of: items.bytes, after: stream.prefix)
        let form = (runs == 1 ? 0 : Form.counted) | (block.isFrame ? Form.frame : 0)
        content.varint(UInt64(items.bytes.count) << 2 | form)
        if runs != 1 { content.varint(UInt64(runs)) }
        content.raw(signatures.bytes)
        content.raw(block.bytes)
        // Type and encoding stand before the content.
        guard content.bytes.count + 2 <= Limits.frameBytesMax else {
            throw Malformed(.overLimit, "chunk", at: 0)
        }
        put(stream, extendedBy: items.bytes)
        return EncodedChunk(encoding: EncodedChunk.stream, scope: nil, content: content.bytes)
    }

    /// Unpacks a chunk of any encoding; what it claims to be is compared with the limits before it
    /// is expanded.
    public mutating func unpack(_ encoded: EncodedChunk) throws(Malformed) -> Chunk {
        guard encoded.encoding == EncodedChunk.stream else { return try encoded.expanded() }
        var reader = Reader(encoded.content)
        var stream = try take(&reader)
        let form = try reader.varint("length")
        guard form >> 2 <= UInt64(Limits.frameBytesMax) else {
            throw reader.malformed(.overLimit, "length")
        }
        let isCounted = form & Form.counted != 0
        let runs = isCounted ? try reader.count(atMost: Limits.chunkItemsMax, "runs") : 1
        var signatures: [[UInt8]] = []
        for _ in 0..<runs { signatures.append(try reader.raw(64, "signature")) }
        let block = Zstd.Block(bytes: reader.rest(), isFrame: form & Form.frame != 0)
        let bytes = try block.expanded(to: Int(form >> 2), after: stream.prefix)
        var content = Reader(bytes)
        let items = try content.streamed(signatures, by: &stream.references)
        put(stream, extendedBy: bytes)
        return Chunk(scope: stream.scope, items: items)
    }

    /// Takes the stream of a scope out, or a new one, and writes which it is.
    private mutating func take(_ scope: Scope, naming writer: inout Writer) -> Stream {
        guard let place = streams.firstIndex(where: { $0.scope == scope }) else {
            writer.varint(0)
            writer.scope(scope)
            return Stream(scope)
        }
        writer.varint(UInt64(place) + 1)
        return streams.remove(at: place)
    }

    private mutating func take(_ reader: inout Reader) throws(Malformed) -> Stream {
        let number = try reader.count(atMost: streams.count, "stream")
        guard number == 0 else { return streams.remove(at: number - 1) }
        let scope = try reader.scope("scope")
        guard !streams.contains(where: { $0.scope == scope }) else {
            throw reader.malformed(.notCanonical, "scope")
        }
        return Stream(scope)
    }

    private mutating func put(_ stream: Stream, extendedBy items: [UInt8]) {
        var stream = stream
        stream.extend(by: items)
        streams.insert(stream, at: 0)
        if streams.count > Limits.streamsMax { streams.removeLast() }
    }
}

extension Writer {
    /// Writes items without their count, and the signatures of runs apart.
    ///
    /// - Returns: The number of runs.
    fileprivate mutating func streamed(
        _ items: [Chunk.Item],
        _ signatures: inout Writer,
        by references: inout References?
    ) throws(Malformed) -> Int {
        var room = Limits.chunkBodyBytesMax
        var runs = 0
        guard items.count <= Limits.chunkItemsMax else {
            throw Malformed(.overLimit, "items", at: 0)
        }
        for item in items {
            switch item {
            case .binding(let binding):
                u8(ItemKind.binding)
                prefixed(binding.encoded)
            case .run(let run):
                u8(ItemKind.run)
                room -= run.bodies.reduce(0) { $0 + $1.count }
                try self.run(run, by: &references)
                signatures.raw(run.signature)
                runs += 1
            case .ignored(let kind):
                u8(kind)
                prefixed([])
            }
        }
        guard room >= 0 else { throw Malformed(.overLimit, "bodies", at: 0) }
        return runs
    }
}

extension Reader {
    /// Reads items to the end.
    fileprivate mutating func streamed(
        _ signatures: [[UInt8]],
        by references: inout References?
    ) throws(Malformed) -> [Chunk.Item] {
        var room = Limits.chunkBodyBytesMax
        var items: [Chunk.Item] = []
        var unused = signatures[...]
        while remaining > 0 {
            guard items.count < Limits.chunkItemsMax else { throw malformed(.overLimit, "items") }
            let kind = try u8("kind")
            switch kind {
            case ItemKind.binding:
                let content = try prefixed(atMost: Limits.frameBytesMax, "item")
                items.append(.binding(try Binding(decoding: content)))
            case ItemKind.run:
                guard let signature = unused.popFirst() else {
                    throw malformed(.truncated, "signatures")
                }
                let run = try run(by: &references, room: &room, signature: signature)
                items.append(.run(run))
            default:
                _ = try prefixed(atMost: Limits.frameBytesMax, "item")
                items.append(.ignored(kind: kind))
            }
        }
        guard unused.isEmpty else { throw malformed(.trailing, "signatures") }
        return items
    }
}
