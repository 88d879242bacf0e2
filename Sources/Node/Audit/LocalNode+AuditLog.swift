import CRDT
import Domain
public import Storage
import Wire

/// Which entries of the audit are asked for, as people word it.
public struct AuditRequest: Sendable {
    /// Who did it: a user name.
    public var user: String?
    /// A kind of record, such as `progress_event`; `project_sub_stage_progress` and
    /// `project_sub_stage` mean the same (C-26).
    public var entity: String?
    /// A project by number or title, or a record, event, person or device by id.
    public var subject: String?
    /// A kind of entry, such as `export`.
    public var kind: String?
    /// Recorded at or after: a day, or a time, UTC.
    public var from: String?
    /// Recorded before: a day, or a time, UTC.
    public var to: String?
    /// At most so many, 1 to 1,000.
    public var limit = 50
    /// Only entries below this number.
    public var cursor: UInt64?

    public init() {}
}

extension LocalNode {
    /// A page of the audit; reading it is recorded itself, before it is answered.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - actor: Who reads; needs the right to (DOM-31).
    /// - Returns: The newest entries, with old and new values.
    /// - Throws: `.refused` at a node that keeps no audit, `.notFound`, `.badInput`, `RuleFault`.
    public func auditLog(_ request: AuditRequest, by actor: Actor) throws -> AuditLog {
        guard (1...1_000).contains(request.limit) else {
            throw CommandFault(.badInput, "a page has 1 to 1000 entries", reason: "bad-limit")
        }
        try checkMayReadAudit(actor)
        let filter = try readWhole { view in try auditFilter(request, on: view) }
        try recordReading("audit log", request.asked, by: actor)
        return try readWhole { view in
            let page = try view.auditPage(filter)
            return try auditLog(page.entries, next: page.next, on: view)
        }
    }

    /// One entry of the audit.
    ///
    /// - Throws: As ``auditLog(_:by:)``.
    public func auditEntry(_ number: UInt64, by actor: Actor) throws -> AuditLog {
        try checkMayReadAudit(actor)
        try recordReading("audit show", ["number": "\(number)"], by: actor)
        return try readWhole { view in
            guard let entry = try view.auditEntry(number) else { throw Self.noEntry(number) }
            return try auditLog([entry], next: nil, on: view)
        }
    }

    static func noEntry(_ number: UInt64) -> CommandFault {
        CommandFault(.notFound, "the audit has no entry \(number)", reason: "no-entry")
    }

    /// Asks for the right to read the audit, and that this node keeps one.
    func checkMayReadAudit(_ actor: Actor) throws {
        guard isHub, store.auditHead != nil else {
            throw CommandFault(.refused, "only a hub keeps an audit", reason: "no-audit")
        }
        try readWhole { view in
            let person = ActingPerson(
                actor,
                in: try directories.directory(on: view, isCommitted: true),
                at: site,
                wallMilliseconds: wallMilliseconds
            )
            try person.check(.readAudit)
        }
    }

    private func auditFilter(_ request: AuditRequest, on view: View) throws -> AuditFilter {
        var filter = AuditFilter()
        filter.limit = request.limit
        filter.before = request.cursor
        filter.user = try request.user.map { try view.userID(named: $0) }
        filter.kind = try request.kind.map { name in
            guard let kind = AuditKind(name: name) else { throw Self.unknownKind(name) }
            return kind
        }
        filter.entity = try request.entity.map { name in
            let canonical = Self.aliases[name] ?? name
            guard let entity = Catalogue.schema.entity(named: canonical) else {
                throw CommandFault(
                    .badInput,
                    "\(name.prefix(40)) is no kind of record: write one such as progress_event",
                    reason: "unknown-entity"
                )
            }
            return entity.number
        }
        if let subject = request.subject {
            if let id = ID(text: subject), try !view.isProject(id) {
                filter.record = id
            } else {
                filter.scope = try view.projectRecord(named: subject).scope
            }
        }
        filter.from = try request.from.map { try moment($0) }
        filter.to = try request.to.map { try moment($0) }
        return filter
    }

    /// The names under which the first systems knew the steps of a sub-stage.
    private static let aliases = [
        "project_sub_stage_progress": ProgressStep.entity.name,
        "project_sub_stage": ProgressStep.entity.name,
    ]

    private static func unknownKind(_ name: String) -> CommandFault {
        let known = AuditKind.allCases.map(\.name).joined(separator: ", ")
        return CommandFault(
            .badInput,
            "\(name.prefix(40)) is no kind of entry: write one of \(known)",
            reason: "unknown-kind"
        )
    }

    /// A day or a time that somebody typed, in UTC.
    private func moment(_ typed: String) throws -> UInt64 {
        let clock = SiteClock(zone: nil)
        let text = typed.wholeMatch(of: /\d{4}-\d\d-\d\d/) == nil ? typed : "\(typed) 00:00"
        let now = Int64(clamping: wallMilliseconds)
        return UInt64(max(0, try clock.milliseconds(typed: text, now: now)))
    }

    private func auditLog(
        _ entries: [AuditEntry],
        next: UInt64?,
        on view: View
    ) throws -> AuditLog {
        let directory = try directories.directory(on: view, isCommitted: true)
        var zones: [ID: String] = [:]
        for site in try view.records(of: Site.entity, in: .tenant) {
            guard let id = site.fields.id(Site.site) else { continue }
            zones[id] = site.fields.text(Site.timezone)
        }
        let lines = try entries.map { entry in
            let items = try entry.change.map { try Self.items(of: $0, on: view) } ?? []
            let origin = items.first?.entry.origin
            let (place, time) = (origin?.site ?? .zero, origin?.time.milliseconds ?? entry.time)
            let occasion = directory.occasion(at: place, milliseconds: time)
            let user = entry.subject?.user ?? .zero
            let levels = user == .zero ? [:] : directory.policy.levels(of: user, at: occasion)
            return AuditLine(
                entry: entry,
                items: items,
                roles: levels.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" },
                local: SiteClock(zone: zones[place]).text(milliseconds: Int64(clamping: time)),
                reasons: Self.reasons(entry, items)
            )
        }
        return AuditLog(lines, next: next, try Nicknames(view), zones: zones)
    }

    private static func items(
        of place: AuditEntry.Place,
        on view: View
    ) throws -> [TimelineItem] {
        var entries: [LogEntry] = []
        try view.forEachEntry(in: place.scope, after: place.position - 1, upTo: place.position) {
            entries.append($0)
            return true
        }
        return try items(entries, on: view)
    }

    /// What its author gave as the reason, of a change or of an act.
    private static func reasons(_ entry: AuditEntry, _ items: [TimelineItem]) -> [String] {
        if case .act(let fields) = entry.detail { return [fields["reason"]].compactMap(\.self) }
        return items.flatMap(\.edits).compactMap { edit in
            guard edit.field == "reason" || edit.field.hasSuffix("_reason"),
                case .text(let text) = edit.to, !text.isEmpty
            else { return nil }
            return text
        }
    }
}

extension View {
    /// Whether an id is that of a project's own record or scope.
    fileprivate func isProject(_ id: ID) throws -> Bool {
        if try records(of: Project.entity, in: .subject(id)).first != nil { return true }
        return try locate(id).contains { $0.entity == Project.number }
    }
}

extension AuditRequest {
    /// What was asked for, as it is recorded.
    fileprivate var asked: [String: String] {
        let fields = [
            "user": user, "entity": entity, "subject": subject, "kind": kind, "from": from,
            "to": to, "cursor": cursor.map { "\($0)" },
        ]
        return fields.compactMapValues(\.self)
    }
}
