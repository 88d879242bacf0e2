import CRDT

extension ReadingRules {
    /// The rule of every kind of record; a test names a kind that has none.
    static let table: [UInt32: ReadingRule] =
        directory
        .merging(work) { $1 }
        .merging(quality) { $1 }
        .merging(notices) { $1 }
        .merging(companies) { $1 }
        .merging(records) { $1 }
        .merging(statements) { $1 }

    private static let directory: [UInt32: ReadingRule] = [
        Tenant.number: ReadingRule(
            .public,
            fields: [
                Tenant.loginIdleMinutes: .internal, Tenant.loginFailuresMax: .internal,
                Tenant.loginLockMinutes: .internal, Tenant.loginOfflineDays: .internal,
            ]
        ),
        Site.number: ReadingRule(.public),
        Device.number: ReadingRule(.internal),
        User.number: ReadingRule(.internal),
        Membership.number: ReadingRule(.internal),
        Role.number: ReadingRule(.internal),
        RolePermission.number: ReadingRule(.internal),
        Delegation.number: ReadingRule(.internal),
        NumberLease.number: ReadingRule(.internal),
        ImportJob.number: ReadingRule(.internal),
    ]

    private static let work: [UInt32: ReadingRule] = [
        WorkflowStage.number: ReadingRule(.internal),
        WorkflowSubStage.number: ReadingRule(.internal),
        WorkflowDefinition.number: ReadingRule(.internal),
        Project.number: ReadingRule(.internal),
        StageAdvance.number: ReadingRule(.internal),
        SubStageNote.number: ReadingRule(.internal),
        ProgressStep.number: ReadingRule(.internal),
        CriterionCheck.number: ReadingRule(.internal),
        ApprovalPolicy.number: ReadingRule(.internal),
        ApprovalRequest.number: ReadingRule(.internal),
        ApprovalEvent.number: ReadingRule(.internal),
        WorkTask.number: ReadingRule(.internal),
        TaskDependency.number: ReadingRule(.internal),
        TaskStep.number: ReadingRule(.internal),
        HoursEvent.number: ReadingRule(.internal, .own(HoursEvent.personField, others: .allHours)),
        HoursCorrection.number: ReadingRule(.internal),
        Opening.number: ReadingRule(.internal),
        Opened.number: ReadingRule(.internal),
    ]

    private static let quality: [UInt32: ReadingRule] = [
        QualityProcess.number: ReadingRule(.internal),
        QualityItem.number: ReadingRule(.internal),
        Inspection.number: ReadingRule(.internal),
        Measurement.number: ReadingRule(.internal),
        Evidence.number: ReadingRule(.internal),
        Waiver.number: ReadingRule(.internal),
        Defect.number: ReadingRule(.internal),
        DefectStep.number: ReadingRule(.internal),
    ]

    private static let notices: [UInt32: ReadingRule] = [
        Message.number: ReadingRule(
            .internal,
            .addressed(person: Message.recipientField, role: Message.roleField)
        ),
        ContactActivity.number: ReadingRule(.internal),
        SeenMark.number: ReadingRule(.internal),
        HandoverNote.number: ReadingRule(.internal),
        Preferences.number: ReadingRule(.internal, .own(Preferences.user, others: .allPrivate)),
    ]

    private static let companies: [UInt32: ReadingRule] = [
        Company.number: ReadingRule(
            .internal,
            .customers,
            fields: [
                Company.taxID: .restricted, Company.isTaxExempt: .restricted,
                Company.creditLimit: .restricted, Company.currency: .restricted,
                Company.paymentTerms: .restricted, Company.annualRevenue: .confidential,
                Company.employeeCount: .restricted, Company.erpCustomer: .restricted,
            ]
        ),
        CompanyAddress.number: ReadingRule(.internal, .ofCompany(CompanyAddress.company)),
        Contact.number: ReadingRule(.internal, .ofCompany(Contact.company)),
        SubjectContact.number: ReadingRule(.internal),
        VendorRating.number: ReadingRule(.internal, .ofCompany(VendorRating.companyField)),
    ]

    /// What is written of a person whatever they may read: evidence of what they tried and did.
    public static let evidence: Set<UInt32> = [LoginAttempt.number, CredentialStep.number]

    /// How people are known, and what is kept for how long.
    private static let records: [UInt32: ReadingRule] = [
        PersonalKey.number: ReadingRule(.internal),
        LoginAttempt.number: ReadingRule(
            .internal,
            .own(LoginAttempt.userField, others: .allPrivate)
        ),
        CredentialStep.number: ReadingRule(
            .internal,
            .own(CredentialStep.userField, others: .allPrivate)
        ),
        RetentionPolicy.number: ReadingRule(.internal),
        LegalHold.number: ReadingRule(.internal),
        PurgeCertificate.number: ReadingRule(.internal),
    ]

    private static let statements: [UInt32: ReadingRule] = Dictionary(
        HubStatement.entities.map { ($0.number, ReadingRule(.internal)) },
        uniquingKeysWith: { first, _ in first }
    )
}
