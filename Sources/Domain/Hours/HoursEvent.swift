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

        /// The worse of two.
        public func worst(_ other: Quality) -> Quality {
            let order: [Quality] = [.synchronized, .unconfirmed, .implausible]
            let places = [self, other].compactMap(order.firstIndex)
            return places.max().map { order[$0] } ?? .implausible
        }
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

    /// Longest time after a stop in which it can be undone, milliseconds.
    public static let undoMilliseconds: Int64 = 10_000

    /// Whether this reading comes soon enough after a stop to undo it.
    ///
    /// By the ticks of one boot alone: wall clocks jump, and a typed time has no ticks.
    ///
    /// - Source: DOM-142.
    public func canUndo(_ stop: ClockReading) -> Bool {
        let (elapsed, isOutside) = monotonic.subtractingReportingOverflow(stop.monotonic)
        return boot == stop.boot && !isOutside && (0...Self.undoMilliseconds).contains(elapsed)
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

    /// What the clock runs for: the two never overlap each other.
    public enum Timer: String, Hashable, Sendable, CaseIterable {
        /// Work on something.
        case job
        /// Being there, whatever is worked on.
        case attendance
    }

    /// What the event says.
    public enum Action: Hashable, Sendable {
        case start(ClockReading)
        /// Ends the entry that a start event, named by its id, began.
        case stop(entry: ID, ClockReading)
        /// Takes back the stop event, named by its id, that was an accident a moment ago.
        case undo(stop: ID, ClockReading)
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
    public static let continuesField: UInt32 = 14
    public static let billableField: UInt32 = 15
    public static let timerField: UInt32 = 16

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
            Field(continuesField, "continues", .id, .fixed),
            Field(billableField, "billable", .bool, .fixed),
            Field(timerField, "timer", .text, .fixed),
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
    /// The stops of an entry, and what takes back a stop.
    public static let byEntry = Index(
        2,
        "entry",
        [.value(entryField), .value(personField), .value(wallField)],
        where: .field(actionField, is: "stop", "undo")
    )
    /// The starts of a person that nobody has stopped; those whose stop was taken back are found
    /// by ``undone``.
    public static let running = Index(
        3,
        "running",
        [.value(personField)],
        where: .field(actionField, is: "start"),
        until: Index.Ending(entity: number, index: byEntry.number)
    )
    /// The starts and whole entries of a subject, by when they began.
    public static let bySubject = Index(
        4,
        "subject",
        [.value(subjectField), .value(wallField)],
        where: .field(actionField, is: "start", "whole")
    )

    /// What a person took back.
    public static let undone = Index(
        5,
        "undone",
        [.value(personField), .value(wallField)],
        where: .field(actionField, is: "undo")
    )

    private static let indexes = [byPerson, byEntry, running, bySubject, undone]

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
    /// The entry that a pause interrupts, or that work goes on from: the id of its first event.
    public let continues: ID?
    /// Whether the time can be charged to somebody.
    public let isBillable: Bool
    /// A timer of a newer version is a job's, so that overlaps with it are shown.
    public let timer: Timer

    public init(
        _ action: Action,
        person: ID,
        activity: Activity? = nil,
        subject: ID? = nil,
        subStage: String? = nil,
        task: String? = nil,
        note: String? = nil,
        continues: ID? = nil,
        isBillable: Bool = true,
        timer: Timer = .job
    ) {
        self.action = action
        self.person = person
        self.activity = activity?.rawValue
        self.subject = subject
        self.subStage = subStage
        self.task = task
        self.note = note
        self.continues = continues
        self.isBillable = isBillable
        self.timer = timer
    }

    public init(_ fields: Fields) {
        action = Self.action(fields)
        person = fields.id(Self.personField)
        activity = fields.text(Self.activityField)
        subject = fields.id(Self.subjectField)
        subStage = fields.text(Self.subStageField)
        task = fields.text(Self.taskField)
        note = fields.text(Self.noteField)
        continues = fields.id(Self.continuesField)
        isBillable = fields.bool(Self.billableField) ?? true
        timer = fields.text(Self.timerField).flatMap(Timer.init) ?? .job
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.personField, person)
        values.set(Self.activityField, activity)
        values.set(Self.subjectField, subject)
        values.set(Self.subStageField, subStage)
        values.set(Self.taskField, task)
        values.set(Self.noteField, note)
        values.set(Self.continuesField, continues)
        values.set(Self.billableField, isBillable ? nil : false as Bool?)
        values.set(Self.timerField, timer == .job ? nil : timer.rawValue)
        switch action {
        case .start(let reading):
            values.set(Self.actionField, "start")
            set(reading, in: &values)
        case .stop(let entry, let reading):
            values.set(Self.actionField, "stop")
            values.set(Self.entryField, entry)
            set(reading, in: &values)
        case .undo(let stop, let reading):
            values.set(Self.actionField, "undo")
            values.set(Self.entryField, stop)
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
        case "undo": return fields.id(entryField).map { .undo(stop: $0, reading) } ?? .unknown
        case "whole":
            return fields.integer(endField).map { .whole(start: wall, end: $0) } ?? .unknown
        default: return .unknown
        }
    }
}
