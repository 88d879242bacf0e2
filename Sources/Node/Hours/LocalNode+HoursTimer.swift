public import CRDT
import Domain
public import Storage
import Wire

extension LocalNode {
    /// Interrupts a running job: it ends, and a break begins that names it, in one action
    /// (DOM-144).
    ///
    /// - Parameters:
    ///   - entry: The first digits of its id; nil: the only job of the person that runs.
    ///   - person: Whose it is; nil: that of whoever acts.
    ///   - site: Where it was recorded; nil: at the site of this device, at a hub anywhere.
    ///   - actor: Who interrupts it.
    /// - Returns: The id of the break.
    /// - Throws: `RuleFault`: `notRunning`; `.notFound`.
    @discardableResult
    public func pauseHours(
        _ entry: String? = nil,
        of person: String? = nil,
        site: String? = nil,
        by actor: Actor
    ) throws -> ID {
        let pause = HoursEvent.Activity.pause.rawValue
        return try turn(entry, of: person, site: site, by: actor) {
            $0.activity != pause
        } next: { running, reading, _ in
            HoursEvent(
                .start(reading),
                person: running.person ?? .zero,
                activity: .pause,
                subject: running.subject,
                subStage: running.subStage,
                task: running.task,
                continues: running.id,
                isBillable: false
            )
        }
    }

    /// Goes on with the job that a break interrupted: the break ends, and a further entry of the
    /// same work begins that names the first, in one action.
    ///
    /// - Returns: The id of the further entry.
    /// - Throws: `RuleFault`: `notRunning` if no break runs; `.notFound`.
    @discardableResult
    public func resumeHours(
        _ entry: String? = nil,
        of person: String? = nil,
        site: String? = nil,
        by actor: Actor
    ) throws -> ID {
        let pause = HoursEvent.Activity.pause.rawValue
        return try turn(entry, of: person, site: site, by: actor) {
            $0.activity == pause
        } next: { running, reading, hours in
            let before = running.continues.flatMap { id in hours.entry(id) }
            return HoursEvent(
                .start(reading),
                person: running.person ?? .zero,
                activity: before?.activity.flatMap(HoursEvent.Activity.init) ?? .work,
                subject: running.subject,
                subStage: running.subStage,
                task: running.task,
                continues: before?.id,
                isBillable: before?.isBillable ?? true
            )
        }
    }

    /// Ends an entry and begins the next with one reading of the clocks.
    private func turn(
        _ entry: String?,
        of personName: String?,
        site siteName: String?,
        by actor: Actor,
        _ isMeant: @escaping @Sendable (HoursEntry) -> Bool,
        next: @escaping @Sendable (HoursEntry, ClockReading, HoursView) -> HoursEvent
    ) throws -> ID {
        let reading = try reading().clocks
        let own = site
        let saved = try act(by: actor) { acting, person in
            let user = try personName.map(acting.view.userID(named:)) ?? person.user
            let sites = try acting.view.hoursSites(named: siteName, own: own)
            let id = try entry.map {
                try acting.view.hoursEntry(named: $0, of: user, at: sites).id
            }
            let hours = try HoursView(running: user, beside: id, at: sites, on: acting.view)
            let named = id.flatMap(hours.entry)
            let running = try named ?? hours.onlyRunning(.job, where: isMeant)
            guard isMeant(running), running.timer == .job else {
                throw RuleFault(.notRunning, "a job is paused, and a break resumed")
            }
            let owner = running.person ?? .zero
            let stop = HoursEvent(.stop(entry: running.id, reading), person: owner)
            try HoursRules.check(stop, stopping: running, by: person.standing)
            let start = next(running, reading, hours)
            try HoursRules.check(start, by: person.standing)
            try person.checkMethod(owner == person.user ? .recordHours : .recordHoursOfOthers)
            let scope = Scope.site(hours.site(of: running.id))
            var draft = Draft()
            draft.add(stop.operation(), in: scope)
            draft.add(start.operation(), in: scope)
            return draft
        }
        return ID(createdAt: saved.stamp, index: 1)
    }

    /// Takes back a stop that was an accident, within ten seconds of it (DOM-142).
    ///
    /// What began in the same action, a break or the further entry, is void.
    ///
    /// - Parameters:
    ///   - personName: Whose stop it was; nil: that of whoever acts.
    ///   - siteName: Where it was recorded; nil: at the site of this device, at a hub anywhere.
    ///   - actor: Who takes it back.
    /// - Returns: The id of the entry that runs again.
    /// - Throws: `RuleFault`: `tooLate`, `notRunning` if nothing was stopped; `.notFound`.
    @discardableResult
    public func undoStop(
        of personName: String? = nil,
        site siteName: String? = nil,
        by actor: Actor
    ) throws -> ID {
        let reading = try reading().clocks
        let own = site
        let now = Int64(clamping: wallMilliseconds)
        let recently = (now - Self.undoneDays * 86_400_000)..<Int64.max
        let shown = try read { view in
            let user = try personName.map(view.userID(named:)) ?? actor.user
            let sites = try view.hoursSites(named: siteName, own: own)
            return try HoursView(of: sites, person: user, in: recently, on: view).lastStop()
        }
        _ = try act(by: actor) { acting, person in
            let hours = try HoursView(
                running: shown.event.person ?? .zero,
                at: [shown.site],
                on: acting.view
            )
            try HoursRules.checkUndo(of: shown.event, at: reading, by: person.standing)
            let owner = shown.event.person ?? .zero
            try person.checkMethod(owner == person.user ? .recordHours : .recordHoursOfOthers)
            var draft = Draft()
            let undo = HoursEvent(.undo(stop: shown.id, reading), person: owner)
            draft.add(undo.operation(), in: .site(shown.site))
            for entry in hours.sheet.entries where entry.isRunning && entry.id != shown.entry {
                guard entry.id.isOfOneChange(with: shown.id) else { continue }
                let void = HoursCorrection(of: entry.id, isVoid: true, reason: "stop undone")
                try HoursRules.check(void, of: entry, by: person.standing)
                let heads = hours.corrections[entry.id]?.heads ?? []
                draft.add(void.operation(after: heads), in: .site(shown.site))
            }
            return draft
        }
        return shown.entry
    }

    /// Days since an entry began whose stop may be taken back.
    private static let undoneDays: Int64 = 31
}

/// A stop on record.
private struct StopOnRecord {
    let id: ID
    let event: HoursEvent
    let entry: ID
    let site: ID
}

extension HoursView {
    /// The last stop of the person whose hours are shown, by rank.
    ///
    /// - Throws: `RuleFault`: `notRunning`.
    fileprivate func lastStop() throws -> StopOnRecord {
        let shown = Set(entries.filter { $0.end != nil }.map(\.id))
        // A correction has no action, so it is never read as a stop.
        let stops = events.values
            .sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
            .compactMap { stored -> StopOnRecord? in
                let event = HoursEvent(stored.fields)
                guard case .stop(let entry, _) = event.action, shown.contains(entry) else {
                    return nil
                }
                let site = stored.origin.scope.key
                return StopOnRecord(id: stored.id, event: event, entry: entry, site: site)
            }
        guard let last = stops.last else {
            throw RuleFault(.notRunning, "nothing was stopped")
        }
        return last
    }
}

extension ID {
    /// Whether two ids were made by one change (CHG-7): they differ in the index alone.
    fileprivate func isOfOneChange(with other: ID) -> Bool {
        high == other.high && low << 16 == other.low << 16
    }
}
