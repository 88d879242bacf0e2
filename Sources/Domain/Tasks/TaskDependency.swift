public import CRDT

/// That one task waits for another, or no longer does: an event of the subject's tasks.
///
/// The dependencies of a subject are a set in which an addition wins: a removal names the events
/// that it takes back, and no other.
public struct TaskDependency: Fact {
    /// What of the successor waits for what of the predecessor.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The successor starts after the predecessor has finished.
        case finishToStart = "FINISH_TO_START"
        /// The successor starts after the predecessor has started.
        case startToStart = "START_TO_START"
        /// The successor finishes after the predecessor has finished.
        case finishToFinish = "FINISH_TO_FINISH"
        /// The successor finishes after the predecessor has started.
        case startToFinish = "START_TO_FINISH"

        /// Whether it is the start of the successor that waits.
        public var holdsStart: Bool { self == .finishToStart || self == .startToStart }

        /// Whether it waits for the predecessor to finish.
        public var waitsForFinish: Bool { self == .finishToStart || self == .finishToFinish }
    }

    public static let number: UInt32 = 63
    public static let predecessorField: UInt32 = 1
    public static let successorField: UInt32 = 2
    public static let kindField: UInt32 = 3
    public static let lagField: UInt32 = 4
    public static let removesField: UInt32 = 5
    public static let reasonField: UInt32 = 6
    /// Longest lag: a year.
    public static let lagMinutesMax: Int64 = 525_600

    public static let entity = Entity(
        number,
        "task_dependency",
        in: [.subject],
        form: .event(stream: []),
        fields: [
            Field(predecessorField, "predecessor", .text, .fixed),
            Field(successorField, "successor", .text, .fixed),
            Field(kindField, "kind", .text, .fixed),
            Field(lagField, "lag_minutes", .integer, .fixed),
            Field(removesField, "removes", .id, .set),
            Field(reasonField, "reason", .text, .fixed),
        ]
    )

    /// One task that waits for another.
    public struct Edge: Hashable, Sendable {
        /// Codes of tasks of one subject.
        public let predecessor: String
        public let successor: String
        public let kind: Kind
        /// 0 to a year.
        public let lagMinutes: Int64

        public init(
            _ predecessor: String,
            before successor: String,
            _ kind: Kind = .finishToStart,
            lagMinutes: Int64 = 0
        ) {
            self.predecessor = predecessor
            self.successor = successor
            self.kind = kind
            self.lagMinutes = max(0, min(lagMinutes, TaskDependency.lagMinutesMax))
        }
    }

    /// What is added; nil for an event that only removes.
    public let edge: Edge?
    /// The ids of the events whose edges are taken back, sorted.
    public let removes: [ID]
    public let reason: String?

    public init(_ edge: Edge?, removes: [ID] = [], reason: String? = nil) {
        self.edge = edge
        self.removes = removes.sorted()
        self.reason = reason
    }

    /// An unknown kind is read as the most cautious: finish to start.
    public init(_ fields: Fields) {
        let added: Edge?
        if let predecessor = fields.text(Self.predecessorField),
            let successor = fields.text(Self.successorField)
        {
            added = Edge(
                predecessor,
                before: successor,
                fields.text(Self.kindField).flatMap(Kind.init) ?? .finishToStart,
                lagMinutes: fields.integer(Self.lagField) ?? 0
            )
        } else {
            added = nil
        }
        let removed = fields.elements(Self.removesField).compactMap {
            if case .id(let id) = $0 { id } else { nil }
        }
        self.init(added, removes: removed, reason: fields.text(Self.reasonField))
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.predecessorField, edge?.predecessor)
        values.set(Self.successorField, edge?.successor)
        values.set(Self.kindField, edge?.kind.rawValue)
        values.set(Self.lagField, edge?.lagMinutes)
        values.add(Self.removesField, removes.map(Value.id))
        values.set(Self.reasonField, reason)
        return values
    }
}
