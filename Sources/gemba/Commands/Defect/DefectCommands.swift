import ArgumentParser
import Domain
import Node

struct DefectCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "defect",
        abstract: "Report defects and follow them to their end.",
        subcommands: [
            DefectReport.self, DefectList.self, DefectShow.self, DefectStart.self,
            DefectContain.self, DefectCause.self, DefectCorrect.self, DefectPrevent.self,
            DefectResolve.self, DefectVerify.self, DefectRefuse.self, DefectReopen.self,
            DefectWaive.self, DefectGrade.self,
        ]
    )
}

struct DefectReport: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Report a defect.",
        discussion: """
            A CRITICAL one holds every sub-stage of the project until it is closed or waived. A \
            failed item of an inspection reports its defect by itself.

            gemba defect report --data DIR --as ly.van.k PRJ-000123 "crack in frame" \
            --severity CRITICAL --build B-2025-0007

            JSON: that of `defect show`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: "What is wrong.")
    var description: String

    @Option(
        help: ArgumentHelp("MINOR, MAJOR or CRITICAL.", valueName: "word"),
        transform: Typed.severity
    )
    var severity: Defect.Severity

    @Option(help: ArgumentHelp("Its number, unique in the project.", valueName: "code"))
    var code: String?

    @Option(help: ArgumentHelp("What kind it is.", valueName: "word"))
    var category: String?

    @Option(help: ArgumentHelp("The build that has it.", valueName: "number"))
    var build: String?

    @Option(help: ArgumentHelp("Where it is.", valueName: "text"))
    var location: String?

    @Option(
        name: .customLong("at"),
        parsing: .upToNextOption,
        help: ArgumentHelp("Where it is: three numbers.", valueName: "x y z")
    )
    var coordinates: [String] = []

    @Flag(help: "It keeps the product from working.")
    var functional = false

    @Flag(help: "It can be seen.")
    var visible = false

    @Flag(help: "The customer will not notice it.")
    var hidden = false

    @Option(help: ArgumentHelp("Who is to deal with it.", valueName: "user"))
    var assign: String?

    @Option(help: ArgumentHelp("By when, as 2026-11-21.", valueName: "day"))
    var due: String?

    @Option(help: ArgumentHelp("The inspection that found it.", valueName: "code"))
    var process: String?

    @Option(help: ArgumentHelp("Which item of it.", valueName: "number"))
    var item: Int64?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = DefectRequest(description, severity)
        request.code = code
        request.category = category
        request.build = build
        request.location = location
        request.coordinates = coordinates
        request.affectsFunctionality = functional
        request.affectsAppearance = visible
        request.customerVisible = !hidden
        request.assignedTo = assign
        request.due = due
        if process != nil || item != nil {
            request.inspection = InspectionName(project, process, build: build)
            request.item = item
        }
        let code = try node.reportDefect(request, of: project, by: actor)
        let report = try node.defects(of: project, defect: code)
        return Reply(report.json, lines: report.outcome)
    }
}

struct DefectList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the defects of a project.",
        discussion: """
            gemba defect list --data DIR PRJ-000123 --open

            JSON: {"project", "defects": [{"defect", "description", "category", "inspection", \
            "item", "build", "location", "coordinates", "affects_functionality", \
            "affects_appearance", "customer_visible", "containment", "root_cause", \
            "corrective_action", "preventive_action", "assigned_to", "due", "status", "severity", \
            "attempt", "open", "holds_work", "contained", "waiver_asked", "resolved_by", \
            "closed_by", "conflicts", "seen"}]}.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .project)
    var project: String

    @Flag(help: "Leave out what is closed or waived.")
    var open = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.defects(of: project, openOnly: open)
        return Reply(report.json, lines: report.lines)
    }
}

struct DefectShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a defect with every step.",
        discussion: """
            gemba defect show --data DIR PRJ-000123 D-7B1A00C4-91F0

            JSON: that of `defect list`, of one, with "steps": [{"id", "action", "reason", \
            "comment", "by", "had_seen"}].
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .project)
    var project: String

    @Argument(help: .defect)
    var defect: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.defects(of: project, defect: defect)
        return Reply(report.json, lines: report.lines)
    }
}

extension ArgumentHelp {
    /// The help of the argument that says which defect is meant.
    static let defect = ArgumentHelp("A code, or how it begins.")
}
