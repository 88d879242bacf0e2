import ArgumentParser
import Node

struct ProjectList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the projects that this node holds.",
        discussion: """
            Options narrow the list; several must all fit. With --limit a page is shown, and what \
            --after of the next takes; a page stays what it was whatever is written meanwhile.

            gemba project list --data DIR --stage production --limit 20

            JSON: {"projects": [{"project", "id", "title", "provisional", "stage", "priority", \
            "assigned_to", "requested_due_date", "in_conflict"}]}, with "next" where there is more.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var filter: ProjectFilter

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let page = try node.projects(filter.query)
        var table = Table("PROJECT", "TITLE", "STAGE", "NOTE")
        for row in page.rows {
            let note = row.isTrue("in_conflict") ? "conflict" : ""
            table.add(
                row.text(of: "project") ?? "-",
                row.text(of: "title") ?? "-",
                row.text(of: "stage") ?? "-",
                note
            )
        }
        var reply = Reply(
            "projects",
            page.rows,
            table,
            empty: "no projects yet: gemba project create"
        )
        if let next = page.next {
            reply.json = reply.json.with("next", .text(next))
            reply.lines.append("more: --after \(next)")
        }
        return reply
    }
}

/// What narrows a list of projects, and which page of it is shown.
struct ProjectFilter: ParsableArguments {
    @Option(help: ArgumentHelp("In this stage alone.", valueName: "slug"))
    var stage: String?

    @Option(help: ArgumentHelp("Of this status alone.", valueName: "status"))
    var status: String?

    @Option(help: ArgumentHelp("Led by this person alone.", valueName: "user"))
    var assigned: String?

    @Option(help: ArgumentHelp("Of this priority alone.", valueName: "priority"))
    var priority: String?

    @Option(help: ArgumentHelp("Whose title, number or description says so.", valueName: "words"))
    var text: String?

    @Flag(help: "Due before today and not delivered; the most overdue first.")
    var late = false

    @Flag(help: "With something that waits to be settled.")
    var conflicts = false

    @Option(help: ArgumentHelp("Most of a page; all of them.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("What the page before showed as next.", valueName: "next"))
    var after: String?

    func validate() throws {
        guard limit.map({ $0 > 0 }) ?? true else { throw ValidationError("--limit is 1 or more") }
    }

    var query: ProjectQuery {
        var query = ProjectQuery()
        query.stage = stage
        query.status = status
        query.assignedTo = assigned
        query.priority = priority
        query.text = text
        query.isLate = late
        query.isInConflict = conflicts
        query.limit = limit
        query.after = after
        return query
    }
}
