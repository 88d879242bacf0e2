import CRDT
import Domain
import Testing

/// What is written of a task, and what its hours come to (DOM-63, DOM-64).
@Suite("Task records")
struct TaskRecordTests {
    private let lead = Standing(user: id(2), levels: ["production": 2])

    @Test("TV-132 TV-133 TV-134 TV-136 a task is checked, then reads as written")
    func definitions() {
        var task = TaskDefinition(
            "T-1",
            title: "Mount",
            type: "ASSEMBLY",
            subStage: "assembly",
            build: "B-1",
            assignees: [id(1), id(2)],
            instructions: ["Clean", "Mount"],
            estimatedMinutes: 45,
            due: "2028-02-29"
        )
        task.skills = ["welding"]
        task.tools = ["torque wrench"]
        task.priority = "urgent"
        task.inspectionRequired = true
        task.description = "On the frame"
        task.parent = "T-0"
        task.sequence = 3
        task.workCenter = "TA-1"
        task.safetyRequirements = "goggles"
        task.notes = "left side first"
        let operation = Operation(WorkTask.number, .natural(id(1)), edits: task.values.edits)
        #expect(TaskDefinition(Fields(of: operation)) == task)

        func fault(_ change: (inout TaskDefinition) -> Void) -> RuleFault.Code? {
            var changed = task
            change(&changed)
            do throws(RuleFault) {
                try changed.check(by: lead)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(fault { _ in } == nil)
        #expect(fault { $0.code = " " } == .empty)
        #expect(fault { $0.title = String(repeating: "x", count: 10_000) } == .tooLong)
        #expect(fault { $0.workCenter = "" } == .empty)
        #expect(fault { $0.notes = String(repeating: "x", count: 16_385) } == .tooLong)
        #expect(fault { $0.type = "MAGIC" } == .unknownValue)
        #expect(fault { $0.priority = "MEDIUM" } == .unknownValue)
        #expect(fault { $0.estimatedMinutes = -1 } == .outOfRange)
        #expect(fault { $0.due = "2026-02-29" } == .notADay)
        #expect(fault { $0.due = "21.11.2026" } == .notADay)
        #expect(fault { $0.instructions = Array(repeating: "x", count: 101) } == .tooLong)
        let worker = Standing(user: id(7), levels: ["production": 1])
        let stranger = #expect(throws: RuleFault.self) { try task.check(by: worker) }
        #expect(stranger?.code == .notAllowed)
    }

    @Test("TV-132 the actual minutes of a task come from its hours, without breaks")
    func actual() {
        var history = History<HoursEvent>()
        func add(_ minutes: Int64, _ task: String, _ activity: HoursEvent.Activity) {
            history.add(
                HoursEvent(
                    .whole(start: 0, end: minutes * 60_000 + 59_999),
                    person: id(1),
                    activity: activity,
                    subject: id(5),
                    task: task
                )
            )
        }
        add(30, "T-1", .work)
        add(10, "T-1", .rework)
        add(15, "T-1", .pause)
        add(99, "T-2", .work)
        let entries = Timesheet(history.entries, corrections: []).entries

        #expect(entries.minutes(onTask: "T-1", of: id(5)) == 41)
        #expect(entries.minutes(onTask: "T-1", of: id(6)) == 0)
    }
}
