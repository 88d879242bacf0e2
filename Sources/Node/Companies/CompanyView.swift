public import CRDT
import Domain
public import Storage

/// A company as it is shown, with its contacts and addresses and what hubs alone hold of it.
///
/// JSON: `{"company", "name", "number", "kinds", "status", "proposed", "merged", "in_conflict",
/// "primary_contact", "fields": {name: {"value", "in_conflict", "seen"}}, "contacts": […],
/// "addresses": […], "commercial": {…} or null}`.
public struct CompanyView: Sendable {
    public let entry: CompanyDirectory.Entry
    public let contacts: [ContactView]
    let addresses: [StoredRecord]
    let mergedIDs: [ID]
    let primary: ID?
    /// Nil at a node that is no hub.
    let commercial: Fields?
    private let names: Nicknames

    init(_ entry: CompanyDirectory.Entry, _ shelf: CompanyShelf) {
        let directory = shelf.directory
        self.entry = entry
        names = shelf.names
        primary = directory.primaryContact(of: entry)
        let primary = primary
        contacts = directory.contacts(of: entry.id).map { record in
            ContactView(
                record,
                kinds: entry.fields.texts(Company.kinds),
                isPrimary: record.fields.id(Contact.contact) == primary
            )
        }
        addresses = directory.addresses(of: entry.id)
        mergedIDs = directory.merged(into: entry.id)
        commercial = shelf.commercial[entry.id]
    }

    public var name: String { entry.name }
    public var isProposed: Bool { entry.isProposed }

    /// What a list says of a company, to people.
    public var row: [String] {
        let fields = entry.fields
        return [
            fields.text(Company.humanNumber) ?? "-", name,
            fields.texts(Company.kinds).sorted().joined(separator: " "),
            isProposed ? "proposed" : fields.text(Company.status) ?? "-", "\(entry.id)",
        ]
    }

    /// What a list says of a company.
    public var summary: JSON {
        let fields = entry.fields
        return [
            "company": .text("\(entry.id)"), "name": .text(entry.name),
            "number": .text(orNull: fields.text(Company.humanNumber)),
            "kinds": .list(fields.texts(Company.kinds).sorted(), JSON.text),
            "status": .text(orNull: fields.text(Company.status)),
            "proposed": .bool(entry.isProposed), "merged": .list(mergedIDs) { .text("\($0)") },
            "in_conflict": .bool(hasConflict),
            "primary_contact": .text(orNull: primary.map { "\($0)" }),
        ]
    }

    public var json: JSON {
        let open = Company.entity.fields.filter {
            !Company.commercialFields.contains($0.number) && $0.merge != .set
        }
        let restricted = commercial.map { fields in
            JSON.object(
                Company.entity.fields.filter { Company.commercialFields.contains($0.number) }
                    .map { JSON.Member($0.name, fields[$0.number]?.json ?? .null) }
            )
        }
        return summary.with("fields", entry.record.json(open, names))
            .with("tags", .list(entry.fields.texts(Company.tags).sorted(), JSON.text))
            .with("contacts", .list(contacts, \.json))
            .with("addresses", .list(addresses, address))
            .with("commercial", restricted ?? .null)
    }

    public var lines: [String] {
        let fields = entry.fields
        let number = fields.text(Company.humanNumber).map { "\($0) " } ?? ""
        let kinds = fields.texts(Company.kinds).sorted().joined(separator: ", ")
        let state = entry.isProposed ? "proposed" : fields.text(Company.status) ?? "-"
        let note = hasConflict ? "; it has a conflict: gemba conflict list" : ""
        var table = Table("CONTACT", "TITLE", "E-MAIL", "PHONE", "NOTE")
        for contact in contacts {
            table.add(
                contact.name,
                contact.record.fields.text(Contact.title) ?? "-",
                contact.record.fields.text(Contact.email) ?? "-",
                contact.record.fields.text(Contact.phone) ?? "-",
                contact.isPrimary ? "primary" : ""
            )
        }
        return ["\(number)\(entry.name): \(kinds), \(state)\(note)"]
            + (contacts.isEmpty ? ["no contacts"] : table.lines)
            + addresses.map { record in
                let parts = record.fields.list(CompanyAddress.lines).map(\.shown)
                return "\(record.fields.text(CompanyAddress.type) ?? "-"): "
                    + parts.filter { $0 != "-" }.joined(separator: ", ")
            }
    }

    /// Whether a field waits for somebody to settle it.
    public var hasConflict: Bool { entry.record.hasConflict }

    private func address(_ record: StoredRecord) -> JSON {
        let fields = record.fields
        let id = fields.id(CompanyAddress.address)
        let parts = fields.list(CompanyAddress.lines)
        let lines = CompanyAddress.parts.enumerated().map { place, name in
            JSON.Member(name, parts.indices.contains(place) ? parts[place].json : .null)
        }
        return .object(
            [
                JSON.Member("id", .text(orNull: id.map { "\($0)" })),
                JSON.Member("type", .text(orNull: fields.text(CompanyAddress.type))),
            ] + lines + [
                JSON.Member("is_validated", .bool(CompanyAddress.isValidated(fields))),
                JSON.Member(
                    "is_default_billing",
                    .bool(id != nil && entry.fields.id(Company.defaultBilling) == id)
                ),
                JSON.Member(
                    "is_default_shipping",
                    .bool(id != nil && entry.fields.id(Company.defaultShipping) == id)
                ),
                JSON.Member("in_conflict", .bool(record.hasConflict)),
                JSON.Member("seen", .text(Seen(record.names(CompanyAddress.lines)).text)),
            ]
        )
    }
}

/// What views of companies are made from, read once.
struct CompanyShelf {
    let directory: CompanyDirectory
    let names: Nicknames
    /// What hubs alone hold, by company.
    let commercial: [ID: Fields]

    init(_ directory: CompanyDirectory, _ view: View) throws {
        self.directory = directory
        names = try Nicknames(view)
        let records = try view.records(of: Company.entity, in: Company.commercial)
        let pairs = records.compactMap { record in
            record.fields.id(Company.company).map { ($0, record.fields) }
        }
        commercial = Dictionary(pairs) { first, _ in first }
    }
}

/// A contact as it is shown.
///
/// JSON: `{"contact", "name", "type", "primary", "in_conflict", "fields": {…}}`.
public struct ContactView: Sendable {
    public let record: StoredRecord
    /// Whether the company's pointer names it.
    public let isPrimary: Bool
    /// customer, supplier or internal, from what the company is.
    public let type: String

    init(_ record: StoredRecord, kinds: Set<String>, isPrimary: Bool) {
        self.record = record
        self.isPrimary = isPrimary
        type = Contact.type(ofCompanyOf: kinds)
    }

    public var id: ID { record.fields.id(Contact.contact) ?? record.id }
    public var name: String { Contact.name(record.fields) }
    public var email: String? { record.fields.text(Contact.email) }

    /// What a list says of a contact, to people.
    public var row: [String] { [name, email ?? "-", type, isPrimary ? "primary" : "", "\(id)"] }

    public var json: JSON {
        [
            "contact": .text("\(id)"), "name": .text(name), "type": .text(type),
            "primary": .bool(isPrimary), "in_conflict": .bool(record.hasConflict),
            "fields": record.json(record.entity.fields.filter { $0.merge != .set }, nil),
        ]
    }
}

extension StoredRecord {
    /// Whether a field that can be edited waits for somebody to settle it.
    var hasConflict: Bool {
        entity.fields.contains { $0.merge != .fixed && isInConflict($0.number) }
    }

    /// Fields with what an edit of each carries as seen.
    func json(_ shown: [Field], _ names: Nicknames?) -> JSON {
        .object(
            shown.map { field in
                JSON.Member(
                    field.name,
                    [
                        "value": names?.json(fields[field.number])
                            ?? fields[field.number]?.json ?? .null,
                        "in_conflict": .bool(isInConflict(field.number)),
                        "seen": .text(Seen(self.names(field.number)).text),
                    ]
                )
            }
        )
    }
}

extension LocalNode {
    /// A company with its contacts and addresses.
    ///
    /// - Throws: `.notFound`.
    public func company(_ name: String) throws -> CompanyView {
        try read { view in
            let id = try view.companyID(named: name)
            let directory = try view.companies(CompanyNeeds(companies: [id]))
            return CompanyView(
                try directory.only(called: "\(id)"),
                try CompanyShelf(directory, view)
            )
        }
    }

    /// The companies that stand for themselves, by name; of a kind, or that wait for the hub.
    public func companyViews(
        kind: String? = nil,
        isProposed: Bool? = nil
    ) throws -> [CompanyView] {
        try read { view in
            let directory = try view.companies()
            let shelf = try CompanyShelf(directory, view)
            return directory.companies
                .filter { kind == nil || $0.fields.texts(Company.kinds).contains(kind ?? "") }
                .filter { isProposed == nil || $0.isProposed == isProposed }
                .map { CompanyView($0, shelf) }
        }
    }

    /// Contacts by name: all, or those of a company, of a type.
    public func contacts(of company: String?, type: String? = nil) throws -> [ContactView] {
        try read { view in
            let directory = try view.companies()
            let owner = try company.map { try directory.only(called: $0).id }
            return directory.allContacts.map(directory.view)
                .filter { owner == nil || directory.owner(of: $0.record)?.id == owner }
                .filter { type == nil || $0.type == type }
                .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        }
    }

    /// One contact, by e-mail address, name or id.
    public func contact(_ name: String) throws -> ContactView {
        try read { view in
            let record = try view.contact(named: name)
            let id = record.fields.id(Contact.contact) ?? record.id
            return try view.companies(CompanyNeeds(contacts: [id])).view(record)
        }
    }
}

extension CompanyDirectory {
    fileprivate func owner(of contact: StoredRecord) -> Entry? {
        contact.fields.id(Contact.company).flatMap { self[$0] }
    }

    fileprivate func view(_ contact: StoredRecord) -> ContactView {
        let owner = owner(of: contact)
        return ContactView(
            contact,
            kinds: owner?.fields.texts(Company.kinds) ?? [],
            isPrimary: owner.flatMap(primaryContact) == contact.fields.id(Contact.contact)
        )
    }
}
