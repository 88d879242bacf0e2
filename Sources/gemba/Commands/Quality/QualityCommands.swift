import ArgumentParser
import Node

struct QualityCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qc",
        abstract: "Inspect what was made.",
        subcommands: [
            QualityStart.self, QualityMeasure.self, QualityShow.self, QualityEvidence.self,
            QualityNote.self, QualityWaiver.self, QualityRate.self, QualityPlan.self,
        ]
    )
}

struct QualityStart: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Open an inspection of a build.",
        discussion: """
            A further attempt opens once the last one has failed. A lot that is smaller than the \
            samples of the plan asks for fewer.

            gemba qc start --data DIR --as bui.thi.h PRJ-000123 --process FINAL_QC \
            --build B-2025-0007

            JSON: an inspection of `qc show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Option(help: ArgumentHelp("The process, such as FINAL_QC; the only one.", valueName: "code"))
    var process: String?

    @Option(help: ArgumentHelp("What is inspected.", valueName: "number"))
    var build: String

    @Option(help: ArgumentHelp("Which attempt it must be; the next.", valueName: "number"))
    var attempt: Int64?

    @Option(help: ArgumentHelp("How many there are of what is inspected.", valueName: "number"))
    var lot: Int64?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var name = InspectionName(project, process, build: build, attempt: attempt)
        name.lot = lot
        let inspection = try node.openInspection(name, by: actor)
        return Reply(inspection.json, lines: inspection.lines)
    }
}

struct QualityShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the inspections of a project, or one.",
        discussion: """
            Where measurements did not know of each other and disagree, an item is in CONFLICT and \
            counts as failed, until a lead who has seen them all measures again. "open" says what \
            keeps it from passing.

            gemba qc show --data DIR PRJ-000123

            JSON: {"inspections": [{"inspection", "project", "build", "process", \
            "process_version", "attempt", "status", "result", "declared", "pass_percentage" (in \
            hundredths of a percent), "threshold", "lot_size", "failed", "pending", "waived", \
            "conflicts", "open": [{"item", "what"}], "assigned_to", "inspector_notes", \
            "reviewer_notes", "corrective_actions", "waivers": [{"id", "decision", "accepts", \
            "reason", "conditions", "open", "by"}], "evidence": [{"id", "item", "kind", "name", \
            "hash", "signs", "defect", "by"}], "items": [{"item", "title", "type", "required", \
            "unit", "low", "high", "nominal", "expected", "procedure", "samples", "accepted", \
            "result", "count", "missing", "seen", "measurements": [{"id", "outcome", "value", \
            "unit", "sample", "instrument", "text", "comment", "by", "stands"}]}]}]}. Decimals \
            are texts, so that 0.50 stays 0.50.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .project)
    var project: String

    @Option(help: .process)
    var process: String?

    @Option(help: ArgumentHelp("What was inspected.", valueName: "number"))
    var build: String?

    @Option(help: ArgumentHelp("Which attempt; all of them.", valueName: "number"))
    var attempt: Int64?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        var all = try node.inspections(of: project)
        if process != nil || build != nil || attempt != nil {
            let name = InspectionName(project, process, build: build, attempt: attempt)
            all = [try node.inspection(name)]
        }
        return Reply(
            ["inspections": .list(all, \.json)],
            lines: all.isEmpty ? ["no inspections yet"] : all.flatMap(\.lines)
        )
    }
}

extension ArgumentHelp {
    /// The help of the option that says which inspection is meant.
    static let process = ArgumentHelp(
        "The process, such as FINAL_QC, or the inspection's id; the only one.",
        valueName: "code"
    )
}
