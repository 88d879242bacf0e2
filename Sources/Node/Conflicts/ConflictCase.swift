public import CRDT
import Domain
import Storage
import Wire

/// Things that people did without knowing of each other, and that do not fit together.
///
/// JSON: `{"conflict", "kind", "scope", "record", "subject", "what", "shown", "settled_by", "seen",
/// "sides": [{"side", "value", "shown", "by": {"user", "device", "site", "at", "known_by",
/// "clock_suspect"}, "had_seen"}]}`; `seen` is what `--seen` takes.
public struct ConflictCase: Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Values of a field: `conflict settle` writes one in their place.
        case field
        /// Advances to different stages.
        case stage
        /// Steps on a sub-stage that cannot both count.
        case progressJoin = "progress_join"
        /// Measurements that disagree.
        case measurement
        /// Corrections of hours that disagree.
        case correction
        /// Hours of one person that share time.
        case timeOverlap = "time_overlap"
        /// An entry of hours that was stopped in two places.
        case stops
        /// Steps on a task that cannot both count.
        case taskJoin = "task_join"
        /// A task that was begun or completed in two places.
        case doubleWork = "double_work"
        /// A dependency that does not count, because it closes a cycle.
        case dependencyCycle = "dependency_cycle"
        /// Steps on a defect that cannot both count.
        case defectJoin = "defect_join"
        /// Decisions on a waiver that say different things.
        case waiver
        /// A signature of something else than what stands by now.
        case signature
        /// A sub-stage or stage that was closed by someone who did not know what holds it.
        case held
    }

    /// One of the writes that stand side by side.
    public struct Side: Sendable {
        public let value: String
        /// Whether this is what people are shown until it is settled.
        public let isShown: Bool
        public let author: Authorship?
        /// What its author had seen, in words; empty: nothing.
        public let hadSeen: [String]
    }

    /// Stays the same as long as the record and the field do.
    public let id: ID
    public let kind: Kind
    public let scope: Scope
    public let record: ID
    /// What people call the record: PRJ-000123.
    public let subject: String
    /// The field, sub-stage, item or entry.
    public let what: String
    public let sides: [Side]
    /// What to do about it.
    public let settledBy: String
    public let seen: Seen
    /// For a field: which.
    let entity: Entity?
    let field: Field?
    /// The key of the field, if it is a map.
    let key: String?
    let values: [Value]

    init(
        _ kind: Kind,
        _ place: ConflictPlace,
        what: String,
        sides: [Side],
        settledBy: String,
        seen: [Name] = [],
        register: (entity: Entity, field: Field, key: String?, values: [Value])? = nil
    ) {
        self.kind = kind
        id = ID(
            naturalKey: [.text(kind.rawValue), .id(place.record), .text(place.detail)],
            of: 0,
            in: place.scope,
            tenant: place.tenant
        )
        scope = place.scope
        record = place.record
        subject = place.subject
        self.what = what
        self.sides = sides
        self.settledBy = settledBy
        self.seen = Seen(seen)
        entity = register?.entity
        field = register?.field
        key = register?.key
        values = register?.values ?? []
    }

    /// The first digits of its id.
    public var short: String { Nicknames.short(id) }

    /// What people are shown until it is settled.
    public var shown: String {
        let shown = sides.filter(\.isShown).map(\.value)
        return shown.isEmpty ? "-" : shown.joined(separator: " | ")
    }
}

/// Where a conflict lies.
struct ConflictPlace {
    let tenant: ID
    let scope: Scope
    let record: ID
    let subject: String
    /// Tells apart the conflicts of one record.
    let detail: String
}

extension ConflictCase {
    public var json: JSON {
        [
            "conflict": .text("\(id)"), "kind": .text(kind.rawValue), "scope": .text("\(scope)"),
            "record": .text("\(record)"), "subject": .text(subject), "what": .text(what),
            "shown": .text(shown), "settled_by": .text(settledBy), "seen": .text(seen.text),
            "sides": .list(
                sides.enumerated().map { index, side in
                    [
                        "side": .number(index + 1), "value": .text(side.value),
                        "shown": .bool(side.isShown), "by": side.author?.json ?? .null,
                        "had_seen": .list(side.hadSeen) { .text($0) },
                    ]
                }
            ),
        ]
    }

    public var lines: [String] {
        var lines = ["\(short)  \(subject) \(what): \(kind.rawValue)"]
        for (index, side) in sides.enumerated() {
            let mark = side.isShown ? ", shown" : ""
            lines.append("  \(index + 1). \(side.value)\(mark)")
            if let author = side.author { lines.append("     \(author.text)") }
            let seen = side.hadSeen.isEmpty ? "nothing of it" : side.hadSeen.joined(separator: "; ")
            lines.append("     had seen: \(seen)")
        }
        return lines + ["  to settle it: \(settledBy)"]
    }
}
