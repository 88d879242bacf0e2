/// How often one attempt was made within an interval, and what of it was written as facts.
///
/// The first ones are written one by one; the rest are counted, and written as one fact when the
/// interval is over: whoever tries all night makes a few facts an hour, and none is forgotten.
///
/// - Invariant: What was counted is what was written and what is waiting.
/// - Source: DOM-274.
public struct AttemptTally: Hashable, Sendable {
    /// How long alike attempts are counted together.
    public static let intervalMilliseconds: UInt64 = 3_600_000
    /// Kinds of attempt that are counted apart at one node; further ones are counted as one.
    public static let kindsMax = 64

    /// Attempts that are not written yet.
    public struct Waiting: Hashable, Sendable {
        public var count: Int64
        /// Milliseconds since 1970.
        public var first: UInt64
        public var last: UInt64

        public init(count: Int64, first: UInt64, last: UInt64) {
            self.count = count
            self.first = first
            self.last = last
        }
    }

    /// Milliseconds since 1970.
    public let began: UInt64
    /// How many were written one by one.
    public private(set) var written: UInt32
    public private(set) var waiting: Waiting?

    public init(began: UInt64, written: UInt32 = 0, waiting: Waiting? = nil) {
        self.began = began
        self.written = written
        self.waiting = waiting
    }

    /// Whether the interval is over; a clock that was set back ends it too.
    public func isOver(at now: UInt64) -> Bool {
        now < began || now - began >= Self.intervalMilliseconds
    }

    /// Takes an attempt.
    ///
    /// - Parameters:
    ///   - now: Milliseconds since 1970.
    ///   - each: How many of the kind are written one by one.
    /// - Returns: Whether it is written now; it waits otherwise.
    public mutating func take(at now: UInt64, each: UInt32) -> Bool {
        if written < each {
            written += 1
            return true
        }
        wait(at: now)
        return false
    }

    /// Lets an attempt wait.
    public mutating func wait(at now: UInt64) {
        guard let before = waiting else {
            waiting = Waiting(count: 1, first: now, last: now)
            return
        }
        let (count, overflow) = before.count.addingReportingOverflow(1)
        waiting = Waiting(
            count: overflow ? .max : count,
            first: min(before.first, now),
            last: max(before.last, now)
        )
    }
}

extension LoginAttempt.Content {
    /// How many are written one by one in an interval: what people do in earnest is seldom folded,
    /// and names that nobody has are only counted.
    public var writtenEach: UInt32 {
        guard !isSuccess else { return 20 }
        return user == nil ? 1 : 6
    }

    /// What is left where more kinds are tried than are counted apart.
    public var folded: LoginAttempt.Content {
        var content = LoginAttempt.Content(kind, isSuccess: isSuccess, method: method)
        content.reason = "too-many-kinds"
        return content
    }
}
