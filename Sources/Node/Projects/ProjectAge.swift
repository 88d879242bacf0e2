import CRDT
import Domain
import Storage

/// What the age of a project follows from: it is kept with what lists read, and holds whatever the
/// clock says.
struct ProjectDates: Hashable, Sendable {
    /// When the stage that is shown was entered and is due, milliseconds since 1970.
    var stageEntered: Int64?
    var stageDue: Int64?
    /// When the sub-stages that are not closed are due, ascending.
    var subStagesDue: [Int64]
    /// The day that was promised, or else asked for.
    var due: String?
    var delivered: String?
    /// Whether it is neither completed nor cancelled.
    var isOpen: Bool
    var isCancelled: Bool

    init(_ project: ProjectView) {
        let status = project.status
        isCancelled = status == ProjectStatus.cancelled
        isOpen = status != ProjectStatus.completed && !isCancelled
        stageEntered = project.stageEntered
        stageDue = project.stageDue
        subStagesDue = project.stages.entered.flatMap(project.dated)
            .filter { !$0.row.isClosed }
            .compactMap(\.dates.due)
            .sorted()
        let fields = project.record.fields
        due = fields.text(Project.promisedDueDate) ?? fields.text(Project.requestedDueDate)
        delivered = fields.text(Project.actualDeliveryDate)
    }

    /// The day from which on it is late; nil if it is done, delivered or due on no day.
    var lateAfter: String? { isOpen && delivered == nil ? due : nil }

    /// Whether it was delivered later than on the day: it stays so.
    var wasLate: Bool {
        guard let due, let delivered else { return false }
        return delivered > due && !isCancelled
    }
}

extension ProjectDates {
    var json: JSON {
        [
            .integer(orNull: stageEntered), .integer(orNull: stageDue),
            .list(subStagesDue) { .integer($0) }, .text(orNull: due), .text(orNull: delivered),
            .bool(isOpen), .bool(isCancelled),
        ]
    }

    /// Reads what ``json`` gives; anything else is nil.
    init?(_ json: JSON?) {
        guard case .list(let parts) = json, parts.count == 7, case .list(let due) = parts[2],
            case .bool(let isOpen) = parts[5], case .bool(let isCancelled) = parts[6]
        else { return nil }
        stageEntered = parts[0].whole
        stageDue = parts[1].whole
        subStagesDue = due.compactMap(\.whole)
        self.due = parts[3].string
        delivered = parts[4].string
        self.isOpen = isOpen
        self.isCancelled = isCancelled
    }
}

extension JSON {
    fileprivate var whole: Int64? { if case .integer(let value) = self { value } else { nil } }
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
    ///   - dates: What it follows from.
    ///   - now: Milliseconds since 1970.
    ///   - today: The day there, YYYY-MM-DD.
    init(of dates: ProjectDates, now: Int64, today: String) {
        daysInStage = dates.stageEntered.map { max(0, now - $0) / 86_400_000 }
        isStageOverdue = dates.isOpen && (dates.stageDue.map { now > $0 } ?? false)
        overdue = dates.isOpen ? dates.subStagesDue.count { now > $0 } : 0
        isLate = dates.wasLate || dates.lateAfter.map { today > $0 } ?? false
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
