import ArgumentParser
import Node

struct StageCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stage",
        abstract: "Move projects from stage to stage.",
        subcommands: [
            StageAdvancing.self, StageShow.self, StageHistoryCommand.self, StageCriterion.self,
        ]
    )
}

struct StageAdvancing: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "advance",
        abstract: "Move a project to another stage, which brings its sub-stages.",
        discussion: """
            A project begins with the first stage, and follows to the next one once all required \
            sub-stages are completed or skipped: by itself, in the action that closes the last. \
            Stations show the new stage as provisional until a hub confirms it. Where the workflow \
            lists moves, these are made so, backward ones with a reason. Any other move is an \
            override: it needs a reason, and a person of management.

            gemba stage advance --data DIR --as do.thi.j PRJ-000123 production

            JSON: that of `progress show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "A slug such as production, or a name.")
    var stage: String

    @Option(help: ArgumentHelp("Why, for an override.", valueName: "text"))
    var reason: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let advanced = try node.advance(project, to: stage, reason: reason, by: actor)
        let report = try node.progress(of: "\(advanced.subject)")
        return Reply(report.json, lines: report.lines)
    }
}
