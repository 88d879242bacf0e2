public import CRDT
import Domain
import Foundation
public import Storage

/// The days and times of a place, as people there write them.
public struct SiteClock: Sendable {
    private let zone: TimeZone

    /// - Parameter name: A name of the tz database; UTC for one that this machine does not know.
    public init(zone name: String?) {
        zone = name.flatMap(TimeZone.init(identifier:)) ?? .gmt
    }

    /// - Throws: `.badInput` for a zone that this machine does not know.
    static func check(zone name: String) throws {
        guard TimeZone(identifier: name) == nil else { return }
        throw CommandFault(
            .badInput,
            "\(name.prefix(40)) is no time zone: write one such as Asia/Ho_Chi_Minh",
            reason: "unknown-zone"
        )
    }

    /// The day, YYYY-MM-DD, of a time in milliseconds since 1970.
    public func day(milliseconds: Int64) -> String {
        String(text(milliseconds: milliseconds).prefix(10))
    }

    /// Day and time, 2026-11-21 14:48:05, of a time in milliseconds since 1970.
    public func text(milliseconds: Int64) -> String {
        let (local, overflow) = milliseconds.addingReportingOverflow(offset(at: milliseconds))
        return CalendarDay.time(milliseconds: UInt64(max(0, overflow ? milliseconds : local)))
    }

    /// Day, time and how far the zone is from UTC: 2026-11-21 14:48:05 +07:00.
    public func zonedText(milliseconds: Int64) -> String {
        let minutes = offset(at: milliseconds) / 60_000
        let (hours, rest) = (abs(minutes) / 60, abs(minutes) % 60)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let sign = minutes < 0 ? "-" : "+"
        return "\(text(milliseconds: milliseconds)) \(sign)\(two(hours)):\(two(rest))"
    }

    /// Hour and minute, 14:48, of a time in milliseconds since 1970.
    public func hour(milliseconds: Int64) -> String {
        String(text(milliseconds: milliseconds).dropFirst(11).prefix(5))
    }

    /// Milliseconds that the zone is ahead of UTC.
    private func offset(at milliseconds: Int64) -> Int64 {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
        return Int64(zone.secondsFromGMT(for: date)) * 1_000
    }

    /// Reads a moment that a person typed.
    ///
    /// - Parameters:
    ///   - typed: 09:00 for today, 2026-11-21 09:00, or 2026-11-21T09:00:00 with Z or +07:00.
    ///   - now: Milliseconds since 1970: which day is today.
    /// - Returns: Milliseconds since 1970.
    /// - Throws: `.badInput`.
    public func milliseconds(typed: String, now: Int64) throws -> Int64 {
        let pattern =
            /(?:(\d{4})-(\d\d)-(\d\d)[T ])?(\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)?/
        guard let match = typed.wholeMatch(of: pattern) else { throw Self.notATime(typed) }
        let (_, year, month, day, hour, minute, second, zone) = match.output
        let today = self.day(milliseconds: now).split(separator: "-").compactMap { Int64($0) }
        let date = [year, month, day].compactMap { $0.flatMap { Int64($0) } }
        let parts = date.count == 3 ? date : today
        let clock = [hour, minute, second ?? "0"].compactMap { Int64($0) }
        guard parts.count == 3, clock.count == 3, (1...12).contains(parts[1]),
            (1...31).contains(parts[2]), clock[0] < 24, clock[1] < 60, clock[2] < 60
        else { throw Self.notATime(typed) }
        let days = Self.days(parts[0], parts[1], parts[2])
        let local = ((days * 24 + clock[0]) * 60 + clock[1]) * 60_000 + clock[2] * 1_000
        guard let zone else { return local - offset(at: local - offset(at: local)) }
        return local - Self.offset(of: zone)
    }

    private static func offset(of zone: Substring) -> Int64 {
        let parts = zone.dropFirst().split(separator: ":").compactMap { Int64($0) }
        guard parts.count == 2 else { return 0 }
        return (zone.hasPrefix("-") ? -1 : 1) * (parts[0] * 60 + parts[1]) * 60_000
    }

    /// Days since 1970 of a date of the Gregorian calendar.
    ///
    /// - Source: Hinnant, chrono-Compatible Low-Level Date Algorithms, `days_from_civil`.
    static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func notATime(_ typed: String) -> CommandFault {
        CommandFault(
            .badInput,
            "\(typed.prefix(40)) is not a time: write 09:00 or \"2026-11-21 09:00\"",
            reason: "not-a-time"
        )
    }
}

extension View {
    /// The clock of a site; UTC for a hub and for a site that is not known yet.
    public func clock(of site: ID) throws -> SiteClock {
        let record = try records(of: Site.entity, in: .tenant).first {
            $0.fields.id(Site.site) == site
        }
        return SiteClock(zone: record?.fields.text(Site.timezone))
    }
}

/// A moment as JSON says it: 2026-11-21T14:48:05Z.
enum Moment {
    /// The text of a time in milliseconds since 1970.
    static func text(milliseconds: UInt64) -> String {
        CalendarDay.time(milliseconds: milliseconds).replacing(" ", with: "T") + "Z"
    }
}
