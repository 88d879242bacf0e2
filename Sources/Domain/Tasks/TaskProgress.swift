public import CRDT

/// How far a task is: the fold of its steps.
///
/// ```swift
/// let progress = TaskProgress(stream)
/// progress.status            // .onHold: a hold stands beside the completion
/// progress.holds.map(\.id)   // what a resumption names
/// ```
///
/// A pure function of the steps, of what each had seen, and of rank. Where two stations did not
/// know of each other the more cautious step wins, and the pair is shown as a conflict until
/// somebody who saw both closes the task.
///
/// - Complexity: O(n²) in the steps of the task.
/// - Source: DOM-50 to DOM-55, DOM-135, DOM-136.
public struct TaskProgress: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case pending = "PENDING"
        case inProgress = "IN_PROGRESS"
        case onHold = "ON_HOLD"
        case completed = "COMPLETED"
        case cancelled = "CANCELLED"
    }

    /// A hold that stands.
    public struct Hold: Hashable, Sendable {
        /// The id of its event: what a resumption names.
        public let id: ID
        public let reason: String?
        /// Whether it asks the hub to cancel the task.
        public let asksToCancel: Bool
    }

    /// Two steps that did not know of each other and cannot both count.
    public struct Conflict: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// A completion beside a hold: the hold wins.
            case hold
            /// A completion beside a cancellation: the cancellation wins.
            case cancel
            /// A completion or cancellation beside a reopening: the reopening wins.
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
    /// How far the attempt is said to be, in hundredths of a percent: it never falls within one.
    public let progress: Int
    /// The holds that stand, by rank.
    public let holds: [Hold]
    /// What is not settled, by the ids of loser and winner.
    public let conflicts: [Conflict]
    /// Starts or completions of the attempt beside each other, by rank: perhaps two people did the
    /// same work, which nobody has looked at yet.
    public let doubled: [ID]
    /// What went wrong, of every attempt, by rank.
    public let issues: [ID]
    /// The step that put the attempt in progress.
    public let started: ID?
    /// When that was ranked, milliseconds since 1970.
    public let startedAt: UInt64?
    /// The completion or cancellation that counts, of greatest rank.
    public let closed: ID?
    /// When that was ranked, milliseconds since 1970.
    public let closedAt: UInt64?

    public init(_ stream: Stream<TaskStep>) {
        let view = TaskAttempt(stream)
        let standing = view.standingHolds
        let cancellations = view.cancellations
        let completions = view.completions
        let closing: Stream<TaskStep>.Entry?
        if let cancellation = cancellations.last {
            (status, closing) = (.cancelled, cancellation)
        } else if !standing.isEmpty {
            (status, closing) = (.onHold, nil)
        } else if let completion = completions.last {
            (status, closing) = (.completed, completion)
        } else {
            (status, closing) = (view.openers.isEmpty ? .pending : .inProgress, nil)
        }
        attempt = view.attempt
        progress = view.steps.map(\.event.action.share).max() ?? 0
        holds = standing.map { entry in
            Hold(
                id: entry.id,
                reason: entry.event.reason,
                asksToCancel: entry.event.action == .askToCancel
            )
        }
        conflicts = view.conflicts(settledBy: completions + cancellations)
        doubled = view.doubled.map(\.id)
        issues = stream.entries.filter { $0.event.action == .issue }.map(\.id)
        started = view.openers.first?.id
        startedAt = view.openers.first?.rank.time.milliseconds
        closed = closing?.id
        closedAt = closing?.rank.time.milliseconds
    }

    /// Whether the task needs no more work.
    public var isClosed: Bool { status == .completed || status == .cancelled }

    /// How much of an estimate is left, in minutes, rounded up; none of a closed task.
    ///
    /// - Source: DOM-136.
    public func remainingMinutes(of estimate: Int64?) -> Int64 {
        guard !isClosed, let estimate else { return 0 }
        let whole = max(0, min(estimate, TaskDefinition.minutesMax))
        return (whole * Int64(10_000 - progress) + 9_999) / 10_000
    }
}

/// The steps of the last attempt of a task, and which of them count.
private struct TaskAttempt {
    typealias Entry = Stream<TaskStep>.Entry

    let attempt: Int
    let steps: [Entry]
    private let stream: Stream<TaskStep>
    private let holds: [Entry]
    private let cancels: [Entry]
    private let reopenings: [Entry]

    init(_ stream: Stream<TaskStep>) {
        let attempts = Attempts(stream) { $0.action == .reopen }
        self.stream = stream
        attempt = attempts.last
        steps = stream.entries.filter { attempts.number(of: $0) == attempts.last }
        holds = steps.filter { $0.event.action.isHold }
        cancels = steps.filter { $0.event.action == .cancel }
        reopenings = steps.filter { $0.event.action == .reopen }
    }

    var openers: [Entry] { steps.filter { $0.event.action.opens } }

    /// Completions with no hold or cancellation that they did not know of, or went against.
    var completions: [Entry] {
        steps.filter { step in
            step.event.action == .complete && sawReopenings(step)
                && holds.allSatisfy { stream.saw(step, $0) || stream.saw($0, step) }
                && cancels.allSatisfy { stream.saw($0, step) }
        }
    }

    /// Cancellations that came before the task was completed.
    var cancellations: [Entry] {
        let done = completions
        return cancels.filter { cancel in
            sawReopenings(cancel) && !done.contains { stream.saw(cancel, $0) }
        }
    }

    var standingHolds: [Entry] {
        let closings = completions + cancellations
        return holds.filter { hold in
            !closings.contains { stream.saw(hold, $0) }
                && !steps.contains { step in
                    guard case .resume(let lifted) = step.event.action else { return false }
                    return lifted.contains(hold.id) && stream.saw(step, hold)
                }
        }
    }

    /// Starts, or completions, that did not know of each other and that no later step has seen
    /// together.
    var doubled: [Entry] {
        func pairs(_ action: TaskStep.Action) -> [Entry] {
            let own = steps.filter { $0.event.action == action }
            return own.filter { one in
                own.contains { other in
                    stream.areConcurrent(one, other)
                        && !stream.entries.contains {
                            stream.saw($0, one) && stream.saw($0, other)
                        }
                }
            }
        }
        let found = Set((pairs(.start) + pairs(.complete)).map(\.id))
        return steps.filter { found.contains($0.id) }
    }

    func conflicts(settledBy settling: [Entry]) -> [TaskProgress.Conflict] {
        var found: [TaskProgress.Conflict] = []
        func note(_ kind: TaskProgress.Conflict.Kind, _ loser: Entry, _ winner: Entry) {
            let isSettled = settling.contains { stream.saw($0, loser) && stream.saw($0, winner) }
            guard stream.areConcurrent(loser, winner), !isSettled else { return }
            found.append(.init(kind: kind, loser: loser.id, winner: winner.id))
        }
        for step in steps where step.event.action == .complete {
            for hold in holds { note(.hold, step, hold) }
            for cancel in cancels { note(.cancel, step, cancel) }
        }
        for step in stream.entries where [.complete, .cancel].contains(step.event.action) {
            for reopening in reopenings { note(.reopen, step, reopening) }
        }
        return found.sorted { ($0.loser, $0.winner) < ($1.loser, $1.winner) }
    }

    private func sawReopenings(_ step: Entry) -> Bool {
        reopenings.allSatisfy { stream.saw(step, $0) }
    }
}
