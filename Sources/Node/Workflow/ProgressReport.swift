import CRDT
public import Domain
import Storage

/// The sub-stages of a project, with who did what and what each had seen.
///
/// JSON: `{"project", "title", "stage", "stage_in_conflict", "sub_stages": [{"sub_stage", "id",
/// "name", "stage", "status", "attempt", "required", "needs_approval", "roles", "assigned_to",
/// "started_at", "completed_at", "blocks": [{"id", "reason", "by"}], "conflicts": [{"kind",
/// "loser", "winner"}], "request", "pieces", "metadata": {key: {"value", "in_conflict", "seen"}},
/// "seen", "steps"}]}`; `seen` is what `--seen` takes.
public struct ProgressReport: Sendable {
    public let project: ProjectView
    private let names: Nicknames
    private let titles: [String: String]
    private let requests: [StoredRecord]
    private let kept: [StoredRecord]
    private let subStage: String?
    private let tenant: ID

    init(_ project: ProjectView, subStage: String?, on view: View) throws {
        self.project = project
        self.subStage = subStage
        tenant = view.tenantID
        names = try Nicknames(view)
        titles = try view.titles(
            of: WorkflowSubStage.entity,
            WorkflowSubStage.slug,
            WorkflowSubStage.name
        )
        requests = try view.records(of: ApprovalRequest.entity, in: project.scope)
        kept = try view.records(of: SubStageNote.entity, in: project.scope)
    }

    /// What was asked for: all rows, or the one of the sub-stage.
    public var rows: [SubStageRow] {
        project.rows.filter { subStage == nil || $0.seed.slug == subStage }
    }

    public var json: JSON {
        [
            "project": .text(project.number), "title": .text(project.title),
            "stage": .text(orNull: project.stage),
            "stage_in_conflict": .bool(project.stages.isInConflict),
            "sub_stages": .list(rows, json(of:)),
        ]
    }

    public var lines: [String] {
        let stage = project.stage.map { "in stage \($0)" } ?? "not begun: gemba stage advance"
        var table = Table("SUB-STAGE", "STATUS", "ATTEMPT", "NOTE")
        for row in rows where isShown(row) {
            table.add(row.seed.slug, row.status.rawValue, "\(row.progress.attempt)", note(row))
        }
        let head = "\(project.number) \"\(project.title)\", \(stage)"
        let steps = subStage == nil ? [] : rows.flatMap { self.steps(of: $0).map(\.line) }
        return [head] + (rows.isEmpty ? [] : table.lines) + steps
    }

    /// Whether a page shows a row: those of the current stage, and what waits in others.
    private func isShown(_ row: SubStageRow) -> Bool {
        subStage != nil || row.stage == project.stage || row.status == .blocked
            || row.status == .inReview || !row.progress.conflicts.isEmpty
    }

    /// What became of the one sub-stage, for whoever took a step.
    public var outcome: [String] {
        rows.map { row in
            let note = note(row)
            let more = note.isEmpty ? "" : "; \(note)"
            return "\(row.seed.slug) of \(project.number) is \(row.status.rawValue)\(more)"
        }
    }

    private func note(_ row: SubStageRow) -> String {
        let blocks = row.progress.blocks.map { $0.reason ?? "no reason" }
        var notes = blocks.map { "blocked: \($0)" }
        if let pieces = pieces(of: row) { notes.append("\(pieces) pieces") }
        let values = self.note(of: row)?.fields.entries(SubStageNote.metadata) ?? []
        notes += values.map { "\($0.key): \(names.text($0.value))" }
        if row.status == .inReview { notes.append("waits for approval") }
        if !row.progress.conflicts.isEmpty {
            notes.append("\(row.progress.conflicts.count) in conflict: gemba conflict list")
        }
        return notes.joined(separator: "; ")
    }

    private func json(of row: SubStageRow) -> JSON {
        let slug = row.seed.slug
        let stream = project.steps[slug] ?? Stream([])
        let closed = row.status == .completed ? row.progress.closed : nil
        let json: JSON = [
            "sub_stage": .text(slug), "id": .text("\(project.rowID(of: slug, tenant: tenant))"),
            "name": .text(titles[slug] ?? slug),
            "stage": .text(row.stage), "status": .text(row.status.rawValue),
            "attempt": .number(row.progress.attempt), "required": .bool(row.seed.isRequired),
            "needs_approval": .bool(row.seed.requiresApproval),
            "roles": .list(row.seed.roles) { .text($0) },
            "assigned_to": .text(orNull: project.assignee(of: slug).map(names.user)),
            "started_at": .text(orNull: moment(of: row.progress.started)),
            "completed_at": .text(orNull: moment(of: closed)),
            "blocks": .list(row.progress.blocks) { block in
                [
                    "id": .text("\(block.id)"), "reason": .text(orNull: block.reason),
                    "rejection": .bool(block.isRejection), "by": author(of: block.id),
                ]
            },
            "conflicts": .list(row.progress.conflicts) { conflict in
                [
                    "kind": .text(conflict.kind.rawValue), "loser": .text("\(conflict.loser)"),
                    "winner": .text("\(conflict.winner)"),
                ]
            },
            "request": request(of: row), "pieces": .integer(orNull: pieces(of: row)),
            "metadata": metadata(of: row), "seen": .text(Seen(stream.heads).text),
        ]
        guard subStage != nil else { return json }
        return json.with("steps", .list(steps(of: row), \.json))
    }

    private func note(of row: SubStageRow) -> StoredRecord? {
        kept.first { $0.fields.text(SubStageNote.subStage) == row.seed.slug && !$0.isDeleted }
    }

    private func pieces(of row: SubStageRow) -> Int64? {
        note(of: row)?.fields.integer(SubStageNote.pieces)
    }

    /// What is kept for a sub-stage by key, each with what an edit of it carries as seen.
    private func metadata(of row: SubStageRow) -> JSON {
        guard let note = note(of: row) else { return .object([]) }
        let field = SubStageNote.metadata
        return .object(
            note.fields.entries(field).map { key, value in
                JSON.Member(
                    key,
                    [
                        "value": names.json(value),
                        "in_conflict": .bool(
                            Set(note.heads(field, key: key).map(\.value)).count > 1
                        ),
                        "seen": .text(Seen(note.names(field, key: key)).text),
                    ]
                )
            }
        )
    }

    private func moment(of event: ID?) -> String? {
        event.flatMap { project.events[$0] }
            .map { Moment.text(milliseconds: $0.origin.time.milliseconds) }
    }

    private func author(of event: ID) -> JSON {
        project.events[event].map { Authorship($0.origin, names).json } ?? .null
    }

    private func request(of row: SubStageRow) -> JSON {
        let attempt = Int64(row.progress.attempt)
        let request = requests.first {
            $0.fields.text(ApprovalRequest.subjectKey) == row.seed.slug
                && $0.fields.integer(ApprovalRequest.attempt) == attempt
        }
        guard let fields = request?.fields, row.status == .inReview else { return .null }
        func moment(_ field: UInt32) -> JSON {
            let time = fields.integer(field).map { UInt64(max(0, $0)) }
            return .text(orNull: time.map(Moment.text))
        }
        return [
            "requested_by": .text(
                orNull: fields.id(ApprovalRequest.requestedBy).map(names.user)
            ),
            "requested_at": moment(ApprovalRequest.requestedAt),
            "hub_received_at": moment(ApprovalRequest.hubReceivedAt),
        ]
    }

    private func steps(of row: SubStageRow) -> [StepLine] {
        let stream = project.steps[row.seed.slug] ?? Stream([])
        return stream.entries.compactMap { entry in
            guard let event = project.events[entry.id] else { return nil }
            let seen = stream.entries.filter { stream.saw(entry, $0) }.map(\.id)
            return StepLine(
                id: entry.id,
                action: event.fields.text(ProgressStep.actionField) ?? "unknown",
                reason: entry.event.reason,
                comment: entry.event.comment,
                author: Authorship(event.origin, names),
                seen: seen
            )
        }
    }
}

/// One step of a sub-stage, and the steps its author had seen.
private struct StepLine {
    let id: ID
    let action: String
    let reason: String?
    let comment: String?
    let author: Authorship
    let seen: [ID]

    var line: String {
        let why = reason.map { " \"\($0)\"" } ?? ""
        let known = seen.isEmpty ? "having seen nothing before" : "having seen \(seen.count) before"
        return "  \(action)\(why): \(author.text), \(known)"
    }

    var json: JSON {
        [
            "id": .text("\(id)"), "action": .text(action), "reason": .text(orNull: reason),
            "comment": .text(orNull: comment), "by": author.json,
            "had_seen": .list(seen) { .text("\($0)") },
        ]
    }
}

extension LocalNode {
    /// How far a project is: all its sub-stages, or one of them with its steps.
    public func progress(of project: String, subStage: String? = nil) throws -> ProgressReport {
        try read { view in
            let project = try view.project(named: project)
            let slug = try subStage.map { try view.subStage(named: $0, of: project) }
            return try ProgressReport(project, subStage: slug, on: view)
        }
    }
}
