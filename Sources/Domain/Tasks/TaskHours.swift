public import CRDT

extension Sequence<HoursEntry> {
    /// Adds up how long people worked on a task, breaks left out.
    ///
    /// - Parameters:
    ///   - code: The task.
    ///   - subject: The subject that it belongs to.
    /// - Returns: Whole minutes.
    /// - Source: DOM-64.
    public func minutes(onTask code: String, of subject: ID) -> Int64 {
        let own = filter { entry in
            entry.task == code && entry.subject == subject && entry.timer == .job
                && entry.activity != HoursEvent.Activity.pause.rawValue
        }
        let total = own.reduce(Int64(0)) { sum, entry in
            let (next, overflow) = sum.addingReportingOverflow(entry.duration ?? 0)
            return overflow ? .max : next
        }
        return total / 60_000
    }
}
