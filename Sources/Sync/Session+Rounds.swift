import CRDT
import Wire

// Rounds: which scopes differ, and what each side holds of them (SYNC-8 to SYNC-10).

extension Session {
    /// One comparison of everything that is shared.
    struct Round: Sendable {
        let number: UInt64
        /// Whether an empty ranges frame was sent or received.
        var isCompared = false
        /// The answer to send once the frontiers asked for stand before it.
        var heldBack: [Frame.ScopeRange]?
        /// Scopes whose frontiers the store is reading, and whether they answer the peer.
        var reading: [(scopes: [Scope], isAnswer: Bool)] = []
        /// Scopes that the peer was asked about and has not answered for: it does not share them.
        var unshared: Set<Scope> = []
        /// Scopes that the peer has asked about.
        var asked: Set<Scope> = []
        /// Scopes that this side has asked about.
        var noted: Set<Scope> = []
        /// Asking frames that the peer has not answered.
        var unanswered = 0
        var hasSaidDone = false
        var isPeerDone = false
        /// How many ranges frames the peer has sent.
        var exchanges = 0
        /// Ranges that came before this side was ready for them.
        var early: (ranges: [Frame.ScopeRange], number: UInt64)?
        /// Another round is wanted after this one.
        var isAnotherWanted = false
        /// Whether the initiator was asked for another round.
        var hasAskedAgain = false
        /// Whether equality was reported.
        var isReported = false

        /// Scopes of which a change came before one that it names: no more of them is taken.
        private(set) var broken: Set<Scope> = []
        /// Those of the round before: a peer has learned since what it could not know.
        private let brokenBefore: Set<Scope>

        init(number: UInt64, after last: Round? = nil) {
            self.number = number
            brokenBefore = last?.broken ?? []
        }

        /// Notes that a scope's order was broken.
        ///
        /// - Returns: Whether it is the first time; a peer that did not know of a fork here knows
        ///   of it in the next round.
        mutating func bearsBreak(of scope: Scope) -> Bool {
            broken.insert(scope)
            return !brokenBefore.contains(scope)
        }

        /// Far more than the comparison of 100,000 scopes that all differ takes (SYNC-9).
        static let exchangesMax = 1_024
    }

    /// Begins the next round, as the initiator.
    mutating func renew() -> [Effect] {
        round = Round(number: round.number + 1, after: round)
        outbox.stopLive()
        return [.survey]
    }

    /// The survey for a round has come.
    mutating func beginRound() -> [Effect] {
        guard let survey else { return [] }
        outbox.live = nil
        outbox.liveStart = survey.position
        if let early = round.early {
            round.early = nil
            return compareNow(early.ranges)
        }
        guard configuration.role == .initiator else { return [] }
        let ranges = survey.scopes.opening(key: configuration.channelHash)
        return [.send(.ranges(round: round.number, ranges))]
    }

    mutating func compare(_ ranges: [Frame.ScopeRange], inRound number: UInt64) -> [Effect] {
        guard phase == .running else {
            guard configuration.role == .responder, round.early == nil else {
                return end(.malformed, "ranges before details")
            }
            round.early = (ranges, number)
            return []
        }
        if number > round.number, configuration.role == .responder {
            round = Round(number: number, after: round)
            round.early = (ranges, number)
            outbox.stopLive()
            return [.survey]
        }
        guard number == round.number, !round.isCompared else { return [] }
        return compareNow(ranges)
    }

    private mutating func compareNow(_ ranges: [Frame.ScopeRange]) -> [Effect] {
        guard let survey else { return [] }
        round.exchanges += 1
        guard round.exchanges <= Round.exchangesMax else {
            return end(.overLimit, "a comparison without end")
        }
        guard !ranges.isEmpty else {
            round.isCompared = true
            return proceed()
        }
        let key = configuration.channelHash
        guard let comparison = survey.scopes.compare(ranges, key: key) else {
            return end(.malformed, "ranges that do not cover the scopes")
        }
        round.heldBack = comparison.answer
        // A range that was joined may hold what was noted before, here or there.
        let new = comparison.differing.filter {
            !round.asked.contains($0) && round.noted.insert($0).inserted
        }
        guard !new.isEmpty else { return releaseAnswer() }
        round.reading.append((new, false))
        return [.readFrontiers(new)]
    }

    private mutating func releaseAnswer() -> [Effect] {
        guard let answer = round.heldBack else { return [] }
        round.heldBack = nil
        if answer.isEmpty { round.isCompared = true }
        return [.send(.ranges(round: round.number, answer))] + proceed()
    }

    /// The store has read frontiers: they are sent, before the ranges that were held back.
    mutating func tellFrontiers(_ frontiers: [Frame.ScopeFrontier]) -> [Effect] {
        guard !round.reading.isEmpty else { return [] }
        let request = round.reading.removeFirst()
        let frames = Self.packed(frontiers)
        let effects = frames.map {
            Effect.send(.frontiers(round: round.number, isAnswer: request.isAnswer, $0))
        }
        guard !request.isAnswer else { return effects + proceed() }
        round.unshared.formUnion(request.scopes)
        round.unanswered += frames.count
        return effects + releaseAnswer()
    }

    /// Splits frontiers into frames, at least one, of a bounded number of tips.
    private static func packed(_ frontiers: [Frame.ScopeFrontier]) -> [[Frame.ScopeFrontier]] {
        var frames: [[Frame.ScopeFrontier]] = [[]]
        var tips = 0
        for frontier in frontiers {
            let isFull = frames[frames.count - 1].count == scopesPerFrame
            if isFull || tips + frontier.frontier.tips.count > tipsPerFrame, tips > 0 || isFull {
                frames.append([])
                tips = 0
            }
            frames[frames.count - 1].append(frontier)
            tips += frontier.frontier.tips.count
        }
        return frames
    }

    /// Scopes in one frontiers frame: the limit of the frame.
    private static let scopesPerFrame = 256
    /// Tips in one frontiers frame, unless one scope has more: about 700 KiB.
    private static let tipsPerFrame = 8_192

    mutating func takeFrontiers(
        _ frontiers: [Frame.ScopeFrontier],
        isAnswer: Bool,
        inRound number: UInt64
    ) -> [Effect] {
        guard phase == .running, let survey else { return end(.malformed, "frontiers too early") }
        let shared = frontiers.filter { survey.scopes.contains($0.scope) }
        for frontier in shared {
            outbox.forget(frontier.scope)
            outbox.serve(frontier.scope, lacking: frontier.frontier, upTo: survey.position)
            round.unshared.remove(frontier.scope)
        }
        guard outbox.waitingTips <= Outbox.waitingTipsMax else {
            return end(.overLimit, "more tips than can wait")
        }
        if isAnswer {
            guard round.unanswered > 0 else { return end(.malformed, "an answer to nothing") }
            round.unanswered -= 1
            return proceed()
        }
        let scopes = shared.map(\.scope)
        if number == round.number { round.asked.formUnion(scopes) }
        round.reading.append((scopes, true))
        return [.readFrontiers(scopes)] + proceed()
    }
}

// MARK: - The end of a round

extension Session {
    /// Goes on with whatever is next: another chunk, done, live, another round, the end.
    mutating func proceed() -> [Effect] {
        if let request = outbox.nextRead() { return [.read(request)] }
        guard phase == .running, outbox.isIdle else { return [] }
        var effects: [Effect] = []
        if round.isCompared, round.unanswered == 0, round.reading.isEmpty, !round.hasSaidDone {
            round.hasSaidDone = true
            outbox.goLive()
            effects.append(.send(.done(round: round.number)))
        }
        return effects + settle()
    }

    mutating func takeDone(_ number: UInt64) -> [Effect] {
        guard number == round.number else { return [] }
        round.isPeerDone = true
        return settle()
    }

    /// What follows once both sides have sent everything and all of it is stored.
    private mutating func settle() -> [Effect] {
        let isOver =
            round.hasSaidDone && round.isPeerDone
            && outbox.isAcknowledged && inbox.isEmpty
        guard isOver || round.number == 0 else { return round.hasSaidDone ? live() : [] }
        if round.isAnotherWanted { return beginAnother() }
        guard isOver else { return live() }
        if !round.isReported {
            round.isReported = true
            let isLast = configuration.endsWhenEqual && configuration.role == .initiator
            let effects = [.report(.equal)] + tellHeld()
            return effects + (isLast ? end(.done, "") : live())
        }
        return live()
    }

    private mutating func beginAnother() -> [Effect] {
        round.isAnotherWanted = false
        return configuration.role == .initiator ? renew() : [.send(.again)]
    }

    mutating func askedAgain() -> [Effect] {
        guard configuration.role == .initiator else {
            return end(.malformed, "again from the initiator")
        }
        round.isAnotherWanted = true
        return phase == .running ? settle() : []
    }

    /// Something changed which scopes are shared.
    mutating func wantAnother() -> [Effect] {
        guard configuration.role == .responder else {
            round.isAnotherWanted = true
            return []
        }
        // One word is enough: whatever comes before the next round begins is surveyed in it.
        guard !round.hasAskedAgain else { return [] }
        round.hasAskedAgain = true
        return [.send(.again)]
    }
}
