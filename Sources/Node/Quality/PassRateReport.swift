import CRDT
import Domain
import Storage

/// How many inspections passed, of those that this node holds.
///
/// From the inspections themselves, never from documents about them (FP-141).
///
/// JSON: `{"inspections", "decided", "passed", "pass_rate", "plans": [{"process", "inspections",
/// "decided", "passed", "pass_rate"}]}`; rates in hundredths of a percent, null if none is decided.
public struct PassRateReport: Sendable {
    /// The results, by the code of the plan.
    private let shown: [String: [String]]

    init(of inspections: [InspectionView]) {
        shown = Dictionary(grouping: inspections, by: \.process).mapValues { $0.map(\.result) }
    }

    /// Hundredths of a percent of all that are decided; nil if none is.
    public var basisPoints: Int? { PassRate.basisPoints(of: shown.values.joined()) }

    public var json: JSON {
        let plans = shown.keys.sorted().map { code -> JSON in
            let json: JSON = ["process": .text(code)]
            return Self.adding(shown[code] ?? [], to: json)
        }
        return Self.adding(Array(shown.values.joined()), to: .object([]))
            .with("plans", .list(plans))
    }

    public var lines: [String] {
        guard !shown.isEmpty else { return ["no inspections yet"] }
        var table = Table("PLAN", "INSPECTIONS", "RATE")
        for code in shown.keys.sorted() {
            let results = shown[code] ?? []
            table.add(code, "\(results.count)", Self.percent(PassRate.basisPoints(of: results)))
        }
        return table.lines + ["all: \(Self.percent(basisPoints))"]
    }

    private static func percent(_ points: Int?) -> String {
        let share = points.flatMap { DecimalNumber(mantissa: Int64($0), scale: 2) }
        return share.map { "\($0) %" } ?? "-"
    }

    private static func adding(_ results: [String], to json: JSON) -> JSON {
        let decided = results.filter { $0 != Inspected.Result.pending.rawValue }
        let passed = decided.count { Inspected.Result(rawValue: $0)?.isPassed ?? false }
        let rate = PassRate.basisPoints(of: results)
        return json.with("inspections", .number(results.count))
            .with("decided", .number(decided.count)).with("passed", .number(passed))
            .with("pass_rate", .integer(orNull: rate.map(Int64.init)))
    }
}

extension LocalNode {
    /// How many inspections passed: of a project, or of everything that this node holds.
    ///
    /// - Throws: `.notFound`.
    public func passRate(of project: String? = nil) throws -> PassRateReport {
        try read { view in
            if let project {
                let project = try view.project(named: project)
                return PassRateReport(of: try view.inspections(of: project))
            }
            let all = try view.projectRecords().flatMap { scope, record in
                try view.inspections(of: try ProjectView(record, in: scope, on: view))
            }
            return PassRateReport(of: all)
        }
    }
}
