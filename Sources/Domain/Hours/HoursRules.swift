import CRDT

/// What an entry of hours, or its correction, needs: asked before it is written.
///
/// - Source: DOM-36, DOM-142, DOM-143.
public enum HoursRules {
    /// Checks an event, and for a stop the entry it ends, as it was shown.
    ///
    /// - Throws: `notAllowed`, `notRunning`, `endBeforeStart`, `unknownValue`, `tooLong`.
    ///   `wrongOrder` for an undo: see ``checkUndo(of:at:by:)``.
    public static func check(
        _ event: HoursEvent,
        stopping entry: HoursEntry? = nil,
        by person: Standing
    ) throws(RuleFault) {
        let act: Act = event.person == person.user ? .recordHours : .recordHoursOfOthers
        try act.check(person)
        try TextRule.comment(event.note)
        switch event.action {
        case .start, .whole:
            guard event.activity.flatMap(HoursEvent.Activity.init) != nil else {
                throw RuleFault(.unknownValue, "say what: SETUP, WORK, REWORK, WAIT or BREAK")
            }
            if case .whole(let start, let end) = event.action { try checkSpan(start, end) }
            let isOnWork = event.subject != nil || event.task != nil || event.subStage != nil
            guard event.timer == .job || !isOnWork else {
                throw RuleFault(.unknownValue, "attendance is on nothing: start a job for that")
            }
        case .stop(let id, _):
            guard let entry, entry.id == id, entry.isRunning, entry.person == event.person else {
                throw RuleFault(.notRunning, "this entry does not run")
            }
        case .undo:
            throw RuleFault(.wrongOrder, "an undo names the stop that it takes back")
        case .unknown:
            throw RuleFault(.unknownValue, "an event starts, stops or notes hours")
        }
    }

    /// Checks that a stop is taken back in time.
    ///
    /// - Parameters:
    ///   - stop: The stop as it is on record.
    ///   - now: What the clocks say.
    ///   - person: Who acts.
    /// - Throws: `notAllowed`, `notRunning` for what is no stop, `tooLate`.
    public static func checkUndo(
        of stop: HoursEvent,
        at now: ClockReading,
        by person: Standing
    ) throws(RuleFault) {
        let act: Act = stop.person == person.user ? .recordHours : .recordHoursOfOthers
        try act.check(person)
        guard case .stop(_, let reading) = stop.action else {
            throw RuleFault(.notRunning, "only a stop is undone")
        }
        guard now.canUndo(reading) else {
            let seconds = ClockReading.undoMilliseconds / 1_000
            throw RuleFault(.tooLate, "a stop is undone within \(seconds) s: correct it instead")
        }
    }

    /// Checks a correction of an entry as it was shown.
    ///
    /// - Throws: `notAllowed`, `reasonRequired`, `endBeforeStart`, `wrongOrder`, `tooLong`.
    public static func check(
        _ correction: HoursCorrection,
        of entry: HoursEntry,
        by person: Standing
    ) throws(RuleFault) {
        let act: Act = entry.person == person.user ? .correctHours : .correctHoursOfOthers
        try act.check(person)
        try TextRule.reason(correction.reason)
        guard correction.entry == entry.id else {
            throw RuleFault(.wrongOrder, "the correction names another entry")
        }
        if let end = correction.end ?? entry.end {
            try checkSpan(correction.start ?? entry.start, end)
        }
    }

    private static func checkSpan(_ start: Int64, _ end: Int64) throws(RuleFault) {
        guard end > start else {
            throw RuleFault(.endBeforeStart, "the end must be after the start")
        }
    }
}
