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

    /// - Parameter tenant: The record of the tenant.
    public init(_ tenant: Fields) {
        func value(_ field: UInt32, _ range: ClosedRange<Int64>, _ standard: Int64) -> Int64 {
            tenant.integer(field).flatMap { range.contains($0) ? $0 : nil } ?? standard
        }
        idleMilliseconds = value(Tenant.loginIdleMinutes, 1...1_440, 5) * 60_000
        failuresMax = value(Tenant.loginFailuresMax, 1...100, 5)
        lockMilliseconds = value(Tenant.loginLockMinutes, 1...10_080, 15) * 60_000
        offlineMilliseconds = value(Tenant.loginOfflineDays, 1...365, 30) * 86_400_000
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
