import CRDT
import Domain
import SeededRandom
import Testing

@Suite("Progress laws")
struct ProgressLawTests {
    private static let finish = ProgressStep.Action.finish(needsApproval: false, revision: nil)
    private static let asking = ProgressStep.Action.finish(needsApproval: true, revision: [1])
    private static let unblock = ProgressStep.Action.unblock([])
    private static let approve = ProgressStep.Action.approve(revision: [1])
    private static let reject = ProgressStep.Action.reject(revision: [1])

    @Test("the fold is the naive reading of DOM-1 to DOM-8, for every history of three steps")
    func everyHistoryOfThree() {
        let alphabet: [ProgressStep.Action] = [
            .start, Self.finish, Self.asking, .block, Self.unblock, .skip, .reopen,
            Self.approve, Self.reject, .unknown,
        ]
        var generator = SplitMix64(seed: 3)
        check(length: 3, alphabet, &generator)
    }

    @Test(
        "… and for every history of four, of the steps that matter to each other",
        arguments: [
            [finish, .block, unblock, .skip, .reopen],
            [asking, .block, unblock, approve, reject],
            [asking, .reopen, approve, .block],
        ]
    )
    func everyHistoryOfFour(alphabet: [ProgressStep.Action]) {
        var generator = SplitMix64(seed: 4)
        check(length: 4, alphabet, &generator)
    }

    @Test("… and for thousands of longer histories")
    func longHistories() {
        let alphabet: [ProgressStep.Action] = [
            Self.finish, Self.asking, Self.asking, .block, Self.unblock, Self.unblock, .skip,
            .reopen, Self.approve, Self.reject,
        ]
        var generator = SplitMix64(seed: 7)
        for _ in 0..<3_000 {
            let count = Int.random(in: 5...8, using: &generator)
            var saw: [Set<Int>] = []
            var actions: [ProgressStep.Action] = []
            for place in 0..<count {
                let some = (0..<place).filter { _ in Bool.random(using: &generator) }
                saw.append(some.reduce(into: Set(some)) { $0.formUnion(saw[$1]) })
                actions.append(alphabet.randomElement(using: &generator) ?? .start)
            }
            compare(actions, saw, &generator)
        }
    }

    /// Compares the two for every history of a length: every choice of steps, and every choice of
    /// what each had seen.
    private func check(
        length: Int,
        _ alphabet: [ProgressStep.Action],
        _ generator: inout SplitMix64
    ) {
        for saw in Orders.all(length) {
            Orders.choices(length, of: alphabet) { compare($0, saw, &generator) }
        }
    }

    private func compare(
        _ actions: [ProgressStep.Action],
        _ saw: [Set<Int>],
        _ generator: inout SplitMix64
    ) {
        var lifts: [Int: Set<Int>] = [:]
        var history = History<ProgressStep>()
        for (place, action) in actions.enumerated() {
            var step = action
            if case .unblock = action {
                let blocks = saw[place].filter {
                    if case .reject = actions[$0] { true } else { actions[$0] == .block }
                }
                // Mostly all of them, sometimes all but one.
                let lifted =
                    UInt8.random(in: 0...3, using: &generator) == 0
                    ? Set(blocks.sorted().dropFirst()) : Set(blocks)
                lifts[place] = lifted
                step = .unblock(lifted.map { history[$0] })
            }
            let time = UInt64.random(in: 1...9, using: &generator)
            history.add(step, seen: saw[place].sorted(), time: time)
        }

        let naive = NaiveProgress(actions, saw: saw, lifts: lifts)
        let shuffled = history.entries.shuffled(using: &generator)
        let folded = SubStageProgress(Stream(shuffled))

        let conflicts = Set(folded.conflicts.map { [$0.loser, $0.winner] })
        let isEqual =
            folded.status == naive.status && folded.attempt == naive.attempt
            && Set(folded.blocks.map(\.id)) == Set(naive.standing.map { history[$0] })
            && conflicts == Set(naive.conflicts.map { $0.map { history[$0] } })
        if !isEqual {
            Issue.record("\(actions) \(saw) lifts \(lifts): \(folded) but \(naive)")
        }
    }

    @Test("where everyone saw everything, the fold is the state machine of DOM-32")
    func oneAfterTheOther() {
        let alphabet: [ProgressStep.Action] = [
            .start, Self.finish, Self.asking, .block, Self.unblock, .skip, .reopen,
            Self.approve, Self.reject,
        ]
        var pending: [(History<ProgressStep>, SubStageProgress.Status, Int)] = [
            (History(), .pending, 1)
        ]
        var checked = 0
        while let (history, status, attempt) = pending.popLast() {
            for action in alphabet where ProgressRules.allowed(from: action).contains(status) {
                var next = history
                let blocks = history.progress.blocks.map(\.id)
                let step = action == Self.unblock ? .unblock(blocks) : action
                next.add(step, seen: Array(history.entries.indices))
                let expected = Self.follow(action)
                let attempt = attempt + (action == .reopen ? 1 : 0)

                let folded = next.progress
                if folded.status != expected || folded.attempt != attempt {
                    Issue.record("\(next.entries.map(\.event.action)): \(folded)")
                }
                #expect(folded.conflicts.isEmpty)
                checked += 1
                if next.entries.count < 7 { pending.append((next, expected, attempt)) }
            }
        }
        #expect(checked > 1_000)
    }

    /// The state after a step that was allowed.
    private static func follow(_ action: ProgressStep.Action) -> SubStageProgress.Status {
        switch action {
        case .start, .unblock, .reopen: .inProgress
        case .finish(let needsApproval, _): needsApproval ? .inReview : .completed
        case .block, .reject: .blocked
        case .skip: .skipped
        case .approve: .completed
        case .unknown: .pending
        }
    }
}
