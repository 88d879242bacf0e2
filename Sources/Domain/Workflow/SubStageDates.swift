public import CRDT

/// When the sub-stages of a stage started, are due and were planned to be done.
///
/// Hours run around the clock, day and night. Times saturate.
///
/// - Source: DOM-117.
public struct SubStageDates: Hashable, Sendable {
    /// All in milliseconds since 1970.
    public let started: Int64?
    /// When it was completed, skipped or put in review.
    public let closed: Int64?
    /// Start and hours: once it runs.
    public let due: Int64?
    /// Due if each sub-stage before it takes its hours: shown before it runs.
    public let planned: Int64?

    /// The dates of the sub-stages of one stage, in their order.
    ///
    /// - Parameters:
    ///   - rows: The sub-stages in their order.
    ///   - entered: When the stage was entered.
    ///   - time: When an event was.
    /// - Returns: As many as rows.
    public static func all(
        _ rows: [SubStageRow],
        entered: Int64?,
        time: (ID) -> Int64?
    ) -> [SubStageDates] {
        var dates: [SubStageDates] = []
        var plan = entered
        for (place, row) in rows.enumerated() {
            let before = dates.last
            let atOnce = place == 0 ? entered : before?.closed
            let event = row.progress.started.flatMap(time)
            // What began by itself began then, whenever somebody first did something to it.
            let byItself = row.startsAtOnce && row.progress.attempt == 1 ? atOnce : nil
            let started = [event, byItself].compactMap(\.self).min()
            let closed = row.progress.closed.flatMap(time)
            let due = started.flatMap { after($0, hours: row.seed.hours) }
            plan = due ?? plan.map { after($0, hours: row.seed.hours) ?? $0 }
            let planned = row.seed.hours == nil ? nil : plan
            dates.append(
                SubStageDates(started: started, closed: closed, due: due, planned: planned)
            )
            if let closed, row.isClosed { plan = closed }
        }
        return dates
    }

    private static func after(_ time: Int64, hours: Int64?) -> Int64? {
        hours.map { sum(time, $0, 3_600_000) }
    }

    /// When a stage is due: entered and days.
    public static func due(entered: Int64, days: Int64) -> Int64 { sum(entered, days, 86_400_000) }

    private static func sum(_ time: Int64, _ count: Int64, _ unit: Int64) -> Int64 {
        let (length, isLong) = max(0, count).multipliedReportingOverflow(by: unit)
        let (end, isOver) = time.addingReportingOverflow(isLong ? .max : length)
        return isOver ? .max : end
    }
}

extension SubStageRow {
    /// Whether it is late: not closed, and past when it is due (FP-073).
    ///
    /// - Parameters:
    ///   - dates: Its dates.
    ///   - now: Milliseconds since 1970.
    /// - Returns: Whether it is.
    public func isOverdue(_ dates: SubStageDates, now: Int64) -> Bool {
        !isClosed && (dates.due.map { now > $0 } ?? false)
    }
}
