public import CRDT
import Domain
public import Storage
public import Wire

/// Something that a person must look at, and that no node can settle.
public struct Alarm: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The hub held less than its receipts say (SYNC-22).
        case rolledBack
        /// The hub's audit log is not what it was (WIT-9).
        case log(LogFault.Code)
        /// At a hub: a station refused to cosign its log (WIT-8).
        case refused(LogFault.Code)
    }

    public let kind: Kind
    public let hub: ID
    /// When it was seen last, milliseconds since 1970.
    public let time: UInt64
    /// Whether the hub is not believed because of it.
    public let isMark: Bool
}

extension Alarm {
    /// The word for scripts.
    public var word: String {
        switch kind {
        case .rolledBack: "hub-rolled-back"
        case .log(let code): "audit-\(code.word)"
        case .refused(let code): "audit-refused-\(code.word)"
        }
    }

    /// What it means, after the name of the hub.
    public var text: String {
        switch kind {
        case .rolledBack: "held less than its receipts say: it was restored; work was sent again"
        case .log(let code):
            code.text + (isMark ? ": not believed, and data flow on" : ": it was proven since")
        case .refused(let code): "\(code.text), says a station that did not cosign"
        }
    }
}

extension LogFault.Code {
    public var word: String {
        switch self {
        case .badSignature: "bad-signature"
        case .shrunk: "shrunk"
        case .twoFaces: "two-faces"
        case .rewritten: "rewritten"
        case .wrongEpoch: "wrong-epoch"
        }
    }

    var text: String {
        switch self {
        case .badSignature: "showed an audit log that its key did not sign"
        case .shrunk: "showed an audit log smaller than before: its disk was put back, or cut"
        case .twoFaces: "showed two audit logs of one size"
        case .rewritten: "showed an audit log that does not continue what it showed before"
        case .wrongEpoch: "showed an audit log of an epoch that no root statement opened"
        }
    }
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

    /// Takes the alarms of a hub back that somebody has looked at; what marks it goes on to.
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
        try store.closeLogFaults(of: hub)
    }

    /// What was seen of hubs and nobody has looked at.
    public func alarms() throws -> [Alarm] {
        let rollbacks = try store.localValues(prefix: Self.rollbackPrefix).compactMap {
            key,
            value -> Alarm? in
            guard let hub = ID(text: key.dropFirst(Self.rollbackPrefix.count)),
                let time = UInt64(String(decoding: value, as: UTF8.self))
            else { return nil }
            return Alarm(kind: .rolledBack, hub: hub, time: time, isMark: false)
        }
        let faults = try store.logFaults().filter(\.isOpen).map { fault in
            Alarm(
                kind: fault.witness == store.device ? .log(fault.code) : .refused(fault.code),
                hub: fault.hub,
                time: fault.time,
                isMark: fault.isMark
            )
        }
        return rollbacks + faults
    }
}
