import CRDT

/// A workflow as it applies: the stages in order, each with its sub-stages in order.
///
/// - Source: DOM-11.
public struct WorkflowTemplate: Hashable, Sendable {
    /// A stage of the workflow.
    public struct Stage: Hashable, Sendable {
        public let slug: String
        public let order: Int64
        public let days: Int64?
        /// Role codes, sorted.
        public let roles: [String]
        public let seeds: [SubStageSeed]
        /// What a subject is called in the stage; nil: as the stage.
        public let status: String?
        /// What it is called once all is done there; nil: the same.
        public let doneStatus: String?
        /// What is asked before the stage is left, by key.
        public let criteria: [WorkflowDefinition.CriterionPart]
        /// What it must have, by category.
        public let documents: [WorkflowDefinition.DocumentPart]
    }

    public let name: String
    public let version: Int64
    public let stages: [Stage]
    /// What follows it: project, order or production_advance.
    public let subjectType: String
    /// Empty: the stages follow one another.
    public let moves: [WorkflowDefinition.MovePart]
    /// Whether a stage is held until its exit criteria are confirmed.
    public let criteriaHold: Bool

    /// Joins a definition with the stages and sub-stages it uses: where it overrides, it counts.
    ///
    /// Nil for a definition without name or version.
    ///
    /// - Parameters:
    ///   - definition: A record of ``WorkflowDefinition``.
    ///   - stages: The records of ``WorkflowStage``.
    ///   - subStages: The records of ``WorkflowSubStage``.
    public init?(
        _ definition: Fields,
        stages: some Sequence<Fields>,
        subStages: some Sequence<Fields>
    ) {
        guard let name = definition.text(WorkflowDefinition.name),
            let version = definition.integer(WorkflowDefinition.version)
        else { return nil }
        self.name = name
        self.version = version
        let knownStages = Self.bySlug(stages, WorkflowStage.slug)
        let knownSubStages = Self.bySlug(subStages, WorkflowSubStage.slug)
        guard let outline = WorkflowOutline(definition) else { return nil }
        subjectType = outline.subjectType
        moves = outline.moves
        criteriaHold = outline.criteriaHold
        self.stages = outline.stages
            .compactMap { part in
                knownStages[part.slug].map { Self.stage($0, part, outline, knownSubStages) }
            }
            .sorted { ($0.order, $0.slug) < ($1.order, $1.slug) }
    }

    public subscript(slug: String) -> Stage? { stages.first { $0.slug == slug } }

    public var first: Stage? { stages.first }

    /// The stage after another; nil after the last, and for one that the workflow lacks.
    public func stage(after slug: String) -> Stage? {
        guard let place = stages.firstIndex(where: { $0.slug == slug }),
            place + 1 < stages.count
        else { return nil }
        return stages[place + 1]
    }

    /// The written move from one stage to another; nil if there is none.
    public func move(from: String, to: String) -> WorkflowDefinition.MovePart? {
        moves.first { $0.from == from && $0.to == to }
    }

    /// Whether a stage lies before another.
    public func isBackward(from: String, to: String) -> Bool {
        guard let start = stages.firstIndex(where: { $0.slug == from }),
            let end = stages.firstIndex(where: { $0.slug == to })
        else { return false }
        return end < start
    }

    private static func bySlug(
        _ records: some Sequence<Fields>,
        _ field: UInt32
    ) -> [String: Fields] {
        let pairs = records.compactMap { record in record.text(field).map { ($0, record) } }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func stage(
        _ stage: Fields,
        _ part: WorkflowDefinition.StagePart,
        _ outline: WorkflowOutline,
        _ subStages: [String: Fields]
    ) -> Stage {
        let status = outline.statuses.first { $0.stage == part.slug }
        let seeds = outline.subStages.compactMap { subPart -> SubStageSeed? in
            guard let subStage = subStages[subPart.slug],
                subStage.text(WorkflowSubStage.stage) == part.slug
            else { return nil }
            return seed(subStage, subPart, part)
        }
        let roles = stage.texts(WorkflowStage.responsibleRoles)
        return Stage(
            slug: part.slug,
            order: part.order ?? stage.integer(WorkflowStage.order) ?? .max,
            days: part.days ?? stage.integer(WorkflowStage.estimatedDays),
            roles: (part.roles.isEmpty ? Array(roles) : part.roles).sorted(),
            seeds: seeds.sorted { ($0.order, $0.slug) < ($1.order, $1.slug) },
            status: status?.status,
            doneStatus: status?.done,
            criteria: outline.criteria.filter { $0.stage == part.slug },
            documents: outline.documents.filter { $0.stage == part.slug }
        )
    }

    private static func seed(
        _ subStage: Fields,
        _ part: WorkflowDefinition.SubStagePart,
        _ stage: WorkflowDefinition.StagePart
    ) -> SubStageSeed {
        let base = subStage.bool(WorkflowSubStage.requiresApproval) ?? false
        let isRegulated = subStage.bool(WorkflowSubStage.isRegulated) ?? false
        let wanted = part.requiresApproval ?? stage.requiresApproval ?? base
        let roles = subStage.texts(WorkflowSubStage.responsibleRoles)
        return SubStageSeed(
            part.slug,
            order: part.order ?? subStage.integer(WorkflowSubStage.order) ?? .max,
            isRequired: subStage.bool(WorkflowSubStage.isRequired) ?? true,
            requiresApproval: isRegulated ? base || wanted : wanted,
            canSkip: part.canSkip ?? subStage.bool(WorkflowSubStage.canSkip) ?? false,
            autoAdvance: part.autoAdvance ?? subStage.bool(WorkflowSubStage.autoAdvance) ?? false,
            hours: part.hours ?? subStage.integer(WorkflowSubStage.estimatedHours),
            roles: part.roles.isEmpty ? Array(roles) : part.roles
        )
    }
}
