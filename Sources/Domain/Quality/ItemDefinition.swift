import CRDT

/// One item of a check plan as a rule reads it.
public struct ItemDefinition: Hashable, Sendable {
    /// How an item is judged.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case visual = "VISUAL"
        /// By its value: one is needed, and the limits judge it.
        case measurement = "MEASUREMENT"
        case functional = "FUNCTIONAL"
        case documentation = "DOCUMENTATION"

        /// Reads a kind, with the longer names that some files use.
        public init?(word: String) {
            switch word {
            case "VISUAL_INSPECTION": self = .visual
            case "FUNCTIONAL_TEST": self = .functional
            default: self.init(rawValue: word)
            }
        }
    }

    /// How many of a lot are looked at, and how many of them may fail.
    public struct Sampling: Hashable, Sendable {
        /// Most samples of an item.
        public static let sizeMax: Int64 = 1_000

        /// From 1.
        public let size: Int64
        /// Failed samples that the item still passes with; below the size.
        public let accepted: Int64

        public init(size: Int64 = 1, accepted: Int64 = 0) {
            self.size = max(1, min(size, Self.sizeMax))
            self.accepted = max(0, min(accepted, self.size - 1))
        }

        /// The samples that a lot asks for: all of one that is smaller.
        public func size(ofLot lot: Int64?) -> Int64 { max(1, min(size, lot ?? size)) }
    }

    public let item: Int64
    public let title: String
    public let isRequired: Bool
    public let unit: String?
    public let tolerance: Tolerance
    /// Nil: the plan is of an older version, and the limits alone say how.
    public var kind: Kind?
    public var sampling = Sampling()
    /// What must be attached before the inspection passes.
    public var evidence: Set<Evidence.Kind> = []
    public var nominal: DecimalNumber?
    public var category: String?
    public var procedure: String?
    public var expected: String?
    public var tools: Set<String> = []

    public init(
        item: Int64,
        title: String,
        isRequired: Bool = true,
        unit: String? = nil,
        tolerance: Tolerance = Tolerance(),
        kind: Kind? = nil
    ) {
        self.item = item
        self.title = title
        self.isRequired = isRequired
        self.unit = unit
        self.tolerance = tolerance
        self.kind = kind
    }

    /// Reads a record of ``QualityItem``; nil without an item number.
    public init?(_ fields: Fields) {
        guard let item = fields.integer(QualityItem.item) else { return nil }
        self.init(
            item: item,
            title: fields.text(QualityItem.title) ?? "",
            isRequired: fields.bool(QualityItem.isRequired) ?? true,
            unit: fields.text(QualityItem.unit),
            tolerance: Self.tolerance(fields),
            kind: fields.text(QualityItem.kind).flatMap(Kind.init(word:))
        )
        sampling = Sampling(
            size: fields.integer(QualityItem.sampleSize) ?? 1,
            accepted: fields.integer(QualityItem.acceptNumber) ?? 0
        )
        for (field, kind) in Self.evidenceFields where fields.bool(field) == true {
            evidence.insert(kind)
        }
        nominal = DecimalNumber(fields[QualityItem.nominal])
        category = fields.text(QualityItem.category)
        procedure = fields.text(QualityItem.procedure)
        expected = fields.text(QualityItem.expected)
        tools = fields.texts(QualityItem.tools)
    }

    /// What creating the item sets, as part of a plan.
    public func values(process: String, version: Int64) -> FieldValues {
        var values = FieldValues()
        values.set(QualityItem.process, process)
        values.set(QualityItem.processVersion, version)
        values.set(QualityItem.item, item)
        values.set(QualityItem.title, title)
        values.set(QualityItem.category, category)
        values.set(QualityItem.isRequired, isRequired)
        values.set(QualityItem.unit, unit)
        values[QualityItem.low] = tolerance.low?.value
        values[QualityItem.high] = tolerance.high?.value
        values.set(QualityItem.excludesLow, tolerance.excludesLow ? true : nil as Bool?)
        values.set(QualityItem.excludesHigh, tolerance.excludesHigh ? true : nil as Bool?)
        values[QualityItem.nominal] = nominal?.value
        values.set(QualityItem.kind, kind?.rawValue)
        values.set(QualityItem.expected, expected)
        values.set(QualityItem.procedure, procedure)
        values.add(QualityItem.tools, tools.map(Value.text))
        values.set(QualityItem.sampleSize, sampling.size == 1 ? nil : sampling.size)
        values.set(QualityItem.acceptNumber, sampling.accepted == 0 ? nil : sampling.accepted)
        for (field, kind) in Self.evidenceFields where evidence.contains(kind) {
            values.set(field, true as Bool?)
        }
        return values
    }

    private static let evidenceFields: [(UInt32, Evidence.Kind)] = [
        (QualityItem.photoRequired, .photo), (QualityItem.documentRequired, .document),
        (QualityItem.signatureRequired, .signature),
    ]

    /// The limits as they are written; limits that cannot be read admit nothing.
    private static func tolerance(_ fields: Fields) -> Tolerance {
        let low = DecimalNumber(fields[QualityItem.low])
        let high = DecimalNumber(fields[QualityItem.high])
        guard (low == nil) == (fields[QualityItem.low] == nil),
            (high == nil) == (fields[QualityItem.high] == nil)
        else { return .impossible }
        return Tolerance(
            low: low,
            high: high,
            excludesLow: fields.bool(QualityItem.excludesLow) ?? false,
            excludesHigh: fields.bool(QualityItem.excludesHigh) ?? false
        )
    }
}
