public import CRDT
import Domain
public import Storage

/// All that a page about a person needs, in one read.
public struct UserView: Sendable {
    /// A role as it is, was or will be held.
    public struct Held: Hashable, Sendable {
        public let role: String
        public let level: Int
        public let from: String
        public let until: String?
        /// Codes; none: everywhere.
        public let sites: [String]
        /// coming, holds or ended.
        public let state: String
    }

    public let user: ID
    public let username: String
    /// The fields of the record that have a value, by name.
    public let texts: [(name: String, text: String)]
    public let status: String
    /// What the tenant is called, and in addresses.
    public let tenant: (name: String?, slug: String?)
    public let held: [Held]
    /// The roles that the person acts with here now, with parents and what is lent.
    public let levels: [String: Int]
    /// The permissions that need nothing of what is acted on.
    public let permissions: [String]
    /// The nearest first.
    public let managers: [String]
    public let reports: [String]

    init(_ record: StoredRecord, on view: View, _ directory: Directory, at now: Occasion) throws {
        let names = try Nicknames(view)
        let fields = record.fields
        let id = fields.id(User.user) ?? .zero
        user = id
        username = fields.text(User.username) ?? "-"
        status = fields.text(User.status) ?? UserStatus.active.rawValue
        texts = User.entity.fields.compactMap { field in
            fields.text(field.number).map { (field.name, $0) }
        }
        let tenantFields = try view.tenantRecord()?.fields
        tenant = (tenantFields?.text(Tenant.name), tenantFields?.text(Tenant.slug))
        held = try view.records(of: Membership.entity, sortedBy: Membership.effectiveFrom)
            .filter { $0.fields.id(Membership.user) == id }
            .map { Held($0.fields, names, now) }
        levels = directory.policy.levels(of: id, at: now)
        permissions = Act.allCases.filter {
            directory.policy.allows(Policy.Request($0, by: id, at: now))
        }
        .map(\.permission).sorted()
        let line = ReportingLine(
            try view.records(of: User.entity, in: .tenant).filter { !$0.isDeleted }.map(\.fields)
        )
        managers = line.managers(of: id).map(names.user)
        reports = line.reports(of: id).map(names.user).sorted()
    }

    public var json: JSON {
        let fields = texts.map { JSON.Member($0.name, .text($0.text)) }
        let shown: JSON = [
            "id": .text("\(user)"), "user": .text(username), "state": .text(status),
            "tenant": ["name": .text(orNull: tenant.name), "slug": .text(orNull: tenant.slug)],
            "roles": .list(held) { $0.json },
            "levels": .object(
                levels.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .number($0.value)) }
            ),
            "permissions": .list(permissions, JSON.text),
            "managers": .list(managers, JSON.text), "reports": .list(reports, JSON.text),
        ]
        return shown.with("fields", .object(fields))
    }

    public var lines: [String] {
        var lines = ["\(username), \(status)"]
        lines += texts.filter { !["username", "status"].contains($0.name) }
            .map { "  \($0.name): \($0.text)" }
        lines += held.map { $0.line }
        if !managers.isEmpty { lines.append("  reports to: \(managers.joined(separator: ", "))") }
        if !reports.isEmpty { lines.append("  direct reports: \(reports.joined(separator: ", "))") }
        lines.append("  may: \(permissions.joined(separator: " "))")
        return lines
    }
}

extension UserView.Held {
    init(_ fields: Fields, _ names: Nicknames, _ now: Occasion) {
        role = fields.text(Membership.role) ?? "-"
        level = Int(clamping: fields.integer(Membership.level) ?? 1)
        from = fields.text(Membership.effectiveFrom) ?? "-"
        until = fields.text(Membership.effectiveUntil)
        sites = fields.elements(Membership.sites).compactMap { element in
            if case .id(let site) = element { names.site(site) } else { nil }
        }
        .sorted()
        let ended = fields.integer(Membership.endedAt).map { $0 <= now.milliseconds ?? 0 } ?? false
        let isOver = ended || until.map { $0 <= now.day } ?? false
        state = isOver ? "ended" : now.day < from ? "coming" : "holds"
    }

    var line: String {
        let place = sites.isEmpty ? "" : " at \(sites.joined(separator: ", "))"
        let end = until.map { " to \($0)" } ?? ""
        return "  \(role) level \(level)\(place) from \(from)\(end): \(state)"
    }

    var json: JSON {
        [
            "role": .text(role), "level": .number(level), "from": .text(from),
            "until": .text(orNull: until), "sites": .list(sites, JSON.text), "state": .text(state),
        ]
    }
}

extension LocalNode {
    /// A person, with roles, rights, managers and reports.
    ///
    /// - Throws: `.notFound`.
    public func user(_ name: String) throws -> UserView {
        let now = try occasion()
        return try read { view in
            let directory = try directories.directory(on: view, isCommitted: true)
            return try UserView(view.user(named: name), on: view, directory, at: now)
        }
    }

    /// The roles of the tenant, by code, with what stands in their records.
    public func roles() throws -> [StoredRecord] {
        try read { view in try view.records(of: Role.entity, sortedBy: Role.code) }
    }
}
