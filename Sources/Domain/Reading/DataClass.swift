/// How widely something may be known, the widest first.
///
/// - Source: TV-059, DOM-230.
public enum DataClass: String, Hashable, Sendable, CaseIterable {
    /// What the firm tells everybody, such as its name.
    case `public`
    /// Daily work.
    case `internal`
    /// Money of customers, and designs of one's own.
    case restricted
    /// What would hurt if it were known: strategy, secrets of customers.
    case confidential
}

/// A right to read more than one's own.
///
/// Given by rows of the tenant's table of rights, like the right to act; no row stands for what
/// cannot be read.
///
/// - Source: DOM-231.
public enum ReadingRight: String, Hashable, Sendable, CaseIterable {
    /// The daily work of the sites where one holds a role.
    case internalData = "data:read_internal"
    case restrictedData = "data:read_restricted"
    case confidentialData = "data:read_confidential"
    /// The subjects that were opened at the sites where one holds the role.
    case allOrders = "orders:read_all"
    /// Customers of whatever orders.
    case allCustomers = "customers:read_all"
    /// The hours of everybody.
    case allHours = "hours:read_all"
    /// What others keep for themselves: preferences, messages to one person.
    case allPrivate = "private:read_all"

    /// What a grant must reach.
    public var permission: String { rawValue }

    /// Who has it where the tenant says nothing else.
    ///
    /// Who administers reads all there is: they export it, and answer for who sees what.
    var grants: [Act.Grant] {
        let administration = Act.Grant.role(RoleCatalogue.administrator, level: 1)
        let management = Act.Grant.role("management", level: 1)
        let auditor = Act.Grant.role("auditor", level: 1)
        let finance = Act.Grant.role("finance", level: 1)
        return switch self {
        case .internalData, .allOrders, .allHours: [.anyMember, administration]
        case .restrictedData:
            [finance, .role("sales", level: 2), auditor, management, administration]
        case .confidentialData: [auditor, management, administration]
        case .allCustomers:
            [
                .role("sales", level: 2), .role("customer_service", level: 1),
                .role("procurement", level: 1), finance, auditor, management, administration,
            ]
        case .allPrivate: [administration]
        }
    }
}
