import ArgumentParser
import Domain
import Node

struct HoursStart: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the clock for a person, or for several.",
        discussion: """
            Two may run at once: an overlap is shown, not refused. Attendance runs apart from jobs.

            gemba hours start --data DIR --as ly.van.k --task T-000310

            gemba hours start --data DIR --as do.thi.j --person ly.van.k --person do.thi.j

            JSON: an entry of `hours list`; of several people {"entries": [entry]}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var place: HoursSite
    @OptionGroup var hours: HoursOptions

    @Option(help: ArgumentHelp("When it began: 09:00; now by the clocks.", valueName: "time"))
    var at: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = hours.request
        request.site = place.site
        let entries = try node.startHoursOfAll(request, at: at, by: actor)
        guard entries.count != 1 else { return try Reply(entries[0], of: node, at: place.site) }
        let shown = try node.hours(at: place.site)
        return Reply(
            ["entries": .list(entries) { shown.json(of: $0) }],
            lines: entries.flatMap { shown.lines(of: $0) }
        )
    }
}

struct HoursStop: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop the clock of an entry.",
        discussion: """
            Within one boot of one machine the monotonic clock counts; across boots the wall \
            clocks do, and the entry is flagged. An accident is undone within ten seconds.

            gemba hours stop --data DIR --as ly.van.k

            JSON: an entry of `hours list`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var place: HoursSite

    @Argument(help: "The first digits of the entry's id; the only one that runs.")
    var entry: String?

    @Option(help: ArgumentHelp("Who worked, if not who acts.", valueName: "user"))
    var person: String?

    @Option(help: ArgumentHelp("When it ended: 12:10; now by the clocks.", valueName: "time"))
    var at: String?

    @Flag(help: "Attendance, and not a job.")
    var attendance = false

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let stopped = try node.stopHours(
            entry,
            of: person,
            at: at,
            site: place.site,
            timer: attendance ? .attendance : .job,
            by: actor
        )
        return try Reply(stopped, of: node, at: place.site)
    }
}

struct HoursLog: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Note hours that were worked.",
        discussion: """
            Times are those of the site: 09:00 is today, "2026-11-20 09:00" another day.

            gemba hours log --data DIR --as do.thi.j PRJ-000123 --sub-stage assembly \
            --kind SETUP --start 08:10 --end 08:50

            JSON: an entry of `hours list`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var place: HoursSite
    @OptionGroup var hours: HoursOptions

    @Option(help: ArgumentHelp("When it began.", valueName: "time"))
    var start: String

    @Option(help: ArgumentHelp("When it ended.", valueName: "time"))
    var end: String

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var request = hours.request
        request.site = place.site
        let entry = try node.logHours(request, from: start, to: end, by: actor)
        return try Reply(entry, of: node, at: place.site)
    }
}

struct HoursCorrect: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "correct",
        abstract: "Say that an entry is to be read otherwise.",
        discussion: """
            What was recorded stays on record, with the correction and its reason.

            gemba hours correct --data DIR --as do.thi.j 019aa6c1f2b8 --end 10:00 --reason "forgot \
            to stop"

            JSON: an entry of `hours list`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var place: HoursSite

    @Argument(help: "The first digits of the entry's id.")
    var entry: String

    @Option(help: ArgumentHelp("When it began.", valueName: "time"))
    var start: String?

    @Option(help: ArgumentHelp("When it ended.", valueName: "time"))
    var end: String?

    @Flag(help: "The entry is not to count at all.")
    var void = false

    @Flag(inversion: .prefixedNo, help: "Whether it can be charged to somebody.")
    var billable: Bool?

    @Option(help: .seen("the corrections"), transform: Typed.seen)
    var seen: Seen?

    @Option(help: ArgumentHelp("Why.", valueName: "text"))
    var reason: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        var edit = LocalNode.HoursEdit()
        edit.start = start
        edit.end = end
        edit.isVoid = void
        edit.isBillable = billable
        edit.seen = seen
        edit.reason = reason
        let corrected = try node.correctHours(entry, edit, at: place.site, by: actor)
        return try Reply(corrected, of: node, at: place.site)
    }
}
