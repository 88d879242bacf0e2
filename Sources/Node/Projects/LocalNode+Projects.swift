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
        /// YYYY-MM-DD.
        public var actualDeliveryDate: String?
        /// What the customer calls it.
        public var customerReference: String?
        /// YYYY-MM-DD; at a hub only.
        public var promisedDueDate: String?
        /// YYYY-MM-DD; at a hub only.
        public var estimatedDeliveryDate: String?
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
        let priority = try ShortText.anyPriority(priority)
        for day in [requestedDueDate, actualDeliveryDate, promisedDueDate, estimatedDeliveryDate] {
            try ShortText.day(day)
            if let day { try TextRule.day(day) }
        }
        if let customerReference { try ShortText.title(customerReference) }
        guard isHub || [number, promisedDueDate, estimatedDeliveryDate].allSatisfy({ $0 == nil })
        else { throw RuleFault(.hubOnly, "only a hub gives a number, promises and estimates") }
        if let number { try ShortText.title(number) }
        let person = try assignedTo.flatMap { try view.user(named: $0).fields.id(User.user) }
        let values: [(UInt32, Value?)] = [
            (Project.title, title.map(Value.text)),
            (Project.description, description.map(Value.text)),
            (Project.humanNumber, number.map(Value.text)),
            (Project.priority, priority.map(Value.text)),
            (Project.assignedTo, person.map(Value.id)),
            (Project.requestedDueDate, requestedDueDate.map(Value.text)),
            (Project.actualDeliveryDate, actualDeliveryDate.map(Value.text)),
            (Project.customerReference, customerReference.map(Value.text)),
            (Project.promisedDueDate, promisedDueDate.map(Value.text)),
            (Project.estimatedDeliveryDate, estimatedDeliveryDate.map(Value.text)),
        ]
        return values.compactMap { field, value in value.map { (field, $0) } }
    }
}

extension LocalNode {
    /// Cancels a project, as a hub: from then on nobody works on it.
    ///
    /// What was done meanwhile, by stations that do not know yet, is kept.
    ///
    /// - Throws: `.refused` at any node but a hub; `RuleFault`.
    public func cancel(_ project: String, reason: String, by actor: Actor) throws {
        try requireHub()
        try ShortText.text(reason)
        let shown = try self.project(project)
        _ = try act(by: actor) { acting, person in
            let view = acting.view
            let project = try ProjectView(shown.record, in: shown.scope, on: view)
            try StageRules.checkCancel(
                project.record.fields,
                in: project.stage,
                of: try? view.workflow(of: project),
                reason: reason,
                by: person.standing
            )
            try person.checkMethod(.cancelProject)
            let values = [
                (Project.isCancelled, Value.bool(true)), (Project.cancelReason, .text(reason)),
            ]
            let edits = values.map { field, value in
                FieldEdit(field, .write(value, replacing: project.record.names(field)))
            }
            var draft = Draft()
            let id = project.record.id
            draft.add(Operation(Project.number, .existing(id), edits: edits), in: shown.scope)
            return draft
        }
    }
}
