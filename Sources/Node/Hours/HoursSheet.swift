public import CRDT
public import Domain

/// What the hours of people come to, by day and week.
///
/// An entry counts on the day on which it begins at the clock of its site (DOM-146). Minutes are
/// rounded down where they are shown, never before they are added.
///
/// JSON: `{"from", "to", "people": [{"user", "days": [{"day", TOTALS, "entries"}], "weeks":
/// [{"week", TOTALS}], "total": {TOTALS}}]}` with TOTALS `"worked", "billable", "elapsed",
/// "attended", "by_activity", "running", "flagged"` in minutes and counts.
public struct HoursSheet: Sendable {
    /// The entries of one person.
    struct Person {
        let user: ID
        /// By the day on which each begins.
        let days: [(day: String, entries: [HoursEntry])]

        var entries: [HoursEntry] { days.flatMap(\.entries) }
    }

    public let period: HoursPeriod
    let people: [Person]
    let hours: HoursView

    public init(_ hours: HoursView, in period: HoursPeriod) {
        self.hours = hours
        self.period = period
        let dated = hours.entries
            .map { (entry: $0, day: hours.clock(of: $0.id).day(milliseconds: $0.start)) }
            .filter { period.contains($0.day) }
        people = Dictionary(grouping: dated) { $0.entry.person ?? .zero }
            .map { user, own in
                let days = Dictionary(grouping: own, by: \.day).sorted { $0.key < $1.key }
                return Person(user: user, days: days.map { ($0.key, $0.value.map(\.entry)) })
            }
            .sorted { (hours.names.user($0.user), $0.user) < (hours.names.user($1.user), $1.user) }
    }

    /// What the hours of a person come to, on one day or on all.
    public func totals(of user: ID, on day: String? = nil) -> HoursTotals {
        let days = people.first { $0.user == user }?.days ?? []
        return HoursTotals(days.filter { day == nil || $0.day == day }.flatMap(\.entries))
    }

    public var json: JSON {
        [
            "from": .text(period.from), "to": .text(period.to),
            "people": .list(people) { person in
                [
                    "user": .text(hours.names.user(person.user)),
                    "days": .list(person.days) { day, entries in
                        Self.adding(entries, to: ["day": .text(day)])
                            .with("entries", .list(entries) { .text("\($0.id)") })
                    },
                    "weeks": .list(weeks(of: person)) { week, entries in
                        Self.adding(entries, to: ["week": .text(week)])
                    },
                    "total": Self.adding(person.entries, to: .object([])),
                ]
            },
        ]
    }

    public var lines: [String] {
        guard !people.isEmpty else { return ["no hours from \(period.from) to \(period.to)"] }
        var table = Table("WHO", "DAY", "WORKED", "CHARGED", "ELAPSED", "THERE", "NOTE")
        func add(_ who: String, _ day: String, _ entries: [HoursEntry]) {
            let totals = HoursTotals(entries)
            let flagged = Self.flagged(entries)
            let notes = [
                totals.running > 0 ? "\(totals.running) running" : nil,
                flagged > 0 ? "\(flagged) flagged" : nil,
            ]
            table.add(
                who,
                day,
                "\(totals.worked / 60_000)",
                "\(totals.billable / 60_000)",
                "\(totals.elapsed / 60_000)",
                "\(totals.attended / 60_000)",
                notes.compactMap(\.self).joined(separator: ", ")
            )
        }
        for person in people {
            let name = hours.names.user(person.user)
            for (day, entries) in person.days { add(name, day, entries) }
            for (week, entries) in weeks(of: person) { add(name, week, entries) }
        }
        return table.lines + ["minutes, from \(period.from) to \(period.to)"]
    }

    private func weeks(of person: Person) -> [(week: String, entries: [HoursEntry])] {
        let byWeek = Dictionary(grouping: person.days) { day in
            CalendarDay.number(day.day).map { CalendarDay.week(of: $0).text } ?? "-"
        }
        return byWeek.sorted { $0.key < $1.key }.map { ($0.key, $0.value.flatMap(\.entries)) }
    }

    /// Entries that somebody should look at before the figures are trusted.
    private static func flagged(_ entries: [HoursEntry]) -> Int {
        entries.count { !$0.flags.isSubset(of: [.corrected, .remembered, .void]) }
    }

    private static func adding(_ entries: [HoursEntry], to json: JSON) -> JSON {
        let totals = HoursTotals(entries)
        let activities = totals.byActivity.sorted { $0.key < $1.key }
        return json.with("worked", .integer(totals.worked / 60_000))
            .with("billable", .integer(totals.billable / 60_000))
            .with("elapsed", .integer(totals.elapsed / 60_000))
            .with("attended", .integer(totals.attended / 60_000))
            .with(
                "by_activity",
                .object(activities.map { JSON.Member($0.key, .integer($0.value / 60_000)) })
            )
            .with("running", .number(totals.running)).with("flagged", .number(flagged(entries)))
    }
}
