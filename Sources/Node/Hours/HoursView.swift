public import CRDT
public import Domain
import Storage

/// The hours of a site, or at a hub of several, as they are shown, with what overlaps.
///
/// JSON: `{"entries": [{"entry", "site", "user", "kind", "timer", "billable", "project",
/// "sub_stage", "task", "note", "continues", "start", "end", "minutes", "running",
/// "clock_quality", "flags", "corrections", "overlaps"}], "overlaps": [{"user", "early", "late",
/// "start", "end", "minutes"}]}`; times are UTC, minutes rounded down.
public struct HoursView: Sendable {
    public let sites: [ID]
    public let sheet: Timesheet
    private let clocks: [ID: SiteClock]
    /// The events that began entries, and the corrections, by id.
    let events: [ID: StoredEvent]
    let corrections: [ID: Stream<HoursCorrection>]
    let names: Nicknames
    private let projects: [ID: String]
    /// Whose hours are shown; nil: everybody's.
    private let person: ID?
    /// When the entries began that are shown, beside those that run; nil: always.
    private let period: Range<Int64>?

    /// Reads the hours of sites.
    ///
    /// - Parameters:
    ///   - sites: Which of them are held.
    ///   - person: Whose; nil: everybody's.
    ///   - period: The entries that began then, and those that run; nil: all there are. Overlaps
    ///     are those among them.
    ///   - view: The rows as they are.
    /// - Throws: What reading the store does.
    init(of sites: [ID], person: ID?, in period: Range<Int64>? = nil, on view: View) throws {
        var reading = HoursReading(view)
        for site in sites {
            if person == nil, period == nil {
                try reading.takeAll(of: site)
            } else {
                try reading.take(of: person, at: site, in: period)
            }
        }
        try self.init(of: sites, reading, person: person, in: period, on: view)
    }

    /// Reads what runs for a person and what that goes on with, and one entry beside it.
    init(
        running person: ID,
        beside entry: ID? = nil,
        at sites: [ID],
        on view: View
    ) throws {
        var reading = HoursReading(view)
        for site in sites {
            try reading.take(of: person, at: site, in: 0..<0)
            if let entry { try reading.take(entry, at: site) }
            try reading.takeContinued(at: site)
        }
        try self.init(of: sites, reading, on: view)
    }

    /// Reads what was recorded of late at a site, by its stamps in milliseconds since 1970, and
    /// what runs there.
    init(recordedAt site: ID, since: UInt64, on view: View) throws {
        var reading = HoursReading(view)
        try reading.takeRecorded(since: since, at: site)
        try self.init(of: [site], reading, on: view)
    }

    /// Reads one entry, and of its person what may share time with it.
    init(around entry: ID, at site: ID, on view: View) throws {
        var reading = HoursReading(view)
        try reading.take(entry, at: site)
        let alone = try HoursView(of: [site], reading, on: view).entry(entry)
        if let alone, let person = alone.person {
            let (from, isEarly) = alone.start.subtractingReportingOverflow(86_400_000)
            let first = isEarly ? .min : from
            try reading.take(of: person, at: site, in: first..<max(first, alone.end ?? .max))
        }
        try self.init(of: [site], reading, on: view)
    }

    private init(
        of sites: [ID],
        _ reading: HoursReading,
        person: ID? = nil,
        in period: Range<Int64>? = nil,
        on view: View
    ) throws {
        self.sites = sites
        self.person = person
        self.period = period
        let (events, corrected) = (reading.events, reading.corrections)
        let entries = corrected.map { $0.entry(as: HoursCorrection.self) }
        sheet = Timesheet(events.map { $0.entry(as: HoursEvent.self) }, corrections: entries)
        corrections = Dictionary(grouping: entries) { $0.event.entry ?? .zero }
            .mapValues { Stream($0) }
        self.events = Dictionary((events + corrected).map { ($0.id, $0) }) { first, _ in first }
        clocks = try Dictionary(sites.map { ($0, try view.clock(of: $0)) }) { $1 }
        names = try Nicknames(view)
        let subjects = Set(sheet.entries.compactMap(\.subject))
        projects = try Dictionary(
            subjects.compactMap { subject in
                try view.projectNumber(of: subject).map { (subject, $0) }
            }
        ) { $1 }
    }

    /// The entries that are shown, by start.
    public var entries: [HoursEntry] {
        let all = person.map { sheet.entries(of: $0) } ?? sheet.entries
        guard let period else { return all }
        return all.filter { period.contains($0.start) || $0.isRunning }
    }

    /// The overlaps of the entries that are shown.
    public var overlaps: [Timesheet.Overlap] {
        let shown = Set(entries.map(\.id))
        return sheet.overlaps.filter { shown.contains($0.early) }
    }

    public func entry(_ id: ID) -> HoursEntry? { sheet.entries.first { $0.id == id } }

    /// The site where an entry was recorded.
    func site(of entry: ID) -> ID { events[entry]?.origin.scope.key ?? .zero }

    /// The clock on the wall where an entry was recorded.
    func clock(of entry: ID) -> SiteClock { clocks[site(of: entry)] ?? SiteClock(zone: nil) }

    /// The entry whose id begins so.
    ///
    /// - Throws: `.notFound`, also if several begin so.
    public func entry(named typed: String) throws -> HoursEntry {
        try sheet.entries.only(
            "entry",
            beginning: typed,
            digitsMin: Self.digitsMin,
            shownBy: "gemba hours list",
            id: \.id
        )
    }

    static let digitsMin = 6
    /// Events that may begin with the digits that a person typed; more need more digits.
    static let namedMax = 2_000

    /// As many digits of an entry's id as tell it apart among the entries of a site.
    ///
    /// Entries that one action began differ in the four digits after the time, and those of two
    /// stations at one moment only after these.
    func short(_ id: ID) -> String {
        let text = "\(id)"
        let others = sheet.entries.map(\.id).filter { $0.high == id.high && $0 != id }
        guard !others.isEmpty else { return String(text.prefix(16)) }
        let isOfOneChange = others.allSatisfy { $0.low >> 48 != id.low >> 48 }
        return isOfOneChange ? String(text.prefix(20)) : text
    }
}

// MARK: - What is printed

extension HoursView {
    public var json: JSON {
        [
            "entries": .list(entries, json(of:)), "overlaps": .list(overlaps, json(of:)),
        ]
    }

    public var lines: [String] {
        guard !entries.isEmpty else { return ["no hours yet"] }
        var table = Table("ENTRY", "WHO", "WHAT", "ON", "DAY", "FROM", "TO", "MIN", "NOTE")
        for entry in entries {
            let clock = clock(of: entry.id)
            table.add(
                short(entry.id),
                names.user(entry.person ?? .zero),
                entry.activity ?? "-",
                work(of: entry),
                clock.day(milliseconds: entry.start),
                clock.hour(milliseconds: entry.start),
                entry.end.map { clock.hour(milliseconds: $0) } ?? "runs",
                entry.duration.map { "\($0 / 60_000)" } ?? "-",
                entry.flags.map(\.rawValue).sorted().joined(separator: " ")
            )
        }
        return table.lines + overlaps.map(line(of:))
    }

    /// One entry, as a script reads it.
    public func json(of entry: ID) -> JSON { self.entry(entry).map { json(of: $0) } ?? .null }

    /// One entry, and what it overlaps.
    public func lines(of id: ID) -> [String] {
        guard let entry = entry(id) else { return [] }
        let clock = clock(of: id)
        let end = entry.end.map { "to \(clock.hour(milliseconds: $0))" } ?? "runs"
        let minutes = entry.duration.map { ", \($0 / 60_000) min" } ?? ""
        let flags = entry.flags.map(\.rawValue).sorted().joined(separator: " ")
        let start = clock.text(milliseconds: entry.start)
        let head =
            "\(short(id)) \(names.user(entry.person ?? .zero)) \(entry.activity ?? "-") "
            + "\(work(of: entry)) \(start) \(end)\(minutes) \(flags)"
        let own = sheet.overlaps.filter { $0.early == id || $0.late == id }
        return [head] + own.map(line(of:))
    }

    private func line(of overlap: Timesheet.Overlap) -> String {
        let person = entry(overlap.early)?.person ?? .zero
        let clock = clock(of: overlap.early)
        let start = clock.hour(milliseconds: overlap.start)
        let end = overlap.end.map { clock.hour(milliseconds: $0) } ?? "now"
        return "overlap: \(names.user(person)) \(start) to \(end), "
            + "entries \(short(overlap.early)) and \(short(overlap.late))"
    }

    /// What an entry was worked on: the project, sub-stage and task.
    func work(of entry: HoursEntry) -> String {
        if entry.timer == .attendance { return "attendance" }
        let parts = [entry.subject.map(number), entry.subStage, entry.task].compactMap(\.self)
        return parts.isEmpty ? "-" : parts.joined(separator: " ")
    }

    func number(of subject: ID) -> String { projects[subject] ?? Nicknames.short(subject) }

    func json(of entry: HoursEntry) -> JSON {
        let overlapping = sheet.overlaps.compactMap { overlap -> ID? in
            if overlap.early == entry.id { return overlap.late }
            return overlap.late == entry.id ? overlap.early : nil
        }
        return [
            "entry": .text("\(entry.id)"), "site": .text(names.site(site(of: entry.id))),
            "user": .text(names.user(entry.person ?? .zero)),
            "kind": .text(orNull: entry.activity),
            "timer": .text(entry.timer.rawValue), "billable": .bool(entry.isBillable),
            "project": .text(orNull: entry.subject.map(number)),
            "sub_stage": .text(orNull: entry.subStage), "task": .text(orNull: entry.task),
            "note": .text(orNull: events[entry.id]?.fields.text(HoursEvent.noteField)),
            "continues": .text(orNull: entry.continues.map { "\($0)" }),
            "start": .text(moment(entry.start)),
            "end": .text(orNull: entry.end.map(moment)),
            "minutes": .integer(orNull: entry.duration.map { $0 / 60_000 }),
            "running": .bool(entry.isRunning),
            "clock_quality": .text(orNull: entry.quality?.rawValue),
            "flags": .list(entry.flags.map(\.rawValue).sorted()) { .text($0) },
            "corrections": .list(
                (corrections[entry.id]?.entries ?? []).filter(\.event.isSaying),
                json(of:)
            ),
            "overlaps": .list(overlapping) { .text("\($0)") },
        ]
    }

    func json(of correction: Stream<HoursCorrection>.Entry) -> JSON {
        let event = correction.event
        let origin = events[correction.id]?.origin
        return [
            "id": .text("\(correction.id)"),
            "start": .text(orNull: event.start.map(moment)),
            "end": .text(orNull: event.end.map(moment)), "void": .bool(event.isVoid),
            "billable": event.isBillable.map(JSON.bool) ?? .null,
            "reason": .text(orNull: event.reason),
            "by": origin.map { Authorship($0, names).json } ?? .null,
        ]
    }

    private func json(of overlap: Timesheet.Overlap) -> JSON {
        [
            "user": .text(names.user(entry(overlap.early)?.person ?? .zero)),
            "early": .text("\(overlap.early)"), "late": .text("\(overlap.late)"),
            "start": .text(moment(overlap.start)),
            "end": .text(orNull: overlap.end.map(moment)),
            "minutes": .integer(orNull: overlap.end.map { ($0 - overlap.start) / 60_000 }),
        ]
    }

    func moment(_ milliseconds: Int64) -> String {
        Moment.text(milliseconds: UInt64(max(0, milliseconds)))
    }
}
