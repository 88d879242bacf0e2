public import CRDT

/// Where an item of an inspection stands: the fold of its measurements.
///
/// Measurements that did not know of each other stand side by side. If they disagree the item is in
/// conflict and counts as failed, until someone who has seen them all measures again.
///
/// - Source: DOM-20.
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

    public let result: Result
    /// The measurements that no other had seen, by rank; the last is the one that is shown.
    public let heads: [Head]
    /// How many measurements are on record.
    public let count: Int

    public init(_ stream: Stream<Measurement>) {
        heads = stream.standing { $0.outcomeText != nil }
            .map { Head(id: $0.id, measurement: $0.event) }
        count = stream.entries.count { $0.event.outcomeText != nil }
        let outcomes = Set(heads.map(\.measurement.outcome))
        switch outcomes.count {
        case 0: result = .pending
        case 1:
            switch outcomes.first {
            case .pass: result = .pass
            case .notApplicable: result = .notApplicable
            case .fail, nil: result = .fail
            }
        default: result = .conflict
        }
    }

    /// The event that is shown.
    public var shown: Head? { heads.last }
}
