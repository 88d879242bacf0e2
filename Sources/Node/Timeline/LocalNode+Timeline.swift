public import CRDT
import Domain
public import Storage

extension LocalNode {
    /// A page of what was done: on one project, or as the activity of a person, a site or all.
    ///
    /// Every operation of the log is on exactly one page, set aside or not; receipts of hubs only
    /// where they are asked for by kind.
    ///
    /// - Throws: `.notFound`, `.badInput`.
    public func timeline(_ request: TimelineRequest) throws -> Timeline {
        guard (1...1_000).contains(request.limit) else {
            throw CommandFault(.badInput, "a page has 1 to 1000 items", reason: "bad-limit")
        }
        return try read { view in
            let held = try view.positions()
            let scope = try request.project.map { try view.projectRecord(named: $0).scope }
            let search = TimelineSearch(
                view: view,
                scopes: held.filter { scope == nil || $0.scope == scope },
                person: try request.person.map { try view.userID(named: $0) },
                site: try request.site.map {
                    try view.site(named: $0).fields.id(Site.site) ?? .zero
                },
                kind: try request.kind.map(Self.known),
                hours: try scope.map { project in
                    try held.filter { $0.scope.kind == .site }.map {
                        try HoursPlaces(of: project.key, in: $0.scope, on: view)
                    }
                } ?? []
            )
            let entries =
                try request.after.map {
                    try search.entries(after: $0, limit: request.limit)
                } ?? search.entries(before: request.before, limit: request.limit)
            return Timeline(try Self.items(entries, on: view), try Nicknames(view))
        }
    }

    private static func known(_ kind: String) throws -> String {
        let activities = TimelineItem.Activity.allCases.map(\.rawValue)
        guard Catalogue.schema.entity(named: kind) != nil || activities.contains(kind) else {
            throw CommandFault(
                .badInput,
                "\(kind.prefix(40)) is no kind: write one such as progress_event, or one of "
                    + activities.joined(separator: ", "),
                reason: "unknown-kind"
            )
        }
        return kind
    }

    /// What operations did, in words.
    static func items(_ entries: [LogEntry], on view: View) throws -> [TimelineItem] {
        var records = TimelineRecords(view)
        var subjects: [Scope: String?] = [:]
        return try entries.map { entry in
            let scope = entry.origin.scope
            if subjects[scope] == nil, scope.kind == .subject {
                let project = try view.records(of: Project.entity, in: scope).first
                subjects[scope] = .some(project?.projectNumber)
            }
            return TimelineItem(
                entry,
                subject: subjects[scope] ?? nil,
                before: try records.record(before: entry),
                unseen: try records.unseen(by: entry),
                called: try records.title(of: entry)
            )
        }
    }
}

// MARK: - Activities outside

/// A call, mail, meeting or visit as a person words it.
public struct ActivityRequest: Hashable, Sendable {
    /// email, call, meeting or visit.
    public var kind: String
    public var title: String
    public var description: String?
    /// The id of the company; it may not be here.
    public var company: ID?
    public var contact: ID?
    /// A project that it is about.
    public var project: String?
    /// As typed; nil: now.
    public var time: String?

    public init(_ kind: String, _ title: String) {
        self.kind = kind
        self.title = title
    }
}

extension LocalNode {
    /// Notes a call, mail, meeting or visit: on a project, else at the site, at a hub in the
    /// tenant.
    ///
    /// - Returns: The id of the event.
    /// - Throws: `RuleFault`, `.notFound`, `.badInput`.
    @discardableResult
    public func logActivity(_ request: ActivityRequest, by actor: Actor) throws -> ID {
        try ShortText.text(request.title)
        try ShortText.text(request.description)
        guard let kind = ContactActivity.Kind(rawValue: request.kind.lowercased()) else {
            let known = ContactActivity.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw RuleFault(.unknownValue, "an activity is one of \(known)")
        }
        let (own, isHub, now) = (site, isHub, Int64(clamping: wallMilliseconds))
        let saved = try act(by: actor) { acting, person in
            let clock = try acting.view.clock(of: own)
            let activity = ContactActivity(
                kind,
                request.title,
                description: request.description,
                company: request.company,
                contact: request.contact,
                time: try request.time.map { try clock.milliseconds(typed: $0, now: now) } ?? now
            )
            try activity.check()
            try person.check(.logActivity)
            let scope = try request.project.map { try acting.view.projectRecord(named: $0).scope }
            var draft = Draft()
            draft.add(activity.operation(), in: scope ?? (isHub ? .tenant : .site(own)))
            return draft
        }
        return ID(createdAt: saved.stamp, index: 0)
    }
}
