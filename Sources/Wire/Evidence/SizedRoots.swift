import CRDT

/// The checkpoints that one tree must pass through, checked while its leaves are added.
struct SizedRoots {
    private let newest: SignedCheckpoint
    private let witnessed: [SignedCheckpoint]
    private let held: SignedCheckpoint?

    init(
        _ newest: SignedCheckpoint,
        _ witnessed: [SignedCheckpoint],
        held: SignedCheckpoint?
    ) throws(EvidenceFault) {
        if let last = witnessed.last, last.checkpoint.size >= newest.checkpoint.size {
            throw EvidenceFault(.witness, "a witnessed checkpoint is not before the newest")
        }
        self.newest = newest
        self.witnessed = witnessed
        let isOfEpoch = held?.checkpoint.isOfSameLog(as: newest.checkpoint) ?? false
        self.held = isOfEpoch ? held : nil
    }

    /// Builds the tree, and compares its root at each size.
    mutating func check(_ entries: [EvidenceEntry]) throws(EvidenceFault) {
        var tree = GrowingTree()
        var rest = witnessed[...]
        try checkHeld(tree)
        for entry in entries {
            tree.append(entry.leaf.hash)
            if let next = rest.first, next.checkpoint.size == tree.size {
                guard next.checkpoint.root == tree.root else {
                    throw EvidenceFault(.witness, "another root at \(tree.size) was cosigned")
                }
                rest = rest.dropFirst()
            }
            try checkHeld(tree)
        }
        guard rest.isEmpty, tree.size == newest.checkpoint.size,
            tree.root == newest.checkpoint.root
        else { throw EvidenceFault(.tree, "the entries do not have the root of the checkpoint") }
        if let held, held.checkpoint.size > tree.size {
            throw EvidenceFault(.consistency, "the log was larger before")
        }
    }

    private func checkHeld(_ tree: GrowingTree) throws(EvidenceFault) {
        guard let held, held.checkpoint.size == tree.size else { return }
        guard held.checkpoint.root == tree.root else {
            throw EvidenceFault(.consistency, "another root at \(tree.size) was held")
        }
    }

    /// Names the witnesses, each with the largest size that it cosigned.
    func report(
        to report: inout EvidenceReport,
        _ log: AuthorityLog
    ) throws(EvidenceFault) {
        var newestOf: [ID: EvidenceReport.Witness] = [:]
        for signed in witnessed + [newest] {
            for cosignature in signed.cosignatures {
                guard log.isGenuine(cosignature, over: signed.checkpoint) else {
                    throw EvidenceFault(.witness, "a cosignature is not its device's")
                }
                newestOf[cosignature.device] = EvidenceReport.Witness(
                    device: "\(cosignature.device)",
                    size: signed.checkpoint.size,
                    time: cosignature.time
                )
            }
        }
        report.witnesses = newestOf.values.sorted { $0.device < $1.device }
    }
}
