import CRDT
import Domain
import Testing

/// Who may do what, and when (DOM-30 to DOM-36).
@Suite("Rules")
struct RuleTests {
    private let company: Company

    init() throws { company = try Company() }

    private func row(
        _ slug: String,
        _ actions: [ProgressStep.Action] = [.start],
        canSkip: Bool = false
    ) throws -> SubStageRow {
        var history = History<ProgressStep>()
        for action in actions { history.add(action, seen: Array(history.entries.indices)) }
        let stages = try #require(company.template("Default Workflow"))["production"]
        var seed = try #require(stages?.seeds.first { $0.slug == slug })
        seed.canSkip = canSkip
        return SubStageRow(
            seed: seed,
            stage: "production",
            progress: SubStageProgress(history.stream, requiresApproval: seed.requiresApproval),
            startsAtOnce: false
        )
    }

    private func fault(
        _ action: ProgressStep.Action,
        on row: SubStageRow,
        by user: String,
        reason: String? = nil,
        stage: String = "production"
    ) throws -> RuleFault.Code? {
        let standing = company.standing(user)
        do throws(RuleFault) {
            try ProgressRules.check(
                ProgressStep(row.seed.slug, action, reason: reason),
                on: row,
                currentStage: stage,
                by: standing
            )
            return nil
        } catch {
            return error.code
        }
    }

    private let finish = ProgressStep.Action.finish(needsApproval: false, revision: nil)

    @Test("S-01: the role that a sub-stage is the duty of starts and finishes it")
    func duty() throws {
        let assembly = try row("assembly")

        #expect(try fault(finish, on: assembly, by: "do.thi.j") == nil)
        #expect(try fault(finish, on: assembly, by: "bui.thi.h") == .notAllowed)
        #expect(try fault(finish, on: try row("quality_testing"), by: "bui.thi.h") == nil)
        #expect(try fault(finish, on: try row("packaging"), by: "do.thi.j") == nil)
        #expect(try fault(finish, on: assembly, by: "nobody") == .notAllowed)
    }

    @Test("S-02: anyone blocks with a reason; a lead of the role or management lifts it")
    func blocking() throws {
        let open = try row("assembly")
        #expect(try fault(.block, on: open, by: "ly.van.k", reason: "crack in frame") == nil)
        #expect(try fault(.block, on: open, by: "pham.thi.d", reason: "customer called") == nil)
        #expect(try fault(.block, on: open, by: "ly.van.k", reason: "  ") == .reasonRequired)

        let blocked = try row("assembly", [.start, .block])
        let lift = ProgressStep.Action.unblock(blocked.progress.blocks.map(\.id))
        #expect(try fault(lift, on: blocked, by: "ly.van.k") == .notAllowed)
        #expect(try fault(lift, on: blocked, by: "do.thi.j") == nil)
        #expect(try fault(lift, on: blocked, by: "nguyen.van.a") == nil)
        #expect(try fault(.unblock([]), on: blocked, by: "do.thi.j") == .blocksNotNamed)
        #expect(try fault(.unblock([id(7)]), on: blocked, by: "do.thi.j") == .blocksNotNamed)
        #expect(try fault(finish, on: blocked, by: "do.thi.j") == .wrongOrder)
    }

    @Test("a reopening needs a lead of quality or management, and a reason")
    func reopening() throws {
        let done = try row("assembly", [.start, finish])

        #expect(try fault(.reopen, on: done, by: "bui.thi.h", reason: "dent") == nil)
        #expect(try fault(.reopen, on: done, by: "ngo.van.i", reason: "dent") == .notAllowed)
        #expect(try fault(.reopen, on: done, by: "bui.thi.h") == .reasonRequired)
        #expect(try fault(.block, on: done, by: "bui.thi.h", reason: "dent") == .wrongOrder)
    }

    @Test("steps come in their order, in the stage that the subject is in")
    func order() throws {
        let pending = try row("assembly", [])

        #expect(try fault(finish, on: pending, by: "do.thi.j") == .wrongOrder)
        #expect(try fault(.start, on: pending, by: "do.thi.j", stage: "quoted") == .stageNotCurrent)
        #expect(try fault(.skip, on: pending, by: "do.thi.j", reason: "x") == .notSkippable)
        let skippable = try row("assembly", [], canSkip: true)
        #expect(try fault(.skip, on: skippable, by: "do.thi.j", reason: "x") == nil)
        #expect(try fault(.approve(revision: nil), on: pending, by: "nguyen.van.a") == .hubOnly)
    }

    @Test("the hub decides on the very revision that is under review")
    func decisions() throws {
        let asked = ProgressStep.Action.finish(needsApproval: true, revision: [1])
        let row = try row("quality_testing", [.start, asked])

        try ProgressRules.checkDecision(ProgressStep("x", .approve(revision: [1])), on: row)
        let stale = #expect(throws: RuleFault.self) {
            try ProgressRules.checkDecision(ProgressStep("x", .approve(revision: [2])), on: row)
        }
        #expect(stale?.code == .wrongOrder)
        let silent = #expect(throws: RuleFault.self) {
            try ProgressRules.checkDecision(ProgressStep("x", .reject(revision: [1])), on: row)
        }
        #expect(silent?.code == .reasonRequired)
    }

    @Test("S-03: quality measures; a conflict is settled by a lead")
    func measuring() throws {
        let item = try #require(company.items.first { $0.item == 4 })
        let (value, outcome) = try QualityRules.judge("0.44", unit: "ml/min", for: item)
        let good = Measurement(
            inspection: id(1),
            of: item,
            outcome: try #require(outcome),
            value: value,
            measuredBy: id(2)
        )
        var other = good
        other.outcomeText = "FAIL"
        var history = History<Measurement>()
        history.add(good)
        let clear = Measured(history.stream)
        history.add(other)
        let conflict = Measured(history.stream)
        func fault(_ found: Measurement, _ shown: Measured, _ user: String) -> RuleFault.Code? {
            do throws(RuleFault) {
                let standing = company.standing(user)
                try QualityRules.check(found, of: item, shown: shown, by: standing)
                return nil
            } catch {
                return error.code
            }
        }

        #expect(fault(good, clear, "ngo.van.i") == nil)
        #expect(fault(good, clear, "ly.van.k") == .notAllowed)
        #expect(fault(good, conflict, "ngo.van.i") == .notAllowed)
        #expect(fault(good, conflict, "bui.thi.h") == nil)
        #expect(fault(other, clear, "bui.thi.h") == .outcomeDiffers)
        other.unit = "l/min"
        #expect(fault(other, clear, "bui.thi.h") == .wrongUnit)
    }

    @Test("S-20: an end that is not after the start is refused; leads correct the hours of others")
    func hours() throws {
        let own = company.standing("ly.van.k")
        let whole = HoursEvent(.whole(start: 5, end: 5), person: own.user, activity: .work)
        let empty = #expect(throws: RuleFault.self) { try HoursRules.check(whole, by: own) }
        #expect(empty?.code == .endBeforeStart)

        var history = History<HoursEvent>()
        history.add(HoursEvent(.whole(start: 5, end: 9), person: own.user, activity: .work))
        let entry = try #require(
            Timesheet(history.entries, corrections: []).entries.first
        )
        let fix = HoursCorrection(of: entry.id, end: 7, reason: "forgot")
        try HoursRules.check(fix, of: entry, by: company.standing("do.thi.j"))
        try HoursRules.check(fix, of: entry, by: own)
        let stranger = #expect(throws: RuleFault.self) {
            try HoursRules.check(fix, of: entry, by: company.standing("ngo.van.i"))
        }
        #expect(stranger?.code == .notAllowed)
        let backwards = HoursCorrection(of: entry.id, end: 4, reason: "typo")
        let fault = #expect(throws: RuleFault.self) {
            try HoursRules.check(backwards, of: entry, by: own)
        }
        #expect(fault?.code == .endBeforeStart)
    }

    @Test("how well a person must be known depends on the act (DOM-31)")
    func methods() throws {
        try Act.finish.check(method: 2, trustsLocal: false)
        try Act.measure.check(method: 4, trustsLocal: false)
        try Act.measure.check(method: 1, trustsLocal: true)
        let weak = #expect(throws: RuleFault.self) {
            try Act.measure.check(method: 2, trustsLocal: false)
        }
        #expect(weak?.code == .methodTooWeak)
        #expect(throws: RuleFault.self) { try Act.block.check(method: 0, trustsLocal: true) }
    }

    @Test("a role holds its parent too, and a membership only in its days and places")
    func standing() {
        let roles = [Fields([Role.code: .text("assembler"), Role.parent: .text("production")])]
        let membership = Fields(
            [
                Membership.user: .id(id(1)), Membership.role: .text("assembler"),
                Membership.effectiveFrom: .text("2026-01-01"), Membership.level: .integer(2),
                Membership.effectiveUntil: .text("2026-03-10"),
            ],
            sets: [Membership.sites: [.id(id(50))]]
        )
        func level(_ day: String, _ site: ID?) -> Int {
            Standing(user: id(1), memberships: [membership], roles: roles, on: day, at: site)
                .level(in: "production")
        }

        #expect(level("2026-01-01", id(50)) == 2)
        #expect(level("2026-03-09", nil) == 2)
        #expect(level("2026-03-10", id(50)) == 0)
        #expect(level("2025-12-31", id(50)) == 0)
        #expect(level("2026-02-01", id(51)) == 0)
        let circle = Standing(user: id(1), levels: ["a": 9], parents: ["a": "b", "b": "a"])
        #expect(circle.levels == ["a": 3, "b": 3])
    }

    @Test("reasons and titles have limits")
    func texts() {
        #expect(throws: RuleFault.self) {
            try TextRule.reason(String(repeating: "x", count: 16_385))
        }
        #expect(throws: RuleFault.self) { try TextRule.title("\n") }
        #expect(throws: Never.self) { try TextRule.title("Widget A Rev2") }
    }
}
