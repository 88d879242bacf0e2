/// Every kind of record that this version knows.
///
/// - Source: `protocol/domain.md`.
public enum Catalogue {
    public static let schema = Schema(
        version: 1,
        entities: directory + opening + workflow + approvals + quality + hours + tasks + defects
            + notices + companies + HubStatement.entities
    )

    private static let directory = [
        Tenant.entity, Site.entity, Device.entity, User.entity, Membership.entity, Role.entity,
        RolePermission.entity, Delegation.entity,
        PersonalKey.entity, CredentialStep.entity, LoginAttempt.entity,
    ]

    private static let opening = [Opening.entity, Opened.entity]

    private static let workflow = [
        WorkflowStage.entity, WorkflowSubStage.entity, WorkflowDefinition.entity,
        Project.entity, StageAdvance.entity, ProgressStep.entity, CriterionCheck.entity,
        NumberLease.entity,
    ]

    private static let approvals = [
        ApprovalPolicy.entity, ApprovalRequest.entity, ApprovalEvent.entity,
    ]

    private static let quality = [
        QualityProcess.entity, QualityItem.entity, Inspection.entity, Measurement.entity,
        Evidence.entity, Waiver.entity,
    ]

    private static let hours = [HoursEvent.entity, HoursCorrection.entity]

    private static let tasks = [WorkTask.entity, TaskDependency.entity, TaskStep.entity]

    private static let defects = [Defect.entity, DefectStep.entity]

    private static let notices = [
        Message.entity, ContactActivity.entity, SeenMark.entity, HandoverNote.entity,
        Preferences.entity, SubStageNote.entity,
    ]

    private static let companies = [
        Company.entity, CompanyAddress.entity, Contact.entity, SubjectContact.entity,
        VendorRating.entity, ImportJob.entity,
    ]
}
