import Bytes
public import CRDT
public import Domain
public import Storage
import Wire

/// An archive that this hub wrote, as it remembers it.
///
/// JSON: `{"scope", "file", "hash", "root", "changes", "time", "bytes"}`.
public struct ArchivedScope: Hashable, Sendable {
    public let scope: Scope
    public let file: String
    public let hash: Hash
    /// The state hash of the scope.
    public let root: Hash
    public let changes: UInt64
    /// The hub's time, milliseconds since 1970.
    public let time: UInt64

    public var json: JSON {
        [
            "scope": .text("\(scope)"), "file": .text(file), "hash": .text("\(hash)"),
            "root": .text("\(root)"), "changes": .number(changes), "time": .number(time),
        ]
    }

    fileprivate var encoded: [UInt8] {
        var writer = Writer(capacity: 256)
        writer.u8(scope.kind.rawValue)
        writer.raw(scope.key.bytes)
        writer.raw(hash.bytes)
        writer.raw(root.bytes)
        writer.u64(changes)
        writer.u64(time)
        writer.text(file)
        return writer.bytes
    }

    fileprivate init?(decoding bytes: [UInt8]) {
        var reader = Reader(bytes)
        do throws(Malformed) {
            let kind = try reader.u8("kind")
            guard let key = ID(try reader.raw(16, "key")), let scope = Scope(kind: kind, key: key),
                let hash = Hash(try reader.raw(32, "hash")),
                let root = Hash(try reader.raw(32, "root"))
            else { return nil }
            let changes = try reader.u64("changes")
            let time = try reader.u64("time")
            self.init(
                scope: scope,
                file: try reader.text(atMost: 4_096, "file"),
                hash: hash,
                root: root,
                changes: changes,
                time: time
            )
            try reader.end("archive")
        } catch {
            return nil
        }
    }

    init(scope: Scope, file: String, hash: Hash, root: Hash, changes: UInt64, time: UInt64) {
        self.scope = scope
        self.file = file
        self.hash = hash
        self.root = root
        self.changes = changes
        self.time = time
    }
}

extension LocalNode {
    private static let archivePrefix = "archive/"

    /// Where the archives of this hub lie.
    public var archiveFolder: String { store.place.directory + "/archive" }

    /// The newest archive of each scope.
    public func archives() throws -> [Scope: ArchivedScope] {
        let known = try store.localValues(prefix: Self.archivePrefix)
            .compactMap { ArchivedScope(decoding: $0.value) }
        return Dictionary(known.map { ($0.scope, $0) }) { first, _ in first }
    }

    /// Writes the archive of a scope, or finds the one that a run before this one wrote.
    func archive(_ planned: PlannedScope) throws -> ArchivedScope {
        let (scope, now) = (planned.scope, wallMilliseconds)
        let mark = planned.census.frontier.mark(of: scope, tenant: store.tenant)
        let name = "\(scope.kind)-\(scope.key)-\(Hex.encode(mark.bytes.prefix(8))).gemba-archive"
        let path = "\(archiveFolder)/\(name)"
        try PrivateFile.makeFolder(archiveFolder)
        let summary: ArchiveSummary
        if let held = try? Store.checkArchive(at: path, of: store.tenant),
            held.contents.header.scope == scope, held.contents.end.mark == mark
        {
            summary = held
        } else {
            summary = try store.archive(scope, to: path, wallMilliseconds: now)
        }
        let archived = ArchivedScope(
            scope: scope,
            file: path,
            hash: summary.hash,
            root: summary.contents.end.root,
            changes: summary.contents.end.changes,
            time: now
        )
        let key = "\(Self.archivePrefix)\(scope.kind.rawValue)/\(scope.key)"
        try store.setLocalValue(archived.encoded, for: key)
        return archived
    }

    /// Takes what an archive holds back, where a hold has lifted its purge.
    ///
    /// - Returns: Changes that were new.
    /// - Throws: `RuleFault`, `.refused`, `.damaged`.
    public func takeBack(archive path: String, by actor: Actor) throws -> Int {
        try requireHub()
        _ = try act(by: actor) { _, person in
            try person.check(.manageRetention)
            return Draft()
        }
        return try store.takeBack(archive: path, wallMilliseconds: wallMilliseconds)
    }
}

/// What a node knows of purges, holds and policies.
///
/// JSON: `{"policies": […], "holds": […], "purged": […], "kept": […]}`.
public struct RetentionReport: Sendable {
    /// A scope that a certificate names and that is here all the same.
    public struct Kept: Sendable {
        public let scope: Scope
        public let subject: String
        public let changes: UInt64
    }

    public let policies: [RetentionPolicy]
    public let holds: [LegalHolds.Standing]
    public let certificates: [(origin: Origin, certificate: PurgeCertificate, isInForce: Bool)]
    public let kept: [Kept]
    public let archives: [ArchivedScope]

    public var json: JSON {
        [
            "policies": .list(policies) { policy in
                [
                    "subject": .text(policy.subject), "keep": .text(orNull: policy.keep?.words),
                    "archive_after": .text(orNull: policy.archiveAfter?.words),
                ]
            },
            "holds": .list(holds) { hold in
                [
                    "hold": .text("\(hold.id)"), "scope": .text(orNull: hold.scope.map { "\($0)" }),
                    "records": .list(hold.records.sorted()) { .text("\($0)") },
                    "reason": .text(orNull: hold.reason),
                ]
            },
            "purged": .list(certificates) { origin, certificate, isInForce in
                [
                    "scope": .text(orNull: certificate.scope.map { "\($0)" }),
                    "in_force": .bool(isInForce), "changes": .number(certificate.changes),
                    "counts": .counts(certificate.counts), "time": .number(certificate.time),
                    "first": .number(certificate.times.lowerBound),
                    "last": .number(certificate.times.upperBound),
                    "kept_until": .number(certificate.keptUntil),
                    "archive": .text("\(certificate.archive)"),
                    "root": .text("\(certificate.root)"), "by": .text("\(origin.user)"),
                    "reason": .text(orNull: certificate.reason),
                ]
            },
            "kept": .list(kept) { kept in
                [
                    "scope": .text("\(kept.scope)"), "subject": .text(kept.subject),
                    "changes": .number(kept.changes),
                ]
            },
            "archives": .list(archives) { $0.json },
        ]
    }

    public var lines: [String] {
        policies.map { "policy  \($0.subject): \($0.keep?.words ?? "as its class says")" }
            + holds.map { hold in
                let what = hold.scope.map { "\($0)" } ?? "everything"
                return "hold    \("\(hold.id)".prefix(12))  \(what): \(hold.reason ?? "")"
            }
            + certificates.map { _, certificate, isInForce in
                let scope = certificate.scope.map { "\($0)" } ?? "nothing"
                let day = CalendarDay.text(milliseconds: certificate.time)
                let force = isInForce ? "" : ", lifted by a hold"
                return "purged  \(scope), \(certificate.changes) changes, on \(day)\(force)"
            }
            + kept.map {
                "kept    \($0.subject): purged, but it holds work that lies in no archive"
            }
            + archives.map { "archive \($0.file)" }
    }
}

extension RetentionPeriod {
    /// The period for people: 7 years.
    public var words: String {
        switch self {
        case .days(let days): "\(days) days"
        case .years(let years): "\(years) years"
        case .forever: "for ever"
        }
    }
}

extension LocalNode {
    /// What is purged, held and kept, as this node knows it.
    public func retention() throws -> RetentionReport {
        let archives = try archives().values.sorted { $0.scope < $1.scope }
        return try readWhole { view in
            let policies = try view.records(of: RetentionPolicy.entity, in: .tenant)
                .filter { !$0.isDeleted }
                .compactMap { RetentionPolicy($0.fields) }
                .sorted { $0.subject < $1.subject }
            let purges = try view.purges()
            let held = Set(try view.scopes(.subject))
            let kept = try purges.certificates.keys.filter(held.contains).sorted()
                .compactMap { scope -> RetentionReport.Kept? in
                    guard let census = try view.census(of: scope),
                        !purges.covers(census.frontier, of: scope)
                    else { return nil }
                    return RetentionReport.Kept(
                        scope: scope,
                        subject: try view.projectIfAny(in: scope)?.number ?? "\(scope)",
                        changes: census.changes
                    )
                }
            return RetentionReport(
                policies: policies,
                holds: try view.legalHolds().standing,
                certificates: try view.purgeCertificates().map { event, certificate in
                    let isInForce = certificate.scope.map { purges.certificates[$0] != nil }
                    return (event.origin, certificate, isInForce ?? false)
                },
                kept: kept,
                archives: archives
            )
        }
    }
}
