import CRDT
public import Domain
import Storage

/// The stage that a project is in: its sub-stages with who and until when, and its exit criteria.
public struct StageReport: Sendable {
    public let project: ProjectView
    private let names: Nicknames
    private let titles: [String: String]
    private let stageTitles: [String: String]
    private let template: WorkflowTemplate?
    private let now: Int64

    init(_ project: ProjectView, now: Int64, on view: View) throws {
        self.project = project
        self.now = now
        names = try Nicknames(view)
        template = try? view.workflow(of: project)
        titles = try view.titles(
            of: WorkflowSubStage.entity,
            WorkflowSubStage.slug,
            WorkflowSubStage.name
        )
        stageTitles = try view.titles(
            of: WorkflowStage.entity,
            WorkflowStage.slug,
            WorkflowStage.name
        )
    }

    private var dated: [(row: SubStageRow, dates: SubStageDates)] {
        project.stage.map(project.dated) ?? []
    }

    private var stage: WorkflowTemplate.Stage? { project.stage.flatMap { template?[$0] } }

    private func moment(_ time: Int64?) -> JSON {
        .text(orNull: time.map { Moment.text(milliseconds: UInt64(max(0, $0))) })
    }

    public var json: JSON {
        let next = project.stage.flatMap { template?.stage(after: $0)?.slug }
        return [
            "project": .text(project.number), "stage": .text(orNull: project.stage),
            "stage_is_provisional": .bool(project.stages.isProvisional),
            "official_stage": .text(orNull: project.stages.official),
            "entered_at": moment(project.stageEntered), "due_at": moment(project.stageDue),
            "next": .text(orNull: next),
            "rows": .list(dated) { row($0.row, $0.dates) },
            "criteria": .list(stage?.criteria ?? [], criterion),
            "documents": .list(stage?.documents ?? []) { part in
                ["category": .text(part.category), "count": .number(part.count)]
            },
        ]
    }

    private func row(_ row: SubStageRow, _ dates: SubStageDates) -> JSON {
        let slug = row.seed.slug
        let stageName = stageTitles[row.stage] ?? row.stage
        let assignee = project.assignee(of: slug).map(names.user)
        // Rounded down, so that less than an hour late is -1.
        let hours = dates.due.map { due -> Int64 in
            let (left, overflow) = due.subtractingReportingOverflow(now)
            return overflow ? .max : Int64((Double(left) / 3_600_000).rounded(.down))
        }
        return [
            "project": .text(project.number), "stage_name": .text(stageName),
            "sub_stage": .text(slug), "sub_stage_name": .text(titles[slug] ?? slug),
            "progress_status": .text(row.status.rawValue),
            "assigned_to": .text(orNull: assignee),
            "started_at": moment(dates.started), "due_at": moment(dates.due),
            "planned_due_at": moment(dates.planned),
            "hours_until_due": .integer(orNull: row.isClosed ? nil : hours),
            "overdue": .bool(row.isOverdue(dates, now: now)),
        ]
    }

    private func criterion(_ part: WorkflowDefinition.CriterionPart) -> JSON {
        let words = project.criteria.words(of: part.key, in: part.stage)
        return [
            "key": .text(part.key), "kind": .text(part.kind.rawValue), "text": .text(part.text),
            "state": .text(project.criteria.state(of: part.key, in: part.stage).rawValue),
            "words": .list(words) { word in
                [
                    "met": .bool(word.event.isMet), "note": .text(orNull: word.event.note),
                    "by": project.events[word.id].map { Authorship($0.origin, names).json }
                        ?? .null,
                ]
            },
        ]
    }

    public var lines: [String] {
        guard let stage = project.stage else {
            return ["\(project.number) \"\(project.title)\" has not begun: gemba stage advance"]
        }
        let doubt = project.stages.isProvisional ? ", provisional until a hub confirms it" : ""
        let due = project.stageDue.map { ", due \(words($0))" } ?? ""
        var table = Table("SUB-STAGE", "STATUS", "WHO", "DUE", "NOTE")
        for (row, dates) in dated {
            let slug = row.seed.slug
            let planned = dates.planned.map { "planned \(words($0))" } ?? "-"
            table.add(
                slug,
                row.status.rawValue,
                project.assignee(of: slug).map(names.user) ?? "-",
                row.isClosed ? "-" : dates.due.map(words) ?? planned,
                row.isOverdue(dates, now: now) ? "late" : ""
            )
        }
        let criteria = (self.stage?.criteria ?? []).map { part in
            let state = project.criteria.state(of: part.key, in: part.stage)
            return "\(part.kind.rawValue) \(part.key): \(state.rawValue): \(part.text)"
        }
        return ["\(project.number) \"\(project.title)\", in stage \(stage)\(doubt)\(due)"]
            + (dated.isEmpty ? [] : table.lines) + criteria
    }

    private func words(_ time: Int64) -> String {
        CalendarDay.time(milliseconds: UInt64(max(0, time))) + " UTC"
    }
}

/// The stages that a project has been in.
public struct StageHistoryReport: Sendable {
    public let project: ProjectView
    public let history: StageHistory
    private let names: Nicknames
    private let now: Int64

    init(_ project: ProjectView, now: Int64, on view: View) throws {
        self.project = project
        self.now = now
        history = StageHistory(project.advances)
        names = try Nicknames(view)
    }

    /// How long a stay has lasted, milliseconds.
    public func length(of visit: StageHistory.Visit) -> Int64? {
        project.time(of: visit.entered.id).map { start in
            max(0, (visit.left.flatMap { project.time(of: $0.id) } ?? now) - start)
        }
    }

    private func moment(_ entry: StageHistory.Entry?) -> JSON {
        let time = entry.flatMap { project.time(of: $0.id) }
        return .text(orNull: time.map { Moment.text(milliseconds: UInt64(max(0, $0))) })
    }

    public var json: JSON {
        let sums = history.durations(now: now) { project.time(of: $0.id) }
        return [
            "project": .text(project.number),
            "visits": .list(history.visits) { visit in
                [
                    "stage": .text(visit.stage),
                    "kind": .text(orNull: visit.entered.event.kind?.rawValue),
                    "reason": .text(orNull: visit.entered.event.reason),
                    "entered_at": moment(visit.entered),
                    "by": project.events[visit.entered.id].map {
                        Authorship($0.origin, names).json
                    } ?? .null,
                    "confirmed_at": moment(visit.confirmed), "left_at": moment(visit.left),
                    "milliseconds": .integer(orNull: length(of: visit)),
                ]
            },
            "milliseconds": .object(
                sums.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .number($0.value)) }
            ),
        ]
    }

    public var lines: [String] {
        var table = Table("STAGE", "ENTERED", "HOW", "HOURS", "CONFIRMED", "WHY")
        for visit in history.visits {
            let entered = project.time(of: visit.entered.id) ?? 0
            let hours = length(of: visit).map { "\($0 / 3_600_000)" } ?? "-"
            table.add(
                visit.stage,
                CalendarDay.time(milliseconds: UInt64(max(0, entered))),
                visit.entered.event.kind?.rawValue ?? "-",
                hours,
                visit.confirmed == nil ? "not yet" : "yes",
                visit.entered.event.reason ?? ""
            )
        }
        return history.visits.isEmpty ? ["\(project.number) has not begun"] : table.lines
    }
}

extension LocalNode {
    /// The stage that a project is in.
    public func stage(of project: String) throws -> StageReport {
        let now = Int64(clamping: wallMilliseconds)
        return try read { try StageReport($0.project(named: project), now: now, on: $0) }
    }

    /// The stages that a project has been in, and for how long.
    public func stageHistory(of project: String) throws -> StageHistoryReport {
        let now = Int64(clamping: wallMilliseconds)
        return try read { try StageHistoryReport($0.project(named: project), now: now, on: $0) }
    }
}
