import ArgumentParser
import CRDT
import Node

struct ProgressStart: ProgressCommand {
    static let kind = ProgressRequest.Kind.start
    static let configuration = configured(
        "Start a sub-stage.",
        "The first sub-stage of a stage is in progress at once.",
        "--as do.thi.j PRJ-000123 assembly"
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: ProgressOptions
}

struct ProgressFinish: ProgressCommand {
    static let kind = ProgressRequest.Kind.finish
    static let configuration = configured(
        "Finish a sub-stage.",
        "Where approval is needed it waits in review, and a request is written.",
        "--as do.thi.j PRJ-000123 assembly"
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: ProgressOptions
}

struct ProgressBlock: ProgressCommand {
    static let kind = ProgressRequest.Kind.block
    static let configuration = configured(
        "Block a sub-stage until somebody lifts the block.",
        "It wins over a finish that did not know of it. What is completed is reopened instead.",
        "--as ly.van.k PRJ-000123 assembly --reason \"crack in frame\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: ProgressOptions
}

struct ProgressUnblock: ProgressCommand {
    static let kind = ProgressRequest.Kind.unblock
    static let configuration = configured(
        "Lift the blocks that were shown.",
        "Only those: a block that comes from elsewhere later stands.",
        "--as do.thi.j PRJ-000123 assembly"
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: ProgressOptions

    @Option(
        name: .customLong("lift"),
        help: ArgumentHelp("One block alone; may be repeated.", valueName: "id"),
        transform: Typed.id
    )
    var blocks: [ID] = []

    var lifts: [ID] { blocks }
}

struct ProgressSkip: ProgressCommand {
    static let kind = ProgressRequest.Kind.skip
    static let configuration = configured(
        "Skip a sub-stage that the workflow lets one skip.",
        "A finish that did not know of it wins.",
        "--as do.thi.j PRJ-000123 packaging --reason \"customer collects\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: ProgressOptions
}

struct ProgressReopen: ProgressCommand {
    static let kind = ProgressRequest.Kind.reopen
    static let configuration = configured(
        "Reopen a finished sub-stage, as a further attempt.",
        "What was finished stays on record.",
        "--as bui.thi.h PRJ-000123 assembly --reason \"leaks\""
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var step: ProgressOptions
}

struct ProgressAssign: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign",
        abstract: "Say who does a sub-stage.",
        discussion: """
            gemba progress assign --data DIR --as do.thi.j PRJ-000123 assembly --to ly.van.k

            JSON: that of `progress show` with the sub-stage.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "A slug such as assembly, or a name.")
    var subStage: String

    @Option(help: ArgumentHelp("Who; nobody if left out.", valueName: "user"))
    var to: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let (assigned, slug) = try node.assign(subStage, of: project, to: to, by: actor)
        let report = try node.progress(of: "\(assigned.subject)", subStage: slug)
        return Reply(report.json, "\(slug) of \(assigned.number): \(to ?? "nobody")")
    }
}
