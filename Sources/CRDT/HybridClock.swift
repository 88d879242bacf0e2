/// Issues strictly rising hybrid times, and follows those of others within a bound.
///
/// A remote time more than the bound ahead of the wall clock moves nothing: one station whose
/// battery died must not carry a whole site into 2099 (MERGE-6).
///
/// - Invariant: 1. Each issued time is greater than every one issued or adopted before.
///   2. An adopted time was at most the bound ahead of the wall clock.
public struct HybridClock: Hashable, Sendable {
    /// How far ahead of the wall clock a remote time may be and still be followed: ten minutes.
    public static let boundMilliseconds: UInt64 = 600_000

    /// What became of a remote time.
    public enum Verdict: Hashable, Sendable {
        /// The clock is at or past it.
        case adopted
        /// It is too far ahead; the change that carries it is kept and shown as suspect.
        case suspect
    }

    /// The greatest time issued or adopted.
    public private(set) var last: HybridTime

    /// Continues after the last time that this replica issued.
    public init(last: HybridTime) {
        self.last = last
    }

    /// Issues the next time.
    ///
    /// - Parameter wallMilliseconds: The machine's clock, milliseconds since 1970.
    /// - Returns: The greater of the wall clock and the least time after the last; nil only when
    ///   the last representable time has been issued, which no clock reaches honestly.
    public mutating func tick(wallMilliseconds: UInt64) -> HybridTime? {
        guard last < .max else { return nil }
        let wall = HybridTime(milliseconds: wallMilliseconds)
        last = max(wall, HybridTime(raw: last.raw + 1))
        return last
    }

    /// Follows a time that came from another replica, if it is within the bound.
    public mutating func observe(_ remote: HybridTime, wallMilliseconds: UInt64) -> Verdict {
        let (limit, overflow) = wallMilliseconds.addingReportingOverflow(Self.boundMilliseconds)
        guard overflow || remote.milliseconds <= limit else { return .suspect }
        last = max(last, remote)
        return .adopted
    }
}
