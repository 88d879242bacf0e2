/// How a write is called by those who saw it: its stamp and eight bytes of its change's hash.
///
/// The hash matters only for a replica that was cloned, where two changes may carry one stamp.
///
/// - Shape: 32 bytes on the wire: time, replica, hash prefix.
/// - Source: MERGE-3.
public struct Name: Hashable, Comparable, Sendable {
    public let stamp: Stamp
    /// The first eight bytes of the hash of the change.
    public let hash: UInt64

    public init(_ stamp: Stamp, hash: UInt64) {
        self.stamp = stamp
        self.hash = hash
    }

    public static func < (left: Name, right: Name) -> Bool {
        (left.stamp, left.hash) < (right.stamp, right.hash)
    }
}

/// What decides between heads, and nothing else: it never makes a write lose to one it replaced.
///
/// A pure function of replicated data: whether the stamp lies inside the validity of its author's
/// certificate, the hub's ruling on the author's clock, and the name. So a stamp of 1970 or 2099
/// loses to a sane one without asking anyone's clock.
///
/// - Source: MERGE-6.
public struct Rank: Hashable, Comparable, Sendable {
    /// Whether the stamp lies inside the validity of its author's certificate.
    public let isPlausible: Bool
    /// The stamp's own time, or the lower time that a clock verdict of the hub gave it.
    public let time: HybridTime
    /// The write that is ranked.
    public let name: Name

    /// - Parameters:
    ///   - name: The write that is ranked.
    ///   - isPlausible: Whether its stamp lies inside the validity of its author's certificate.
    ///   - ruling: The least hub time of the clock verdicts on its change, if there are any.
    public init(_ name: Name, isPlausible: Bool, ruling: HybridTime? = nil) {
        self.name = name
        self.isPlausible = isPlausible
        time = min(name.stamp.time, ruling ?? .max)
    }

    public static func < (left: Rank, right: Rank) -> Bool {
        if left.isPlausible != right.isPlausible { return right.isPlausible }
        return (left.time, left.name) < (right.time, right.name)
    }
}
