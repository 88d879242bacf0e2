import ArgumentParser
import CRDT
import Node

/// What every step on a task takes.
struct TaskStepOptions: ParsableArguments {
    @Argument(help: .project)
    var project: String

    @Argument(help: .task)
    var task: String

    @Option(help: ArgumentHelp("Why: for hold, cancel, reopen and issue.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("A remark.", valueName: "text"))
    var comment: String?

    @Option(help: .seen("the steps of the task"), transform: Typed.seen)
    var seen: Seen?
}

/// A command that takes one kind of step on a task.
protocol TaskStepCommand: NodeCommand {
    static var kind: TaskStepRequest.Kind { get }
    var acting: ActingOptions { get }
    var step: TaskStepOptions { get }
    /// How far it is, in hundredths of a percent.
    func share() throws -> Int64?
    /// The holds to lift.
    var lifts: [ID] { get }
}

extension TaskStepCommand {
    func share() throws -> Int64? { nil }
    var lifts: [ID] { [] }

    static func configured(
        _ abstract: String,
        _ about: String,
        _ example: String
    ) -> CommandConfiguration {
        CommandConfiguration(
            commandName: kind.rawValue,
            abstract: abstract,
            discussion: """
                \(about)

                gemba task \(kind.rawValue) --data DIR \(example)

                JSON: that of `task show`.
                """
        )
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = TaskStepRequest(Self.kind, step.project, step.task)
        request.share = try share()
        request.reason = step.reason
        request.comment = step.comment
        request.lifts = lifts
        request.seen = step.seen
        let report = try node.take(request, by: actor)
        return Reply(report.json, lines: report.outcome)
    }
}

struct TaskStart: TaskStepCommand {
    static let kind = TaskStepRequest.Kind.start
    static let configuration = configured(
        "Start a task.",
        "Refused while it waits for another. The clock of hours is started apart from it.",
        "--as ly.van.k PRJ-000123 T-000310"
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: TaskStepOptions
}

struct TaskHold: TaskStepCommand {
    static let kind = TaskStepRequest.Kind.hold
    static let configuration = configured(
        "Hold a task until somebody resumes it.",
        "It wins over a completion that did not know of it.",
        "--as ly.van.k PRJ-000123 T-000310 --reason \"wrong screws\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: TaskStepOptions
}

struct TaskResume: TaskStepCommand {
    static let kind = TaskStepRequest.Kind.resume
    static let configuration = configured(
        "Go on with a task: lift the holds that were shown.",
        "Only those: a hold that comes from elsewhere later stands.",
        "--as do.thi.j PRJ-000123 T-000310"
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: TaskStepOptions

    @Option(
        name: .customLong("lift"),
        help: ArgumentHelp("One hold alone; may be repeated.", valueName: "id"),
        transform: Typed.id
    )
    var holds: [ID] = []

    var lifts: [ID] { holds }
}

struct TaskProgressCommand: TaskStepCommand {
    static let kind = TaskStepRequest.Kind.progress
    static let configuration = configured(
        "Say how far a task is.",
        "It never falls within an attempt, whatever other stations say.",
        "--as ly.van.k PRJ-000123 T-000310 60"
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: TaskStepOptions

    @Argument(help: "Percent, such as 60 or 62.5.")
    var percent: String

    func share() throws -> Int64? { try Typed.basisPoints(percent) }
}

struct TaskComplete: TaskStepCommand {
    static let kind = TaskStepRequest.Kind.complete
    static let configuration = configured(
        "Complete a task.",
        "Refused while its finish waits for another, or quality holds its build.",
        "--as ly.van.k PRJ-000123 T-000310 --comment \"torque checked\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: TaskStepOptions
}

struct TaskCancel: TaskStepCommand {
    static let kind = TaskStepRequest.Kind.cancel
    static let configuration = configured(
        "Ask the hub to cancel a task; at the hub, cancel it.",
        "Until the hub decides, the task is held.",
        "--as do.thi.j PRJ-000123 T-000310 --reason \"not needed\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: TaskStepOptions
}

struct TaskReopen: TaskStepCommand {
    static let kind = TaskStepRequest.Kind.reopen
    static let configuration = configured(
        "Reopen a closed task, as a further attempt.",
        "What was done stays on record.",
        "--as bui.thi.h PRJ-000123 T-000310 --reason \"loose\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: TaskStepOptions
}

struct TaskIssue: TaskStepCommand {
    static let kind = TaskStepRequest.Kind.issue
    static let configuration = configured(
        "Note what went wrong with a task; it changes nothing else.",
        "It also says that somebody has looked at work that was done twice.",
        "--as ly.van.k PRJ-000123 T-000310 --reason \"thread damaged, chased\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: TaskStepOptions
}
