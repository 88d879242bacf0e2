import ArgumentParser
import Node

struct ProjectTaking: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "intake",
        abstract: "Take in an inquiry: company, contact and project at once, or nothing.",
        discussion: """
            Say an existing customer, or the name of a company; one of that name is the one meant.

            gemba project intake --data DIR --as pham.thi.d "Valve housing" --company "TechNova \
            Vietnam" --contact "Tran Thi Lan" --email lan.tran@technova.example --workflow \
            "Default Workflow"

            JSON: {"success": true, "company", "new_company", "contact", "project": that of \
            `project list` for one project}. On failure nothing is written, and "reason" of the \
            error is company-failed, contact-failed, project-failed or unknown-failed.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "What the project is called.")
    var title: String

    @Option(help: ArgumentHelp("A customer that is here.", valueName: "company"))
    var customer: String?

    @Option(help: ArgumentHelp("The name of a company, found or made.", valueName: "name"))
    var company: String?

    @Option(help: ArgumentHelp("Whom to talk to.", valueName: "name"))
    var contact: String

    @Option(help: ArgumentHelp("The address of the contact.", valueName: "address"))
    var email: String

    @Option(help: ArgumentHelp("The telephone of the contact.", valueName: "number"))
    var phone: String?

    @Option(help: ArgumentHelp("The workflow; the only one if left out.", valueName: "name"))
    var workflow: String?

    @OptionGroup var details: ProjectDetails

    @Option(
        name: .customLong("site"),
        help: ArgumentHelp("Where it is opened; may be repeated, at a hub.", valueName: "code")
    )
    var sites: [String] = []

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var new = NewProject(title)
        new.workflow = workflow
        new.description = details.description
        new.priority = details.priority
        new.assignedTo = details.assignTo
        new.requestedDueDate = details.due
        new.sites = sites
        var intake = ProjectIntake(
            customer: customer,
            companyName: company,
            contactName: contact,
            contactEmail: email,
            project: new
        )
        intake.contactPhone = phone
        let outcome = try node.intake(intake, by: actor)
        let project = try node.project("\(outcome.project)")
        let names = try node.read { try Nicknames($0) }
        return Reply(
            [
                "success": true, "company": .text("\(outcome.company)"),
                "new_company": .bool(outcome.isNewCompany),
                "contact": .text("\(outcome.contact)"), "project": project.summary(names),
            ],
            "\(project.number) \"\(project.title)\" is taken in"
        )
    }
}
