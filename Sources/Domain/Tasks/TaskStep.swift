public import CRDT

/// Something that happens to a task: one event of it.
public struct TaskStep: Fact {
    /// What happens.
    public enum Action: Hashable, Sendable {
        case start
        /// How far the attempt is, in hundredths of a percent.
        case progress(Int64)
        /// Work stops, for a reason.
        case hold
        /// Work goes on: lifts the named holds, and no other; the ids of their events.
        case resume([ID])
        case complete
        /// Asks the hub to cancel the task: a hold until it does.
        case askToCancel
        /// The hub cancels the task.
        case cancel
        /// Opens a further attempt.
        case reopen
        /// Notes something that went wrong, and changes nothing.
        case issue
        /// Of a newer version, or set aside: it does nothing, and carries what was seen.
        case unknown
    }

    public static let number: UInt32 = 64
    public static let taskField: UInt32 = 1
    public static let actionField: UInt32 = 2
    public static let reasonField: UInt32 = 3
    public static let commentField: UInt32 = 4
    public static let liftsField: UInt32 = 5
    public static let progressField: UInt32 = 6
    public static let decisionField: UInt32 = 7

    public static let entity = Entity(
        number,
        "task_event",
        in: [.subject],
        form: .event(stream: [taskField]),
        fields: [
            Field(taskField, "task", .text, .fixed),
            Field(actionField, "action", .text, .fixed),
            Field(reasonField, "reason", .text, .fixed),
            Field(commentField, "comment", .text, .fixed),
            Field(liftsField, "lifts", .id, .set),
            Field(progressField, "progress", .integer, .fixed),
            Field(decisionField, "decision", .text, .authority),
        ],
        searched: [
            Searched(reasonField, .description), Searched(commentField, .description),
        ]
    )

    /// The code of the task.
    public let task: String
    public let action: Action
    /// Why: for hold, cancel and reopen; what: for an issue.
    public let reason: String?
    public let comment: String?

    public init(
        _ task: String,
        _ action: Action,
        reason: String? = nil,
        comment: String? = nil
    ) {
        self.task = task
        self.action = action
        self.reason = reason
        self.comment = comment
    }

    public init(_ fields: Fields) {
        task = fields.text(Self.taskField) ?? ""
        reason = fields.text(Self.reasonField)
        comment = fields.text(Self.commentField)
        action = Self.action(fields)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.taskField, task)
        values.set(Self.reasonField, reason)
        values.set(Self.commentField, comment)
        values.set(Self.actionField, action.word)
        switch action {
        case .progress(let share): values.set(Self.progressField, share)
        case .resume(let lifted): values.add(Self.liftsField, lifted.map(Value.id))
        case .cancel: values.set(Self.decisionField, "cancelled")
        case .start, .hold, .complete, .askToCancel, .reopen, .issue, .unknown: break
        }
        return values
    }

    private static func action(_ fields: Fields) -> Action {
        switch fields.text(actionField) {
        case "start": .start
        case "progress": .progress(fields.integer(progressField) ?? 0)
        case "hold": .hold
        case "resume": .resume(lifted(fields))
        case "complete": .complete
        case "cancel": fields.text(decisionField) == "cancelled" ? .cancel : .askToCancel
        case "reopen": .reopen
        case "issue": .issue
        default: .unknown
        }
    }

    private static func lifted(_ fields: Fields) -> [ID] {
        fields.elements(liftsField).compactMap {
            if case .id(let id) = $0 { id } else { nil }
        }
        .sorted()
    }
}

extension TaskStep.Action {
    /// The action as the field says it; nil for an unknown one.
    public var word: String? {
        switch self {
        case .start: "start"
        case .progress: "progress"
        case .hold: "hold"
        case .resume: "resume"
        case .complete: "complete"
        case .askToCancel, .cancel: "cancel"
        case .reopen: "reopen"
        case .issue: "issue"
        case .unknown: nil
        }
    }

    /// Whether the step stops work until a resumption names it.
    var isHold: Bool { self == .hold || self == .askToCancel }

    /// Whether the step shows that work on the attempt has begun.
    var opens: Bool {
        switch self {
        case .start, .progress, .resume, .complete, .reopen: true
        case .hold, .askToCancel, .cancel, .issue, .unknown: false
        }
    }

    /// How far the step says that the attempt is, in hundredths of a percent.
    var share: Int {
        switch self {
        case .progress(let share): Int(clamping: max(0, min(share, 10_000)))
        case .complete: 10_000
        default: 0
        }
    }
}
