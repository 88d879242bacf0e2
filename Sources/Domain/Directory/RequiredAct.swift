public import CRDT

/// The right that an operation needs, as far as the operation itself says.
///
/// What a hub asks of a change that came from elsewhere.
///
/// - Source: DOM-99.
public struct RequiredAct: Hashable, Sendable {
    /// What decides further, and stands in other records.
    public enum Context: Hashable, Sendable {
        case none
        /// The roles of this sub-stage are responsible.
        case subStage(String)
        /// The task of this code says who is responsible, and whom it is assigned to.
        case task(String)
        /// The task of this record says so.
        case taskRecord(ID)
        /// Whose hours the entry of this id is of.
        case entry(ID)
    }

    public let act: Act
    public let context: Context

    public init(_ act: Act, _ context: Context = .none) {
        self.act = act
        self.context = context
    }

    /// Nil for what needs no right of its own: of a newer version, or what only hubs write.
    ///
    /// - Parameters:
    ///   - operation: As its author wrote it.
    ///   - user: The author.
    public init?(_ operation: Operation, by user: ID) {
        let fields = Fields(of: operation)
        var isCreation = true
        if case .existing = operation.target { isCreation = false }
        switch operation.entity {
        case Project.number: self.init(isCreation ? .createProject : .editProject)
        case Opening.number, Opened.number: self.init(.openSubject)
        case StageAdvance.number:
            let isOverride = StageAdvance(fields).kind == .override
            self.init(isOverride ? .overrideStage : .advanceStage)
        case ProgressStep.number:
            let step = ProgressStep(fields)
            guard let act = ProgressRules.act(of: step.action) else { return nil }
            self.init(act, .subStage(step.subStage))
        case HoursEvent.number:
            let isOwn = HoursEvent(fields).person == user
            self.init(isOwn ? .recordHours : .recordHoursOfOthers)
        case HoursCorrection.number:
            guard let entry = HoursCorrection(fields).entry else { return nil }
            self.init(.correctHours, .entry(entry))
        default:
            let act =
                Self.ofQuality(operation, fields, isCreation)
                ?? Self.ofTasks(operation, fields, by: user, isCreation)
            guard let act else { return nil }
            self = act
        }
    }

    private static func ofQuality(
        _ operation: Operation,
        _ fields: Fields,
        _ isCreation: Bool
    ) -> RequiredAct? {
        switch operation.entity {
        case Inspection.number:
            let settles = operation.edits.contains { $0.field == Inspection.result }
            return RequiredAct(!isCreation && settles ? .settleMeasurement : .openInspection)
        case Measurement.number: return RequiredAct(.measure)
        case Evidence.number: return RequiredAct(.attachEvidence)
        case Waiver.number: return RequiredAct(.askForWaiver)
        case ApprovalRequest.number: return isCreation ? RequiredAct(.requestApproval) : nil
        case ApprovalEvent.number: return RequiredAct(.commentApproval)
        case Defect.number: return RequiredAct(isCreation ? .reportDefect : .workOnDefect)
        case DefectStep.number:
            return DefectRules.act(of: DefectStep(fields).action).map { RequiredAct($0) }
        default: return nil
        }
    }

    private static func ofTasks(
        _ operation: Operation,
        _ fields: Fields,
        by user: ID,
        _ isCreation: Bool
    ) -> RequiredAct? {
        switch operation.entity {
        case WorkTask.number:
            guard case .existing(let id) = operation.target else { return RequiredAct(.planTasks) }
            let takes = operation.edits.allSatisfy { edit in
                switch edit.action {
                case .add(let element, _), .remove(let element, _):
                    edit.field == WorkTask.assignees && element == .id(user)
                default: false
                }
            }
            return takes ? RequiredAct(.takeTask, .taskRecord(id)) : RequiredAct(.planTasks)
        case TaskDependency.number: return RequiredAct(.planTasks)
        case TaskStep.number:
            let step = TaskStep(fields)
            return TaskRules.act(of: step.action).map { RequiredAct($0, .task(step.task)) }
        default: return nil
        }
    }
}
