/// What the hours of one person come to, on a day or in a week.
///
/// Two jobs at once both count in full, since only people know which was worked on; the time that
/// they share stands beside it, so that nobody is paid twice without knowing.
///
/// - Source: DOM-146.
public struct HoursTotals: Hashable, Sendable {
    /// Milliseconds by activity of jobs, breaks among them.
    public let byActivity: [String: Int64]
    /// Milliseconds of jobs, breaks left out.
    public let worked: Int64
    /// Milliseconds of jobs that can be charged, breaks left out.
    public let billable: Int64
    /// Milliseconds in which at least one job ran, breaks left out: shared time counts once.
    public let elapsed: Int64
    /// Milliseconds of attendance, time in two entries counted once.
    public let attended: Int64
    /// Entries that run, and are in no figure.
    public let running: Int

    /// - Parameter entries: Entries of one person, in any order.
    public init(_ entries: some Sequence<HoursEntry>) {
        let ended = entries.filter { ($0.duration ?? 0) > 0 }
        let jobs = ended.filter { $0.timer == .job }
        let work = jobs.filter { $0.activity != HoursEvent.Activity.pause.rawValue }
        var byActivity: [String: Int64] = [:]
        for job in jobs {
            let activity = job.activity ?? ""
            byActivity[activity] = Self.sum([byActivity[activity] ?? 0, job.duration ?? 0])
        }
        self.byActivity = byActivity
        worked = Self.sum(work.compactMap(\.duration))
        billable = Self.sum(work.filter(\.isBillable).compactMap(\.duration))
        elapsed = Self.union(of: work)
        attended = Self.union(of: ended.filter { $0.timer == .attendance })
        running = entries.count(where: \.isRunning)
    }

    private static func sum(_ parts: [Int64]) -> Int64 {
        parts.reduce(0) { sum, part in
            let (next, overflow) = sum.addingReportingOverflow(part)
            return overflow ? .max : next
        }
    }

    /// The length of what the entries cover together.
    private static func union(of entries: [HoursEntry]) -> Int64 {
        var total: Int64 = 0
        var covered = Int64.min
        for entry in entries.sorted(by: { $0.start < $1.start }) {
            guard let end = entry.end, end > covered else { continue }
            let (length, overflow) = end.subtractingReportingOverflow(max(entry.start, covered))
            total = sum([total, overflow ? 0 : length])
            covered = end
        }
        return total
    }
}
