import ArgumentParser
import CRDT
import Node

struct ProgressCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progress",
        abstract: "Take steps on the sub-stages of a project.",
        subcommands: [
            ProgressShow.self, ProgressStart.self, ProgressFinish.self, ProgressBlock.self,
            ProgressUnblock.self, ProgressSkip.self, ProgressReopen.self, ProgressAssign.self,
        ]
    )
}

struct ProgressShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show how far a project is.",
        discussion: """
            With a sub-stage it shows every step: who, where, when, how the node knew the person, \
            and what they had seen.

            gemba progress show --data DIR PRJ-000123 assembly

            JSON: {"project", "title", "stage", "stage_in_conflict", "sub_stages": [{"sub_stage", \
            "id", "name", "stage", "status", "attempt", "required", "needs_approval", "roles", \
            "assigned_to", "started_at", "completed_at", \
            "blocks": [{"id", "reason", "rejection", "by"}], "conflicts": [{"kind", \
            "loser", "winner"}], "request": {"requested_by", "requested_at", \
            "hub_received_at"}, "seen"}]}; with a sub-stage each has "steps": [{"id", \
            "action", "reason", "comment", "by", "had_seen"}].
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "A slug such as assembly, or a name.")
    var subStage: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.progress(of: project, subStage: subStage)
        return Reply(report.json, lines: report.lines)
    }
}

/// What every step on a sub-stage takes.
struct ProgressOptions: ParsableArguments {
    @Argument(help: .project)
    var project: String

    @Argument(help: "A slug such as assembly, or a name.")
    var subStage: String

    @Option(help: ArgumentHelp("Why: for block, skip and reopen.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("A remark.", valueName: "text"))
    var comment: String?

    @Option(help: .seen("the sub-stage"), transform: Typed.seen)
    var seen: Seen?
}

/// A command that takes one kind of step.
protocol ProgressCommand: NodeCommand {
    static var kind: ProgressRequest.Kind { get }
    var acting: ActingOptions { get }
    var step: ProgressOptions { get }
    /// The blocks to lift.
    var lifts: [ID] { get }
}

extension ProgressCommand {
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

                gemba progress \(kind.rawValue) --data DIR \(example)

                JSON: that of `progress show` with the sub-stage.
                """
        )
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = ProgressRequest(Self.kind, step.project, step.subStage)
        request.reason = step.reason
        request.comment = step.comment
        request.seen = step.seen
        request.lifts = lifts
        let (project, slug) = try node.take(request, by: actor)
        let report = try node.progress(of: "\(project.subject)", subStage: slug)
        return Reply(report.json, lines: report.outcome)
    }
}
