import CRDT
import Identity
public import Wire

// A hub's side of WIT-5 to WIT-8.

extension Store {
    /// How long a hub shows one checkpoint before it signs the next, milliseconds: so that
    /// witnesses who come together cosign the same.
    public static let checkpointPause: UInt64 = 10_000

    /// Signs the log as it is committed now.
    ///
    /// - Parameters:
    ///   - pause: A checkpoint that is younger, by so many milliseconds, is shown again instead.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Returns: The newest checkpoint; nil while there is none to sign or no key to sign with. A
    ///   hub whose log is not what it signed before notes that, and signs nothing more.
    /// - Throws: What the disk says.
    public func signCheckpoint(
        pause: UInt64 = 0,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> SignedCheckpoint? {
        let epoch = authority.auditEpoch.number
        let last = try newestCheckpoint(of: epoch)
        let signed = try last.map { (last) throws(StorageError) in try Self.read(last) }
        if let last, wallMilliseconds >= last.time, wallMilliseconds - last.time < pause {
            return signed
        }
        guard let key = keys.log, key.publicKey == authority.logKeys.last,
            try !distrusts(device)
        else { return signed }
        do {
            let made = try makeCheckpoint(epoch: epoch, wallMilliseconds: wallMilliseconds) {
                try self.sign($0, in: epoch, with: key)
            }
            return try Self.read(made)
        } catch let error as StorageError {
            guard error.code == .damaged else { throw error }
            let fault = LogFault(.rewritten, known: signed, shown: nil)
            try noteLogFault(fault, of: device, wallMilliseconds: wallMilliseconds)
            return signed
        } catch {
            throw StorageError(.database, "\(error)")
        }
    }

    private func sign(
        _ head: AuditHead,
        in epoch: UInt32,
        with key: SigningKey
    ) throws(StorageError) -> [UInt8] {
        guard let origin = LogOrigin(host: LogOrigin.ownHost, tenant: tenant, epoch: epoch),
            let checkpoint = Checkpoint(origin: origin, size: head.size, root: head.root)
        else { throw StorageError(.inadmissible, "no checkpoint of \(head.size) entries") }
        return SignedCheckpoint(signing: checkpoint, with: key).encoded
    }

    private static func read(_ checkpoint: AuditCheckpoint) throws(StorageError) -> SignedCheckpoint
    {
        try Connection.stored(checkpoint.signed)
    }

    /// Answers what a station asks of the log.
    ///
    /// - Parameters:
    ///   - held: What the station holds.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Returns: The newest checkpoint, with proofs from what the station named.
    /// - Throws: What the disk says.
    public func showLog(
        to held: WitnessFrame.Held,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> WitnessFrame.Shown {
        if let shown = held.checkpoint { try recognize(shown, wallMilliseconds) }
        let new = try signCheckpoint(
            pause: Self.checkpointPause,
            wallMilliseconds: wallMilliseconds
        )
        var proofs: [[Hash]] = []
        if let new = new?.checkpoint {
            let isSame = held.checkpoint?.checkpoint.isOfSameLog(as: new) ?? false
            let first = isSame ? held.checkpoint?.checkpoint.size ?? 0 : 0
            for size in [first] + held.claims {
                proofs.append(try proof(from: size, to: new.size))
            }
        }
        return WitnessFrame.Shown(
            authority: authority.number,
            checkpoint: new,
            cited: try localValue(Self.citedKey).map { (note) throws(StorageError) in
                try Connection.stored(note)
            },
            proofs: proofs
        )
    }

    /// The proof from a size that somebody else named; a tree that contradicts itself has none.
    private func proof(from size: UInt64, to newest: UInt64) throws(StorageError) -> [Hash] {
        guard size <= newest else { return [] }
        do throws(StorageError) {
            return try consistencyProof(from: size, to: newest)?.hashes ?? []
        } catch {
            guard error.code == .damaged else { throw error }
            return []
        }
    }

    /// Looks whether a station holds what this hub signed and no longer has: its disk was put back.
    private func recognize(
        _ shown: SignedCheckpoint,
        _ wallMilliseconds: UInt64
    ) throws(StorageError) {
        let checkpoint = shown.checkpoint
        guard checkpoint.origin.epoch == authority.auditEpoch.number, authority.isGenuine(shown)
        else { return }
        let root = try? auditRoot(of: checkpoint.size)
        guard root != checkpoint.root else { return }
        let newest = try newestCheckpoint(of: checkpoint.origin.epoch)
            .map { (last) throws(StorageError) in try Self.read(last) }
        let fault = LogFault(root == nil ? .shrunk : .rewritten, known: shown.bare, shown: newest)
        try noteLogFault(fault, of: device, wallMilliseconds: wallMilliseconds)
    }
}

// MARK: - Witnesses

extension Store {
    /// Takes what a witness made of a checkpoint.
    ///
    /// - Parameters:
    ///   - judged: What it said.
    ///   - peer: Its certificate in force.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Throws: What the disk says.
    public func takeJudgement(
        _ judged: WitnessFrame.Judged,
        of peer: Certificate,
        wallMilliseconds: UInt64
    ) throws(StorageError) {
        switch judged {
        case .cosigned(let epoch, let size, let cosignature):
            guard cosignature.device == peer.device, let signed = try signed(epoch, size),
                cosignature.isSigned(by: peer.signKey, over: signed.checkpoint)
            else { return }
            try writing { writer throws(StorageError) in
                try writer.connection.keep(cosignature, epoch: epoch, size: size)
            }
        case .refused(let code, let epoch, let size):
            guard epoch == authority.auditEpoch.number else { return }
            let fault = LogFault(code, known: nil, shown: try signed(epoch, size))
            try writing { writer throws(StorageError) in
                try writer.note(fault, of: writer.device, by: peer.device, wallMilliseconds)
            }
        }
    }

    /// What was signed of a size.
    private func signed(_ epoch: UInt32, _ size: UInt64) throws(StorageError) -> SignedCheckpoint? {
        guard let held = try checkpoint(of: epoch, upTo: size), held.head.size == size else {
            return nil
        }
        return try Self.read(held)
    }

    /// The checkpoints of an epoch that were cosigned, ascending, with their cosignatures: of each
    /// device the newest few.
    public func witnessedCheckpoints(
        of epoch: UInt32
    ) throws(StorageError) -> [SignedCheckpoint] {
        let sizes = try reading { connection throws(StorageError) in
            try connection.prepare(
                "SELECT DISTINCT size FROM cosignature WHERE epoch = ? ORDER BY size"
            )
            .bind(Int64(epoch)).all { $0.bits(0) }
        }
        var witnessed: [SignedCheckpoint] = []
        for size in sizes {
            guard let signed = try signed(epoch, size) else { continue }
            witnessed.append(try cosigned(signed))
        }
        return witnessed
    }

    /// A checkpoint with the cosignatures that came for it.
    public func cosigned(
        _ signed: SignedCheckpoint
    ) throws(StorageError) -> SignedCheckpoint {
        try reading { connection throws(StorageError) in
            var signed = signed
            signed.add(try connection.cosignatures(of: signed.checkpoint))
            return signed
        }
    }

    static let citedKey = "audit/cited"

    /// Keeps the checkpoint that the statement of the epoch in force cites, to be shown.
    public func keepCited(_ checkpoint: SignedCheckpoint) throws(StorageError) {
        try setLocalValue(checkpoint.bare.encoded, for: Self.citedKey)
    }
}

extension Connection {
    fileprivate func cosignatures(
        of checkpoint: Checkpoint
    ) throws(StorageError) -> [Cosignature] {
        try prepare(
            """
            SELECT device, key, time, signature FROM cosignature WHERE epoch = ? AND size = ?
            ORDER BY device
            """
        )
        .bind(Int64(checkpoint.origin.epoch)).bind(bits: checkpoint.size)
        .all { row in
            Cosignature(
                device: row.id(0) ?? .zero,
                keyID: row.bytes(1),
                time: row.bits(2),
                signature: row.bytes(3)
            )
        }
    }

    fileprivate func keep(
        _ cosignature: Cosignature,
        epoch: UInt32,
        size: UInt64
    ) throws(StorageError) {
        try prepare("INSERT OR REPLACE INTO cosignature VALUES (?, ?, ?, ?, ?, ?)")
            .bind(Int64(epoch)).bind(bits: size).bind(cosignature.device)
            .bind(cosignature.keyID).bind(bits: cosignature.time).bind(cosignature.signature)
            .run()
        try prepare(
            """
            DELETE FROM cosignature WHERE device = ?1 AND (epoch, size) NOT IN (
                SELECT epoch, size FROM cosignature WHERE device = ?1
                ORDER BY epoch DESC, size DESC LIMIT ?2)
            """
        )
        .bind(cosignature.device).bind(WitnessTables.cosignaturesMax).run()
    }
}
