/// What a schedule must know of a task.
public struct ScheduledTask: Hashable, Sendable {
    public let status: TaskProgress.Status
    /// Milliseconds since 1970.
    public let startedAt: Int64?
    /// Milliseconds since 1970.
    public let closedAt: Int64?
    public let estimatedMinutes: Int64

    /// - Parameters:
    ///   - progress: The fold of its steps.
    ///   - estimatedMinutes: Nil counts as none; at most a year.
    public init(_ progress: TaskProgress, estimatedMinutes: Int64? = nil) {
        status = progress.status
        startedAt = progress.startedAt.map { Int64(clamping: $0) }
        closedAt = progress.closedAt.map { Int64(clamping: $0) }
        self.estimatedMinutes = max(
            0,
            min(estimatedMinutes ?? 0, TaskDefinition.minutesMax)
        )
    }
}

/// When tasks can start and finish at the earliest, and what they wait for.
///
/// - Source: DOM-57, DOM-58.
public struct TaskSchedule: Hashable, Sendable {
    /// A dependency that is not met.
    public struct Wait: Hashable, Sendable {
        public let edge: TaskGraph.Edge
        /// When its lag is over, milliseconds since 1970; nil while the predecessor is not so far.
        public let until: Int64?
    }

    /// The earliest times of a task, milliseconds since 1970.
    public struct Span: Hashable, Sendable {
        public let start: Int64
        public let finish: Int64

        public init(start: Int64, finish: Int64) {
            self.start = start
            self.finish = finish
        }
    }

    private let graph: TaskGraph
    private let tasks: [String: ScheduledTask]
    private let now: Int64
    /// The earliest times by code; a task that waits for an unknown one has none.
    public let spans: [String: Span]

    /// - Parameters:
    ///   - graph: The dependencies of the subject.
    ///   - tasks: Its tasks that exist, by code.
    ///   - now: Milliseconds since 1970; what has not started starts no earlier.
    public init(_ graph: TaskGraph, tasks: [String: ScheduledTask], now: Int64) {
        self.graph = graph
        self.tasks = tasks
        self.now = now
        var spans: [String: Span] = [:]
        let linked = graph.order
        for code in linked + Set(tasks.keys).subtracting(linked).sorted() {
            spans[code] = Self.span(code, graph, tasks, spans, now)
        }
        self.spans = spans
    }

    /// What the start, or the finish, of a task still waits for, the oldest edge first.
    public func waits(of task: String, toFinish: Bool = false) -> [Wait] {
        graph.edges(into: task).compactMap { edge in
            guard edge.edge.kind.holdsStart != toFinish else { return nil }
            guard let before = tasks[edge.edge.predecessor] else {
                return Wait(edge: edge, until: nil)
            }
            guard before.status != .cancelled else { return nil }
            let reached =
                edge.edge.kind.waitsForFinish
                ? (before.status == .completed ? before.closedAt : nil) : before.startedAt
            guard let reached else { return Wait(edge: edge, until: nil) }
            let until = Self.adding(minutes: edge.edge.lagMinutes, to: reached)
            return until <= now ? nil : Wait(edge: edge, until: until)
        }
    }

    private static func span(
        _ code: String,
        _ graph: TaskGraph,
        _ tasks: [String: ScheduledTask],
        _ spans: [String: Span],
        _ now: Int64
    ) -> Span? {
        guard let task = tasks[code] else { return nil }
        var start = task.startedAt ?? now
        var leastFinish = Int64.min
        for edge in graph.edges(into: code) {
            if tasks[edge.edge.predecessor]?.status == .cancelled { continue }
            guard let before = spans[edge.edge.predecessor] else { return nil }
            let reached = edge.edge.kind.waitsForFinish ? before.finish : before.start
            let bound = adding(minutes: edge.edge.lagMinutes, to: reached)
            if !edge.edge.kind.holdsStart {
                leastFinish = max(leastFinish, bound)
            } else if task.startedAt == nil {
                start = max(start, bound)
            }
        }
        if let closed = task.closedAt { return Span(start: start, finish: closed) }
        let planned = adding(minutes: task.estimatedMinutes, to: start)
        return Span(start: start, finish: max(planned, leastFinish, start))
    }

    private static func adding(minutes: Int64, to time: Int64) -> Int64 {
        let (sum, overflow) = time.addingReportingOverflow(minutes * 60_000)
        return overflow ? .max : sum
    }
}
