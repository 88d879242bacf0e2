import Bytes
public import CRDT
public import Wire

/// What a witness made of a hub's answer.
public enum Witnessed: Hashable, Sendable {
    /// Nothing new; or nothing was asked that this answers.
    case nothing
    /// Meanwhile something else came, or the authority log is behind the hub's: to be asked again.
    case again
    /// It is stored, and may be told.
    case cosigned(WitnessFrame)
    case faulty(LogFault.Code)
}

/// A fault of a hub's log that was seen, and what shows it.
public struct NotedLogFault: Hashable, Sendable {
    public let hub: ID
    public let epoch: UInt32
    public let code: LogFault.Code
    public let known: SignedCheckpoint?
    public let shown: SignedCheckpoint?
    /// Who saw it: this device, or at a hub a station that refused to cosign.
    public let witness: ID
    /// Milliseconds since 1970.
    public let time: UInt64
    /// Whether the hub is not believed because of it.
    public let isMark: Bool
    /// Whether nobody has looked at it yet.
    public let isOpen: Bool
}

// A station's side of WIT-7 to WIT-10.

extension Store {
    /// What this node holds of the audit log of its tenant.
    public func logWatch() throws(StorageError) -> LogWatch {
        try reading { connection throws(StorageError) in try connection.logWatch() }
    }

    /// The newest checkpoint held, with the own cosignature, and when it came; nil before one.
    public func watched() throws(StorageError) -> (checkpoint: SignedCheckpoint, time: UInt64)? {
        try reading { connection throws(StorageError) in try connection.watched() }
    }

    /// Judges what a hub showed; what is cosigned is on disk when this returns.
    ///
    /// - Parameters:
    ///   - shown: The hub's answer.
    ///   - asked: What it answers.
    ///   - hub: The device.
    ///   - wallMilliseconds: The wall clock, since 1970.
    /// - Returns: What is to be told to the hub.
    /// - Throws: What the disk says.
    public func witness(
        _ shown: WitnessFrame.Shown,
        asked: WitnessFrame.Held,
        of hub: ID,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> Witnessed {
        try writing { writer throws(StorageError) in
            let log = writer.state.authority
            var watch = try writer.connection.logWatch()
            guard watch.told == asked, log.number >= shown.authority else { return .again }
            let new: Checkpoint?
            do throws(LogFault) {
                new = try watch.take(shown, under: log)
            } catch {
                try writer.note(error, of: hub, by: writer.device, wallMilliseconds)
                return .faulty(error.code)
            }
            try writer.connection.believe(hub, since: log.auditEpoch.number)
            guard let new, let held = watch.held else { return .nothing }
            return .cosigned(try writer.cosign(new, as: held, wallMilliseconds))
        }
    }

    /// Compares what another station holds with what this one does.
    ///
    /// - Returns: The fault of the hub that the two show, if they do.
    /// - Throws: What the disk says.
    public func compare(
        _ other: SignedCheckpoint,
        wallMilliseconds: UInt64
    ) throws(StorageError) -> LogFault.Code? {
        try writing { writer throws(StorageError) in
            let log = writer.state.authority
            var watch = try writer.connection.logWatch()
            do throws(LogFault) {
                guard try watch.compare(with: other, under: log) else { return nil }
            } catch {
                let hub = log.newestHub ?? .zero
                try writer.note(error, of: hub, by: writer.device, wallMilliseconds)
                return error.code
            }
            try writer.connection.prepare("INSERT INTO claim VALUES (?, ?, ?)")
                .bind(Int64(other.checkpoint.origin.epoch)).bind(bits: other.checkpoint.size)
                .bind(other.bare.encoded).run()
            return nil
        }
    }
}

// MARK: - Faults

extension Store {
    /// The faults of logs that were seen, the oldest first.
    public func logFaults() throws(StorageError) -> [NotedLogFault] {
        try reading { connection throws(StorageError) in
            try connection.prepare(
                """
                SELECT hub, epoch, code, known, shown, witness, time, is_mark, is_open
                FROM log_fault ORDER BY time, code, witness
                """
            )
            .all { row in
                NotedLogFault(
                    hub: row.id(0) ?? .zero,
                    epoch: UInt32(clamping: row.integer(1)),
                    code: LogFault.Code(rawValue: UInt8(clamping: row.integer(2))) ?? .badSignature,
                    known: try? SignedCheckpoint(decoding: row.bytes(3)),
                    shown: try? SignedCheckpoint(decoding: row.bytes(4)),
                    witness: row.id(5) ?? .zero,
                    time: row.bits(6),
                    isMark: row.integer(7) == 1,
                    isOpen: row.integer(8) == 1
                )
            }
        }
    }

    /// Writes down what a hub did.
    public func noteLogFault(
        _ fault: LogFault,
        of hub: ID,
        wallMilliseconds: UInt64
    ) throws(StorageError) {
        try writing { writer throws(StorageError) in
            try writer.note(fault, of: hub, by: writer.device, wallMilliseconds)
        }
    }

    /// Notes that somebody has looked at the faults of a hub; what marks it goes on to.
    public func closeLogFaults(of hub: ID) throws(StorageError) {
        try writing { writer throws(StorageError) in
            try writer.connection.prepare("UPDATE log_fault SET is_open = 0 WHERE hub = ?")
                .bind(hub).run()
        }
    }

    /// Whether a hub's word does not count for what is safe there.
    public func distrusts(_ hub: ID) throws(StorageError) -> Bool {
        try reading { connection throws(StorageError) in try connection.distrusts(hub) }
    }
}

extension StoreWriter {
    var device: ID { state.own.statement.device }

    /// Stores a checkpoint with the own cosignature, before anybody is told.
    fileprivate func cosign(
        _ checkpoint: Checkpoint,
        as held: SignedCheckpoint,
        _ wallMilliseconds: UInt64
    ) throws(StorageError) -> WitnessFrame {
        let cosignature = Cosignature(
            of: checkpoint,
            by: device,
            key: keys.sign,
            time: wallMilliseconds / 1_000
        )
        var held = held
        held.add([cosignature])
        let epoch = checkpoint.origin.epoch
        try connection.prepare(
            """
            INSERT INTO watched VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET note = excluded.note, time = excluded.time
            """
        )
        .bind(Int64(epoch)).bind(held.encoded).bind(bits: wallMilliseconds).run()
        return .judged(.cosigned(epoch: epoch, size: checkpoint.size, cosignature))
    }

    /// Writes a fault down; one that is known is open again.
    func note(
        _ fault: LogFault,
        of hub: ID,
        by witness: ID,
        _ wallMilliseconds: UInt64
    ) throws(StorageError) {
        let count = try connection.prepare("SELECT count(*) FROM log_fault").first { $0.integer(0) }
        if count ?? 0 >= WitnessTables.faultsMax {
            try connection.execute(
                """
                DELETE FROM log_fault WHERE (hub, epoch, code, witness) IN (
                    SELECT hub, epoch, code, witness FROM log_fault
                    ORDER BY is_open, is_mark, time LIMIT 1)
                """
            )
        }
        try connection.prepare(
            """
            INSERT INTO log_fault VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
            ON CONFLICT DO UPDATE SET time = excluded.time, is_mark = excluded.is_mark, is_open = 1
            """
        )
        .bind(hub).bind(Int64(state.authority.auditEpoch.number)).bind(Int64(fault.code.rawValue))
        .bind(fault.known?.encoded ?? []).bind(fault.shown?.encoded ?? []).bind(witness)
        .bind(bits: wallMilliseconds).bind(witness == device ? 1 : 0).run()
    }
}

extension Connection {
    func watched() throws(StorageError) -> (checkpoint: SignedCheckpoint, time: UInt64)? {
        let row = try prepare("SELECT note, time FROM watched ORDER BY epoch DESC LIMIT 1")
            .first { ($0.bytes(0), $0.bits(1)) }
        guard let (note, time) = row else { return nil }
        return (try Self.stored(note), time)
    }

    fileprivate func logWatch() throws(StorageError) -> LogWatch {
        let claims = try prepare("SELECT note FROM claim ORDER BY epoch, size, note")
            .all { $0.bytes(0) }
        return LogWatch(
            held: try watched()?.checkpoint.bare,
            claims: try claims.map { (note) throws(StorageError) in try Self.stored(note) }
        )
    }

    static func stored(_ note: [UInt8]) throws(StorageError) -> SignedCheckpoint {
        do throws(Malformed) {
            return try SignedCheckpoint(decoding: note)
        } catch {
            throw StorageError(.damaged, "a stored checkpoint: \(error)")
        }
    }

    /// What was proven ends the marks of a hub; two faces stay what they are until a new epoch.
    fileprivate func believe(_ hub: ID, since epoch: UInt32) throws(StorageError) {
        try execute("DELETE FROM claim")
        try prepare(
            """
            UPDATE log_fault SET is_mark = 0
            WHERE hub = ? AND is_mark = 1 AND (code <> ? OR epoch < ?)
            """
        )
        .bind(hub).bind(Int64(LogFault.Code.twoFaces.rawValue)).bind(Int64(epoch)).run()
    }

    func distrusts(_ hub: ID) throws(StorageError) -> Bool {
        try prepare("SELECT 1 FROM log_fault WHERE hub = ? AND is_mark = 1").bind(hub)
            .first { $0.integer(0) } != nil
    }
}
