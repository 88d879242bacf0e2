import CRDT
import Domain
import Testing

/// Items, inspections and tolerances (DOM-20 to DOM-22).
@Suite("Measured")
struct MeasuredTests {
    private let inspection = id(900)
    private let leakTest: ItemDefinition

    init() throws {
        let limit = try DecimalNumber(typed: "0.50")
        leakTest = ItemDefinition(
            item: 4,
            title: "Leak test",
            unit: "ml/min",
            tolerance: Tolerance(high: limit)
        )
    }

    private func measure(_ typed: String) throws -> Measurement {
        let (value, outcome) = try QualityRules.judge(typed, for: leakTest)
        return Measurement(
            inspection: inspection,
            of: leakTest,
            outcome: try #require(outcome),
            value: value,
            measuredBy: id(1)
        )
    }

    @Test("S-03: a pass and a fail that did not know of each other are a conflict, and a fail")
    func conflict() throws {
        var history = History<Measurement>()
        history.add(try measure("0.42"), time: 7_200_000)
        history.add(try measure("0.71"), time: 300_000)

        let measured = Measured(history.stream)

        #expect(measured.result == .conflict)
        #expect(measured.result.countsAsFail)
        #expect(measured.heads.map(\.measurement.outcome) == [.fail, .pass])
        let inspected = Inspected([leakTest], measured: [4: measured])
        #expect(inspected.result == .fail)
        #expect(inspected.passBasisPoints == 0)
        #expect(inspected.conflicts == [4])
    }

    @Test("S-03: a measurement that has seen both settles it, and three stay on record")
    func settled() throws {
        var history = History<Measurement>()
        history.add(try measure("0.42"), time: 7_200_000)
        history.add(try measure("0.71"), time: 300_000)
        history.add(try measure("0.44"), seen: [0, 1], time: 400_000)

        let measured = Measured(history.stream)

        #expect(measured.result == .pass)
        #expect(measured.shown?.id == history[2])
        #expect(measured.count == 3)
        #expect(Inspected([leakTest], measured: [4: measured]).result == .pass)
    }

    @Test("a measurement that has seen one of two settles nothing")
    func seenOne() throws {
        var history = History<Measurement>()
        history.add(try measure("0.42"))
        history.add(try measure("0.71"))
        history.add(try measure("0.44"), seen: [0])

        #expect(Measured(history.stream).result == .conflict)
    }

    @Test("what is set aside stands for nothing, and what it replaced stands again")
    func setAside() throws {
        var history = History<Measurement>()
        history.add(try measure("0.71"))
        history.add(Measurement(Fields([:])), seen: [0])

        #expect(Measured(history.stream).result == .fail)
        #expect(Measured(Stream([])).result == .pending)
    }

    @Test(
        "a value is judged by its digits, never by a binary fraction",
        arguments: [
            ("0.42", true), ("0.5", true), ("0.50", true), ("0.500", true), ("0.5001", false),
            ("0.51", false), ("-1", true), ("0", true), ("999999999999999999", false),
            ("0.50000000000000001", false), ("0.49999999999999999", true),
        ]
    )
    func verdicts(typed: String, isPass: Bool) throws {
        let (value, outcome) = try QualityRules.judge(typed, for: leakTest)

        #expect(outcome == (isPass ? .pass : .fail))
        #expect(value.description == typed)
    }

    @Test("limits are included, and one may be open")
    func limits() throws {
        let low = try DecimalNumber(typed: "-0.10")
        let high = try DecimalNumber(typed: "0.1")

        #expect(Tolerance(low: low, high: high).admits(low))
        #expect(Tolerance(low: low, high: high).admits(high))
        #expect(!Tolerance(low: low).admits(try DecimalNumber(typed: "-0.11")))
        #expect(Tolerance(low: low).admits(try DecimalNumber(typed: "7")))
    }

    @Test(
        "what is no plain decimal is refused, and a comma says so",
        arguments: [
            ("0,42", RuleFault.Code.decimalComma), ("1,000", .decimalComma), ("", .notANumber),
            (".5", .notANumber), ("5.", .notANumber), ("1.2.3", .notANumber), (" 1", .notANumber),
            ("1e3", .notANumber), ("--1", .notANumber), ("０.42", .notANumber), ("+", .notANumber),
            ("1234567890123456789", .tooManyDigits),
        ]
    )
    func refused(typed: String, code: RuleFault.Code) {
        let fault = #expect(throws: RuleFault.self) { try DecimalNumber(typed: typed) }
        #expect(fault?.code == code)
    }

    @Test("a claimed pass outside the recorded limits is a fail, as is an unknown outcome")
    func claims() throws {
        var lie = try measure("0.71")
        lie.outcomeText = "PASS"
        #expect(lie.outcome == .fail)
        lie.outcomeText = "SPLENDID"
        #expect(lie.outcome == .fail)
        #expect(Measurement(Fields(of: lie.operation())) == lie)
    }

    @Test(
        "an inspection shows the more cautious of what was found and what was declared",
        arguments: [
            (nil, "PENDING"), ("PASS", "PENDING"), ("WAIVED", "PENDING"), ("FAIL", "FAIL"),
            ("CURSED", "CURSED"),
        ] as [(String?, String)]
    )
    func declared(declared: String?, shown: String) {
        #expect(Inspected([leakTest], measured: [:]).shown(declared: declared) == shown)
    }

    @Test("an inspection passes by its threshold, and fails as soon as it cannot be reached")
    func thresholds() throws {
        let items = (1...4).map { ItemDefinition(item: Int64($0), title: "item \($0)") }
        func measured(_ outcomes: [Int64: Measurement.Outcome]) -> [Int64: Measured] {
            outcomes.mapValues { outcome in
                var history = History<Measurement>()
                history.add(
                    Measurement(
                        inspection: inspection,
                        of: items[0],
                        outcome: outcome,
                        measuredBy: id(1)
                    )
                )
                return Measured(history.stream)
            }
        }

        let open = Inspected(items, measured: measured([1: .pass, 2: .pass]))
        #expect(open.result == .pending)
        #expect(open.pending == [3, 4])
        #expect(open.passBasisPoints == 5_000)

        let lost = measured([1: .fail])
        #expect(Inspected(items, measured: lost).result == .fail)
        #expect(Inspected(items, measured: lost, passThreshold: 7_500).result == .pending)

        let rest: [Int64: Measurement.Outcome] = [1: .fail, 2: .pass, 3: .pass, 4: .pass]
        #expect(Inspected(items, measured: measured(rest), passThreshold: 7_500).result == .pass)
        let without: [Int64: Measurement.Outcome] = [
            1: .notApplicable, 2: .pass, 3: .pass, 4: .pass,
        ]
        #expect(Inspected(items, measured: measured(without)).passBasisPoints == 10_000)
    }
}
