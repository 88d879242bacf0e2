import CRDT
import Domain
public import Storage

extension LocalNode {
    /// Says that an exit criterion of the stage that a project is in is met, or is not.
    ///
    /// The last one that was open lets the project go on, in the same action.
    ///
    /// - Parameters:
    ///   - key: As `stage show` lists it.
    ///   - projectName: A number, a title or an id.
    ///   - isMet: Whether it is met.
    ///   - note: A remark.
    ///   - actor: Who looked.
    /// - Returns: The project as it is then.
    /// - Throws: `RuleFault`, `.notFound`.
    @discardableResult
    public func check(
        criterion key: String,
        of projectName: String,
        isMet: Bool,
        note: String? = nil,
        by actor: Actor
    ) throws -> ProjectView {
        try ShortText.text(note)
        let shown = try project(projectName)
        let isHub = isHub
        _ = try act(by: actor) { acting, person in
            let view = acting.view
            let project = try ProjectView(shown.record, in: shown.scope, on: view)
            try project.checkAlive()
            try person.check(.checkCriterion)
            guard let stage = project.stage else {
                throw RuleFault(.stageNotCurrent, "\(project.number) has not begun")
            }
            let template = try view.workflow(of: project)
            var choice = NameChoice<String>("criterion")
            for part in template[stage]?.criteria ?? [] {
                choice.add(part.key, names: [part.key, part.text])
            }
            let check = CriterionCheck(
                try choice.only(called: key),
                of: stage,
                isMet: isMet,
                note: note,
                by: person.user
            )
            let stream = project.checks[stage] ?? Stream([])
            var draft = Draft()
            draft.addDerived(of: project)
            draft.add(check.operation(after: stream.heads), in: shown.scope)
            let entry = check.entry(at: acting.stamp, after: stream.heads)
            var checks = project.checks
            checks[stage] = Stream(stream.entries + [entry])
            let next = try project.following(StageCriteria(checks), isHub: isHub, on: view)
            if let next {
                draft.add(next.operation(after: project.advances.heads), in: shown.scope)
            }
            return draft
        }
        return try project("\(shown.subject)")
    }
}
