import CRDT
import Domain

/// The progress of a sub-stage, read word for word from `protocol/domain.md`, slowly.
///
/// Works on places in a list and a table of who saw whom, and shares nothing with the fold.
struct NaiveProgress {
    /// The steps.
    let actions: [ProgressStep.Action]
    /// For each step the places it had seen, with all that those had seen.
    let saw: [Set<Int>]
    /// What an unblocking lifts, by its place.
    let lifts: [Int: Set<Int>]
    let attempt: Int
    /// The steps of the last attempt.
    private let mine: [Int]

    init(_ actions: [ProgressStep.Action], saw: [Set<Int>], lifts: [Int: Set<Int>]) {
        self.actions = actions
        self.saw = saw
        self.lifts = lifts
        let attempts = actions.indices.map { Self.attempt(of: $0, actions, saw) }
        let last = attempts.max() ?? 1
        attempt = last
        mine = actions.indices.filter { attempts[$0] == last }
    }

    private func sees(_ a: Int, _ b: Int) -> Bool { saw[a].contains(b) }

    private func apart(_ a: Int, _ b: Int) -> Bool { a != b && !sees(a, b) && !sees(b, a) }

    // DOM-2

    private static func attempt(
        of step: Int,
        _ actions: [ProgressStep.Action],
        _ saw: [Set<Int>]
    ) -> Int {
        let reopenings = saw[step].filter { actions[$0] == .reopen }
        let before = reopenings.map { attempt(of: $0, actions, saw) }.max() ?? 1
        return actions[step] == .reopen ? before + 1 : before
    }

    // DOM-3 and DOM-4

    private func counts(_ step: Int) -> Bool {
        for other in mine where other != step {
            if actions[other] == .reopen, !sees(step, other) { return false }
            if isBlock(other), apart(other, step) { return false }
            if actions[step] == .skip, isFinish(other), apart(other, step) { return false }
        }
        return true
    }

    private func approvals(_ finish: Int) -> [Int] {
        mine.filter { approval in
            guard case .approve(let wanted) = actions[approval],
                case .finish(_, let revision) = actions[finish], wanted == revision
            else { return false }
            let blocks = mine.filter(isBlock)
            return sees(approval, finish)
                && !blocks.contains { !sees(finish, $0) && !sees($0, approval) }
        }
    }

    private func needsApproval(_ finish: Int) -> Bool {
        if case .finish(true, _) = actions[finish] { true } else { false }
    }

    // DOM-5

    private func valid() -> [Int] {
        let good = mine.filter { isFinish($0) && counts($0) }
        let closings =
            good.filter { !needsApproval($0) }
            + good.filter(needsApproval).flatMap { approvals($0) }
            + skipped()
        return mine.filter { block in
            isBlock(block) && !closings.contains { sees(block, $0) }
        }
    }

    var standing: Set<Int> {
        let left = valid().filter { block in
            !mine.contains { sees($0, block) && lifts[$0]?.contains(block) == true }
        }
        return Set(left)
    }

    // DOM-6

    private func done() -> [Int] {
        let valid = valid()
        return mine.filter { finish in
            isFinish(finish) && counts(finish) && !valid.contains { sees($0, finish) }
        }
    }

    private func skipped() -> [Int] {
        mine.filter { actions[$0] == .skip && counts($0) }
    }

    var status: SubStageProgress.Status {
        let done = done()
        if !standing.isEmpty { return .blocked }
        if done.contains(where: { !needsApproval($0) || !approvals($0).isEmpty }) {
            return .completed
        }
        if !done.isEmpty { return .inReview }
        if !skipped().isEmpty { return .skipped }
        return mine.contains(where: opens) ? .inProgress : .pending
    }

    // DOM-7

    /// Loser and winner.
    var conflicts: Set<[Int]> {
        let settling = done() + skipped()
        var pairs: Set<[Int]> = []
        for loser in actions.indices where closes(loser) {
            for winner in mine where apart(loser, winner) {
                let beaten =
                    actions[winner] == .reopen
                    || mine.contains(loser) && isBlock(winner)
                    || mine.contains(loser) && actions[loser] == .skip && isFinish(winner)
                let isSettled = settling.contains { sees($0, loser) && sees($0, winner) }
                if beaten, !isSettled { pairs.insert([loser, winner]) }
            }
        }
        return pairs
    }

    private func isBlock(_ step: Int) -> Bool {
        if case .reject = actions[step] { return true }
        return actions[step] == .block
    }

    private func isFinish(_ step: Int) -> Bool {
        if case .finish = actions[step] { true } else { false }
    }

    private func closes(_ step: Int) -> Bool {
        if case .approve = actions[step] { return true }
        return isFinish(step) || actions[step] == .skip
    }

    private func opens(_ step: Int) -> Bool {
        if case .unblock = actions[step] { return true }
        return isFinish(step) || actions[step] == .start || actions[step] == .reopen
    }
}
