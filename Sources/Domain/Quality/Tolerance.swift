/// The limits of a measured value; each is included unless it says otherwise.
///
/// - Source: DOM-21.
public struct Tolerance: Hashable, Sendable {
    public let low: DecimalNumber?
    public let high: DecimalNumber?
    /// Whether a value that equals the lower limit fails.
    public let excludesLow: Bool
    /// Whether a value that equals the upper limit fails.
    public let excludesHigh: Bool

    public init(
        low: DecimalNumber? = nil,
        high: DecimalNumber? = nil,
        excludesLow: Bool = false,
        excludesHigh: Bool = false
    ) {
        self.low = low
        self.high = high
        self.excludesLow = excludesLow
        self.excludesHigh = excludesHigh
    }

    /// The limits about a nominal value; nil if one has more digits than a decimal holds.
    ///
    /// - Parameters:
    ///   - nominal: What is wanted.
    ///   - minus: How far below it may be, not negative; nil: any distance.
    ///   - plus: How far above it may be, not negative; nil: any distance.
    public init?(nominal: DecimalNumber, minus: DecimalNumber?, plus: DecimalNumber?) {
        var low: DecimalNumber?
        var high: DecimalNumber?
        if let minus {
            guard let limit = minus.negated.flatMap(nominal.adding) else { return nil }
            low = limit
        }
        if let plus {
            guard let limit = nominal.adding(plus) else { return nil }
            high = limit
        }
        self.init(low: low, high: high)
    }

    /// Whether there is no limit, so that a value says nothing about pass or fail.
    public var isEmpty: Bool { low == nil && high == nil }

    /// Whether some value lies inside.
    public var isPossible: Bool {
        guard let low, let high else { return true }
        return low.isAtMost(high) && (!high.isAtMost(low) || !(excludesLow || excludesHigh))
    }

    /// Whether a value lies inside the limits, compared exactly: 0.5 is inside "at most 0.50".
    public func admits(_ value: DecimalNumber) -> Bool {
        if let low, !low.isAtMost(value) || excludesLow && value.isAtMost(low) { return false }
        if let high, !value.isAtMost(high) || excludesHigh && high.isAtMost(value) { return false }
        return true
    }

    /// Limits that nothing meets: what contradictory or overlong ones are read as.
    static var impossible: Tolerance {
        let zero = DecimalNumber(mantissa: 0, scale: 0)
        return Tolerance(low: zero, high: zero, excludesLow: true, excludesHigh: true)
    }
}
