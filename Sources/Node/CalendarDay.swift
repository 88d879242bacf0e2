/// A day as records hold it: YYYY-MM-DD.
public enum CalendarDay {
    /// The day in UTC.
    ///
    /// - Parameter milliseconds: Since 1970.
    /// - Returns: YYYY-MM-DD.
    /// - Source: Hinnant, chrono-Compatible Low-Level Date Algorithms, `civil_from_days`.
    public static func text(milliseconds: UInt64) -> String {
        let (year, month, day) = civil(milliseconds / 86_400_000)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// Day and time in UTC.
    ///
    /// - Parameter milliseconds: Since 1970.
    /// - Returns: Such as 2026-11-21 14:48:05.
    public static func time(milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1_000 % 86_400
        let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        return "\(text(milliseconds: milliseconds)) \(clock.joined(separator: ":"))"
    }

    /// The number of a day since 1970; nil for what is no day of the calendar.
    ///
    /// - Parameter text: YYYY-MM-DD.
    /// - Returns: Days since 1970-01-01.
    static func number(_ text: String) -> Int64? {
        let parts = text.split(separator: "-").compactMap { Int64($0) }
        guard parts.count == 3, (1970...9999).contains(parts[0]) else { return nil }
        let number = SiteClock.days(parts[0], parts[1], parts[2])
        return Self.text(number: number) == text ? number : nil
    }

    /// When a day begins in UTC, milliseconds since 1970; nil for what is no day.
    public static func start(of text: String) -> UInt64? {
        number(text).map { UInt64(clamping: $0) * 86_400_000 }
    }

    /// The day of a number since 1970.
    static func text(number: Int64) -> String {
        text(milliseconds: UInt64(clamping: number) &* 86_400_000)
    }

    /// The week of a day, such as 2026-W47, and the number of its Monday.
    ///
    /// - Source: ISO 8601: a week belongs to the year that its Thursday is in.
    static func week(of number: Int64) -> (text: String, monday: Int64) {
        let monday = number - (number + 3) % 7
        let thursday = text(number: monday + 3)
        let first = Self.number("\(thursday.prefix(4))-01-01") ?? monday
        let week = (monday + 3 - first) / 7 + 1
        return ("\(thursday.prefix(4))-W\(padded(UInt64(clamping: week), 2))", monday)
    }

    private static func civil(_ days: UInt64) -> (UInt64, UInt64, UInt64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
