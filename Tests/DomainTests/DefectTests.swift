import CRDT
import Domain
import SeededRandom
import Testing

/// Defects: laws, examples and who may do what when (DOM-80 to DOM-85).
@Suite("Defects")
struct DefectTests {
    private static let raise = DefectStep.Action.reclassify(.critical, isDecided: false)
    private static let lower = DefectStep.Action.reclassify(.minor, isDecided: true)
    private static let everything: [DefectStep.Action] = [
        .start, .contain, .resolve, .verify, .refuse, .reopen, raise, lower, .askToWaive, .waive,
        .unknown,
    ]

    @Test("TV-128 the fold is the naive reading, for every history of up to three steps")
    func everyHistoryOfThree() {
        var generator = SplitMix64(seed: 81)
        for length in 0...3 {
            for order in Orders.all(length) {
                Orders.choices(length, of: Self.everything) { compare($0, order, &generator) }
            }
        }
    }

    @Test(
        "TV-128 … and for every history of five and six steps of two authors",
        arguments: [(5, [.verify, .refuse, .resolve]), (6, [.waive, raise])]
            as [(Int, [DefectStep.Action])]
    )
    func everyHistoryOfSix(length: Int, alphabet: [DefectStep.Action]) {
        var generator = SplitMix64(seed: 82)
        for order in Orders.ofTwoAuthors(length) {
            Orders.choices(length, of: alphabet) { compare($0, order, &generator) }
        }
    }

    @Test("TV-128 … and for thousands of longer histories")
    func longHistories() {
        var generator = SplitMix64(seed: 83)
        for _ in 0..<2_000 {
            let order = Orders.random(Int.random(in: 4...12, using: &generator), &generator)
            let actions = order.map { _ in Self.everything.randomElement(using: &generator) }
            compare(actions.compactMap(\.self), order, &generator)
        }
    }

    private func compare(
        _ actions: [DefectStep.Action],
        _ saw: Order,
        _ generator: inout SplitMix64
    ) {
        var history = History<DefectStep>()
        for (place, action) in actions.enumerated() {
            let time = UInt64.random(in: 1...9, using: &generator)
            history.add(DefectStep("D-1", action), seen: saw[place].sorted(), time: time)
        }
        let naive = NaiveDefect(actions, saw: saw)
        let stream = Stream(history.entries.shuffled(using: &generator))
        let folded = DefectProgress(stream)

        let conflicts = Set(folded.conflicts.map { [$0.loser, $0.winner] })
        let isEqual =
            folded.status == naive.status && folded.attempt == naive.attempt
            && folded.severity == naive.severity
            && conflicts == Set(naive.conflicts.map { $0.map { history[$0] } })
        if !isEqual { Issue.record("\(actions) \(saw): \(folded) but \(naive.status)") }
    }

    private func history(_ actions: [DefectStep.Action]) -> History<DefectStep> {
        var history = History<DefectStep>()
        for action in actions {
            history.add(DefectStep("D-1", action), seen: Array(history.entries.indices))
        }
        return history
    }

    private func progress(
        _ actions: [DefectStep.Action],
        _ severity: Defect.Severity = .major
    ) -> DefectProgress {
        DefectProgress(history([.reclassify(severity, isDecided: false)] + actions).stream)
    }

    @Test("TV-128 a verification that did not know of a refusal does not close a defect")
    func refused() {
        var history = history([.start, .resolve])
        history.add(DefectStep("D-1", .verify), seen: [1])
        history.add(DefectStep("D-1", .refuse, reason: "leaks again"), seen: [1])

        let beside = DefectProgress(history.stream)
        #expect(beside.status == .inProgress)
        #expect(beside.conflicts.map(\.kind) == [.refuse])

        history.add(DefectStep("D-1", .resolve), seen: [2, 3])
        history.add(DefectStep("D-1", .verify), seen: [4])
        let closed = DefectProgress(history.stream)
        #expect(closed.status == .closed)
        #expect(closed.conflicts.isEmpty)
        #expect(!closed.isOpen)
    }

    @Test("TV-128 a station raises a severity, only a hub lowers it, and a critical defect holds")
    func severity() {
        #expect(progress([Self.raise], .minor).severity == .critical)
        let lowered = progress([.reclassify(.minor, isDecided: false)], .critical)
        #expect(lowered.severity == .critical)
        #expect(lowered.holdsWork)
        #expect(progress([Self.raise, Self.lower], .major).severity == .minor)
        #expect(progress([Self.lower, Self.raise]).severity == .critical)
        #expect(!progress([.resolve, .verify], .critical).holdsWork)
        #expect(progress([.resolve], .critical).holdsWork)
    }

    @Test("TV-128 a waiver that did not know how bad it is does not count")
    func waivers() {
        var history = history([.start])
        history.add(DefectStep("D-1", .waive), seen: [0])
        #expect(DefectProgress(history.stream).status == .waived)

        history.add(DefectStep("D-1", Self.raise), seen: [0])
        let beside = DefectProgress(history.stream)
        #expect(beside.status == .inProgress)
        #expect(beside.conflicts.map(\.kind) == [.severity])
        #expect(progress([.askToWaive]).isWaiverAsked)
        #expect(!progress([.askToWaive, .waive]).isWaiverAsked)
    }

    @Test("TV-128 what a station writes as decided asks, or raises at most")
    func forged() {
        for (action, read) in [
            (.waive, .askToWaive), (Self.lower, .reclassify(.minor, isDecided: false)),
        ] as [(DefectStep.Action, DefectStep.Action)] {
            let counted = Catalogue.schema.counted(
                DefectStep("D-1", action).operation(),
                in: .subject(id(1)),
                isHub: false,
                naturalID: { _, _ in .zero }
            )
            guard case .counts(let rest) = counted else {
                Issue.record("\(counted)")
                continue
            }
            #expect(DefectStep(Fields(of: rest)).action == read)
        }
    }

    @Test(
        "TV-128 TV-130 a step is taken from the states of the table, with what it needs",
        arguments: [
            (.start, [], nil), (.resolve, [.start], nil), (.resolve, [], .wrongOrder),
            (.verify, [.start, .resolve], nil), (.verify, [.start], .wrongOrder),
            (.refuse, [.start, .resolve], nil), (.reopen, [.start], .wrongOrder),
            (.reopen, [.start, .resolve, .verify], nil), (.contain, [], nil), (raise, [], nil),
            (.reclassify(.minor, isDecided: false), [], .hubOnly), (.waive, [], .hubOnly),
            (.askToWaive, [.start], nil), (.askToWaive, [.waive], .wrongOrder),
        ] as [(DefectStep.Action, [DefectStep.Action], RuleFault.Code?)]
    )
    func steps(
        action: DefectStep.Action,
        before: [DefectStep.Action],
        expected: RuleFault.Code?
    ) {
        #expect(fault(action, after: before) == expected)
    }

    @Test("TV-128 cause, action and containment are written first; two pairs of eyes; a reason")
    func needs() {
        var bare = DefectDefinition("D-1", description: "scratch")
        #expect(fault(.resolve, after: [.start], defect: bare) == .empty)
        #expect(fault(.contain, after: [.start], defect: bare) == .empty)
        bare.rootCause = "worn jig"
        #expect(fault(.resolve, after: [.start], defect: bare) == .empty)
        #expect(fault(.verify, after: [.start, .resolve], resolver: id(5)) == .sameAuthor)
        #expect(fault(.refuse, after: [.start, .resolve], reason: nil) == .reasonRequired)
        #expect(fault(Self.raise, after: [], reason: nil) == .reasonRequired)
        let guest = Standing(user: id(6), levels: ["sales": 1])
        #expect(fault(.resolve, after: [.start], by: guest) == .notAllowed)
        #expect(fault(Self.raise, after: [], by: guest) == nil)
    }

    @Test("TV-128 the hub waives and lowers an open defect, with a reason")
    func decisions() {
        let manager = Standing(user: id(2), levels: ["qa": 3])
        func fault(_ step: DefectStep, _ before: [DefectStep.Action]) -> RuleFault.Code? {
            do throws(RuleFault) {
                let shown = progress(before)
                try DefectRules.checkDecision(step, on: whole, shown, by: manager)
                return nil
            } catch { return error.code }
        }
        #expect(fault(DefectStep("D-1", .waive, reason: "cosmetic"), []) == nil)
        #expect(fault(DefectStep("D-1", .waive), []) == .reasonRequired)
        #expect(fault(DefectStep("D-1", .waive, reason: "x"), [.resolve, .verify]) == .wrongOrder)
        #expect(fault(DefectStep("D-1", Self.lower, reason: "x"), [.start]) == nil)
        #expect(fault(DefectStep("D-1", .verify, reason: "x"), [.resolve]) == .wrongOrder)
    }

    private var whole: DefectDefinition {
        var defect = DefectDefinition("D-1", description: "scratch")
        defect.rootCause = "worn jig"
        defect.correctiveAction = "new jig"
        defect.preventiveAction = "check weekly"
        defect.containment = "lot set aside"
        return defect
    }

    private func fault(
        _ action: DefectStep.Action,
        after actions: [DefectStep.Action],
        reason: String? = "seen",
        defect: DefectDefinition? = nil,
        resolver: ID? = nil,
        by person: Standing = Standing(user: id(5), levels: ["qa": 2])
    ) -> RuleFault.Code? {
        do throws(RuleFault) {
            try DefectRules.check(
                DefectStep("D-1", action, reason: reason),
                on: defect ?? whole,
                progress(actions),
                resolver: resolver,
                by: person
            )
            return nil
        } catch {
            return error.code
        }
    }

    @Test("S-03 TV-128 two stations open the defect of a failed item once")
    func opened() {
        let code = Defect.code(of: "B-2025-0007", process: "FINAL_QC", attempt: 1, item: 4)
        #expect(code == "FINAL_QC-1-4-B-2025-0007")
        var history = History<DefectStep>()
        for severity in [Defect.Severity.critical, .minor] {
            history.add(DefectStep(code, .reclassify(severity, isDecided: false)))
        }
        #expect(DefectProgress(history.stream).severity == .critical)
        #expect(DefectProgress(Stream([])).severity == .critical)
        let cautious = Catalogue.schema[Defect.number]?.fields.filter { $0.name == "severity" }
        #expect(cautious?.isEmpty == true)
    }
}
