import ArgumentParser
import Domain
import Node

/// Which inspection of a project is meant.
struct InspectionOptions: ParsableArguments {
    @Option(help: .process)
    var process: String?

    @Option(help: ArgumentHelp("What was inspected; the only one.", valueName: "number"))
    var build: String?

    @Option(help: ArgumentHelp("Which attempt; the latest.", valueName: "number"))
    var attempt: Int64?

    func name(in project: String) -> InspectionName {
        InspectionName(project, process, build: build, attempt: attempt)
    }
}

struct QualityEvidence: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "Attach a photo or document to an item, or sign it.",
        discussion: """
            The hash and the name of the file are recorded; the file stays where it is. A \
            signature is one's own, of what was measured: measuring again asks for a new one.

            gemba qc evidence --data DIR --as bui.thi.h PRJ-000123 4 leak.jpg --kind photo
            gemba qc evidence --data DIR --as bui.thi.h PRJ-000123 4 --kind signature

            JSON: an inspection of `qc show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "The number of the item.")
    var item: Int64

    @Argument(help: "The file; none for a signature.", completion: .file())
    var file: Path?

    @Option(
        help: ArgumentHelp("photo, document or signature.", valueName: "word"),
        transform: Typed.evidence
    )
    var kind = Evidence.Kind.photo

    @Option(help: ArgumentHelp("The defect that it shows.", valueName: "code"))
    var defect: String?

    @OptionGroup var inspection: InspectionOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = EvidenceRequest(kind, path: file?.text)
        request.defect = defect
        let shown = try node.attach(
            request,
            to: item,
            of: inspection.name(in: project),
            by: actor
        )
        return Reply(shown.json, lines: shown.outcome(of: item))
    }
}

struct QualityNote: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "note",
        abstract: "Write notes and corrective actions on an inspection.",
        discussion: """
            Each takes the place of what is shown; two that did not know of each other stand side \
            by side. A declared result only ever makes the inspection worse than its items.

            gemba qc note --data DIR --as bui.thi.h PRJ-000123 --notes "second seal fitted"

            JSON: an inspection of `qc show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Option(help: ArgumentHelp("Of the inspector.", valueName: "text"))
    var notes: String?

    @Option(help: ArgumentHelp("Of the reviewer.", valueName: "text"))
    var review: String?

    @Option(help: ArgumentHelp("What is to be done.", valueName: "text"))
    var actions: String?

    @Option(help: ArgumentHelp("Who inspects.", valueName: "user"))
    var assign: String?

    @Option(help: ArgumentHelp("What the inspector declares, such as FAIL.", valueName: "word"))
    var result: String?

    @Option(help: ArgumentHelp("How many there are of what is inspected.", valueName: "number"))
    var lot: Int64?

    @OptionGroup var inspection: InspectionOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var note = InspectionNote()
        note.inspectorNotes = notes
        note.reviewerNotes = review
        note.correctiveActions = actions
        note.assignedTo = assign
        note.result = result
        note.lot = lot
        let shown = try node.note(note, on: inspection.name(in: project), by: actor)
        return Reply(shown.json, lines: shown.lines)
    }
}

struct QualityWaiver: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waiver",
        abstract: "Ask the hub to accept failed items, and decide it there.",
        subcommands: [QualityWaiverAsk.self, QualityWaiverDecide.self]
    )
}

struct QualityWaiverAsk: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Ask for failed items to be accepted.",
        discussion: """
            It names the measurements that are shown: what is measured later is not meant.

            gemba qc waiver ask --data DIR --as bui.thi.h PRJ-000123 --item 2 --reason "scratch"

            JSON: an inspection of `qc show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Option(
        name: .customLong("item"),
        help: ArgumentHelp("Which item; may be repeated; all that fail.", valueName: "number")
    )
    var items: [Int64] = []

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String

    @OptionGroup var inspection: InspectionOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = WaiverRequest(reason: reason)
        request.items = items
        let shown = try node.waive(request, of: inspection.name(in: project), by: actor)
        return Reply(shown.json, lines: shown.lines)
    }
}

struct QualityWaiverDecide: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "decide",
        abstract: "Decide on a waiver, at the hub.",
        discussion: """
            A refusal wins over an acceptance that did not know of it.

            gemba qc waiver decide --data DIR --as tran.thi.b PRJ-000123 --decision conditional \
            --reason "not visible" --conditions "not for this customer"

            JSON: an inspection of `qc show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Option(
        help: ArgumentHelp("waived, conditional or refused.", valueName: "word"),
        transform: Typed.decision
    )
    var decision: Waiver.Decision

    @Option(
        name: .customLong("item"),
        help: ArgumentHelp("Which item; may be repeated; what was asked.", valueName: "number")
    )
    var items: [Int64] = []

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("Of a conditional pass.", valueName: "text"))
    var conditions: String?

    @OptionGroup var inspection: InspectionOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = WaiverRequest(decision, reason: reason)
        request.items = items
        request.conditions = conditions
        let shown = try node.waive(request, of: inspection.name(in: project), by: actor)
        return Reply(shown.json, lines: shown.lines)
    }
}

struct QualityRate: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "rate",
        abstract: "Show the share of inspections that passed.",
        discussion: """
            Of the inspections themselves; those that are pending have no part in it.

            gemba qc rate --data DIR PRJ-000123

            JSON: {"inspections", "decided", "passed", "pass_rate" (in hundredths of a percent), \
            "plans": [{"process", "inspections", "decided", "passed", "pass_rate"}]}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "A project's number, title or id; all that this node holds.")
    var project: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.passRate(of: project)
        return Reply(report.json, lines: report.lines)
    }
}
