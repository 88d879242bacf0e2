import CRDT

/// An inspection of one build or batch by one process, at one attempt.
public enum Inspection {
    public static let number: UInt32 = 58
    /// What is inspected: a build number, or another text that names it.
    public static let build: UInt32 = 1
    public static let process: UInt32 = 2
    public static let processVersion: UInt32 = 3
    /// From 1.
    public static let attempt: UInt32 = 4
    /// What an inspector declared: one of ``results``.
    public static let result: UInt32 = 5
    public static let assignedTo: UInt32 = 6
    public static let inspectorNotes: UInt32 = 7
    public static let reviewerNotes: UInt32 = 8
    public static let correctiveActions: UInt32 = 9
    /// How many there are of what is inspected; a smaller lot asks for fewer samples.
    public static let lotSize: UInt32 = 10

    /// The results, the least cautious first.
    public static let results = ["PASS", "WAIVED", "CONDITIONAL_PASS", "PENDING", "FAIL"]

    public static let entity = Entity(
        number,
        "qc_inspection",
        in: [.subject],
        form: .entity(key: [build, process, processVersion, attempt]),
        fields: [
            Field(build, "build", .text, .fixed),
            Field(process, "process", .text, .fixed),
            Field(processVersion, "process_version", .integer, .fixed),
            Field(attempt, "attempt", .integer, .fixed),
            Field(result, "result", .text, .cautious(leastFirst: results.map(Value.text))),
            Field(assignedTo, "assigned_to", .id),
            Field(inspectorNotes, "inspector_notes", .text),
            Field(reviewerNotes, "reviewer_notes", .text),
            Field(correctiveActions, "corrective_actions", .text),
            Field(lotSize, "lot_size", .integer),
        ],
        indexes: [byAssignee],
        searched: [
            Searched(inspectorNotes, .description), Searched(reviewerNotes, .description),
            Searched(correctiveActions, .description), Searched(build, .number),
        ]
    )

    /// The inspections of a person, in all subjects.
    public static let byAssignee = Index(1, "assignee", [.value(assignedTo)], reach: .store)
}
