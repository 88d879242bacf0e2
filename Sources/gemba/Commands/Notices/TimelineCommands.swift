import ArgumentParser
import CRDT
import Node

struct TimelineCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline",
        abstract: "Show what was done, by whom, and what it changed from what to what.",
        discussion: """
            Of a project, or of everything here; of one person, or of the devices of a site. \
            Nothing stands before what it had seen; times are those of the author's clock. What is \
            set aside is shown and marked.

            gemba timeline --data DIR PRJ-000123 --limit 20
            gemba timeline --data DIR --person do.thi.j --kind status_changed

            JSON: {"items": [{"cursor", "activity", "entity", "id", "project", "title", "by", \
            "counts", "set_aside", "not_seen", "hash", "changes": [{"field", "action", \
            "from", "to", "beside", "settles"}]}], "before", "after"}; before and \
            after take the pages beside this one.
            """
    )

    @OptionGroup var store: StoreOptions

    @Argument(help: .project)
    var project: String?

    @Option(help: ArgumentHelp("Only what this person did.", valueName: "user"))
    var person: String?

    @Option(help: ArgumentHelp("Only what was done at this site.", valueName: "code"))
    var site: String?

    @Option(
        help: ArgumentHelp(
            "A kind of record such as progress_event; or created, updated, status_changed, "
                + "deleted or recorded.",
            valueName: "kind"
        )
    )
    var kind: String?

    @Option(help: ArgumentHelp("At most so many, up to 1000.", valueName: "number"))
    var limit = 50

    @Option(
        help: ArgumentHelp("The page after this cursor.", valueName: "cursor"),
        transform: Typed.cursor
    )
    var after: TimelineCursor?

    @Option(
        help: ArgumentHelp("The page before this cursor; the latest.", valueName: "cursor"),
        transform: Typed.cursor
    )
    var before: TimelineCursor?

    func validate() throws {
        guard after == nil || before == nil else {
            throw ValidationError("say --after or --before")
        }
    }

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        var request = TimelineRequest()
        request.project = project
        request.person = person
        request.site = site
        request.kind = kind
        request.limit = limit
        request.after = after
        request.before = before
        let timeline = try node.timeline(request)
        return Reply(timeline.json, lines: timeline.lines)
    }
}

struct ActivityCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activity",
        abstract: "Calls, mails, meetings and visits with people outside.",
        subcommands: [ActivityAdd.self]
    )
}

struct ActivityAdd: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Note a call, mail, meeting or visit; timeline --kind activity lists them.",
        discussion: """
            gemba activity add --data DIR --as pham.thi.d call "Delivery moves to Friday" \
            --project PRJ-000123 --at 14:30

            JSON: {"activity"}: its id.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions

    @Argument(help: "email, call, meeting or visit.")
    var kind: String

    @Argument(help: "What it was about.")
    var title: String

    @Option(help: ArgumentHelp("What was said.", valueName: "text"))
    var description: String?

    @Option(
        help: ArgumentHelp("The id of the company.", valueName: "id"),
        transform: Typed.id
    )
    var company: ID?

    @Option(
        help: ArgumentHelp("The id of the person there.", valueName: "id"),
        transform: Typed.id
    )
    var contact: ID?

    @Option(help: .project)
    var project: String?

    @Option(help: ArgumentHelp("When: 14:30, or with a day; now.", valueName: "time"))
    var at: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = ActivityRequest(kind, title)
        request.description = description
        request.company = company
        request.contact = contact
        request.project = project
        request.time = at
        let id = try node.logActivity(request, by: actor)
        return Reply(["activity": .text("\(id)")], "noted: \(Nicknames.event(id))")
    }
}
