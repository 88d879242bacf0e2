import ArgumentParser
import CRDT
import Node

struct TaskCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task",
        abstract: "Plan tasks of a project and work on them.",
        subcommands: [
            TaskAdd.self, TaskList.self, TaskShow.self, TaskEdit.self, TaskAssign.self,
            TaskStart.self, TaskHold.self, TaskResume.self, TaskProgressCommand.self,
            TaskComplete.self, TaskCancel.self, TaskReopen.self, TaskIssue.self, TaskNote.self,
            TaskLink.self, TaskUnlink.self, TaskWorkload.self,
        ]
    )
}

struct TaskList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tasks of a project, with what each waits for.",
        discussion: """
            A dependency that would close a cycle does not count, and is shown with the way round.

            gemba task list --data DIR PRJ-000123

            JSON: {"project", "tasks": [{"task", "title", "type", "sub_stage", "build", "parent", \
            "sequence", "description", "assignees", "skills", "tools", "instructions", \
            "safety_requirements", "work_center", "priority", "due", "inspection_required", \
            "approval_required", "notes", "estimated_minutes", "status", "attempt", "progress" \
            (hundredths of a percent), "remaining_minutes", "actual_minutes", "started_at", \
            "closed_at", \
            "earliest_start", "earliest_finish", "waits": [{"for", "kind", "holds", "until"}], \
            "holds": [{"id", "reason", "asks_to_cancel", "by"}], "conflicts", "doubled", \
            "issues": [{"id", "reason", "by"}], "seen"}], "dependencies": [{"id", "predecessor", \
            "successor", "kind", "lag_minutes", "counts", "cycle"}]}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .project)
    var project: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.tasks(of: project)
        return Reply(report.json, lines: report.lines)
    }
}

struct TaskShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a task with its instructions and every step.",
        discussion: """
            gemba task show --data DIR PRJ-000123 T-000310

            JSON: that of `task list`, of one task, with "steps": [{"id", "action", "decided", \
            "progress", "reason", "comment", "by", "had_seen"}].
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: .task)
    var task: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.tasks(of: project, task: task)
        return Reply(report.json, lines: report.lines)
    }
}

struct TaskWorkload: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "workload",
        abstract: "Show what people have to do: at a station, of the projects that it holds.",
        discussion: """
            gemba task workload --data DIR --person ly.van.k

            JSON: {"held": "all" at a hub or "own", "people": [{"user", "pending", "active", \
            "on_hold", "completed" (in 30 days), "remaining_minutes", "average_minutes"}]}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Option(help: ArgumentHelp("Whose alone.", valueName: "user"))
    var person: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.workload(of: person)
        return Reply(report.json, lines: report.lines)
    }
}

extension ArgumentHelp {
    /// The help of the argument that says which task is meant.
    static let task = ArgumentHelp("A code such as T-000310, or a title.")
}

extension Reply {
    /// A task as it stands once a command has acted on it.
    init(task: String, of project: String, on node: LocalNode) throws {
        let report = try node.tasks(of: project, task: task)
        self.init(report.json, lines: report.outcome)
    }
}
