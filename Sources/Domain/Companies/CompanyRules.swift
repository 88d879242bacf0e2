public import CRDT

/// Which company a reference means after mergers.
///
/// - Source: DOM-156.
public struct CompanyMergers: Hashable, Sendable {
    private let merged: [ID: ID]

    /// - Parameter merged: The company that each merged one turned out to be.
    public init(_ merged: [ID: ID]) { self.merged = merged }

    /// The company that stands for another: itself unless it was merged.
    ///
    /// Total: of mergers that close a circle, each company of the circle stands for itself.
    public func standing(for company: ID) -> ID {
        var path: [ID] = [company]
        while let next = merged[path[path.count - 1]] {
            if let place = path.firstIndex(of: next) {
                // Inside the circle each stands for itself; who leads into it stands where it ends.
                return place == 0 ? company : next
            }
            path.append(next)
        }
        return path[path.count - 1]
    }
}

/// What a person may write of companies and contacts.
///
/// - Source: DOM-160, DOM-161, DOM-162.
public enum CompanyRules {
    /// Longest tag, in bytes: what a set can order (CHG-5).
    public static let tagBytesMax = 100
    public static let tagsMax = 100

    /// Checks a value that is to stand in a field of a company, contact or address.
    ///
    /// - Throws: `empty`, `tooLong`, `unknownValue`, `notAnEmail`.
    public static func check(_ text: String, in field: UInt32, of entity: Entity) throws(RuleFault)
    {
        let name = entity.field(field)?.name ?? ""
        if let known = choices(field, entity), !known.contains(text) {
            let words = known.joined(separator: ", ")
            throw RuleFault(.unknownValue, "\(name) is one of \(words)")
        }
        switch (entity.number, field) {
        case (Contact.number, Contact.email): _ = try EmailAddress(typed: text)
        case (Company.number, Company.notes), (Company.number, Company.description):
            try TextRule.comment(text)
        case (Company.number, Company.tags), (Company.number, Company.humanNumber):
            try TextRule.code(text)
        default: try TextRule.title(text)
        }
    }

    private static func choices(_ field: UInt32, _ entity: Entity) -> [String]? {
        switch (entity.number, field) {
        case (Company.number, Company.kinds): Company.allKinds
        case (Company.number, Company.status): Company.statuses
        case (Company.number, Company.customerType): Company.customerTypes
        case (Company.number, Company.companySize): Company.sizes
        case (CompanyAddress.number, CompanyAddress.type): CompanyAddress.types
        case (Contact.number, Contact.preferredMethod): Contact.methods
        default: nil
        }
    }

    /// Refuses a station that would write what only a hub does.
    ///
    /// - Throws: `hubOnly`.
    public static func check(
        fields: some Sequence<UInt32>,
        of entity: Entity,
        isHub: Bool
    )
        throws(RuleFault)
    {
        guard !isHub else { return }
        for number in fields where entity.field(number)?.merge == .authority {
            let name = entity.field(number)?.name ?? "\(number)"
            throw RuleFault(.hubOnly, "\(name) is written at the hub")
        }
    }

    /// Refuses to merge a company into itself, into what was merged into it, or twice.
    ///
    /// - Throws: `wrongOrder`, `cycle`.
    public static func check(
        merging company: ID,
        into other: ID,
        _ mergers: CompanyMergers
    )
        throws(RuleFault)
    {
        guard mergers.standing(for: company) == company else {
            throw RuleFault(.wrongOrder, "it was merged already")
        }
        guard mergers.standing(for: other) != company else {
            throw RuleFault(.cycle, "a company is not merged into itself")
        }
    }

    /// What an intake must say: a customer or the name of a company, and whom to talk to.
    ///
    /// - Throws: `empty`, `notAnEmail`.
    public static func checkIntake(
        customer: String?,
        companyName: String?
    ) throws(RuleFault) {
        let given = [customer, companyName].compactMap(\.self)
        guard given.contains(where: { !$0.allSatisfy(\.isWhitespace) }) else {
            throw RuleFault(.empty, "name an existing customer, or a company")
        }
    }
}
