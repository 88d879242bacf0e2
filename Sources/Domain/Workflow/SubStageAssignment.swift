import CRDT

/// Who does a sub-stage of a subject: the row of its progress that people edit.
///
/// Everything else of the row is derived. Its id follows from tenant, subject and sub-stage, so
/// that it is the same wherever it is made.
public enum SubStageAssignment {
    public static let number: UInt32 = 25
    /// The slug of the sub-stage.
    public static let subStage: UInt32 = 1
    public static let assignedTo: UInt32 = 2

    public static let entity = Entity(
        number,
        "progress",
        in: [.subject],
        form: .entity(key: [subStage]),
        fields: [
            Field(subStage, "sub_stage", .text, .fixed),
            Field(assignedTo, "assigned_to", .id),
        ]
    )
}
