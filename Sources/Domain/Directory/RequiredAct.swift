public import CRDT

/// The right that an operation needs, as far as the operation itself says.
///
/// What a hub asks of a change that came from elsewhere.
///
/// - Source: DOM-99, DOM-290.
public struct RequiredAct: Hashable, Sendable {
    /// What decides further, and stands in other records.
    public enum Context: Hashable, Sendable {
        case none
        /// The roles of this sub-stage are responsible.
        case subStage(String)
        /// The sub-stage whose row this is says so.
        case subStageRecord(ID)
        /// The task of this code says who is responsible, and whom it is assigned to.
        case task(String)
        /// The task of this record says so.
        case taskRecord(ID)
        /// Whose hours the entry of this id is of.
        case entry(ID)
        /// The record is the author's own, if its id is that of the author's.
        case ownPreferences(ID)
        /// It is said in the name of somebody else, which nobody may.
        case inAnotherName
    }

    /// One of these is enough; what is missing is said of the first.
    public let acts: [Act]
    public let context: Context

    public var act: Act { acts[0] }

    public init(_ act: Act, or others: Act..., context: Context = .none) {
        acts = [act] + others
        self.context = context
    }

    /// Kinds that every device may write and that need no right of their own.
    ///
    /// A station asks for numbers by itself, and gets only what a hub grants; and it writes down
    /// what people tried and did, whoever they are.
    public static let unasked: Set<UInt32> = [
        NumberLease.number, LoginAttempt.number, CredentialStep.number,
    ]

    /// Nil for what needs no right of its own: of a newer version, ``unasked``, or what only hubs
    /// write.
    ///
    /// - Parameters:
    ///   - operation: As its author wrote it.
    ///   - user: The author.
    public init?(_ operation: Operation, by user: ID) {
        let written = Written(operation, by: user)
        let required =
            written.ofProjects ?? written.ofQuality ?? written.ofTasks ?? written.ofPeople
            ?? written.ofCompanies
        guard let required else { return nil }
        self = required
    }
}

/// What an operation says, as far as rights go.
private struct Written {
    let operation: Operation
    let fields: Fields
    let user: ID
    let isCreation: Bool

    init(_ operation: Operation, by user: ID) {
        self.operation = operation
        self.user = user
        fields = Fields(of: operation)
        if case .existing = operation.target { isCreation = false } else { isCreation = true }
    }

    /// Whether it writes these fields, or the key, and no other.
    private func writesOnly(_ numbers: UInt32...) -> Bool {
        operation.edits.allSatisfy { numbers.contains($0.field) }
    }

    /// What is said in one's own name needs the act; in that of another it is never allowed.
    private func own(_ field: UInt32, _ act: Act) -> RequiredAct {
        RequiredAct(act, context: fields.id(field) == user ? .none : .inAnotherName)
    }

    var ofProjects: RequiredAct? {
        switch operation.entity {
        case Project.number:
            return isCreation
                ? RequiredAct(.createProject, or: .importRecords)
                : RequiredAct(.editProject, or: .importRecords)
        case Opening.number, Opened.number: return RequiredAct(.openSubject)
        case StageAdvance.number:
            let isOverride = StageAdvance(fields).kind == .override
            return RequiredAct(isOverride ? .overrideStage : .advanceStage)
        case ProgressStep.number:
            let step = ProgressStep(fields)
            return ProgressRules.act(of: step.action).map {
                RequiredAct($0, context: .subStage(step.subStage))
            }
        case SubStageNote.number: return ofSubStage
        case CriterionCheck.number: return own(CriterionCheck.checkedByField, .checkCriterion)
        case HoursEvent.number:
            let isOwn = HoursEvent(fields).person == user
            return RequiredAct(isOwn ? .recordHours : .recordHoursOfOthers)
        case HoursCorrection.number:
            return HoursCorrection(fields).entry.map {
                RequiredAct(.correctHours, context: .entry($0))
            }
        default: return nil
        }
    }

    /// Whoever assigns needs the right to it; what else is kept of a sub-stage anybody notes.
    private var ofSubStage: RequiredAct {
        guard operation.edits.contains(where: { $0.field == SubStageNote.assignedTo }) else {
            return RequiredAct(.noteSubStage)
        }
        if case .existing(let id) = operation.target {
            return RequiredAct(.assignSubStage, context: .subStageRecord(id))
        }
        let slug = fields.text(SubStageNote.subStage) ?? ""
        return RequiredAct(.assignSubStage, context: .subStage(slug))
    }

    var ofQuality: RequiredAct? {
        switch operation.entity {
        case Inspection.number:
            let settles = operation.edits.contains { $0.field == Inspection.result }
            return RequiredAct(!isCreation && settles ? .settleMeasurement : .openInspection)
        case Measurement.number: return RequiredAct(.measure)
        case Evidence.number:
            let isSignature = fields.text(Evidence.kindField) == Evidence.Kind.signature.rawValue
            return isSignature
                ? own(Evidence.signerField, .attachEvidence) : RequiredAct(.attachEvidence)
        case Waiver.number: return RequiredAct(.askForWaiver)
        case ApprovalRequest.number: return RequiredAct(.requestApproval)
        case ApprovalEvent.number: return RequiredAct(.commentApproval)
        case Defect.number: return RequiredAct(isCreation ? .reportDefect : .workOnDefect)
        case DefectStep.number:
            return DefectRules.act(of: DefectStep(fields).action).map { RequiredAct($0) }
        default: return nil
        }
    }

    var ofTasks: RequiredAct? {
        switch operation.entity {
        case WorkTask.number:
            guard case .existing(let id) = operation.target else {
                return RequiredAct(.planTasks, or: .importRecords)
            }
            if writesOnly(WorkTask.notes) { return RequiredAct(.holdTask, or: .planTasks) }
            let takes = operation.edits.allSatisfy { edit in
                switch edit.action {
                case .add(let element, _), .remove(let element, _):
                    edit.field == WorkTask.assignees && element == .id(user)
                default: false
                }
            }
            return takes
                ? RequiredAct(.takeTask, or: .planTasks, context: .taskRecord(id))
                : RequiredAct(.planTasks, or: .importRecords)
        case TaskDependency.number: return RequiredAct(.planTasks)
        case TaskStep.number:
            let step = TaskStep(fields)
            return TaskRules.act(of: step.action).map {
                RequiredAct($0, context: .task(step.task))
            }
        default: return nil
        }
    }

    var ofPeople: RequiredAct? {
        switch operation.entity {
        case Message.number: return RequiredAct(.sendMessage)
        case ContactActivity.number: return RequiredAct(.logActivity)
        case SeenMark.number: return RequiredAct(.markSeen)
        case HandoverNote.number: return RequiredAct(.writeHandover)
        case Preferences.number:
            switch operation.target {
            case .existing(let id), .natural(let id):
                return RequiredAct(.setPreferences, context: .ownPreferences(id))
            default: return RequiredAct(.setPreferences, context: .inAnotherName)
            }
        default: return nil
        }
    }

    var ofCompanies: RequiredAct? {
        switch operation.entity {
        case Company.number where isCreation:
            return RequiredAct(.proposeCompany, or: .importRecords)
        case Company.number where writesOnly(Company.primaryContact):
            return RequiredAct(.editContact, or: .editCompany, .importRecords)
        case Company.number, CompanyAddress.number:
            return RequiredAct(.editCompany, or: .importRecords)
        // Whoever takes a customer's project in writes down whom to ask.
        case Contact.number where isCreation:
            return RequiredAct(.editContact, or: .createProject, .importRecords)
        case Contact.number: return RequiredAct(.editContact, or: .importRecords)
        case SubjectContact.number:
            return RequiredAct(.editProject, or: .editContact, .createProject, .importRecords)
        case VendorRating.number: return RequiredAct(.rateVendor)
        default: return nil
        }
    }
}
