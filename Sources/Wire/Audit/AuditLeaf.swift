public import Bytes
public import CRDT
import Identity

/// What the tree holds of an entry: nothing that can be read without the entry's keys.
///
/// - Source: AUD-3.
public struct AuditLeaf: Hashable, Sendable {
    /// The number of an ``AuditKind``, also of one that is not known.
    public var kind: UInt8
    /// When it was recorded, milliseconds since 1970, below 2^48.
    public var time: UInt64
    /// The device that did what is recorded.
    public var actor: ID
    public var subject: Hash
    public var detail: Hash

    public init(kind: UInt8, time: UInt64, actor: ID, subject: Hash, detail: Hash) {
        self.kind = kind
        self.time = time
        self.actor = actor
        self.subject = subject
        self.detail = detail
    }

    private static let tag: StaticString = "gemba/audit/1"

    /// The 101 bytes that are hashed.
    public var encoded: [UInt8] {
        var writer = Writer(capacity: 101)
        writer.tag(Self.tag)
        writer.u8(kind)
        writer.u48(time)
        writer.id(actor)
        writer.hash(subject)
        writer.hash(detail)
        return writer.bytes
    }

    /// The hash by which the tree knows it.
    public var hash: Hash { TreeHash.leaf(encoded) }

    public init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        try reader.tag(Self.tag)
        kind = try reader.u8("kind")
        time = try reader.u48("time")
        actor = try reader.id("actor")
        subject = try reader.hash("subject")
        detail = try reader.hash("detail")
        try reader.end("leaf")
    }
}

/// The random keys under which an entry's private parts are hashed.
///
/// They lie with the parts and die with them: then what the entry said is gone, and the tree and
/// every proof stand.
///
/// - Source: AUD-4.
public struct AuditKeys: Hashable, Sendable {
    public static let byteCount = 32

    /// Sixteen bytes each.
    public let subject: [UInt8]
    public let detail: [UInt8]

    /// - Parameter bytes: 32 random bytes; otherwise the result is nil.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        subject = Array(bytes.prefix(16))
        detail = Array(bytes.suffix(16))
    }

    public var bytes: [UInt8] { subject + detail }

    /// What the tree holds of a private part.
    public static func commitment(to part: [UInt8], key: [UInt8]) -> Hash {
        Hash(digest: Blake2b.hash(part, length: 32, key: Array(key.prefix(16))))
    }
}
