public import CRDT
public import Identity

// Who signs a tenant's audit log, and in which epoch it is (ID-5, WIT-4).

extension AuthorityLog {
    /// The epoch of the audit log in force, and the checkpoint that its statement cites.
    ///
    /// Epoch 1 needs no statement; one that does not rise says nothing.
    public var auditEpoch: (number: UInt32, cited: Hash) {
        var epoch: (number: UInt32, cited: Hash) = (1, .zero)
        for statement in statements {
            guard case .logEpoch(let number, let cited) = statement.structure.payload,
                number > epoch.number
            else { continue }
            epoch = (number, cited)
        }
        return epoch
    }

    /// The log keys of all operators, the oldest first.
    public var logKeys: [VerifyingKey] {
        statements.compactMap { statement in
            guard case .operator(_, let logKey, _, _) = statement.structure.payload else {
                return nil
            }
            return logKey
        }
    }

    /// Whether the log key in force signed a checkpoint of this tenant.
    public func isInForce(_ checkpoint: SignedCheckpoint) -> Bool {
        checkpoint.checkpoint.origin.tenant == tenant
            && logKeys.last.map { checkpoint.isSigned(by: $0) } ?? false
    }

    /// Whether a log key that was ever in force signed a checkpoint of this tenant.
    public func isGenuine(_ checkpoint: SignedCheckpoint) -> Bool {
        checkpoint.checkpoint.origin.tenant == tenant
            && logKeys.contains { checkpoint.isSigned(by: $0) }
    }

    /// The device that was certified as a hub last.
    public var newestHub: ID? {
        certificates.last { $0.structure.kind == .hub }?.structure.device
    }

    /// Whether a device that this log certifies as anything but a hub signed a cosignature.
    public func isGenuine(_ cosignature: Cosignature, over checkpoint: Checkpoint) -> Bool {
        certificates.contains {
            $0.structure.device == cosignature.device && $0.structure.kind != .hub
                && cosignature.isSigned(by: $0.structure.signKey, over: checkpoint)
        }
    }
}
