import CRDT

/// What a finish that needs approval asks for, in the same change.
///
/// Keyed by what is to be reviewed, so that two stations that finish the same attempt at the same
/// revision ask once. Its status follows from the progress of the sub-stage: the decision is a step
/// there, which only a hub can take.
public enum ApprovalRequest {
    public static let number: UInt32 = 29
    /// The slug of the sub-stage.
    public static let subStage: UInt32 = 1
    /// Which attempt, from 1.
    public static let attempt: UInt32 = 2
    /// The hash of what is to be reviewed.
    public static let revision: UInt32 = 3
    /// The kind of review, such as quality_review.
    public static let approvalType: UInt32 = 4
    /// low, normal, high or urgent.
    public static let priority: UInt32 = 5
    public static let requestedBy: UInt32 = 6
    /// Milliseconds since 1970 on the wall clock of whoever asked.
    public static let requestedAt: UInt32 = 7
    /// Milliseconds since 1970 on the hub's clock.
    public static let hubReceivedAt: UInt32 = 8
    public static let dueAt: UInt32 = 9
    public static let comment: UInt32 = 10

    public static let entity = Entity(
        number,
        "approval_request",
        in: [.subject],
        form: .entity(key: [subStage, attempt, revision]),
        fields: [
            Field(subStage, "sub_stage", .text, .fixed),
            Field(attempt, "attempt", .integer, .fixed),
            Field(revision, "revision", .bytes, .fixed),
            Field(approvalType, "approval_type", .text, .fixed),
            Field(priority, "priority", .text),
            Field(requestedBy, "requested_by", .id, .fixed),
            Field(requestedAt, "requested_at", .integer, .fixed),
            Field(hubReceivedAt, "hub_received_at", .integer, .authority),
            Field(dueAt, "sla_due_at", .integer, .authority),
            Field(comment, "comment", .text, .fixed),
        ]
    )
}
