import CRDT
import Domain
import SeededRandom
import Testing

/// Dependencies without cycles, and what they hold up (DOM-56 to DOM-58).
@Suite("Task graph")
struct TaskGraphTests {
    private func edge(_ early: String, _ late: String) -> TaskDependency {
        TaskDependency(TaskDependency.Edge(early, before: late))
    }

    private func pairs(_ edges: [TaskGraph.Edge]) -> [String] {
        edges.map { "\($0.edge.predecessor)>\($0.edge.successor)" }
    }

    @Test("TV-137 two stations that each write half of a cycle: the older half counts")
    func halves() {
        var history = History<TaskDependency>()
        history.add(edge("a", "b"), time: 9)
        history.add(edge("b", "a"), time: 4)

        let graph = TaskGraph(history.entries)

        #expect(pairs(graph.edges) == ["b>a"])
        #expect(graph.dropped.map(\.edge.id) == [history[0]])
        #expect(graph.dropped.first?.path == ["b", "a"])
        #expect(TaskGraph(history.entries.reversed()) == graph)
    }

    @Test("TV-137 removing what won lets the other count, and the conflict is gone")
    func settled() {
        var history = History<TaskDependency>()
        let first = history.add(edge("a", "b"))
        history.add(edge("b", "c"))
        history.add(edge("c", "a"))
        #expect(pairs(TaskGraph(history.entries).edges) == ["a>b", "b>c"])
        #expect(TaskGraph(history.entries).dropped.first?.path == ["a", "b", "c"])

        history.add(TaskDependency(nil, removes: [first], reason: "not so"), seen: [0, 1, 2])

        let graph = TaskGraph(history.entries)
        #expect(pairs(graph.edges) == ["b>c", "c>a"])
        #expect(graph.dropped.isEmpty)
        #expect(graph.order == ["b", "c", "a"])
    }

    @Test("TV-137 an edge written again beside a removal stands")
    func addWins() {
        var history = History<TaskDependency>()
        let first = history.add(edge("a", "b"))
        history.add(TaskDependency(nil, removes: [first]))
        history.add(edge("a", "b"))

        #expect(pairs(TaskGraph(history.entries).edges) == ["a>b"])
    }

    @Test("TV-137 a task that waits for itself, and a stamp that no clock gave, come last")
    func selfAndImplausible() {
        var history = History<TaskDependency>()
        history.add(edge("a", "a"))
        history.add(edge("a", "b"), time: 1)
        history.add(edge("b", "a"), time: 9)
        var entries = history.entries
        let old = entries[1]
        entries[1] = Stream.Entry(
            old.event,
            rank: Rank(old.name, isPlausible: false),
            index: 0,
            after: []
        )

        let graph = TaskGraph(entries)

        #expect(pairs(graph.edges) == ["b>a"])
        #expect(graph.dropped.map(\.path) == [["a"], ["b", "a"]])
    }

    @Test("TV-137 no cycle counts and nothing is lost, for every set of six edges of three tasks")
    func everySet() {
        var generator = SplitMix64(seed: 61)
        let edges = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "a"), ("a", "c"), ("c", "c")]
            .map { edge($0, $1) }
        for length in 0...5 {
            Orders.choices(length, of: edges) { compare($0, &generator) }
        }
        Orders.choices(6, of: Array(edges.prefix(4))) { compare($0, &generator) }
    }

    @Test("TV-137 … and at random, with removals, of eight tasks")
    func manyTasks() {
        var generator = SplitMix64(seed: 62)
        let names = ["a", "b", "c", "d", "e", "f", "g", "h"]
        for _ in 0..<300 {
            let edges = (0..<20).map { _ in
                edge(
                    names.randomElement(using: &generator) ?? "a",
                    names.randomElement(using: &generator) ?? "b"
                )
            }
            compare(edges, &generator, removals: 4)
        }
    }

    /// Compares with a matrix of who reaches whom, filled edge by edge.
    private func compare(
        _ events: [TaskDependency],
        _ generator: inout SplitMix64,
        removals: Int = 0
    ) {
        var history = History<TaskDependency>()
        for event in events {
            history.add(event, time: UInt64.random(in: 1...5, using: &generator))
        }
        for _ in 0..<removals {
            let place = Int.random(in: events.indices, using: &generator)
            history.add(TaskDependency(nil, removes: [history[place]]))
        }
        let removed = Set(history.entries.flatMap(\.event.removes))
        var reaches: Set<[String]> = []
        var taken: [ID] = []
        var dropped: [ID] = []
        for entry in history.entries.sorted(by: { $0.rank < $1.rank }) {
            guard let edge = entry.event.edge, !removed.contains(entry.id) else { continue }
            let (early, late) = (edge.predecessor, edge.successor)
            if early == late || reaches.contains([late, early]) {
                dropped.append(entry.id)
                continue
            }
            taken.append(entry.id)
            let before = reaches.filter { $0[1] == early }.map { $0[0] } + [early]
            let after = reaches.filter { $0[0] == late }.map { $0[1] } + [late]
            for from in before { for to in after { reaches.insert([from, to]) } }
        }

        let graph = TaskGraph(history.entries.shuffled(using: &generator))

        let isEqual = graph.edges.map(\.id) == taken && graph.dropped.map(\.edge.id) == dropped
        let places = Dictionary(graph.order.enumerated().map { ($1, $0) }) { first, _ in first }
        let follows = graph.edges.allSatisfy {
            (places[$0.edge.predecessor] ?? 9) < (places[$0.edge.successor] ?? -1)
        }
        let closes = graph.dropped.allSatisfy { dropped in
            dropped.path.first == dropped.edge.edge.successor
                && dropped.path.last == dropped.edge.edge.predecessor
        }
        if !isEqual || !follows || !closes { Issue.record("\(events): \(graph)") }
    }

    private func progress(_ actions: [(TaskStep.Action, UInt64)]) -> TaskProgress {
        var history = History<TaskStep>()
        for (action, minute) in actions {
            let seen = Array(history.entries.indices)
            history.add(TaskStep("a", action), seen: seen, time: minute * 60_000)
        }
        return TaskProgress(history.stream)
    }

    @Test(
        "TV-137 four kinds of dependency with lag: what the successor waits for, and until when",
        arguments: [
            (.finishToStart, 110, 150), (.startToStart, 70, 110), (.finishToFinish, 40, 110),
            (.startToFinish, 40, 80),
        ] as [(TaskDependency.Kind, Int64, Int64)]
    )
    func kinds(kind: TaskDependency.Kind, start: Int64, finish: Int64) {
        var history = History<TaskDependency>()
        history.add(TaskDependency(.init("a", before: "b", kind, lagMinutes: 30)))
        let graph = TaskGraph(history.entries)
        func schedule(_ actions: [(TaskStep.Action, UInt64)], now: Int64) -> TaskSchedule {
            TaskSchedule(
                graph,
                tasks: [
                    "a": ScheduledTask(progress(actions), estimatedMinutes: 40),
                    "b": ScheduledTask(progress([]), estimatedMinutes: 40),
                ],
                now: now * 60_000
            )
        }
        let toFinish = !kind.holdsStart

        let fresh = schedule([], now: 40)
        #expect(fresh.waits(of: "b", toFinish: toFinish).map(\.until) == [nil])
        #expect(fresh.waits(of: "b", toFinish: !toFinish).isEmpty)
        #expect(fresh.spans["b"] == .init(start: start * 60_000, finish: finish * 60_000))

        let begun = schedule([(.start, 10)], now: 40)
        let met = kind.waitsForFinish ? [nil] as [Int64?] : []
        #expect(begun.waits(of: "b", toFinish: toFinish).map(\.until) == met)

        let over = schedule([(.start, 10), (.complete, 39)], now: 40)
        let until = kind.waitsForFinish ? [69 * 60_000] as [Int64?] : []
        #expect(over.waits(of: "b", toFinish: toFinish).map(\.until) == until)
        #expect(schedule([(.start, 10), (.cancel, 39)], now: 40).waits(of: "b").isEmpty)
    }

    @Test("TV-137 a chain is planned forward; what waits for an unknown task has no times")
    func chain() {
        var history = History<TaskDependency>()
        history.add(edge("a", "b"))
        history.add(TaskDependency(.init("b", before: "c", lagMinutes: 5)))
        history.add(TaskDependency(.init("a", before: "c", .finishToFinish, lagMinutes: 90)))
        history.add(edge("ghost", "d"))
        var tasks: [String: ScheduledTask] = [:]
        for code in ["a", "b", "c", "d"] {
            tasks[code] = ScheduledTask(progress([]), estimatedMinutes: 10)
        }

        let schedule = TaskSchedule(TaskGraph(history.entries), tasks: tasks, now: 0)

        let minutes = schedule.spans.mapValues { [$0.start / 60_000, $0.finish / 60_000] }
        #expect(minutes == ["a": [0, 10], "b": [10, 20], "c": [25, 100]])
        #expect(schedule.waits(of: "d").map(\.until) == [nil])
        let late = TaskSchedule(TaskGraph(history.entries), tasks: tasks, now: .max)
        #expect(late.spans["c"]?.finish == .max)
    }
}
