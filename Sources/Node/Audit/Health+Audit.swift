import Storage

/// How much room the disk has for what is still to be recorded.
///
/// - Source: AUD-1; P23.
public struct Room: Hashable, Sendable {
    /// Bytes that may still be written.
    public let free: UInt64
    /// Bytes of the whole disk.
    public let all: UInt64

    public init(free: UInt64, all: UInt64) {
        self.free = free
        self.all = all
    }

    /// Percents of the disk in use, rounded down.
    public var usedPercent: UInt64 {
        guard all > 0, free < all else { return 0 }
        let (scaled, isLarge) = (all - free).multipliedReportingOverflow(by: 100)
        return isLarge ? (all - free) / (all / 100) : scaled / all
    }

    /// From here on somebody is warned: a hub that can record nothing more writes nothing more.
    public static let warningPercent: UInt64 = 80

    public var isLow: Bool { usedPercent >= Self.warningPercent }
}

extension Health {
    /// Looks at what the audit says of itself.
    mutating func lookAtAudit() {
        guard let head = node.store.auditHead else { return }
        if let fault = node.store.auditFault {
            let text = "nothing can be recorded, so nothing is written: \(fault.message)"
            return find("audit", .bad, "\(text); gemba verify names it, a backup has what was")
        }
        find("audit", .ok, "\(head.size) entries, root \(head.root)")
    }

    /// Looks at the room for what it has still to record.
    mutating func lookAtAuditRoom(_ room: Room) {
        guard node.store.auditHead != nil, room.isLow else { return }
        let text = "the disk is \(room.usedPercent) % full"
        find("audit", .warning, "\(text): without room for its entry nothing is written")
    }
}
