import CRDT
import Domain

/// The progress of a sub-stage, read word for word from `protocol/domain.md`, slowly.
///
/// Works on places in a list and a table of who saw whom, and shares nothing with the fold.
struct NaiveProgress {
    let status: SubStageProgress.Status
    let attempt: Int
    let standing: Set<Int>
    /// Loser and winner.
    let conflicts: Set<[Int]>

    private typealias Action = ProgressStep.Action

    /// - Parameters:
    ///   - actions: The steps; an unblocking lifts the places in `lifts`.
    ///   - saw: For each step the places it had seen, with all that those had seen.
    init(_ actions: [ProgressStep.Action], saw: [Set<Int>], lifts: [Int: Set<Int>]) {
        let all = Array(actions.indices)
        func sees(_ a: Int, _ b: Int) -> Bool { saw[a].contains(b) }
        func apart(_ a: Int, _ b: Int) -> Bool { a != b && !sees(a, b) && !sees(b, a) }

        // DOM-2
        func attemptOf(_ step: Int) -> Int {
            let before = saw[step].filter { actions[$0] == .reopen }.map(attemptOf).max() ?? 1
            return actions[step] == .reopen ? before + 1 : before
        }
        let attempt = all.map(attemptOf).max() ?? 1
        let mine = all.filter { attemptOf($0) == attempt }
        let blocks = mine.filter { Self.isBlock(actions[$0]) }
        let reopenings = mine.filter { actions[$0] == .reopen }
        let finishes = mine.filter { Self.isFinish(actions[$0]) }

        // DOM-3
        func counts(_ step: Int) -> Bool {
            if reopenings.contains(where: { !sees(step, $0) }) { return false }
            if blocks.contains(where: { apart($0, step) }) { return false }
            return actions[step] != .skip || !finishes.contains { apart($0, step) }
        }
        // DOM-4
        func approvals(_ finish: Int) -> [Int] {
            mine.filter { approval in
                guard case .approve(let wanted) = actions[approval],
                    case .finish(_, let revision) = actions[finish], wanted == revision
                else { return false }
                return sees(approval, finish)
                    && !blocks.contains { !sees(finish, $0) && !sees($0, approval) }
            }
        }
        func needsApproval(_ finish: Int) -> Bool {
            if case .finish(true, _) = actions[finish] { true } else { false }
        }
        // DOM-5
        let good = finishes.filter(counts)
        let closings =
            good.filter { !needsApproval($0) }
            + good.filter(needsApproval).flatMap(approvals)
            + mine.filter { actions[$0] == .skip && counts($0) }
        let valid = blocks.filter { block in !closings.contains { sees(block, $0) } }
        standing = Set(
            valid.filter { block in
                !mine.contains { sees($0, block) && lifts[$0]?.contains(block) == true }
            }
        )
        // DOM-6
        let done = good.filter { finish in !valid.contains { sees($0, finish) } }
        let skipped = mine.filter { actions[$0] == .skip && counts($0) }
        self.attempt = attempt
        if !standing.isEmpty {
            status = .blocked
        } else if done.contains(where: { !needsApproval($0) || !approvals($0).isEmpty }) {
            status = .completed
        } else if !done.isEmpty {
            status = .inReview
        } else if !skipped.isEmpty {
            status = .skipped
        } else {
            status = mine.contains { Self.opens(actions[$0]) } ? .inProgress : .pending
        }
        // DOM-7
        var pairs: Set<[Int]> = []
        for loser in all where Self.closes(actions[loser]) {
            for winner in all where apart(loser, winner) {
                let isMine = mine.contains(loser)
                let beaten =
                    (isMine && blocks.contains(winner)) || reopenings.contains(winner)
                    || (isMine && actions[loser] == .skip && finishes.contains(winner))
                let isSettled = (done + skipped).contains { sees($0, loser) && sees($0, winner) }
                if beaten, !isSettled { pairs.insert([loser, winner]) }
            }
        }
        conflicts = pairs
    }

    private static func isBlock(_ action: Action) -> Bool {
        if case .reject = action { return true }
        return action == .block
    }

    private static func isFinish(_ action: Action) -> Bool {
        if case .finish = action { true } else { false }
    }

    private static func closes(_ action: Action) -> Bool {
        if case .approve = action { return true }
        return isFinish(action) || action == .skip
    }

    private static func opens(_ action: Action) -> Bool {
        if case .unblock = action { return true }
        return isFinish(action) || action == .start || action == .reopen
    }
}
