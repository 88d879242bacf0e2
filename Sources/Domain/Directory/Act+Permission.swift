extension Act {
    /// What an act belongs to, for lists of rights.
    public enum Category: String, Hashable, Sendable, CaseIterable {
        case system = "SYSTEM"
        case orders = "ORDERS"
        case inventory = "INVENTORY"
        case production = "PRODUCTION"
        case quality = "QC"
        case financial = "FINANCIAL"
    }

    /// What a grant must reach: a resource and an action.
    ///
    /// An act that the table does not name is called by its own name: `plan_tasks` is `tasks:plan`.
    ///
    /// - Source: DOM-90.
    public var permission: String {
        if let named = Self.named[self] { return named.0 }
        let parts = rawValue.split(separator: "_", maxSplits: 1)
        return parts.count == 2 ? "\(parts[1]):\(parts[0])" : "act:\(rawValue)"
    }

    public var category: Category { Self.named[self]?.1 ?? .production }

    private static let named: [Act: (String, Category)] = [
        .createProject: ("project:create", .orders),
        .editProject: ("project:update", .orders),
        .openSubject: ("subject:open", .production),
        .advanceStage: ("stage:advance", .production),
        .overrideStage: ("stage:override", .production),
        .start: ("progress:start", .production),
        .finish: ("progress:finish", .production),
        .block: ("progress:block", .production),
        .unblock: ("progress:unblock", .production),
        .skip: ("progress:skip", .production),
        .reopen: ("progress:reopen", .production),
        .openInspection: ("inspection:open", .quality),
        .measure: ("quality:measure", .quality),
        .settleMeasurement: ("quality:settle", .quality),
        .recordHours: ("hours:record", .production),
        .recordHoursOfOthers: ("hours:record_others", .production),
        .correctHours: ("hours:correct", .production),
        .correctHoursOfOthers: ("hours:correct_others", .production),
        .ruleOnChanges: ("change:rule", .system),
        .planTasks: ("task:plan", .production),
        .takeTask: ("task:take", .production),
        .workOnTask: ("task:work", .production),
        .holdTask: ("task:hold", .production),
        .askToCancelTask: ("task:ask_cancel", .production),
        .cancelTask: ("task:cancel", .production),
        .reopenTask: ("task:reopen", .production),
        .publishPlan: ("plan:publish", .quality),
        .attachEvidence: ("evidence:attach", .quality),
        .askForWaiver: ("waiver:ask", .quality),
        .decideWaiver: ("waiver:decide", .quality),
        .reportDefect: ("defect:report", .quality),
        .workOnDefect: ("defect:work", .quality),
        .verifyDefect: ("defect:verify", .quality),
        .reopenDefect: ("defect:reopen", .quality),
        .waiveDefect: ("defect:waive", .quality),
        .manageUsers: ("user:manage", .system),
        .grantRoles: ("role:grant", .system),
        .grantRights: ("permission:grant", .system),
        .setSecrets: ("secret:set", .system),
        .delegate: ("delegation:create", .system),
        .delegateForOthers: ("delegation:create_others", .system),
        .claimKey: ("key:claim", .system),
        .endKey: ("key:end", .system),
        .setLoginRules: ("login:configure", .system),
    ]
}
