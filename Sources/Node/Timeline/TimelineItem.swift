public import CRDT
import Domain
public import Storage

/// One thing that somebody did: an operation of the log, in words.
public struct TimelineItem: Sendable {
    /// What an operation did to one field.
    struct Edit: Sendable {
        let field: String
        /// set, add, remove, increment or unknown.
        let action: String
        /// The values that its author was shown and put this one in place of.
        let from: [Value]
        let to: Value?
        /// The values that its author had not seen and that stand beside it.
        let beside: [Value]

        /// Whether it put one value in place of several that differed.
        var settles: Bool { Set(from).count > 1 }
    }

    /// What it did, for a feed.
    public enum Activity: String, Sendable, CaseIterable {
        case created
        case updated
        case statusChanged = "status_changed"
        case deleted
        case recorded
        /// Of a newer version.
        case unknown
    }

    public let entry: LogEntry
    /// The name of the kind of record.
    public let entity: String
    public let activity: Activity
    let edits: [Edit]
    /// The project that it is about; nil outside of one.
    let subject: String?
    /// What people call the record: a title, a code, a sub-stage.
    let title: String?
    /// Of an event: those of its stream that were here before it and that its author had not seen.
    public let unseen: [ID]

    init(
        _ entry: LogEntry,
        subject: String?,
        before: Record?,
        unseen: [ID],
        called title: String?
    ) {
        self.unseen = unseen
        self.entry = entry
        self.subject = subject
        self.title = title
        let kind = Catalogue.schema[entry.operation.entity]
        entity = kind?.name ?? "entity \(entry.operation.entity)"
        edits = entry.operation.edits.map { Self.edit($0, of: kind, before) }
        activity = Activity(entry.operation, kind)
    }

    /// Whether it counts.
    public var counts: Bool { entry.counted != nil }

    /// Why it does not, in a word.
    public var setAside: String? { entry.exclusion?.rawValue ?? entry.setAside?.rawValue }

    /// Where it stands in the log of this node.
    public var cursor: TimelineCursor {
        TimelineCursor(position: entry.origin.position, index: entry.index)
    }

    private static func edit(_ edit: FieldEdit, of entity: Entity?, _ before: Record?) -> Edit {
        let isDeleted = edit.field == FieldEdit.deleted
        let name =
            (isDeleted ? Field.deleted : entity?.field(edit.field))?.name
            ?? "field \(edit.field)"
        func write(_ key: String?, _ value: Value, _ seen: [Name]) -> Edit {
            let heads = before?.registers[Record.Cell(field: edit.field, key: key)]?.heads ?? []
            let others = heads.filter { !seen.contains($0.name) && $0.value != value }
            return Edit(
                field: key.map { "\(name)[\($0)]" } ?? name,
                action: "set",
                from: heads.filter { seen.contains($0.name) }.map(\.value),
                to: value,
                beside: others.map(\.value)
            )
        }
        func plain(_ action: String, _ value: Value?) -> Edit {
            Edit(field: name, action: action, from: [], to: value, beside: [])
        }
        switch edit.action {
        case .write(let value, let seen): return write(nil, value, seen)
        case .put(let key, let value, let seen): return write(key, value, seen)
        case .add(let value, _): return plain("add", value)
        case .remove(let value, _): return plain("remove", value)
        case .increment(let delta):
            let sum = before?.sums[edit.field].map { Value.integer(Int64(clamping: $0)) }
            return Edit(
                field: name,
                action: "increment",
                from: [sum].compactMap(\.self),
                to: .integer(delta),
                beside: []
            )
        case .unknown: return plain("unknown", nil)
        }
    }
}

extension TimelineItem.Activity {
    /// The events by which something comes to stand otherwise.
    private static let steps: Set<UInt32> = [
        StageAdvance.number, ProgressStep.number, TaskStep.number, DefectStep.number,
    ]
    /// The fields that say how something stands.
    private static let states: Set<String> = [
        "status", "stage", "phase", "result", "is_cancelled", "is_active",
    ]

    init(_ operation: Operation, _ entity: Entity?) {
        switch operation.target {
        case .unknown: self = .unknown
        case .event: self = Self.steps.contains(operation.entity) ? .statusChanged : .recorded
        case .new, .natural: self = .created
        case .existing:
            let isDeletion = operation.written(FieldEdit.deleted) == .bool(true)
            let names = operation.edits.compactMap { entity?.field($0.field)?.name }
            let isState = names.contains { Self.states.contains($0) || $0.hasSuffix("_status") }
            self = isDeletion ? .deleted : isState ? .statusChanged : .updated
        }
    }
}

/// A place in the log of one node, from which a timeline goes on; text `POSITION.INDEX`.
public struct TimelineCursor: Hashable, Comparable, Sendable {
    let position: Int64
    let index: UInt16

    init(position: Int64, index: UInt16) {
        self.position = position
        self.index = index
    }

    /// Reads what ``text`` writes; anything else is nil.
    public init?(text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let position = Int64(parts[0]), let index = UInt16(parts[1]),
            position >= 0
        else { return nil }
        self.init(position: position, index: index)
    }

    public var text: String { "\(position).\(index)" }

    public static func < (left: TimelineCursor, right: TimelineCursor) -> Bool {
        (left.position, left.index) < (right.position, right.index)
    }
}
