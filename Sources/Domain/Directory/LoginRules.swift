/// What a tenant says of logins: absent or senseless values are the defaults.
///
/// - Source: ID-24, ID-25; C-33 of the design's decisions.
public struct LoginRules: Hashable, Sendable {
    public let idleMilliseconds: Int64
    public let failuresMax: Int64
    public let lockMilliseconds: Int64
    public let offlineMilliseconds: Int64

    /// Fewest letters or digits of a PIN.
    public static let pinLettersMin = 6
    /// Most bytes of a PIN or a badge's code.
    public static let secretBytesMax = 128

    /// What an administrator may set.
    public enum Setting: String, Hashable, Sendable, CaseIterable {
        case idleMinutes = "idle_minutes"
        case failuresMax = "failures_max"
        case lockMinutes = "lock_minutes"
        case offlineDays = "offline_days"

        /// The field of the record of the tenant.
        public var field: UInt32 {
            switch self {
            case .idleMinutes: Tenant.loginIdleMinutes
            case .failuresMax: Tenant.loginFailuresMax
            case .lockMinutes: Tenant.loginLockMinutes
            case .offlineDays: Tenant.loginOfflineDays
            }
        }

        /// What it may be; the first figure is what holds where nothing is said (DOM-278).
        var figures: (standard: Int64, range: ClosedRange<Int64>) {
            switch self {
            case .idleMinutes: (5, 1...1_440)
            case .failuresMax: (5, 1...100)
            case .lockMinutes: (15, 1...10_080)
            case .offlineDays: (30, 1...365)
            }
        }

        /// What holds in a tenant.
        public func value(_ tenant: Fields) -> Int64 {
            let (standard, range) = figures
            return tenant.integer(field).flatMap { range.contains($0) ? $0 : nil } ?? standard
        }

        /// - Throws: `outOfRange`.
        public func check(_ value: Int64) throws(RuleFault) {
            let range = figures.range
            guard range.contains(value) else {
                throw RuleFault(
                    .outOfRange,
                    "\(rawValue) is from \(range.lowerBound) to \(range.upperBound)"
                )
            }
        }
    }

    /// - Parameter tenant: The record of the tenant.
    public init(_ tenant: Fields) {
        idleMilliseconds = Setting.idleMinutes.value(tenant) * 60_000
        failuresMax = Setting.failuresMax.value(tenant)
        lockMilliseconds = Setting.lockMinutes.value(tenant) * 60_000
        offlineMilliseconds = Setting.offlineDays.value(tenant) * 86_400_000
    }

    /// Checks a PIN or password that is to be set.
    ///
    /// - Throws: `empty`, `tooLong`; `weakSecret` for fewer than six letters, for one letter again
    ///   and again, and for a run such as 123456.
    public static func check(newSecret text: String) throws(RuleFault) {
        try check(secret: text)
        let scalars = text.unicodeScalars.map { Int64($0.value) }
        let steps = Set(zip(scalars.dropFirst(), scalars).map { $0 - $1 })
        let isRun = steps.count == 1 && [-1, 0, 1].contains(steps.first ?? 0)
        guard scalars.count >= pinLettersMin, !isRun else {
            throw RuleFault(
                .weakSecret,
                "a PIN has six letters or digits or more, not all alike and no run as 123456"
            )
        }
    }

    /// - Throws: `empty`, `tooLong`.
    public static func check(secret text: String) throws(RuleFault) {
        guard !text.isEmpty else { throw RuleFault(.empty, "nothing was given") }
        guard text.utf8.count <= secretBytesMax else {
            throw RuleFault(.tooLong, "a PIN has at most \(secretBytesMax) bytes")
        }
    }
}
