import CRDT

/// The steps of the last attempt, and which of them count.
///
/// - Source: DOM-3 to DOM-9.
struct AttemptView {
    typealias Entry = Stream<ProgressStep>.Entry

    private let stream: Stream<ProgressStep>
    private let requiresApproval: Bool
    private let steps: [Entry]
    private let blocks: [Entry]
    private let finishes: [Entry]
    private let reopenings: [Entry]
    /// Of every attempt: a reopening may leave behind what did not know of it.
    private let closers: [Entry]

    init(
        _ stream: Stream<ProgressStep>,
        attempts: Attempts<ProgressStep>,
        requiresApproval: Bool
    ) {
        self.stream = stream
        self.requiresApproval = requiresApproval
        steps = stream.entries.filter { attempts.number(of: $0) == attempts.last }
        blocks = steps.filter { $0.event.action.isBlock }
        finishes = steps.filter { $0.event.action.isFinish }
        reopenings = steps.filter { $0.event.action == .reopen }
        closers = stream.entries.filter { $0.event.action.closes }
    }

    /// The steps that put the attempt in progress.
    var openers: [Entry] { steps.filter { $0.event.action.opens } }

    /// The finishes that count and that no later block has used up.
    var doneFinishes: [Entry] {
        let valid = validBlocks
        return finishes.filter { finish in
            counts(finish) && !valid.contains { stream.saw($0, finish) }
        }
    }

    var countingSkips: [Entry] {
        steps.filter { skip in
            skip.event.action == .skip && counts(skip)
                && !finishes.contains { stream.areConcurrent($0, skip) }
        }
    }

    /// The valid blocks that no unblocking has lifted.
    var standingBlocks: [Entry] {
        validBlocks.filter { block in
            !steps.contains { step in
                guard case .unblock(let lifted) = step.event.action else { return false }
                return lifted.contains(block.id) && stream.saw(step, block)
            }
        }
    }

    /// Whether a finish that counts completes the sub-stage.
    func isComplete(_ finish: Entry) -> Bool {
        !needsApproval(finish) || !approvals(of: finish).isEmpty
    }

    /// The approvals of a finish that count: of its revision, with no block that they or it did
    /// not know of, and none between.
    func approvals(of finish: Entry) -> [Entry] {
        steps.filter { step in
            step.event.action.isApproval
                && step.event.action.revision == finish.event.action.revision
                && stream.saw(step, finish)
                && blocks.allSatisfy { stream.saw(finish, $0) || stream.saw($0, step) }
        }
    }

    /// The pairs that cannot both count, without those that one of `settling` had seen whole.
    func conflicts(settledBy settling: [Entry]) -> [SubStageProgress.Conflict] {
        var found: [SubStageProgress.Conflict] = []
        func note(_ kind: SubStageProgress.Conflict.Kind, _ loser: Entry, _ winner: Entry) {
            guard stream.areConcurrent(loser, winner),
                !settling.contains(where: {
                    stream.saw($0, loser) && stream.saw($0, winner)
                })
            else { return }
            found.append(.init(kind: kind, loser: loser.id, winner: winner.id))
        }
        for step in steps where step.event.action.closes {
            for block in blocks { note(.block, step, block) }
            if step.event.action == .skip {
                for finish in finishes { note(.skip, step, finish) }
            }
        }
        for step in closers {
            for reopening in reopenings { note(.reopen, step, reopening) }
        }
        return found.sorted { ($0.loser, $0.winner) < ($1.loser, $1.winner) }
    }

    private func needsApproval(_ finish: Entry) -> Bool {
        if requiresApproval { return true }
        if case .finish(let needed, _) = finish.event.action { return needed }
        return false
    }

    /// Whether a step knew every reopening of the attempt and no block is beside it.
    private func counts(_ step: Entry) -> Bool {
        reopenings.allSatisfy { stream.saw(step, $0) }
            && blocks.allSatisfy { stream.saw(step, $0) || stream.saw($0, step) }
    }

    /// The blocks but those that had seen the sub-stage closed: it must be reopened instead.
    private var validBlocks: [Entry] {
        let closing = finishes.filter(counts).flatMap { finish in
            needsApproval(finish) ? approvals(of: finish) : [finish]
        }
        let closed = closing + countingSkips
        return blocks.filter { block in !closed.contains { stream.saw(block, $0) } }
    }
}
