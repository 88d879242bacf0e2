import CRDT

/// What an entry of hours, or its correction, needs: asked before it is written.
///
/// - Source: DOM-36.
public enum HoursRules {
    /// Checks an event, and for a stop the entry it ends, as it was shown.
    ///
    /// - Throws: `notAllowed`, `notRunning`, `endBeforeStart`, `unknownValue`, `tooLong`.
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
        case .stop(let id, _):
            guard let entry, entry.id == id, entry.isRunning, entry.person == event.person else {
                throw RuleFault(.notRunning, "this entry does not run")
            }
        case .unknown:
            throw RuleFault(.unknownValue, "an event starts, stops or notes hours")
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
