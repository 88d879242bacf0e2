public import CRDT

/// The dependencies between the tasks of a subject that count: never a cycle among them.
///
/// ```swift
/// let graph = TaskGraph(events)
/// graph.edges     // what holds tasks up
/// graph.dropped   // what would have closed a cycle, with the way around it
/// ```
///
/// Two stations that do not know of each other can each write half of a cycle. So the edges that
/// stand are taken in one order, the oldest first, and one that would close a cycle with those
/// taken before does not count: it is shown, until one of the cycle is removed. What counts is a
/// function of the set of edges and their ranks alone.
///
/// - Invariant: 1. The edges that count have no cycle. 2. Every edge that stands counts or is
///   dropped. 3. A dropped edge closes a cycle with edges that count and are taken before it.
/// - Complexity: O(edges) without a cycle; with one, O(edges²).
/// - Source: DOM-56.
public struct TaskGraph: Hashable, Sendable {
    /// An edge that stands.
    public struct Edge: Hashable, Sendable {
        /// The id of its event: what a removal names.
        public let id: ID
        public let edge: TaskDependency.Edge
    }

    /// An edge that does not count.
    public struct Dropped: Hashable, Sendable {
        public let edge: Edge
        /// The codes of tasks from its successor round to its predecessor, by edges that count.
        public let path: [String]
    }

    /// The edges that count, the oldest first.
    public let edges: [Edge]
    /// The conflicts: edges that would close a cycle, the oldest first.
    public let dropped: [Dropped]
    /// The edges that count, by their successor.
    private let incoming: [String: [Edge]]

    /// - Parameter events: Entries of ``TaskDependency``, in any order.
    public init(_ events: some Sequence<Stream<TaskDependency>.Entry>) {
        let all = Array(events)
        let removed = Set(all.flatMap(\.event.removes))
        let standing = all.filter { !removed.contains($0.id) && $0.event.edge != nil }
            .sorted(by: Self.isTakenBefore)
            .compactMap { entry in entry.event.edge.map { Edge(id: entry.id, edge: $0) } }
        if Self.order(standing) != nil {
            (edges, dropped) = (standing, [])
        } else {
            (edges, dropped) = Self.taking(standing)
        }
        incoming = Dictionary(grouping: edges, by: \.edge.successor)
    }

    /// The edges that a task waits by, the oldest first.
    public func edges(into task: String) -> [Edge] { incoming[task] ?? [] }

    /// The tasks from one to another along edges that count; nil if there is no way.
    ///
    /// A new edge from `late` to `early` would close a cycle if there is a path from `early` to
    /// `late`.
    public func path(from early: String, to late: String) -> [String]? {
        Self.path(from: early, to: late, Self.successors(edges))
    }

    /// The tasks that edges name, each after all that it waits for.
    public var order: [String] { Self.order(edges) ?? [] }

    /// Edges of implausible stamps come last: a clock of 1970 takes no precedence (MERGE-6).
    private static func isTakenBefore(
        _ left: Stream<TaskDependency>.Entry,
        _ right: Stream<TaskDependency>.Entry
    ) -> Bool {
        if left.rank.isPlausible != right.rank.isPlausible { return left.rank.isPlausible }
        return (left.rank, left.index) < (right.rank, right.index)
    }

    private static func taking(_ standing: [Edge]) -> ([Edge], [Dropped]) {
        var taken: [Edge] = []
        var dropped: [Dropped] = []
        var successors: [String: [String]] = [:]
        for edge in standing {
            let (early, late) = (edge.edge.predecessor, edge.edge.successor)
            if let path = path(from: late, to: early, successors) {
                dropped.append(Dropped(edge: edge, path: path))
            } else {
                taken.append(edge)
                successors[early, default: []].append(late)
            }
        }
        return (taken, dropped)
    }

    private static func successors(_ edges: [Edge]) -> [String: [String]] {
        Dictionary(grouping: edges, by: \.edge.predecessor)
            .mapValues { $0.map(\.edge.successor) }
    }

    /// The shortest path, of several the one by older edges.
    private static func path(
        from early: String,
        to late: String,
        _ successors: [String: [String]]
    ) -> [String]? {
        var reachedFrom: [String: String] = [early: early]
        var pending = [early]
        var next = 0
        while next < pending.count, reachedFrom[late] == nil {
            let task = pending[next]
            next += 1
            for successor in successors[task] ?? [] where reachedFrom[successor] == nil {
                reachedFrom[successor] = task
                pending.append(successor)
            }
        }
        guard reachedFrom[late] != nil else { return nil }
        var path = [late]
        while let last = path.last, last != early, let before = reachedFrom[last] {
            path.append(before)
        }
        return path.reversed()
    }

    /// The tasks in an order that follows every edge; nil if there is none.
    private static func order(_ edges: [Edge]) -> [String]? {
        let successors = successors(edges)
        var waiting: [String: Int] = [:]
        for edge in edges {
            waiting[edge.edge.predecessor, default: 0] += 0
            waiting[edge.edge.successor, default: 0] += 1
        }
        var order = waiting.filter { $0.value == 0 }.map(\.key).sorted()
        var next = 0
        while next < order.count {
            for successor in successors[order[next]] ?? [] {
                let left = (waiting[successor] ?? 0) - 1
                waiting[successor] = left
                if left == 0 { order.append(successor) }
            }
            next += 1
        }
        return order.count == waiting.count ? order : nil
    }
}
