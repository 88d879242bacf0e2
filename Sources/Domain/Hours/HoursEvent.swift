public import CRDT

/// What clocks said when a person started or stopped.
///
/// - Shape: wall clock, ticks since boot, which boot, and how good the wall clock is.
public struct ClockReading: Hashable, Sendable {
    /// How far the wall clock can be trusted.
    public enum Quality: String, Hashable, Sendable, CaseIterable {
        /// Confirmed by peers or hub.
        case synchronized
        /// Nobody to compare with.
        case unconfirmed
        /// Known to be wrong.
        case implausible
    }

    /// Milliseconds since 1970.
    public let wall: Int64
    /// Milliseconds of the boot's monotonic clock.
    public let monotonic: Int64
    /// Names one boot of one machine.
    public let boot: ID
    public let quality: Quality

    public init(wall: Int64, monotonic: Int64, boot: ID, quality: Quality) {
        self.wall = wall
        self.monotonic = monotonic
        self.boot = boot
        self.quality = quality
    }
}

/// One event of the hours of a person: a start, a stop, or a whole entry noted afterwards.
public struct HoursEvent: Fact {
    /// What a person does.
    public enum Activity: String, Hashable, Sendable, CaseIterable {
        case setup = "SETUP"
        case work = "WORK"
        case rework = "REWORK"
        case wait = "WAIT"
        case pause = "BREAK"
    }

    /// What the event says.
    public enum Action: Hashable, Sendable {
        case start(ClockReading)
        /// Ends the entry that a start event, named by its id, began.
        case stop(entry: ID, ClockReading)
        /// From and to, milliseconds since 1970, as the person remembers.
        case whole(start: Int64, end: Int64)
        /// Of a newer version, or set aside: it does nothing.
        case unknown
    }

    public static let number: UInt32 = 65
    public static let actionField: UInt32 = 1
    public static let personField: UInt32 = 2
    public static let activityField: UInt32 = 3
    public static let subjectField: UInt32 = 4
    public static let subStageField: UInt32 = 5
    public static let taskField: UInt32 = 6
    public static let entryField: UInt32 = 7
    public static let wallField: UInt32 = 8
    public static let monotonicField: UInt32 = 9
    public static let bootField: UInt32 = 10
    public static let qualityField: UInt32 = 11
    public static let endField: UInt32 = 12
    public static let noteField: UInt32 = 13

    public static let entity = Entity(
        number,
        "time_event",
        in: [.site],
        form: .event(stream: []),
        fields: [
            Field(actionField, "action", .text, .fixed),
            Field(personField, "person", .id, .fixed),
            Field(activityField, "activity", .text, .fixed),
            Field(subjectField, "subject", .id, .fixed),
            Field(subStageField, "sub_stage", .text, .fixed),
            Field(taskField, "task", .text, .fixed),
            Field(entryField, "entry", .id, .fixed),
            Field(wallField, "wall", .integer, .fixed),
            Field(monotonicField, "monotonic", .integer, .fixed),
            Field(bootField, "boot", .id, .fixed),
            Field(qualityField, "clock_quality", .text, .fixed),
            Field(endField, "end", .integer, .fixed),
            Field(noteField, "note", .text, .fixed),
        ],
        indexes: indexes,
        searched: [Searched(noteField, .description)]
    )

    /// The starts and whole entries of a person, by when they began.
    public static let byPerson = Index(
        1,
        "person",
        [.value(personField), .value(wallField)],
        where: .field(actionField, is: "start", "whole")
    )
    /// The stops of an entry.
    public static let byEntry = Index(
        2,
        "entry",
        [.value(entryField), .value(personField), .value(wallField)],
        where: .field(actionField, is: "stop")
    )
    /// The starts of a person that nobody has stopped.
    public static let running = Index(
        3,
        "running",
        [.value(personField)],
        where: .field(actionField, is: "start"),
        until: Index.Ending(entity: number, index: byEntry.number)
    )
    /// The starts and whole entries of a task of a subject, by when they began.
    public static let byTask = Index(
        4,
        "task",
        [.value(subjectField), .value(taskField), .value(wallField)],
        where: .field(actionField, is: "start", "whole")
    )

    private static let indexes = [byPerson, byEntry, running, byTask]

    public let action: Action
    /// Who worked.
    public let person: ID?
    /// As written; see ``Activity``.
    public let activity: String?
    /// What they worked on.
    public let subject: ID?
    public let subStage: String?
    public let task: String?
    public let note: String?

    public init(
        _ action: Action,
        person: ID,
        activity: Activity? = nil,
        subject: ID? = nil,
        subStage: String? = nil,
        task: String? = nil,
        note: String? = nil
    ) {
        self.action = action
        self.person = person
        self.activity = activity?.rawValue
        self.subject = subject
        self.subStage = subStage
        self.task = task
        self.note = note
    }

    public init(_ fields: Fields) {
        action = Self.action(fields)
        person = fields.id(Self.personField)
        activity = fields.text(Self.activityField)
        subject = fields.id(Self.subjectField)
        subStage = fields.text(Self.subStageField)
        task = fields.text(Self.taskField)
        note = fields.text(Self.noteField)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.personField, person)
        values.set(Self.activityField, activity)
        values.set(Self.subjectField, subject)
        values.set(Self.subStageField, subStage)
        values.set(Self.taskField, task)
        values.set(Self.noteField, note)
        switch action {
        case .start(let reading):
            values.set(Self.actionField, "start")
            set(reading, in: &values)
        case .stop(let entry, let reading):
            values.set(Self.actionField, "stop")
            values.set(Self.entryField, entry)
            set(reading, in: &values)
        case .whole(let start, let end):
            values.set(Self.actionField, "whole")
            values.set(Self.wallField, start)
            values.set(Self.endField, end)
        case .unknown: break
        }
        return values
    }

    private func set(_ reading: ClockReading, in values: inout FieldValues) {
        values.set(Self.wallField, reading.wall)
        values.set(Self.monotonicField, reading.monotonic)
        values.set(Self.bootField, reading.boot)
        values.set(Self.qualityField, reading.quality.rawValue)
    }

    private static func action(_ fields: Fields) -> Action {
        guard let wall = fields.integer(wallField) else { return .unknown }
        let reading = ClockReading(
            wall: wall,
            monotonic: fields.integer(monotonicField) ?? 0,
            boot: fields.id(bootField) ?? .zero,
            quality: fields.text(qualityField).flatMap(ClockReading.Quality.init) ?? .implausible
        )
        switch fields.text(actionField) {
        case "start": return .start(reading)
        case "stop": return fields.id(entryField).map { .stop(entry: $0, reading) } ?? .unknown
        case "whole":
            return fields.integer(endField).map { .whole(start: wall, end: $0) } ?? .unknown
        default: return .unknown
        }
    }
}
