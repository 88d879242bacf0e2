import CRDT
import Domain
import Storage

/// What names in cells mean: people, sites, companies, projects.
///
/// Case does not matter. Rows of the same file are added as they are read.
struct References {
    private var users: [String: ID] = [:]
    private var userNames: [ID: String] = [:]
    private var sites: [String: ID] = [:]
    private var siteCodes: [ID: String] = [:]
    private(set) var companies = CompanyDirectory()
    private(set) var projects: [String: ID] = [:]
    private(set) var projectNumbers: [ID: String] = [:]
    private(set) var roles: Set<String> = []

    /// Nothing is known: for columns that name nothing.
    init() {}

    /// Reads what is held.
    init(_ view: View) throws {
        for record in try view.records(of: User.entity, in: .tenant) {
            guard let id = record.fields.id(User.user) else { continue }
            add(user: id, record.fields.text(User.username), record.fields.text(User.email))
        }
        for record in try view.records(of: Site.entity, in: .tenant) {
            guard let id = record.fields.id(Site.site), let code = record.fields.text(Site.code)
            else { continue }
            sites[code.lowercased()] = id
            siteCodes[id] = code
        }
        roles = try Set(
            view.records(of: Role.entity, in: .tenant).compactMap { $0.fields.text(Role.code) }
        )
        companies = try view.companies()
        for (scope, record) in try view.projectRecords() {
            add(project: scope.key, record.projectNumber)
        }
    }

    mutating func add(user id: ID, _ username: String?, _ email: String?) {
        for name in [username, email].compactMap(\.self) { users[name.lowercased()] = id }
        if let username { userNames[id] = username }
        users["\(id)"] = id
    }

    /// Lets an id of a file stand for a person who is here under another.
    mutating func add(alias: ID, for id: ID) { users["\(alias)"] = id }

    /// The companies of earlier rows, by name and number.
    private var newCompanies: [String: Set<ID>] = [:]

    mutating func add(company id: ID, name: String, number: String?) {
        newCompanies["name/\(name.lowercased())", default: []].insert(id)
        if let number { newCompanies["number/\(number.lowercased())", default: []].insert(id) }
    }

    /// The companies, held or of earlier rows, that have a name or a number.
    func names(like name: String, number: String?) -> Set<ID> {
        var found = Set(companies.ids(named: name))
        found.formUnion(newCompanies["name/\(name.lowercased())"] ?? [])
        if let number {
            found.formUnion(companies.ids(numbered: number))
            found.formUnion(newCompanies["number/\(number.lowercased())"] ?? [])
        }
        return found
    }

    mutating func add(project subject: ID, _ number: String) {
        projects[number.lowercased()] = subject
        projects["\(subject)"] = subject
        projectNumbers[subject] = number
    }

    func userName(_ id: ID) -> String { userNames[id] ?? "\(id)" }
    func siteCode(_ id: ID) -> String { siteCodes[id] ?? "\(id)" }
    var allSites: [ID] { sites.values.sorted() }

    func user(_ name: String) throws -> ID { try find(name, users, "user") }
    func site(_ name: String) throws -> ID { try find(name, sites, "site") }
    func project(_ name: String) throws -> ID { try find(name, projects, "project") }

    /// The person of a name, if there is one.
    func knownUser(_ name: String) -> ID? { users[name.lowercased()] }

    func company(_ name: String) throws -> ID { try companies.only(called: name).id }

    private func find(_ name: String, _ known: [String: ID], _ kind: String) throws -> ID {
        if let id = known[name.lowercased()] { return id }
        if let id = ID(text: name.replacing("-", with: "")), let found = known["\(id)"] {
            return found
        }
        throw CommandFault(
            .notFound,
            "no \(kind) is called \(Column.short(name))",
            reason: "unknown-name"
        )
    }
}
