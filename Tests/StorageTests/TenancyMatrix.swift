import CRDT
import Domain
@testable import Storage

/// Who may do what with whose rows, written down without a look at the evaluator.
///
/// Every kind of record has a line; a kind without one fails.
enum TenancyMatrix {
    /// What a person wants of a row.
    enum Command: String, CaseIterable {
        case read, list, count, search, insert
        case updateOld = "update of the old row"
        case updateNew = "update to a new row"
        case delete, approve, sign, export
        case auditRead = "read of the audit"
        case syncPull = "pull by sync"
        case syncPush = "push by sync"
        case subscribe
    }

    /// What a line says of a kind: its class, and which of its rows are for whom.
    struct Line {
        enum Rows { case everybody, customer, own, addressed }

        let dataClass: String
        let rows: Rows
        let isSearched: Bool
        /// Whether it is written of a person whatever they may read.
        let isEvidence: Bool

        init(_ text: String) {
            let words = text.split(separator: " ")
            dataClass = String(words[0])
            rows =
                switch words[1] {
                case "customer": .customer
                case "own": .own
                case "addressed": .addressed
                default: .everybody
                }
            isSearched = words.contains("searched")
            isEvidence = words.contains("evidence")
        }
    }

    static let lines: [String: Line] = Dictionary(
        uniqueKeysWithValues: text.split(separator: "\n").map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), Line(parts[1].trimmingPrefix(" ").description))
        }
    )

    private static let text = """
        tenant: public all
        site: public all
        device: internal all
        user: internal all searched
        membership: internal all
        role: internal all
        role_permission: internal all
        company: internal customer searched
        company_address: internal customer
        contact: internal customer searched
        subject_contact: internal all
        vendor_rating: internal customer
        workflow_stage: internal all
        workflow_sub_stage: internal all
        workflow_definition: internal all
        project: internal all searched
        stage_event: internal all
        progress: internal all
        progress_event: internal all searched
        stage_criterion_check: internal all
        approval_policy: internal all
        approval_request: internal all
        approval_event: internal all searched
        personal_key: internal all
        login_attempt: internal own evidence
        credential_step: internal own evidence
        retention_policy: internal all
        legal_hold: internal all
        purge_certificate: internal all
        delegation: internal all
        message: internal addressed
        activity: internal all searched
        notification_mark: internal all
        number_lease: internal all
        qc_process: internal all searched
        qc_inspection: internal all searched
        qc_measurement: internal all searched
        qc_defect: internal all searched
        task: internal all searched
        task_dependency: internal all
        task_event: internal all searched
        time_event: internal all searched
        import_job: internal all
        handover_note: internal all searched
        user_preferences: internal own
        opening: internal all
        opened: internal all
        qc_process_item: internal all searched
        time_correction: internal all
        verdict: internal all
        clock_verdict: internal all
        cut_off: internal all
        receipt: internal all
        qc_evidence: internal all
        qc_waiver: internal all
        qc_defect_event: internal all
        """

    // MARK: People

    /// What a person is, as far as the matrix asks.
    struct Standing {
        /// Whether the tenant knows them and lets them act.
        let isKnown: Bool
        let hasRole: Bool
        /// Whether they hold their role everywhere.
        let isEverywhere: Bool
        let readsRestricted: Bool
        let readsCustomers: Bool
        let readsPrivate: Bool
        /// What they may decide, by kind.
        let approves: Set<String>
        let signs: Set<String>
    }

    static func standing(of person: Realm.Person) -> Standing {
        let name = person.name == "stand-in" ? "finance" : person.name
        let isBarred = ["suspended", "stranger"].contains(name)
        let isChief = ["admin", "management", "director"].contains(name)
        let money = ["finance", "sales manager", "auditor"].contains(name) || isChief
        return Standing(
            isKnown: !isBarred,
            hasRole: !isBarred && name != "no role",
            isEverywhere: name == "director",
            readsRestricted: money,
            readsCustomers: money || ["customer_service", "procurement"].contains(name),
            readsPrivate: name == "admin",
            approves: isChief && name != "admin"
                ? ["company", "qc_defect", "qc_waiver"]
                : name == "sales manager" ? ["company"] : [],
            signs: name == "qa" ? ["qc_inspection"] : []
        )
    }

    // MARK: Expected

    /// Whether a row may be read.
    static func reads(
        _ person: Realm.Person,
        _ entity: Entity,
        _ kind: Scope.Kind,
        _ target: Realm.Target
    ) -> Bool? {
        guard let line = lines[entity.name] else { return nil }
        let standing = standing(of: person)
        guard readsScope(standing, entity, kind, target),
            line.dataClass == "public" || standing.hasRole
        else { return false }
        switch line.rows {
        case .everybody: return true
        case .customer: return standing.readsCustomers || target == .own
        case .own, .addressed: return standing.readsPrivate || target == .own
        }
    }

    static func readsScope(
        _ standing: Standing,
        _ entity: Entity,
        _ kind: Scope.Kind,
        _ target: Realm.Target
    ) -> Bool {
        guard standing.isKnown, target != .missing, target != .otherTenant else { return false }
        switch kind {
        case .tenant: return true
        case .restricted: return standing.readsRestricted
        case .site:
            return standing.hasRole && (target != .elsewhere || standing.isEverywhere)
        case .subject:
            if Realm.ofDirectory.contains(entity.number) { return true }
            return target == .own
                || (standing.hasRole && (target != .elsewhere || standing.isEverywhere))
        }
    }

    /// Whether a person may, nil for a kind without a line.
    static func expected(
        _ command: Command,
        _ person: Realm.Person,
        _ entity: Entity,
        _ kind: Scope.Kind,
        _ target: Realm.Target
    ) -> Bool? {
        guard let line = lines[entity.name],
            let reads = reads(person, entity, kind, target)
        else { return nil }
        let standing = standing(of: person)
        switch command {
        case .read, .list, .count, .export, .auditRead: return reads
        case .search: return reads && line.isSearched
        case .insert:
            if line.isEvidence { return target != .missing && target != .otherTenant }
            // What one adds is one's own; what hangs on a company that is not read is refused.
            guard readsScope(standing, entity, kind, target),
                line.dataClass == "public" || standing.hasRole
            else { return false }
            return entity.name == "company" || line.rows != .customer || reads
        case .updateOld, .updateNew, .delete: return reads && !entity.isEvent
        case .approve: return reads && standing.approves.contains(entity.name)
        case .sign: return reads && standing.signs.contains(entity.name)
        case .syncPull, .subscribe, .syncPush:
            // A machine of the colleague's site, whoever stands before it.
            guard target != .missing, target != .otherTenant else { return false }
            switch kind {
            case .tenant: return command != .syncPush
            case .site: return target != .elsewhere
            case .restricted: return false
            case .subject:
                if command == .syncPush { return true }
                // The directory was opened nowhere here.
                return target == .colleague && !Realm.ofDirectory.contains(entity.number)
            }
        }
    }
}
