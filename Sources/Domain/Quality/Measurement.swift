public import CRDT

/// What was found for one item of an inspection: one event of it.
///
/// Carries the limits it was judged by, so that its verdict depends on its own scope alone.
public struct Measurement: Fact {
    /// What the person or the value says.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        case pass = "PASS"
        case fail = "FAIL"
        /// The item does not apply.
        case notApplicable = "NA"
    }

    public static let number: UInt32 = 59
    public static let inspectionField: UInt32 = 1
    public static let itemField: UInt32 = 2
    public static let outcomeField: UInt32 = 3
    public static let valueField: UInt32 = 4
    public static let textField: UInt32 = 5
    public static let unitField: UInt32 = 6
    public static let lowField: UInt32 = 7
    public static let highField: UInt32 = 8
    public static let instrumentField: UInt32 = 9
    public static let commentField: UInt32 = 10
    public static let measuredByField: UInt32 = 11
    public static let sampleField: UInt32 = 12
    public static let excludesLowField: UInt32 = 13
    public static let excludesHighField: UInt32 = 14

    public static let entity = Entity(
        number,
        "qc_measurement",
        in: [.subject],
        form: .event(stream: [inspectionField, itemField]),
        fields: [
            Field(inspectionField, "inspection", .id, .fixed),
            Field(itemField, "item", .integer, .fixed),
            Field(outcomeField, "outcome", .text, .fixed),
            Field(valueField, "value", .decimal, .fixed),
            Field(textField, "text", .text, .fixed),
            Field(unitField, "unit", .text, .fixed),
            Field(lowField, "low", .decimal, .fixed),
            Field(highField, "high", .decimal, .fixed),
            Field(instrumentField, "instrument", .text, .fixed),
            Field(commentField, "comment", .text, .fixed),
            Field(measuredByField, "measured_by", .id, .fixed),
            Field(sampleField, "sample", .integer, .fixed),
            Field(excludesLowField, "excludes_low", .bool, .fixed),
            Field(excludesHighField, "excludes_high", .bool, .fixed),
        ],
        searched: [
            Searched(textField, .description), Searched(commentField, .description),
        ]
    )

    /// The record of the inspection.
    public var inspection: ID?
    public var item: Int64
    /// As written; nil: the event does nothing.
    public var outcomeText: String?
    public var value: DecimalNumber?
    /// What was seen, where nothing is measured.
    public var text: String?
    public var unit: String?
    public var tolerance: Tolerance
    public var instrument: String?
    public var comment: String?
    public var measuredBy: ID?
    /// Which of the samples of the item, from 1.
    public var sample: Int64

    /// Judges an item; ``QualityRules`` checks it before it is written.
    public init(
        inspection: ID,
        of definition: ItemDefinition,
        outcome: Outcome,
        value: DecimalNumber? = nil,
        unit: String? = nil,
        text: String? = nil,
        sample: Int64 = 1,
        measuredBy: ID
    ) {
        self.inspection = inspection
        item = definition.item
        outcomeText = outcome.rawValue
        self.value = value
        self.text = text
        self.unit = value == nil ? nil : unit ?? definition.unit
        tolerance = value == nil ? Tolerance() : definition.tolerance
        self.measuredBy = measuredBy
        self.sample = sample
    }

    public init(_ fields: Fields) {
        inspection = fields.id(Self.inspectionField)
        item = fields.integer(Self.itemField) ?? 0
        outcomeText = fields.text(Self.outcomeField)
        value = DecimalNumber(fields[Self.valueField])
        text = fields.text(Self.textField)
        unit = fields.text(Self.unitField)
        tolerance = Tolerance(
            low: DecimalNumber(fields[Self.lowField]),
            high: DecimalNumber(fields[Self.highField]),
            excludesLow: fields.bool(Self.excludesLowField) ?? false,
            excludesHigh: fields.bool(Self.excludesHighField) ?? false
        )
        instrument = fields.text(Self.instrumentField)
        comment = fields.text(Self.commentField)
        measuredBy = fields.id(Self.measuredByField)
        sample = max(1, fields.integer(Self.sampleField) ?? 1)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.inspectionField, inspection)
        values.set(Self.itemField, item)
        values.set(Self.outcomeField, outcomeText)
        values[Self.valueField] = value?.value
        values.set(Self.textField, text)
        values.set(Self.unitField, unit)
        values[Self.lowField] = tolerance.low?.value
        values[Self.highField] = tolerance.high?.value
        values.set(Self.instrumentField, instrument)
        values.set(Self.commentField, comment)
        values.set(Self.measuredByField, measuredBy)
        values.set(Self.sampleField, sample == 1 ? nil : sample)
        values.set(Self.excludesLowField, tolerance.excludesLow ? true : nil as Bool?)
        values.set(Self.excludesHighField, tolerance.excludesHigh ? true : nil as Bool?)
        return values
    }

    /// What counts: FAIL if the value lies outside its limits or the outcome is of a newer
    /// version, else the outcome as written (DOM-21).
    public var outcome: Outcome {
        let written = outcomeText.flatMap(Outcome.init) ?? .fail
        guard written == .pass, let value, !tolerance.admits(value) else { return written }
        return .fail
    }
}
