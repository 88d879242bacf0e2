import CRDT
import Domain
import Storage
import Wire

/// Which companies, contacts and addresses an action is about.
struct CompanyNeeds {
    /// Names and numbers of companies.
    var names: [String] = []
    var companies: [ID] = []
    var contacts: [ID] = []
    var addresses: [ID] = []
    /// E-mail addresses of contacts.
    var emails: [String] = []
}

extension View {
    /// All companies, contacts and addresses; read again only once one of them changed.
    func companies() throws -> CompanyDirectory {
        try kept("companies", of: Company.directory) {
            try CompanyDirectory(
                companies: records(of: Company.entity, in: Company.directory),
                contacts: records(of: Contact.entity, in: Company.directory),
                addresses: records(of: CompanyAddress.entity, in: Company.directory)
            )
        }
    }

    /// Those that an action is about, with whatever they were merged into or was merged into them,
    /// and the contacts and addresses of all these: found by indexes.
    ///
    /// What it says of them is what ``companies()`` says; of others it knows nothing.
    func companies(_ needs: CompanyNeeds) throws -> CompanyDirectory {
        var found = CompanyNeighbours(self)
        for name in needs.names {
            for index in [Company.byName, Company.byNumber] {
                try found.add(LookUp(index, of: Company.entity, [.text(name)]))
            }
        }
        for contact in needs.contacts { try found.add(contact: contact) }
        for email in needs.emails { try found.add(email: email) }
        for address in needs.addresses { try found.add(address: address) }
        for company in needs.companies { try found.add(company: company) }
        return try found.directory()
    }

    /// The company that is called so, found without reading the others; nil if none is, or several.
    private func companyID(exactly name: String) throws -> ID? {
        if let id = ID(text: name.replacing("-", with: "")) {
            return try companies(CompanyNeeds(companies: [id]))[id]?.id
        }
        let directory = try companies(CompanyNeeds(names: [name]))
        let found = Set(directory.ids(numbered: name) + directory.ids(named: name))
        return found.count == 1 ? found.first : nil
    }

    /// The company of a number, name or id.
    ///
    /// - Throws: `.notFound`, also if several have the name.
    func companyID(named name: String) throws -> ID {
        try companyID(exactly: name) ?? companies().only(called: name).id
    }

    /// The contact of an id, an e-mail address or a name.
    ///
    /// - Throws: `.notFound`, also if several have the name.
    func contact(named name: String) throws -> StoredRecord {
        if let id = ID(text: name.replacing("-", with: "")),
            let found = try companies(CompanyNeeds(contacts: [id])).contact(id)
        {
            return found
        }
        let called = LookUp(Contact.byEmail, of: Contact.entity, [.text(name)], limit: 2)
        let found = try records(called, in: Company.directory).items
        // Somebody may be named as another's address is written: then the names decide.
        if found.count == 1, name.contains("@") { return found[0] }
        return try companies().contact(called: name)
    }
}

/// Companies that belong together, read one after the other.
private struct CompanyNeighbours {
    private let view: View
    private var companies: [ID: StoredRecord] = [:]
    private var contacts: [ID: StoredRecord] = [:]
    private var addresses: [ID: StoredRecord] = [:]
    private var passed: Set<ID> = []
    private var pending: [ID] = []

    init(_ view: View) {
        self.view = view
    }

    private func record(_ key: ID, of entity: Entity) throws -> StoredRecord? {
        let id = ID(
            naturalKey: [.id(key)],
            of: entity.number,
            in: Company.directory,
            tenant: view.tenantID
        )
        return try view.record(id, of: entity, in: Company.directory)
    }

    mutating func add(company: ID) throws {
        pending.append(company)
        try follow()
    }

    mutating func add(_ lookUp: LookUp) throws {
        for record in try view.records(lookUp, in: Company.directory).items {
            if let id = record.fields.id(Company.company) { try add(company: id) }
        }
    }

    mutating func add(contact: ID) throws {
        guard let record = try record(contact, of: Contact.entity) else { return }
        contacts[record.id] = record
        if let company = record.fields.id(Contact.company) { try add(company: company) }
    }

    mutating func add(email: String) throws {
        let lookUp = LookUp(Contact.byEmail, of: Contact.entity, [.text(email)])
        for record in try view.records(lookUp, in: Company.directory).items {
            contacts[record.id] = record
        }
    }

    mutating func add(address: ID) throws {
        guard let record = try record(address, of: CompanyAddress.entity) else { return }
        addresses[record.id] = record
        if let company = record.fields.id(CompanyAddress.company) { try add(company: company) }
    }

    private mutating func follow() throws {
        while let id = pending.popLast() {
            guard passed.insert(id).inserted else { continue }
            if let record = try record(id, of: Company.entity) {
                companies[record.id] = record
                if let other = record.fields.id(Company.mergedInto) { pending.append(other) }
            }
            let merged = LookUp(Company.byMerged, of: Company.entity, [.id(id)])
            for record in try view.records(merged, in: Company.directory).items {
                if let other = record.fields.id(Company.company) { pending.append(other) }
            }
            let people = LookUp(Contact.byCompany, of: Contact.entity, [.id(id)])
            for record in try view.records(people, in: Company.directory).items {
                contacts[record.id] = record
            }
            let places = LookUp(CompanyAddress.byCompany, of: CompanyAddress.entity, [.id(id)])
            for record in try view.records(places, in: Company.directory).items {
                addresses[record.id] = record
            }
        }
    }

    func directory() throws -> CompanyDirectory {
        CompanyDirectory(
            companies: companies.values.sorted { $0.id < $1.id },
            contacts: contacts.values.sorted { $0.id < $1.id },
            addresses: addresses.values.sorted { $0.id < $1.id }
        )
    }
}
