/// What a subject is called as a whole: never stored, so that nothing can contradict it.
///
/// - Source: DOM-118.
public enum ProjectStatus {
    public static let draft = "draft"
    public static let completed = "completed"
    public static let cancelled = "cancelled"

    /// The statuses that projects have had since before workflows named their own.
    public static let known = [
        draft, "inquiry", "reviewing", "quoted", "confirmed", "procurement", "production",
        completed, cancelled,
    ]

    /// - Parameters:
    ///   - stages: Where the subject stands.
    ///   - rows: The sub-stages of the stage that is shown.
    ///   - project: The fields of its record.
    /// - Returns: draft before the first stage; else what the workflow calls the stage, or all of
    ///   it done; cancelled where a hub says so.
    public static func of(
        _ stages: ProjectStages,
        rows: [SubStageRow],
        project: Fields
    ) -> String {
        if project.bool(Project.isCancelled) == true { return cancelled }
        guard let stage = stages.current else { return draft }
        let status = stages.entry?.status ?? stage
        guard let done = stages.entry?.doneStatus else { return status }
        let isDone =
            rows.isEmpty
            ? project.text(Project.actualDeliveryDate) != nil : StageRules.isComplete(rows)
        return isDone ? done : status
    }

    /// Whether a subject of that status is worked on (C-12).
    public static func isActive(_ status: String) -> Bool {
        ![draft, completed, cancelled].contains(status.lowercased())
    }
}

/// How urgent something is, in one vocabulary whatever the firm calls it.
///
/// - Source: DOM-119.
public enum Priority {
    private static let aliases = [
        "low": "low", "normal": "normal", "high": "high", "urgent": "urgent", "medium": "normal",
        "standard": "normal", "rush": "high", "emergency": "urgent", "critical": "urgent",
    ]

    /// low, normal, high or urgent; nil for a word that means none of them.
    public static func canonical(_ word: String) -> String? { aliases[word.lowercased()] }
}
