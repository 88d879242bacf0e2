public import CRDT
public import Domain
public import Storage

/// The companies, contacts and addresses that a node holds, read once.
///
/// A company that was merged is found under its own id and shown as the one it turned out to be
/// (DOM-156).
public struct CompanyDirectory: Sendable {
    /// A company as it is found.
    public struct Entry: Sendable {
        public let id: ID
        public let record: StoredRecord

        public var fields: Fields { record.fields }
        public var name: String { fields.text(Company.name) ?? "" }
        /// Whether no hub has taken it in yet.
        public var isProposed: Bool { fields.bool(Company.isAccepted) != true }
    }

    private var byID: [ID: Entry] = [:]
    private var byNumber: [String: [ID]] = [:]
    private var byName: [String: [ID]] = [:]
    private var contactsByID: [ID: StoredRecord] = [:]
    private var contactsByCompany: [ID: [StoredRecord]] = [:]
    private var addressesByID: [ID: StoredRecord] = [:]
    private var addressesByCompany: [ID: [StoredRecord]] = [:]
    private var mergedByCompany: [ID: [ID]] = [:]
    private(set) var mergers = CompanyMergers([:])

    init() {}

    /// Takes records; deleted ones are left out.
    ///
    /// - Parameters:
    ///   - companies: Records of ``Company``.
    ///   - contacts: Records of ``Contact``.
    ///   - addresses: Records of ``CompanyAddress``.
    init(
        companies: [StoredRecord],
        contacts: [StoredRecord],
        addresses: [StoredRecord]
    ) {
        for record in companies where !record.isDeleted {
            if let id = record.fields.id(Company.company) {
                byID[id] = Entry(id: id, record: record)
            }
        }
        let held = byID
        mergers = CompanyMergers(
            held.compactMapValues { entry in
                entry.fields.id(Company.mergedInto).flatMap { held[$0] == nil ? nil : $0 }
            }
        )
        for entry in byID.values { index(entry) }
        for record in contacts where !record.isDeleted {
            guard let id = record.fields.id(Contact.contact) else { continue }
            contactsByID[id] = record
            let company = record.fields.id(Contact.company).map(mergers.standing) ?? .zero
            contactsByCompany[company, default: []].append(record)
        }
        for record in addresses where !record.isDeleted {
            guard let id = record.fields.id(CompanyAddress.address) else { continue }
            addressesByID[id] = record
            let company = record.fields.id(CompanyAddress.company).map(mergers.standing) ?? .zero
            addressesByCompany[company, default: []].append(record)
        }
    }

    private mutating func index(_ entry: Entry) {
        let standing = mergers.standing(for: entry.id)
        guard standing == entry.id else {
            mergedByCompany[standing, default: []].append(entry.id)
            return
        }
        byName[entry.name.lowercased(), default: []].append(entry.id)
        if let number = entry.fields.text(Company.humanNumber) {
            byNumber[number.lowercased(), default: []].append(entry.id)
        }
    }

    /// The companies that stand for themselves, by name.
    public var companies: [Entry] {
        byID.values.filter { mergers.standing(for: $0.id) == $0.id }
            .sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// All that are held, merged ones too, by id.
    var all: [Entry] { byID.values.sorted { $0.id < $1.id } }

    /// The company that an id means; nil if it is not here.
    public subscript(id: ID) -> Entry? { byID[mergers.standing(for: id)] ?? byID[id] }

    /// The company as it was written, merged or not.
    func written(_ id: ID) -> Entry? { byID[id] }

    func ids(named name: String) -> [ID] { byName[name.lowercased()] ?? [] }
    func ids(numbered number: String) -> [ID] { byNumber[number.lowercased()] ?? [] }

    /// The company of a number, name or id.
    ///
    /// - Throws: `.notFound`, also if several have the name.
    public func only(called name: String) throws -> Entry {
        if let id = ID(text: name.replacing("-", with: "")), let found = self[id] { return found }
        let found = ids(numbered: name) + ids(named: name)
        if Set(found).count == 1, let entry = found.first.flatMap({ byID[$0] }) { return entry }
        var choice = NameChoice<Entry>("company")
        for entry in companies {
            let number = entry.fields.text(Company.humanNumber)
            choice.add(entry, names: [number, entry.name, "\(entry.id)"])
        }
        return try choice.only(called: name)
    }
}

// MARK: - Contacts and addresses

extension CompanyDirectory {
    func contact(_ id: ID) -> StoredRecord? { contactsByID[id] }
    func address(_ id: ID) -> StoredRecord? { addressesByID[id] }

    /// The contacts of a company, by name; those of the firm itself for zero.
    func contacts(of company: ID) -> [StoredRecord] {
        (contactsByCompany[company] ?? []).sorted {
            (Contact.name($0.fields), $0.id) < (Contact.name($1.fields), $1.id)
        }
    }

    var allContacts: [StoredRecord] { contactsByID.values.sorted { $0.id < $1.id } }
    var allAddresses: [StoredRecord] { addressesByID.values.sorted { $0.id < $1.id } }

    func addresses(of company: ID) -> [StoredRecord] { addressesByCompany[company] ?? [] }

    /// The companies that turned out to be another one.
    func merged(into company: ID) -> [ID] { (mergedByCompany[company] ?? []).sorted() }

    /// The primary contact of a company: what its pointer names, if that is a contact of it.
    func primaryContact(of entry: Entry) -> ID? {
        guard let id = entry.fields.id(Company.primaryContact), let contact = contactsByID[id],
            contact.fields.id(Contact.company).map(mergers.standing) == entry.id
        else { return nil }
        return id
    }

    /// The contact of an id, an e-mail address or a name.
    ///
    /// - Throws: `.notFound`, also if several have the name.
    func contact(called name: String) throws -> StoredRecord {
        if let id = ID(text: name.replacing("-", with: "")), let found = contactsByID[id] {
            return found
        }
        var choice = NameChoice<StoredRecord>("contact")
        for record in allContacts {
            let id = record.fields.id(Contact.contact) ?? record.id
            let names = [Contact.name(record.fields), record.fields.text(Contact.email), "\(id)"]
            choice.add(record, names: names)
        }
        return try choice.only(called: name)
    }
}
