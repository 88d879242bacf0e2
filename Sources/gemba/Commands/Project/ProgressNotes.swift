import ArgumentParser
import CRDT
import Node

struct ProgressNote: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Keep a value for a sub-stage beside its progress.",
        discussion: """
            Values of different keys never disturb each other; two of one key that did not know \
            of each other stand side by side until `conflict settle`.

            gemba progress note --data DIR --as do.thi.j PRJ-000123 assembly torque "45 Nm"

            JSON: a sub-stage of `progress show`, with "metadata" and "pieces".
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "A slug such as assembly, or a name.")
    var subStage: String

    @Argument(help: "What the value is called.")
    var key: String

    @Argument(help: "The value; left out, the key is removed.")
    var value: String?

    @Option(help: .seen("the key"), transform: Typed.seen)
    var seen: Seen?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.noteSubStage(project, subStage, key, value, seen: seen, by: actor)
        let report = try node.progress(of: project, subStage: subStage)
        return Reply(report.json, lines: report.lines)
    }
}

struct ProgressCount: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "count",
        abstract: "Add pieces that are done; what stations count apart adds up.",
        discussion: """
            Before a negative number write --.

            gemba progress count --data DIR --as do.thi.j PRJ-000123 assembly 12

            JSON: {"sub_stage", "pieces"}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "A slug such as assembly, or a name.")
    var subStage: String

    @Argument(help: "How many more; negative to take back.")
    var pieces: Int64

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let count = try node.countPieces(project, subStage, adding: pieces, by: actor)
        return Reply(
            ["sub_stage": .text(subStage), "pieces": .integer(count)],
            "\(subStage): \(count) pieces"
        )
    }
}
