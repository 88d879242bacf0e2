import Domain
import Testing

/// Numbers and units as people write them (DOM-35).
@Suite("Entered numbers")
struct EnteredTests {
    @Test(
        "TV-124 a decimal comma, full-width digits and blanks around are read",
        arguments: [
            ("12,5", "12.5"), ("１２．５", "12.5"), ("１２，５", "12.5"), ("0,500", "0.500"),
            ("-0,42", "-0.42"), ("－0.42", "-0.42"), ("\u{2212}3", "-3"), ("+7", "7"),
            (" 0.42\u{3000}", "0.42"), ("1.000", "1.000"), ("12,34", "12.34"),
            ("1234,567", "1234.567"), ("0,001", "0.001"), ("12,3456", "12.3456"),
        ]
    )
    func read(entered: String, number: String) throws {
        #expect(try DecimalNumber(entered: entered).description == number)
    }

    @Test(
        "TV-124 what may be thousands is refused, as is what is no number",
        arguments: [
            ("1,000", .thousands), ("12,345", .thousands), ("-1,234", .thousands),
            ("1.234,5", .thousands), ("1,234.5", .thousands), ("1.234.567", .thousands),
            ("1 234", .thousands), ("1'234", .thousands), ("1\u{a0}234,5", .thousands),
            ("１，０００", .thousands), ("1_000", .thousands),
            ("", .notANumber), (",5", .notANumber), ("5,", .notANumber), ("1..2", .notANumber),
            ("a,b c", .notANumber), ("1e3", .notANumber), ("٣", .notANumber), ("--1", .notANumber),
            ("一", .notANumber), ("½", .notANumber), (",", .notANumber), ("1, ,2", .notANumber),
            ("1234567890,123456789", .tooManyDigits), ("１２３４５６７８９０１２３４５６７８９", .tooManyDigits),
        ] as [(String, RuleFault.Code)]
    )
    func refused(entered: String, code: RuleFault.Code) {
        let fault = #expect(throws: RuleFault.self) { try DecimalNumber(entered: entered) }
        #expect(fault?.code == code)
    }

    @Test("TV-127 a unit is the same in full-width letters and with either sign for micro")
    func units() {
        #expect(UnitText.isSame("ｍｍ", "mm"))
        #expect(UnitText.isSame("\u{3bc}m", "\u{b5}m"))
        #expect(UnitText.isSame("\u{2126}", "\u{3a9}"))
        #expect(UnitText.isSame("ml / min", "ml/min"))
        #expect(UnitText.isSame(nil, ""))
        #expect(!UnitText.isSame("mW", "MW"))
        #expect(!UnitText.isSame("mm", "cm"))
    }

    @Test("TV-127 a value is judged in its unit, and in no other")
    func judged() throws {
        let item = ItemDefinition(
            item: 1,
            title: "Gap",
            unit: "mm",
            tolerance: Tolerance(high: try DecimalNumber(typed: "0.5")),
            kind: .measurement
        )
        let judged = try QualityRules.judge("０，５０", unit: "ｍｍ", for: item)
        #expect(judged.outcome == .pass)
        for unit in ["in", "V", "kg", "furlong", ""] {
            let fault = #expect(throws: RuleFault.self) {
                try QualityRules.judge("0.5", unit: unit, for: item)
            }
            #expect(fault?.code == .wrongUnit, "\(unit)")
        }
    }

    @Test(
        "TV-127 a metric unit of the same quantity is converted exactly (DOM-138)",
        arguments: [
            ("0.05", "cm", "mm", "0.5"), ("0,05", "ｃｍ", "mm", "0.5"), ("500", "µm", "mm", "0.500"),
            ("500", "um", "mm", "0.500"), ("0.42", "L/min", "ml/min", "420"),
            ("420", "ml/min", "l/min", "0.420"), ("1.5", "bar", "kPa", "150"),
            ("-3.50", "kV", "V", "-3500"), ("12", "mbar", "hPa", "12"), ("0", "km", "nm", "0"),
            ("2", "MW", "mW", "2000000000"), ("7", "kΩ", "\u{2126}", "7000"),
        ]
    )
    func converted(typed: String, unit: String, own: String, expected: String) throws {
        let item = ItemDefinition(item: 1, title: "x", unit: own, kind: .measurement)
        let judged = try QualityRules.judge(typed, unit: unit, for: item)
        #expect(judged.value.description == expected)
    }

    @Test("TV-127 a conversion that needs more digits than there are is refused")
    func tooLong() throws {
        let item = ItemDefinition(item: 1, title: "x", unit: "nm", kind: .measurement)
        let fault = #expect(throws: RuleFault.self) {
            try QualityRules.judge("999999999999999999", unit: "km", for: item)
        }
        #expect(fault?.code == .tooManyDigits)
        let small = ItemDefinition(item: 1, title: "x", unit: "km", kind: .measurement)
        let other = #expect(throws: RuleFault.self) {
            try QualityRules.judge("0.123456789012345678", unit: "nm", for: small)
        }
        #expect(other?.code == .tooManyDigits)
    }

    @Test(
        "TV-124 limits about a nominal value are exact, one- or two-sided, and may be half open",
        arguments: [
            ("10", "0.1", "0.25", "9.9", true), ("10", "0.1", "0.25", "9.899", false),
            ("10", "0.1", "0.25", "10.250", true), ("10", "0.1", "0.25", "10.2501", false),
            ("10", nil, "0.25", "-99", true), ("10", nil, "0.25", "10.26", false),
            ("10", "0.1", nil, "99999", true), ("10", "0.1", nil, "9.89", false),
            ("-1.5", "0.5", "0", "-2", true), ("-1.5", "0.5", "0", "-1.4", false),
        ] as [(String, String?, String?, String, Bool)]
    )
    func nominal(
        nominal: String,
        minus: String?,
        plus: String?,
        value: String,
        isInside: Bool
    ) throws {
        let tolerance = try #require(
            Tolerance(
                nominal: try DecimalNumber(typed: nominal),
                minus: try minus.map(DecimalNumber.init(typed:)),
                plus: try plus.map(DecimalNumber.init(typed:))
            )
        )
        #expect(tolerance.admits(try DecimalNumber(typed: value)) == isInside)
    }

    @Test("TV-124 an excluded limit fails the value that equals it, however it is written")
    func halfOpen() throws {
        let low = try DecimalNumber(typed: "1.0")
        let high = try DecimalNumber(typed: "2")
        let open = Tolerance(low: low, high: high, excludesLow: true)
        #expect(!open.admits(try DecimalNumber(typed: "1.000")))
        #expect(open.admits(try DecimalNumber(typed: "1.0001")))
        #expect(open.admits(try DecimalNumber(typed: "2.00")))
        #expect(!Tolerance(high: high, excludesHigh: true).admits(high))
        #expect(!Tolerance(low: high, high: low).isPossible)
        #expect(!Tolerance(low: low, high: low, excludesHigh: true).isPossible)
        #expect(Tolerance(low: low, high: low).isPossible)
    }

    @Test("TV-124 sums that a decimal cannot hold are refused, never wrapped")
    func overflow() throws {
        let most = try #require(DecimalNumber(mantissa: .max, scale: 0))
        let least = try #require(DecimalNumber(mantissa: .min, scale: 18))
        let one = try DecimalNumber(typed: "1")
        let fine = try #require(DecimalNumber(mantissa: 1, scale: 18))
        #expect(most.adding(one) == nil)
        #expect(most.adding(fine) == nil)
        #expect(least.negated == nil)
        #expect(Tolerance(nominal: most, minus: nil, plus: one) == nil)
        #expect(Tolerance(nominal: one, minus: least, plus: nil) == nil)
        #expect(one.adding(try DecimalNumber(typed: "0.50"))?.description == "1.50")
    }
}
