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

/// What a project's age says of it, at one moment.
public struct ProjectAge: Hashable, Sendable {
    /// Whole days in the stage; nil before the first.
    public let daysInStage: Int64?
    /// Whether the stage is past its days.
    public let isStageOverdue: Bool
    /// How many sub-stages are past their due time.
    public let overdue: Int
    /// Whether it is past the day that was promised, or else asked for, and not delivered by then.
    public let isLate: Bool

    /// - Parameters:
    ///   - project: What is looked at.
    ///   - now: Milliseconds since 1970.
    ///   - today: The day there, YYYY-MM-DD.
    public init(of project: ProjectView, now: Int64, today: String) {
        let status = project.status
        let isOpen = status != ProjectStatus.completed && status != ProjectStatus.cancelled
        daysInStage = project.stageEntered.map { max(0, now - $0) / 86_400_000 }
        isStageOverdue = isOpen && (project.stageDue.map { now > $0 } ?? false)
        let dated = project.stages.entered.flatMap(project.dated)
        overdue = isOpen ? dated.count { $0.row.isOverdue($0.dates, now: now) } : 0
        let fields = project.record.fields
        let due = fields.text(Project.promisedDueDate) ?? fields.text(Project.requestedDueDate)
        let delivered = fields.text(Project.actualDeliveryDate)
        isLate =
            status != ProjectStatus.cancelled
            && (due.map { day in delivered.map { $0 > day } ?? (isOpen && today > day) } ?? false)
    }

    /// The members that follow those of ``ProjectView/summary(_:)``.
    public var members: [(String, JSON)] {
        [
            ("days_in_stage", .integer(orNull: daysInStage)),
            ("stage_overdue", .bool(isStageOverdue)), ("overdue_sub_stages", .number(overdue)),
            ("late", .bool(isLate)),
        ]
    }
}

/// Which projects of a list are meant; nil and false leave all.
public struct ProjectFilter: Hashable, Sendable {
    public var stage: String?
    public var status: String?
    public var priority: String?
    public var assignedTo: String?
    public var isLateOnly = false
    /// Whether only those with a sub-stage past its due time.
    public var isOverdueOnly = false

    public init() {}

    public func admits(_ project: ProjectView, _ age: ProjectAge, _ names: Nicknames) -> Bool {
        let fields = project.record.fields
        let wanted = priority.map { Priority.canonical($0) ?? $0 }
        let leads = fields.id(Project.assignedTo).map(names.user)
        let workers = project.assignments.values
            .compactMap { $0.fields.id(SubStageNote.assignedTo).map(names.user) }
        return (stage.map { $0 == project.stage } ?? true)
            && (status.map { $0 == project.status } ?? true)
            && (wanted.map { $0 == fields.text(Project.priority) } ?? true)
            && (assignedTo.map { $0 == leads || workers.contains($0) } ?? true)
            && (!isLateOnly || age.isLate) && (!isOverdueOnly || age.overdue > 0)
    }
}

extension ProjectView {
    /// What a list says of a project at one moment.
    public func summary(_ names: Nicknames, _ age: ProjectAge) -> JSON {
        age.members.reduce(summary(names)) { $0.with($1.0, $1.1) }
    }

    /// What a person should look at, in a few words.
    public func note(_ age: ProjectAge) -> String {
        var notes: [String] = []
        if hasConflict { notes.append("conflict") }
        if stages.isProvisional { notes.append("provisional") }
        if age.isLate { notes.append("late") }
        if age.overdue > 0 { notes.append("\(age.overdue) overdue") }
        return notes.joined(separator: ", ")
    }
}

extension LocalNode {
    /// What a project's age says of it now, at this site.
    public func age(of project: ProjectView) throws -> ProjectAge {
        let now = Int64(clamping: wallMilliseconds)
        let today = try read { try $0.clock(of: site).day(milliseconds: now) }
        return ProjectAge(of: project, now: now, today: today)
    }

    /// The projects that are meant, by number, each with its age.
    public func projects(
        _ filter: ProjectFilter
    ) throws -> [(project: ProjectView, age: ProjectAge)] {
        let now = Int64(clamping: wallMilliseconds)
        let (today, names) = try read { view in
            (try view.clock(of: site).day(milliseconds: now), try Nicknames(view))
        }
        return try projects()
            .map { ($0, ProjectAge(of: $0, now: now, today: today)) }
            .filter { filter.admits($0.0, $0.1, names) }
    }
}
