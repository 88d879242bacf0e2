/// Hybrid logical time: milliseconds since 1970 and a counter that tells apart what one
/// millisecond holds.
///
/// - Shape: 8 bytes: 48 bits of milliseconds above 16 bits of counter, so that the order of the
///   numbers is the order of the times.
/// - Source: Kulkarni et al., Logical Physical Clocks, OPODIS 2014.
public struct HybridTime: Hashable, Comparable, Sendable {
    /// Milliseconds and counter as one number.
    public let raw: UInt64

    public init(raw: UInt64) {
        self.raw = raw
    }

    /// - Parameters:
    ///   - milliseconds: Since 1970, UTC; the low 48 bits count.
    ///   - counter: Which of the times in that millisecond.
    public init(milliseconds: UInt64, counter: UInt16 = 0) {
        raw = milliseconds << 16 | UInt64(counter)
    }

    /// The least time there is.
    public static let zero = HybridTime(raw: 0)

    /// The greatest time there is: the year 10889.
    public static let max = HybridTime(raw: .max)

    public var milliseconds: UInt64 { raw >> 16 }

    public var counter: UInt16 { UInt16(truncatingIfNeeded: raw) }

    public static func < (left: HybridTime, right: HybridTime) -> Bool {
        left.raw < right.raw
    }
}

/// A hybrid time and the replica that issued it: a total order over writes.
///
/// Not causal: nothing sorts by stamps to learn what came first (MERGE-6).
public struct Stamp: Hashable, Comparable, Sendable {
    public let time: HybridTime
    /// The replica that issued the time.
    public let replica: ID

    public init(_ time: HybridTime, _ replica: ID) {
        self.time = time
        self.replica = replica
    }

    public static func < (left: Stamp, right: Stamp) -> Bool {
        (left.time, left.replica) < (right.time, right.replica)
    }
}
