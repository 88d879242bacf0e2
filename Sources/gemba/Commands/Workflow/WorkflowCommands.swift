import ArgumentParser
import Domain
import Node

struct WorkflowCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workflow",
        abstract: "Define the stages that work goes through.",
        subcommands: [
            WorkflowList.self, WorkflowShow.self, WorkflowImporting.self, WorkflowExport.self,
            WorkflowClone.self, WorkflowEditing.self, WorkflowPublish.self, WorkflowStaging.self,
            WorkflowRetire.self,
        ]
    )
}

struct WorkflowList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the workflows, with all their versions.",
        discussion: """
            gemba workflow list --data DIR

            JSON: {"workflows": [{"workflow", "version", "subject_type", "state", "stages", \
            "sub_stages"}]}; state is draft, published or retired.
            """
    )

    @OptionGroup var store: StoreOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let outlines = try node.workflows()
        var table = Table("WORKFLOW", "VERSION", "STATE", "STAGES", "SUB-STAGES")
        for outline in outlines {
            table.add(
                outline.name,
                "\(outline.version)",
                outline.state,
                "\(outline.stages.count)",
                "\(outline.subStages.count)"
            )
        }
        let empty = "no workflows yet: gemba workflow import"
        return Reply("workflows", outlines.map(\.json), table, empty: empty)
    }
}

/// Which version of a workflow is meant.
struct WorkflowVersion: ParsableArguments {
    @Argument(help: "The name of the workflow.")
    var workflow: String

    @Option(help: ArgumentHelp("Its version; the latest.", valueName: "number"))
    var version: Int64?
}

struct WorkflowShow: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the stages of a workflow, as projects get them.",
        discussion: """
            gemba workflow show --data DIR "Default Workflow"

            JSON: {"workflow", "version", "subject_type", "criteria_hold", "stages": [{"stage", \
            "order", "days", "roles", "status", "sub_stages": [{"sub_stage", "order", "required", \
            "needs_approval", "can_skip", "auto_advance", "hours", "roles"}], "criteria": [{"key", \
            "kind", "text"}], "documents": [{"category", "count"}]}], "moves": [{"from", "to", \
            "roles"}]}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var meant: WorkflowVersion

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let report = try node.workflow(meant.workflow, version: meant.version)
        return Reply(report.json, lines: report.lines)
    }
}

struct WorkflowImporting: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a file of workflows, at a hub.",
        discussion: """
            All of it or nothing. What is there already is passed over, so importing twice changes \
            nothing; a published version never changes.

            gemba workflow import --data DIR --as nguyen.van.a fixtures/workflows/torvan-order.json

            JSON: {"new": {kind: count}, "changed": {kind: count}, "dry_run"}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "A JSON file; `gemba workflow export` writes one.", completion: .file())
    var path: Path

    @Flag(help: "Only say what would change.")
    var dryRun = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let done = try node.importWorkflows(path.text, isDryRun: dryRun, by: actor)
        let lines = dryRun ? done.lines.map { "would be: \($0)" } : done.lines
        return Reply(done.json.with("dry_run", .bool(dryRun)), lines: lines)
    }
}

struct WorkflowExport: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print a workflow as a file of workflows.",
        discussion: """
            gemba workflow export --data DIR "Default Workflow" > default.json

            With --json the file is one text: {"file"}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var meant: WorkflowVersion

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let text = try node.exportWorkflow(meant.workflow, version: meant.version)
        let lines = text.split(separator: "\n").map(String.init)
        return Reply(["file": .text(text)], lines: lines)
    }
}

struct WorkflowClone: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone",
        abstract: "Make the next version of a workflow, as a draft.",
        discussion: """
            gemba workflow clone --data DIR --as nguyen.van.a "Default Workflow"

            JSON: {"workflow", "version"}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var meant: WorkflowVersion

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let next = try node.cloneWorkflow(meant.workflow, version: meant.version, by: actor)
        return Reply(
            ["workflow": .text(meant.workflow), "version": .number(next)],
            "version \(next) of \(meant.workflow) is a draft: gemba workflow edit, then publish"
        )
    }
}

struct WorkflowPublish: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Freeze a draft, so that projects can follow it.",
        discussion: """
            gemba workflow publish --data DIR --as nguyen.van.a "Default Workflow" --version 2

            JSON: that of `workflow list` for one workflow.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var meant: WorkflowVersion

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let outline = try node.publishWorkflow(meant.workflow, version: meant.version, by: actor)
        return Reply(outline.json, "version \(outline.version) of \(outline.name) is published")
    }
}

struct WorkflowRetire: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "retire",
        abstract: "Let no new project follow a workflow; those that do go on.",
        discussion: """
            gemba workflow retire --data DIR --as nguyen.van.a "Manufacturing Workflow"

            JSON: {"workflow", "active"}
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "The name of the workflow.")
    var workflow: String

    @Flag(help: "Let new projects follow it again.")
    var undo = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        try node.setActive(undo, workflow: workflow, by: actor)
        let words = undo ? "is active again" : "takes no new projects"
        return Reply(
            ["workflow": .text(workflow), "active": .bool(undo)],
            "\(workflow) \(words)"
        )
    }
}
