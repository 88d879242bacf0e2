import CRDT

/// A stage that the workflows of a tenant can use, such as `production`.
///
/// Other scopes call it by its slug, which is its key and never changes.
public enum WorkflowStage {
    public static let number: UInt32 = 17
    public static let slug: UInt32 = 1
    public static let name: UInt32 = 2
    public static let order: UInt32 = 3
    /// Role codes.
    public static let responsibleRoles: UInt32 = 4
    public static let estimatedDays: UInt32 = 5
    public static let isActive: UInt32 = 6

    public static let entity = Entity(
        number,
        "workflow_stage",
        in: [.tenant],
        form: .entity(key: [slug]),
        writer: .hub,
        fields: [
            Field(slug, "slug", .text, .fixed),
            Field(name, "name", .text, .authority),
            Field(order, "stage_order", .integer, .authority),
            Field(responsibleRoles, "responsible_roles", .text, .set),
            Field(estimatedDays, "estimated_duration_days", .integer, .authority),
            Field(isActive, "is_active", .bool, .authority),
        ]
    )
}

/// A gate inside a stage, the duty of a role, such as `assembly`.
public enum WorkflowSubStage {
    public static let number: UInt32 = 18
    /// Unique in the tenant, not only in the stage.
    public static let slug: UInt32 = 1
    /// The slug of its stage.
    public static let stage: UInt32 = 2
    public static let name: UInt32 = 3
    public static let order: UInt32 = 4
    public static let isRequired: UInt32 = 5
    public static let requiresApproval: UInt32 = 6
    public static let canSkip: UInt32 = 7
    public static let autoAdvance: UInt32 = 8
    /// Role codes.
    public static let responsibleRoles: UInt32 = 9
    public static let estimatedHours: UInt32 = 10
    public static let isActive: UInt32 = 11
    /// Whether no workflow definition may take the approval away.
    public static let isRegulated: UInt32 = 12

    public static let entity = Entity(
        number,
        "workflow_sub_stage",
        in: [.tenant],
        form: .entity(key: [slug]),
        writer: .hub,
        fields: [
            Field(slug, "slug", .text, .fixed),
            Field(stage, "stage", .text, .authority),
            Field(name, "name", .text, .authority),
            Field(order, "sub_stage_order", .integer, .authority),
            Field(isRequired, "is_required", .bool, .authority),
            Field(requiresApproval, "requires_approval", .bool, .authority),
            Field(canSkip, "can_skip", .bool, .authority),
            Field(autoAdvance, "auto_advance", .bool, .authority),
            Field(responsibleRoles, "responsible_roles", .text, .set),
            Field(estimatedHours, "estimated_duration_hours", .integer, .authority),
            Field(isActive, "is_active", .bool, .authority),
            Field(isRegulated, "is_regulated", .bool, .authority),
        ]
    )
}
