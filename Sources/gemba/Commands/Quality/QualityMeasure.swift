import ArgumentParser
import Node

struct QualityMeasure: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Record what was found for an item of an inspection.",
        discussion: """
            A number is judged by the limits of the item; an item without limits takes pass or \
            fail. Write a point and never a comma: 0.42. Before a negative number write --.

            gemba qc measure --data DIR --as bui.thi.h PRJ-000123 4 0.42 --unit ml/min

            JSON: an inspection of `qc show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "The number of the item.")
    var item: Int64

    @Argument(help: "What was found: a number such as 0.42, or pass, fail or na.")
    var found: String

    @Option(help: "Beside a number: pass, fail or na.")
    var outcome: String?

    @Option(help: ArgumentHelp("The unit; that of the item.", valueName: "unit"))
    var unit: String?

    @Option(help: ArgumentHelp("A remark; needed with na.", valueName: "text"))
    var comment: String?

    @Option(help: .process)
    var process: String?

    @Option(help: ArgumentHelp("What was inspected; the only one.", valueName: "number"))
    var build: String?

    @Option(help: ArgumentHelp("Which attempt; the latest.", valueName: "number"))
    var attempt: Int64?

    @Option(help: .seen("the item"), transform: Typed.seen)
    var seen: Seen?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var finding = LocalNode.Finding(found)
        finding.outcome = outcome
        finding.unit = unit
        finding.comment = comment
        finding.seen = seen
        let name = InspectionName(project, process, build: build, attempt: attempt)
        let inspection = try node.measure(item, of: name, finding, by: actor)
        return Reply(inspection.json, lines: inspection.outcome(of: item))
    }
}
