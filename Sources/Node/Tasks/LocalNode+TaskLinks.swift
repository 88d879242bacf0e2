public import CRDT
public import Domain
public import Storage

extension LocalNode {
    /// Says that one task waits for another.
    ///
    /// - Parameters:
    ///   - predecessor: The code or title of the task that comes first.
    ///   - successor: That of the task that waits.
    ///   - projectName: A number, a title or an id.
    ///   - kind: What of the one waits for what of the other.
    ///   - lagMinutes: How long it waits after that.
    ///   - actor: Who plans it.
    /// - Returns: The id of the dependency.
    /// - Throws: `RuleFault`: `cycle`, `alreadyThere`, `unknownTask`, `outOfRange`; `.notFound`.
    @discardableResult
    public func linkTasks(
        _ predecessor: String,
        before successor: String,
        of projectName: String,
        _ kind: TaskDependency.Kind = .finishToStart,
        lagMinutes: Int64 = 0,
        by actor: Actor
    ) throws -> ID {
        let shown = try read { view in try view.projectRecord(named: projectName) }
        let now = Int64(clamping: wallMilliseconds)
        let saved = try act(by: actor) { acting, person in
            let tasks = try ProjectTasks(in: shown.scope, on: acting.view, now: now)
            let edge = TaskDependency.Edge(
                try tasks.task(named: predecessor).definition.code,
                before: try tasks.task(named: successor).definition.code,
                kind,
                lagMinutes: lagMinutes
            )
            try TaskRules.check(
                edge,
                lagMinutes: lagMinutes,
                in: tasks.graph,
                tasks: Set(tasks.items.map(\.definition.code)),
                by: person.standing
            )
            try person.checkMethod(.planTasks)
            var draft = Draft()
            draft.add(TaskDependency(edge).operation(), in: shown.scope)
            return draft
        }
        return ID(createdAt: saved.stamp, index: 0)
    }

    /// Takes a dependency back, also one that closes a cycle and does not count.
    ///
    /// - Throws: `RuleFault`, `.notFound` if the two do not depend.
    public func unlinkTasks(
        _ predecessor: String,
        before successor: String,
        of projectName: String,
        reason: String? = nil,
        by actor: Actor
    ) throws {
        try ShortText.text(reason)
        let shown = try read { view in try view.projectRecord(named: projectName) }
        let now = Int64(clamping: wallMilliseconds)
        _ = try act(by: actor) { acting, person in
            try person.check(.planTasks)
            let tasks = try ProjectTasks(in: shown.scope, on: acting.view, now: now)
            let (early, late) = (
                try tasks.task(named: predecessor).definition.code,
                try tasks.task(named: successor).definition.code
            )
            let standing = tasks.graph.edges + tasks.graph.dropped.map(\.edge)
            let found = standing.filter {
                $0.edge.predecessor == early && $0.edge.successor == late
            }
            guard !found.isEmpty else {
                throw CommandFault(
                    .notFound,
                    "\(late) does not wait for \(early)",
                    reason: "unknown-name"
                )
            }
            let removal = TaskDependency(nil, removes: found.map(\.id), reason: reason)
            var draft = Draft()
            draft.add(removal.operation(), in: shown.scope)
            return draft
        }
    }
}
