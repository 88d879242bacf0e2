import Bytes
import CRDT
import Domain
public import Storage
public import Wire

/// The newest checkpoint of the audit log that this node signed or watched, for people.
public struct CheckpointView: Sendable {
    public let checkpoint: SignedCheckpoint
    /// When it was signed here, or shown to this node, milliseconds since 1970.
    public let time: UInt64
    public let faults: [NotedLogFault]

    /// The note itself: for a folder, a printer, or `audit verify --checkpoint`.
    public var note: String { String(decoding: checkpoint.encoded, as: UTF8.self) }

    public var json: JSON {
        let checkpoint = checkpoint.checkpoint
        return [
            "note": .text(note), "epoch": .number(checkpoint.origin.epoch),
            "size": .number(checkpoint.size), "root": .text(Hex.encode(checkpoint.root.bytes)),
            "hash": .text(Hex.encode(checkpoint.hash.bytes)), "time": .number(time),
            "witnesses": .list(self.checkpoint.cosignatures) {
                ["device": .text("\($0.device)"), "seconds": .number($0.time)]
            },
            "faults": .list(faults, \.json),
        ]
    }
}

extension NotedLogFault {
    fileprivate var json: JSON {
        func note(_ checkpoint: SignedCheckpoint?) -> JSON {
            .text(orNull: checkpoint.map { String(decoding: $0.encoded, as: UTF8.self) })
        }
        return [
            "kind": .text(code.word), "device": .text("\(hub)"), "epoch": .number(epoch),
            "witness": .text("\(witness)"), "last": .number(time), "believed": .bool(!isMark),
            "known": note(known), "shown": note(shown),
        ]
    }
}

extension LocalNode {
    /// The newest checkpoint: a hub signs its log as it is now, another node shows what it watched.
    ///
    /// - Throws: `.notFound` before the first.
    public func auditCheckpoint() throws -> CheckpointView {
        let faults = try store.logFaults()
        if isHub {
            let now = wallMilliseconds
            if let newest = try store.signCheckpoint(wallMilliseconds: now) {
                let epoch = newest.checkpoint.origin.epoch
                return CheckpointView(
                    checkpoint: try store.cosigned(newest),
                    time: try store.newestCheckpoint(of: epoch)?.time ?? now,
                    faults: faults
                )
            }
        } else if let (checkpoint, time) = try store.watched() {
            return CheckpointView(checkpoint: checkpoint, time: time, faults: faults)
        }
        throw CommandFault(
            .notFound,
            isHub ? "nothing was signed yet" : "no hub has shown its audit log yet: gemba sync"
        )
    }
}
