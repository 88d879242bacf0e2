import CRDT
import Foundation
import Identity
import Storage
import Wire

/// What is looked at when somebody asks whether a node is well.
public struct Health: Sendable {
    /// One thing that was looked at.
    public struct Finding: Sendable {
        /// How it stands.
        public enum Grade: String, Sendable {
            case ok
            case warning
            case bad
        }

        public let subject: String
        public let grade: Grade
        /// What was found and what to do, for people.
        public let text: String
    }

    public private(set) var findings: [Finding] = []
    let node: LocalNode

    /// When this version was made, 2026-11-21: a clock before it is wrong.
    private static let builtMilliseconds: UInt64 = 1_795_219_200_000
    private static let clockBound = Int64(HybridClock.boundMilliseconds)
    private static let freeBytesLow: UInt64 = 200 << 20

    /// Looks at everything.
    public init(of node: LocalNode) throws {
        self.node = node
        lookAtPlace()
        lookAtKeys()
        try lookAtClock()
        lookAtCertificate()
        try lookAtRecovery()
        try lookAtPeers()
        try lookAtNumbers()
        try lookAtRetention()
        try lookAtVersion()
        lookAtDisk()
        lookAtAudit()
    }

    mutating func find(_ subject: String, _ grade: Finding.Grade, _ text: String) {
        findings.append(Finding(subject: subject, grade: grade, text: text))
    }
}

// MARK: - Files

extension Health {
    private var stateFolder: String { "\(node.store.place.stateRoot)/\(node.store.device)" }

    private mutating func lookAtPlace() {
        let directory = node.store.place.directory
        isPrivate(directory)
            ? find("store", .ok, "\(directory), closed to other accounts")
            : find("store", .bad, "\(directory) is open to other accounts: chmod 700")
        find("durability", .ok, "synchronous = FULL, asserted when the store was opened")
        let mark = "\(stateFolder)/mark"
        FileManager.default.fileExists(atPath: mark)
            ? find("mark", .ok, "\(mark) would expose a restored or copied store")
            : find("mark", .bad, "\(mark) is missing: the next start opens another replica")
        if stateFolder.hasPrefix(directory + "/") {
            find("mark", .bad, "the state folder lies in the data directory: copies take both")
        }
        if let reason = node.store.reopened {
            let text = "the disk was \(reason): this is replica \(node.store.incarnation) here"
            find("replica", .warning, text)
        } else {
            find("replica", .ok, "\(node.store.replica), number \(node.store.incarnation)")
        }
    }

    private mutating func lookAtKeys() {
        guard isPrivate(stateFolder), isPrivate("\(stateFolder)/keys") else {
            find("keys", .bad, "\(stateFolder) is open to other accounts: chmod -R go-rwx")
            return
        }
        find("keys", .warning, "in \(stateFolder), not sealed: whoever reads the disk has them")
    }

    /// Whether a file belongs to this account and is closed to all others.
    private func isPrivate(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        return status.st_uid == geteuid() && status.st_mode & 0o077 == 0
    }

    private mutating func lookAtDisk() {
        var status = statvfs()
        guard statvfs(node.store.place.directory, &status) == 0 else {
            find("disk", .warning, "its free space cannot be read")
            return
        }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        let all = UInt64(status.f_blocks) * UInt64(status.f_frsize)
        lookAtAuditRoom(Room(free: free, all: all))
        let text = "\(free >> 20) MiB free"
        let isLow = free < Self.freeBytesLow
        find("disk", isLow ? .warning : .ok, isLow ? "\(text): make room" : text)
    }
}

// MARK: - Time and authority

extension Health {
    private mutating func lookAtClock() throws {
        let now = node.wallMilliseconds
        let last = node.store.lastIssued.milliseconds
        if now < Self.builtMilliseconds {
            find("clock", .bad, "it is before this program was made: set it")
        } else if last > now, Int64(clamping: last - now) > Self.clockBound {
            find("clock", .bad, "it is before the last stamp of this device: set it")
        } else {
            find("clock", .ok, "\(CalendarDay.time(milliseconds: now)) UTC")
        }
    }

    private mutating func lookAtCertificate() {
        let standing = node.certificateStanding
        let end = CalendarDay.text(milliseconds: standing.certificate.notAfter)
        switch standing.state {
        case .valid: find("certificate", .ok, "\(standing.certificate.kind), to \(end)")
        case .due: find("certificate", .ok, "to \(end); the next meeting with the hub renews it")
        case .grace: find("certificate", .warning, "ended \(end): meet the hub, which renews it")
        case .ended: find("certificate", .bad, "ended \(end): only the hub meets this device now")
        case .barred: find("certificate", .bad, "this device is revoked or suspended")
        }
        guard node.store.keys.operator != nil else { return }
        lookAtOperator()
    }

    /// A hub certifies nobody once its operator has ended; the root alone makes another.
    private mutating func lookAtOperator() {
        let log = node.store.authority
        guard let validity = log.operatorValidity,
            log.operatorKey == node.store.keys.operator?.publicKey
        else { return find("operator", .bad, "another hub has replaced this one: take it down") }
        let end = CalendarDay.text(milliseconds: validity.upperBound)
        let remedy = "gemba hub recover makes another, with the recovery file"
        let now = node.wallMilliseconds
        if now > validity.upperBound {
            find("operator", .bad, "ended \(end): \(remedy)")
        } else if now > validity.upperBound - (validity.upperBound - validity.lowerBound) / 3 {
            find("operator", .warning, "ends \(end): \(remedy)")
        } else {
            find("operator", .ok, "certifies devices to \(end)")
        }
    }

    private mutating func lookAtRecovery() throws {
        guard node.store.keys.operator != nil else { return }
        guard let path = try node.recoveryFile() else {
            find("recovery", .warning, "the root key was forgotten: this hub cannot be replaced")
            return
        }
        FileManager.default.fileExists(atPath: path)
            ? find("recovery", .warning, "\(path) lies on the hub: take it away")
            : find("recovery", .ok, "the recovery file is not on this machine")
    }

    private mutating func lookAtPeers() throws {
        let peers = try node.store.peers()
        let names = try node.read { try Nicknames($0) }
        let wrong = peers.filter { $0.clockAhead.magnitude > UInt64(Self.clockBound) }
        for peer in wrong {
            let minutes = peer.clockAhead.magnitude / 60_000
            let side = peer.clockAhead > 0 ? "ahead of" : "behind"
            let text = "\(names.device(peer.device)) was \(minutes) min \(side) this clock"
            find("peers' clocks", .warning, text)
        }
        if !peers.isEmpty, wrong.isEmpty {
            find("peers' clocks", .ok, "\(peers.count) met, all near this one")
        }
        if let (watched, time) = try node.store.watched() {
            let day = CalendarDay.text(milliseconds: time)
            find("audit log", .ok, "cosigned up to entry \(watched.checkpoint.size), \(day)")
        }
        for alarm in try node.alarms() {
            let day = CalendarDay.text(milliseconds: alarm.time)
            find("hub", .warning, "\(names.device(alarm.hub)) \(alarm.text), \(day)")
        }
        try lookAtRefusals()
    }

    private mutating func lookAtNumbers() throws {
        for numbers in try node.numbers() {
            find("numbers", numbers.isLow ? .warning : .ok, numbers.text)
        }
    }

    /// Work that lies in no archive, and jobs that failed.
    private mutating func lookAtRetention() throws {
        for kept in try node.retention().kept {
            let text = "\(kept.subject) was purged, but holds work here that lies in no archive"
            find("retention", .warning, "\(text): ask for a hold on it at the hub")
        }
        for kind in JobRecord.Kind.allCases where kind != .health {
            guard let last = try node.store.jobs(kind, limit: 1).first else { continue }
            let day = CalendarDay.time(milliseconds: last.started)
            last.status == .failed
                ? find(kind.rawValue, .warning, "failed on \(day): \(last.message)")
                : find(kind.rawValue, .ok, "last on \(day)")
        }
    }

    private mutating func lookAtVersion() throws {
        let newer = try node.newerVersion()
        find("version", newer == nil ? .ok : .warning, newer?.text ?? "none met is newer")
    }

    private mutating func lookAtRefusals() throws {
        let refusals = try node.store.refusals().reduce(0) { $0 + $1.count }
        refusals == 0
            ? find("refusals", .ok, "none")
            : find("refusals", .warning, "\(refusals) counted: gemba status")
    }
}
