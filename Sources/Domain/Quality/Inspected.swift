/// What an inspection comes to: the fold of its items.
///
/// - Source: DOM-22.
public struct Inspected: Hashable, Sendable {
    public enum Result: String, Hashable, Sendable, CaseIterable {
        case pending = "PENDING"
        case pass = "PASS"
        case fail = "FAIL"
    }

    public let result: Result
    /// Required items that passed, of those that apply, in hundredths of a percent; 10000 if none
    /// applies.
    public let passBasisPoints: Int
    /// Items that count as failed, required or not, ascending.
    public let failed: [Int64]
    /// Items whose measurements disagree, ascending.
    public let conflicts: [Int64]
    /// Required items without a measurement, ascending.
    public let pending: [Int64]

    /// - Parameters:
    ///   - items: The items of the process, each number once.
    ///   - measured: What was found, by item; others are pending.
    ///   - passThreshold: Hundredths of a percent of the required items that must pass.
    public init(
        _ items: [ItemDefinition],
        measured: [Int64: Measured],
        passThreshold: Int64 = 10_000
    ) {
        let results = items.map { ($0, measured[$0.item]?.result ?? .pending) }
            .sorted { $0.0.item < $1.0.item }
        failed = results.filter { $0.1.countsAsFail }.map(\.0.item)
        conflicts = results.filter { $0.1 == .conflict }.map(\.0.item)
        pending = results.filter { $0.0.isRequired && $0.1 == .pending }.map(\.0.item)

        let applicable = results.filter { $0.0.isRequired && $0.1 != .notApplicable }
        let passed = applicable.count { $0.1 == .pass }
        let lost = applicable.count { $0.1.countsAsFail }
        let threshold = Int(clamping: passThreshold)
        passBasisPoints = Self.share(passed, of: applicable.count)
        if Self.share(applicable.count - lost, of: applicable.count) < threshold {
            result = .fail
        } else {
            result = pending.isEmpty ? .pass : .pending
        }
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

    private static func share(_ part: Int, of whole: Int) -> Int {
        whole == 0 ? 10_000 : part * 10_000 / whole
    }
}
