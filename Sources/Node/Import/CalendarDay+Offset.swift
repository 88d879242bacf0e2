import Domain

extension CalendarDay {
    /// The day that is some days after another.
    ///
    /// - Parameters:
    ///   - days: 0 to 36,500.
    ///   - start: YYYY-MM-DD, from 1970 on.
    /// - Returns: YYYY-MM-DD.
    /// - Throws: `RuleFault`: `notADay`.
    /// - Source: Hinnant, chrono-Compatible Low-Level Date Algorithms, `days_from_civil`.
    static func text(days: Int64, after start: String) throws(RuleFault) -> String {
        try TextRule.day(start)
        let parts = start.split(separator: "-").compactMap { UInt64($0) }
        guard parts.count == 3, parts[0] >= 1970, (0...36_500).contains(days) else {
            throw RuleFault(.notADay, "write a day from 1970 on as 2026-11-21")
        }
        let (month, day) = (parts[1], parts[2])
        let year = parts[0] - (month <= 2 ? 1 : 0)
        let yearOfEra = year % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let since1970 = year / 400 * 146_097 + dayOfEra - 719_468
        return text(milliseconds: (since1970 + UInt64(days)) * 86_400_000)
    }
}
