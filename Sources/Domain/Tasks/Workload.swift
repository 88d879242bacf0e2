public import CRDT

/// What a person has to do, of the tasks that a node holds.
///
/// - Source: DOM-137.
public struct Workload: Hashable, Sendable {
    /// A task as the workload of its assignees reads it.
    public struct Share: Hashable, Sendable {
        public let assignees: Set<ID>
        public let status: TaskProgress.Status
        /// Milliseconds since 1970.
        public let closedAt: Int64?
        /// Of the estimate.
        public let remainingMinutes: Int64
        /// Of the hours on record.
        public let actualMinutes: Int64

        /// - Parameters:
        ///   - task: The task as it is shown.
        ///   - progress: The fold of its steps.
        ///   - actualMinutes: What ``Swift/Sequence/minutes(onTask:of:)`` adds up.
        public init(_ task: TaskDefinition, _ progress: TaskProgress, actualMinutes: Int64) {
            assignees = task.assignees
            status = progress.status
            closedAt = progress.closedAt.map { Int64(clamping: $0) }
            remainingMinutes = progress.remainingMinutes(of: task.estimatedMinutes)
            self.actualMinutes = max(0, actualMinutes)
        }
    }

    /// How long a completed task is counted: 30 days.
    public static let recentMilliseconds: Int64 = 30 * 86_400_000

    public let user: ID
    public let pending: Int
    /// In progress.
    public let active: Int
    public let onHold: Int
    /// In the last 30 days.
    public let completed: Int
    /// Of the open tasks; one that several are to do counts whole for each.
    public let remainingMinutes: Int64
    /// Of the tasks completed in the last 30 days, rounded down; nil if there are none.
    public let averageMinutes: Int64?

    /// - Parameters:
    ///   - user: Whose.
    ///   - tasks: The tasks that are held, of everybody.
    ///   - now: Milliseconds since 1970.
    public init(of user: ID, tasks: some Sequence<Share>, now: Int64) {
        self.user = user
        let own = tasks.filter { $0.assignees.contains(user) }
        func count(_ status: TaskProgress.Status) -> Int { own.count { $0.status == status } }
        pending = count(.pending)
        active = count(.inProgress)
        onHold = count(.onHold)
        let done = own.filter { share in
            guard share.status == .completed, let closed = share.closedAt else { return false }
            let (age, isOutside) = now.subtractingReportingOverflow(closed)
            return !isOutside && age <= Self.recentMilliseconds
        }
        completed = done.count
        remainingMinutes = Self.sum(own.map(\.remainingMinutes))
        averageMinutes =
            done.isEmpty ? nil : Self.sum(done.map(\.actualMinutes)) / Int64(done.count)
    }

    private static func sum(_ parts: [Int64]) -> Int64 {
        parts.reduce(0) { sum, part in
            let (next, overflow) = sum.addingReportingOverflow(part)
            return overflow ? .max : next
        }
    }
}
