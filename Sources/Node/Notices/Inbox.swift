public import CRDT
public import Domain
import Storage
import Wire

/// What a person is told of: handover notes first, then notices, the newest first.
///
/// JSON: `{"user", "unread", "kinds": {"workflow", "approval", "document", "message", "system",
/// "sync", "conflict"}, "handovers": [a note of `handover list`], "notices": [{"notice", "kind",
/// "word", "priority", "scope", "title", "text", "by", "at", "read_at"}]}`; kinds count what is
/// unread.
public struct Inbox: Sendable {
    /// One notice, as it stands for the person.
    public struct Item: Sendable {
        public let id: ID
        public let notice: Notice
        /// When the person read it first, milliseconds since 1970; nil: not yet.
        public let readAt: UInt64?
    }

    public let person: ID
    /// What has not been read, or with what was.
    public let items: [Item]
    /// How many are unread, also of those that a limit leaves out.
    public let unread: [Notice.Kind: Int]
    /// The handover notes that the person has yet to take note of, the newest first.
    public let handovers: [HandoverView]
    private let names: Nicknames

    init(
        of person: Standing,
        _ found: [NoticeCache.Found],
        _ marks: SeenMarks,
        handovers: [HandoverView],
        tenant: ID,
        now: UInt64,
        withRead: Bool,
        names: Nicknames
    ) {
        self.person = person.user
        self.names = names
        var items: [Item] = []
        var seen: Set<ID> = []
        for notice in found.flatMap(\.notices) where notice.concerns(person, at: now) {
            let id = notice.id(for: person.user, tenant: tenant)
            guard seen.insert(id).inserted else { continue }
            items.append(Item(id: id, notice: notice, readAt: marks.read(id, by: person.user)))
        }
        let waiting = items.filter { $0.readAt == nil }
        unread = Dictionary(grouping: waiting, by: \.notice.kind).mapValues(\.count)
        self.items = (withRead ? items : waiting).sorted { left, right in
            (left.notice.milliseconds, left.id) > (right.notice.milliseconds, right.id)
        }
        self.handovers = handovers.filter { $0.waits(for: person) }
    }

    /// How many are unread.
    public var unreadCount: Int { unread.values.reduce(0, +) }
}

extension Notice {
    /// The id of the notice for a person: the same on every node that derives it (DOM-176).
    public func id(for person: ID, tenant: ID) -> ID {
        ID(naturalKey: key(for: person), of: SeenMark.number, in: scope, tenant: tenant)
    }
}

// MARK: - What is printed

extension Inbox {
    /// The inbox with at most so many notices, for scripts.
    public func json(atMost count: Int) -> JSON {
        let kinds = Notice.Kind.allCases.map { JSON.Member($0.rawValue, .number(unread[$0] ?? 0)) }
        return [
            "user": .text(names.user(person)), "unread": .number(unreadCount),
            "kinds": .object(kinds), "handovers": .list(handovers, \.json),
            "notices": .list(items.prefix(count)) { item in
                let notice = item.notice
                return [
                    "notice": .text("\(item.id)"), "kind": .text(notice.kind.rawValue),
                    "word": .text(notice.word), "priority": .text(notice.priority.rawValue),
                    "scope": .text("\(notice.scope)"), "title": .text(notice.title),
                    "text": .text(orNull: notice.text), "by": .text(names.user(notice.author)),
                    "at": .text(Moment.text(milliseconds: notice.milliseconds)),
                    "read_at": .text(orNull: item.readAt.map(Moment.text)),
                ]
            },
        ]
    }

    /// The same for people.
    public func lines(atMost count: Int) -> [String] {
        var lines = handovers.flatMap { ["NOT SEEN YET:"] + $0.lines }
        var table = Table("ID", "AT", "KIND", "WHAT")
        for item in items.prefix(count) {
            let notice = item.notice
            let mark = notice.priority >= .high ? "! " : ""
            let text = notice.text.map { ": \($0.prefix(100))" } ?? ""
            table.add(
                Nicknames.short(item.id),
                CalendarDay.time(milliseconds: notice.milliseconds),
                notice.kind.rawValue,
                mark + notice.title + text + (item.readAt == nil ? "" : " (read)")
            )
        }
        if !items.isEmpty { lines += table.lines }
        let more = items.count > count ? ", \(items.count - count) more: --limit" : ""
        return lines + ["\(unreadCount) unread\(more)"]
    }
}
