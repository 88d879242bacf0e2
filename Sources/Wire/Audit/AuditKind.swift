/// What an entry of the audit records.
///
/// Numbers are for ever; a reader keeps and proves entries of kinds that it does not know.
///
/// - Source: AUD-5.
public enum AuditKind: UInt8, Hashable, Sendable, CaseIterable {
    /// A change that came, or was written here.
    case change = 1
    /// A change in which a hub says what counts: verdicts, cut-offs, clock verdicts, receipts.
    case ruling = 2
    /// Changes of a device that were not taken.
    case refusal = 3
    /// A root statement, or a statement of the authority log: certificates, revocations, operators.
    case authority = 4
    case login = 5
    case logout = 6
    case loginDenied = 7
    /// Something that a person may not do, and tried.
    case denial = 8
    /// Sensitive data were read.
    case read = 9
    case export = 10
    case `import` = 11
    case backup = 12
    /// The store goes on from an earlier state.
    case restore = 13
    /// A run of the scheduler, self-checks among them.
    case schedule = 14
    case configuration = 15
    case purge = 16
    /// Personal data were made unreadable.
    case erasure = 17
    /// The hub's own clock was set back.
    case clock = 18

    /// The name for people and for JSON.
    public var name: String {
        switch self {
        case .change: "change"
        case .ruling: "ruling"
        case .refusal: "refusal"
        case .authority: "authority"
        case .login: "login"
        case .logout: "logout"
        case .loginDenied: "login_denied"
        case .denial: "denial"
        case .read: "read"
        case .export: "export"
        case .import: "import"
        case .backup: "backup"
        case .restore: "restore"
        case .schedule: "schedule"
        case .configuration: "configuration"
        case .purge: "purge"
        case .erasure: "erasure"
        case .clock: "clock"
        }
    }

    public init?(name: String) {
        guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = kind
    }
}
