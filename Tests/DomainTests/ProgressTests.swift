import CRDT
import Domain
import Testing

/// The stories of the progress of a sub-stage (DOM-1 to DOM-9).
@Suite("Progress")
struct ProgressTests {
    private let finish = ProgressStep.Action.finish(needsApproval: false, revision: nil)

    /// S-02: assembly was started; one station finishes it and another blocks it.
    private func blockedBesideFinish(blockTime: UInt64 = 20) -> History<ProgressStep> {
        var history = History<ProgressStep>()
        history.add(.start, time: 1)
        history.add(finish, seen: [0], time: 10)
        history.add(.block, seen: [0], time: blockTime, reason: "crack in frame")
        return history
    }

    @Test("S-02: a block beside a finish wins, whatever the clocks say", arguments: [5, 20])
    func blockWins(blockTime: UInt64) {
        let history = blockedBesideFinish(blockTime: blockTime)

        let progress = history.progress

        #expect(progress.status == .blocked)
        #expect(progress.attempt == 1)
        #expect(progress.closed == nil)
        #expect(progress.blocks.map(\.reason) == ["crack in frame"])
        #expect(progress.conflicts.map(\.kind) == [.block])
        #expect(progress.conflicts.map(\.loser) == [history[1]])
        #expect(progress.conflicts.map(\.winner) == [history[2]])
    }

    @Test("S-02: the unblocking alone does not complete it; finishing again does")
    func finishAgain() {
        var history = blockedBesideFinish()
        history.add(.unblock([history[2]]), seen: [1, 2])
        #expect(history.progress.status == .inProgress)
        #expect(history.progress.conflicts.count == 1)

        history.add(finish, seen: [3])

        #expect(history.progress.status == .completed)
        #expect(history.progress.closed == history[4])
        #expect(history.progress.conflicts.isEmpty)
    }

    @Test("a block after the unblocking of S-02 counts, though its author saw the lost finish")
    func blockAgain() {
        var history = blockedBesideFinish()
        history.add(.unblock([history[2]]), seen: [1, 2])
        history.add(.block, seen: [3], reason: "second crack")

        #expect(history.progress.status == .blocked)
    }

    @Test("a block that had seen the sub-stage completed does not count: it must be reopened")
    func lateBlock() {
        var history = History<ProgressStep>()
        history.add(.start)
        history.add(finish, seen: [0])
        history.add(.block, seen: [1], reason: "too late")

        #expect(history.progress.status == .completed)
    }

    @Test("of two blocks, an unblocking that knew one lifts one")
    func unblockOneOfTwo() {
        var history = History<ProgressStep>()
        history.add(.start)
        history.add(.block, seen: [0], reason: "first")
        history.add(.block, seen: [0], reason: "second")
        history.add(.unblock([history[1]]), seen: [1])

        #expect(history.progress.status == .blocked)
        #expect(history.progress.blocks.map(\.reason) == ["second"])
    }

    @Test("an unblocking lifts only what it names, of what it had seen")
    func unblockNames() {
        var history = History<ProgressStep>()
        history.add(.block, reason: "first")
        history.add(.block, reason: "second")
        history.add(.unblock([history[1]]), seen: [0, 1])
        history.add(.unblock([history[0]]), seen: [])

        #expect(history.progress.blocks.map(\.reason) == ["first"])
    }

    @Test("S-04: a reopening beside the hub's approval wins, and the approval stays in history")
    func reopenedBesideApproval() {
        var history = History<ProgressStep>()
        history.add(.start)
        history.add(.finish(needsApproval: true, revision: [1]), seen: [0])
        #expect(history.progress.status == .inReview)
        history.add(.approve(revision: [1]), seen: [1])
        #expect(history.progress.status == .completed)
        history.add(.reopen, seen: [1], reason: "new defect")

        #expect(history.progress.status == .inProgress)
        #expect(history.progress.attempt == 2)
        #expect(history.progress.conflicts.map(\.kind) == [.reopen])
        #expect(history.progress.conflicts.map(\.loser) == [history[2]])

        history.add(.finish(needsApproval: true, revision: [2]), seen: [2, 3])
        #expect(history.progress.status == .inReview)
        history.add(.approve(revision: [1]), seen: [4])
        #expect(history.progress.status == .inReview)
        history.add(.approve(revision: [2]), seen: [5])
        #expect(history.progress.status == .completed)
        #expect(history.progress.revision == [2])
    }

    @Test("a finish of the old attempt does not finish the new one")
    func finishBesideReopening() {
        var history = History<ProgressStep>()
        history.add(.start)
        history.add(finish, seen: [0])
        history.add(.reopen, seen: [1], reason: "rework")
        history.add(finish, seen: [0], time: 9_000)

        #expect(history.progress.status == .inProgress)
        #expect(history.progress.attempt == 2)
    }

    @Test("two reopenings beside each other open one attempt; a finish must have seen both")
    func twoReopenings() {
        var history = History<ProgressStep>()
        history.add(finish)
        history.add(.reopen, seen: [0], reason: "dent")
        history.add(.reopen, seen: [0], reason: "scratch")
        history.add(finish, seen: [1])
        #expect(history.progress.attempt == 2)
        #expect(history.progress.status == .inProgress)

        history.add(finish, seen: [2, 3])

        #expect(history.progress.status == .completed)
        #expect(history.progress.conflicts.isEmpty)
    }

    @Test("a finish beside a skip wins; a block beside an approval wins until it is lifted")
    func joins() {
        var skipped = History<ProgressStep>()
        skipped.add(.start)
        skipped.add(.skip, seen: [0], time: 9_000, reason: "not needed")
        skipped.add(finish, seen: [0], time: 2)
        #expect(skipped.progress.status == .completed)
        #expect(skipped.progress.conflicts.map(\.kind) == [.skip])

        var approved = History<ProgressStep>()
        approved.add(.finish(needsApproval: true, revision: nil))
        approved.add(.approve(revision: nil), seen: [0])
        approved.add(.block, seen: [0], reason: "wrong label")
        #expect(approved.progress.status == .blocked)
        approved.add(.unblock([approved[2]]), seen: [1, 2])
        #expect(approved.progress.status == .inProgress)
    }

    @Test("a rejection is a block that the unblocking names, and then it is finished again")
    func rejected() {
        var history = History<ProgressStep>()
        history.add(.finish(needsApproval: true, revision: [1]))
        history.add(.reject(revision: [1]), seen: [0], reason: "no report")
        #expect(history.progress.blocks.map(\.isRejection) == [true])
        history.add(.unblock([history[1]]), seen: [1])
        #expect(history.progress.status == .inProgress)
        history.add(.finish(needsApproval: true, revision: [2]), seen: [2])
        #expect(history.progress.status == .inReview)
    }

    @Test("what was seeded with approval never completes by a finish alone")
    func seededApproval() {
        var history = History<ProgressStep>()
        history.add(finish)

        #expect(SubStageProgress(history.stream, requiresApproval: true).status == .inReview)
    }

    @Test("a step that is set aside does nothing, and what its author saw stays seen")
    func setAside() {
        var history = History<ProgressStep>()
        history.add(.block, reason: "crack")
        history.add(.unknown, seen: [0])
        history.add(finish, seen: [1])

        #expect(history.progress.conflicts.isEmpty)
        #expect(ProgressStep(Fields([:])).action == .unknown)
    }

    @Test("every step comes back from its operation as it was")
    func roundTrip() {
        let steps: [ProgressStep.Action] = [
            .start, .finish(needsApproval: true, revision: [7]), .block, .unblock([id(1), id(2)]),
            .skip, .reopen, .approve(revision: [7]), .reject(revision: nil),
        ]
        for action in steps {
            let step = ProgressStep("assembly", action, reason: "why", comment: "so")
            #expect(ProgressStep(Fields(of: step.operation())) == step)
        }
    }
}
