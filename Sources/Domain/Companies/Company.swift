public import CRDT

/// A party outside: customer, supplier, vendor, or several of them in one record.
///
/// Lives in the scope of the directory (``Company/directory``), where stations may write too: one
/// that no hub has accepted is a proposal. What stations never see (tax, credit) stands in a record
/// of the same key in the restricted scope (``Company/commercial``).
///
/// - Source: DOM-155, DOM-156.
public enum Company {
    public static let number: UInt32 = 12
    /// What other records call it.
    public static let company: UInt32 = 1
    public static let name: UInt32 = 2
    /// customer, supplier, vendor.
    public static let kinds: UInt32 = 3
    /// The human number, which only a hub gives.
    public static let humanNumber: UInt32 = 4
    public static let status: UInt32 = 5
    /// Whether a hub has taken it into the directory; before, it is proposed.
    public static let isAccepted: UInt32 = 6
    /// The company that it turned out to be.
    public static let mergedInto: UInt32 = 7
    public static let customerType: UInt32 = 8
    public static let companySize: UInt32 = 9
    public static let industry: UInt32 = 10
    public static let country: UInt32 = 11
    public static let website: UInt32 = 12
    public static let description: UInt32 = 13
    /// A contact of the company: one pointer, so that no two can be primary.
    public static let primaryContact: UInt32 = 14
    public static let defaultBilling: UInt32 = 15
    public static let defaultShipping: UInt32 = 16
    public static let tags: UInt32 = 17
    public static let notes: UInt32 = 18
    public static let taxID: UInt32 = 19
    public static let isTaxExempt: UInt32 = 20
    /// Minor units of ``currency``.
    public static let creditLimit: UInt32 = 21
    /// ISO 4217.
    public static let currency: UInt32 = 22
    /// Net days.
    public static let paymentTerms: UInt32 = 23
    /// Minor units of ``currency``.
    public static let annualRevenue: UInt32 = 24
    public static let employeeCount: UInt32 = 25
    public static let erpCustomer: UInt32 = 26

    public static let entity = Entity(
        number,
        "company",
        in: [.subject, .restricted],
        form: .entity(key: [company]),
        fields: [
            Field(company, "company", .id, .fixed),
            Field(name, "name", .text),
            Field(kinds, "kinds", .text, .set),
            Field(humanNumber, "number", .text, .authority),
            Field(status, "status", .text, .authority),
            Field(isAccepted, "is_accepted", .bool, .authority),
            Field(mergedInto, "merged_into", .id, .authority),
            Field(customerType, "customer_type", .text),
            Field(companySize, "company_size", .text),
            Field(industry, "industry", .text),
            Field(country, "country", .text),
            Field(website, "website", .text),
            Field(description, "description", .text),
            Field(primaryContact, "primary_contact", .id),
            Field(defaultBilling, "default_billing", .id),
            Field(defaultShipping, "default_shipping", .id),
            Field(tags, "tags", .text, .set),
            Field(notes, "notes", .text),
            Field(taxID, "tax_id", .text, .authority),
            Field(isTaxExempt, "tax_exempt", .bool, .authority),
            Field(creditLimit, "credit_limit", .integer, .authority),
            Field(currency, "currency", .text, .authority),
            Field(paymentTerms, "payment_terms", .integer, .authority),
            Field(annualRevenue, "annual_revenue", .integer, .authority),
            Field(employeeCount, "employee_count", .integer, .authority),
            Field(erpCustomer, "erp_customer", .text, .authority),
        ],
        indexes: [byName, byNumber, byMerged],
        searched: [
            Searched(name, .name), Searched(description, .description),
            Searched(notes, .description), Searched(humanNumber, .number),
        ]
    )

    public static let byName = Index(1, "name", [.name(name)])
    public static let byNumber = Index(2, "number", [.name(humanNumber)])
    /// The companies that turned out to be another.
    public static let byMerged = Index(3, "merged", [.value(mergedInto)])

    /// The scope of companies, their addresses, contacts and ratings: "companies" in ASCII.
    public static let directory = Scope.subject(
        ID(high: 0x636f_6d70_616e_6965, low: 0x7300_0000_0000_0000)
    )
    /// The scope of what only hubs hold of them.
    public static let commercial = Scope.restricted(directory.key)

    /// The fields that stand in ``commercial`` alone.
    public static let commercialFields = taxID...erpCustomer

    /// What a company can be to the firm.
    public static let allKinds = ["customer", "supplier", "vendor"]
    /// How the firm stands to it.
    public static let statuses = ["PROSPECT", "ACTIVE", "INACTIVE", "SUSPENDED"]
    public static let customerTypes = [
        "HEALTHCARE", "LABORATORY", "VETERINARY", "RESEARCH", "OTHER",
    ]
    public static let sizes = ["SMALL", "MEDIUM", "LARGE", "ENTERPRISE"]
}

/// Where a company is.
///
/// The address is one value, so that no two are mixed.
///
/// - Source: DOM-157.
public enum CompanyAddress {
    public static let number: UInt32 = 13
    public static let address: UInt32 = 1
    public static let company: UInt32 = 2
    /// BILLING, SHIPPING or BOTH.
    public static let type: UInt32 = 3
    /// Label, two lines of street, city, state or province, postal code, country; null where none.
    public static let lines: UInt32 = 4
    /// The lines as a hub found them right.
    public static let validated: UInt32 = 5
    /// Milliseconds since 1970.
    public static let validatedAt: UInt32 = 6

    public static let entity = Entity(
        number,
        "company_address",
        in: [.subject],
        form: .entity(key: [address]),
        fields: [
            Field(address, "address", .id, .fixed),
            Field(company, "company", .id, .fixed),
            Field(type, "type", .text),
            Field(lines, "lines", .list),
            Field(validated, "validated", .list, .authority),
            Field(validatedAt, "validated_at", .integer, .authority),
        ],
        indexes: [byCompany]
    )

    public static let byCompany = Index(1, "company", [.value(company)])

    public static let types = ["BILLING", "SHIPPING", "BOTH"]
    /// What the items of ``lines`` are called.
    public static let parts = [
        "label", "street_1", "street_2", "city", "state_province", "postal_code", "country",
    ]

    /// Whether the address as it stands is the one that a hub found right.
    public static func isValidated(_ fields: Fields) -> Bool {
        fields[lines] != nil && fields[lines] == fields[validated]
    }
}

/// A person outside, who belongs to one company or, where none is named, to the firm itself.
///
/// - Source: DOM-158.
public enum Contact {
    public static let number: UInt32 = 14
    public static let contact: UInt32 = 1
    public static let company: UInt32 = 2
    public static let name: UInt32 = 3
    public static let firstName: UInt32 = 4
    public static let lastName: UInt32 = 5
    /// Their job there.
    public static let title: UInt32 = 6
    public static let department: UInt32 = 7
    public static let email: UInt32 = 8
    public static let phone: UInt32 = 9
    public static let mobile: UInt32 = 10
    /// How they want to be reached; none: e-mail.
    public static let preferredMethod: UInt32 = 11
    /// None: they do.
    public static let receivesNotifications: UInt32 = 12
    /// None: they are.
    public static let isActive: UInt32 = 13

    public static let entity = Entity(
        number,
        "contact",
        in: [.subject],
        form: .entity(key: [contact]),
        fields: [
            Field(contact, "contact", .id, .fixed),
            Field(company, "company", .id, .fixed),
            Field(name, "name", .text),
            Field(firstName, "first_name", .text),
            Field(lastName, "last_name", .text),
            Field(title, "title", .text),
            Field(department, "department", .text),
            Field(email, "email", .text),
            Field(phone, "phone", .text),
            Field(mobile, "mobile", .text),
            Field(preferredMethod, "preferred_method", .text),
            Field(receivesNotifications, "receives_notifications", .bool),
            Field(isActive, "is_active", .bool),
        ],
        indexes: [byCompany, byEmail],
        searched: [
            Searched(name, .name), Searched(firstName, .name), Searched(lastName, .name),
            Searched(title, .description), Searched(email, .number),
        ]
    )

    public static let byCompany = Index(1, "company", [.value(company)])
    public static let byEmail = Index(2, "email", [.name(email)])

    public static let methods = ["email", "phone", "mobile", "post"]

    /// What the person is called: the name, else first and last name.
    public static func name(_ fields: Fields) -> String {
        if let name = fields.text(name) { return name }
        let parts = [fields.text(firstName), fields.text(lastName)].compactMap(\.self)
        return parts.joined(separator: " ")
    }

    /// What the contact is to the firm, from what the company is: customer before supplier.
    public static func type(ofCompanyOf kinds: Set<String>) -> String {
        if kinds.contains("customer") { return "customer" }
        return kinds.isDisjoint(with: ["supplier", "vendor"]) ? "internal" : "supplier"
    }
}

/// That a contact has a role in a subject: one record a contact and role.
///
/// Taking it away is the deletion of the record, so a link that somebody makes again stays.
///
/// - Source: DOM-159.
public enum SubjectContact {
    public static let number: UInt32 = 15
    public static let contact: UInt32 = 1
    /// project_manager, technical_contact, quality_contact or what the firm calls it.
    public static let role: UInt32 = 2

    public static let entity = Entity(
        number,
        "subject_contact",
        in: [.subject],
        form: .entity(key: [contact, role]),
        fields: [
            Field(contact, "contact", .id, .fixed),
            Field(role, "role", .text, .fixed),
        ]
    )
}
