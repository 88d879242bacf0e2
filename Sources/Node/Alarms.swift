public import CRDT
import Domain
public import Storage

/// Something that a person must look at, and that no node can settle.
public struct Alarm: Hashable, Sendable {
    /// The hub that held less than its receipts say (SYNC-22).
    public let hub: ID
    /// When it was seen last, milliseconds since 1970.
    public let time: UInt64
}

extension LocalNode {
    private static let rollbackPrefix = "alarm/rollback/"

    /// Remembers that a hub's disk was put back, and believes none of its older receipts.
    public func noteRollback(of hub: ID) {
        let time = wallMilliseconds
        // An alarm that cannot be written is raised again at the next meeting.
        guard
            (try? store.setLocalValue(
                [UInt8]("\(time)".utf8),
                for: "\(Self.rollbackPrefix)\(hub)"
            )) != nil
        else { return }
        try? store.forgetReceipts(of: hub, before: time)
    }

    /// Takes an alarm back that somebody has looked at.
    ///
    /// - Parameters:
    ///   - hub: A device.
    ///   - actor: Who has.
    /// - Throws: `RuleFault`, `.notFound` if there is no such alarm.
    public func clearAlarm(of hub: ID, by actor: Actor) throws {
        guard try alarms().contains(where: { $0.hub == hub }) else {
            throw CommandFault(.notFound, "there is no alarm of that hub: gemba alarm list")
        }
        _ = try act(by: actor) { _, person in
            try person.check(.ruleOnChanges)
            return Draft()
        }
        try store.setLocalValue(nil, for: "\(Self.rollbackPrefix)\(hub)")
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
