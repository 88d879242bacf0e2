public import CRDT

/// Where a subject stands in its workflow, and which sub-stages it has been given.
///
/// - Source: DOM-10, DOM-12, DOM-13.
public struct ProjectStages: Sendable {
    /// The advances that no other had seen, by rank; the last is the one that is shown.
    public let heads: [StageAdvance]
    /// What was seeded, by stage and by sub-stage.
    private let seeds: [String: [String: SubStageSeed]]

    public init(_ stream: Stream<StageAdvance>) {
        heads = stream.standing { $0.to != nil }.map(\.event)
        var seeds: [String: [String: SubStageSeed]] = [:]
        for entry in stream.entries {
            guard let stage = entry.event.to else { continue }
            for seed in entry.event.seeds {
                let known = seeds[stage]?[seed.slug]
                seeds[stage, default: [:]][seed.slug] = known?.joined(with: seed) ?? seed
            }
        }
        self.seeds = seeds
    }

    /// The slug of the stage that is shown; nil before the first.
    public var current: String? { heads.last?.to }

    /// Whether advances to different stages stand side by side.
    public var isInConflict: Bool { Set(heads.map(\.to)).count > 1 }

    /// The stages that the subject has ever entered.
    public var entered: Set<String> { Set(seeds.keys).union(heads.compactMap(\.to)) }

    /// The sub-stages that a stage was seeded with, in order.
    public func seeds(of stage: String) -> [SubStageSeed] {
        (seeds[stage] ?? [:]).values.sorted { ($0.order, $0.slug) < ($1.order, $1.slug) }
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
        var rows: [SubStageRow] = []
        for seed in seeds(of: stage) {
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

/// A sub-stage of a subject as it is shown: one row of its progress.
public struct SubStageRow: Hashable, Sendable {
    public let seed: SubStageSeed
    /// The slug of its stage.
    public let stage: String
    public let progress: SubStageProgress
    private let startsAtOnce: Bool

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
