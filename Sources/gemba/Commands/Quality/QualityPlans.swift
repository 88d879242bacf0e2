import ArgumentParser
import Domain
import Node

struct QualityPlan: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Publish check plans.",
        subcommands: [
            QualityPlanList.self, QualityPlanShow.self, QualityPlanClone.self,
            QualityPlanPublish.self,
        ]
    )
}

struct QualityPlanList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the check plans.",
        discussion: """
            gemba qc plan list --data DIR

            JSON: {"plans": [{"code", "version", "active", "latest", "phase", "name", "holds", \
            "items" (how many)}]}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: "Every version, not the latest alone.")
    var all = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let plans = try node.plans(all: all)
        var table = Table("CODE", "VERSION", "PHASE", "NAME", "ITEMS", "HOLDS")
        for held in plans {
            let plan = held.plan
            table.add(
                plan.code,
                "\(plan.version)",
                plan.phase,
                plan.name,
                "\(plan.items.count)",
                plan.holds.sorted().joined(separator: " ")
            )
        }
        let items = plans.map { held -> JSON in
            let plan = held.plan
            return [
                "code": .text(plan.code), "version": .integer(plan.version),
                "active": .bool(held.isActive), "latest": .bool(held.isLatest),
                "phase": .text(plan.phase), "name": .text(plan.name),
                "holds": .list(plan.holds.sorted()) { .text($0) },
                "items": .number(plan.items.count),
            ]
        }
        return Reply("plans", items, table, empty: "no check plans: gemba qc plan publish")
    }
}

struct QualityPlanShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a version of a check plan.",
        discussion: """
            gemba qc plan show --data DIR FINAL_QC --version 3

            JSON: the plan as `qc plan publish` takes it.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "A code such as FINAL_QC, or a name.")
    var plan: String

    @Option(help: ArgumentHelp("Which version; the latest.", valueName: "number"))
    var version: Int64?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let plan = try node.plan(plan, version: version)
        return Reply(plan.json, lines: plan.lines)
    }
}

/// What the next version of a plan says otherwise.
struct PlanChangeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What it is called.", valueName: "text"))
    var name: String?

    @Option(help: ArgumentHelp("How much must pass.", valueName: "percent"))
    var threshold: String?

    @Option(help: ArgumentHelp("How long it is thought to take.", valueName: "number"))
    var minutes: Int64?

    @Option(
        name: .customLong("hold"),
        help: ArgumentHelp("A stage or sub-stage it holds; may be repeated.", valueName: "slug")
    )
    var holds: [String] = []

    @Option(
        name: .customLong("without"),
        help: ArgumentHelp("An item that is left out; may be repeated.", valueName: "number")
    )
    var without: [Int64] = []

    func change() throws -> PlanChange {
        var change = PlanChange()
        change.name = name
        change.passThreshold = try threshold.map(Typed.basisPoints)
        change.estimatedMinutes = minutes
        change.holds = holds.isEmpty ? nil : holds
        change.without = without
        return change
    }
}

struct QualityPlanClone: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone",
        abstract: "Print the next version of a check plan, to be edited and published.",
        discussion: """
            Nothing is written: a version is written once, whole, by publishing it.

            gemba qc plan clone --data DIR --json FINAL_QC > final-qc.json

            JSON: the plan as `qc plan publish` takes it.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: "A code such as FINAL_QC, or a name.")
    var plan: String

    @OptionGroup var options: PlanChangeOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let plan = try node.clonePlan(plan, options.change())
        return Reply(plan.json, lines: plan.lines)
    }
}

struct QualityPlanPublish: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish the next version of a check plan, at the hub.",
        discussion: """
            From a file, or as a clone of the latest version with changes. A published version is \
            never changed.

            gemba qc plan publish --data DIR --as tran.thi.b final-qc.json
            gemba qc plan publish --data DIR --as tran.thi.b --clone FINAL_QC --hold packaging

            JSON of file and answer: {"code", "version", "phase", "name", "pass_threshold", \
            "estimated_minutes", "assembly", "holds", "items": [{"item", "title", "type" (VISUAL, \
            MEASUREMENT, FUNCTIONAL or DOCUMENTATION), "is_required", "unit", "low", "high", or \
            "nominal" with "minus" and "plus", "excludes_low", "excludes_high", "samples", \
            "accepted", "photo_required", "document_required", "signature_required", "category", \
            "expected", "procedure", "tools"}]}. Decimals are texts.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The file.", completion: .file())
    var file: Path?

    @Option(help: ArgumentHelp("The plan whose next version it is.", valueName: "code"))
    var clone: String?

    @OptionGroup var options: PlanChangeOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        switch (file, clone) {
        case (let file?, nil):
            let plan = try node.publishPlan(file: file.text, by: actor)
            return Reply(plan.json, lines: plan.lines)
        case (nil, let clone?):
            let plan = try node.publishPlan(cloning: clone, options.change(), by: actor)
            return Reply(plan.json, lines: plan.lines)
        default:
            throw CommandFault(.usage, "give a file, or --clone CODE with what changes")
        }
    }
}
