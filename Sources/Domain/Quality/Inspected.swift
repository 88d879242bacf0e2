import CRDT

/// What an inspection comes to: the fold of its items.
///
/// - Source: DOM-22, DOM-71 to DOM-74.
public struct Inspected: Hashable, Sendable {
    public enum Result: String, Hashable, Sendable, CaseIterable {
        case pending = "PENDING"
        case pass = "PASS"
        /// It passes because failed items were accepted by the hub.
        case waived = "WAIVED"
        /// It passes because failed items were accepted by the hub under conditions.
        case conditionalPass = "CONDITIONAL_PASS"
        case fail = "FAIL"

        /// Whether work may go on.
        public var isPassed: Bool { self != .pending && self != .fail }
    }

    /// How far the inspection is, in the words of a checklist.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case pending = "PENDING"
        case inProgress = "IN_PROGRESS"
        case passed = "PASSED"
        case failed = "FAILED"
        case waived = "WAIVED"
    }

    /// Something that must still be attached.
    public struct Requirement: Hashable, Sendable {
        public let item: Int64
        public let kind: Evidence.Kind
    }

    public let result: Result
    public let status: Status
    /// Required items that passed, of those that apply, in hundredths of a percent; 10000 if none
    /// applies.
    public let passBasisPoints: Int
    /// Items that count as failed and are not waived, required or not, ascending.
    public let failed: [Int64]
    /// Items whose measurements disagree, ascending.
    public let conflicts: [Int64]
    /// Required items that are not measured whole, ascending.
    public let pending: [Int64]
    /// Failed items that the hub accepted, ascending.
    public let waived: [Int64]
    /// What must still be attached, by item and kind.
    public let requirements: [Requirement]

    /// - Parameters:
    ///   - items: The items of the plan, each number once.
    ///   - measured: What was found, by item; others are pending.
    ///   - passThreshold: Hundredths of a percent of the required items that must pass.
    ///   - evidence: What was attached, by item: see ``Evidence/provided(_:measured:)``.
    ///   - waivers: What the hub accepted.
    ///   - criticalDefects: How many open critical defects name the inspection.
    public init(
        _ items: [ItemDefinition],
        measured: [Int64: Measured],
        passThreshold: Int64 = 10_000,
        evidence: [Int64: Set<Evidence.Kind>] = [:],
        waivers: Waivers = .none,
        criticalDefects: Int = 0
    ) {
        let judged = items.map { Judged($0, measured[$0.item], waivers) }
            .sorted { $0.item.item < $1.item.item }
        failed = judged.filter(\.isLost).map(\.item.item)
        conflicts = judged.filter { $0.result == .conflict }.map(\.item.item)
        pending = judged.filter { $0.item.isRequired && $0.result == .pending }.map(\.item.item)
        waived = judged.filter { $0.waiver != nil }.map(\.item.item)
        requirements = judged.flatMap { $0.requirements(evidence[$0.item.item] ?? []) }

        let applicable = judged.filter(\.applies)
        let passed = applicable.count { $0.result == .pass }
        let lost = applicable.count(where: \.isLost)
        let threshold = Int(clamping: passThreshold)
        passBasisPoints = Self.share(passed, of: applicable.count)
        let isLost = Self.share(applicable.count - lost, of: applicable.count) < threshold
        let decisions = Set(judged.compactMap(\.waiver))
        if isLost || criticalDefects > 0 {
            result = .fail
        } else if !pending.isEmpty || !requirements.isEmpty {
            result = .pending
        } else if decisions.contains(.conditionalPass) {
            result = .conditionalPass
        } else {
            result = decisions.isEmpty ? .pass : .waived
        }
        status = Self.status(result, isStarted: judged.contains { $0.isStarted })
    }

    /// What an inspection shows: the more cautious of this and what an inspector declared.
    ///
    /// - Parameter declared: The shown value of ``Inspection/result``; nil if nobody declared one.
    /// - Returns: One of ``Inspection/results``, or a declared value of a newer version.
    public func shown(declared: String?) -> String {
        guard let declared else { return result.rawValue }
        let order = Inspection.results
        let own = order.firstIndex(of: result.rawValue) ?? 0
        return (order.firstIndex(of: declared) ?? .max) > own ? declared : result.rawValue
    }

    private static func status(_ result: Result, isStarted: Bool) -> Status {
        switch result {
        case .pending: isStarted ? .inProgress : .pending
        case .pass: .passed
        case .fail: .failed
        case .waived, .conditionalPass: .waived
        }
    }

    private static func share(_ part: Int, of whole: Int) -> Int {
        whole == 0 ? 10_000 : part * 10_000 / whole
    }
}

/// An item with what was found, and whether the hub accepted it.
private struct Judged {
    let item: ItemDefinition
    let result: Measured.Result
    let isStarted: Bool
    let waiver: Waiver.Decision?

    init(_ item: ItemDefinition, _ measured: Measured?, _ waivers: Waivers) {
        self.item = item
        result = measured?.result ?? .pending
        isStarted = (measured?.count ?? 0) > 0
        guard let measured, result.countsAsFail,
            measured.isCovered(by: Set(waivers.accepted.keys))
        else {
            waiver = nil
            return
        }
        let decisions = measured.failing.compactMap { waivers.accepted[$0] }
        waiver = decisions.contains(.conditionalPass) ? .conditionalPass : .waived
    }

    /// Whether the item fails the inspection.
    var isLost: Bool { result.countsAsFail && waiver == nil }

    /// Whether the item has a part in the share that passed.
    var applies: Bool { item.isRequired && result != .notApplicable && waiver == nil }

    /// What must be attached and is not; an optional item asks for it once it is measured.
    func requirements(_ provided: Set<Evidence.Kind>) -> [Inspected.Requirement] {
        guard result != .notApplicable, item.isRequired || isStarted else { return [] }
        return item.evidence.subtracting(provided).sorted()
            .map { Inspected.Requirement(item: item.item, kind: $0) }
    }
}
