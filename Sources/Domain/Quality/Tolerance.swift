/// The limits of a measured value, both included.
///
/// - Source: DOM-21.
public struct Tolerance: Hashable, Sendable {
    public let low: DecimalNumber?
    public let high: DecimalNumber?

    public init(low: DecimalNumber? = nil, high: DecimalNumber? = nil) {
        self.low = low
        self.high = high
    }

    /// Whether there is no limit, so that a value says nothing about pass or fail.
    public var isEmpty: Bool { low == nil && high == nil }

    /// Whether a value lies inside the limits, compared exactly: 0.5 is inside "at most 0.50".
    public func admits(_ value: DecimalNumber) -> Bool {
        (low?.isAtMost(value) ?? true) && (high.map(value.isAtMost) ?? true)
    }
}

/// One item of a process as a rule reads it.
public struct ItemDefinition: Hashable, Sendable {
    public let item: Int64
    public let title: String
    public let isRequired: Bool
    public let unit: String?
    public let tolerance: Tolerance

    public init(
        item: Int64,
        title: String,
        isRequired: Bool = true,
        unit: String? = nil,
        tolerance: Tolerance = Tolerance()
    ) {
        self.item = item
        self.title = title
        self.isRequired = isRequired
        self.unit = unit
        self.tolerance = tolerance
    }

    /// Reads a record of ``QualityItem``; nil without an item number.
    public init?(_ fields: Fields) {
        guard let item = fields.integer(QualityItem.item) else { return nil }
        self.init(
            item: item,
            title: fields.text(QualityItem.title) ?? "",
            isRequired: fields.bool(QualityItem.isRequired) ?? true,
            unit: fields.text(QualityItem.unit),
            tolerance: Tolerance(
                low: DecimalNumber(fields[QualityItem.low]),
                high: DecimalNumber(fields[QualityItem.high])
            )
        )
    }
}
