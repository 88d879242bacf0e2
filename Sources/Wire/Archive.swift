public import Bytes
public import CRDT
import Identity

/// What a scope was when it was archived, as a file that proves itself.
///
/// ```
/// "GEMBAA1\n", parts: kind u8, length u32, bytes
/// ```
///
/// The first part is the header, the last the end; between them lie the authority log and the
/// chunks, in the order of arrival of the hub that wrote them.
///
/// - Source: RET-1 to RET-4 in `protocol/retention.md`.
public enum Archive {
    /// What the file begins with.
    public static let magic = Array("GEMBAA1\n".utf8)

    /// A piece of the file.
    public enum Part: Hashable, Sendable {
        case header(Signed<ArchiveHeader>, Binding)
        /// The authority log, so that nothing else is needed to check the rest.
        case authority(kind: UInt8, bytes: [UInt8])
        case chunk(EncodedChunk)
        case end(Signed<ArchiveEnd>)
    }

    private enum Kind {
        static let header: UInt8 = 1
        static let authority: UInt8 = 2
        static let chunk: UInt8 = 3
        static let end: UInt8 = 4
    }

    /// Bytes of one part at most: a chunk and what stands before its content.
    public static let partBytesMax = Limits.frameBytesMax + 64
    /// Bytes before a part.
    public static let prefixBytes = 5

    /// The kind of the last part.
    public static let endKind = Kind.end

    /// A part as it lies in the file, with kind and length before it.
    public static func encoded(_ part: Part) -> [UInt8] {
        var content = Writer(capacity: 1_024)
        let kind: UInt8
        switch part {
        case .header(let header, let binding):
            kind = Kind.header
            content.prefixed(header.encoded)
            content.prefixed(binding.encoded)
        case .authority(let of, let bytes):
            kind = Kind.authority
            content.u8(of)
            content.raw(bytes)
        case .chunk(let chunk):
            kind = Kind.chunk
            content.u8(chunk.encoding)
            content.raw(chunk.content)
        case .end(let end):
            kind = Kind.end
            content.raw(end.encoded)
        }
        var writer = Writer(capacity: content.bytes.count + prefixBytes)
        writer.u8(kind)
        writer.u32(UInt32(truncatingIfNeeded: content.bytes.count))
        writer.raw(content.bytes)
        return writer.bytes
    }

    /// Reads kind and length.
    ///
    /// - Returns: Both; nil if the length is over the limit or the bytes are not five.
    public static func prefix(_ bytes: [UInt8]) -> (kind: UInt8, length: Int)? {
        guard bytes.count == prefixBytes else { return nil }
        let length = bytes.dropFirst().reduce(0) { $0 << 8 | Int($1) }
        return length <= partBytesMax ? (bytes[0], length) : nil
    }

    /// Reads a part of an archive of a scope.
    public static func part(
        _ kind: UInt8,
        _ content: [UInt8],
        of scope: Scope?
    ) throws(Malformed) -> Part {
        var reader = Reader(content)
        switch kind {
        case Kind.header:
            let header = try reader.prefixed(atMost: 1_024, "header")
            let binding = try reader.prefixed(atMost: 4 * Limits.certificateBytesMax, "binding")
            try reader.end("header")
            return .header(try Signed(decoding: header), try Binding(decoding: binding))
        case Kind.authority:
            return .authority(kind: try reader.u8("kind"), bytes: reader.rest())
        case Kind.chunk:
            let encoding = try reader.u8("encoding")
            guard let scope else { throw reader.malformed(.invalid, "chunk before the header") }
            return .chunk(EncodedChunk(encoding: encoding, scope: scope, content: reader.rest()))
        case Kind.end:
            return .end(try Signed(decoding: content))
        default:
            throw reader.malformed(.invalid, "part")
        }
    }
}

/// What an archive says it is about.
public struct ArchiveHeader: Signable {
    public var tenant: ID
    public var scope: Scope
    /// The hub's replica, whose key signs.
    public var replica: ID
    /// The hub's time, milliseconds since 1970.
    public var time: UInt64

    public init(tenant: ID, scope: Scope, replica: ID, time: UInt64) {
        self.tenant = tenant
        self.scope = scope
        self.replica = replica
        self.time = time
    }

    public func write(to writer: inout Writer) {
        writer.tag("gemba/archive/1")
        writer.id(tenant)
        writer.scope(scope)
        writer.id(replica)
        writer.u48(time)
    }

    public init(reading reader: inout Reader) throws(Malformed) {
        try reader.tag("gemba/archive/1")
        tenant = try reader.id("tenant")
        scope = try reader.scope("scope")
        replica = try reader.id("replica")
        time = try reader.u48("time")
    }
}

/// What an archive says it held, over everything before it.
public struct ArchiveEnd: Signable {
    /// The hash of all bytes of the file before this part.
    public var content: Hash
    public var changes: UInt64
    /// The state hash of the scope (CHG-19).
    public var root: Hash
    /// The mark of what is held, feed by feed (SYNC-3).
    public var mark: Hash

    public init(content: Hash, changes: UInt64, root: Hash, mark: Hash) {
        self.content = content
        self.changes = changes
        self.root = root
        self.mark = mark
    }

    public func write(to writer: inout Writer) {
        writer.tag("gemba/archive-end/1")
        writer.hash(content)
        writer.u64(changes)
        writer.hash(root)
        writer.hash(mark)
    }

    public init(reading reader: inout Reader) throws(Malformed) {
        try reader.tag("gemba/archive-end/1")
        content = try reader.hash("content")
        changes = try reader.u64("changes")
        root = try reader.hash("root")
        mark = try reader.hash("mark")
    }
}
