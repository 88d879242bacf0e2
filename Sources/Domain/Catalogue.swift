/// Every kind of record that this version knows.
///
/// - Source: `protocol/domain.md`.
public enum Catalogue {
    public static let schema = Schema(
        version: 1,
        entities: [
            Tenant.entity, Site.entity, Device.entity, User.entity, Membership.entity, Role.entity,
            Opening.entity, Opened.entity,
            WorkflowStage.entity, WorkflowSubStage.entity, WorkflowDefinition.entity,
            Project.entity, StageAdvance.entity, ProgressStep.entity, ApprovalRequest.entity,
            QualityProcess.entity, QualityItem.entity, Inspection.entity, Measurement.entity,
            HoursEvent.entity, HoursCorrection.entity,
            WorkTask.entity, TaskDependency.entity, TaskStep.entity,
            Defect.entity, DefectStep.entity, Evidence.entity, Waiver.entity,
        ] + HubStatement.entities
    )
}
