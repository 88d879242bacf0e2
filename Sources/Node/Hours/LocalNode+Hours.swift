public import CRDT
public import Domain
public import Storage
import Wire

/// What a person says of hours that begin, or that were worked.
public struct HoursRequest: Hashable, Sendable {
    /// SETUP, WORK, REWORK, WAIT or BREAK, in any case.
    public var activity: String
    public var project: String?
    public var subStage: String?
    /// Such as T-000310.
    public var task: String?
    public var note: String?
    /// Who worked, each with an entry of their own; none: who acts.
    public var people: [String] = []
    /// Whether it can be charged to somebody.
    public var isBillable = true
    /// A job, or being there.
    public var timer = HoursEvent.Timer.job
    /// At a hub: of which site; nil: the only one.
    public var site: String?

    public init(_ activity: String) {
        self.activity = activity
    }
}

extension LocalNode {
    /// The hours of a site.
    ///
    /// - Parameters:
    ///   - person: A user; nil: everybody.
    ///   - site: nil: that of this device, at a hub all of them.
    ///   - period: When the entries began, milliseconds since 1970, beside those that run; nil:
    ///     always.
    /// - Returns: The entries, with what overlaps.
    /// - Throws: `.notFound` for a person or site that nobody here is called by.
    public func hours(
        of person: String? = nil,
        at site: String? = nil,
        in period: Range<Int64>? = nil
    ) throws -> HoursView {
        let own = self.site
        return try read { view in
            let user = try person.map { try view.user(named: $0).fields.id(User.user) ?? .zero }
            let sites = try view.hoursSites(named: site, own: own)
            return try HoursView(of: sites, person: user, in: period, on: view)
        }
    }

    /// The hours of a site that began in the last so many days, and those that run; for nil all.
    ///
    /// - Throws: `.notFound` for a person or site that nobody here is called by.
    public func hours(
        of person: String? = nil,
        at site: String? = nil,
        inLastDays days: Int64?
    ) throws -> HoursView {
        let now = Int64(clamping: wallMilliseconds)
        let period = days.map { (now - $0 * 86_400_000)..<Int64.max }
        return try hours(of: person, at: site, in: period)
    }

    /// One entry of hours, with what overlaps it.
    ///
    /// - Parameters:
    ///   - entry: The id of the event that began it.
    ///   - site: nil: that of this device, at a hub whichever has the entry.
    /// - Returns: The entry among those of its person that may share time with it.
    /// - Throws: `.notFound` for a site that nobody here is called by.
    public func hours(around entry: ID, at site: String? = nil) throws -> HoursView {
        let own = self.site
        return try read { view in
            let sites = try view.hoursSites(named: site, own: own)
            let place = try sites.first { site in
                try view.event(entry, of: HoursEvent.entity, in: .site(site)) != nil
            }
            return try HoursView(around: entry, at: place ?? sites.first ?? .zero, on: view)
        }
    }

    /// Starts the clock for a person, at a time as typed or, for nil, now by the machine's clocks.
    ///
    /// - Returns: The id of the entry, of several people that of the first. Overlaps are never
    ///   refused: look at the hours.
    /// - Throws: `RuleFault`, `.notFound`, `.badInput`.
    public func startHours(
        _ request: HoursRequest,
        at time: String? = nil,
        by actor: Actor
    ) throws -> ID {
        try startHoursOfAll(request, at: time, by: actor).first ?? .zero
    }

    /// Starts the clock for each of several people, in one action.
    ///
    /// - Returns: The ids of the entries, in the order of the people.
    /// - Throws: `RuleFault`, `.notFound`, `.badInput`.
    public func startHoursOfAll(
        _ request: HoursRequest,
        at time: String? = nil,
        by actor: Actor
    ) throws -> [ID] {
        let reading = try reading()
        return try record(request, by: actor) { clock in
            .start(try reading.moved(to: time, by: clock))
        }
    }

    /// Notes hours that a person remembers.
    ///
    /// Start and end are as typed: 09:00 for today, or with a day, at the site's clocks.
    ///
    /// - Returns: The id of the entry.
    /// - Throws: `RuleFault`: `endBeforeStart` and others; `.notFound`, `.badInput`.
    public func logHours(
        _ request: HoursRequest,
        from start: String,
        to end: String,
        by actor: Actor
    ) throws -> ID {
        let now = Int64(clamping: wallMilliseconds)
        return try record(request, by: actor) { clock in
            .whole(
                start: try clock.milliseconds(typed: start, now: now),
                end: try clock.milliseconds(typed: end, now: now)
            )
        }
        .first ?? .zero
    }

    private func record(
        _ request: HoursRequest,
        by actor: Actor,
        _ action: @escaping @Sendable (SiteClock) throws -> HoursEvent.Action
    ) throws -> [ID] {
        let own = site
        guard request.people.count <= Self.peopleMax else {
            throw RuleFault(.tooLong, "one action starts at most \(Self.peopleMax) clocks")
        }
        let saved = try act(by: actor) { acting, person in
            let sites = try acting.view.hoursSites(named: request.site, own: own)
            guard let site = sites.first, sites.count == 1 else {
                throw CommandFault(.usage, "say at which site: --site CODE", reason: "no-site")
            }
            let action = try action(acting.view.clock(of: site))
            let users = try request.people.map(acting.view.userID(named:))
            var draft = Draft()
            for user in users.isEmpty ? [person.user] : users {
                let event = try request.event(action, of: user, on: acting.view)
                try HoursRules.check(event, by: person.standing)
                try person.checkMethod(user == person.user ? .recordHours : .recordHoursOfOthers)
                draft.add(event.operation(), in: .site(site))
            }
            return draft
        }
        let count = max(1, request.people.count)
        return (0..<count).map { ID(createdAt: saved.stamp, index: UInt16(clamping: $0)) }
    }

    private static let peopleMax = 100

    /// Stops the clock of an entry.
    ///
    /// - Parameters:
    ///   - entry: The first digits of its id; nil: the only one of the person that runs.
    ///   - personName: Whose entry it is; nil: that of whoever acts.
    ///   - time: When it ended, as typed; nil: by the machine's clocks, now.
    ///   - siteName: Where it was recorded; nil: at the site of this device, at a hub anywhere.
    ///   - timer: Whether a job or attendance is meant, where no entry is named.
    ///   - actor: Who stops it.
    /// - Returns: The id of the entry.
    /// - Throws: `RuleFault`: `notRunning`, `endBeforeStart` for a typed time; `.notFound`.
    @discardableResult
    public func stopHours(
        _ entry: String? = nil,
        of personName: String? = nil,
        at time: String? = nil,
        site siteName: String? = nil,
        timer: HoursEvent.Timer = .job,
        by actor: Actor
    ) throws -> ID {
        let reading = try reading()
        let own = site
        let user = try personName.map { name in
            try read { view in try view.user(named: name).fields.id(User.user) ?? .zero }
        }
        let (site, id) = try read { view in
            let sites = try view.hoursSites(named: siteName, own: own)
            let person = user ?? actor.user
            if let entry { return try view.hoursEntry(named: entry, of: person, at: sites) }
            let hours = try HoursView(of: sites, person: person, in: 0..<0, on: view)
            let id = try hours.onlyRunning(timer).id
            return (hours.site(of: id), id)
        }
        _ = try act(by: actor) { acting, person in
            let hours = try HoursView(around: id, at: site, on: acting.view)
            let shown = hours.entry(id)
            let owner = shown?.person ?? person.user
            let stop = try reading.moved(to: time, by: hours.clock(of: id))
            let event = HoursEvent(.stop(entry: id, stop), person: owner)
            try HoursRules.check(event, stopping: shown, by: person.standing)
            if time != nil, let shown, stop.wall <= shown.start {
                throw RuleFault(.endBeforeStart, "the end must be after the start")
            }
            try person.checkMethod(owner == person.user ? .recordHours : .recordHoursOfOthers)
            var draft = Draft()
            draft.add(event.operation(), in: .site(site))
            return draft
        }
        return id
    }

    /// What a person corrects of an entry.
    public struct HoursEdit: Hashable, Sendable {
        /// As typed; nil leaves it.
        public var start: String?
        /// As typed; nil leaves it.
        public var end: String?
        /// Whether the entry is not to count at all.
        public var isVoid = false
        /// Whether it can be charged; nil leaves it.
        public var isBillable: Bool?
        public var reason: String?
        /// What the form showed of the corrections; nil: what this node shows.
        public var seen: Seen?

        public init() {}
    }

    /// Says that an entry is to be read otherwise; what was recorded stays on record.
    ///
    /// The entry is named by the first digits of its id.
    ///
    /// - Returns: The id of the entry.
    /// - Throws: `RuleFault`: `endBeforeStart`, `reasonRequired` and others; `.notFound`.
    @discardableResult
    public func correctHours(
        _ entry: String,
        _ edit: HoursEdit,
        at siteName: String? = nil,
        by actor: Actor
    ) throws -> ID {
        try ShortText.text(edit.reason)
        guard edit.start != nil || edit.end != nil || edit.isVoid || edit.isBillable != nil else {
            throw CommandFault(
                .usage,
                "say what to correct: --start, --end, --billable or --void",
                reason: "no-edit"
            )
        }
        let own = site
        let now = Int64(clamping: wallMilliseconds)
        let (site, id) = try read { view in
            let sites = try view.hoursSites(named: siteName, own: own)
            return try view.hoursEntry(named: entry, at: sites)
        }
        _ = try act(by: actor) { acting, person in
            let hours = try HoursView(around: id, at: site, on: acting.view)
            guard let shown = hours.entry(id) else {
                throw CommandFault(.notFound, "that entry is gone", reason: "unknown-name")
            }
            let stream = hours.corrections[id] ?? Stream([])
            let names = try edit.seen?.names(among: stream.entries.map(\.name))
            // A later correction replaces the earlier whole, so it repeats what it leaves.
            let clock = hours.clock(of: id)
            let standing = shown.flags.contains(.corrected)
            let start = try edit.start.map { try clock.milliseconds(typed: $0, now: now) }
            let end = try edit.end.map { try clock.milliseconds(typed: $0, now: now) }
            let correction = HoursCorrection(
                of: id,
                start: start ?? (standing ? shown.start : nil),
                end: end ?? (standing ? shown.end : nil),
                isVoid: edit.isVoid,
                isBillable: edit.isBillable ?? (standing ? shown.isBillable : nil),
                reason: edit.reason ?? ""
            )
            try HoursRules.check(correction, of: shown, by: person.standing)
            let isOwn = shown.person == person.user
            try person.checkMethod(isOwn ? .correctHours : .correctHoursOfOthers)
            var draft = Draft()
            draft.add(correction.operation(after: names ?? stream.heads), in: .site(site))
            return draft
        }
        return id
    }
}

extension HoursRequest {
    fileprivate func event(
        _ action: HoursEvent.Action,
        of user: ID,
        on view: View
    ) throws -> HoursEvent {
        try ShortText.text(note)
        if let task { try ShortText.title(task) }
        let project = try project.map { try view.project(named: $0) }
        let slug: String?
        if let subStage {
            guard let project else {
                throw CommandFault(.usage, "a sub-stage needs its project", reason: "no-project")
            }
            slug = try view.subStage(named: subStage, of: project)
        } else {
            slug = nil
        }
        guard let activity = HoursEvent.Activity(rawValue: activity.uppercased()) else {
            let known = HoursEvent.Activity.allCases.map(\.rawValue).joined(separator: ", ")
            throw RuleFault(.unknownValue, "an activity is one of \(known)")
        }
        return HoursEvent(
            action,
            person: user,
            activity: activity,
            subject: project?.subject,
            subStage: slug,
            task: task,
            note: note,
            isBillable: isBillable,
            timer: timer
        )
    }
}

extension HoursView {
    /// The only entry of the person that runs.
    ///
    /// - Throws: `RuleFault`: `notRunning`; `.notFound` if several do.
    func onlyRunning(
        _ timer: HoursEvent.Timer,
        where isMeant: (HoursEntry) -> Bool = { _ in true }
    ) throws -> HoursEntry {
        let running = entries.filter { $0.isRunning && $0.timer == timer && isMeant($0) }
        guard let first = running.first else {
            throw RuleFault(.notRunning, "nothing runs for this person: gemba hours start")
        }
        guard running.count == 1 else {
            let ids = running.map { "\(short($0.id)) (\(work(of: $0)))" }
            throw CommandFault(
                .notFound,
                "several entries run: say which of \(ids.joined(separator: ", "))",
                reason: "ambiguous-name"
            )
        }
        return first
    }
}

extension View {
    /// The sites whose hours are meant: all of them at a hub that names none.
    func hoursSites(named name: String?, own: ID) throws -> [ID] {
        guard let name else {
            guard own == .zero else { return [own] }
            return try records(of: Site.entity, in: .tenant)
                .compactMap { $0.fields.id(Site.site) }
        }
        let site = try site(named: name).fields.id(Site.site) ?? .zero
        guard own == .zero || site == own else {
            throw CommandFault(
                .notPermitted,
                "a station keeps the hours of its own site",
                reason: "other-site"
            )
        }
        return [site]
    }
}
