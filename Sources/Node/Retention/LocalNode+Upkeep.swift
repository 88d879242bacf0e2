import CRDT
import Domain
import Foundation
import Storage

/// What a node did for itself because its time had come.
public struct Upkeep: Hashable, Sendable {
    public var retention: RetentionRun?
    /// The file of the night's backup.
    public var backup: String?
    /// The backup that was tried out.
    public var restoreTest: String?
    /// How the self-check ended; nil: it was not due.
    public var health: String?

    public init() {}
}

extension LocalNode {
    private static let folderKey = "backup/folder"
    /// Backups that are kept: a week's.
    private static let backupsMax = 7
    /// How long a job that failed is left alone.
    private static let retryMilliseconds: UInt64 = 3_600_000

    /// Where the nightly backups lie.
    public func backupFolder() throws -> String {
        let folder = try store.localValue(Self.folderKey)
        return folder.map { String(decoding: $0, as: UTF8.self) }
            ?? store.place.directory + "/backup"
    }

    /// Says where the nightly backups shall lie; nil: in the data directory.
    public func setBackupFolder(_ path: String?) throws {
        try store.setLocalValue(path.map { [UInt8]($0.utf8) }, for: Self.folderKey)
    }

    /// Does the jobs whose time has come: at 02:00 each night a backup and a self-check, on the
    /// first of the month also retention and a trial of the last backup.
    ///
    /// One that fails is in the log of jobs, and stops none of the others.
    ///
    /// - Source: DOM-258, DOM-259.
    @discardableResult
    public func performUpkeep() -> Upkeep {
        var upkeep = Upkeep()
        // What fails is in the log of jobs, and tried again later.
        if isDue(.health, monthly: false) { upkeep.health = try? checkHealth() }
        guard isHub else { return upkeep }
        if isDue(.retention, monthly: true) { upkeep.retention = try? runRetention() }
        if isDue(.backup, monthly: false) { upkeep.backup = try? backUp() }
        if isDue(.restoreTest, monthly: true) { upkeep.restoreTest = try? testRestore() }
        return upkeep
    }

    private func isDue(_ kind: JobRecord.Kind, monthly: Bool) -> Bool {
        let now = wallMilliseconds
        guard let jobs = try? store.jobs(kind, limit: 30) else { return false }
        let done = jobs.first { $0.status == .completed }?.started
        let isDue =
            monthly
            ? RetentionSchedule.isDue(after: done, now: now)
            : RetentionSchedule.isDueToday(after: done, now: now)
        guard isDue, let last = jobs.first?.started, last != done else { return isDue }
        return now >= last && now - last >= Self.retryMilliseconds
    }

    /// Runs a job under its number in the log.
    private func job<Result>(
        _ kind: JobRecord.Kind,
        _ body: () throws -> (result: Result, place: String, bytes: Int64?, message: String)
    ) throws -> Result {
        let number = try store.beginJob(kind, at: wallMilliseconds)
        do {
            let (result, place, bytes, message) = try body()
            try store.endJob(
                number,
                as: .completed,
                at: wallMilliseconds,
                wrote: place,
                bytes: bytes,
                message: message
            )
            return result
        } catch {
            let message = CommandFault(error).message
            try store.endJob(number, as: .failed, at: wallMilliseconds, message: message)
            throw error
        }
    }

    /// Writes a backup that was checked, where the nightly ones lie, and forgets the oldest.
    @discardableResult
    public func backUp(to path: String? = nil) throws -> String {
        let folder = try backupFolder()
        let time = CalendarDay.time(milliseconds: wallMilliseconds).filter(\.isNumber)
        let file = path ?? "\(folder)/gemba-\(time).sqlite"
        let written = try job(.backup) {
            if path == nil { try PrivateFile.makeFolder(folder) }
            let summary = try store.backup(to: file, wallMilliseconds: wallMilliseconds)
            return (
                file, file, summary.bytes,
                "verified: \(summary.report.changes) changes, state "
                    + "\(summary.state)"
            )
        }
        if path == nil { try forgetOldBackups(in: folder) }
        return written
    }

    private func forgetOldBackups(in folder: String) throws {
        let kept = try backups(in: folder)
        for file in kept.dropLast(Self.backupsMax) { PrivateFile.remove(file) }
    }

    private func backups(in folder: String) throws -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasPrefix("gemba-") && $0.hasSuffix(".sqlite") }.sorted()
            .map { "\(folder)/\($0)" }
    }

    /// Tries a backup out: copied to a place of its own, opened, and all of it computed again.
    ///
    /// - Parameter path: nil: the last of the nightly ones.
    /// - Returns: The backup.
    /// - Throws: `.notFound` if there is none, and what is wrong with it.
    /// - Source: P21, RET-14.
    @discardableResult
    public func testRestore(of path: String? = nil) throws -> String {
        try job(.restoreTest) {
            let last = try path ?? backups(in: backupFolder()).last
            guard let last else {
                throw CommandFault(.notFound, "there is no backup to try out: gemba backup FILE")
            }
            let folder = store.place.directory + "/restore-test"
            try? FileManager.default.removeItem(atPath: folder)
            try PrivateFile.makeFolder(folder)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let copy = folder + "/gemba.sqlite"
            do {
                try FileManager.default.copyItem(atPath: last, toPath: copy)
            } catch {
                throw CommandFault(.inputOutput, "cannot copy \(last): \(error)")
            }
            let summary = try Store.checkBackup(at: copy, schema: store.schema)
            guard summary.tenant == store.tenant else {
                throw CommandFault(.refused, "\(last) is of another tenant")
            }
            let day = CalendarDay.time(milliseconds: summary.time)
            return (
                last, last, summary.bytes,
                "restorable: as of \(day), \(summary.report.changes) changes, "
                    + "\(summary.report.records) records, state \(summary.state)"
            )
        }
    }

    /// Looks at everything, and writes down what was found.
    ///
    /// - Returns: PASS, WARN or FAIL (TV-058).
    @discardableResult
    public func checkHealth() throws -> String {
        try job(.health) {
            let findings = try Health(of: self).findings
            let faults = try store.verify { _ in }.faults
            let bad = findings.filter { $0.grade == .bad }.map { "\($0.subject): \($0.text)" }
            let warnings = findings.filter { $0.grade == .warning }.map(\.subject)
            let result =
                !bad.isEmpty || !faults.isEmpty ? "FAIL" : warnings.isEmpty ? "PASS" : "WARN"
            let details = (faults + bad + warnings).joined(separator: "; ")
            return (result, "", nil, details.isEmpty ? result : "\(result): \(details)")
        }
    }
}
