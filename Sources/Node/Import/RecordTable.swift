import CRDT
import Domain

/// The kinds of table that are imported and exported, each with its columns in their order.
///
/// - Source: DOM-165.
public enum RecordTable: String, Sendable, CaseIterable {
    case companies
    case addresses
    case contacts
    case users
    case memberships
    case stages
    case subStages = "sub_stages"
    case definitions
    case checkPlans = "check_plans"
    case projects
    case projectContacts = "project_contacts"
    case tasks

    /// The table that a file is called after: `companies.csv`; nil for any other name.
    public init?(file path: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let parts = name.split(separator: ".").map(String.init)
        guard parts.count == 2, ["csv", "json"].contains(parts[1].lowercased()) else { return nil }
        self.init(rawValue: parts[0].lowercased())
    }

    /// The names of the columns, in the order of an export.
    public var columnNames: [String] { columns.map(\.name) }

    var columns: [Column] {
        switch self {
        case .companies: Self.company + Self.companyCommercial
        case .addresses: Self.address
        case .contacts: Self.contact
        case .users: Self.user
        case .memberships: Self.membership
        case .stages: Self.stage
        case .subStages: Self.subStage
        case .definitions: Self.definition
        case .checkPlans: Self.checkPlan
        case .projects: Self.project
        case .projectContacts: Self.projectContact
        case .tasks: Self.task
        }
    }

    /// The column of a header, by its name or an alias; case, blanks and hyphens do not matter.
    func column(named header: String) -> Column? {
        let name = header.trimmed.lowercased().replacing(" ", with: "_").replacing("-", with: "_")
        return columns.first { $0.name == name }
            ?? columns.first { $0.aliases.contains(name) }
    }
}

// MARK: - Companies

extension RecordTable {
    private static let statusWords = ["active": "ACTIVE", "true": "ACTIVE", "false": "INACTIVE"]

    static let company: [Column] = [
        Column("id", Company.company, .id, aliases: ["company_id"]),
        Column(
            "name",
            Company.name,
            isRequired: true,
            aliases: ["company_name", "customer_name", "organization_name"]
        ),
        Column(
            "kinds",
            Company.kinds,
            .choice(Company.allKinds, [:]),
            isList: true,
            aliases: ["kind", "type", "company_type", "organization_type"]
        ),
        Column(
            "number",
            Company.humanNumber,
            .code,
            aliases: ["customer_number", "customer_code", "code"]
        ),
        Column(
            "status",
            Company.status,
            .choice(Company.statuses, statusWords),
            aliases: ["customer_status", "is_active"]
        ),
        Column("customer_type", Company.customerType, .choice(Company.customerTypes, [:])),
        Column("company_size", Company.companySize, .choice(Company.sizes, [:])),
        Column("industry", Company.industry),
        Column("country", Company.country),
        Column("website", Company.website),
        Column("description", Company.description),
        Column("tags", Company.tags, .code, isList: true),
        Column("notes", Company.notes),
    ]

    private static let money: ClosedRange<Int64> = 0...1_000_000_000_000_000

    /// What stands in the restricted scope, and so at hubs alone.
    static let companyCommercial: [Column] = [
        Column("tax_id", Company.taxID, .code),
        Column("tax_exempt", Company.isTaxExempt, .bool),
        Column("credit_limit", Company.creditLimit, .integer(money)),
        Column("currency", Company.currency, .code),
        Column("payment_terms", Company.paymentTerms, .integer(0...3_650)),
        Column("annual_revenue", Company.annualRevenue, .integer(money)),
        Column("employee_count", Company.employeeCount, .integer(0...100_000_000)),
        Column("erp_customer", Company.erpCustomer, .code, aliases: ["erp_customer_id"]),
    ]

    static let address: [Column] = [
        Column("id", CompanyAddress.address, .id, aliases: ["address_id"]),
        Column(
            "company",
            CompanyAddress.company,
            .company,
            isRequired: true,
            aliases: ["company_id", "customer_id"]
        ),
        Column(
            "type",
            CompanyAddress.type,
            .choice(CompanyAddress.types, [:]),
            isRequired: true,
            aliases: ["address_type"]
        ),
        Column("label", CompanyAddress.lines),
        Column("street_1", CompanyAddress.lines, aliases: ["street_address_1", "street"]),
        Column("street_2", CompanyAddress.lines, aliases: ["street_address_2"]),
        Column("city", CompanyAddress.lines),
        Column("state_province", CompanyAddress.lines, aliases: ["state", "province"]),
        Column("postal_code", CompanyAddress.lines, aliases: ["zip", "zip_code"]),
        Column("country", CompanyAddress.lines),
        Column("is_validated", CompanyAddress.validated, .bool),
        Column("is_default_billing", Company.defaultBilling, .bool),
        Column("is_default_shipping", Company.defaultShipping, .bool),
    ]

    static let contact: [Column] = [
        Column("id", Contact.contact, .id, aliases: ["contact_id"]),
        Column(
            "company",
            Contact.company,
            .company,
            aliases: ["company_id", "organization_id", "customer_id"]
        ),
        Column("name", Contact.name, aliases: ["contact_name", "full_name"]),
        Column("first_name", Contact.firstName),
        Column("last_name", Contact.lastName),
        Column("title", Contact.title, aliases: ["role", "job_title"]),
        Column("department", Contact.department),
        Column("email", Contact.email, .email, aliases: ["e_mail"]),
        Column("phone", Contact.phone),
        Column("mobile", Contact.mobile),
        Column(
            "preferred_method",
            Contact.preferredMethod,
            .choice(Contact.methods, [:]),
            aliases: ["preferred_contact_method"]
        ),
        Column("receives_notifications", Contact.receivesNotifications, .bool),
        Column("is_active", Contact.isActive, .bool),
        Column("is_primary", Company.primaryContact, .bool, aliases: ["is_primary_contact"]),
    ]

    static let projectContact: [Column] = [
        Column("project", 0, isRequired: true, aliases: ["project_id"]),
        Column("contact", SubjectContact.contact, .id, isRequired: true, aliases: ["contact_id"]),
        Column("role", SubjectContact.role, .code, isRequired: true),
        Column("is_primary", Project.primaryContact, .bool),
    ]
}

// MARK: - People

extension RecordTable {
    static let userStatuses = ["invited", "active", "suspended", "disabled"]

    static let user: [Column] = [
        Column("id", User.user, .id, aliases: ["user_id"]),
        Column("username", User.username, .code, aliases: ["user", "login"]),
        Column("display_name", User.displayName, aliases: ["name", "full_name"]),
        Column("email", User.email, .email, aliases: ["e_mail"]),
        Column("department", User.department),
        Column("job_title", User.jobTitle, aliases: ["title"]),
        Column("timezone", User.timezone, .code),
        Column("language", User.language, .code),
        Column("manager", User.manager, .user, aliases: ["direct_manager", "direct_manager_id"]),
        Column(
            "status",
            User.status,
            .choice(userStatuses, ["inactive": "disabled", "locked": "suspended"])
        ),
        Column("direct_reports", 0, .code, isList: true),
    ]

    /// Roles as other systems call them: the code here, and the level that goes with the word.
    static let roleWords: [String: (code: String, level: Int64)] = [
        "administrator": ("admin", 1), "production_coordinator": ("production_manager", 1),
        "production manager": ("production_manager", 1), "qc_person": ("qa", 1),
        "qc inspector": ("qa", 1), "assembly technician": ("assembler", 1),
        "service_department": ("service", 1), "sales manager": ("sales", 2),
        "procurement_specialist": ("procurement", 1),
    ]

    static let membership: [Column] = [
        Column("user", Membership.user, .user, isRequired: true, aliases: ["user_id", "username"]),
        Column("role", Membership.role, .code, isRequired: true, aliases: ["role_code"]),
        Column("level", Membership.level, .code, aliases: ["role_level"]),
        Column("effective_from", Membership.effectiveFrom, .day, isRequired: true),
        Column("effective_until", Membership.effectiveUntil, .day),
        Column("sites", Membership.sites, .site, isList: true, aliases: ["site"]),
    ]
}

// MARK: - Work

extension RecordTable {
    private static let priorityWords = [
        "medium": "normal", "standard": "normal", "rush": "high", "emergency": "urgent",
        "critical": "urgent",
    ]
    private static let order: Column.Kind = .integer(0...1_000_000)

    static let stage: [Column] = [
        Column("slug", WorkflowStage.slug, .code, isRequired: true),
        Column("name", WorkflowStage.name, isRequired: true),
        Column("order", WorkflowStage.order, order, aliases: ["stage_order"]),
        Column(
            "roles",
            WorkflowStage.responsibleRoles,
            .code,
            isList: true,
            aliases: ["responsible_roles"]
        ),
        Column("days", WorkflowStage.estimatedDays, order, aliases: ["estimated_duration_days"]),
        Column("is_active", WorkflowStage.isActive, .bool),
    ]

    static let subStage: [Column] = [
        Column("slug", WorkflowSubStage.slug, .code, isRequired: true),
        Column("stage", WorkflowSubStage.stage, .code, isRequired: true),
        Column("name", WorkflowSubStage.name, isRequired: true),
        Column("order", WorkflowSubStage.order, order, aliases: ["sub_stage_order"]),
        Column("is_required", WorkflowSubStage.isRequired, .bool),
        Column("requires_approval", WorkflowSubStage.requiresApproval, .bool),
        Column("can_skip", WorkflowSubStage.canSkip, .bool),
        Column("auto_advance", WorkflowSubStage.autoAdvance, .bool),
        Column(
            "roles",
            WorkflowSubStage.responsibleRoles,
            .code,
            isList: true,
            aliases: ["responsible_roles"]
        ),
        Column(
            "hours",
            WorkflowSubStage.estimatedHours,
            order,
            aliases: ["estimated_duration_hours"]
        ),
        Column("is_regulated", WorkflowSubStage.isRegulated, .bool),
        Column("is_active", WorkflowSubStage.isActive, .bool),
    ]

    static let definition: [Column] = [
        Column("name", WorkflowDefinition.name, isRequired: true),
        Column("version", WorkflowDefinition.version, .integer(1...1_000_000), isRequired: true),
        Column("is_active", WorkflowDefinition.isActive, .bool),
        Column("stages", WorkflowDefinition.stages, .stagePart, isList: true),
        Column("sub_stages", WorkflowDefinition.subStages, .subStagePart, isList: true),
    ]

    static let project: [Column] = [
        Column("id", Project.subject, .id, aliases: ["project_id"]),
        Column("number", Project.humanNumber, .code, aliases: ["project_number"]),
        Column("title", Project.title, isRequired: true, aliases: ["name"]),
        Column("description", Project.description),
        Column("workflow", Project.definition, aliases: ["definition"]),
        Column(
            "workflow_version",
            Project.definitionVersion,
            .integer(1...1_000_000),
            aliases: ["definition_version"]
        ),
        Column("stage", 0, .code),
        Column(
            "priority",
            Project.priority,
            .choice(Project.priorities, priorityWords),
            aliases: ["priority_level"]
        ),
        Column("assigned_to", Project.assignedTo, .user),
        Column("customer", Project.customer, .company, aliases: ["customer_organization_id"]),
        Column("requested_due_date", Project.requestedDueDate, .day),
        Column("estimated_delivery_date", Project.estimatedDeliveryDate, .day),
        Column("delivery_in_days", 0, .integer(0...36_500)),
        Column("project_type", Project.projectType, .code),
        Column("intake_type", Project.intakeType, .code),
        Column("intake_source", Project.intakeSource, .code),
        Column("sites", 0, .site, isList: true),
    ]

    static let task: [Column] = [
        Column("project", 0, isRequired: true, aliases: ["project_id"]),
        Column("code", WorkTask.code, .code, isRequired: true, aliases: ["task_number"]),
        Column("title", WorkTask.title, isRequired: true),
        Column("description", WorkTask.description),
        Column("type", WorkTask.type, .choice(WorkTask.types, [:]), aliases: ["task_type"]),
        Column("sub_stage", WorkTask.subStage, .code),
        Column("build", WorkTask.build),
        Column("parent", WorkTask.parent, .code),
        Column("sequence", WorkTask.sequence, order),
        Column("assignees", WorkTask.assignees, .user, isList: true, aliases: ["assigned_to"]),
        Column("skills", WorkTask.skills, .code, isList: true),
        Column("tools", WorkTask.tools, .code, isList: true),
        Column("instructions", WorkTask.instructions, isList: true),
        Column("work_center", WorkTask.workCenter),
        Column("safety_requirements", WorkTask.safetyRequirements),
        Column(
            "estimated_minutes",
            WorkTask.estimatedMinutes,
            .integer(0...TaskDefinition.minutesMax)
        ),
        Column("priority", WorkTask.priority, .choice(WorkTask.priorities, priorityWords)),
        Column("due", WorkTask.due, .day, aliases: ["due_date"]),
        Column("inspection_required", WorkTask.inspectionRequired, .bool),
        Column("approval_required", WorkTask.approvalRequired, .bool),
        Column("notes", WorkTask.notes),
    ]

    private static let kindWords = [
        "visual_inspection": "VISUAL", "functional_test": "FUNCTIONAL",
    ]

    static let checkPlan: [Column] = [
        Column("process", QualityItem.process, .code, isRequired: true, aliases: ["code"]),
        Column("version", QualityItem.processVersion, .integer(1...1_000_000), isRequired: true),
        Column(
            "phase",
            QualityProcess.phase,
            .choice(CheckPlan.phases, ["final": "FINAL_QC"]),
            isRequired: true
        ),
        Column("name", QualityProcess.name, isRequired: true),
        Column("pass_threshold", QualityProcess.passThreshold, .integer(0...10_000)),
        Column("estimated_minutes", QualityProcess.estimatedMinutes, .integer(0...525_600)),
        Column("assembly", QualityProcess.assembly),
        Column("holds", QualityProcess.holds, .code, isList: true),
        Column("item", QualityItem.item, .integer(1...1_000_000), isRequired: true),
        Column("title", QualityItem.title, isRequired: true),
        Column("category", QualityItem.category),
        Column("is_required", QualityItem.isRequired, .bool),
        Column(
            "item_type",
            QualityItem.kind,
            .choice(ItemDefinition.Kind.allCases.map(\.rawValue), kindWords)
        ),
        Column("unit", QualityItem.unit),
        Column("low", QualityItem.low, .decimal),
        Column("high", QualityItem.high, .decimal),
        Column("excludes_low", QualityItem.excludesLow, .bool),
        Column("excludes_high", QualityItem.excludesHigh, .bool),
        Column("nominal", QualityItem.nominal, .decimal),
        Column("sample_size", QualityItem.sampleSize, .integer(1...1_000)),
        Column("accept_number", QualityItem.acceptNumber, .integer(0...999)),
        Column("photo_required", QualityItem.photoRequired, .bool),
        Column("document_required", QualityItem.documentRequired, .bool),
        Column("signature_required", QualityItem.signatureRequired, .bool),
        Column("expected", QualityItem.expected),
        Column("procedure", QualityItem.procedure),
        Column("tools", QualityItem.tools, .code, isList: true),
    ]
}
