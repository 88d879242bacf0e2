import ArgumentParser
import Node

/// Which days are meant.
struct HoursPeriodOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A week; this one.", valueName: "2026-W47"))
    var week: String?

    @Option(help: ArgumentHelp("One day.", valueName: "2026-11-21"))
    var day: String?

    @Option(help: ArgumentHelp("The first of several days.", valueName: "2026-11-01"))
    var from: String?

    @Option(help: ArgumentHelp("The last of them.", valueName: "2026-11-30"))
    var to: String?

    func period(on node: LocalNode, at site: String?) throws -> HoursPeriod {
        switch (week, day, from, to) {
        case (nil, nil, nil, nil): return try node.thisWeek(at: site)
        case (let week?, nil, nil, nil): return try HoursPeriod(week: week)
        case (nil, let day?, nil, nil): return try HoursPeriod(from: day, to: day)
        case (nil, nil, let from?, let to?): return try HoursPeriod(from: from, to: to)
        default:
            throw CommandFault(.usage, "say --week, or --day, or --from and --to")
        }
    }
}

struct HoursSheetCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "sheet",
        abstract: "Show what the hours of people come to, by day and week.",
        discussion: """
            An entry counts on the day on which it begins, at the clock of its site. Two jobs at \
            once both count as worked; in "elapsed" the time that they share counts once.

            gemba hours sheet --data DIR --week 2026-W47 --person ly.van.k

            JSON: {"from", "to", "people": [{"user", "days": [{"day", TOTALS, "entries"}], \
            "weeks": [{"week", TOTALS}], "total": {TOTALS}}]}, where TOTALS are "worked", \
            "billable", "elapsed", "attended" and "by_activity" in minutes, and how many entries \
            are "running" and "flagged".
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var place: HoursSite
    @OptionGroup var days: HoursPeriodOptions

    @Option(help: ArgumentHelp("Whose alone.", valueName: "user"))
    var person: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let period = try days.period(on: node, at: place.site)
        let hours = try node.hours(of: person, at: place.site, in: period.reach)
        let sheet = HoursSheet(hours, in: period)
        return Reply(sheet.json, lines: sheet.lines)
    }
}

struct HoursExportCommand: NodeCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write hours for payroll, with every correction.",
        discussion: """
            Without --json it is CSV: a line for each entry as it stands, with what was recorded \
            beside it, and a line for each of its corrections, with its reason and who made it.

            gemba hours export --data DIR --from 2026-11-01 --to 2026-11-30 > november.csv

            JSON: {"from", "to", "entries": [entry of `hours list` with "day", "recorded_start", \
            "recorded_end"], "corrections" (how many)}.
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var place: HoursSite
    @OptionGroup var days: HoursPeriodOptions

    @Option(help: ArgumentHelp("Whose alone.", valueName: "user"))
    var person: String?

    func perform(on node: LocalNode, by caller: Caller) throws -> Reply {
        let period = try days.period(on: node, at: place.site)
        let hours = try node.hours(of: person, at: place.site, in: period.reach)
        let export = HoursExport(hours, in: period)
        return Reply(export.json, lines: export.csv)
    }
}
