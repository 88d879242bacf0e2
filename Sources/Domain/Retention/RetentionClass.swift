/// How long something is kept.
public enum RetentionPeriod: Hashable, Sendable {
    case days(UInt64)
    /// To the same day of the calendar.
    case years(UInt64)
    case forever

    /// When a period ends that begins at a time, milliseconds since 1970; nil: never.
    public func end(from time: UInt64) -> UInt64? {
        switch self {
        case .days(let days):
            let (length, isOver) = days.multipliedReportingOverflow(by: 86_400_000)
            let (end, isLate) = time.addingReportingOverflow(length)
            return isOver || isLate ? nil : end
        case .years(let years): return CivilTime(time).adding(years: years).time
        case .forever: return nil
        }
    }
}

/// What duty to keep a kind of record falls under.
///
/// - Source: DOM-250; where the seeds differ the longest period stands (decision C-25).
public enum RetentionClass: String, Hashable, Sendable, CaseIterable {
    /// Who the tenant is, its definitions, and the evidence of what was purged.
    case permanent
    case documents
    case quality
    case approvals
    case orders
    case shipping
    /// People and companies that work is done with.
    case parties
    /// Audit of approvals, quality, orders and money.
    case recordAudit = "record_audit"
    case audit
    /// Messages, notes and jobs.
    case general
    case time
    /// Logins and reads of files.
    case access
    case sessions
    /// What has no duty of its own and lives as long as what it is about.
    case attached

    /// How long it is kept, from the last change that a hub received.
    public var keep: RetentionPeriod {
        switch self {
        case .permanent: .forever
        case .documents: .years(10)
        case .quality, .approvals, .orders, .shipping, .parties, .recordAudit: .years(7)
        case .audit, .general, .time: .years(3)
        case .access: .years(1)
        case .sessions: .days(90)
        case .attached: .days(0)
        }
    }

    /// When it goes to an archive, where it stays online as well; nil: with nothing of its own.
    public var archiveAfter: RetentionPeriod? {
        switch self {
        case .quality, .approvals, .orders, .shipping: .years(2)
        case .documents: .years(3)
        case .audit, .recordAudit, .general, .time: .years(1)
        case .permanent, .parties, .access, .sessions, .attached: nil
        }
    }
}

extension RetentionClass {
    /// The class of a kind of record; nil for one that this version does not know, and that it
    /// keeps for ever.
    public static func of(_ entity: UInt32) -> RetentionClass? { byEntity[entity] }

    /// The class of a document by its category (FP-136); of one that nobody knows, the longest.
    public static func of(documentCategory category: String) -> RetentionClass {
        switch category.lowercased() {
        case "shipping", "packing_list", "waybill": .shipping
        case "inspection_report", "test_report", "qa": .quality
        default: .documents
        }
    }

    /// Every number of `protocol/domain.md`, and those of records that are still to come.
    private static let byEntity: [UInt32: RetentionClass] = Dictionary(
        numbers.flatMap { kind, numbers in numbers.map { ($0, kind) } }
    ) { first, _ in first }

    private static let numbers: [(RetentionClass, [UInt32])] = [
        (
            .permanent,
            [1, 2, 3, 4, 8, 9, 17, 18, 19, 28, 42, 43, 45, 47, 52, 54, 57, 67, 72, 73, 74, 75]
                + [207, PurgeCertificate.number]
        ),
        (.documents, [32, 33, 34, 51, 55, 56]),
        (.quality, [58, 59, 60, 61, 230, 231, 232]),
        (.approvals, [29, 30, 31]),
        (.orders, [20, 21, 22, 24, 25, 26, 27, 48, 53, 62, 64, 68]),
        (.shipping, [70]),
        (.parties, [5, 6, 7, 12, 14, 16, 190]),
        (.recordAudit, [71, 80]),
        (.general, [37, 38, 76, 77, 96]),
        (.time, [65, 208]),
        (.access, [11, 36, 79, 81]),
        (.sessions, [10, 39]),
        (
            .attached,
            [13, 15, 23, 35, 44, 46, 49, 50, 63, 66, 69, 205, 206, 209, 210, 211, 212]
        ),
    ]
}
