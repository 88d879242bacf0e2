import Bytes
public import CRDT
import Identity

/// Checks an evidence pack with nothing but the pack and the fingerprint of the tenant's root.
///
/// - Source: EVD-9.
public struct EvidenceVerifier {
    /// The tenant id, which is the hash of its first root statement (ID-4).
    private let root: ID?
    private let held: SignedCheckpoint?

    /// - Parameters:
    ///   - root: The tenant that is trusted; nil believes the pack, which proves little.
    ///   - held: A checkpoint that the auditor has from before.
    public init(root: ID?, held: SignedCheckpoint? = nil) {
        self.root = root
        self.held = held
    }

    /// Checks everything.
    ///
    /// - Returns: What the pack proves.
    /// - Throws: The first thing that is wrong.
    public func verify(_ pack: [UInt8]) throws(EvidenceFault) -> EvidenceReport {
        let files = try files(of: pack)
        let head = try head(files)
        try checkSums(files, head)
        let log = try authority(files, head)
        try checkSigner(files, head, log)
        let checkpoint = try checkpoint(files, head, log)
        let entries = try self.entries(files, head)
        var report = EvidenceReport(head: head, checkpoint: checkpoint)
        var roots = try SizedRoots(checkpoint, try witnessed(files, head, log), held: held)
        try roots.check(entries)
        try roots.report(to: &report, log)
        try checkHeld(log, &report)
        var statement = EvidenceStatement(head: head, log: log)
        try statement.take(entries, into: &report)
        try statement.take(chunks: file(EvidenceFile.changes, files), into: &report)
        try statement.finish(&report)
        let csv = Array(EvidenceText.csv(of: entries).utf8)
        guard try file(EvidenceFile.audit, files).elementsEqual(csv) else {
            throw EvidenceFault(.entry, "audit.csv says something else than the entries")
        }
        report.revocations = log.revocations.count
        return report
    }
}

// MARK: - Files

extension EvidenceVerifier {
    private func files(of pack: [UInt8]) throws(EvidenceFault) -> [Ustar.File] {
        let files: [Ustar.File]
        do throws(Malformed) {
            files = try Ustar.decode(pack)
        } catch {
            throw EvidenceFault(.container, "\(error)")
        }
        let names = files.map(\.name)
        let tables = names.dropFirst(EvidenceFile.all.count)
        guard names.starts(with: EvidenceFile.all),
            tables.allSatisfy({ $0.hasPrefix(EvidenceFile.tables) && $0.hasSuffix(".csv") }),
            zip(tables, tables.dropFirst()).allSatisfy({
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            })
        else { throw EvidenceFault(.container, "other files than a pack has") }
        return files
    }

    private func file(
        _ name: String,
        _ files: [Ustar.File]
    ) throws(EvidenceFault) -> ArraySlice<UInt8> {
        guard let file = files.first(where: { $0.name == name }) else {
            throw EvidenceFault(.container, "\(name) is missing")
        }
        return file.bytes
    }

    private func head(_ files: [Ustar.File]) throws(EvidenceFault) -> EvidenceHead {
        do throws(Malformed) {
            return try EvidenceHead(decoding: Array(files[0].bytes))
        } catch {
            throw EvidenceFault(.container, "evidence.head: \(error)")
        }
    }

    private func checkSums(
        _ files: [Ustar.File],
        _ head: EvidenceHead
    ) throws(EvidenceFault) {
        let sums = try Array(file(EvidenceFile.sums, files))
        guard Hash(digest: SHA256.hash(sums)) == head.sums,
            Array(EvidenceText.sums(of: Array(files.dropFirst(EvidenceFile.unlisted))).utf8) == sums
        else { throw EvidenceFault(.sums, "a file is not the one that was signed") }
    }

    /// Reads items with a length before each.
    static func items(
        _ bytes: ArraySlice<UInt8>,
        _ take: (inout Reader) throws(Malformed) -> Void
    ) throws(Malformed) {
        var reader = Reader(Array(bytes))
        while reader.remaining > 0 { try take(&reader) }
    }
}

// MARK: - Who speaks

extension EvidenceVerifier {
    private func authority(
        _ files: [Ustar.File],
        _ head: EvidenceHead
    ) throws(EvidenceFault) -> AuthorityLog {
        var roots: [Cosigned<RootStatement>] = []
        var statements: [Cosigned<Statement>] = []
        do {
            try Self.items(try file(EvidenceFile.authority, files)) { reader throws(Malformed) in
                let kind = try reader.u8("kind")
                let bytes = try reader.long()
                switch kind {
                case 0 where statements.isEmpty: roots.append(try Cosigned(decoding: bytes))
                case 3: statements.append(try Cosigned(decoding: bytes))
                default: throw reader.malformed(.notCanonical, "kind")
                }
            }
            var log = try AuthorityLog(roots: roots)
            try log.append(roots: [], statements: statements)
            guard log.number == UInt64(statements.count), log.rootNumber == UInt32(roots.count),
                log.tenant == head.tenant
            else { throw EvidenceFault(.authority, "the authority log is of another tenant") }
            guard root == nil || log.tenant == root else {
                throw EvidenceFault(.authority, "the root is not the one that is trusted")
            }
            return log
        } catch let fault as EvidenceFault {
            throw fault
        } catch {
            throw EvidenceFault(.authority, "\(error)")
        }
    }

    private func checkSigner(
        _ files: [Ustar.File],
        _ head: EvidenceHead,
        _ log: AuthorityLog
    ) throws(EvidenceFault) {
        let signed = Signed(head, signature: Array(try file(EvidenceFile.signature, files)))
        let pem = Array(try file(EvidenceFile.signer, files))
        let isHubs = log.certificates.map(\.structure).contains {
            $0.device == head.device && $0.kind == .hub && signed.isSigned(by: $0.signKey)
                && Array(EvidenceText.pem(of: $0.signKey).utf8) == pem
        }
        guard isHubs else {
            throw EvidenceFault(.signature, "no hub of the tenant signed the pack")
        }
    }

    private func checkpoint(
        _ files: [Ustar.File],
        _ head: EvidenceHead,
        _ log: AuthorityLog
    ) throws(EvidenceFault) -> SignedCheckpoint {
        let signed = try note(try file(EvidenceFile.checkpoint, files), .checkpoint)
        let checkpoint = signed.checkpoint
        guard log.isGenuine(signed), checkpoint.origin.epoch == head.epoch,
            head.epoch <= log.auditEpoch.number, checkpoint.size == head.size,
            checkpoint.root == head.root
        else { throw EvidenceFault(.checkpoint, "not the log's, or not the one that was signed") }
        return signed
    }

    private func witnessed(
        _ files: [Ustar.File],
        _ head: EvidenceHead,
        _ log: AuthorityLog
    ) throws(EvidenceFault) -> [SignedCheckpoint] {
        var notes: [[UInt8]] = []
        do throws(Malformed) {
            try Self.items(try bytes(EvidenceFile.witnessed, files)) { reader throws(Malformed) in
                notes.append(try reader.long())
            }
        } catch {
            throw EvidenceFault(.witness, "\(error)")
        }
        var witnessed: [SignedCheckpoint] = []
        for bytes in notes {
            let signed = try note(bytes[...], .witness)
            guard log.isGenuine(signed), signed.checkpoint.origin.epoch == head.epoch,
                signed.checkpoint.size > witnessed.last?.checkpoint.size ?? 0
            else { throw EvidenceFault(.witness, "not of this log, or out of order") }
            witnessed.append(signed)
        }
        return witnessed
    }

    private func bytes(_ name: String, _ files: [Ustar.File]) throws(Malformed) -> ArraySlice<UInt8>
    {
        guard let file = files.first(where: { $0.name == name }) else {
            throw Malformed(.truncated, name, at: 0)
        }
        return file.bytes
    }

    private func note(
        _ bytes: ArraySlice<UInt8>,
        _ code: EvidenceFault.Code
    ) throws(EvidenceFault) -> SignedCheckpoint {
        do throws(Malformed) {
            return try SignedCheckpoint(decoding: Array(bytes))
        } catch {
            throw EvidenceFault(code, "\(error)")
        }
    }

    private func entries(
        _ files: [Ustar.File],
        _ head: EvidenceHead
    ) throws(EvidenceFault) -> [EvidenceEntry] {
        var entries: [EvidenceEntry] = []
        do throws(Malformed) {
            try Self.items(try bytes(EvidenceFile.entries, files)) { reader throws(Malformed) in
                entries.append(try EvidenceEntry(reading: &reader))
            }
        } catch {
            throw EvidenceFault(.entry, "\(error)")
        }
        guard UInt64(entries.count) == head.size else {
            throw EvidenceFault(.tree, "\(entries.count) entries, not \(head.size)")
        }
        return entries
    }

    /// A checkpoint of an earlier epoch is continued where a root statement cites it (EVD-10).
    private func checkHeld(
        _ log: AuthorityLog,
        _ report: inout EvidenceReport
    ) throws(EvidenceFault) {
        guard let held else { return }
        let checkpoint = held.checkpoint
        guard log.isGenuine(held) else {
            throw EvidenceFault(.consistency, "the checkpoint held is not of this tenant's log")
        }
        if checkpoint.origin.epoch != report.head.epoch {
            let cites = log.statements.contains {
                guard case .logEpoch(let epoch, let cited) = $0.structure.payload else {
                    return false
                }
                return epoch <= report.head.epoch && epoch > checkpoint.origin.epoch
                    && cited == checkpoint.hash
            }
            guard cites else {
                throw EvidenceFault(.consistency, "of another epoch, and no statement cites it")
            }
        }
        report.continues = checkpoint.size
    }
}

extension Reader {
    mutating func long() throws(Malformed) -> [UInt8] {
        let count = try u32("length")
        guard Int(count) <= remaining else { throw malformed(.truncated, "item") }
        return try raw(Int(count), "item")
    }
}
