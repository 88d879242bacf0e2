public import CRDT
import Domain
public import Storage
import Wire

extension LocalNode {
    /// Says who does a sub-stage of a project.
    ///
    /// - Parameters:
    ///   - subStageName: A slug or a name.
    ///   - projectName: A number, a title or an id.
    ///   - person: A user; nil: nobody any more.
    ///   - actor: Who says so.
    /// - Returns: The project as it is then, and the slug of the sub-stage.
    /// - Throws: `RuleFault`, `.notFound`.
    @discardableResult
    public func assign(
        _ subStageName: String,
        of projectName: String,
        to person: String?,
        by actor: Actor
    ) throws -> (project: ProjectView, subStage: String) {
        let shown = try project(projectName)
        let slug = try read { try $0.subStage(named: subStageName, of: shown) }
        let tenant = store.tenant
        _ = try act(by: actor) { acting, acts in
            let view = acting.view
            let project = try ProjectView(shown.record, in: shown.scope, on: view)
            try project.checkAlive()
            let roles = project.rows.first { $0.seed.slug == slug }?.seed.roles ?? []
            try acts.check(.assignSubStage, responsible: roles)
            let user = try person.flatMap { try view.user(named: $0).fields.id(User.user) }
            let field = SubStageNote.assignedTo
            var draft = Draft()
            if let row = project.assignments[slug] {
                let value = user.map(Value.id) ?? .null
                let edit = FieldEdit(field, .write(value, replacing: row.names(field)))
                let number = SubStageNote.number
                draft.add(Operation(number, .existing(row.id), edits: [edit]), in: shown.scope)
            } else {
                var values = FieldValues()
                values.set(SubStageNote.subStage, slug)
                values.set(field, user)
                let operation = Operation(
                    creating: SubStageNote.entity,
                    values,
                    in: shown.scope,
                    tenant: tenant
                )
                draft.add(operation, in: shown.scope)
            }
            return draft
        }
        return (try project("\(shown.subject)"), slug)
    }
}

extension ProjectView {
    /// The id of the row of a sub-stage: the same wherever it is derived (DOM-124).
    public func rowID(of subStage: String, tenant: ID) -> ID {
        ID(
            naturalKey: [.text(subStage)],
            of: SubStageNote.number,
            in: scope,
            tenant: tenant
        )
    }

    /// Who does a sub-stage.
    public func assignee(of subStage: String) -> ID? {
        assignments[subStage]?.fields.id(SubStageNote.assignedTo)
    }
}
