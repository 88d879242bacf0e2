import CRDT
public import Domain
import Storage

// What a project says of itself: a function of what the node holds. What depends on the clock
// stands apart, in `ProjectAge`.

extension ProjectView {
    /// draft before the first stage, then what the workflow calls the stage (DOM-118).
    public var status: String {
        ProjectStatus.of(stages, rows: stage.map(rows) ?? [], project: record.fields)
    }

    /// How many sub-stages the stages entered brought, and how many of them are closed.
    public var counts: (total: Int, closed: Int) {
        let rows = rows
        return (rows.count, rows.count(where: \.isClosed))
    }

    /// When the stage that is shown was entered, milliseconds since 1970; nil before the first.
    public var stageEntered: Int64? {
        guard let stage else { return nil }
        if let derived = stages.derived {
            // Not written yet: when the last of what it waited for was closed.
            return derived.from.map(rows)?.compactMap { $0.progress.closed.flatMap(time) }.max()
        }
        let visit = StageHistory(advances).visits.last { $0.stage == stage }
        return visit.flatMap { time(of: $0.entered.id) }
    }

    /// When the stage that is shown is due, milliseconds since 1970 (DOM-117).
    public var stageDue: Int64? {
        guard let entered = stageEntered, let days = stages.entry?.days else { return nil }
        return SubStageDates.due(entered: entered, days: days)
    }

    /// The sub-stages of a stage with their dates.
    public func dated(_ stage: String) -> [(row: SubStageRow, dates: SubStageDates)] {
        let rows = rows(of: stage)
        let visit = StageHistory(advances).visits.last { $0.stage == stage }
        let written = visit.flatMap { time(of: $0.entered.id) }
        let entered = stage == self.stage ? stageEntered : written
        return Array(zip(rows, SubStageDates.all(rows, entered: entered, time: time)))
    }

    /// When an event was, milliseconds since 1970, by the clock of its author.
    func time(of event: ID) -> Int64? {
        events[event].map { Int64(clamping: $0.origin.time.milliseconds) }
    }

    /// Whether its number is only the station's label, until a hub gives it one.
    public var isNumberProvisional: Bool {
        guard record.fields.text(Project.humanNumber) == nil else { return false }
        let label = record.fields.text(Project.provisionalNumber)
        return label.flatMap(NumberSeries.projects.number) == nil
    }

    /// What a list says of a project.
    public func summary(_ names: Nicknames) -> JSON {
        let fields = record.fields
        func text(_ field: UInt32) -> JSON { .text(orNull: fields.text(field)) }
        func moment(_ time: Int64?) -> JSON {
            .text(orNull: time.map { Moment.text(milliseconds: UInt64(max(0, $0))) })
        }
        let (total, closed) = counts
        let isInReview = rows.contains { $0.status == .inReview }
        return [
            "project": .text(number), "id": .text("\(subject)"), "title": .text(title),
            "provisional": .bool(isNumberProvisional),
            "customer_reference": text(Project.customerReference),
            "status": .text(status), "is_active": .bool(ProjectStatus.isActive(status)),
            "stage": .text(orNull: stage), "stage_is_provisional": .bool(stages.isProvisional),
            "official_stage": .text(orNull: stages.official),
            "stage_entered_at": moment(stageEntered), "stage_due_at": moment(stageDue),
            "sub_stages": .number(total), "completed_sub_stages": .number(closed),
            "in_review": .bool(isInReview),
            "priority": text(Project.priority),
            "assigned_to": .text(orNull: fields.id(Project.assignedTo).map(names.user)),
            "requested_due_date": text(Project.requestedDueDate),
            "promised_due_date": text(Project.promisedDueDate),
            "estimated_delivery_date": text(Project.estimatedDeliveryDate),
            "actual_delivery_date": text(Project.actualDeliveryDate),
            "project_type": text(Project.projectType), "intake_type": text(Project.intakeType),
            "intake_source": text(Project.intakeSource),
            "cancel_reason": text(Project.cancelReason),
            "in_conflict": .bool(hasConflict),
        ]
    }

    /// The fields that people edit, each with what an edit of it carries as seen.
    public func fields(_ names: Nicknames) -> JSON {
        .object(
            record.entity.fields.map { field in
                JSON.Member(
                    field.name,
                    [
                        "value": names.json(record.fields[field.number]),
                        "in_conflict": .bool(record.isInConflict(field.number)),
                        "seen": .text(Seen(record.names(field.number)).text),
                    ]
                )
            }
        )
    }

    /// Whether a field, the stage or a sub-stage waits for somebody to settle it.
    public var hasConflict: Bool {
        stages.isInConflict || rows.contains { !$0.progress.conflicts.isEmpty }
            || record.entity.fields.contains {
                $0.merge != .fixed && record.isInConflict($0.number)
            }
    }
}

extension ProjectView {
    /// What a list says of a project at one moment.
    public func summary(_ names: Nicknames, _ age: ProjectAge) -> JSON {
        age.members.reduce(summary(names)) { $0.with($1.0, $1.1) }
    }
}

extension LocalNode {
    /// What a project's age says of it now, at this site.
    public func age(of project: ProjectView) throws -> ProjectAge {
        let now = Int64(clamping: wallMilliseconds)
        let today = try read { try $0.clock(of: site).day(milliseconds: now) }
        return ProjectAge(of: ProjectDates(project), now: now, today: today)
    }
}
