public import CRDT

/// How far a defect is: the fold of its steps.
///
/// Where two stations did not know of each other the more cautious step wins, and the pair is
/// shown as a conflict until somebody who saw both closes the defect.
///
/// - Complexity: O(n²) in the steps of the defect.
/// - Source: DOM-80 to DOM-84.
public struct DefectProgress: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case open = "OPEN"
        case inProgress = "IN_PROGRESS"
        case resolved = "RESOLVED"
        case closed = "CLOSED"
        case waived = "WAIVED"
    }

    /// Two steps that did not know of each other and cannot both count.
    public struct Conflict: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// A resolution or verification beside a refusal: the refusal wins.
            case refuse
            /// A verification or waiver beside a new judgement of severity: it does not count.
            case severity
            /// A resolution, verification or waiver beside a reopening: the reopening wins.
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
    public let severity: Defect.Severity
    /// Whether it was contained in this attempt.
    public let isContained: Bool
    /// Whether somebody asked the hub for a waiver that it has not given.
    public let isWaiverAsked: Bool
    /// What is not settled, by the ids of loser and winner.
    public let conflicts: [Conflict]
    /// The resolution that stands, of greatest rank: its author does not verify it.
    public let resolution: ID?
    /// The verification or waiver that counts, of greatest rank.
    public let closing: ID?

    public init(_ stream: Stream<DefectStep>) {
        let view = DefectAttempt(stream)
        let resolutions = view.resolutions
        let verifications = view.verifications
        let waivers = view.waivers
        if !waivers.isEmpty {
            status = .waived
        } else if !verifications.isEmpty {
            status = .closed
        } else if !resolutions.isEmpty {
            status = .resolved
        } else {
            status = view.steps.contains { $0.event.action.opens } ? .inProgress : .open
        }
        attempt = view.attempt
        severity = view.severity
        isContained = view.steps.contains { $0.event.action == .contain }
        isWaiverAsked =
            waivers.isEmpty && view.steps.contains { $0.event.action == .askToWaive }
        conflicts = view.conflicts(settledBy: verifications + waivers)
        resolution = resolutions.last?.id
        closing = waivers.last?.id ?? verifications.last?.id
    }

    /// Whether somebody must still do something about it.
    public var isOpen: Bool { status != .closed && status != .waived }

    /// Whether it holds every sub-stage of its subject.
    public var holdsWork: Bool { isOpen && severity == .critical }
}

/// The steps of the last attempt on a defect, and which of them count.
private struct DefectAttempt {
    typealias Entry = Stream<DefectStep>.Entry

    let attempt: Int
    let steps: [Entry]
    private let stream: Stream<DefectStep>
    private let reopenings: [Entry]
    private let refusals: [Entry]
    private let judgements: [Entry]

    init(_ stream: Stream<DefectStep>) {
        let attempts = Attempts(stream) { $0.action == .reopen }
        self.stream = stream
        attempt = attempts.last
        steps = stream.entries.filter { attempts.number(of: $0) == attempts.last }
        reopenings = steps.filter { $0.event.action == .reopen }
        refusals = steps.filter { $0.event.action == .refuse }
        judgements = steps.filter { $0.event.action.isReclassification }
    }

    /// Resolutions that knew every refusal.
    var resolutions: [Entry] {
        steps.filter { step in
            step.event.action == .resolve && sawReopenings(step)
                && refusals.allSatisfy { stream.saw(step, $0) }
        }
    }

    var verifications: [Entry] {
        let standing = resolutions
        return steps.filter { step in
            step.event.action == .verify && sawReopenings(step) && isJudgedTogether(step)
                && standing.contains { stream.saw(step, $0) }
        }
    }

    var waivers: [Entry] {
        steps.filter { step in
            step.event.action == .waive && sawReopenings(step) && isJudgedTogether(step)
        }
    }

    /// The greatest judgement, without those that a decision of the hub had seen.
    var severity: Defect.Severity {
        let all = stream.entries.filter { $0.event.action.isReclassification }
        let decisions = all.filter {
            if case .reclassify(_, true) = $0.event.action { true } else { false }
        }
        let standing = all.filter { entry in !decisions.contains { stream.saw($0, entry) } }
            .compactMap { entry -> Defect.Severity? in
                if case .reclassify(let severity, _) = entry.event.action { severity } else { nil }
            }
        return standing.max() ?? .critical
    }

    func conflicts(settledBy settling: [Entry]) -> [DefectProgress.Conflict] {
        var found: [DefectProgress.Conflict] = []
        func note(_ kind: DefectProgress.Conflict.Kind, _ loser: Entry, _ winner: Entry) {
            let isSettled = settling.contains { stream.saw($0, loser) && stream.saw($0, winner) }
            guard stream.areConcurrent(loser, winner), !isSettled else { return }
            found.append(.init(kind: kind, loser: loser.id, winner: winner.id))
        }
        for step in steps {
            switch step.event.action {
            case .resolve: for refusal in refusals { note(.refuse, step, refusal) }
            case .verify:
                for refusal in refusals { note(.refuse, step, refusal) }
                for judgement in judgements { note(.severity, step, judgement) }
            case .waive: for judgement in judgements { note(.severity, step, judgement) }
            default: break
            }
        }
        for step in stream.entries where step.event.action.closes {
            for reopening in reopenings { note(.reopen, step, reopening) }
        }
        return found.sorted { ($0.loser, $0.winner) < ($1.loser, $1.winner) }
    }

    private func sawReopenings(_ step: Entry) -> Bool {
        reopenings.allSatisfy { stream.saw(step, $0) }
    }

    /// Whether no judgement of severity stands beside the step.
    private func isJudgedTogether(_ step: Entry) -> Bool {
        judgements.allSatisfy { stream.saw(step, $0) || stream.saw($0, step) }
    }
}
