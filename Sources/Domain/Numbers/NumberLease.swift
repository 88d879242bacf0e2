public import CRDT

/// A range of numbers that one replica of a device may give out, without asking anybody.
///
/// The replica asks for it by creating the record; a hub says which numbers they are. A restored or
/// copied device is another replica: it has to ask anew, and what is left of the old range is left.
///
/// - Source: DOM-120 to DOM-122.
public struct NumberLease: Hashable, Sendable {
    public static let number: UInt32 = 47
    public static let prefixField: UInt32 = 1
    public static let replicaField: UInt32 = 2
    public static let ordinalField: UInt32 = 3
    public static let digitsField: UInt32 = 4
    public static let firstField: UInt32 = 5
    public static let lastField: UInt32 = 6

    public static let entity = Entity(
        number,
        "number_lease",
        in: [.tenant, .site],
        form: .entity(key: [prefixField, replicaField, ordinalField]),
        fields: [
            Field(prefixField, "prefix", .text, .fixed),
            Field(replicaField, "replica", .id, .fixed),
            Field(ordinalField, "ordinal", .integer, .fixed),
            Field(digitsField, "digits", .integer, .fixed),
            Field(firstField, "first", .integer, .authority),
            Field(lastField, "last", .integer, .authority),
        ]
    )

    public let series: NumberSeries
    public let replica: ID
    /// Which lease of the replica it is, from 1.
    public let ordinal: Int64
    /// What a hub granted; nil: nothing yet.
    public let range: ClosedRange<Int64>?

    public init(
        _ series: NumberSeries,
        replica: ID,
        ordinal: Int64,
        range: ClosedRange<Int64>? = nil
    ) {
        self.series = series
        self.replica = replica
        self.ordinal = ordinal
        self.range = range
    }

    /// Nil for a record that is none; a range that the series cannot hold is none granted.
    public init?(_ fields: Fields) {
        guard let prefix = fields.text(Self.prefixField),
            let replica = fields.id(Self.replicaField),
            let ordinal = fields.integer(Self.ordinalField),
            let series = NumberSeries(prefix, digits: fields.integer(Self.digitsField) ?? 6)
        else { return nil }
        let first = fields.integer(Self.firstField) ?? 0
        let last = fields.integer(Self.lastField) ?? 0
        let isRange = first >= 1 && first <= last && last <= series.greatest
        self.init(
            series,
            replica: replica,
            ordinal: ordinal,
            range: isRange ? first...last : nil
        )
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.prefixField, series.prefix)
        values.set(Self.replicaField, replica)
        values.set(Self.ordinalField, ordinal)
        values.set(Self.digitsField, series.digits)
        values.set(Self.firstField, range?.lowerBound)
        values.set(Self.lastField, range?.upperBound)
        return values
    }
}

/// What numbers of one kind look like: PRJ- and six digits.
public struct NumberSeries: Hashable, Sendable {
    public let prefix: String
    /// From 1 to 9.
    public let digits: Int64

    /// Numbers of projects.
    public static let projects = NumberSeries(checked: "PRJ-", digits: 6)
    /// Numbers of tasks.
    public static let tasks = NumberSeries(checked: "T-", digits: 6)

    /// Nil for digits that are not 1 to 9, and for a prefix that is empty, long or ends in a digit.
    public init?(_ prefix: String, digits: Int64) {
        let isWord = prefix.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        guard (1...9).contains(digits), isWord, (1...16).contains(prefix.utf8.count),
            !(prefix.utf8.last.map { (0x30...0x39).contains($0) } ?? true)
        else { return nil }
        self.init(checked: prefix, digits: digits)
    }

    private init(checked prefix: String, digits: Int64) {
        self.prefix = prefix
        self.digits = digits
    }

    /// The greatest number: after it the series is used up.
    public var greatest: Int64 { (0..<digits).reduce(1) { power, _ in power * 10 } - 1 }

    /// A number as people read it, such as PRJ-000123.
    public func text(_ number: Int64) -> String {
        let text = String(number)
        return prefix + String(repeating: "0", count: max(0, Int(digits) - text.utf8.count)) + text
    }

    /// The number that a text is; nil for any other text.
    public func number(_ text: String) -> Int64? {
        guard text.hasPrefix(prefix) else { return nil }
        let digits = text.utf8.dropFirst(prefix.utf8.count)
        guard digits.count == self.digits, digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1) - 0x30 }
    }
}
