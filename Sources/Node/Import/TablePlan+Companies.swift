import CRDT
import Domain
import Storage

// Companies, addresses, contacts, and what contacts are in projects.

extension TablePlan {
    mutating func company(_ row: TableRow) throws -> (Outcome, Step) {
        let (number, name) = (row.text("number"), row.text("name") ?? "")
        let id = try row.id("id") ?? companyID(number: number, name: name)
        try check(name: name, number: number, of: id)
        let restricted = Set(RecordTable.companyCommercial.map(\.field))
        let commercial = row.said(RecordTable.companyCommercial, of: Company.entity)
        let said = row.said(
            columns(without: "id").filter { !restricted.contains($0.field) },
            of: Company.entity
        )
        try CompanyRules.check(said)
        if references.companies.written(id) == nil, said.sets[Company.kinds] == nil {
            throw RuleFault(.empty, "kinds is missing")
        }
        var creating = Said()
        creating.registers[Company.status] = .text("ACTIVE")
        creating.registers[Company.isAccepted] = .bool(true)
        let key = [Company.company: Value.id(id)]
        var (outcome, step) = try put(
            Company.entity,
            in: Company.directory,
            key: key,
            said,
            creating: creating
        )
        if !commercial.isEmpty {
            let (more, operations) = try put(
                Company.entity,
                in: Company.commercial,
                key: key,
                commercial
            )
            if outcome == .unchanged, more != .unchanged { outcome = .changed }
            step += operations
        }
        references.add(company: id, name: name, number: number)
        return (outcome, step)
    }

    /// The company that a row without an id means, or the id of a new one.
    private func companyID(number: String?, name: String) throws -> ID {
        let directory = references.companies
        if let number, let found = directory.ids(numbered: number).first { return found }
        let named = directory.ids(named: name)
        guard named.count <= 1 else {
            throw CommandFault(.badInput, "several companies are called so: give the id")
        }
        return named.first ?? newID(Company.entity, number, name.lowercased())
    }

    private func check(name: String, number: String?, of id: ID) throws {
        let others = references.names(like: name, number: number).subtracting([id])
        if let other = others.min() {
            throw CommandFault(.refused, "company \(other) has that name or number")
        }
    }

    mutating func address(_ row: TableRow) throws -> (Outcome, Step) {
        guard let entry = row.id("company").flatMap({ references.companies[$0] }) else {
            throw CommandFault(.notFound, "the company is not here")
        }
        let held = references.companies.addresses(of: entry.id)
        let same = held.first { record in
            record.fields[CompanyAddress.type] == row["type"]
                && record.fields.list(CompanyAddress.lines).first ?? .null == row["label"] ?? .null
        }
        let id =
            row.id("id") ?? same?.fields.id(CompanyAddress.address)
            ?? newID(
                CompanyAddress.entity,
                "\(entry.id)",
                row.text("label"),
                row.text("type")
            )
        let old = references.companies.address(id)?.fields.list(CompanyAddress.lines) ?? []
        let lines = CompanyAddress.parts.enumerated().map { place, part in
            row[part] ?? (old.indices.contains(place) ? old[place] : .null)
        }
        guard lines.dropFirst().contains(where: { $0 != .null }) else {
            throw RuleFault(.empty, "an address has lines")
        }
        var said = Said()
        said.registers[CompanyAddress.type] = row["type"]
        said.registers[CompanyAddress.lines] = .list(lines)
        if let isValidated = row.bool("is_validated") {
            said.registers[CompanyAddress.validated] = isValidated ? .list(lines) : .null
        }
        var key = [CompanyAddress.address: Value.id(id)]
        if old.isEmpty { key[CompanyAddress.company] = .id(entry.id) }
        var (outcome, step) = try put(
            CompanyAddress.entity,
            in: Company.directory,
            key: key,
            said
        )
        for (column, field) in [
            ("is_default_billing", Company.defaultBilling),
            ("is_default_shipping", Company.defaultShipping),
        ] {
            let isNew = try point(
                entry.record,
                in: Company.directory,
                field,
                at: id,
                row.bool(column)
            )
            if isNew, outcome == .unchanged { outcome = .changed }
        }
        step = step.filter { !$0.operation.edits.isEmpty }
        return (outcome, step)
    }

    mutating func contact(_ row: TableRow) throws -> (Outcome, Step) {
        let entry = row.id("company").flatMap { references.companies[$0] }
        let owner = entry?.id
        let email = row.text("email")
        let name =
            row.text("name")
            ?? [row.text("first_name"), row.text("last_name")]
            .compactMap(\.self).joined(separator: " ")
        let directory = references.companies
        let held =
            email.flatMap { directory.contact(withEmail: $0, of: owner) }
            ?? directory.contacts(of: owner ?? .zero).first {
                email == nil && Contact.name($0.fields) == name
            }
        let id =
            row.id("id") ?? held?.fields.id(Contact.contact)
            ?? newID(Contact.entity, owner.map { "\($0)" }, email?.lowercased() ?? name)
        let existing = directory.contact(id)
        guard existing != nil || !name.isEmpty else { throw RuleFault(.empty, "name is missing") }
        if let held, held.fields.id(Contact.contact) != id {
            throw CommandFault(.refused, "\(Contact.name(held.fields)) has that address already")
        }
        var said = row.said(
            columns(without: "id", "company", "is_primary"),
            of: Contact.entity
        )
        try CompanyRules.check(said)
        var key = [Contact.contact: Value.id(id)]
        if let existing {
            let company = existing.fields.id(Contact.company).map(directory.mergers.standing)
            guard owner == nil || owner == company else {
                throw RuleFault(.wrongOrder, "the contact belongs to another company")
            }
            said.registers[Contact.company] = nil
        } else if let owner {
            key[Contact.company] = .id(owner)
        }
        var (outcome, step) = try put(Contact.entity, in: Company.directory, key: key, said)
        if let entry {
            let isNew = try point(
                entry.record,
                in: Company.directory,
                Company.primaryContact,
                at: id,
                row.bool("is_primary")
            )
            if isNew, outcome == .unchanged { outcome = .changed }
        }
        step = step.filter { !$0.operation.edits.isEmpty }
        return (outcome, step)
    }

    mutating func projectContact(_ row: TableRow) throws -> (Outcome, Step) {
        let scope = Scope.subject(try references.project(row.text("project") ?? ""))
        guard let contact = row.id("contact"), let role = row.text("role") else {
            throw RuleFault(.empty, "contact and role are needed")
        }
        guard references.companies.contact(contact) != nil else {
            throw CommandFault(.notFound, "no contact has the id \(contact)")
        }
        let key: [UInt32: Value] = [
            SubjectContact.contact: .id(contact), SubjectContact.role: .text(role),
        ]
        var (outcome, step) = try put(SubjectContact.entity, in: scope, key: key, Said())
        if let project = try records(of: Project.entity, in: scope).values.first {
            let isNew = try point(
                project,
                in: scope,
                Project.primaryContact,
                at: contact,
                row.bool("is_primary")
            )
            if isNew, outcome == .unchanged { outcome = .changed }
        }
        step = step.filter { !$0.operation.edits.isEmpty }
        return (outcome, step)
    }
}

extension CompanyRules {
    /// Checks the texts that a row says of a company or contact.
    fileprivate static func check(_ said: Said) throws {
        for case .text(let text) in said.sets[Company.tags] ?? [] {
            guard text.utf8.count <= tagBytesMax else {
                throw RuleFault(.tooLong, "a tag holds at most \(tagBytesMax) bytes")
            }
        }
        for (field, value) in said.registers {
            guard case .text(let text) = value else { continue }
            let isLong = field == Company.notes || field == Company.description
            guard text.utf8.count <= (isLong ? TextRule.reasonBytesMax : TextRule.titleBytesMax)
            else { throw RuleFault(.tooLong, "a text is too long") }
        }
    }
}
