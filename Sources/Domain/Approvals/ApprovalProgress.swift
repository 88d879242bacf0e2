public import CRDT

/// How far a request is: the fold of its events.
///
/// ```swift
/// let progress = ApprovalProgress(stream, revision: hash, authors: [anna])
/// progress.status     // .inReview: the first of two steps is decided
/// progress.openSteps  // the second
/// ```
///
/// A pure function of the events, of what each had seen, and of rank: never of arrival. Whoever
/// asked decides nothing, nobody decides twice, and what is closed stays closed; of what hubs
/// closed without knowing of each other the more cautious stands.
///
/// - Source: DOM-198 to DOM-200.
public struct ApprovalProgress: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case pending
        case inReview = "in_review"
        case approved
        case rejected
        case cancelled
        case expired

        public var isOpen: Bool { self == .pending || self == .inReview }
    }

    /// A place of the chain, and who agreed.
    public struct Step: Hashable, Sendable {
        public let step: ApprovalStep
        /// The events of the approvals that count, by person.
        public let approvals: [ID: ID]
        /// Who was last said to decide it.
        public let assigned: Set<ID>
        /// Whether anybody was ever said to.
        public let isAssigned: Bool

        public var isDecided: Bool { approvals.count >= step.people }
    }

    public let status: Status
    public let mode: ApprovalOutline.Mode
    /// By order, then slug; none before the hub has said them, and where the machine approves.
    public let steps: [Step]
    /// Whether the hub has said who must agree.
    public let isRouted: Bool
    /// The event that closed it; of several the one of greatest rank.
    public let closed: ID?
    /// Whether what was reviewed is no longer what is there.
    public let isOutdated: Bool
    /// The times of being due of which approvers were reminded.
    public let reminded: Set<Int64>
    /// The times of being due whose breach was told.
    public let escalated: Set<Int64>
    /// Of these, those after which somebody else was named.
    public let reassigned: Set<Int64>
    /// Everybody who was ever said to decide.
    public let everAssigned: Set<ID>
    /// What an auditor should look at.
    public let flags: Set<String>

    /// Folds the events of a request.
    ///
    /// - Parameters:
    ///   - stream: Its events.
    ///   - revision: What the request is about.
    ///   - authors: Whoever asked, and whoever did what is to be approved.
    public init(_ stream: Stream<ApprovalEvent>, revision: [UInt8]?, authors: Set<ID>) {
        let reading = ApprovalReading(stream, revision: revision, authors: authors)
        let all = reading.all
        let approvals = reading.approvals(in: all)
        mode = reading.mode(in: all)
        steps = reading.route(in: all).map { step in
            let assignment = Self.assignment(of: step.slug, in: stream)
            return Step(
                step: step,
                approvals: (approvals[step.slug] ?? [:]).mapValues { reading.entries[$0].id },
                assigned: assignment ?? [],
                isAssigned: assignment != nil
            )
        }
        isRouted = stream.entries.contains { $0.event.isRoute }
        let closing = ApprovalReading.closing.lazy
            .map { ($0, reading.closers($0, in: all)) }
            .first { !$0.1.isEmpty }
        let deciding: [Int]
        if let (action, places) = closing {
            status = Self.status(of: action)
            deciding = places
        } else if reading.isComplete(all) {
            status = .approved
            deciding = approvals.values.flatMap(\.values) + reading.automatic(in: all)
        } else {
            status = approvals.isEmpty ? .pending : .inReview
            deciding = []
        }
        closed = deciding.map { reading.entries[$0] }.max { $0.rank < $1.rank }?.id
        let events = stream.entries.map(\.event)
        isOutdated = events.contains { $0.action == .outdated }
        reminded = Self.dues(.remind, events)
        escalated = Self.dues(.escalate, events)
        reassigned = Self.dues(.reassign, events)
        everAssigned = events.reduce(into: []) { people, event in
            if event.action == .assign || event.action == .reassign {
                people.formUnion(event.people)
            }
        }
        flags = events.reduce(into: []) { $0.formUnion($1.action == nil ? [] : $1.flags) }
    }

    /// What is to be decided next: in turn the steps of the least order that is open, side by side
    /// all that are.
    public var openSteps: [Step] {
        guard status.isOpen else { return [] }
        let open = steps.filter { !$0.isDecided }
        guard mode == .sequential, let first = open.first else { return open }
        return open.filter { $0.step.order == first.step.order }
    }

    /// Everybody who is to decide now.
    public var currentApprovers: Set<ID> {
        openSteps.reduce(into: []) { people, step in
            people.formUnion(step.assigned.subtracting(step.approvals.keys))
        }
    }

    /// Everybody whose approval counts.
    public var approvers: Set<ID> {
        steps.reduce(into: []) { $0.formUnion($1.approvals.keys) }
    }

    private static func status(of action: ApprovalEvent.Action) -> Status {
        switch action {
        case .reject: .rejected
        case .expire: .expired
        default: .cancelled
        }
    }

    private static func dues(
        _ action: ApprovalEvent.Action,
        _ events: [ApprovalEvent]
    ) -> Set<Int64> {
        Set(events.compactMap { $0.action == action ? $0.due : nil })
    }

    /// Whoever the assignments of a step name that no other of them saw; nil if there is none.
    private static func assignment(
        of slug: String,
        in stream: Stream<ApprovalEvent>
    ) -> Set<ID>? {
        let heads = stream.standing { event in
            event.step == slug && (event.action == .assign || event.action == .reassign)
        }
        guard !heads.isEmpty else { return nil }
        return heads.reduce(into: []) { $0.formUnion($1.event.people) }
    }
}

extension ApprovalEvent {
    /// Whether the event says who must agree.
    var isRoute: Bool {
        action == .assign && (!steps.isEmpty || flags.contains(Flag.automatic))
    }
}
