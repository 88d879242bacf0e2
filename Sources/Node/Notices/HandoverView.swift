public import CRDT
public import Domain
import Storage
import Wire

/// A handover note as it is shown: what it says, and who has seen it.
///
/// JSON: `{"note", "site", "shift", "work_center", "content", "subjects", "people", "roles", "by",
/// "open", "acknowledged": [{"user", "at"}], "missing": {"people", "roles", "anybody"}}`.
public struct HandoverView: Sendable {
    public let id: ID
    public let note: HandoverNote
    public let standing: HandoverStanding
    /// When it was written, milliseconds since 1970.
    public let milliseconds: UInt64
    let scope: Scope
    private let author: Authorship
    private let names: Nicknames
    private let writer: ID

    init(
        _ event: StoredEvent,
        _ marks: SeenMarks,
        _ names: Nicknames,
        roles: (ID) -> Set<String>
    ) {
        id = event.id
        note = HandoverNote(event.fields)
        scope = event.origin.scope
        milliseconds = event.origin.time.milliseconds
        writer = event.origin.user
        author = Authorship(event.origin, names)
        self.names = names
        standing = HandoverStanding(
            of: note,
            by: writer,
            acknowledged: marks.acknowledgements(of: event.id),
            roles: roles
        )
    }

    /// Whether a person is to take note of it: they are meant, and have not; who wrote it is not
    /// asked, unless they named themselves.
    public func waits(for person: Standing) -> Bool {
        guard standing.acknowledged[person.user] == nil else { return false }
        if note.people.contains(person.user) { return true }
        return person.user != writer && note.addressees.include(person)
    }
}

extension HandoverView {
    public var json: JSON {
        let acknowledged = standing.acknowledged.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        return [
            "note": .text("\(id)"), "site": .text(names.site(scope.key)),
            "shift": .text(orNull: note.shift), "work_center": .text(orNull: note.workCenter),
            "content": .text(note.content),
            "subjects": .list(note.subjects.sorted()) { .text("\($0)") },
            "people": .list(note.people.map(names.user).sorted(), JSON.text),
            "roles": .list(note.roles.sorted(), JSON.text), "by": author.json,
            "open": .bool(standing.isOpen),
            "acknowledged": .list(acknowledged) { person, time in
                [
                    "user": .text(names.user(person)),
                    "at": .text(Moment.text(milliseconds: time)),
                ]
            },
            "missing": [
                "people": .list(standing.missingPeople.map(names.user).sorted(), JSON.text),
                "roles": .list(standing.missingRoles.sorted(), JSON.text),
                "anybody": .bool(standing.isMissingAnybody),
            ],
        ]
    }

    public var lines: [String] {
        let place = [note.workCenter, note.shift].compactMap(\.self).joined(separator: ", ")
        let head = "\(Nicknames.event(id))  \(author.text)" + (place.isEmpty ? "" : "  [\(place)]")
        let seen = standing.acknowledged.sorted { $0.value < $1.value }.map { person, time in
            "  seen by \(names.user(person)), \(CalendarDay.time(milliseconds: time)) UTC"
        }
        let missing =
            standing.missingPeople.map(names.user).sorted()
            + standing.missingRoles.sorted().map { "somebody of \($0)" }
            + (standing.isMissingAnybody ? ["anybody"] : [])
        let waits = missing.isEmpty ? [] : ["  not seen yet by \(missing.joined(separator: ", "))"]
        return [head, "  \(note.content)"] + seen + waits
    }
}
