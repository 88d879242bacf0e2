public import CRDT

/// How far a sub-stage of a subject is: the fold of its steps.
///
/// ```swift
/// let progress = SubStageProgress(stream)
/// progress.status            // .blocked: a block stands beside the finish
/// progress.blocks.map(\.id)  // what an unblocking names
/// ```
///
/// A pure function of the steps, of what each of them had seen, and of rank: never of the order in
/// which they arrived. Where two stations did not know of each other the more cautious step wins,
/// and the pair is shown as a conflict until somebody who saw both closes the sub-stage.
///
/// - Complexity: O(n²) in the steps of the sub-stage, of which there are a few dozen.
/// - Source: DOM-1 to DOM-9.
public struct SubStageProgress: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case pending
        case inProgress = "in_progress"
        case inReview = "in_review"
        case blocked
        case skipped
        case completed
    }

    /// A block that stands.
    public struct Block: Hashable, Sendable {
        /// The id of its event: what an unblocking names.
        public let id: ID
        public let reason: String?
        /// Whether it is the hub's rejection of a finish.
        public let isRejection: Bool
    }

    /// Two steps that did not know of each other and cannot both count.
    public struct Conflict: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// A finish, skip or approval beside a block: the block wins.
            case block
            /// A skip beside a finish: the finish wins.
            case skip
            /// A finish, skip or approval beside a reopening: the reopening wins.
            case reopen
        }

        public let kind: Kind
        /// The step that does not count.
        public let loser: ID
        /// The step that it did not know of.
        public let winner: ID
    }

    public let status: Status
    /// From 1; each reopening opens the next.
    public let attempt: Int
    /// The blocks that stand, by rank.
    public let blocks: [Block]
    /// What is not settled, by the ids of loser and winner.
    public let conflicts: [Conflict]
    /// The step that put the attempt in progress; nil if it is pending or was started by seeding.
    public let started: ID?
    /// The step that closed the attempt, or put it in review: the one of greatest rank.
    public let closed: ID?
    /// What is under review or was approved: the revision of the finish that counts.
    public let revision: [UInt8]?

    /// Folds the steps of a sub-stage.
    ///
    /// - Parameters:
    ///   - stream: Its steps.
    ///   - requiresApproval: Whether the sub-stage was seeded so: then every finish needs approval,
    ///     whatever it says itself.
    public init(_ stream: Stream<ProgressStep>, requiresApproval: Bool = false) {
        let attempts = Attempts(stream) { $0.action == .reopen }
        let view = AttemptView(
            stream,
            attempts: attempts,
            requiresApproval: requiresApproval
        )
        let standing = view.standingBlocks
        let done = view.doneFinishes
        let skips = view.countingSkips

        attempt = attempts.last
        blocks = standing.map { entry in
            Block(
                id: entry.id,
                reason: entry.event.reason,
                isRejection: entry.event.action.isRejection
            )
        }
        started = view.openers.first?.id
        if !standing.isEmpty {
            status = .blocked
            closed = nil
            revision = nil
        } else if let finish = done.last(where: view.isComplete) {
            status = .completed
            closed = view.approvals(of: finish).last?.id ?? finish.id
            revision = finish.event.action.revision
        } else if let finish = done.last {
            status = .inReview
            closed = finish.id
            revision = finish.event.action.revision
        } else if let skip = skips.last {
            status = .skipped
            closed = skip.id
            revision = nil
        } else {
            status = view.openers.isEmpty ? .pending : .inProgress
            closed = nil
            revision = nil
        }
        conflicts = view.conflicts(settledBy: done + skips)
    }
}

extension ProgressStep.Action {
    var isRejection: Bool { if case .reject = self { true } else { false } }

    var isBlock: Bool { self == .block || isRejection }

    var isFinish: Bool { if case .finish = self { true } else { false } }

    var isApproval: Bool { if case .approve = self { true } else { false } }

    /// Whether the step would close a sub-stage, alone or with an approval.
    var closes: Bool { isFinish || isApproval || self == .skip }

    /// Whether the step shows that work on the attempt has begun.
    var opens: Bool {
        switch self {
        case .start, .finish, .unblock, .reopen: true
        case .block, .skip, .approve, .reject, .unknown: false
        }
    }

    var revision: [UInt8]? {
        switch self {
        case .finish(_, let revision), .approve(let revision), .reject(let revision): revision
        case .start, .block, .unblock, .skip, .reopen, .unknown: nil
        }
    }
}
