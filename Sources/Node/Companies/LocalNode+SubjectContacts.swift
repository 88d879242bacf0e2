public import CRDT
import Domain
public import Storage
import Wire

/// A contact of a project with its role there.
public struct SubjectContactView: Sendable {
    public let contact: ID
    /// nil where the directory of companies is not held.
    public let name: String?
    public let role: String
    public let isPrimary: Bool

    public var json: JSON {
        [
            "contact": .text("\(contact)"), "name": .text(orNull: name), "role": .text(role),
            "primary": .bool(isPrimary),
        ]
    }
}

extension LocalNode {
    /// The contacts of a project, by role and name.
    public func contacts(ofProject project: String) throws -> [SubjectContactView] {
        try read { view in
            let (scope, record) = try view.projectRecord(named: project)
            let directory = try view.companies()
            let primary = record.fields.id(Project.primaryContact)
            return try view.records(of: SubjectContact.entity, in: scope)
                .filter { !$0.isDeleted }
                .compactMap { link in
                    guard let contact = link.fields.id(SubjectContact.contact),
                        let role = link.fields.text(SubjectContact.role)
                    else { return nil }
                    return SubjectContactView(
                        contact: contact,
                        name: directory.contact(contact).map { Contact.name($0.fields) },
                        role: role,
                        isPrimary: primary == contact
                    )
                }
                .sorted {
                    ($0.role, $0.name ?? "", $0.contact) < ($1.role, $1.name ?? "", $1.contact)
                }
        }
    }

    /// Gives a contact a role in a project, and makes it the one to talk to first if asked.
    ///
    /// - Throws: `RuleFault`, `.notFound`; `.usage` if it is so already.
    public func link(
        _ contact: String,
        to project: String,
        role: String,
        isPrimary: Bool = false,
        by actor: Actor
    ) throws {
        try TextRule.code(role)
        try ShortText.title(role)
        let id = try contactID(contact)
        let (scope, _) = try read { try $0.projectRecord(named: project) }
        let tenant = store.tenant
        _ = try act(by: actor) { acting, person in
            try person.check(.editProject)
            let linking = try acting.view.linking(id, role, in: scope, tenant: tenant)
            var draft = Draft()
            if let linking { draft.add(linking, in: scope) }
            if isPrimary, let record = try acting.view.records(of: Project.entity, in: scope).first
            {
                var edit = RecordEdit(record)
                edit.write(Project.primaryContact, .id(id))
                if let pointing = edit.operation { draft.add(pointing, in: scope) }
            }
            guard !draft.isEmpty else {
                throw CommandFault(.usage, "that changes nothing", reason: "no-edit")
            }
            return draft
        }
    }

    /// Takes a role in a project from a contact; a link made beside it stays.
    public func unlink(
        _ contact: String,
        from project: String,
        role: String,
        by actor: Actor
    ) throws {
        let id = try contactID(contact)
        let (scope, _) = try read { try $0.projectRecord(named: project) }
        _ = try act(by: actor) { acting, person in
            try person.check(.editProject)
            let links = try acting.view.records(of: SubjectContact.entity, in: scope)
            let link = links.first {
                !$0.isDeleted && $0.fields.id(SubjectContact.contact) == id
                    && $0.fields.text(SubjectContact.role) == role
            }
            guard let link else {
                throw CommandFault(.notFound, "it has no such role", reason: "unknown-name")
            }
            var edit = RecordEdit(link)
            edit.write(FieldEdit.deleted, .bool(true))
            return try draft(edit, in: scope)
        }
    }

    private func contactID(_ name: String) throws -> ID {
        let record = try read { try $0.contact(named: name) }
        return record.fields.id(Contact.contact) ?? record.id
    }
}

extension View {
    /// The operation after which a contact has a role in a subject; nil if it has it.
    func linking(_ contact: ID, _ role: String, in scope: Scope, tenant: ID) throws -> Operation? {
        var values = FieldValues()
        values.set(SubjectContact.contact, contact)
        values.set(SubjectContact.role, role)
        let creation = Operation(
            creating: SubjectContact.entity,
            values,
            in: scope,
            tenant: tenant
        )
        guard case .natural(let id) = creation.target,
            let held = try record(id, of: SubjectContact.entity, in: scope)
        else { return creation }
        var edit = RecordEdit(held)
        if held.isDeleted { edit.write(FieldEdit.deleted, .bool(false)) }
        return edit.operation
    }
}
