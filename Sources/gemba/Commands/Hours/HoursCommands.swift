import ArgumentParser
import CRDT
import Domain
import Node

struct HoursCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hours",
        abstract: "Record and correct hours of work.",
        subcommands: [
            HoursStart.self, HoursPause.self, HoursResume.self, HoursStop.self, HoursUndo.self,
            HoursLog.self, HoursCorrect.self, HoursList.self, HoursOpen.self,
            HoursSheetCommand.self, HoursExportCommand.self,
        ]
    )
}

/// What every command that records hours takes.
struct HoursOptions: ParsableArguments {
    @Argument(help: "What it was for: a project's number, title or id.")
    var project: String?

    @Option(help: "SETUP, WORK, REWORK, WAIT or BREAK.")
    var kind = "WORK"

    @Option(help: ArgumentHelp("A sub-stage of the project.", valueName: "slug"))
    var subStage: String?

    @Option(help: ArgumentHelp("A task, such as T-000310.", valueName: "number"))
    var task: String?

    @Option(help: ArgumentHelp("A remark.", valueName: "text"))
    var note: String?

    @Option(
        name: .customLong("person"),
        help: ArgumentHelp("Who worked, if not who acts; may be repeated.", valueName: "user")
    )
    var people: [String] = []

    @Flag(help: "It is charged to nobody.")
    var unbillable = false

    @Flag(help: "Being there, apart from any job.")
    var attendance = false

    var request: HoursRequest {
        var request = HoursRequest(kind)
        request.project = project
        request.subStage = subStage
        request.task = task
        request.note = note
        request.people = people
        request.isBillable = !unbillable
        request.timer = attendance ? .attendance : .job
        return request
    }
}

/// The option of hours at a hub, which keeps those of every site.
struct HoursSite: ParsableArguments {
    @Option(help: ArgumentHelp("Of which site, at a hub; of all.", valueName: "code"))
    var site: String?
}

struct HoursList: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the hours of a site, and where they overlap.",
        discussion: """
            Overlaps are shown, never refused, and nothing is shortened for one. Flags say what a \
            figure rests on: boots_differ, clock_implausible, end_before_start, stopped_twice, \
            corrected, correction_conflict, remembered, void.

            Without --person and --days it shows what began in the last seven days, and what runs.

            gemba hours list --data DIR --person ly.van.k
            gemba hours list --data DIR --days 31

            JSON: {"entries": [{"entry", "site", "user", "kind", "timer" (job or attendance), \
            "billable", "project", "sub_stage", "task", "note", "continues", "start", "end", \
            "minutes", "running", "clock_quality", "flags", "corrections": [{"id", "start", "end", \
            "void", "billable", "reason", "by"}], "overlaps"}], "overlaps": [{"user", "early", \
            "late", "start", "end", "minutes"}]}; times are UTC.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var place: HoursSite

    @Option(help: ArgumentHelp("Whose alone.", valueName: "user"))
    var person: String?

    @Option(help: ArgumentHelp("What began in so many days alone.", valueName: "number"))
    var days: Int64?

    private static let daysMax: Int64 = 36_600

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        guard days.map({ (1...Self.daysMax).contains($0) }) ?? true else {
            throw CommandFault(.badInput, "--days is 1 to \(Self.daysMax)", reason: "bad-limit")
        }
        let days = person == nil ? days ?? 7 : days
        let hours = try node.hours(of: person, at: place.site, inLastDays: days)
        return Reply(hours.json, lines: hours.lines)
    }
}

extension Reply {
    /// An entry of hours as it stands once a command has acted on it.
    init(_ entry: ID, of node: LocalNode, at site: String?) throws {
        let hours = try node.hours(around: entry, at: site)
        self.init(hours.json(of: entry), lines: hours.lines(of: entry))
    }
}
