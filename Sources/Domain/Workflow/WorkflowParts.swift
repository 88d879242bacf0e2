public import CRDT

// The further parts of a workflow: lists in sets, like its stages.

extension WorkflowDefinition {
    /// A document that a stage must have: stage, category, how many.
    public struct DocumentPart: Hashable, Sendable {
        public let stage: String
        public let category: String
        /// At least one.
        public var count: Int64

        public init(_ stage: String, _ category: String, count: Int64 = 1) {
            self.stage = stage
            self.category = category
            self.count = count
        }

        public var value: Value { .list([.text(stage), .text(category), .integer(count)]) }

        /// Nil for what is not such a list.
        public init?(_ value: Value) {
            let columns = Columns(value)
            guard let stage = columns.text(0), let category = columns.text(1) else { return nil }
            self.init(stage, category, count: columns.integer(2) ?? 1)
        }
    }

    /// What is asked before a stage is left: stage, key, kind, the words.
    public struct CriterionPart: Hashable, Sendable {
        /// What confirming it means.
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// Holds before the stage is left.
            case exit
            /// A question that the stage decides.
            case decision
        }

        public let stage: String
        /// Unique in its stage, such as `rfq_complete`.
        public let key: String
        /// An unknown kind is read as an exit criterion, the stricter one.
        public var kind: Kind
        public var text: String

        public init(_ stage: String, _ key: String, _ kind: Kind = .exit, text: String) {
            self.stage = stage
            self.key = key
            self.kind = kind
            self.text = text
        }

        public var value: Value {
            .list([.text(stage), .text(key), .text(kind.rawValue), .text(text)])
        }

        /// Nil for what is not such a list.
        public init?(_ value: Value) {
            let columns = Columns(value)
            guard let stage = columns.text(0), let key = columns.text(1) else { return nil }
            let kind = columns.text(2).flatMap(Kind.init) ?? .exit
            self.init(stage, key, kind, text: columns.text(3) ?? key)
        }
    }

    /// That a subject may go from one stage to another: from, to, then the roles that may.
    ///
    /// A role is a code, or a code, a colon and a level.
    public struct MovePart: Hashable, Sendable {
        /// What stands in place of a stage where a subject may be cancelled.
        public static let cancelled = "cancelled"

        public let from: String
        public let to: String
        /// Empty: whoever may advance a stage.
        public var roles: [String]

        public init(_ from: String, _ to: String, roles: [String] = []) {
            self.from = from
            self.to = to
            self.roles = roles
        }

        public var value: Value { .list([.text(from), .text(to)] + roles.map(Value.text)) }

        /// Nil for what is not such a list.
        public init?(_ value: Value) {
            let columns = Columns(value)
            guard let from = columns.text(0), let to = columns.text(1) else { return nil }
            self.init(from, to, roles: columns.texts(from: 2))
        }

        /// The ways in which a person may make the move.
        public var grants: [Act.Grant] {
            roles.map { role in
                let parts = role.split(separator: ":", maxSplits: 1)
                let level = parts.count == 2 ? Int(parts[1]) ?? 3 : 1
                return .role(parts.first.map(String.init) ?? role, level: level)
            }
        }
    }

    /// What a subject is called in a stage: stage, status, and the status once all is done there.
    public struct StatusPart: Hashable, Sendable {
        public let stage: String
        public var status: String
        /// Nil: the same.
        public var done: String?

        public init(_ stage: String, _ status: String, done: String? = nil) {
            self.stage = stage
            self.status = status
            self.done = done
        }

        public var value: Value {
            .list([.text(stage), .text(status), done.map(Value.text) ?? .null])
        }

        /// Nil for what is not such a list.
        public init?(_ value: Value) {
            let columns = Columns(value)
            guard let stage = columns.text(0), let status = columns.text(1) else { return nil }
            self.init(stage, status, done: columns.text(2))
        }
    }
}
