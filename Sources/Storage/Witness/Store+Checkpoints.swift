import CRDT
import Identity
public import Wire

// A hub's side of WIT-5 to WIT-9.

/// What a hub has signed of its log.
public struct HubCheckpoint: Hashable, Sendable {
    /// With the cosignatures that came.
    public let checkpoint: SignedCheckpoint
    /// When it was signed, milliseconds since 1970.
    public let time: UInt64
}

extension Store {
    /// How long a hub shows one checkpoint before it signs the next, milliseconds: so that
    /// witnesses who come together cosign the same.
    public static let checkpointPause: UInt64 = 10_000

    /// Signs the log as it is committed now.
    ///
    /// - Parameters:
    ///   - pause: An older checkpoint of fewer milliseconds is shown again instead.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Returns: The newest checkpoint; nil while there is none to sign or no key to sign with. A
    ///   hub whose log is not what it signed before notes that, and signs nothing more.
    /// - Throws: What the disk says.
    public func signCheckpoint(
        pause: UInt64 = 0,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> SignedCheckpoint? {
        try writing { writer throws(StorageError) in
            try writer.signCheckpoint(pause: pause, wallMilliseconds)
        }
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
        try writing { writer throws(StorageError) in
            if let shown = held.checkpoint { try writer.recognize(shown, wallMilliseconds) }
            let new = try writer.signCheckpoint(pause: Self.checkpointPause, wallMilliseconds)
            var proofs: [[Hash]] = []
            if let new = new?.checkpoint {
                let isSame = held.checkpoint?.checkpoint.isOfSameLog(as: new) ?? false
                let first = isSame ? held.checkpoint?.checkpoint.size ?? 0 : 0
                for size in [first] + held.claims {
                    let proof = try writer.connection.auditConsistency(from: size, to: new.size)
                    proofs.append(proof?.hashes ?? [])
                }
            }
            return WitnessFrame.Shown(
                authority: writer.state.authority.number,
                checkpoint: new,
                cited: try writer.citedCheckpoint(),
                proofs: proofs
            )
        }
    }

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
        try writing { writer throws(StorageError) in
            switch judged {
            case .cosigned(let epoch, let size, let cosignature):
                try writer.keep(cosignature, epoch: epoch, size: size, of: peer)
            case .refused(let code, let epoch, let size):
                guard epoch == writer.state.authority.auditEpoch.number else { return }
                let shown = try writer.connection.checkpoint(epoch: epoch, size: size)
                let fault = LogFault(code, known: nil, shown: shown)
                try writer.note(fault, of: writer.device, by: peer.device, wallMilliseconds)
            }
        }
    }

    /// The checkpoints that this hub signed, the newest first, with their cosignatures.
    public func hubCheckpoints(limit: Int) throws(StorageError) -> [HubCheckpoint] {
        try reading { connection throws(StorageError) in
            let rows = try connection.prepare(
                "SELECT note, time FROM checkpoint ORDER BY epoch DESC, size DESC LIMIT ?"
            )
            .bind(Int64(limit)).all { ($0.bytes(0), $0.bits(1)) }
            return try rows.map { (row) throws(StorageError) in
                var signed = try connection.stored(row.0)
                signed.add(try connection.cosignatures(of: signed.checkpoint))
                return HubCheckpoint(checkpoint: signed, time: row.1)
            }
        }
    }

    /// Keeps the checkpoint that the statement of the epoch in force cites, to be shown.
    public func keepCited(_ checkpoint: SignedCheckpoint) throws(StorageError) {
        try setLocalValue(checkpoint.bare.encoded, for: StoreWriter.citedKey)
    }
}

extension StoreWriter {
    fileprivate static let citedKey = "audit/cited"

    fileprivate func citedCheckpoint() throws(StorageError) -> SignedCheckpoint? {
        try connection.prepare("SELECT value FROM local WHERE key = ?").bind(Self.citedKey)
            .first { $0.bytes(0) }
            .map { (note) throws(StorageError) in try connection.stored(note) }
    }

    /// Signs what is committed and stores it; a hub whose own log is in doubt signs nothing.
    fileprivate func signCheckpoint(
        pause: UInt64,
        _ wallMilliseconds: UInt64
    ) throws(StorageError) -> SignedCheckpoint? {
        let epoch = state.authority.auditEpoch.number
        let last = try connection.newestCheckpoint(epoch: epoch)
        let (size, root) = try connection.auditHead()
        if let last {
            let isRecent = wallMilliseconds < last.time &+ pause && wallMilliseconds >= last.time
            let known = last.checkpoint.checkpoint
            guard known.size <= size, try connection.auditRoot(of: known.size) == known.root else {
                let code: LogFault.Code = known.size > size ? .shrunk : .rewritten
                let fault = LogFault(code, known: last.checkpoint, shown: nil)
                try note(fault, of: device, by: device, wallMilliseconds)
                return last.checkpoint
            }
            if isRecent || known.size == size { return last.checkpoint }
        }
        guard let key = keys.log, key.publicKey == state.authority.logKeys.last, size > 0,
            try !connection.distrusts(device),
            let origin = LogOrigin(host: LogOrigin.ownHost, tenant: tenant, epoch: epoch),
            let checkpoint = Checkpoint(origin: origin, size: size, root: root)
        else { return last?.checkpoint }
        let signed = SignedCheckpoint(signing: checkpoint, with: key)
        try connection.insert(signed, wallMilliseconds)
        return signed
    }

    /// Looks whether a station holds what this hub signed and no longer has: its disk was put back.
    fileprivate func recognize(
        _ shown: SignedCheckpoint,
        _ wallMilliseconds: UInt64
    ) throws(StorageError) {
        let checkpoint = shown.checkpoint
        guard checkpoint.origin.epoch == state.authority.auditEpoch.number,
            state.authority.isGenuine(shown)
        else { return }
        let size = try connection.auditHead().size
        if checkpoint.size > size {
            let newest = try connection.newestCheckpoint(epoch: checkpoint.origin.epoch)
            let fault = LogFault(.shrunk, known: shown.bare, shown: newest?.checkpoint)
            try note(fault, of: device, by: device, wallMilliseconds)
        } else if try connection.auditRoot(of: checkpoint.size) != checkpoint.root {
            let fault = LogFault(.rewritten, known: shown.bare, shown: nil)
            try note(fault, of: device, by: device, wallMilliseconds)
        }
    }

    fileprivate func keep(
        _ cosignature: Cosignature,
        epoch: UInt32,
        size: UInt64,
        of peer: Certificate
    ) throws(StorageError) {
        let device = peer.device
        guard cosignature.device == device,
            let signed = try connection.checkpoint(epoch: epoch, size: size),
            cosignature.isSigned(by: peer.signKey, over: signed.checkpoint)
        else { return }
        try connection.prepare("INSERT OR REPLACE INTO cosignature VALUES (?, ?, ?, ?, ?, ?)")
            .bind(Int64(epoch)).bind(bits: size).bind(device).bind(cosignature.keyID)
            .bind(bits: cosignature.time).bind(cosignature.signature).run()
        try connection.prepare(
            """
            DELETE FROM cosignature WHERE device = ?1 AND (epoch, size) NOT IN (
                SELECT epoch, size FROM cosignature WHERE device = ?1
                ORDER BY epoch DESC, size DESC LIMIT ?2)
            """
        )
        .bind(device).bind(WitnessTables.cosignaturesMax).run()
    }
}

extension Connection {
    fileprivate func newestCheckpoint(epoch: UInt32) throws(StorageError) -> HubCheckpoint? {
        let row = try prepare(
            "SELECT note, time FROM checkpoint WHERE epoch = ? ORDER BY size DESC LIMIT 1"
        )
        .bind(Int64(epoch)).first { ($0.bytes(0), $0.bits(1)) }
        guard let (note, time) = row else { return nil }
        return HubCheckpoint(checkpoint: try stored(note), time: time)
    }

    fileprivate func checkpoint(
        epoch: UInt32,
        size: UInt64
    ) throws(StorageError) -> SignedCheckpoint? {
        try prepare("SELECT note FROM checkpoint WHERE epoch = ? AND size = ?")
            .bind(Int64(epoch)).bind(bits: size).first { $0.bytes(0) }
            .map { (note) throws(StorageError) in try stored(note) }
    }

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

    /// Keeps a checkpoint, and of all only the newest.
    fileprivate func insert(
        _ signed: SignedCheckpoint,
        _ wallMilliseconds: UInt64
    ) throws(StorageError) {
        let epoch = Int64(signed.checkpoint.origin.epoch)
        try prepare("INSERT INTO checkpoint VALUES (?, ?, ?, ?)")
            .bind(epoch).bind(bits: signed.checkpoint.size).bind(signed.encoded)
            .bind(bits: wallMilliseconds).run()
        try prepare(
            """
            DELETE FROM checkpoint WHERE (epoch, size) IN (
                SELECT epoch, size FROM checkpoint ORDER BY epoch DESC, size DESC LIMIT -1 OFFSET ?)
            """
        )
        .bind(WitnessTables.checkpointsMax).run()
    }
}
