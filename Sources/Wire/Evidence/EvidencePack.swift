public import Bytes
public import CRDT
public import Identity

/// What an evidence pack is made of: all that a stranger needs to believe it, and no store.
///
/// - Source: EVD-2.
public struct EvidenceContents: Sendable {
    /// All of it: who may say what, and who may no longer.
    public var authority: AuthorityLog
    /// What the pack proves, with its cosignatures.
    public var checkpoint: SignedCheckpoint
    /// Earlier ones that stations cosigned, ascending by size.
    public var witnessed: [SignedCheckpoint]
    /// Every entry below the checkpoint's size, from 0.
    public var entries: [EvidenceEntry]
    /// Every change of the scopes that were asked for, in the hub's order of arrival.
    public var chunks: [Chunk]
    /// Tables for people: a name such as `tables/quality.csv`, and what stands in it.
    public var tables: [(name: String, bytes: [UInt8])]

    public init(
        authority: AuthorityLog,
        checkpoint: SignedCheckpoint,
        witnessed: [SignedCheckpoint],
        entries: [EvidenceEntry],
        chunks: [Chunk],
        tables: [(name: String, bytes: [UInt8])] = []
    ) {
        self.authority = authority
        self.checkpoint = checkpoint
        self.witnessed = witnessed
        self.entries = entries
        self.chunks = chunks
        self.tables = tables
    }
}

/// The names of an evidence pack's files, in their order.
enum EvidenceFile {
    static let head = "evidence.head"
    static let signature = "evidence.sig"
    static let sums = "SHA256SUMS"
    static let readme = "README.txt"
    static let signer = "signer.pem"
    static let authority = "authority.bin"
    static let checkpoint = "checkpoint.note"
    static let witnessed = "witnessed.bin"
    static let entries = "entries.bin"
    static let changes = "changes.bin"
    static let audit = "audit.csv"
    static let tables = "tables/"

    static let all = [
        head, signature, sums, readme, signer, authority, checkpoint, witnessed, entries, changes,
        audit,
    ]
    /// How many stand before the list of sums ends.
    static let unlisted = 3
}

/// Who makes a pack, for whom, and when.
public struct EvidenceMaker: Sendable {
    public var device: ID
    public var key: SigningKey
    public var user: ID
    /// Milliseconds since 1970.
    public var made: UInt64

    public init(device: ID, key: SigningKey, user: ID, made: UInt64) {
        self.device = device
        self.key = key
        self.user = user
        self.made = made
    }
}

extension EvidenceContents {
    /// The pack: one file.
    ///
    /// - Throws: If a chunk passes a limit.
    public func packed(
        _ query: EvidenceHead.Query,
        by maker: EvidenceMaker
    ) throws(Malformed) -> [UInt8] {
        let tables = tables.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let listed =
            [
                Ustar.File(EvidenceFile.readme, Array(EvidenceText.readme.utf8)),
                Ustar.File(
                    EvidenceFile.signer,
                    Array(EvidenceText.pem(of: maker.key.publicKey).utf8)
                ),
                Ustar.File(EvidenceFile.authority, authorityBytes),
                Ustar.File(EvidenceFile.checkpoint, checkpoint.encoded),
                Ustar.File(EvidenceFile.witnessed, witnessedBytes),
                Ustar.File(EvidenceFile.entries, entryBytes),
                Ustar.File(EvidenceFile.changes, try changeBytes()),
                Ustar.File(EvidenceFile.audit, Array(EvidenceText.csv(of: entries).utf8)),
            ] + tables.map { Ustar.File($0.name, $0.bytes) }
        let sums = Array(EvidenceText.sums(of: listed).utf8)
        let head = EvidenceHead(
            tenant: authority.tenant,
            device: maker.device,
            user: maker.user,
            made: maker.made,
            query: query,
            checkpoint: checkpoint.checkpoint,
            sums: Hash(digest: SHA256.hash(sums))
        )
        let signed = Signed(signing: head, with: maker.key)
        let first = [
            Ustar.File(EvidenceFile.head, head.encoded),
            Ustar.File(EvidenceFile.signature, signed.signature),
            Ustar.File(EvidenceFile.sums, sums),
        ]
        return Ustar.encode(first + listed)
    }

    private var authorityBytes: [UInt8] {
        var writer = Writer(capacity: 65_536)
        for root in authority.roots {
            writer.u8(0)
            writer.long(root.encoded)
        }
        for statement in authority.statements {
            writer.u8(3)
            writer.long(statement.encoded)
        }
        return writer.bytes
    }

    private var witnessedBytes: [UInt8] {
        var writer = Writer(capacity: 4_096)
        for checkpoint in witnessed { writer.long(checkpoint.encoded) }
        return writer.bytes
    }

    private var entryBytes: [UInt8] {
        var writer = Writer(capacity: entries.count * 256)
        for entry in entries { entry.write(to: &writer) }
        return writer.bytes
    }

    private func changeBytes() throws(Malformed) -> [UInt8] {
        var writer = Writer(capacity: 65_536)
        for chunk in chunks {
            let plain = try EncodedChunk(chunk, encoding: 0)
            writer.long([0] + chunk.scope.bytes + plain.content)
        }
        return writer.bytes
    }
}

extension Writer {
    fileprivate mutating func long(_ bytes: [UInt8]) {
        u32(UInt32(truncatingIfNeeded: bytes.count))
        raw(bytes)
    }
}

/// The texts of a pack that follow from its bytes.
enum EvidenceText {
    /// The key as tools of others read it.
    ///
    /// - Source: RFC 8410, section 4.
    static func pem(of key: VerifyingKey) -> String {
        let prefix: [UInt8] = [
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
        ]
        let body = Base64.encode(prefix + key.bytes)
        return "-----BEGIN PUBLIC KEY-----\n\(body)\n-----END PUBLIC KEY-----\n"
    }

    /// The list that `sha256sum -c` reads.
    static func sums(of files: [Ustar.File]) -> String {
        files.map { "\(Hex.encode(SHA256.hash(Array($0.bytes))))  \($0.name)\n" }.joined()
    }

    static func csv(of entries: [EvidenceEntry]) -> String {
        var text = EvidenceEntry.csvHeader
        for (index, entry) in entries.enumerated() { text += entry.csvLine(at: index) }
        return text
    }

    static let readme = """
        An evidence pack of a gemba hub.

        It is checked without network and without a store, with nothing but the fingerprint of the
        tenant's root, which you should have from elsewhere:

            gemba audit verify PACK --root FINGERPRINT [--checkpoint FILE]
            fixtures/evidence.py PACK --root FINGERPRINT [--checkpoint FILE]

        The signature of the whole, with tools that know nothing of gemba:

            tar xf PACK
            sha256sum -c SHA256SUMS
            openssl pkeyutl -verify -rawin -pubin -inkey signer.pem \\
                -in evidence.head -sigfile evidence.sig
            sha256sum SHA256SUMS; tail -c 32 evidence.head | od -An -tx1

        The last two are equal. That signer.pem is the hub's key, and that the hub is the tenant's,
        only the first two commands say. audit.csv holds the entries for people to read; what the
        other files are is said in protocol/evidence.md.

        """
}
