public import CRDT

/// What a person can do, and who may: the table that commands and the hub ask alike.
///
/// - Source: DOM-30, DOM-31.
public enum Act: String, Hashable, Sendable, CaseIterable {
    case createProject = "create_project"
    case editProject = "edit_project"
    case openSubject = "open_subject"
    case advanceStage = "advance_stage"
    case overrideStage = "override_stage"
    case start
    case finish
    case block
    case unblock
    case skip
    case reopen
    case openInspection = "open_inspection"
    case measure
    case settleMeasurement = "settle_measurement"
    case recordHours = "record_hours"
    case recordHoursOfOthers = "record_hours_of_others"
    case correctHours = "correct_hours"
    case correctHoursOfOthers = "correct_hours_of_others"
    case ruleOnChanges = "rule_on_changes"
    case planTasks = "plan_tasks"
    case takeTask = "take_task"
    case workOnTask = "work_on_task"
    case holdTask = "hold_task"
    case askToCancelTask = "ask_to_cancel_task"
    case cancelTask = "cancel_task"
    case reopenTask = "reopen_task"
    case publishPlan = "publish_plan"
    case attachEvidence = "attach_evidence"
    case askForWaiver = "ask_for_waiver"
    case decideWaiver = "decide_waiver"
    case reportDefect = "report_defect"
    case workOnDefect = "work_on_defect"
    case verifyDefect = "verify_defect"
    case reopenDefect = "reopen_defect"
    case waiveDefect = "waive_defect"
    case manageUsers = "manage_users"
    case grantRoles = "grant_roles"
    case grantRights = "grant_rights"
    case setSecrets = "set_secrets"
    case delegate
    case delegateForOthers = "delegate_for_others"
    case sendMessage = "send_message"
    case writeHandover = "write_handover"
    case markSeen = "mark_seen"
    case logActivity = "log_activity"
    case setPreferences = "set_preferences"
    case noteSubStage = "note_sub_stage"
    case proposeCompany = "propose_company"
    case editCompany = "edit_company"
    case decideCompany = "decide_company"
    case editContact = "edit_contact"
    case rateVendor = "rate_vendor"
    case importRecords = "import_records"
    case assignSubStage = "assign_sub_stage"
    case checkCriterion = "check_criterion"
    case cancelProject = "cancel_project"
    case defineWorkflow = "define_workflow"
    case grantNumbers = "grant_numbers"
    case claimKey = "claim_key"
    case endKey = "end_key"
    case setLoginRules = "set_login_rules"
    case requestApproval = "request_approval"
    case commentApproval = "comment_approval"
    case decideApproval = "decide_approval"
    case reassignApproval = "reassign_approval"
    case cancelApproval = "cancel_approval"
    case defineApproval = "define_approval"
    case readAudit = "read_audit"
    case manageRetention = "manage_retention"
    case holdRecords = "hold_records"

    /// One way to be allowed.
    public enum Grant: Hashable, Sendable {
        /// Whoever holds a role other than the administrator's.
        case anyMember
        /// Whoever holds a role at a level or above.
        case role(String, level: Int)
        /// Whoever holds, at a level or above, a role that the sub-stage is the duty of.
        case responsible(level: Int)
        /// Whoever the task is assigned to.
        case assigned
    }

    /// The ways to be allowed where the tenant says nothing else (DOM-91); one is enough.
    public var grants: [Grant] {
        switch self {
        case .createProject:
            [.role("sales", level: 1), .role("customer_service", level: 1), management]
        case .editProject:
            [
                .role("sales", level: 1), .role("customer_service", level: 1),
                .role("engineering", level: 1), .role("production_manager", level: 1), management,
            ]
        case .openSubject, .advanceStage, .block, .recordHours, .correctHours, .holdTask,
            .attachEvidence, .reportDefect, .writeHandover, .logActivity, .noteSubStage,
            .proposeCompany, .checkCriterion:
            [.anyMember]
        case .sendMessage, .markSeen, .setPreferences, .delegate, .claimKey:
            [.anyMember, administration]
        case .overrideStage, .ruleOnChanges, .cancelProject: [management]
        case .defineWorkflow, .grantNumbers: [administration, management]
        case .assignSubStage:
            [.responsible(level: 1), .role("production_manager", level: 1), management]
        case .start, .finish, .skip: [.responsible(level: 1)]
        case .unblock: [.responsible(level: 2), management]
        case .reopen, .settleMeasurement:
            self == .reopen ? [.role("qa", level: 2), management] : [.role("qa", level: 2)]
        case .openInspection, .measure: [.role("qa", level: 1)]
        case .recordHoursOfOthers, .correctHoursOfOthers:
            [.role("production", level: 2), .role("production_manager", level: 1), management]
        case .manageUsers, .grantRoles, .grantRights, .setSecrets, .endKey, .setLoginRules:
            [administration]
        case .delegateForOthers: [administration, management]
        default: grantsOfTasksAndQuality
        }
    }

    private var grantsOfTasksAndQuality: [Grant] {
        let planning: [Grant] = [
            .role("production", level: 2), .role("production_manager", level: 1), management,
        ]
        return switch self {
        case .takeTask: [.responsible(level: 1)]
        case .workOnTask:
            [.assigned, .responsible(level: 1), .role("production_manager", level: 1)]
        case .planTasks, .askToCancelTask: planning
        case .cancelTask: [.role("production_manager", level: 1), management]
        case .reopenTask: [.role("qa", level: 2)] + planning
        case .askForWaiver, .verifyDefect: [.role("qa", level: 1)]
        case .workOnDefect:
            [
                .role("production", level: 1), .role("engineering", level: 1),
                .role("qa", level: 1),
            ]
        case .reopenDefect: [.role("qa", level: 2), management]
        case .publishPlan, .decideWaiver, .waiveDefect: [.role("qa", level: 3), management]
        default: grantsOfCompanies
        }
    }

    private var grantsOfCompanies: [Grant] {
        let office: [Grant] = [
            .role("sales", level: 1), .role("customer_service", level: 1),
            .role("procurement", level: 1), management,
        ]
        return switch self {
        case .editCompany, .editContact: office
        case .decideCompany:
            [.role("sales", level: 2), .role("procurement", level: 2), management]
        case .rateVendor:
            office + [
                .role("production", level: 1), .role("qa", level: 1), .role("logistics", level: 1),
            ]
        case .importRecords, .manageRetention: [administration, management]
        case .holdRecords: [.role("qa", level: 3), management]
        case .readAudit: [.role("auditor", level: 1), administration, management]
        default: grantsOfApprovals
        }
    }

    /// Who may decide stands in the chain of each request.
    private var grantsOfApprovals: [Grant] {
        switch self {
        case .requestApproval, .commentApproval, .decideApproval: [.anyMember]
        case .reassignApproval, .cancelApproval: [management]
        case .defineApproval: [administration, management]
        default: []
        }
    }

    private var management: Grant { .role("management", level: 1) }
    private var administration: Grant { .role(RoleCatalogue.administrator, level: 1) }

    /// Whether the table gives it to administrators: what the administrator's role can reach at
    /// all, whatever a tenant writes down.
    ///
    /// - Source: DOM-270.
    public var isAdministration: Bool { Self.administration.contains(self) }

    private static let administration = Set(
        allCases.filter { act in
            act.grants.contains { grant in
                if case .role(RoleCatalogue.administrator, _) = grant { true } else { false }
            }
        }
    )

    /// How well the person must be known, as the methods of CHG-2.
    ///
    /// In a tenant that trusts its stations (``Tenant/trustsLocal``) an asserted name is enough.
    public var leastMethod: UInt8 {
        switch self {
        case .unblock, .reopen, .overrideStage, .measure, .settleMeasurement,
            .correctHoursOfOthers, .ruleOnChanges, .cancelTask, .reopenTask, .publishPlan,
            .decideWaiver, .verifyDefect, .reopenDefect, .waiveDefect, .manageUsers, .grantRoles,
            .grantRights, .setSecrets, .delegate, .delegateForOthers, .decideCompany,
            .importRecords, .cancelProject, .defineWorkflow, .grantNumbers, .claimKey, .endKey,
            .setLoginRules, .decideApproval, .reassignApproval, .cancelApproval, .defineApproval,
            .manageRetention, .holdRecords:
            4
        default: 2
        }
    }

    /// Refuses a person whose roles do not grant the act.
    ///
    /// - Parameters:
    ///   - person: Who wants to act.
    ///   - responsible: The roles that the sub-stage is the duty of, where there is one.
    ///   - assigned: The people that the task is assigned to, where there is one.
    /// - Throws: `notAllowed`.
    public func check(
        _ person: Standing,
        responsible: [String] = [],
        assigned: Set<ID> = []
    ) throws(RuleFault) {
        let decision = person.decide(self, responsible: responsible, assigned: assigned)
        guard case .refused(let refusal) = decision else { return }
        throw RuleFault(.notAllowed, refusal.message, of: self)
    }

    /// - Parameters:
    ///   - method: How the node knew the person (CHG-2).
    ///   - trustsLocal: Whether the tenant accepts an asserted name.
    /// - Throws: `methodTooWeak`.
    public func check(method: UInt8, trustsLocal: Bool) throws(RuleFault) {
        guard method < leastMethod, !(trustsLocal && method >= 1) else { return }
        throw RuleFault(
            .methodTooWeak,
            "\(rawValue) needs a login with PIN or password",
            of: self
        )
    }
}

extension Act.Grant {
    /// Whether a person has it by the roles they hold; nobody is assigned.
    func allows(_ person: Standing, responsible: [String] = []) -> Bool {
        switch self {
        case .anyMember: person.isMember
        case .role(let role, let level): person.level(in: role) >= level
        case .responsible(let level): responsible.contains { person.level(in: $0) >= level }
        case .assigned: false
        }
    }

    /// The grant in words, for a message or a table.
    public func words(responsible: [String] = []) -> String {
        switch self {
        case .anyMember: "any working role"
        case .role(let role, let level): level > 1 ? "\(role) level \(level)" : role
        case .responsible(let level):
            (responsible.isEmpty ? "the responsible role" : responsible.joined(separator: " or "))
                + (level > 1 ? " level \(level)" : "")
        case .assigned: "the assignee"
        }
    }
}
