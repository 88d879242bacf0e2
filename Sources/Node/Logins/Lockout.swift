import Bytes
import CRDT

/// How often a person's secret was given wrongly at this node, and until when nobody may try.
///
/// Counted before the answer, on disk, at this node alone.
///
/// - Source: ID-24.
struct Lockout: Hashable, Sendable {
    /// What a tenant says about it.
    struct Rule: Hashable, Sendable {
        var failuresMax: Int64
        var lockMilliseconds: Int64
    }

    private(set) var failures: UInt64 = 0
    /// By the wall clock; 0: not locked.
    private var until: UInt64 = 0
    /// By the monotonic clock of a boot.
    private var untilTicks: Int64 = 0
    private var boot = ID.zero
    /// When the last was counted: a wall clock before that was set back.
    private var counted: UInt64 = 0

    init() {}

    /// How long nobody may try yet, in milliseconds; 0: now.
    ///
    /// Within the boot in which the lock began the monotonic clock decides, which nobody sets.
    /// After a restart the wall clock does, and one that was set back does not help.
    func remaining(wall: UInt64, ticks: Ticks?) -> Int64 {
        guard until > 0 else { return 0 }
        if let ticks, ticks.boot == boot {
            return max(0, untilTicks.subtractingReportingOverflow(ticks.milliseconds).partialValue)
        }
        let now = max(wall, counted)
        return now >= until ? 0 : Int64(clamping: until - now)
    }

    /// Counts an attempt before it is judged; the last one allowed locks.
    mutating func count(_ rule: Rule, wall: UInt64, ticks: Ticks?) {
        if until > 0 { self = Lockout() }
        failures += 1
        counted = max(counted, wall)
        guard failures >= UInt64(clamping: rule.failuresMax) else { return }
        until = wall.addingReportingOverflow(UInt64(clamping: rule.lockMilliseconds)).partialValue
        untilTicks =
            (ticks?.milliseconds ?? 0).addingReportingOverflow(rule.lockMilliseconds).partialValue
        boot = ticks?.boot ?? .zero
    }

    /// Forgets what was counted so long ago that it would have been locked and open again (ID-30).
    mutating func fade(_ rule: Rule, wall: UInt64) {
        let lock = UInt64(clamping: rule.lockMilliseconds)
        guard until == 0, wall > counted, wall - counted >= lock else { return }
        self = Lockout()
    }

    var encoded: [UInt8] {
        var writer = Writer()
        writer.varint(failures)
        writer.u64(until)
        writer.zigzag(untilTicks)
        writer.raw(boot.bytes)
        writer.u64(counted)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(Malformed) {
        var reader = Reader(bytes)
        failures = try reader.varint("failures")
        until = try reader.u64("until")
        untilTicks = try reader.zigzag("ticks")
        boot = ID(try reader.raw(16, "boot")) ?? .zero
        counted = try reader.u64("counted")
        try reader.end("lockout")
    }
}
