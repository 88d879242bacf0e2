import CRDT
import Domain
public import Storage

extension LocalNode {
    /// The projects that this node holds, by number.
    public func projects() throws -> [ProjectView] {
        try read { view in
            try view.projectRecords()
                .map { try ProjectView($0.record, in: $0.scope, on: view) }
                .sorted { ($0.number, $0.subject) < ($1.number, $1.subject) }
        }
    }

    /// A project with its stage and sub-stages.
    public func project(_ name: String) throws -> ProjectView {
        try read { view in try view.project(named: name) }
    }

    /// What a person changes of a project; nil leaves it.
    public struct ProjectEdit: Hashable, Sendable {
        public var title: String?
        public var description: String?
        public var priority: String?
        /// A user.
        public var assignedTo: String?
        /// YYYY-MM-DD.
        public var requestedDueDate: String?
        /// At a hub only.
        public var number: String?
        /// What the form showed of the one field that is edited; nil: what this node shows.
        public var seen: Seen?

        public init() {}
    }

    /// Edits a project in place of what the person was shown (MERGE-9).
    ///
    /// - Throws: `RuleFault`, `.usage` if nothing is edited.
    public func edit(_ project: String, _ edit: ProjectEdit, by actor: Actor) throws {
        let shown = try read { view in try view.projectRecord(named: project) }
        let isHub = isHub
        _ = try act(by: actor) { acting, person in
            try person.check(.editProject)
            let values = try edit.values(on: acting.view, isHub: isHub)
            guard !values.isEmpty else {
                throw CommandFault(.usage, "say what to change: --title TEXT", reason: "no-edit")
            }
            guard values.count == 1 || edit.seen == nil else {
                throw CommandFault(.usage, "--seen goes with one field", reason: "seen-of-many")
            }
            let (id, entity) = (shown.record.id, Project.entity)
            let record = try acting.view.record(id, of: entity, in: shown.scope)
            let edits = try values.map { field, value in
                var names = record?.names(field) ?? []
                if let seen = edit.seen {
                    let number = entity.number
                    let known = try acting.view.history(of: id, entity: number, in: shown.scope)
                    names = try seen.names(among: known.map(\.name))
                }
                return FieldEdit(field, .write(value, replacing: names))
            }
            var draft = Draft()
            let sorted = edits.sorted { $0.field < $1.field }
            let operation = Operation(Project.number, .existing(shown.record.id), edits: sorted)
            draft.add(operation, in: shown.scope)
            return draft
        }
    }
}

extension LocalNode.ProjectEdit {
    fileprivate func values(on view: View, isHub: Bool) throws -> [(UInt32, Value)] {
        if let title { try ShortText.title(title) }
        try ShortText.text(description)
        try ShortText.priority(priority)
        try ShortText.day(requestedDueDate)
        if let number {
            guard isHub else { throw RuleFault(.hubOnly, "only a hub gives a number") }
            try ShortText.title(number)
        }
        let person = try assignedTo.flatMap { try view.user(named: $0).fields.id(User.user) }
        let values: [(UInt32, Value?)] = [
            (Project.title, title.map(Value.text)),
            (Project.description, description.map(Value.text)),
            (Project.humanNumber, number.map(Value.text)),
            (Project.priority, priority.map(Value.text)),
            (Project.assignedTo, person.map(Value.id)),
            (Project.requestedDueDate, requestedDueDate.map(Value.text)),
        ]
        return values.compactMap { field, value in value.map { (field, $0) } }
    }
}
