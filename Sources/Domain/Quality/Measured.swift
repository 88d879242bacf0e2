public import CRDT

/// Where an item of an inspection stands: the fold of its measurements.
///
/// Measurements of one sample that did not know of each other stand side by side. If they disagree
/// the sample is in conflict and counts as failed, until someone who has seen them all measures
/// again.
///
/// - Source: DOM-20, DOM-70.
public struct Measured: Hashable, Sendable {
    public enum Result: String, Hashable, Sendable, CaseIterable {
        case pending = "PENDING"
        case pass = "PASS"
        case fail = "FAIL"
        case notApplicable = "NA"
        case conflict = "CONFLICT"

        /// Whether the item counts as failed.
        public var countsAsFail: Bool { self == .fail || self == .conflict }
    }

    /// A measurement that stands.
    public struct Head: Hashable, Sendable {
        /// The id of its event.
        public let id: ID
        public let measurement: Measurement
    }

    /// One of those looked at.
    public struct Sample: Hashable, Sendable {
        /// From 1.
        public let number: Int64
        public let result: Result
        /// The measurements that no other of the sample had seen, by rank.
        public let heads: [Head]
    }

    public let result: Result
    /// The samples that were measured, by number.
    public let samples: [Sample]
    /// How many samples the lot asks for.
    public let size: Int64
    /// The measurements that stand, by rank; the last is the one that is shown.
    public let heads: [Head]
    /// How many measurements are on record.
    public let count: Int
    /// Failed samples that the item passes with.
    private let accepted: Int64

    /// - Parameters:
    ///   - stream: The measurements of one item.
    ///   - sampling: How many samples it has, and how many may fail.
    ///   - lot: How many there are of what is inspected.
    public init(
        _ stream: Stream<Measurement>,
        sampling: ItemDefinition.Sampling = .init(),
        lot: Int64? = nil
    ) {
        let counting = stream.entries.filter { $0.event.outcomeText != nil }
        let standing = counting.filter { entry in
            !counting.contains {
                $0.event.sample == entry.event.sample && stream.saw($0, entry)
            }
        }
        heads = standing.map { Head(id: $0.id, measurement: $0.event) }
        count = counting.count
        samples = Dictionary(grouping: heads, by: \.measurement.sample)
            .map { Sample(number: $0.key, result: Self.result(of: $0.value), heads: $0.value) }
            .sorted { $0.number < $1.number }
        size = sampling.size(ofLot: lot)
        accepted = min(sampling.accepted, size - 1)
        result = Self.result(of: samples, size: size, accepted: accepted)
    }

    /// The event that is shown.
    public var shown: Head? { heads.last }

    /// The samples that are in conflict, by number.
    public var conflictingSamples: [Int64] {
        samples.filter { $0.result == .conflict }.map(\.number)
    }

    /// The measurements that make the item fail: what a waiver names.
    public var failing: Set<ID> {
        Set(samples.filter(\.result.countsAsFail).flatMap(\.heads).map(\.id))
    }

    /// Whether the item no longer fails, and is measured whole, if these measurements are accepted.
    public func isCovered(by ids: Set<ID>) -> Bool {
        let rest = samples.filter { sample in
            sample.result.countsAsFail && !sample.heads.allSatisfy { ids.contains($0.id) }
        }
        return Int64(rest.count) <= accepted && isWhole
    }

    /// Whether every sample that is asked for was measured.
    private var isWhole: Bool { Self.isWhole(samples, size) }

    private static func isWhole(_ samples: [Sample], _ size: Int64) -> Bool {
        samples.count { $0.number <= size } == Int(size)
    }

    private static func result(of heads: [Head]) -> Result {
        let outcomes = Set(heads.map(\.measurement.outcome))
        guard outcomes.count == 1, let outcome = outcomes.first else {
            return outcomes.isEmpty ? .pending : .conflict
        }
        return switch outcome {
        case .pass: .pass
        case .notApplicable: .notApplicable
        case .fail: .fail
        }
    }

    private static func result(of samples: [Sample], size: Int64, accepted: Int64) -> Result {
        let failed = samples.count { $0.result == .fail }
        let unsettled = samples.count { $0.result == .conflict }
        if failed > accepted { return .fail }
        if failed + unsettled > accepted { return .conflict }
        guard isWhole(samples, size) else { return .pending }
        return samples.allSatisfy { $0.result == .notApplicable } ? .notApplicable : .pass
    }
}
