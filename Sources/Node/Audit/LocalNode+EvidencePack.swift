import CRDT
import Domain
public import Storage
public import Wire

/// An evidence pack that was made, and what it holds.
public struct ExportedEvidence: Sendable {
    /// The file.
    public let bytes: [UInt8]
    public let checkpoint: SignedCheckpoint
    public let changes: Int
    public let witnesses: Int
}

extension LocalNode {
    /// Makes an evidence pack of the audit as it is now; the export is itself recorded in it.
    ///
    /// - Parameters:
    ///   - query: What is asked for.
    ///   - actor: Who asks.
    /// - Returns: The pack, and what it proves.
    /// - Throws: `.refused` at a node that keeps no audit, `RuleFault`; `.damaged` if the audit is
    ///   not what was signed before.
    public func exportEvidence(
        _ query: EvidenceHead.Query,
        by actor: Actor
    ) throws -> ExportedEvidence {
        try checkMayReadAudit(actor)
        try record(
            .export,
            by: actor.user,
            ["command": "audit export", "scopes": "\(query.scopes.count)"]
        )
        guard let signed = try store.signCheckpoint(wallMilliseconds: wallMilliseconds),
            try !store.distrusts(store.device)
        else {
            throw CommandFault(
                .damaged,
                "the audit is not what was signed before: gemba alarm list",
                reason: "audit-fault"
            )
        }
        return try pack(query, proving: store.cosigned(signed), for: actor)
    }

    private func pack(
        _ query: EvidenceHead.Query,
        proving checkpoint: SignedCheckpoint,
        for actor: Actor
    ) throws -> ExportedEvidence {
        let authority = store.authority
        let size = checkpoint.checkpoint.size
        let (entries, last) = try evidenceEntries(query, upTo: size)
        let scopes = try store.scopesWithArrivals(after: 0, upTo: last).filter(query.covers)
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        let chunks = try evidenceChunks(of: scopes, upTo: last)
        let witnessed = try store.witnessedCheckpoints(of: checkpoint.checkpoint.origin.epoch)
            .filter { $0.checkpoint.size < size }
            .map { $0.counting(under: authority) }
            .filter { !$0.cosignatures.isEmpty }
        let proven = checkpoint.counting(under: authority)
        let contents = EvidenceContents(
            authority: authority,
            checkpoint: proven,
            witnessed: witnessed,
            entries: entries,
            chunks: chunks,
            tables: try readWhole { try EvidenceTables($0, query, scopes: scopes).all() }
        )
        let maker = EvidenceMaker(
            device: store.device,
            key: store.keys.sign,
            user: actor.user,
            made: wallMilliseconds & 0xffff_ffff_ffff
        )
        let devices = (witnessed + [proven]).flatMap { $0.cosignatures.map(\.device) }
        return ExportedEvidence(
            bytes: try contents.packed(query, by: maker),
            checkpoint: proven,
            changes: chunks.reduce(0) { $0 + $1.changeCount },
            witnesses: Set(devices).count
        )
    }

    /// Entries read at once.
    private static let entryWindow: UInt64 = 4_096

    /// The entries below a size, and the position of the last change among them.
    private func evidenceEntries(
        _ query: EvidenceHead.Query,
        upTo size: UInt64
    ) throws -> (entries: [EvidenceEntry], position: Int64) {
        var entries: [EvidenceEntry] = []
        var last: Int64 = 0
        for first in stride(from: 0, to: size, by: UInt64.Stride(Self.entryWindow)) {
            let end = min(size, first + Self.entryWindow)
            for entry in try readWhole({ try $0.auditEntries(from: first, upTo: end) }) {
                entries.append(EvidenceEntry(entry, query))
                last = max(last, entry.change?.position ?? 0)
            }
        }
        guard UInt64(entries.count) == size else {
            throw CommandFault(.damaged, "entries of the audit are missing", reason: "audit-fault")
        }
        return (entries, last)
    }

    /// All changes of scopes up to a position, in order of arrival.
    private func evidenceChunks(of scopes: [Scope], upTo position: Int64) throws -> [Chunk] {
        var chunks: [Chunk] = []
        var introduced: Set<ID> = []
        for scope in scopes {
            var after: Int64 = 0
            while true {
                let read = try store.readChunk(
                    of: scope,
                    after: after,
                    upTo: position,
                    lacking: nil,
                    known: [:],
                    introduced: introduced
                )
                for case .binding(let binding) in read.items {
                    introduced.insert(binding.statement.structure.replica)
                }
                if !read.items.isEmpty { chunks.append(Chunk(scope: scope, items: read.items)) }
                guard !read.isComplete else { break }
                after = read.position
            }
        }
        return chunks
    }
}

extension EvidenceEntry {
    /// What of an entry a query asks for.
    fileprivate init(_ entry: AuditEntry, _ query: EvidenceHead.Query) {
        let isOfScope =
            entry.kind == AuditKind.change.rawValue || entry.kind == AuditKind.ruling.rawValue
        let isAsked =
            query.covers(entry.leaf)
            && (!isOfScope || entry.subject.map { query.covers($0.scope) } ?? true)
        guard isAsked else {
            self.init(leaf: entry.leaf, content: .closed)
            return
        }
        guard let keys = entry.keys, let subject = entry.subject, let detail = entry.detail else {
            self.init(leaf: entry.leaf, content: .erased)
            return
        }
        let opening = Opening(keys: keys, subject: subject.encoded, detail: detail.encoded)
        self.init(leaf: entry.leaf, content: .opened(opening))
    }
}

extension SignedCheckpoint {
    /// The same with those cosignatures alone that a certificate of the log stands for.
    fileprivate func counting(under log: AuthorityLog) -> SignedCheckpoint {
        var counting = bare
        counting.add(cosignatures.filter { log.isGenuine($0, over: checkpoint) })
        return counting
    }
}

extension Chunk {
    fileprivate var changeCount: Int {
        items.reduce(0) { count, item in
            guard case .run(let run) = item else { return count }
            return count + run.bodies.count
        }
    }
}
