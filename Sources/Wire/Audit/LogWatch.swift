import CRDT

/// What a station holds of its tenant's audit log, and how it judges what is shown to it.
///
/// A value that decides; a store keeps it.
///
/// - Invariant: Sizes of `held` never fall within an epoch, and epochs never fall.
/// - Source: WIT-7 to WIT-10.
public struct LogWatch: Hashable, Sendable {
    /// The newest checkpoint that continues all before it.
    public var held: SignedCheckpoint?
    /// What other stations showed and no hub has settled, at most ``WitnessFrame/claimsMax``.
    public var claims: [SignedCheckpoint]

    public init(held: SignedCheckpoint? = nil, claims: [SignedCheckpoint] = []) {
        self.held = held
        self.claims = claims
    }

    /// What this node tells a peer.
    public var told: WitnessFrame.Held {
        WitnessFrame.Held(checkpoint: held?.bare, claims: claims.map(\.checkpoint.size))
    }
}

// MARK: - At a hub's word

extension LogWatch {
    /// Takes what a hub showed as an answer to ``told``.
    ///
    /// - Precondition: ``told`` is what the hub was asked; what came meanwhile has no proof here.
    /// - Parameters:
    ///   - shown: The hub's answer.
    ///   - log: The authority log, at least as long as the hub's.
    /// - Returns: What is to be cosigned; nil if nothing new was shown.
    /// - Throws: What the hub did; nothing is taken then.
    public mutating func take(
        _ shown: WitnessFrame.Shown,
        under log: AuthorityLog
    ) throws(LogFault) -> Checkpoint? {
        guard let new = shown.checkpoint else {
            guard let known = known(in: log) else { return nil }
            throw LogFault(.shrunk, known: known, shown: nil)
        }
        guard log.isInForce(new) else {
            throw LogFault(.badSignature, known: held, shown: new)
        }
        let epoch = new.checkpoint.origin.epoch
        guard epoch == log.auditEpoch.number, epoch >= held?.checkpoint.origin.epoch ?? 0 else {
            throw LogFault(.wrongEpoch, known: held, shown: new)
        }
        var proofs = shown.proofs[...]
        if let held, held.checkpoint.isOfSameLog(as: new.checkpoint) {
            try Self.check(held, continuedBy: new, proofs.popFirst() ?? [])
        } else {
            _ = proofs.popFirst()
            try checkCited(shown.cited, by: new, under: log)
        }
        for claim in claims {
            let proof = proofs.popFirst() ?? []
            guard claim.checkpoint.isOfSameLog(as: new.checkpoint) else { continue }
            try Self.check(claim, continuedBy: new, proof)
        }
        claims = []
        let isNew = held?.checkpoint.text != new.checkpoint.text
        held = new.bare
        return isNew ? new.checkpoint : nil
    }

    /// The largest checkpoint known of the epoch in force.
    private func known(in log: AuthorityLog) -> SignedCheckpoint? {
        ([held].compactMap(\.self) + claims)
            .filter { $0.checkpoint.origin.epoch == log.auditEpoch.number }
            .max { $0.checkpoint.size < $1.checkpoint.size }
    }

    private static func check(
        _ known: SignedCheckpoint,
        continuedBy new: SignedCheckpoint,
        _ proof: [Hash]
    ) throws(LogFault) {
        let (old, later) = (known.checkpoint, new.checkpoint)
        guard old.size <= later.size else { throw LogFault(.shrunk, known: known, shown: new) }
        guard old.size < later.size || old.root == later.root else {
            throw LogFault(.twoFaces, known: known, shown: new)
        }
        let shows = ConsistencyProof(from: old.size, to: later.size, hashes: proof)
            .shows(old.root, continuedBy: later.root)
        guard shows else { throw LogFault(.rewritten, known: known, shown: new) }
    }

    /// A new epoch cites the last checkpoint that anybody held of the one before.
    private func checkCited(
        _ cited: SignedCheckpoint?,
        by new: SignedCheckpoint,
        under log: AuthorityLog
    ) throws(LogFault) {
        let wanted = log.auditEpoch.cited
        guard wanted != .zero else { return }
        guard let cited, cited.checkpoint.hash == wanted, log.isGenuine(cited) else {
            throw LogFault(.wrongEpoch, known: held, shown: new)
        }
        guard let held, held.checkpoint.isOfSameLog(as: cited.checkpoint),
            held.checkpoint.size == cited.checkpoint.size,
            held.checkpoint.root != cited.checkpoint.root
        else { return }
        throw LogFault(.twoFaces, known: held, shown: cited)
    }
}

// MARK: - At another station's word

extension LogWatch {
    /// Takes the newest checkpoint of another station, to be settled by the hub's next proof.
    ///
    /// What no log key signed is passed over: it says nothing of the hub.
    ///
    /// - Returns: Whether anything changed.
    /// - Throws: Two roots for one size: the proof is complete.
    public mutating func compare(
        with other: SignedCheckpoint,
        under log: AuthorityLog
    ) throws(LogFault) -> Bool {
        guard log.isGenuine(other) else { return false }
        let known = ([held].compactMap(\.self) + claims).filter {
            $0.checkpoint.isOfSameLog(as: other.checkpoint)
                && $0.checkpoint.size == other.checkpoint.size
        }
        if let one = known.first(where: { $0.checkpoint.root != other.checkpoint.root }) {
            throw LogFault(.twoFaces, known: one, shown: other.bare)
        }
        guard known.isEmpty, other.checkpoint.origin.epoch == log.auditEpoch.number,
            claims.count < WitnessFrame.claimsMax
        else { return false }
        claims.append(other.bare)
        return true
    }
}
