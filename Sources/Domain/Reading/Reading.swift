public import CRDT

/// What one person may read, on one occasion: the whole of the policy as far as it concerns them.
///
/// A value of the directory alone. What it asks of a row it is given as facts, so it is the same
/// for a list, a policy view, a copy for people's SQL and a write that touches the row.
///
/// - Source: DOM-231, DOM-233, DOM-234, DOM-235, DOM-236, DOM-237.
public struct Reading: Hashable, Sendable {
    /// Where a right holds.
    public enum Sites: Hashable, Sendable {
        case all
        case some(Set<ID>)

        func contains(_ site: ID) -> Bool {
            switch self {
            case .all: true
            case .some(let sites): sites.contains(site)
            }
        }

        func meets(_ others: Set<ID>) -> Bool {
            switch self {
            case .all: true
            case .some(let sites): !sites.isDisjoint(with: others)
            }
        }
    }

    /// The rules, one by one: what a test leaves out to see that another test misses it.
    public enum Rule: String, Hashable, Sendable, CaseIterable {
        /// Who is unknown, suspended or disabled reads nothing.
        case account
        /// A class is read with its right.
        case entityClass = "entity_class"
        /// So is a field of another class.
        case fieldClass = "field_class"
        /// A kind without a rule is read by nobody.
        case unknownKind = "unknown_kind"
        /// What a site holds is read by those who hold a role there.
        case site
        /// What is restricted is in a scope of its own.
        case restrictedScope = "restricted_scope"
        /// A subject is read with the right to, where it was opened.
        case order
        /// Who created it reads it.
        case orderCreated = "order_created"
        /// Whom it is assigned to reads it.
        case orderAssigned = "order_assigned"
        /// A customer is read with the right to.
        case customer
        /// Who has an order of the customer reads it.
        case customerOrder = "customer_order"
        /// Who proposed it reads it.
        case customerCreated = "customer_created"
        /// What hangs on a company is read as the company.
        case ofCompany = "of_company"
        /// What is one's own.
        case own
        /// What is for a person or a role.
        case addressed
    }

    public let user: ID
    /// Whether the tenant knows the person, and lets them act.
    let isKnown: Bool
    /// The level by role.
    let levels: [String: Int]
    /// The rights held, each where it holds.
    let rights: [ReadingRight: Sites]
    private(set) var enforced: Set<Rule>

    init(
        of user: ID,
        isKnown: Bool,
        levels: [String: Int],
        rights: [ReadingRight: Sites],
        enforcing enforced: Set<Rule>
    ) {
        self.user = user
        self.isKnown = isKnown
        self.levels = levels
        self.rights = rights
        self.enforced = enforced
    }

    /// What rules see of the records that a person may touch: their whole, whatever its class.
    ///
    /// A rule that did not see a failure, because it is not for the person, would let it pass.
    public var forRules: Reading {
        var whole = self
        whole.enforced.subtract([
            .entityClass, .fieldClass, .unknownKind, .restrictedScope, .own, .addressed,
        ])
        return whole
    }

    func has(_ right: ReadingRight) -> Bool { rights[right] != nil }

    func enforces(_ rule: Rule) -> Bool { enforced.contains(rule) }
}

// MARK: - Scopes and classes

extension Reading {
    /// What has to be known of a subject.
    public struct SubjectFacts: Hashable, Sendable {
        /// Where it was opened.
        public var sites: Set<ID>
        /// Who created it; nil: nobody that is known.
        public var creator: ID?
        public var assigned: Set<ID>

        public init(sites: Set<ID> = [], creator: ID? = nil, assigned: Set<ID> = []) {
            self.sites = sites
            self.creator = creator
            self.assigned = assigned
        }
    }

    /// Whether any of it may be read at all.
    public var readsAnything: Bool { isKnown || !enforces(.account) }

    /// Whether a scope may be read.
    ///
    /// - Parameters:
    ///   - scope: Which.
    ///   - facts: Of its subject; asked for only where they decide.
    /// - Returns: Also true where only some of its rows are for the person.
    /// - Throws: What asking does.
    public func reads<Failure: Error>(
        _ scope: Scope,
        _ facts: () throws(Failure) -> SubjectFacts
    ) throws(Failure) -> Bool {
        guard readsAnything else { return false }
        switch scope.kind {
        case .tenant: return true
        case .site: return !enforces(.site) || rights[.internalData]?.contains(scope.key) == true
        case .restricted: return !enforces(.restrictedScope) || has(.restrictedData)
        case .subject:
            if scope == Company.directory || !enforces(.order) { return true }
            if rights[.allOrders] == .all { return true }
            return reads(try facts())
        }
    }

    /// Whether a subject may be read: created by the person, assigned to them, or opened where
    /// they hold a role that reads all (TV-003).
    public func reads(_ subject: SubjectFacts) -> Bool {
        guard readsAnything else { return false }
        if !enforces(.order) || isOwn(subject) { return true }
        return rights[.allOrders]?.meets(subject.sites) ?? false
    }

    /// Whether a subject is the person's own.
    func isOwn(_ subject: SubjectFacts) -> Bool {
        (enforces(.orderCreated) && subject.creator == user)
            || (enforces(.orderAssigned) && subject.assigned.contains(user))
    }

    /// Whether what is of a class may be read.
    public func reads(_ dataClass: DataClass) -> Bool {
        guard readsAnything else { return false }
        return switch dataClass {
        case .public: true
        case .internal: has(.internalData)
        case .restricted: has(.restrictedData)
        case .confidential: has(.confidentialData)
        }
    }

    /// Whether a field of a kind may be read, where the record may.
    public func reads(field: UInt32, of rule: ReadingRule) -> Bool {
        guard enforces(.fieldClass), let dataClass = rule.fields[field] else { return true }
        return reads(dataClass)
    }
}

// MARK: - Rows

extension Reading {
    /// What of a kind may be read in a scope that may be.
    public enum Extent: Hashable, Sendable {
        case none
        /// What the row says decides.
        case some
        case all
    }

    /// What has to be known of a row where its kind alone does not decide.
    public struct RowFacts: Sendable {
        public var fields: Fields
        /// Who made it.
        public var author: ID?
        /// The company that it is or hangs on, where there is one.
        public var company: CompanyFacts?

        public init(_ fields: Fields, by author: ID?, company: CompanyFacts? = nil) {
            self.fields = fields
            self.author = author
            self.company = company
        }
    }

    /// What has to be known of a company.
    public struct CompanyFacts: Sendable {
        public var fields: Fields
        public var author: ID?
        /// The subjects whose customer it is.
        public var orders: [SubjectFacts]

        public init(_ fields: Fields, by author: ID?, orders: [SubjectFacts]) {
            self.fields = fields
            self.author = author
            self.orders = orders
        }
    }

    /// What of a kind may be read; of a kind without a rule, nothing.
    public func extent(of rule: ReadingRule?) -> Extent {
        guard readsAnything else { return .none }
        guard let rule else { return enforces(.unknownKind) ? .none : .all }
        guard !enforces(.entityClass) || reads(rule.dataClass) else { return .none }
        switch rule.rows {
        case .ofScope: return .all
        case .own(_, let right): return !enforces(.own) || has(right) ? .all : .some
        case .customers: return readsAllCustomers ? .all : .some
        case .ofCompany: return readsAllCustomers || !enforces(.ofCompany) ? .all : .some
        case .addressed: return !enforces(.addressed) || has(.allPrivate) ? .all : .some
        }
    }

    private var readsAllCustomers: Bool { !enforces(.customer) || has(.allCustomers) }

    /// Whether a row may be read, in a scope that may be.
    public func reads(_ row: RowFacts, of rule: ReadingRule?) -> Bool {
        switch extent(of: rule) {
        case .none: return false
        case .all: return true
        case .some: break
        }
        switch rule?.rows {
        case .own(let field, _):
            return row.author == user || row.fields.id(field) == user
        case .customers, .ofCompany: return reads(row.company)
        case .addressed(let person, let role):
            let (person, role) = (row.fields.id(person), row.fields.text(role))
            if row.author == user || (person == nil && role == nil) { return true }
            return person == user || role.map { levels[$0] != nil } == true
        case .ofScope, nil: return false
        }
    }

    /// Customers are for those who have an order of theirs (TV-004); other companies for everybody.
    private func reads(_ company: CompanyFacts?) -> Bool {
        guard let company else { return false }
        guard company.fields.texts(Company.kinds).contains("customer") else { return true }
        if enforces(.customerCreated), company.author == user { return true }
        return enforces(.customerOrder) && company.orders.contains(where: isOwn)
    }
}
