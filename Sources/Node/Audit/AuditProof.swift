import Bytes
public import CRDT
public import Storage
public import Wire

/// Shows that an entry stands in the tree of a size, and what may be told of it.
///
/// JSON: `{"number", "size", "root", "leaf", "leaf_bytes", "proof", "subject", "subject_key",
/// "detail", "detail_key"}`: bytes in hexadecimal; the last four are null once erased.
public struct AuditProof: Sendable {
    public let entry: AuditEntry
    public let proof: InclusionProof
    /// Of the tree of that size.
    public let root: Hash

    public var json: JSON {
        let (keys, subject, detail) = (entry.keys, entry.subject, entry.detail)
        func bytes(_ bytes: [UInt8]?) -> JSON { .text(orNull: bytes.map { Hex.encode($0) }) }
        return [
            "number": .number(entry.number), "size": .number(proof.size),
            "root": .text("\(root)"), "leaf": .text("\(entry.leaf.hash)"),
            "leaf_bytes": bytes(entry.leaf.encoded),
            "proof": .list(proof.hashes) { .text("\($0)") },
            "subject": bytes(subject?.encoded), "subject_key": bytes(keys?.subject),
            "detail": bytes(detail?.encoded), "detail_key": bytes(keys?.detail),
        ]
    }

    public var lines: [String] {
        [
            "entry \(entry.number) of \(proof.size), leaf \(entry.leaf.hash)",
            "root \(root)",
        ] + proof.hashes.map { "  \($0)" }
    }
}

extension LocalNode {
    /// Shows that an entry stands in the audit.
    ///
    /// - Parameters:
    ///   - number: Of the entry.
    ///   - size: Of the tree; nil: as it is now.
    ///   - actor: Who reads; needs the right to.
    /// - Returns: The proof, which was checked.
    /// - Throws: `.notFound`, `.damaged`, `RuleFault`.
    public func auditProof(
        of number: UInt64,
        in size: UInt64?,
        by actor: Actor
    ) throws -> AuditProof {
        try checkMayReadAudit(actor)
        try recordReading("audit prove", ["number": "\(number)"], by: actor)
        let size = size ?? store.auditHead?.size ?? 0
        let entry = try readWhole { try $0.auditEntry(number) }
        guard let entry, let proof = try store.inclusionProof(of: number, in: size),
            let root = try store.auditRoot(of: size)
        else { throw Self.noEntry(number) }
        guard proof.shows(entry.leaf.hash, under: root) else {
            throw CommandFault(.damaged, "entry \(number) is not what the tree holds")
        }
        return AuditProof(entry: entry, proof: proof, root: root)
    }
}
