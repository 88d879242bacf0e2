import CRDT
import Domain

/// The progress of a task, read word for word from `protocol/domain.md`, slowly.
///
/// Works on places in a list and a table of who saw whom, and shares nothing with the fold.
struct NaiveTask {
    let actions: [TaskStep.Action]
    let saw: Order
    /// What a resumption lifts, by its place.
    let lifts: [Int: Set<Int>]
    let attempt: Int
    /// The steps of the last attempt.
    private let mine: [Int]

    init(actions: [TaskStep.Action], saw: Order, lifts: [Int: Set<Int>]) {
        self.actions = actions
        self.saw = saw
        self.lifts = lifts
        // DOM-2: an event stands after all that it saw, so theirs are known.
        var attempts: [Int] = []
        for (place, action) in actions.enumerated() {
            let before = saw[place].filter { actions[$0] == .reopen }.map { attempts[$0] }
            attempts.append((before.max() ?? 1) + (action == .reopen ? 1 : 0))
        }
        let last = attempts.max() ?? 1
        attempt = last
        mine = attempts.indices.filter { attempts[$0] == last }
    }

    private func apart(_ a: Int, _ b: Int) -> Bool {
        a != b && !saw[a].contains(b) && !saw[b].contains(a)
    }

    // DOM-50 and DOM-51

    private func holds(_ step: Int) -> Bool {
        actions[step] == .hold || actions[step] == .askToCancel
    }

    private func isDone(_ step: Int) -> Bool {
        guard actions[step] == .complete else { return false }
        for other in mine {
            switch actions[other] {
            case .reopen where !saw[step].contains(other): return false
            case .hold where apart(other, step), .askToCancel where apart(other, step):
                return false
            case .cancel where !saw[other].contains(step): return false
            default: continue
            }
        }
        return true
    }

    private func isCancelled(_ step: Int) -> Bool {
        actions[step] == .cancel
            && !mine.contains { actions[$0] == .reopen && !saw[step].contains($0) }
            && !mine.contains { saw[step].contains($0) && isDone($0) }
    }

    // DOM-52

    var standing: Set<Int> {
        let closings = mine.filter { isDone($0) || isCancelled($0) }
        return Set(
            mine.filter { hold in
                guard holds(hold) else { return false }
                let isVoid = closings.contains { saw[hold].contains($0) }
                let isLifted = mine.contains {
                    saw[$0].contains(hold) && lifts[$0]?.contains(hold) == true
                }
                return !isVoid && !isLifted
            }
        )
    }

    // DOM-53

    var status: TaskProgress.Status {
        if mine.contains(where: isCancelled) { return .cancelled }
        if !standing.isEmpty { return .onHold }
        if mine.contains(where: isDone) { return .completed }
        for step in mine {
            switch actions[step] {
            case .start, .progress, .resume, .complete, .reopen: return .inProgress
            default: continue
            }
        }
        return .pending
    }

    // DOM-54

    var progress: Int {
        mine.reduce(0) { most, step in
            switch actions[step] {
            case .progress(let share): max(most, Int(share))
            case .complete: 10_000
            default: most
            }
        }
    }

    // DOM-135

    /// Places of starts or completions beside each other that nothing has seen together.
    var doubled: Set<Int> {
        var found: Set<Int> = []
        for action in [TaskStep.Action.start, .complete] {
            let own = mine.filter { actions[$0] == action }
            for one in own {
                for other in own where apart(one, other) {
                    let isSeen = saw.contains { $0.isSuperset(of: [one, other]) }
                    if !isSeen { found.formUnion([one, other]) }
                }
            }
        }
        return found
    }

    // DOM-55

    /// Loser and winner.
    var conflicts: Set<[Int]> {
        var pairs: Set<[Int]> = []
        for loser in actions.indices {
            for winner in mine where apart(loser, winner) {
                let isMine = mine.contains(loser)
                let isBeaten =
                    switch (actions[loser], actions[winner]) {
                    case (.complete, .hold), (.complete, .askToCancel), (.complete, .cancel):
                        isMine
                    case (.complete, .reopen), (.cancel, .reopen): true
                    default: false
                    }
                let isSettled = mine.contains {
                    saw[$0].contains(loser) && saw[$0].contains(winner)
                        && (isDone($0) || isCancelled($0))
                }
                if isBeaten, !isSettled { pairs.insert([loser, winner]) }
            }
        }
        return pairs
    }
}
