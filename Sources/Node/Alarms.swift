public import CRDT
import Storage

/// Something that a person must look at, and that no node can settle.
public struct Alarm: Hashable, Sendable {
    /// The hub that held less than its receipts say (SYNC-22).
    public let hub: ID
    /// When it was seen last, milliseconds since 1970.
    public let time: UInt64
}

extension LocalNode {
    private static let rollbackPrefix = "alarm/rollback/"

    /// Remembers that a hub's disk was put back.
    func noteRollback(of hub: ID) {
        let time = [UInt8]("\(wallMilliseconds)".utf8)
        // An alarm that cannot be written is raised again at the next meeting.
        try? store.setLocalValue(time, for: "\(Self.rollbackPrefix)\(hub)")
    }

    /// The hubs that were seen below their own receipts.
    public func alarms() throws -> [Alarm] {
        try store.localValues(prefix: Self.rollbackPrefix).compactMap { key, value in
            guard let hub = ID(text: key.dropFirst(Self.rollbackPrefix.count)),
                let time = UInt64(String(decoding: value, as: UTF8.self))
            else { return nil }
            return Alarm(hub: hub, time: time)
        }
    }
}
