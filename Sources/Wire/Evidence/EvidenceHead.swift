public import Bytes
public import CRDT

/// What an evidence pack claims to be, signed by the hub that made it.
///
/// - Source: EVD-3.
public struct EvidenceHead: Hashable, Sendable {
    /// What was asked for: entries of a period and of kinds, and changes of scopes.
    ///
    /// - Source: EVD-4.
    public struct Query: Hashable, Sendable {
        /// Milliseconds since 1970.
        public var since: UInt64
        public var until: UInt64
        /// Of ``AuditKind``, ascending; empty: all.
        public var kinds: [UInt8]
        /// Ascending; empty: all.
        public var scopes: [Scope]

        public init(since: UInt64, until: UInt64, kinds: [UInt8] = [], scopes: [Scope] = []) {
            self.since = since
            self.until = until
            self.kinds = Set(kinds).sorted()
            self.scopes = Set(scopes).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        }

        /// Everything.
        public static let all = Query(since: 0, until: 0xffff_ffff_ffff)

        /// Whether an entry is asked for, by what its leaf says.
        public func covers(_ leaf: AuditLeaf) -> Bool {
            leaf.time >= since && leaf.time <= until
                && (kinds.isEmpty || kinds.contains(leaf.kind))
        }

        public func covers(_ scope: Scope) -> Bool { scopes.isEmpty || scopes.contains(scope) }
    }

    public var tenant: ID
    /// The hub.
    public var device: ID
    /// Who asked for it.
    public var user: ID
    /// Milliseconds since 1970.
    public var made: UInt64
    public var query: Query
    /// Of the checkpoint that the pack proves.
    public var epoch: UInt32
    public var size: UInt64
    public var root: Hash
    /// The SHA-256 hash of the list of the other files.
    public var sums: Hash

    public init(
        tenant: ID,
        device: ID,
        user: ID,
        made: UInt64,
        query: Query,
        checkpoint: Checkpoint,
        sums: Hash
    ) {
        self.tenant = tenant
        self.device = device
        self.user = user
        self.made = made
        self.query = query
        epoch = checkpoint.origin.epoch
        size = checkpoint.size
        root = checkpoint.root
        self.sums = sums
    }
}

extension EvidenceHead: Signable {
    private static let scopesMax = 1_024

    public func write(to writer: inout Writer) {
        writer.tag("gemba/evidence/1")
        writer.id(tenant)
        writer.id(device)
        writer.id(user)
        writer.u48(made)
        writer.u48(query.since)
        writer.u48(query.until)
        writer.u16(UInt16(truncatingIfNeeded: query.kinds.count))
        for kind in query.kinds { writer.u8(kind) }
        writer.u16(UInt16(truncatingIfNeeded: query.scopes.count))
        for scope in query.scopes { writer.scope(scope) }
        writer.u32(epoch)
        writer.u64(size)
        writer.hash(root)
        writer.hash(sums)
    }

    public init(reading reader: inout Reader) throws(Malformed) {
        try reader.tag("gemba/evidence/1")
        tenant = try reader.id("tenant")
        device = try reader.id("device")
        user = try reader.id("user")
        made = try reader.u48("made")
        let (since, until) = (try reader.u48("since"), try reader.u48("until"))
        var kinds: [UInt8] = []
        for _ in 0..<(try reader.count16(atMost: 255, "kinds")) {
            kinds.append(try reader.u8("kind"))
        }
        var scopes: [Scope] = []
        for _ in 0..<(try reader.count16(atMost: Self.scopesMax, "scopes")) {
            scopes.append(try reader.scope("scope"))
        }
        query = Query(since: since, until: until, kinds: kinds, scopes: scopes)
        guard query.kinds == kinds, query.scopes == scopes else {
            throw reader.malformed(.notCanonical, "query")
        }
        epoch = try reader.u32("epoch")
        size = try reader.u64("size")
        root = try reader.hash("root")
        sums = try reader.hash("sums")
    }
}

extension Reader {
    fileprivate mutating func count16(atMost limit: Int, _ field: String) throws(Malformed) -> Int {
        let count = Int(try u16(field))
        guard count <= limit else { throw malformed(.overLimit, field) }
        return count
    }
}
