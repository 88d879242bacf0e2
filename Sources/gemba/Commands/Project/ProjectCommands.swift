import ArgumentParser
import CRDT
import Node

struct ProjectCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "List, create and edit projects.",
        subcommands: [
            ProjectList.self, ProjectShow.self, ProjectCreate.self, ProjectEditing.self,
            ProjectOpen.self, ProjectCancel.self, ProjectTaking.self,
        ]
    )
}

struct ProjectShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a project with its stage and sub-stages.",
        discussion: """
            gemba project show --data DIR PRJ-000123

            JSON: that of `project list` for one project, with "fields": {name: {"value", \
            "in_conflict", "seen"}} and "progress": that of `progress show`. What a field shows as \
            seen is what --seen of `project edit` takes.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .project)
    var project: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let names = try node.read { try Nicknames($0) }
        let report = try node.progress(of: project)
        return Reply(
            report.project.summary(names, try node.age(of: report.project))
                .with("fields", report.project.fields(names))
                .with("progress", report.json),
            lines: report.lines
        )
    }
}

/// What can be said of a project when it begins and later.
struct ProjectDetails: ParsableArguments {
    @Option(help: ArgumentHelp("What it is about.", valueName: "text"))
    var description: String?

    @Option(help: "low, normal, high or urgent, or a word for one of them such as RUSH.")
    var priority: String?

    @Option(help: ArgumentHelp("Who leads it.", valueName: "user"))
    var assignTo: String?

    @Option(help: ArgumentHelp("The day it was asked for: 2026-11-21.", valueName: "day"))
    var due: String?

    @Option(help: ArgumentHelp("What the customer calls it.", valueName: "text"))
    var customerReference: String?
}

struct ProjectCreate: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Begin a project.",
        discussion: """
            It gets the next number of those that the hub leased to this device; where none are \
            left, a label until the hub gives one.

            gemba project create --data DIR --as pham.thi.d "Widget A Rev2" --workflow "Default \
            Workflow"

            JSON: that of `project list` for one project.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "What it is called.")
    var title: String

    @Option(help: ArgumentHelp("The workflow; the only one if left out.", valueName: "name"))
    var workflow: String?

    @Option(help: ArgumentHelp("The version of the workflow; the latest.", valueName: "number"))
    var workflowVersion: Int64?

    @OptionGroup var details: ProjectDetails

    @Option(help: ArgumentHelp("Such as system_build or fabrication.", valueName: "word"))
    var type: String?

    @Option(help: ArgumentHelp("How it came, such as rfq.", valueName: "word"))
    var intake: String?

    @Option(help: ArgumentHelp("From where it came, such as portal.", valueName: "word"))
    var source: String?

    @Flag(help: "Enter the first stage at once; otherwise it is a draft.")
    var begin = false

    @Option(
        name: .customLong("site"),
        help: ArgumentHelp("Where it is opened; may be repeated, at a hub.", valueName: "code")
    )
    var sites: [String] = []

    @Option(help: ArgumentHelp("The number it has already, at a hub.", valueName: "number"))
    var number: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var new = NewProject(title)
        new.workflow = workflow
        new.workflowVersion = workflowVersion
        new.description = details.description
        new.priority = details.priority
        new.assignedTo = details.assignTo
        new.requestedDueDate = details.due
        new.customerReference = details.customerReference
        (new.projectType, new.intakeType, new.intakeSource) = (type, intake, source)
        new.begins = begin
        new.sites = sites
        new.number = number
        let subject = try node.create(new, by: actor)
        let project = try node.project("\(subject)")
        let names = try node.read { try Nicknames($0) }
        return Reply(project.summary(names), "\(project.number) \"\(project.title)\" is created")
    }
}
