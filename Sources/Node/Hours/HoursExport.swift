import CRDT
public import Domain
import Storage

/// Hours as payroll takes them: every entry as it stands, and under it each of its corrections.
///
/// JSON: `{"from", "to", "entries": [ENTRY with "day", "recorded_start", "recorded_end"],
/// "corrections": how many}`, an entry as in `hours list`. CSV: one line an entry and one a
/// correction, told apart by the first column.
public struct HoursExport: Sendable {
    public static let columns = [
        "row", "entry", "user", "site", "day", "start", "end", "minutes", "timer", "activity",
        "billable", "project", "sub_stage", "task", "clock_quality", "flags", "recorded_start",
        "recorded_end", "reason", "by", "note",
    ]

    public let period: HoursPeriod
    private let hours: HoursView
    private let entries: [HoursEntry]
    /// The entries without their corrections, by id.
    private let recorded: [ID: HoursEntry]

    public init(_ hours: HoursView, in period: HoursPeriod) {
        self.hours = hours
        self.period = period
        entries = hours.entries.filter { entry in
            period.contains(hours.clock(of: entry.id).day(milliseconds: entry.start))
        }
        let plain = Timesheet(
            hours.events.values.map { $0.entry(as: HoursEvent.self) },
            corrections: []
        )
        recorded = Dictionary(plain.entries.map { ($0.id, $0) }) { first, _ in first }
    }

    public var json: JSON {
        let corrections = entries.reduce(0) { $0 + (hours.corrections[$1.id]?.entries.count ?? 0) }
        return [
            "from": .text(period.from), "to": .text(period.to),
            "entries": .list(entries) { entry in
                hours.json(of: entry)
                    .with("day", .text(hours.clock(of: entry.id).day(milliseconds: entry.start)))
                    .with("recorded_start", moment(recorded[entry.id]?.start))
                    .with("recorded_end", moment(recorded[entry.id]?.end))
            },
            "corrections": .number(corrections),
        ]
    }

    /// The lines of a CSV file, the names of its columns first; times are those of the site.
    ///
    /// - Source: RFC 4180.
    public var csv: [String] {
        let rows = entries.flatMap { entry in
            [row(of: entry)]
                + (hours.corrections[entry.id]?.entries ?? []).map { row(of: $0, entry) }
        }
        return ([Self.columns] + rows).map { cells in
            cells.map(Self.cell).joined(separator: ",")
        }
    }

    private func row(of entry: HoursEntry) -> [String] {
        let clock = hours.clock(of: entry.id)
        let before = recorded[entry.id]
        let head = [
            "entry", "\(entry.id)", hours.names.user(entry.person ?? .zero),
            hours.names.site(hours.site(of: entry.id)),
        ]
        let times = [
            clock.day(milliseconds: entry.start), clock.text(milliseconds: entry.start),
            entry.end.map { clock.text(milliseconds: $0) } ?? "",
            entry.duration.map { "\($0 / 60_000)" } ?? "",
        ]
        let work = [
            entry.timer.rawValue, entry.activity ?? "", entry.isBillable ? "yes" : "no",
            entry.subject.map(hours.number) ?? "", entry.subStage ?? "", entry.task ?? "",
        ]
        let origin = hours.events[entry.id]?.origin
        return head + times + work + [
            entry.quality?.rawValue ?? "",
            entry.flags.map(\.rawValue).sorted().joined(separator: " "),
            before.map { clock.text(milliseconds: $0.start) } ?? "",
            before?.end.map { clock.text(milliseconds: $0) } ?? "", "",
            origin.map { hours.names.user($0.user) } ?? "",
            hours.events[entry.id]?.fields.text(HoursEvent.noteField) ?? "",
        ]
    }

    private func row(of correction: Stream<HoursCorrection>.Entry, _ entry: HoursEntry) -> [String]
    {
        let clock = hours.clock(of: entry.id)
        let event = correction.event
        let origin = hours.events[correction.id]?.origin
        var row = [String](repeating: "", count: Self.columns.count)
        func set(_ column: String, _ text: String?) {
            if let place = Self.columns.firstIndex(of: column) { row[place] = text ?? "" }
        }
        set("row", "correction")
        set("entry", "\(entry.id)")
        set("user", hours.names.user(entry.person ?? .zero))
        set("site", hours.names.site(hours.site(of: entry.id)))
        set("day", origin.map { clock.day(milliseconds: Int64(clamping: $0.time.milliseconds)) })
        set("start", event.start.map { clock.text(milliseconds: $0) })
        set("end", event.end.map { clock.text(milliseconds: $0) })
        set("billable", event.isBillable.map { $0 ? "yes" : "no" })
        set("flags", event.isVoid ? "void" : nil)
        set("reason", event.reason)
        set("by", origin.map { hours.names.user($0.user) })
        return row
    }

    /// A cell that a spreadsheet reads as text: what could be a formula is marked as none.
    private static func cell(_ text: String) -> String {
        let plain = String(text.map { $0.isNewline ? " " : $0 })
        let isFormula = plain.first.map { "=+-@\t".contains($0) } ?? false
        let marked = isFormula ? "'" + plain : plain
        guard marked.contains(where: { "\",;".contains($0) }) else { return marked }
        return "\"" + marked.replacing("\"", with: "\"\"") + "\""
    }

    private func moment(_ time: Int64?) -> JSON { .text(orNull: time.map(hours.moment)) }
}

extension LocalNode {
    /// Entries that have run for longer than a time: their stops may be forgotten.
    ///
    /// - Parameters:
    ///   - milliseconds: How long is too long.
    ///   - person: A user; nil: everybody.
    ///   - site: nil: that of this device, at a hub all of them.
    /// - Returns: The hours, and the entries among them.
    /// - Throws: `.notFound`.
    public func openHours(
        longerThan milliseconds: Int64,
        of person: String? = nil,
        at site: String? = nil
    ) throws -> (hours: HoursView, entries: [HoursEntry]) {
        let hours = try hours(of: person, at: site, in: 0..<0)
        let now = Int64(clamping: wallMilliseconds)
        let shown = Set(hours.entries.map(\.id))
        let running = hours.sheet.running(longerThan: milliseconds, now: now)
        return (hours, running.filter { shown.contains($0.id) })
    }

    /// The week that it is at a site, at its clock.
    public func thisWeek(at site: String? = nil) throws -> HoursPeriod {
        let own = self.site
        let now = Int64(clamping: wallMilliseconds)
        let day = try read { view in
            let place = try site.map { try view.site(named: $0).fields.id(Site.site) ?? .zero }
            return try view.clock(of: place ?? own).day(milliseconds: now)
        }
        return try HoursPeriod(weekOf: day)
    }
}
