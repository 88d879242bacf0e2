public import CRDT

/// One way to be allowed something.
public struct Grant: Hashable, Sendable {
    /// To whom a grant is given.
    public enum Holder: Hashable, Sendable {
        /// Whoever holds a role other than the administrator's.
        case member
        /// Whoever holds a role that the sub-stage is the duty of.
        case responsible
        /// Whoever does so and is assigned to what is acted on.
        case assignee
        case role(String)

        /// A code of a role, or `@member`, `@responsible`, `@assignee`.
        public init(code: String) {
            switch code {
            case "@member": self = .member
            case "@responsible": self = .responsible
            case "@assignee": self = .assignee
            default: self = .role(code)
            }
        }

        public var code: String {
            switch self {
            case .member: "@member"
            case .responsible: "@responsible"
            case .assignee: "@assignee"
            case .role(let code): code
            }
        }
    }

    /// What else must be true.
    ///
    /// One of a newer version is never true.
    public enum Condition: String, Hashable, Sendable, CaseIterable {
        /// Only on what the person is assigned to.
        case ownAssignments = "own_assignments"
        /// Only on sub-stages that are the duty of a role that the person holds.
        case ownDuties = "own_duties"
    }

    public let holder: Holder
    public let pattern: PermissionPattern
    /// The least level, 1 to 3; others count as the nearest.
    public let level: Int
    /// Where it holds; none: everywhere.
    public let sites: Set<ID>
    public let conditions: Set<Condition>

    public init(
        _ holder: Holder,
        _ pattern: PermissionPattern,
        level: Int = 1,
        sites: Set<ID> = [],
        conditions: Set<Condition> = []
    ) {
        self.holder = holder
        self.pattern = pattern
        self.level = max(1, min(level, 3))
        self.sites = sites
        self.conditions = conditions
    }

    /// What a person must have for it, for a message or a table.
    public func words(responsible: [String] = []) -> String {
        let suffix = level > 1 ? " level \(level)" : ""
        let who =
            switch holder {
            case .member: "any working role"
            case .assignee: "the assignee"
            case .role(let code): code + suffix
            case .responsible:
                (responsible.isEmpty
                    ? "the responsible role" : responsible.joined(separator: " or ")) + suffix
            }
        let extra = conditions.map(\.rawValue).sorted().map { " with \($0)" }.joined()
        return who + extra
    }
}

/// Who may do what: the tenant's rows over those of the code.
///
/// - Source: DOM-91, DOM-92.
public struct Grants: Sendable {
    /// All of them, those of one permission in the order of the table of acts.
    public let all: [Grant]
    private let byPermission: [String: [Grant]]

    /// What the code says of every act.
    public static let standard = Grants(table: table, records: [])

    private static let permissions =
        Act.allCases.map(\.permission) + ReadingRight.allCases.map(\.permission)
    private static let administration = Set(
        Act.allCases.filter(\.isAdministration).map(\.permission)
            + ReadingRight.allCases.map(\.permission)
    )

    private static let table: [Grant] =
        Act.allCases.flatMap { act in
            act.grants.compactMap { grant in
                PermissionPattern(act.permission).map { pattern in
                    Grant(grant.holder, pattern, level: grant.level)
                }
            }
        }
        + ReadingRight.allCases.flatMap { right in
            right.grants.compactMap { grant in
                PermissionPattern(right.permission).map { pattern in
                    Grant(grant.holder, pattern, level: grant.level)
                }
            }
        }

    /// - Parameter records: Records of ``RolePermission`` that are not deleted.
    public init(records: [Fields]) {
        self.init(table: Self.table, records: records)
    }

    /// - Parameters:
    ///   - table: What applies where no record of the same role and permission stands.
    ///   - records: Records of ``RolePermission``.
    init(table: [Grant], records: [Fields]) {
        var rows: [Row: Grant?] = [:]
        var order: [Row] = []
        func put(_ row: Row, _ grant: Grant?) {
            if rows.updateValue(grant, forKey: row) == nil { order.append(row) }
        }
        for grant in table { put(Row(grant.holder, grant.pattern), grant) }
        for record in records {
            guard let role = record.text(RolePermission.role),
                let pattern = record.text(RolePermission.permission).flatMap(PermissionPattern.init)
            else { continue }
            put(Row(Grant.Holder(code: role), pattern), Grant(record, role: role, pattern))
        }
        all = order.compactMap { rows[$0] ?? nil }
        var index: [String: [Grant]] = [:]
        for grant in all {
            let reached =
                grant.pattern.isExact
                ? ["\(grant.pattern)"]
                : Self.permissions.filter(grant.pattern.matches)
            for permission in reached where grant.mayReach(permission) {
                index[permission, default: []].append(grant)
            }
        }
        byPermission = index
    }

    /// The grants that reach a permission.
    public func reaching(_ permission: String) -> [Grant] {
        byPermission[permission]
            ?? all.filter { $0.pattern.matches(permission) && $0.mayReach(permission) }
    }

    /// Whether the administrator's role can be given it.
    fileprivate static func isAdministration(_ permission: String) -> Bool {
        administration.contains(permission)
    }

    private struct Row: Hashable {
        let holder: Grant.Holder
        let pattern: PermissionPattern

        init(_ holder: Grant.Holder, _ pattern: PermissionPattern) {
            self.holder = holder
            self.pattern = pattern
        }
    }
}

extension Grant {
    /// Whatever a tenant writes down, administrators administer and do no work (DOM-270).
    fileprivate func mayReach(_ permission: String) -> Bool {
        holder != .role(RoleCatalogue.administrator) || Grants.isAdministration(permission)
    }

    /// Reads a row; nil for one that is not active, or has a condition of a newer version.
    fileprivate init?(_ record: Fields, role: String, _ pattern: PermissionPattern) {
        let names = record.elements(RolePermission.conditions)
        let conditions = record.texts(RolePermission.conditions)
            .compactMap(Condition.init(rawValue:))
        guard record.bool(RolePermission.isActive) != false, conditions.count == names.count else {
            return nil
        }
        let sites = record.elements(RolePermission.sites).compactMap { element -> ID? in
            if case .id(let site) = element { site } else { nil }
        }
        self.init(
            Holder(code: role),
            pattern,
            level: Int(clamping: record.integer(RolePermission.level) ?? 1),
            sites: Set(sites),
            conditions: Set(conditions)
        )
    }
}

extension Act.Grant {
    fileprivate var holder: Grant.Holder {
        switch self {
        case .anyMember: .member
        case .role(let code, _): .role(code)
        case .responsible: .responsible
        case .assigned: .assignee
        }
    }

    fileprivate var level: Int {
        switch self {
        case .anyMember, .assigned: 1
        case .role(_, let level), .responsible(let level): level
        }
    }
}
