import CRDT
import Domain
import SeededRandom
import Testing

/// The fold of a request against a second evaluator (DOM-198 to DOM-200).
@Suite("Approval laws")
struct ApprovalLawTests {
    typealias Act = NaiveApproval.Act

    private static let one = ApprovalStep("one", order: 1, .role("qa", level: 2))
    private static let two = ApprovalStep("two", order: 2, .role("finance", level: 1))
    private static let pair = ApprovalStep("one", order: 1, .role("qa", level: 2), people: 2)
    private static let author: UInt64 = 1
    private static let revision: [UInt8] = [7]

    private static let inTurn: [Act] = [
        .assign([one, two], .sequential), .approve("one", by: 2), .approve("two", by: 2),
        .approve("two", by: 3), .approve("one", by: author), .reject("one", by: 2),
    ]
    private static let closing: [Act] = [
        .assign([one], .sequential), .approve("one", by: 2), .approveOther("one", by: 3),
        .reject("one", by: 3), .reject("one", by: author), .cancel, .expire, .outdated,
    ]
    private static let machine: [Act] = [
        .assignMachine, .approveMachine, .assign([one], .parallel), .approve("one", by: 2),
        .expire, .comment,
    ]

    @Test(
        "FP-081 FP-086: status is the naive reading of the events, for every history of up to four",
        arguments: [inTurn, closing, machine]
    )
    func everyHistory(alphabet: [Act]) {
        var generator = SplitMix64(seed: 41)
        for length in 0...3 {
            for order in Orders.all(length) {
                Orders.choices(length, of: alphabet) { compare($0, order, &generator) }
            }
        }
        for order in Orders.ofTwoAuthors(4) {
            Orders.choices(4, of: alphabet) { compare($0, order, &generator) }
        }
    }

    @Test("FP-081 FP-086: … and for thousands of longer histories")
    func longHistories() {
        let alphabet: [Act] =
            Self.inTurn + Self.inTurn + Self.closing + Self.machine + [
                .assign([Self.pair, Self.two], .parallel), .assign([Self.two], .parallel),
                .approve("one", by: 3), .approve("one", by: 4), .approve("two", by: 4),
            ]
        var generator = SplitMix64(seed: 42)
        for _ in 0..<2_000 {
            let length = Int.random(in: 5...9, using: &generator)
            let order = Orders.random(length, &generator)
            let acts = order.map { _ in alphabet.randomElement(using: &generator) }
            compare(acts.compactMap(\.self), order, &generator)
        }
    }

    @Test("FP-086: what is closed stays closed, whatever is written by whoever knew")
    func terminal() {
        let alphabet = Self.inTurn + Self.closing + [.approve("two", by: 4)]
        var generator = SplitMix64(seed: 43)
        var closed = 0
        for _ in 0..<1_500 {
            var history = History<ApprovalEvent>()
            var before: ApprovalProgress.Status?
            for place in 0..<8 {
                let act = alphabet.randomElement(using: &generator) ?? .comment
                history.add(Self.event(act), seen: Array(0..<place))
                let status = Self.fold(history).status
                if let before, !before.isOpen {
                    #expect(status == before)
                    closed += 1
                }
                before = status
            }
        }
        #expect(closed > 1_000)
    }

    @Test("P9: on replay too, nobody approves what they asked for, and nobody decides twice")
    func independent() {
        let alphabet =
            Self.inTurn + [
                .assign([Self.pair, Self.two], .parallel), .approve("one", by: 3),
            ]
        var generator = SplitMix64(seed: 44)
        var approved = 0
        for _ in 0..<3_000 {
            let length = Int.random(in: 3...8, using: &generator)
            let order = Orders.random(length, &generator)
            var history = History<ApprovalEvent>()
            for seen in order {
                let act = alphabet.randomElement(using: &generator) ?? .comment
                history.add(Self.event(act), seen: seen.sorted())
            }
            let progress = Self.fold(history)
            let people = progress.steps.flatMap(\.approvals.keys)
            #expect(Set(people).count == people.count && !people.contains(id(Self.author)))
            if progress.status == .approved {
                approved += 1
                #expect(people.count >= progress.steps.reduce(0) { $0 + $1.step.people })
            }
        }
        #expect(approved > 20)
    }

    private func compare(_ acts: [Act], _ saw: [Set<Int>], _ generator: inout SplitMix64) {
        var history = History<ApprovalEvent>()
        for (place, act) in acts.enumerated() {
            let time = UInt64.random(in: 1...9, using: &generator)
            history.add(Self.event(act), seen: saw[place].sorted(), time: time)
        }
        let naive = NaiveApproval(acts, saw: saw, author: Self.author)
        let folded = Self.fold(history)
        let agreed = Set(
            folded.steps.flatMap { step in
                step.approvals.keys.map { [step.step.slug, "\($0.low)"] }
            }
        )
        if folded.status != naive.status || agreed != naive.agreed
            || folded.isOutdated != acts.contains(.outdated)
        {
            Issue.record("\(acts) \(saw): \(folded.status), \(naive.status), \(agreed)")
        }
    }

    private static func fold(_ history: History<ApprovalEvent>) -> ApprovalProgress {
        ApprovalProgress(history.stream, revision: revision, authors: [id(author)])
    }

    private static func event(_ act: Act) -> ApprovalEvent {
        func event(
            _ action: ApprovalEvent.Action,
            _ step: String? = nil,
            by: UInt64? = nil
        )
            -> ApprovalEvent
        {
            var event = ApprovalEvent(id(99), action)
            (event.step, event.by) = (step, by.map { id($0) })
            event.revision = revision
            return event
        }
        switch act {
        case .assign(let steps, let mode):
            var assign = event(.assign)
            (assign.steps, assign.mode) = (steps, mode)
            return assign
        case .assignMachine:
            var assign = event(.assign)
            assign.flags = [ApprovalEvent.Flag.automatic]
            return assign
        case .approve(let step, let person): return event(.approve, step, by: person)
        case .approveOther(let step, let person):
            var approval = event(.approve, step, by: person)
            approval.revision = [8]
            return approval
        case .approveMachine:
            var approval = event(.approve)
            approval.flags = [ApprovalEvent.Flag.automatic]
            return approval
        case .reject(let step, let person): return event(.reject, step, by: person)
        case .cancel: return event(.cancel)
        case .expire: return event(.expire)
        case .outdated: return event(.outdated)
        case .comment: return event(.comment)
        }
    }
}
