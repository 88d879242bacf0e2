import CRDT
import Domain
import Storage

/// The records that a folder holds and this store does not: what an import writes.
///
/// People and sites that are here under another id are the ones meant: the founder of a tenant made
/// some of them before the file came. So importing again changes nothing.
struct ImportPlan {
    private let view: View
    private let tenant: ID
    /// The ids that the files use, and those that stand here for them.
    private var aliases: [ID: ID] = [:]
    /// The sites of the tenant, those of the plan among them, by lower-case code.
    private(set) var sites: [String: ID] = [:]
    private(set) var draft = Draft()
    /// How many records of each kind are new.
    private(set) var counts: [String: Int] = [:]

    init(_ view: View, tenant: ID) throws {
        self.view = view
        self.tenant = tenant
        for site in try view.records(of: Site.entity, in: .tenant) {
            if let code = site.fields.text(Site.code), let id = site.fields.id(Site.site) {
                sites[code.lowercased()] = id
            }
        }
    }

    /// Adds all that the files say.
    mutating func add(_ files: ImportFiles) throws {
        if let company = files.company { try add(company) }
        if let workflows = files.workflows { try add(workflows) }
        if let quality = files.quality { try add(quality) }
        for project in files.projects?.projects ?? [] { try add(project) }
    }

    /// Adds a record unless it is here.
    ///
    /// - Returns: Whether it is new.
    @discardableResult
    mutating func add(
        _ entity: Entity,
        in scope: Scope = .tenant,
        _ fill: (inout FieldValues) throws -> Void
    ) throws -> Bool {
        var values = FieldValues()
        try fill(&values)
        let operation = Operation(creating: entity, values, in: scope, tenant: tenant)
        if case .natural(let id) = operation.target,
            try view.record(id, of: entity, in: scope) != nil
        {
            return false
        }
        draft.add(operation, in: scope)
        counts[entity.name, default: 0] += 1
        return true
    }

    /// An id as the files write it.
    func id(_ text: String) throws -> ID {
        guard let id = ID(text: text) else {
            throw CommandFault(.badInput, "\(text) is not an id: 32 hexadecimal digits")
        }
        return aliases[id] ?? id
    }

    /// The site of a code.
    func site(_ code: String) throws -> ID {
        guard let id = sites[code.lowercased()] else {
            throw CommandFault(.badInput, "no site has the code \(code)")
        }
        return id
    }
}

// MARK: - Company

extension ImportPlan {
    private mutating func add(_ company: ImportFiles.Company) throws {
        for site in company.sites ?? [] {
            let id = try id(site.id)
            if let held = sites[site.code.lowercased()] {
                aliases[id] = held
                continue
            }
            sites[site.code.lowercased()] = id
            try add(Site.entity) { values in
                values.set(Site.site, id)
                values.set(Site.code, site.code)
                values.set(Site.name, site.name)
                values.set(Site.timezone, site.timezone)
                values.set(Site.isActive, true)
            }
        }
        for role in company.roles ?? [] {
            // Another system's name for a role of the catalogue makes no second role.
            let known = RoleCatalogue.meaning(of: role.code)?.code ?? role.code
            guard known == role.code else { continue }
            try add(Role.entity) { values in
                values.set(Role.code, role.code)
                values.set(Role.name, role.name)
                values.set(Role.parent, role.parent)
                values.set(Role.isActive, true)
            }
        }
        try recognise(company.users ?? [])
        for user in company.users ?? [] { try add(user) }
    }

    /// Finds the people who are here under another id.
    private mutating func recognise(_ users: [ImportFiles.User]) throws {
        var held: [String: ID] = [:]
        for record in try view.records(of: User.entity, in: .tenant) {
            guard let id = record.fields.id(User.user) else { continue }
            if let name = record.fields.text(User.username) { held[name.lowercased()] = id }
        }
        for user in users {
            if let found = held[user.username.lowercased()] {
                aliases[try id(user.id)] = found
            }
        }
    }

    private mutating func add(_ user: ImportFiles.User) throws {
        let userID = try id(user.id)
        let manager = try user.manager.map(id)
        let isHere = try view.records(of: User.entity, in: .tenant)
            .contains { $0.fields.id(User.user) == userID }
        if !isHere {
            try add(User.entity) { values in
                values.set(User.user, userID)
                values.set(User.username, user.username)
                values.set(User.displayName, user.displayName)
                values.set(User.email, user.email)
                values.set(User.department, user.department)
                values.set(User.jobTitle, user.jobTitle)
                values.set(User.timezone, user.timezone)
                values.set(User.language, user.language)
                values.set(User.manager, manager)
                values.set(User.firstName, user.firstName)
                values.set(User.lastName, user.lastName)
                values.set(User.phone, user.phone)
                values.set(User.status, UserStatus(user.status ?? "active").rawValue)
            }
        }
        if let email = user.email, !isHere { _ = try EmailAddress(typed: email) }
        for membership in user.memberships ?? [] {
            let meaning = RoleCatalogue.meaning(of: membership.role)
            let places = try (membership.sites ?? []).map { Value.id(try site($0)) }
            try add(Membership.entity) { values in
                values.set(Membership.user, userID)
                values.set(Membership.role, meaning?.code ?? membership.role)
                values.set(Membership.effectiveFrom, membership.effectiveFrom)
                values.set(Membership.level, max(membership.level, Int64(meaning?.level ?? 1)))
                values.set(Membership.effectiveUntil, membership.effectiveUntil)
                values.add(Membership.sites, places)
            }
        }
    }
}
