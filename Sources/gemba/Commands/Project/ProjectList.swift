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

            JSON: {"projects": [{"project", "id", "title", "provisional", "customer_reference", \
            "status", "is_active", "stage", "stage_is_provisional", "official_stage", \
            "stage_entered_at", "stage_due_at", "sub_stages", "completed_sub_stages", \
            "in_review", "priority", "assigned_to", "requested_due_date", "promised_due_date", \
            "estimated_delivery_date", "actual_delivery_date", "project_type", "intake_type", \
            "intake_source", "cancel_reason", "in_conflict", "days_in_stage", "stage_overdue", \
            "overdue_sub_stages", "late"}]}, with "next" where there is more.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var filter: ProjectFilter

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let page = try node.projects(filter.query)
        var table = Table("PROJECT", "TITLE", "STATUS", "STAGE", "DONE", "DAYS", "NOTE")
        for row in page.rows {
            table.add(
                row.text(of: "project") ?? "-",
                row.text(of: "title") ?? "-",
                row.text(of: "status") ?? "-",
                row.text(of: "stage") ?? "-",
                "\(row.number(of: "completed_sub_stages"))/\(row.number(of: "sub_stages"))",
                row.text(of: "stage") == nil ? "-" : "\(row.number(of: "days_in_stage"))",
                Self.note(row)
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

    /// What a person should look at, in a few words.
    private static func note(_ row: JSON) -> String {
        var notes: [String] = []
        if row.isTrue("in_conflict") { notes.append("conflict") }
        if row.isTrue("stage_is_provisional") { notes.append("provisional") }
        if row.isTrue("late") { notes.append("late") }
        let overdue = row.number(of: "overdue_sub_stages")
        if overdue > 0 { notes.append("\(overdue) overdue") }
        return notes.joined(separator: ", ")
    }
}

/// What narrows a list of projects, and which page of it is shown.
struct ProjectFilter: ParsableArguments {
    @Option(help: ArgumentHelp("In this stage alone.", valueName: "slug"))
    var stage: String?

    @Option(help: ArgumentHelp("Of this status alone.", valueName: "status"))
    var status: String?

    @Option(help: ArgumentHelp("Led by this person, or with a part of theirs.", valueName: "user"))
    var assigned: String?

    @Option(help: ArgumentHelp("Of this priority alone.", valueName: "priority"))
    var priority: String?

    @Option(help: ArgumentHelp("Whose title, number or description says so.", valueName: "words"))
    var text: String?

    @Flag(help: "Past the day promised or asked for; the most overdue first.")
    var late = false

    @Flag(help: "With a sub-stage past its due time; the most overdue first.")
    var overdue = false

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
        query.isOverdue = overdue
        query.isInConflict = conflicts
        query.limit = limit
        query.after = after
        return query
    }
}
