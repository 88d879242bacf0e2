public import CRDT
public import Domain
public import Storage

/// The tasks of a project with their steps and dependencies, as they are shown.
public struct ProjectTasks: Sendable {
    /// A task with its steps.
    public struct Item: Sendable {
        public let record: StoredRecord
        public let definition: TaskDefinition
        public let stream: Stream<TaskStep>
        public let progress: TaskProgress
    }

    public let scope: Scope
    /// By sequence, then code.
    public let items: [Item]
    public let graph: TaskGraph
    /// What the tasks wait for, and when they can start.
    public let schedule: TaskSchedule
    /// The steps, and the dependencies, by id.
    let events: [ID: StoredEvent]

    /// - Parameters:
    ///   - scope: Of the subject.
    ///   - view: One state.
    ///   - now: Milliseconds since 1970: what has not started starts no earlier.
    /// - Throws: What reading the store does.
    init(in scope: Scope, on view: View, now: Int64) throws {
        self.scope = scope
        var events: [StoredEvent] = []
        var items: [Item] = []
        for record in try view.records(of: WorkTask.entity, in: scope) where !record.isDeleted {
            guard let definition = TaskDefinition(record.fields) else { continue }
            let steps = try view.events(
                of: TaskStep.entity,
                in: scope,
                stream: [.text(definition.code)]
            )
            let stream = Stream(steps.map { $0.entry(as: TaskStep.self) })
            let progress = TaskProgress(stream)
            items.append(
                Item(record: record, definition: definition, stream: stream, progress: progress)
            )
            events += steps
        }
        let links = try view.events(of: TaskDependency.entity, in: scope)
        graph = TaskGraph(links.map { $0.entry(as: TaskDependency.self) })
        self.items = items.sorted { left, right in
            let (one, other) = (left.definition, right.definition)
            return (one.sequence ?? .max, one.code) < (other.sequence ?? .max, other.code)
        }
        let scheduled = items.map { item in
            let estimate = item.definition.estimatedMinutes
            return (item.definition.code, ScheduledTask(item.progress, estimatedMinutes: estimate))
        }
        schedule = TaskSchedule(graph, tasks: Dictionary(scheduled) { $1 }, now: now)
        self.events = Dictionary((events + links).map { ($0.id, $0) }) { first, _ in first }
    }

    public subscript(code: String) -> Item? { items.first { $0.definition.code == code } }

    /// The tasks as the rules of a sub-stage read them.
    var pairs: [(TaskDefinition, TaskProgress)] { items.map { ($0.definition, $0.progress) } }

    /// The task of a code or a title.
    ///
    /// - Throws: `.notFound`, also if several have the name.
    public func task(named typed: String) throws -> Item {
        var choice = NameChoice<Item>("task")
        for item in items {
            choice.add(item, names: [item.definition.title, item.definition.code])
        }
        return try choice.only(called: typed)
    }

    /// What an event says of itself.
    func origin(_ id: ID) -> Origin? { events[id]?.origin }
}

extension View {
    /// The entries of hours on a subject, of all sites that are held.
    func timesheet(of subject: ID) throws -> Timesheet {
        var reading = HoursReading(self)
        for scope in try scopes(.site) { try reading.take(ofSubject: subject, at: scope.key) }
        return Timesheet(
            reading.events.map { $0.entry(as: HoursEvent.self) },
            corrections: reading.corrections.map { $0.entry(as: HoursCorrection.self) }
        )
    }
}
