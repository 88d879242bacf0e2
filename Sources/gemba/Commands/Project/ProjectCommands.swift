import ArgumentParser
import CRDT
import Node

struct ProjectCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "List, create and edit projects.",
        subcommands: [
            ProjectList.self, ProjectShow.self, ProjectCreate.self, ProjectEditing.self,
            ProjectOpen.self,
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
            report.project.summary(names)
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

    @Option(help: "low, normal, high or urgent.")
    var priority: String?

    @Option(help: ArgumentHelp("Who leads it.", valueName: "user"))
    var assignTo: String?

    @Option(help: ArgumentHelp("The day it was asked for: 2026-11-21.", valueName: "day"))
    var due: String?
}

struct ProjectCreate: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Begin a project.",
        discussion: """
            A hub gives it the next number; a station one that holds until the hub gives one.

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
        new.sites = sites
        new.number = number
        let subject = try node.create(new, by: actor)
        let project = try node.project("\(subject)")
        let names = try node.read { try Nicknames($0) }
        return Reply(project.summary(names), "\(project.number) \"\(project.title)\" is created")
    }
}
