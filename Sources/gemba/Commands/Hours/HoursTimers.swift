import ArgumentParser
import CRDT
import Domain
import Node

/// What pausing and resuming take.
struct HoursTurnOptions: ParsableArguments {
    @Argument(help: "The first digits of the entry's id; the only one that runs.")
    var entry: String?

    @Option(help: ArgumentHelp("Who worked, if not who acts.", valueName: "user"))
    var person: String?
}

struct HoursPause: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Interrupt a running job: a break begins.",
        discussion: """
            Attendance runs on.

            gemba hours pause --data DIR --as ly.van.k

            JSON: the break as an entry of `hours list`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var place: HoursSite
    @OptionGroup var turn: HoursTurnOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let entry = try node.pauseHours(
            turn.entry,
            of: turn.person,
            site: place.site,
            by: actor
        )
        return try Reply(entry, of: node, at: place.site)
    }
}

struct HoursResume: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with the job that a break interrupted.",
        discussion: """
            The same work goes on in a further entry, which names the first.

            gemba hours resume --data DIR --as ly.van.k

            JSON: the further entry as one of `hours list`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var place: HoursSite
    @OptionGroup var turn: HoursTurnOptions

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let entry = try node.resumeHours(
            turn.entry,
            of: turn.person,
            site: place.site,
            by: actor
        )
        return try Reply(entry, of: node, at: place.site)
    }
}

struct HoursUndo: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Take back a stop that was an accident, within ten seconds.",
        discussion: """
            The entry runs on as if it had never been stopped; both stay on record. What began in \
            the same moment, as a break does, is void. Later than that, correct the entry.

            gemba hours undo --data DIR --as ly.van.k

            JSON: the entry as one of `hours list`.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var acting: ActingOptions
    @OptionGroup var place: HoursSite

    @Option(help: ArgumentHelp("Whose stop it was, if not of who acts.", valueName: "user"))
    var person: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let actor = try node.actor(as: acting.user, by: caller)
        let entry = try node.undoStop(of: person, site: place.site, by: actor)
        return try Reply(entry, of: node, at: place.site)
    }
}

struct HoursOpen: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "List entries that run too long: their stops may be forgotten.",
        discussion: """
            gemba hours open --data DIR --older-than 12h

            JSON: {"older_than_minutes", "entries": [entry of `hours list`]}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var place: HoursSite

    @Option(help: ArgumentHelp("How long is too long: 90m, 12h or 2d.", valueName: "time"))
    var olderThan = "12h"

    @Option(help: ArgumentHelp("Whose alone.", valueName: "user"))
    var person: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let limit = try TypedDuration.milliseconds(olderThan)
        let (hours, entries) = try node.openHours(longerThan: limit, of: person, at: place.site)
        return Reply(
            [
                "older_than_minutes": .integer(limit / 60_000),
                "entries": .list(entries) { hours.json(of: $0.id) },
            ],
            lines: entries.isEmpty
                ? ["nothing runs longer than \(olderThan)"]
                : entries.flatMap { hours.lines(of: $0.id) }
        )
    }
}
