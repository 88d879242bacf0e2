import CRDT
import Domain
public import Storage
import Wire

extension LocalNode {
    /// Keeps a value for a sub-stage of a project beside its progress, or removes it.
    ///
    /// - Parameters:
    ///   - project: A number, a title or an id.
    ///   - subStage: A slug or a name.
    ///   - key: What it is called.
    ///   - value: nil removes it.
    ///   - seen: What the form showed; nil: what this node shows.
    ///   - actor: Who acts.
    /// - Throws: `RuleFault`, `.notFound`.
    public func noteSubStage(
        _ project: String,
        _ subStage: String,
        _ key: String,
        _ value: String?,
        seen: Seen? = nil,
        by actor: Actor
    ) throws {
        try ShortText.text(value)
        try ShortText.text(key)
        try SubStageNote.check(key, value)
        try edit(project, subStage, by: actor) { held, known in
            let shown = held?.names(SubStageNote.metadata, key: key) ?? []
            let names = try seen.map { try $0.names(among: known()) } ?? shown
            let action = FieldEdit.Action.put(
                key: key,
                value.map(Value.text) ?? .null,
                replacing: held == nil ? [] : names
            )
            return FieldEdit(SubStageNote.metadata, action)
        }
    }

    /// Adds pieces that are done to a sub-stage of a project; what others add elsewhere adds up.
    ///
    /// - Returns: The pieces that this node shows then.
    /// - Throws: `RuleFault`: `outOfRange`; `.notFound`.
    @discardableResult
    public func countPieces(
        _ project: String,
        _ subStage: String,
        adding delta: Int64,
        by actor: Actor
    ) throws -> Int64 {
        let (scope, id) = try edit(project, subStage, by: actor) { held, _ in
            try SubStageNote.check(
                adding: delta,
                to: held?.fields.integer(SubStageNote.pieces) ?? 0
            )
            return FieldEdit(SubStageNote.pieces, .increment(delta))
        }
        return try read { view in
            let record = try view.record(id, of: SubStageNote.entity, in: scope)
            return record?.fields.integer(SubStageNote.pieces) ?? 0
        }
    }

    @discardableResult
    private func edit(
        _ projectName: String,
        _ typed: String,
        by actor: Actor,
        _ edit: @escaping @Sendable (StoredRecord?, () throws -> [Name]) throws -> FieldEdit
    ) throws -> (scope: Scope, id: ID) {
        let tenant = store.tenant
        let (scope, slug) = try read { view in
            let project = try view.project(named: projectName)
            return (project.scope, try view.subStage(named: typed, of: project))
        }
        let id = ID(
            naturalKey: [.text(slug)],
            of: SubStageNote.number,
            in: scope,
            tenant: tenant
        )
        _ = try act(by: actor) { acting, person in
            let held = try acting.view.record(id, of: SubStageNote.entity, in: scope)
            let edit = try edit(held) {
                try acting.view.history(of: id, entity: SubStageNote.number, in: scope)
                    .map(\.name)
            }
            try person.check(.noteSubStage)
            let creation = FieldEdit(SubStageNote.subStage, .write(.text(slug), replacing: []))
            var draft = Draft()
            draft.add(
                Operation(
                    SubStageNote.number,
                    held == nil ? .natural(id) : .existing(id),
                    edits: held == nil ? [creation, edit] : [edit]
                ),
                in: scope
            )
            return draft
        }
        return (scope, id)
    }
}
