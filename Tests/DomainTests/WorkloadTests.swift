import CRDT
import Domain
import Testing

/// Minutes left, workload and totals of hours (DOM-136, DOM-137, DOM-146).
@Suite("Workload and totals")
struct WorkloadTests {
    private func progress(_ actions: [TaskStep.Action]) -> TaskProgress {
        var history = History<TaskStep>()
        for (place, action) in actions.enumerated() {
            history.add(TaskStep("T-1", action), seen: Array(0..<place))
        }
        return TaskProgress(history.stream)
    }

    @Test("TV-140 minutes left are what is missing of the estimate, rounded up, and never negative")
    func remaining() {
        #expect(progress([]).remainingMinutes(of: 90) == 90)
        #expect(progress([.progress(3_333)]).remainingMinutes(of: 90) == 61)
        #expect(progress([.progress(10_000)]).remainingMinutes(of: 90) == 0)
        #expect(progress([.complete]).remainingMinutes(of: 90) == 0)
        #expect(progress([.cancel]).remainingMinutes(of: 90) == 0)
        #expect(progress([]).remainingMinutes(of: nil) == 0)
        #expect(progress([]).remainingMinutes(of: -5) == 0)
        #expect(progress([]).remainingMinutes(of: .max) == TaskDefinition.minutesMax)
    }

    @Test("TV-140 the workload counts one's own tasks, and what was completed in 30 days")
    func workload() {
        let (me, other) = (id(1), id(2))
        func share(_ who: Set<ID>, _ actions: [TaskStep.Action], _ actual: Int64) -> Workload.Share
        {
            let task = TaskDefinition("T", title: "T", assignees: who, estimatedMinutes: 100)
            return Workload.Share(task, progress(actions), actualMinutes: actual)
        }
        let tasks = [
            share([me], [], 0), share([me, other], [.start, .progress(5_000)], 10),
            share([me], [.start, .hold], 5), share([other], [.start], 0),
            share([me], [.start, .complete], 31), share([me], [.start, .complete], 60),
            share([me], [.start, .cancel], 99),
        ]
        let load = Workload(of: me, tasks: tasks, now: 1_000)
        #expect(load.pending == 1 && load.active == 1 && load.onHold == 1)
        #expect(load.completed == 2)
        #expect(load.remainingMinutes == 250)
        #expect(load.averageMinutes == 45)
        let later = Workload(of: me, tasks: tasks, now: 2_000 + Workload.recentMilliseconds)
        #expect(later.completed == 0)
        #expect(later.averageMinutes == nil)
        #expect(Workload(of: me, tasks: tasks, now: .min).completed == 0)
    }

    @Test("TV-138 totals count jobs in full, shared time once, and no break as work")
    func totals() {
        var history = History<HoursEvent>()
        func add(
            _ from: Int64,
            _ to: Int64,
            _ activity: HoursEvent.Activity,
            isBillable: Bool = true,
            timer: HoursEvent.Timer = .job
        ) {
            history.add(
                HoursEvent(
                    .whole(start: from, end: to),
                    person: id(1),
                    activity: activity,
                    isBillable: isBillable,
                    timer: timer
                )
            )
        }
        add(0, 100, .work)
        add(50, 150, .setup, isBillable: false)
        add(60, 70, .work)
        add(150, 200, .pause)
        add(300, 400, .work)
        add(500, 400, .work)
        add(0, 250, .work, timer: .attendance)
        add(200, 450, .work, timer: .attendance)
        let totals = HoursTotals(Timesheet(history.entries, corrections: []).entries)

        #expect(totals.worked == 310)
        #expect(totals.billable == 210)
        #expect(totals.elapsed == 250)
        #expect(totals.attended == 450)
        #expect(totals.byActivity == ["WORK": 210, "SETUP": 100, "BREAK": 50])
        #expect(totals.running == 0)
        #expect(HoursTotals([]).elapsed == 0)
    }

    @Test("TV-138 totals of times at the edges of their range saturate")
    func edges() {
        var history = History<HoursEvent>()
        for (from, to) in [(Int64.min, Int64.max), (0, .max), (1, .max)] {
            history.add(
                HoursEvent(.whole(start: from, end: to), person: id(1), activity: .work)
            )
        }
        let totals = HoursTotals(Timesheet(history.entries, corrections: []).entries)
        #expect(totals.worked == .max)
        #expect(totals.elapsed <= .max)
    }
}
