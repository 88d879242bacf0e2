import ArgumentParser
import Domain
import Node

/// What can be said of a task, new or not.
struct TaskFields: ParsableArguments {
    @Option(help: ArgumentHelp("What is to be done, at length.", valueName: "text"))
    var description: String?

    @Option(
        help: ArgumentHelp(
            "ASSEMBLY, FABRICATION, INSPECTION, TESTING, QC, PACKAGING, SHIPPING, DOCUMENTATION "
                + "or SERVICE.",
            valueName: "type"
        )
    )
    var type: String?

    @Option(help: ArgumentHelp("The sub-stage that it belongs to.", valueName: "slug"))
    var subStage: String?

    @Option(help: ArgumentHelp("The build that it is on.", valueName: "number"))
    var build: String?

    @Option(help: ArgumentHelp("The task that it is a part of.", valueName: "code"))
    var parent: String?

    @Option(help: ArgumentHelp("Its place in lists.", valueName: "number"))
    var sequence: Int64?

    @Option(name: .customLong("skill"), help: "A skill it needs; may be repeated.")
    var skills: [String] = []

    @Option(name: .customLong("tool"), help: "A tool it needs; may be repeated.")
    var tools: [String] = []

    @Option(name: .customLong("step"), help: "One line of its instructions; may be repeated.")
    var instructions: [String] = []

    @Option(help: ArgumentHelp("Where it is done.", valueName: "name"))
    var workCenter: String?

    @Option(help: ArgumentHelp("What keeps people safe.", valueName: "text"))
    var safety: String?

    @Option(help: ArgumentHelp("How long it is thought to take.", valueName: "minutes"))
    var estimate: Int64?

    @Option(help: ArgumentHelp("low, normal, high or urgent.", valueName: "word"))
    var priority: String?

    @Option(help: ArgumentHelp("When it is due, as 2026-11-21.", valueName: "day"))
    var due: String?

    @Flag(inversion: .prefixedNo, help: "Quality must not hold its build when it is completed.")
    var inspection: Bool?

    @Flag(inversion: .prefixedNo, help: "Somebody else signs its completion off.")
    var approval: Bool?

    var request: TaskRequest {
        var request = TaskRequest()
        request.description = description
        request.type = type
        request.subStage = subStage
        request.build = build
        request.parent = parent
        request.sequence = sequence
        request.skills = skills.isEmpty ? nil : skills
        request.tools = tools.isEmpty ? nil : tools
        request.instructions = instructions.isEmpty ? nil : instructions
        request.workCenter = workCenter
        request.safetyRequirements = safety
        request.estimatedMinutes = estimate
        request.priority = priority
        request.due = due
        request.inspectionRequired = inspection
        request.approvalRequired = approval
        return request
    }
}

struct TaskAdd: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a task to a project.",
        discussion: """
            Without a code it is called by where and when it was added.

            gemba task add --data DIR --as do.thi.j PRJ-000123 "Mount the pump" --code T-000310 \
            --sub-stage assembly --assign ly.van.k --estimate 90 --step "Clean the flange"

            JSON: that of `task show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "What it is called.")
    var title: String

    @Option(help: ArgumentHelp("Its number, unique in the project.", valueName: "code"))
    var code: String?

    @Option(
        name: .customLong("assign"),
        help: ArgumentHelp("Who is to do it; may be repeated.", valueName: "user")
    )
    var assignees: [String] = []

    @OptionGroup var fields: TaskFields

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = fields.request
        request.title = title
        request.code = code
        request.assignees = assignees
        let code = try node.addTask(request, to: project, by: actor)
        return try Reply(task: code, of: project, on: node)
    }
}

struct TaskEdit: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change what is said of a task.",
        discussion: """
            Lists (--skill, --tool, --step) are written whole.

            gemba task edit --data DIR --as do.thi.j PRJ-000123 T-000310 --estimate 120

            JSON: that of `task show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: .task)
    var task: String

    @Option(help: ArgumentHelp("What it is called.", valueName: "text"))
    var title: String?

    @OptionGroup var fields: TaskFields

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = fields.request
        request.title = title
        let code = try node.tasks(of: project, task: task).items.first?.definition.code ?? task
        try node.editTask(code, of: project, request, by: actor)
        return try Reply(task: code, of: project, on: node)
    }
}

struct TaskAssign: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign",
        abstract: "Give a task to people, or take it from them.",
        discussion: """
            People take a task themselves; planners give it to others. Two stations that assign at \
            once both do.

            gemba task assign --data DIR --as do.thi.j PRJ-000123 T-000310 --to ly.van.k

            JSON: that of `task show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: .task)
    var task: String

    @Option(
        name: .customLong("to"),
        help: ArgumentHelp("Who is to do it; may be repeated.", valueName: "user")
    )
    var added: [String] = []

    @Option(
        name: .customLong("from"),
        help: ArgumentHelp("Who is not to; may be repeated.", valueName: "user")
    )
    var removed: [String] = []

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.assignTask(task, of: project, to: added, from: removed, by: actor)
        return try Reply(task: task, of: project, on: node)
    }
}

struct TaskNote: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Write the note of a task.",
        discussion: """
            It takes the place of the note that is shown; two that did not know of each other \
            stand side by side.

            gemba task note --data DIR --as ly.van.k PRJ-000123 T-000310 "left half done"

            JSON: that of `task show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: .task)
    var task: String

    @Argument(help: "The note.")
    var text: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.noteTask(task, of: project, text, by: actor)
        return try Reply(task: task, of: project, on: node)
    }
}

struct TaskLink: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Say that a task waits for another.",
        discussion: """
            A cycle is refused. One that two stations close together is shown as a conflict: the \
            younger dependency does not count until somebody takes one of them back.

            gemba task link --data DIR --as do.thi.j PRJ-000123 T-000310 T-000311 --lag 30

            JSON: that of `task show`, of the task that waits.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "The task that comes first.")
    var predecessor: String

    @Argument(help: "The task that waits.")
    var successor: String

    @Option(
        help: ArgumentHelp(
            "FINISH_TO_START, START_TO_START, FINISH_TO_FINISH or START_TO_FINISH.",
            valueName: "kind"
        )
    )
    var kind = TaskDependency.Kind.finishToStart.rawValue

    @Option(help: ArgumentHelp("How long it waits after that.", valueName: "minutes"))
    var lag: Int64 = 0

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        guard let kind = TaskDependency.Kind(rawValue: kind.uppercased()) else {
            let known = TaskDependency.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw RuleFault(.unknownValue, "a dependency is one of \(known)")
        }
        let actor = try node.actor(as: acting.user, by: caller)
        try node.linkTasks(
            predecessor,
            before: successor,
            of: project,
            kind,
            lagMinutes: lag,
            by: actor
        )
        return try Reply(task: successor, of: project, on: node)
    }
}

struct TaskUnlink: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlink",
        abstract: "Take back that a task waits for another.",
        discussion: """
            gemba task unlink --data DIR --as do.thi.j PRJ-000123 T-000310 T-000311

            JSON: that of `task show`, of the task that waited.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "The task that comes first.")
    var predecessor: String

    @Argument(help: "The task that waits.")
    var successor: String

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.unlinkTasks(
            predecessor,
            before: successor,
            of: project,
            reason: reason,
            by: actor
        )
        return try Reply(task: successor, of: project, on: node)
    }
}
