import CRDT
import Domain
import Storage

/// The tasks of a project as a page shows them.
///
/// JSON: `{"project", "tasks": [TASK], "dependencies": [{"id", "predecessor", "successor", "kind",
/// "lag_minutes", "counts", "cycle"}]}`; a task is `{"task", "title", "type", "status", "attempt",
/// "progress" (hundredths of a percent), …, "waits": [{"for", "kind", "holds", "until"}], "holds",
/// "conflicts", "doubled", "issues", "seen"}`, and of one alone also `"steps"`.
public struct TasksReport: Sendable {
    public let project: ProjectView
    public let tasks: ProjectTasks
    private let names: Nicknames
    private let sheet: Timesheet
    private let code: String?

    init(_ project: ProjectView, task: String?, on view: View, now: Int64) throws {
        self.project = project
        tasks = try ProjectTasks(in: project.scope, on: view, now: now)
        code = try task.map { [tasks] in try tasks.task(named: $0).definition.code }
        names = try Nicknames(view)
        sheet = try view.timesheet(of: project.subject)
    }

    /// The tasks that are shown: all, or the one that was asked for.
    public var items: [ProjectTasks.Item] {
        tasks.items.filter { code == nil || $0.definition.code == code }
    }

    /// Minutes on record for a task.
    public func actualMinutes(of item: ProjectTasks.Item) -> Int64 {
        sheet.entries.minutes(onTask: item.definition.code, of: project.subject)
    }
}

// MARK: - For people

extension TasksReport {
    public var lines: [String] {
        guard !items.isEmpty else { return ["no tasks yet: gemba task add"] }
        var table = Table("TASK", "TITLE", "STATUS", "DONE", "LEFT", "WHO", "NOTE")
        for item in items {
            let definition = item.definition
            table.add(
                definition.code,
                definition.title,
                item.progress.status.rawValue,
                "\(item.progress.progress / 100) %",
                "\(item.progress.remainingMinutes(of: definition.estimatedMinutes)) min",
                definition.assignees.sorted().map(names.user).joined(separator: " "),
                note(item)
            )
        }
        let dropped = tasks.graph.dropped.map { dropped in
            let way = dropped.path.joined(separator: " > ")
            let edge = dropped.edge.edge
            return "not counted: \(edge.predecessor) before \(edge.successor), for \(way)"
        }
        return table.lines + dropped + (code == nil ? [] : items.flatMap(details))
    }

    /// What became of the one task, for whoever acted on it.
    public var outcome: [String] {
        items.map { item in
            let note = note(item)
            let more = note.isEmpty ? "" : "; \(note)"
            let status = item.progress.status.rawValue
            return "\(item.definition.code) of \(project.number) is \(status)\(more)"
        }
    }

    private func note(_ item: ProjectTasks.Item) -> String {
        let progress = item.progress
        var notes = progress.holds.map { hold in
            (hold.asksToCancel ? "to be cancelled: " : "held: ") + (hold.reason ?? "no reason")
        }
        if !progress.isClosed {
            notes += waits(of: item).prefix(3).map { "waits for \($0.wait.edge.edge.predecessor)" }
        }
        if !progress.conflicts.isEmpty || !progress.doubled.isEmpty {
            notes.append("in conflict: gemba conflict list")
        }
        return notes.joined(separator: "; ")
    }

    private func details(_ item: ProjectTasks.Item) -> [String] {
        let definition = item.definition
        var lines: [String] = []
        if let safety = definition.safetyRequirements { lines.append("  safety: \(safety)") }
        for (place, step) in definition.instructions.enumerated() {
            lines.append("  \(place + 1). \(step)")
        }
        if !definition.skills.isEmpty {
            lines.append("  skills: \(definition.skills.sorted().joined(separator: ", "))")
        }
        if !definition.tools.isEmpty {
            lines.append("  tools: \(definition.tools.sorted().joined(separator: ", "))")
        }
        if let notes = definition.notes { lines.append("  notes: \(notes)") }
        return lines + steps(of: item).map(\.line)
    }

    private func steps(of item: ProjectTasks.Item) -> [TaskStepLine] {
        item.stream.entries.compactMap { entry in
            guard let event = tasks.events[entry.id] else { return nil }
            return TaskStepLine(
                id: entry.id,
                step: entry.event,
                author: Authorship(event.origin, names),
                seen: item.stream.entries.filter { item.stream.saw(entry, $0) }.map(\.id)
            )
        }
    }
}

/// One step of a task, and the steps its author had seen.
private struct TaskStepLine {
    let id: ID
    let step: TaskStep
    let author: Authorship
    let seen: [ID]

    private var word: String {
        switch step.action {
        case .progress(let share): "progress \(share / 100) %"
        case .askToCancel: "ask to cancel"
        default: step.action.word ?? "unknown"
        }
    }

    var line: String {
        let why = (step.reason ?? step.comment).map { " \"\($0)\"" } ?? ""
        return "  \(word)\(why): \(author.text), having seen \(seen.count) before"
    }

    var json: JSON {
        var share: Int64?
        if case .progress(let said) = step.action { share = said }
        return [
            "id": .text("\(id)"), "action": .text(step.action.word ?? "unknown"),
            "decided": .bool(step.action == .cancel), "progress": .integer(orNull: share),
            "reason": .text(orNull: step.reason), "comment": .text(orNull: step.comment),
            "by": author.json, "had_seen": .list(seen) { .text("\($0)") },
        ]
    }
}

// MARK: - For scripts

extension TasksReport {
    public var json: JSON {
        [
            "project": .text(project.number), "tasks": .list(items, json(of:)),
            "dependencies": .list(
                tasks.graph.edges.map { json(of: $0, path: nil) }
                    + tasks.graph.dropped.map { json(of: $0.edge, path: $0.path) }
            ),
        ]
    }

    private func json(of edge: TaskGraph.Edge, path: [String]?) -> JSON {
        [
            "id": .text("\(edge.id)"), "predecessor": .text(edge.edge.predecessor),
            "successor": .text(edge.edge.successor), "kind": .text(edge.edge.kind.rawValue),
            "lag_minutes": .integer(edge.edge.lagMinutes), "counts": .bool(path == nil),
            "cycle": .list(path ?? []) { .text($0) },
        ]
    }

    private func json(of item: ProjectTasks.Item) -> JSON {
        let json = append(item, to: definition(item))
        guard code != nil else { return json }
        return json.with("steps", .list(steps(of: item), \.json))
    }

    private func definition(_ item: ProjectTasks.Item) -> JSON {
        let task = item.definition
        return [
            "task": .text(task.code), "title": .text(task.title), "type": .text(orNull: task.type),
            "sub_stage": .text(orNull: task.subStage), "build": .text(orNull: task.build),
            "parent": .text(orNull: task.parent), "sequence": .integer(orNull: task.sequence),
            "description": .text(orNull: task.description),
            "assignees": .list(task.assignees.sorted()) { .text(names.user($0)) },
            "skills": .list(task.skills.sorted()) { .text($0) },
            "tools": .list(task.tools.sorted()) { .text($0) },
            "instructions": .list(task.instructions) { .text($0) },
            "safety_requirements": .text(orNull: task.safetyRequirements),
            "work_center": .text(orNull: task.workCenter),
            "priority": .text(orNull: task.priority), "due": .text(orNull: task.due),
            "inspection_required": .bool(task.inspectionRequired),
            "approval_required": .bool(task.approvalRequired),
            "notes": .text(orNull: task.notes),
            "estimated_minutes": .integer(orNull: task.estimatedMinutes),
        ]
    }

    private func append(_ item: ProjectTasks.Item, to json: JSON) -> JSON {
        let progress = item.progress
        let span = tasks.schedule.spans[item.definition.code]
        func moment(_ time: Int64?) -> JSON {
            .text(orNull: time.map { Moment.text(milliseconds: UInt64(max(0, $0))) })
        }
        let estimate = item.definition.estimatedMinutes
        return json.with("status", .text(progress.status.rawValue))
            .with("attempt", .number(progress.attempt))
            .with("progress", .number(progress.progress))
            .with("remaining_minutes", .integer(progress.remainingMinutes(of: estimate)))
            .with("actual_minutes", .integer(actualMinutes(of: item)))
            .with("started_at", moment(progress.startedAt.map { Int64(clamping: $0) }))
            .with("closed_at", moment(progress.closedAt.map { Int64(clamping: $0) }))
            .with("earliest_start", moment(span?.start))
            .with("earliest_finish", moment(span?.finish))
            .with("waits", .list(waits(of: item), json(of:)))
            .with("holds", .list(progress.holds, json(of:)))
            .with(
                "conflicts",
                .list(progress.conflicts) { conflict in
                    [
                        "kind": .text(conflict.kind.rawValue), "loser": .text("\(conflict.loser)"),
                        "winner": .text("\(conflict.winner)"),
                    ]
                }
            )
            .with("doubled", .list(progress.doubled) { .text("\($0)") })
            .with("issues", .list(progress.issues, issue))
            .with("seen", .text(Seen(item.stream.heads).text))
    }

    private func waits(
        of item: ProjectTasks.Item
    ) -> [(holds: String, wait: TaskSchedule.Wait)] {
        let code = item.definition.code
        return tasks.schedule.waits(of: code).map { ("start", $0) }
            + tasks.schedule.waits(of: code, toFinish: true).map { ("finish", $0) }
    }

    private func json(of wait: (holds: String, wait: TaskSchedule.Wait)) -> JSON {
        let until = wait.wait.until.map { Moment.text(milliseconds: UInt64(max(0, $0))) }
        return [
            "for": .text(wait.wait.edge.edge.predecessor),
            "kind": .text(wait.wait.edge.edge.kind.rawValue), "holds": .text(wait.holds),
            "until": .text(orNull: until),
        ]
    }

    private func json(of hold: TaskProgress.Hold) -> JSON {
        [
            "id": .text("\(hold.id)"), "reason": .text(orNull: hold.reason),
            "asks_to_cancel": .bool(hold.asksToCancel), "by": author(hold.id),
        ]
    }

    private func issue(_ id: ID) -> JSON {
        let reason = tasks.events[id]?.fields.text(TaskStep.reasonField)
        return ["id": .text("\(id)"), "reason": .text(orNull: reason), "by": author(id)]
    }

    private func author(_ id: ID) -> JSON {
        tasks.origin(id).map { Authorship($0, names).json } ?? .null
    }
}

extension LocalNode {
    /// The tasks of a project, or one of them with its steps.
    ///
    /// - Parameters:
    ///   - project: A number, a title or an id.
    ///   - task: A code or a title; nil: all.
    /// - Returns: The tasks with what they wait for.
    /// - Throws: `.notFound`.
    public func tasks(of project: String, task: String? = nil) throws -> TasksReport {
        let now = Int64(clamping: wallMilliseconds)
        return try read { view in
            let project = try view.project(named: project)
            return try TasksReport(project, task: task, on: view, now: now)
        }
    }
}
