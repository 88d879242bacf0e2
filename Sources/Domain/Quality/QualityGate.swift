public import CRDT

/// An inspection as a gate reads it.
public struct InspectionStanding: Hashable, Sendable {
    public let id: ID
    public let build: String
    /// The code of its plan.
    public let plan: String
    public let version: Int64
    /// From 1.
    public let attempt: Int64
    /// What it shows: ``Inspected/shown(declared:)``.
    public let shown: String

    public init(
        _ id: ID,
        build: String,
        plan: String,
        version: Int64,
        attempt: Int64,
        shown: String
    ) {
        self.id = id
        self.build = build
        self.plan = plan
        self.version = version
        self.attempt = attempt
        self.shown = shown
    }

    /// Whether work may go on: passed, waived or passed under conditions; a word of a newer version
    /// is none of these.
    public var isPassed: Bool { Inspected.Result(rawValue: shown)?.isPassed ?? false }
}

/// Whether the quality of a subject holds a stage or sub-stage: a value, not an event.
///
/// - Source: DOM-78.
public struct QualityGate: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// Nobody has opened the inspection.
        case missing(plan: String, build: String)
        /// The last attempt has not passed.
        case notPassed(inspection: ID, plan: String, build: String, shown: String)
        /// The code of a critical defect that is not closed.
        case criticalDefect(String)
    }

    /// What holds it, by plan, build and defect; empty: nothing.
    public let reasons: [Reason]

    /// - Parameters:
    ///   - slug: A stage or sub-stage that is to be left or finished; nil: whatever the plans hold.
    ///   - plans: The active plans, at their latest versions.
    ///   - builds: The builds of the subject.
    ///   - inspections: Those of the subject.
    ///   - defects: The defects of the subject, by code.
    public init(
        of slug: String?,
        plans: [CheckPlan],
        builds: some Sequence<String>,
        inspections: [InspectionStanding],
        defects: [String: DefectProgress]
    ) {
        var reasons: [Reason] = []
        let builds = Set(builds).sorted()
        let holding = plans.filter { slug.map($0.holds.contains) ?? !$0.holds.isEmpty }
        for plan in Set(holding.map(\.code)).sorted() {
            for build in builds {
                let own = inspections.filter { $0.plan == plan && $0.build == build }
                reasons += Self.reasons(plan, build, own)
            }
        }
        reasons += defects.filter(\.value.holdsWork).keys.sorted().map(Reason.criticalDefect)
        self.reasons = reasons
    }

    public var isHeld: Bool { !reasons.isEmpty }

    /// - Throws: `qualityHolds`, with the first reasons.
    public func check() throws(RuleFault) {
        guard isHeld else { return }
        let words = reasons.prefix(3).map(\.words).joined(separator: "; ")
        throw RuleFault(.qualityHolds, words)
    }

    /// All inspections of the greatest attempt must have passed: two may have been opened at once,
    /// by different versions of the plan.
    private static func reasons(
        _ plan: String,
        _ build: String,
        _ inspections: [InspectionStanding]
    ) -> [Reason] {
        guard let last = inspections.map(\.attempt).max() else {
            return [.missing(plan: plan, build: build)]
        }
        return inspections.filter { $0.attempt == last && !$0.isPassed }
            .sorted { ($0.version, $0.id) < ($1.version, $1.id) }
            .map { open in
                .notPassed(inspection: open.id, plan: plan, build: build, shown: open.shown)
            }
    }
}

extension QualityGate.Reason {
    /// The reason in words, for a message.
    public var words: String {
        switch self {
        case .missing(let plan, let build): "\(plan) of \(build) was not inspected"
        case .notPassed(_, let plan, let build, let shown): "\(plan) of \(build) is \(shown)"
        case .criticalDefect(let code): "critical defect \(code) is open"
        }
    }
}

/// The share of inspections that passed.
public enum PassRate {
    /// - Parameter shown: What each inspection shows; those that are pending have no part in it.
    /// - Returns: Hundredths of a percent, rounded down; nil if none is decided.
    /// - Source: DOM-79.
    public static func basisPoints(of shown: some Sequence<String>) -> Int? {
        let decided = shown.filter { $0 != Inspected.Result.pending.rawValue }
        guard !decided.isEmpty else { return nil }
        let passed = decided.count { Inspected.Result(rawValue: $0)?.isPassed ?? false }
        return passed * 10_000 / decided.count
    }
}
