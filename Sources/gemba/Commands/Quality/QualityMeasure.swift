import ArgumentParser
import Domain
import Node

struct QualityMeasure: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Record what was found for an item of an inspection.",
        discussion: """
            A number is judged by the limits of the item; an item without limits takes pass or \
            fail. Write 0.42 or 0,42, and no thousands. A metric unit of the same quantity is \
            converted exactly. Before a negative number write --. An item that fails reports its \
            defect.

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

    @Option(help: ArgumentHelp("Which of the samples, from 1.", valueName: "number"))
    var sample: Int64 = 1

    @Option(help: ArgumentHelp("What it was measured with.", valueName: "text"))
    var instrument: String?

    @Option(
        help: ArgumentHelp(
            "How bad it is if it fails: MINOR, MAJOR or CRITICAL.",
            valueName: "word"
        ),
        transform: Typed.severity
    )
    var severity = Defect.Severity.ofFailedItem

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
        finding.sample = sample
        finding.instrument = instrument
        finding.severity = severity
        finding.seen = seen
        let name = InspectionName(project, process, build: build, attempt: attempt)
        let inspection = try node.measure(item, of: name, finding, by: actor)
        return Reply(inspection.json, lines: inspection.outcome(of: item))
    }
}
