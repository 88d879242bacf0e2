public import CRDT

/// Where a subject stands in its workflow, and which sub-stages it has been given.
///
/// - Source: DOM-10, DOM-12, DOM-13, DOM-112 to DOM-114.
public struct ProjectStages: Sendable {
    public typealias Entry = Stream<StageAdvance>.Entry

    /// The advances that stand, by rank; the last is the one that is shown.
    public let standing: [Entry]
    /// The advances that stand, by rank.
    public var heads: [StageAdvance] { standing.map(\.event) }
    /// The stage that a hub has confirmed last; nil before the first.
    public let official: String?
    /// What follows from the sub-stages and nobody has written yet; nil: nothing.
    public private(set) var derived: StageAdvance?
    /// The advances that another followed, by the stage they left.
    private let left: Set<String>
    /// What was seeded, by stage and by sub-stage.
    private var seeds: [String: [String: SubStageSeed]]

    /// - Parameters:
    ///   - stream: The stage events of the subject.
    ///   - steps: The steps of each sub-stage, by slug: an automatic advance that no hub confirmed
    ///     stands only while the stage that it left is complete. Nil: that is not asked.
    public init(
        _ stream: Stream<StageAdvance>,
        steps: [String: Stream<ProgressStep>]? = nil
    ) {
        let moving = stream.entries.filter { $0.event.to != nil }
        var seeds: [String: [String: SubStageSeed]] = [:]
        for entry in moving {
            guard let stage = entry.event.to else { continue }
            for seed in entry.event.seeds {
                let known = seeds[stage]?[seed.slug]
                seeds[stage, default: [:]][seed.slug] = known?.joined(with: seed) ?? seed
            }
        }
        self.seeds = seeds
        let counting = moving.filter { entry in
            guard let steps, entry.event.isProposal, let from = entry.event.from else {
                return true
            }
            let rows = Self.rows(Self.sorted(seeds[from]), of: from, steps: steps)
            return StageRules.isComplete(rows)
        }
        standing = counting.filter { entry in
            !counting.contains { stream.saw($0, entry) }
                && !Self.isSettled(entry, among: counting, in: stream)
        }
        let confirmed = counting.filter(\.event.isConfirmed)
        official =
            confirmed.last { entry in !confirmed.contains { stream.saw($0, entry) } }?
            .event.to
        left = Set(moving.compactMap { $0.event.from == $0.event.to ? nil : $0.event.from })
    }

    /// Whether an automatic advance that no hub confirmed is one that others derived alike, and
    /// that somebody has gone on from since (DOM-113).
    private static func isSettled(
        _ entry: Entry,
        among counting: [Entry],
        in stream: Stream<StageAdvance>
    ) -> Bool {
        guard entry.event.isProposal else { return false }
        return counting.contains { twin in
            twin.event.kind == .automatic && twin.event.from == entry.event.from
                && twin.event.to == entry.event.to && stream.areConcurrent(twin, entry)
                && (twin.event.isConfirmed || counting.contains { stream.saw($0, twin) })
        }
    }

    /// The slug of the stage that is shown; nil before the first.
    public var current: String? { derived?.to ?? standing.last?.event.to }

    /// Whether advances to different stages stand side by side.
    public var isInConflict: Bool { Set(heads.map(\.to)).count > 1 }

    /// Whether the stage that is shown is one that no hub has confirmed.
    public var isProvisional: Bool {
        guard let current else { return false }
        return derived != nil
            || !heads.contains { $0.to == current && $0.isConfirmed }
    }

    /// The advance by which the stage that is shown was entered: confirmed, or the last by rank.
    public var entry: StageAdvance? {
        derived ?? heads.last { $0.to == current && $0.isConfirmed } ?? heads.last
    }

    /// The stages that the subject has ever entered.
    public var entered: Set<String> {
        Set(seeds.keys).union(heads.compactMap(\.to)).union([derived?.to].compactMap(\.self))
    }

    /// The sub-stages that a stage was seeded with, in order.
    public func seeds(of stage: String) -> [SubStageSeed] { Self.sorted(seeds[stage]) }

    private static func sorted(_ seeds: [String: SubStageSeed]?) -> [SubStageSeed] {
        (seeds ?? [:]).values.sorted { ($0.order, $0.slug) < ($1.order, $1.slug) }
    }

    /// The sub-stages of a stage with their progress, in order.
    ///
    /// The first one of a stage is in progress at once, and one after a closed one that advances
    /// by itself; nothing is written for that.
    ///
    /// - Parameters:
    ///   - stage: The slug of the stage.
    ///   - streams: The steps of each sub-stage, by slug.
    /// - Returns: One row a seed of the stage, in their order.
    public func rows(
        of stage: String,
        steps streams: [String: Stream<ProgressStep>]
    ) -> [SubStageRow] {
        Self.rows(seeds(of: stage), of: stage, steps: streams)
    }

    private static func rows(
        _ seeds: [SubStageSeed],
        of stage: String,
        steps streams: [String: Stream<ProgressStep>]
    ) -> [SubStageRow] {
        var rows: [SubStageRow] = []
        for seed in seeds {
            let steps = streams[seed.slug] ?? Stream([])
            let before = rows.last
            let startsAtOnce = before.map { $0.isClosed && $0.seed.autoAdvance } ?? true
            rows.append(
                SubStageRow(
                    seed: seed,
                    stage: stage,
                    progress: SubStageProgress(steps, requiresApproval: seed.requiresApproval),
                    startsAtOnce: startsAtOnce
                )
            )
        }
        return rows
    }
}

// MARK: - What follows by itself

extension ProjectStages {
    /// Whether the subject leaves the stage that it stands in by itself: its required sub-stages
    /// are closed, there are some, and it was never left before (DOM-112).
    ///
    /// - Parameter steps: The steps of each sub-stage, by slug.
    /// - Returns: Whether it does, as far as the sub-stages say.
    public func isDue(_ steps: [String: Stream<ProgressStep>]) -> Bool {
        guard !isInConflict, let stage = standing.last?.event.to, !left.contains(stage) else {
            return false
        }
        let rows = rows(of: stage, steps: steps)
        return rows.contains { $0.seed.isRequired } && StageRules.isComplete(rows)
    }

    /// The advance that follows by itself; nil if the subject stays where it is.
    ///
    /// - Parameters:
    ///   - subject: The key of its scope.
    ///   - steps: The steps of each sub-stage, by slug.
    ///   - template: The workflow that it follows.
    ///   - criteria: What was confirmed of the stage's exit criteria.
    /// - Returns: The advance, not confirmed.
    public func next(
        of subject: ID,
        steps: [String: Stream<ProgressStep>],
        in template: WorkflowTemplate,
        criteria: StageCriteria
    ) -> StageAdvance? {
        guard isDue(steps), let stage = standing.last?.event.to,
            let next = template.stage(after: stage),
            template.moves.isEmpty || template.move(from: stage, to: next.slug) != nil,
            !template.criteriaHold || criteria.open(of: stage, in: template).isEmpty
        else { return nil }
        return StageAdvance(of: subject, from: stage, to: next, kind: .automatic, in: template)
    }

    /// Shows an advance that nobody has written yet as if it were.
    public mutating func show(_ advance: StageAdvance) {
        guard let stage = advance.to else { return }
        derived = advance
        for seed in advance.seeds {
            let known = seeds[stage]?[seed.slug]
            seeds[stage, default: [:]][seed.slug] = known?.joined(with: seed) ?? seed
        }
    }
}

extension StageAdvance {
    /// Whether a node derived it, and no hub has confirmed it yet.
    public var isProposal: Bool { kind == .automatic && !isConfirmed }
}

/// A sub-stage of a subject as it is shown: one row of its progress.
public struct SubStageRow: Hashable, Sendable {
    public let seed: SubStageSeed
    /// The slug of its stage.
    public let stage: String
    public let progress: SubStageProgress
    /// Whether it is in progress without anybody having started it.
    public let startsAtOnce: Bool

    public init(
        seed: SubStageSeed,
        stage: String,
        progress: SubStageProgress,
        startsAtOnce: Bool
    ) {
        self.seed = seed
        self.stage = stage
        self.progress = progress
        self.startsAtOnce = startsAtOnce
    }

    public var status: SubStageProgress.Status {
        progress.status == .pending && startsAtOnce ? .inProgress : progress.status
    }

    public var isClosed: Bool { status == .completed || status == .skipped }
}
