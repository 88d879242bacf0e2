import CRDT
import Domain
public import Storage
import Wire

extension LocalNode {
    /// Adds a task to a project.
    ///
    /// - Returns: Its code.
    /// - Throws: `RuleFault`, `.notFound`, `.refused` for a code that is taken.
    @discardableResult
    public func addTask(
        _ request: TaskRequest,
        to projectName: String,
        by actor: Actor
    ) throws -> String {
        try request.check()
        let shown = try read { view in try view.projectRecord(named: projectName) }
        let (tenant, now) = (store.tenant, Int64(clamping: wallMilliseconds))
        let saved = try act(by: actor) { acting, person in
            let view = acting.view
            let project = try ProjectView(shown.record, in: shown.scope, on: view)
            let tasks = try ProjectTasks(in: shown.scope, on: view, now: now)
            let code = request.code ?? DerivedCode.text("T", at: acting.stamp)
            guard tasks[code] == nil else {
                throw RuleFault(.alreadyThere, "the project has a task \(code) already")
            }
            let blank = TaskDefinition(code, title: "")
            var task = try request.applied(to: blank, in: project, on: view)
            task.assignees = try Set(request.assignees.map(view.userID(named:)))
            try task.check(by: person.standing)
            try person.checkMethod(.planTasks)
            if let parent = task.parent, tasks[parent] == nil {
                throw RuleFault(.unknownTask, "the project has no task \(parent)")
            }
            var draft = Draft()
            draft.add(
                Operation(creating: WorkTask.entity, task.values, in: shown.scope, tenant: tenant),
                in: shown.scope
            )
            return draft
        }
        return request.code ?? DerivedCode.text("T", at: saved.stamp)
    }

    /// Edits a task in place of what this node shows (MERGE-9).
    ///
    /// - Throws: `RuleFault`, `.notFound`, `.usage` if nothing changes.
    public func editTask(
        _ task: String,
        of projectName: String,
        _ request: TaskRequest,
        by actor: Actor
    ) throws {
        try request.check()
        try change(task, of: projectName, by: actor) { item, project, view, person in
            let changed = try request.applied(to: item.definition, in: project, on: view)
            try changed.check(by: person.standing)
            try person.checkMethod(.planTasks)
            return changed
        }
    }

    /// Gives an open task to people, or takes it from them.
    ///
    /// - Parameters:
    ///   - task: A code or a title.
    ///   - projectName: A number, a title or an id.
    ///   - added: Users who are to do it.
    ///   - removed: Users who are not to.
    ///   - actor: Who says so: people take and leave a task themselves, planners give it.
    /// - Throws: `RuleFault`, `.notFound`.
    public func assignTask(
        _ task: String,
        of projectName: String,
        to added: [String],
        from removed: [String] = [],
        by actor: Actor
    ) throws {
        try change(task, of: projectName, by: actor) { item, project, view, person in
            var changed = item.definition
            changed.assignees.formUnion(try added.map(view.userID(named:)))
            changed.assignees.subtract(try removed.map(view.userID(named:)))
            try TaskRules.checkAssignment(
                of: item.definition,
                to: changed.assignees,
                item.progress,
                responsible: project.roles(of: item.definition.subStage),
                by: person.standing
            )
            try person.checkMethod(.takeTask)
            return changed
        }
    }

    /// Writes the note of a task in place of the one that is shown.
    ///
    /// - Throws: `RuleFault`, `.notFound`.
    public func noteTask(
        _ task: String,
        of projectName: String,
        _ note: String,
        by actor: Actor
    ) throws {
        try ShortText.text(note)
        try change(task, of: projectName, by: actor) { item, _, _, person in
            try person.check(.holdTask)
            try TextRule.comment(note)
            var changed = item.definition
            changed.notes = note
            return changed
        }
    }

    private func change(
        _ name: String,
        of projectName: String,
        by actor: Actor,
        _ body:
            @escaping @Sendable (
                ProjectTasks.Item, ProjectView, View, ActingPerson
            ) throws -> TaskDefinition
    ) throws {
        let shown = try read { view in try view.projectRecord(named: projectName) }
        let now = Int64(clamping: wallMilliseconds)
        _ = try act(by: actor) { acting, person in
            let view = acting.view
            let project = try ProjectView(shown.record, in: shown.scope, on: view)
            let item = try ProjectTasks(in: shown.scope, on: view, now: now).task(named: name)
            let changed = try body(item, project, view, person)
            let edits = item.record.edits(to: changed.values)
            guard !edits.isEmpty else {
                throw CommandFault(.usage, "that is what it says already", reason: "no-edit")
            }
            var draft = Draft()
            draft.add(
                Operation(WorkTask.number, .existing(item.record.id), edits: edits),
                in: shown.scope
            )
            return draft
        }
    }
}

extension ProjectView {
    /// The roles that a sub-stage is the duty of; without one those that work on any task.
    func roles(of subStage: String?) -> [String] {
        guard let subStage, let row = rows.first(where: { $0.seed.slug == subStage }) else {
            return ["production"]
        }
        return row.seed.roles
    }
}
