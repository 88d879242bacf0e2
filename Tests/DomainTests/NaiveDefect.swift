import CRDT
import Domain

/// The progress of a defect, read word for word from `protocol/domain.md`, slowly.
///
/// Works on places in a list and a table of who saw whom, and shares nothing with the fold.
struct NaiveDefect {
    let actions: [DefectStep.Action]
    let saw: Order
    let attempt: Int
    private let attempts: [Int]

    init(_ actions: [DefectStep.Action], saw: Order) {
        self.actions = actions
        self.saw = saw
        // DOM-2: an event stands after all that it saw, so theirs are known.
        var attempts: [Int] = []
        for (place, action) in actions.enumerated() {
            let before = saw[place].filter { actions[$0] == .reopen }.map { attempts[$0] }
            attempts.append((before.max() ?? 1) + (action == .reopen ? 1 : 0))
        }
        self.attempts = attempts
        attempt = attempts.max() ?? 1
    }

    private func places(_ isWanted: (DefectStep.Action) -> Bool) -> [Int] {
        actions.indices.filter { attempts[$0] == attempt && isWanted(actions[$0]) }
    }

    private func judges(_ action: DefectStep.Action) -> Bool {
        if case .reclassify = action { true } else { false }
    }

    private func apart(_ a: Int, _ b: Int) -> Bool {
        a != b && !saw[a].contains(b) && !saw[b].contains(a)
    }

    // DOM-81

    private var standing: [Int] {
        let needed = places { $0 == .reopen || $0 == .refuse }
        return places { $0 == .resolve }.filter { saw[$0].isSuperset(of: needed) }
    }

    private func counting(_ action: DefectStep.Action) -> [Int] {
        let resolved = standing
        let reopenings = places { $0 == .reopen }
        let judgements = places(judges)
        return places { $0 == action }.filter { step in
            saw[step].isSuperset(of: reopenings) && !judgements.contains { apart($0, step) }
                && (action == .waive || resolved.contains { saw[step].contains($0) })
        }
    }

    // DOM-82

    var severity: Defect.Severity {
        var judged: [(Set<Int>, Int, Defect.Severity, Bool)] = []
        for place in actions.indices {
            guard case .reclassify(let severity, let isDecided) = actions[place] else { continue }
            judged.append((saw[place], place, severity, isDecided))
        }
        let left = judged.filter { judgement in
            !judged.contains { $0.3 && $0.0.contains(judgement.1) }
        }
        return left.map(\.2).max() ?? .critical
    }

    // DOM-83

    var status: DefectProgress.Status {
        if !counting(.waive).isEmpty { return .waived }
        if !counting(.verify).isEmpty { return .closed }
        if !standing.isEmpty { return .resolved }
        let begun: [DefectStep.Action] = [.start, .resolve, .refuse, .reopen]
        return places(begun.contains).isEmpty ? .open : .inProgress
    }

    /// Loser and winner.
    var conflicts: Set<[Int]> {
        let settling = counting(.verify) + counting(.waive)
        var pairs: Set<[Int]> = []
        for winner in places({ $0 == .refuse || $0 == .reopen || judges($0) }) {
            for loser in actions.indices where apart(loser, winner) {
                let isMine = attempts[loser] == attempt
                let isBeaten =
                    switch actions[loser] {
                    case .resolve:
                        actions[winner] == .reopen || actions[winner] == .refuse && isMine
                    case .verify: actions[winner] == .reopen || isMine
                    case .waive:
                        actions[winner] == .reopen || judges(actions[winner]) && isMine
                    default: false
                    }
                let isSettled = settling.contains { saw[$0].isSuperset(of: [loser, winner]) }
                if isBeaten, !isSettled { pairs.insert([loser, winner]) }
            }
        }
        return pairs
    }
}
