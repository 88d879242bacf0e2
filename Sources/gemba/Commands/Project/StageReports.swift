import ArgumentParser
import Node

struct StageShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the stage that a project is in: who does what, until when.",
        discussion: """
            gemba stage show --data DIR PRJ-000123

            JSON: {"project", "stage", "stage_is_provisional", "official_stage", "entered_at", \
            "due_at", "next", "rows": [{"project", "stage_name", "sub_stage", "sub_stage_name", \
            "progress_status", "assigned_to", "started_at", "due_at", "planned_due_at", \
            "hours_until_due", "overdue"}], "criteria": [{"key", "kind", "text", "state", "words": \
            [{"met", "note", "by"}]}], "documents": [{"category", "count"}]}
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .project)
    var project: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.stage(of: project)
        return Reply(report.json, lines: report.lines)
    }
}

struct StageHistoryCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show the stages that a project has been in, and for how long.",
        discussion: """
            gemba stage history --data DIR PRJ-000123

            JSON: {"project", "visits": [{"stage", "kind", "reason", "entered_at", "by", \
            "confirmed_at", "left_at", "milliseconds"}], "milliseconds": {stage: number}}
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .project)
    var project: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.stageHistory(of: project)
        return Reply(report.json, lines: report.lines)
    }
}

struct StageCriterion: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "criterion",
        abstract: "Say that an exit criterion of the stage is met, or is not.",
        discussion: """
            Of each person the newest word counts. Where people differ both are shown, and it \
            is not met. Whether that holds the stage the workflow says.

            gemba stage criterion --data DIR --as do.thi.j PRJ-000123 packed --met

            JSON: that of `stage show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "The key, as `stage show` lists it.")
    var criterion: String

    @Flag(inversion: .prefixedNo, help: "Whether it is met.")
    var met: Bool

    @Option(help: ArgumentHelp("A remark.", valueName: "text"))
    var note: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let checked = try node.check(
            criterion: criterion,
            of: project,
            isMet: met,
            note: note,
            by: actor
        )
        let report = try node.stage(of: "\(checked.subject)")
        return Reply(report.json, lines: report.lines)
    }
}
