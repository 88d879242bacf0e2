import ArgumentParser
import Node

struct ProjectEditing: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change the fields of a project.",
        discussion: """
            An edit takes the place of what was shown. Beside an edit that did not know of it, it \
            stands as a conflict: gemba conflict list.

            gemba project edit --data DIR --as pham.thi.d PRJ-000123 --title "Widget A Rev3"

            JSON: that of `project list` for one project.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Option(help: ArgumentHelp("What it is called.", valueName: "text"))
    var title: String?

    @OptionGroup var details: ProjectDetails

    @Option(help: ArgumentHelp("The day that was promised, at a hub.", valueName: "day"))
    var promised: String?

    @Option(help: ArgumentHelp("The day that is expected, at a hub.", valueName: "day"))
    var estimated: String?

    @Option(help: ArgumentHelp("The day it was delivered.", valueName: "day"))
    var delivered: String?

    @Option(help: ArgumentHelp("Its number, at a hub.", valueName: "number"))
    var number: String?

    @Option(help: .seen("the one field that is edited"), transform: Typed.seen)
    var seen: Seen?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let subject = try node.project(project).subject
        var edit = LocalNode.ProjectEdit()
        edit.title = title
        edit.description = details.description
        edit.priority = details.priority
        edit.assignedTo = details.assignTo
        edit.requestedDueDate = details.due
        edit.customerReference = details.customerReference
        (edit.promisedDueDate, edit.estimatedDeliveryDate) = (promised, estimated)
        edit.actualDeliveryDate = delivered
        edit.number = number
        edit.seen = seen
        try node.edit("\(subject)", edit, by: actor)
        let edited = try node.project("\(subject)")
        let names = try node.read { try Nicknames($0) }
        let note = edited.hasConflict ? "; it has a conflict: gemba conflict list" : ""
        return Reply(edited.summary(names), "\(edited.number) is changed\(note)")
    }
}

struct ProjectOpen: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open a project at another site, so that its stations hold it.",
        discussion: """
            gemba project open --data DIR --as nguyen.van.a PRJ-000123 --site HAN

            JSON: {"project", "site"}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Option(help: ArgumentHelp("The site.", valueName: "code"))
    var site: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.open(project, at: site, by: actor)
        let number = try node.project(project).number
        return Reply(
            ["project": .text(number), "site": .text(site)],
            "\(number) is open at \(site)"
        )
    }
}

struct ProjectCancel: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel a project, at a hub.",
        discussion: """
            Nobody works on it from then on; what was done by stations that did not know yet stays.

            gemba project cancel --data DIR --as nguyen.van.a PRJ-000123 --reason "no budget"

            JSON: that of `project list` for one project.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: .project)
    var project: String

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.cancel(project, reason: reason, by: actor)
        let cancelled = try node.project(project)
        let names = try node.read { try Nicknames($0) }
        return Reply(cancelled.summary(names), "\(cancelled.number) is cancelled")
    }
}
