public import CRDT

/// What of a subject its quality is asked about.
///
/// - Source: DOM-140.
public enum QualityBuilds {
    /// The builds that inspections, tasks and defects name; without any, the subject itself, so
    /// that a plan that nobody has begun holds it too.
    ///
    /// - Parameters:
    ///   - named: The builds, as the records of the subject say them.
    ///   - subject: What people call the subject.
    /// - Returns: At least one name.
    public static func of(_ named: some Sequence<String?>, subject: String) -> Set<String> {
        let builds = Set(named.compactMap(\.self))
        return builds.isEmpty ? [subject] : builds
    }
}

/// Whether the work of a subject may go on.
///
/// - Source: DOM-61, DOM-78, DOM-140, DOM-141.
public enum WorkHold {
    /// Whether an advance leaves a stage behind it: quality holds that, however it is justified,
    /// and never a way back.
    public static func leaves(
        _ advance: StageAdvance,
        in template: WorkflowTemplate
    ) -> Bool {
        let slugs = template.stages.map(\.slug)
        guard let from = advance.from.flatMap(slugs.firstIndex),
            let to = advance.to.flatMap(slugs.firstIndex)
        else { return false }
        return to > from
    }

    /// Checks that a sub-stage may be finished or skipped.
    ///
    /// - Parameters:
    ///   - subStage: Its slug.
    ///   - tasks: The tasks of the subject.
    ///   - quality: What holds the sub-stage.
    /// - Throws: `taskOpen`, `qualityHolds`, naming what holds it.
    public static func checkFinish(
        of subStage: String,
        tasks: some Sequence<(TaskDefinition, TaskProgress)>,
        quality: QualityGate
    ) throws(RuleFault) {
        try TaskRules.checkFinish(of: subStage, tasks: tasks)
        try quality.check()
    }
}

/// The code of a record that a station names while it is alone.
public enum DerivedCode {
    /// A code that no other action gives: from the time and the replica of its stamp.
    ///
    /// - Parameters:
    ///   - prefix: Such as `T`.
    ///   - stamp: Of the action.
    /// - Returns: Such as `T-9AB3C1D2-4F1A`.
    /// - Source: DOM-147.
    public static func text(_ prefix: String, at stamp: Stamp) -> String {
        func digits(_ number: UInt64, _ count: Int) -> String {
            let text = String(number, radix: 16, uppercase: true)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let time = digits(stamp.time.milliseconds & 0xffff_ffff, 8)
        return "\(prefix)-\(time)-\(digits(stamp.replica.high >> 48, 4))"
    }
}
