/// A moment by the calendar, in UTC: what periods of whole years and days of the month are said in.
///
/// - Source: Hinnant, chrono-Compatible Low-Level Date Algorithms, `civil_from_days`.
public struct CivilTime: Hashable, Sendable {
    public let year: UInt64
    /// From 1.
    public let month: UInt64
    /// From 1.
    public let day: UInt64
    /// Since midnight.
    public let milliseconds: UInt64

    private static let dayMilliseconds: UInt64 = 86_400_000
    /// The last year that is told apart: far beyond what anything is kept for.
    private static let yearMax: UInt64 = 9_999

    /// - Parameter time: Milliseconds since 1970; what lies after the year 9999 is its last day.
    public init(_ time: UInt64) {
        let last = Self.days(Self.yearMax, 12, 31)
        let days = min(time / Self.dayMilliseconds, last) + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        milliseconds = time % Self.dayMilliseconds
    }

    private init(year: UInt64, month: UInt64, day: UInt64, milliseconds: UInt64) {
        self.year = year
        self.month = month
        self.day = day
        self.milliseconds = milliseconds
    }

    /// Milliseconds since 1970.
    public var time: UInt64 {
        Self.days(year, month, day) * Self.dayMilliseconds + milliseconds
    }

    /// The same day and time some years later; 1 March where there is no 29 February then.
    public func adding(years: UInt64) -> CivilTime {
        let later = min(year + min(years, Self.yearMax), Self.yearMax)
        let isMissing = month == 2 && day == 29 && !Self.isLeap(later)
        return CivilTime(
            year: later,
            month: isMissing ? 3 : month,
            day: isMissing ? 1 : day,
            milliseconds: milliseconds
        )
    }

    /// The first of this month at an hour.
    func firstOfMonth(hour: UInt64) -> CivilTime {
        CivilTime(year: year, month: month, day: 1, milliseconds: hour * 3_600_000)
    }

    /// The first of the month before at an hour.
    func firstOfMonthBefore(hour: UInt64) -> CivilTime {
        let isJanuary = month == 1
        return CivilTime(
            year: isJanuary ? max(year, 1) - 1 : year,
            month: isJanuary ? 12 : month - 1,
            day: 1,
            milliseconds: hour * 3_600_000
        )
    }

    private static func isLeap(_ year: UInt64) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    /// Days since 1970; none before.
    private static func days(_ year: UInt64, _ month: UInt64, _ day: UInt64) -> UInt64 {
        let shifted = month <= 2 ? max(year, 1) - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return max(era * 146_097 + dayOfEra, 719_468) - 719_468
    }
}
