import CRDT
import Domain
import SeededRandom
import Testing

/// The fold of a task against a second evaluator (DOM-50 to DOM-55).
@Suite("Task laws")
struct TaskLawTests {
    private static let resume = TaskStep.Action.resume([])
    private static let everything: [TaskStep.Action] = [
        .start, .progress(4_000), .hold, resume, .complete, .askToCancel, .cancel, .reopen,
        .issue, .unknown,
    ]

    @Test("TV-135 the fold is the naive reading, for every history of up to three steps")
    func everyHistoryOfThree() {
        var generator = SplitMix64(seed: 31)
        for length in 0...3 {
            for order in Orders.all(length) {
                Orders.choices(length, of: Self.everything) { compare($0, order, &generator) }
            }
        }
    }

    @Test(
        "TV-135 … and for every history of four, of the steps that matter to each other",
        arguments: [
            [.complete, .hold, resume, .reopen], [.complete, .cancel, .hold, .reopen],
        ]
    )
    func everyHistoryOfFour(alphabet: [TaskStep.Action]) {
        var generator = SplitMix64(seed: 32)
        for order in Orders.all(4) {
            Orders.choices(4, of: alphabet) { compare($0, order, &generator) }
        }
    }

    @Test(
        "TV-135 … and for every history of five and six steps of two authors",
        arguments: [
            (6, [.complete, .hold]), (6, [.complete, .cancel]), (5, [.start, .complete]),
            (5, [.complete, .hold, .reopen]),
        ] as [(Int, [TaskStep.Action])]
    )
    func everyHistoryOfSix(length: Int, alphabet: [TaskStep.Action]) {
        var generator = SplitMix64(seed: 33)
        for order in Orders.ofTwoAuthors(length) {
            Orders.choices(length, of: alphabet) { compare($0, order, &generator) }
        }
    }

    @Test("TV-135 … and for thousands of longer histories")
    func longHistories() {
        var generator = SplitMix64(seed: 34)
        for _ in 0..<2_000 {
            let length = Int.random(in: 5...12, using: &generator)
            let order = Orders.random(length, &generator)
            let actions = order.map { _ in Self.everything.randomElement(using: &generator) }
            compare(actions.compactMap(\.self), order, &generator)
        }
    }

    @Test("TV-132 progress never falls within an attempt, whatever arrives")
    func neverFalls() {
        var generator = SplitMix64(seed: 35)
        let actions: [TaskStep.Action] = [
            .progress(1_000), .progress(9_000), .progress(-5), .progress(99_999), .hold, .complete,
            .reopen, .cancel,
        ]
        for _ in 0..<1_000 {
            var history = History<TaskStep>()
            for seen in Orders.random(7, &generator) {
                let action = actions.randomElement(using: &generator) ?? .hold
                history.add(TaskStep("T-1", action), seen: seen.sorted())
            }
            let held = history.entries.indices.map { TaskProgress(Stream(history.entries[...$0])) }
            for (before, after) in zip(held, held.dropFirst()) {
                let falls = before.attempt == after.attempt && before.progress > after.progress
                if falls { Issue.record("\(history.entries.map(\.event.action))") }
                #expect(before.attempt <= after.attempt)
                #expect((0...10_000).contains(after.progress))
            }
        }
    }

    @Test("TV-135 where everyone saw everything, the fold is the state machine of DOM-59")
    func oneAfterTheOther() {
        let alphabet: [TaskStep.Action] = [
            .start, .progress(5_000), .hold, Self.resume, .complete, .cancel, .reopen, .issue,
        ]
        var pending: [(History<TaskStep>, TaskProgress.Status)] = [(History(), .pending)]
        var checked = 0
        while let (history, status) = pending.popLast() {
            for action in alphabet where TaskRules.allowed(from: action).contains(status) {
                var next = history
                let holds = TaskProgress(history.stream).holds.map(\.id)
                let step = action == Self.resume ? .resume(holds) : action
                next.add(TaskStep("T-1", step), seen: Array(history.entries.indices))
                let expected = Self.follow(action, status)

                let folded = TaskProgress(next.stream)
                if folded.status != expected {
                    Issue.record("\(next.entries.map(\.event.action)): \(folded)")
                }
                #expect(folded.conflicts.isEmpty)
                checked += 1
                if next.entries.count < 5 { pending.append((next, expected)) }
            }
        }
        #expect(checked > 900)
    }

    /// The state after a step that was allowed.
    private static func follow(
        _ action: TaskStep.Action,
        _ status: TaskProgress.Status
    ) -> TaskProgress.Status {
        switch action {
        case .start, .progress, .resume, .reopen: .inProgress
        case .hold, .askToCancel: .onHold
        case .complete: .completed
        case .cancel: .cancelled
        case .issue, .unknown: status
        }
    }

    private func compare(
        _ actions: [TaskStep.Action],
        _ saw: Order,
        _ generator: inout SplitMix64
    ) {
        var lifts: [Int: Set<Int>] = [:]
        var history = History<TaskStep>()
        for (place, action) in actions.enumerated() {
            var step = action
            if action == Self.resume {
                let held = saw[place].filter {
                    actions[$0] == .hold || actions[$0] == .askToCancel
                }
                // Mostly all of them, sometimes all but one.
                let all = UInt8.random(in: 0...3, using: &generator) > 0
                lifts[place] = all ? held : Set(held.sorted().dropFirst())
                step = .resume((lifts[place] ?? []).map { history[$0] })
            }
            let time = UInt64.random(in: 1...9, using: &generator)
            history.add(TaskStep("T-1", step), seen: saw[place].sorted(), time: time)
        }

        let naive = NaiveTask(actions: actions, saw: saw, lifts: lifts)
        let folded = TaskProgress(Stream(history.entries.shuffled(using: &generator)))

        let conflicts = Set(folded.conflicts.map { [$0.loser, $0.winner] })
        let isEqual =
            folded.status == naive.status && folded.attempt == naive.attempt
            && folded.progress == naive.progress
            && Set(folded.holds.map(\.id)) == Set(naive.standing.map { history[$0] })
            && conflicts == Set(naive.conflicts.map { $0.map { history[$0] } })
            && Set(folded.doubled) == Set(naive.doubled.map { history[$0] })
        if !isEqual {
            Issue.record("\(actions) \(saw) lifts \(lifts): \(folded) but \(naive.status)")
        }
    }
}
