import Domain
import Storage

/// The days that a sheet or an export is of, at the clocks of each site.
public struct HoursPeriod: Hashable, Sendable {
    /// YYYY-MM-DD.
    public let from: String
    /// The last day, YYYY-MM-DD.
    public let to: String

    /// - Throws: `.badInput` for what is no day, or an end before its start.
    public init(from: String, to: String) throws {
        guard let first = CalendarDay.number(from), let last = CalendarDay.number(to),
            first <= last, last - first <= Self.daysMax
        else {
            throw CommandFault(
                .badInput,
                "days are written 2026-11-21, the first before the last, at most a year apart",
                reason: "not-a-day"
            )
        }
        self.from = from
        self.to = to
    }

    /// The seven days of a week such as 2026-W47.
    ///
    /// - Throws: `.badInput`.
    public init(week: String) throws {
        guard let match = week.wholeMatch(of: /(\d{4})-W(\d\d)/),
            let january = CalendarDay.number("\(match.1)-01-04"), let number = Int64(match.2)
        else { throw Self.notAWeek(week) }
        let monday = CalendarDay.week(of: january).monday + (number - 1) * 7
        guard CalendarDay.week(of: monday).text == week else { throw Self.notAWeek(week) }
        try self.init(
            from: CalendarDay.text(number: monday),
            to: CalendarDay.text(number: monday + 6)
        )
    }

    /// The week of a day.
    ///
    /// - Throws: `.badInput`.
    public init(weekOf day: String) throws {
        guard let number = CalendarDay.number(day) else { throw Self.notAWeek(day) }
        try self.init(week: CalendarDay.week(of: number).text)
    }

    /// Milliseconds since 1970 that hold all of it, wherever its days are counted.
    public var reach: Range<Int64> {
        let first = CalendarDay.number(from) ?? 0
        let last = CalendarDay.number(to) ?? 0
        return (first - 1) * 86_400_000..<(last + 2) * 86_400_000
    }

    func contains(_ day: String) -> Bool { (from...to).contains(day) }

    private static let daysMax: Int64 = 366

    private static func notAWeek(_ text: String) -> CommandFault {
        CommandFault(
            .badInput,
            "\(text.prefix(20)) is no week: write 2026-W47",
            reason: "not-a-week"
        )
    }
}

/// A stretch of time as people type it: 10s, 90m, 12h or 2d.
public enum TypedDuration {
    /// - Returns: Milliseconds.
    /// - Throws: `.badInput`.
    public static func milliseconds(_ typed: String) throws -> Int64 {
        let units: [Substring: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let match = typed.wholeMatch(of: /(\d{1,6})([smhd])/), let number = Int64(match.1),
            let unit = units[match.2]
        else {
            throw CommandFault(
                .badInput,
                "\(typed.prefix(20)) is no stretch of time: write 90m, 12h or 2d",
                reason: "not-a-duration"
            )
        }
        return number * unit
    }
}
