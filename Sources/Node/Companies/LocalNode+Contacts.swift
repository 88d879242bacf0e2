public import CRDT
import Domain
public import Storage
import Wire

extension LocalNode {
    /// Adds a contact.
    ///
    /// - Parameters:
    ///   - company: A number, name or id; nil: a person of the firm itself.
    ///   - cells: Columns of the table `contacts`.
    ///   - isPrimary: Whether the company's pointer is to name the contact.
    ///   - actor: Who adds it.
    /// - Returns: Its id.
    /// - Throws: `RuleFault`, `.notFound`; `.refused` if the company has the address already.
    @discardableResult
    public func addContact(
        to company: String?,
        _ cells: Cells,
        isPrimary: Bool = false,
        by actor: Actor
    ) throws -> ID {
        let id = chance.id
        let node = CompanyNode(self)
        let owner = try company.map { name in try read { try $0.companyID(named: name) } }
        guard owner != nil || !isPrimary else {
            throw CommandFault(.usage, "a primary contact is one of a company")
        }
        _ = try act(by: actor) { acting, person in
            try person.check(.editContact)
            var needs = CompanyNeeds(companies: [owner].compactMap(\.self))
            if case .text(let email) = cells["email"] { needs.emails = [email.trimmed] }
            let directory = try acting.view.companies(needs)
            var draft = Draft()
            try node.open(&draft, on: acting.view)
            let operation = try node.newContact(id, cells, of: owner, directory)
            draft.add(operation, in: Company.directory)
            if isPrimary, let entry = owner.flatMap({ directory[$0] }) {
                var edit = RecordEdit(entry.record)
                edit.write(Company.primaryContact, .id(id))
                if let pointing = edit.operation { draft.add(pointing, in: Company.directory) }
            }
            return draft
        }
        return id
    }

    /// Edits a contact in place of what the person was shown (MERGE-9).
    @discardableResult
    public func editContact(
        _ name: String,
        _ cells: Cells,
        seen: Seen? = nil,
        by actor: Actor
    ) throws -> ID {
        let shown = try read { try $0.contact(named: name) }
        let node = CompanyNode(self)
        _ = try act(by: actor) { acting, person in
            try person.check(.editContact)
            let record = try acting.view.record(
                shown.id,
                of: Contact.entity,
                in: Company.directory
            )
            let operation = try node.edit(record ?? shown, cells, .contacts, seen, acting.view)
            guard let operation else {
                throw CommandFault(.usage, "that changes nothing", reason: "no-edit")
            }
            var draft = Draft()
            draft.add(operation, in: Company.directory)
            return draft
        }
        return shown.fields.id(Contact.contact) ?? shown.id
    }

    /// Makes a contact the primary one of its company: one pointer, so never two.
    @discardableResult
    public func makePrimary(_ name: String, seen: Seen? = nil, by actor: Actor) throws -> ID {
        let shown = try read { try $0.contact(named: name) }
        let id = shown.fields.id(Contact.contact) ?? shown.id
        _ = try act(by: actor) { acting, person in
            try person.check(.editContact)
            let directory = try acting.view.companies(CompanyNeeds(contacts: [id]))
            guard let company = shown.fields.id(Contact.company).flatMap({ directory[$0] }) else {
                throw RuleFault(.wrongOrder, "that contact belongs to no company")
            }
            var names: [Name]?
            if let seen {
                let known = try acting.view.history(
                    of: company.record.id,
                    entity: Company.number,
                    in: Company.directory
                )
                names = try seen.names(among: known.map(\.name))
            }
            var edit = RecordEdit(company.record)
            edit.write(Company.primaryContact, .id(id), seen: names)
            return try draft(edit, in: Company.directory)
        }
        return id
    }

    /// Takes a contact away: it stays in history, and where it is named.
    ///
    /// An edit that did not know of it brings it back (DOM-158).
    @discardableResult
    public func removeContact(_ name: String, by actor: Actor) throws -> ID {
        let shown = try read { try $0.contact(named: name) }
        _ = try act(by: actor) { acting, person in
            try person.check(.editContact)
            let record = try acting.view.record(
                shown.id,
                of: Contact.entity,
                in: Company.directory
            )
            var edit = RecordEdit(record ?? shown)
            edit.write(FieldEdit.deleted, .bool(true))
            return try draft(edit, in: Company.directory)
        }
        return shown.fields.id(Contact.contact) ?? shown.id
    }

    /// Adds an address to a company, or edits one of it.
    ///
    /// - Parameters:
    ///   - company: A number, name or id.
    ///   - id: The address to edit; nil: a new one.
    ///   - cells: Columns of the table `addresses`; the lines that are left out stay.
    ///   - seen: What the form showed of the lines.
    ///   - actor: Who does.
    /// - Returns: The id of the address.
    /// - Throws: `RuleFault`, `.notFound`.
    @discardableResult
    public func setAddress(
        of company: String,
        id: ID? = nil,
        _ cells: Cells,
        seen: Seen? = nil,
        by actor: Actor
    ) throws -> ID {
        let owner = try read { try $0.companyID(named: company) }
        let address = id ?? chance.id
        let node = CompanyNode(self)
        let now = Int64(clamping: wallMilliseconds)
        _ = try act(by: actor) { acting, person in
            try person.check(.editCompany)
            let directory = try acting.view.companies(
                CompanyNeeds(companies: [owner], addresses: [address])
            )
            guard let entry = directory[owner], id == nil || directory.address(address) != nil
            else { throw CommandFault(.notFound, "no such address", reason: "unknown-name") }
            var draft = Draft()
            try node.open(&draft, on: acting.view)
            let form = AddressForm(address, of: entry, cells, now: now)
            for operation in try form.operations(node, directory, seen, acting.view) {
                draft.add(operation, in: Company.directory)
            }
            guard !draft.isEmpty else {
                throw CommandFault(.usage, "that changes nothing", reason: "no-edit")
            }
            return draft
        }
        return address
    }
}

extension CompanyNode {
    /// The creation of a contact.
    ///
    /// - Throws: `RuleFault`; `.refused` if the company has the address already.
    func newContact(
        _ id: ID,
        _ cells: Cells,
        of company: ID?,
        _ directory: CompanyDirectory
    ) throws -> Operation {
        var values = try values(cells, .contacts, Contact.entity)
        let isNamed = [Contact.name, Contact.firstName, Contact.lastName].contains {
            values[$0] != nil
        }
        guard isNamed else { throw RuleFault(.empty, "a contact has a name") }
        if let email = values[Contact.email],
            let other = directory.contact(withEmail: email.shown, of: company)
        {
            throw CommandFault(
                .refused,
                "\(Contact.name(other.fields)) has that address already",
                reason: "exists"
            )
        }
        values.set(Contact.contact, id)
        values.set(Contact.company, company)
        return Operation(creating: Contact.entity, values, in: Company.directory, tenant: tenant)
    }
}

extension CompanyDirectory {
    /// The contact of a company that has an e-mail address.
    func contact(withEmail email: String, of company: ID?) -> StoredRecord? {
        let wanted = email.lowercased()
        let owner = company.map(mergers.standing) ?? .zero
        return contacts(of: owner).first { $0.fields.text(Contact.email)?.lowercased() == wanted }
    }
}

/// An address as it is to be, with the pointers of its company.
struct AddressForm {
    private let id: ID
    private let entry: CompanyDirectory.Entry
    private let cells: Cells
    private let now: Int64

    init(_ id: ID, of entry: CompanyDirectory.Entry, _ cells: Cells, now: Int64) {
        self.id = id
        self.entry = entry
        self.cells = cells
        self.now = now
    }

    /// The lines with what the cells say in place of what was there.
    func lines(_ old: [Value]) throws -> Value {
        try .list(
            CompanyAddress.parts.enumerated().map { place, part in
                let kept = old.indices.contains(place) ? old[place] : .null
                switch cells[part] {
                case nil: return kept
                case .text(let text) where !text.allSatisfy(\.isWhitespace):
                    try ShortText.title(text)
                    return .text(text)
                default: return .null
                }
            }
        )
    }

    /// What it takes: the address, and the company if its pointers change.
    func operations(
        _ node: CompanyNode,
        _ directory: CompanyDirectory,
        _ seen: Seen?,
        _ view: View
    ) throws -> [Operation] {
        let held = directory.address(id)
        let lines = try lines(held?.fields.list(CompanyAddress.lines) ?? [])
        let type = try type()
        let isValidated = try flag("is_validated")
        guard node.isHub || isValidated == nil else {
            throw RuleFault(.hubOnly, "the hub checks addresses")
        }
        var operations: [Operation] = []
        if let held {
            var edit = RecordEdit(held)
            let names = try seen.map { seen in
                let known = try view.history(
                    of: held.id,
                    entity: CompanyAddress.number,
                    in: Company.directory
                )
                return try seen.names(among: known.map(\.name))
            }
            edit.write(CompanyAddress.lines, lines, seen: names)
            if let type { edit.write(CompanyAddress.type, .text(type)) }
            if let isValidated {
                edit.write(CompanyAddress.validated, isValidated ? lines : .null)
                if CompanyAddress.isValidated(held.fields) != isValidated {
                    edit.write(CompanyAddress.validatedAt, isValidated ? .integer(now) : .null)
                }
            }
            operations = [edit.operation].compactMap(\.self)
        } else {
            operations = [try creation(lines, type, isValidated == true, node)]
        }
        return operations + [try pointers()].compactMap(\.self)
    }

    private func creation(
        _ lines: Value,
        _ type: String?,
        _ isValidated: Bool,
        _ node: CompanyNode
    ) throws -> Operation {
        guard let type else { throw RuleFault(.empty, "say the type: BILLING, SHIPPING or BOTH") }
        guard case .text = cells["street_1"] else { throw RuleFault(.empty, "give a street") }
        var values = FieldValues()
        values.set(CompanyAddress.address, id)
        values.set(CompanyAddress.company, entry.id)
        values.set(CompanyAddress.type, type)
        values[CompanyAddress.lines] = lines
        if isValidated {
            values[CompanyAddress.validated] = lines
            values.set(CompanyAddress.validatedAt, now)
        }
        return Operation(
            creating: CompanyAddress.entity,
            values,
            in: Company.directory,
            tenant: node.tenant
        )
    }

    private func type() throws -> String? {
        guard case .text(let text) = cells["type"], !text.isEmpty else { return nil }
        return try Column.word(text.trimmed, CompanyAddress.types, [:])
    }

    private func flag(_ name: String) throws -> Bool? {
        guard case .text(let text) = cells[name], !text.isEmpty else { return nil }
        return try Column.bool(text.trimmed)
    }

    /// The edit of the company's pointers; nil if they stay.
    private func pointers() throws -> Operation? {
        var edit = RecordEdit(entry.record)
        for (name, field) in [
            ("is_default_billing", Company.defaultBilling),
            ("is_default_shipping", Company.defaultShipping),
        ] {
            guard let isDefault = try flag(name) else { continue }
            if isDefault {
                edit.write(field, .id(id))
            } else if entry.fields.id(field) == id {
                edit.write(field, .null)
            }
        }
        return edit.operation
    }
}
