import CRDT
import Domain
public import Storage

extension LocalNode {
    /// How far back people are told: the life of a notice, and ten days for clocks that are wrong.
    private static let windowMilliseconds = Notice.lifeMilliseconds + 10 * dayMilliseconds
    private static let dayMilliseconds: UInt64 = 86_400_000

    /// What a person is told of.
    ///
    /// The first look of a process derives it from the log of the last 100 days; later ones look at
    /// what has grown.
    ///
    /// - Parameters:
    ///   - actor: Whose inbox it is.
    ///   - withRead: Whether what was read is in it.
    /// - Returns: The inbox at this moment.
    /// - Throws: What the store says.
    public func inbox(of actor: Actor, withRead: Bool = false) throws -> Inbox {
        let (tenant, now) = (store.tenant, wallMilliseconds)
        let directory = try currentDirectory()
        let everything = try readWhole { view in
            try notices.found(on: view, tenant: tenant, since: since)
        }
        return try read { view in
            let person = ActingPerson(actor, in: directory, at: site, wallMilliseconds: now)
            let scopes = Set(try view.scopes())
            let found = everything.filter { scopes.contains($0.key) }.map(\.value)
            let marks = Self.marks(of: found)
            let names = try Nicknames(view)
            return Inbox(
                of: person.standing,
                found,
                marks,
                handovers: try handovers(found.flatMap(\.handovers), marks, names, on: view),
                tenant: tenant,
                now: now,
                withRead: withRead,
                names: names
            )
        }
    }

    /// From when on causes and marks are looked at, milliseconds since 1970.
    private var since: UInt64 {
        let now = wallMilliseconds
        return now > Self.windowMilliseconds ? now - Self.windowMilliseconds : 0
    }

    private static func marks(of found: [NoticeCache.Found]) -> SeenMarks {
        var marks = SeenMarks()
        for (mark, person, milliseconds) in found.flatMap(\.marks) {
            marks.take(mark, by: person, at: milliseconds)
        }
        return marks
    }

    /// Marks notices as read by a person, here and wherever the mark goes.
    ///
    /// - Parameters:
    ///   - typed: The first digits of ids; none: all that are unread.
    ///   - actor: Who read them.
    /// - Returns: How many were unread.
    /// - Throws: `.notFound`, `RuleFault`.
    @discardableResult
    public func markRead(_ typed: [String], by actor: Actor) throws -> Int {
        let inbox = try inbox(of: actor, withRead: true)
        let chosen =
            try typed.isEmpty
            ? inbox.items
            : typed.map { digits in
                try inbox.items.only(
                    "notice",
                    beginning: digits,
                    digitsMin: 4,
                    shownBy: "gemba inbox --all",
                    id: \.id
                )
            }
        let unread = Set(chosen.filter { $0.readAt == nil }.map(\.id))
        try mark(SeenMark(notices: unread), by: actor)
        return unread.count
    }

    /// Events of one change: 20,000 marks are a third of what its body may hold.
    private static let markPartsMax = 100

    /// Writes what a person saw: in the scope of the site, at a hub in that of the tenant.
    func mark(_ seen: SeenMark, by actor: Actor) throws {
        guard !seen.notices.isEmpty || !seen.handovers.isEmpty else { return }
        let scope = isHub ? Scope.tenant : .site(site)
        let parts = seen.parts
        for start in stride(from: 0, to: parts.count, by: Self.markPartsMax) {
            _ = try act(by: actor) { _, person in
                try person.check(.markSeen)
                var draft = Draft()
                for part in parts[start...].prefix(Self.markPartsMax) {
                    draft.add(part.operation(), in: scope)
                }
                return draft
            }
        }
    }

    // MARK: - Handover notes

    /// The handover notes of the last 90 days, the newest first.
    ///
    /// - Parameter openOnly: Whether only those are given that somebody has yet to see.
    /// - Returns: Notes of every site that is held.
    /// - Throws: What the store says.
    public func handovers(openOnly: Bool = false) throws -> [HandoverView] {
        try read { view in
            let sites = try view.scopes(.site)
            let events = try sites.flatMap { scope in
                try NoticeCache.handovers(in: scope, since: since, on: view)
            }
            // Whoever marked a note had it, and so a stamp above it: a day is for wrong clocks.
            guard let first = events.map(\.origin.time.milliseconds).min() else { return [] }
            var marks = SeenMarks()
            for scope in sites + [.tenant] {
                for mark in try NoticeCache.marks(
                    in: scope,
                    since: first > Self.dayMilliseconds ? first - Self.dayMilliseconds : 0,
                    after: 0,
                    on: view
                ) {
                    marks.take(mark.mark, by: mark.person, at: mark.milliseconds)
                }
            }
            let notes = try handovers(events, marks, Nicknames(view), on: view)
            return openOnly ? notes.filter(\.standing.isOpen) : notes
        }
    }

    private func handovers(
        _ events: [StoredEvent],
        _ marks: SeenMarks,
        _ names: Nicknames,
        on view: View
    ) throws -> [HandoverView] {
        guard !events.isEmpty else { return [] }
        let day = try view.clock(of: site).day(milliseconds: Int64(clamping: wallMilliseconds))
        let memberships = try view.records(of: Membership.entity, in: .tenant)
            .filter { !$0.isDeleted }.map(\.fields)
        let roles = try view.records(of: Role.entity, in: .tenant)
            .filter { !$0.isDeleted }.map(\.fields)
        return events.map { event in
            let place = event.origin.scope.key
            return HandoverView(event, marks, names) { person in
                let standing = Standing(
                    user: person,
                    memberships: memberships,
                    roles: roles,
                    on: day,
                    at: place
                )
                return Set(standing.levels.keys)
            }
        }
        .sorted { ($0.milliseconds, $0.id) > ($1.milliseconds, $1.id) }
    }
}

extension SeenMark {
    /// The mark in events that are not too long.
    fileprivate var parts: [SeenMark] {
        func pieces(_ ids: Set<ID>) -> [Set<ID>] {
            let sorted = ids.sorted()
            return stride(from: 0, to: sorted.count, by: Self.idsMax).map { start in
                Set(sorted[start...].prefix(Self.idsMax))
            }
        }
        return pieces(notices).map { SeenMark(notices: $0) }
            + pieces(handovers).map { SeenMark(handovers: $0) }
    }
}
