public import CRDT
public import Domain
import Storage
import Wire

/// A message as a person reads it.
///
/// JSON: `{"message", "title", "content", "project", "scope", "to", "role", "reply_to", "by",
/// "own", "read_at", "unread"}`.
public struct MessageView: Sendable {
    public let message: Message
    /// Whether the person sent it.
    public let isOwn: Bool
    /// When the person read it first, milliseconds since 1970; nil: not yet.
    public let readAt: UInt64?
    /// Whether the person is still told of it: they did not send it, nor read it, in 90 days.
    public let isUnread: Bool
    let event: StoredEvent
    private let subject: String?
    private let names: Nicknames

    init(
        _ event: StoredEvent,
        _ message: Message,
        subject: String?,
        isOwn: Bool,
        readAt: UInt64?,
        now: UInt64,
        _ names: Nicknames
    ) {
        self.event = event
        self.message = message
        self.subject = subject
        self.isOwn = isOwn
        self.readAt = readAt
        let sent = event.origin.time.milliseconds
        let isOld = now > sent && now - sent > Notice.lifeMilliseconds
        isUnread = !isOwn && readAt == nil && !isOld
        self.names = names
    }

    public var id: ID { event.id }
    /// When it was sent, milliseconds since 1970.
    public var milliseconds: UInt64 { event.origin.time.milliseconds }
    /// Who sent it: who signed the change.
    public var sender: ID { event.origin.user }
    var origin: Origin { event.origin }
    var scope: Scope { event.origin.scope }

    /// The id of the notice of a message for a person.
    static func noticeID(of event: StoredEvent, for person: ID, tenant: ID) -> ID {
        ID(
            naturalKey: [.text("message"), .id(event.id), .id(person)],
            of: SeenMark.number,
            in: event.origin.scope,
            tenant: tenant
        )
    }

    public var json: JSON {
        [
            "message": .text("\(id)"), "title": .text(orNull: message.title),
            "content": .text(message.content), "project": .text(orNull: subject),
            "scope": .text("\(scope)"),
            "to": .text(orNull: message.recipient.map(names.user)),
            "role": .text(orNull: message.role),
            "reply_to": .text(orNull: message.replyTo.map { "\($0)" }),
            "by": Authorship(origin, names).json, "own": .bool(isOwn),
            "read_at": .text(orNull: readAt.map(Moment.text)), "unread": .bool(isUnread),
        ]
    }

    public var lines: [String] {
        let to = message.recipient.map(names.user) ?? message.role.map { "role \($0)" } ?? "all"
        let place = subject.map { " on \($0)" } ?? ""
        let state = isUnread ? "  UNREAD" : ""
        let title = message.title.map { "\($0): " } ?? ""
        return [
            "\(Nicknames.event(id))  \(Authorship(origin, names).text), to \(to)\(place)\(state)",
            "  \(title)\(message.content)",
        ]
    }
}
