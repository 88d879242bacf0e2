/// What a measurement needs: asked before it is written, and again by the hub.
///
/// - Source: DOM-35, DOM-138.
public enum QualityRules {
    /// Judges a value that was typed for an item.
    ///
    /// - Parameters:
    ///   - typed: Such as "0.42" or "０，42".
    ///   - unit: As the person gave it; nil: that of the item. One that is a power of ten of that
    ///     is converted exactly.
    ///   - definition: The item, with its limits.
    /// - Returns: The value in the unit of the item, and what it says; no outcome where the item
    ///   has no limits.
    /// - Throws: `thousands`, `notANumber`, `tooManyDigits`, `wrongUnit`.
    public static func judge(
        _ typed: String,
        unit: String? = nil,
        for definition: ItemDefinition
    ) throws(RuleFault) -> (value: DecimalNumber, outcome: Measurement.Outcome?) {
        var value = try DecimalNumber(entered: typed)
        if let unit, !UnitText.isSame(unit, definition.unit) {
            guard let exponent = UnitText.exponent(from: unit, to: definition.unit) else {
                throw wrongUnit(definition)
            }
            value = try value.scaled(byTenToThe: exponent)
        }
        guard !definition.tolerance.isEmpty else { return (value, nil) }
        return (value, definition.tolerance.admits(value) ? .pass : .fail)
    }

    /// Checks a measurement of an item as it was shown to the person.
    ///
    /// - Parameters:
    ///   - measurement: What is to be written.
    ///   - definition: The item of the process; nil: the process has none of that number.
    ///   - shown: The item as it was shown. In conflict, only a lead settles it.
    ///   - person: Who measures.
    /// - Throws: `notAllowed`, `unknownItem`, `wrongUnit`, `outcomeDiffers`, `unknownValue`,
    ///   `reasonRequired` for NA, or for a failure that is seen, without a comment, `empty` for
    ///   nothing found, `tooLong`, `unknownSample`.
    public static func check(
        _ measurement: Measurement,
        of definition: ItemDefinition?,
        shown: Measured,
        by person: Standing
    ) throws(RuleFault) {
        let act: Act = shown.result == .conflict ? .settleMeasurement : .measure
        try act.check(person)
        guard let definition, definition.item == measurement.item else {
            throw RuleFault(.unknownItem, "the process has no item \(measurement.item)")
        }
        guard let outcome = measurement.outcomeText.flatMap(Measurement.Outcome.init) else {
            throw RuleFault(.unknownValue, "an outcome is PASS, FAIL or NA")
        }
        try TextRule.comment(measurement.comment)
        try TextRule.comment(measurement.text)
        guard (1...definition.sampling.size).contains(measurement.sample) else {
            let size = definition.sampling.size
            throw RuleFault(.unknownSample, "item \(definition.item) has \(size) samples")
        }
        if outcome == .notApplicable {
            try TextRule.reason(measurement.comment)
        } else if !definition.tolerance.isEmpty || definition.kind == .measurement {
            try checkValue(measurement, outcome, definition)
        } else if definition.kind != nil, outcome == .fail {
            try TextRule.reason(measurement.comment ?? measurement.text)
        }
    }

    private static func checkValue(
        _ measurement: Measurement,
        _ outcome: Measurement.Outcome,
        _ definition: ItemDefinition
    ) throws(RuleFault) {
        guard let value = measurement.value else {
            throw RuleFault(.empty, "item \(definition.item) is measured: give its value")
        }
        guard UnitText.isSame(measurement.unit, definition.unit) else {
            throw wrongUnit(definition)
        }
        guard !definition.tolerance.isEmpty else { return }
        let isInside = definition.tolerance.admits(value)
        guard measurement.tolerance == definition.tolerance, isInside == (outcome == .pass) else {
            throw RuleFault(.outcomeDiffers, "the value says \(isInside ? "PASS" : "FAIL")")
        }
    }

    private static func wrongUnit(_ definition: ItemDefinition) -> RuleFault {
        RuleFault(.wrongUnit, "item \(definition.item) is in \(definition.unit ?? "no unit")")
    }
}
