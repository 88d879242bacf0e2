import ArgumentParser
import Domain
import Node

struct WorkflowEditing: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a draft of a workflow.",
        discussion: """
            A published version never changes: clone it first. What an option does not name stays. \
            An override that is "catalogue" leaves what the catalogue says.

            gemba workflow edit --data DIR --as nguyen.van.a "Default Workflow" --version 2 \
            --sub-stage assembly --approval yes --hours 16

            JSON: that of `workflow list` for one workflow.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var meant: WorkflowVersion

    @Option(help: ArgumentHelp("The stage to include or change.", valueName: "slug"))
    var stage: String?

    @Option(help: ArgumentHelp("The sub-stage to include or change.", valueName: "slug"))
    var subStage: String?

    @Option(help: ArgumentHelp("Leave a stage or sub-stage out.", valueName: "slug"))
    var exclude: [String] = []

    @Option(help: ArgumentHelp("Its place.", valueName: "number"))
    var order: Int64?

    @Option(help: ArgumentHelp("Days of a stage.", valueName: "number"))
    var days: Int64?

    @Option(help: ArgumentHelp("Hours of a sub-stage.", valueName: "number"))
    var hours: Int64?

    @Option(help: "Whether approval is needed: yes, no or catalogue.")
    var approval: OverrideWord?

    @Option(help: "Whether it can be skipped: yes, no or catalogue.")
    var skip: OverrideWord?

    @Option(help: "Whether finishing it starts the next: yes, no or catalogue.")
    var autoAdvance: OverrideWord?

    @Option(help: ArgumentHelp("Whose duty it is; may be repeated.", valueName: "code"))
    var role: [String] = []

    @Option(help: ArgumentHelp("What projects are called in the stage.", valueName: "word"))
    var status: String?

    @Option(help: ArgumentHelp("An exit criterion of the stage: KEY=TEXT.", valueName: "text"))
    var criterion: [String] = []

    @Option(help: ArgumentHelp("A document that the stage needs: CATEGORY=COUNT.", valueName: "n"))
    var document: [String] = []

    @Option(help: ArgumentHelp("A move: FROM=TO, or FROM=TO=ROLE:LEVEL,ROLE.", valueName: "move"))
    var move: [String] = []

    @Option(help: "Whether open exit criteria hold a stage: yes or no.")
    var criteriaHold: OverrideWord?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var change = WorkflowChange()
        change.stage = stage
        change.subStage = subStage
        change.exclude = exclude
        (change.order, change.days, change.hours) = (order, days, hours)
        (change.approval, change.skip) = (approval?.change, skip?.change)
        change.autoAdvance = autoAdvance?.change
        (change.roles, change.status) = (role, status)
        (change.criteria, change.documents, change.moves) = (criterion, document, move)
        change.criteriaHold = criteriaHold?.change
        let outline = try node.editWorkflow(
            meant.workflow,
            version: meant.version,
            by: actor,
            change.apply
        )
        return Reply(outline.json, "version \(outline.version) of \(outline.name) is changed")
    }
}

/// The word of an override.
enum OverrideWord: String, CaseIterable, ExpressibleByArgument {
    case yes
    case no
    case catalogue

    var change: WorkflowChange.Override {
        switch self {
        case .yes: .yes
        case .no: .no
        case .catalogue: .catalogue
        }
    }
}

struct WorkflowStaging: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "stage",
        abstract: "List the stages of the catalogue, or create or change one.",
        discussion: """
            Without a name it lists them. Workflows that do not say otherwise follow a change; \
            what a project was given already stays.

            gemba workflow stage --data DIR --as nguyen.van.a painting --name Painting --order 7 \
            --days 2 --role production

            JSON: {"stages": [{"slug", "name", "order", "days", "roles"}]}; of a change that of \
            `workflow import`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "Its slug; all stages if left out.")
    var slug: String?

    @Option(help: ArgumentHelp("What it is called.", valueName: "text"))
    var name: String?

    @Option(help: ArgumentHelp("Its place.", valueName: "number"))
    var order: Int64?

    @Option(help: ArgumentHelp("How long it lasts.", valueName: "number"))
    var days: Int64?

    @Option(help: ArgumentHelp("Whose duty it is; may be repeated.", valueName: "code"))
    var role: [String] = []

    @Flag(inversion: .prefixedNo, help: "Whether it can be used.")
    var active: Bool?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        guard let slug else {
            let stages = try node.stages()
            var table = Table("STAGE", "NAME", "ORDER", "DAYS", "ROLES")
            for stage in stages {
                let (order, days) = (stage.order.map { "\($0)" }, stage.days.map { "\($0)" })
                let roles = stage.roles.joined(separator: ", ")
                table.add(stage.slug, stage.name ?? "", order ?? "-", days ?? "-", roles)
            }
            return Reply("stages", stages.map(\.json), table, empty: "no stages yet")
        }
        let actor = try node.actor(as: acting.user, by: caller)
        var edit = StageEdit(slug)
        (edit.name, edit.order, edit.days) = (name, order, days)
        (edit.roles, edit.isActive) = (role, active)
        let done = try node.put(edit, by: actor)
        return Reply(done.json, lines: done.lines)
    }
}
