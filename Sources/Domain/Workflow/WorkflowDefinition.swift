public import CRDT

/// A workflow: which stages and sub-stages it has, and where it overrides them.
///
/// Its parts are lists in sets. A column that is null leaves what the stage or sub-stage says.
public enum WorkflowDefinition {
    public static let number: UInt32 = 19
    public static let name: UInt32 = 1
    public static let version: UInt32 = 2
    public static let isActive: UInt32 = 3
    /// Elements of ``StagePart``.
    public static let stages: UInt32 = 4
    /// Elements of ``SubStagePart``.
    public static let subStages: UInt32 = 5
    /// What follows it: project, order, production_advance; nil: project.
    public static let subjectType: UInt32 = 6
    /// False while it is a draft; a definition without it is published.
    public static let isPublished: UInt32 = 7
    /// Elements of ``DocumentPart``.
    public static let documents: UInt32 = 8
    /// Elements of ``CriterionPart``.
    public static let criteria: UInt32 = 9
    /// Whether a stage is held until its exit criteria are confirmed.
    public static let criteriaHold: UInt32 = 10
    /// Elements of ``MovePart``; none: stages follow one another.
    public static let moves: UInt32 = 11
    /// Elements of ``StatusPart``.
    public static let statuses: UInt32 = 12

    public static let entity = Entity(
        number,
        "workflow_definition",
        in: [.tenant],
        form: .entity(key: [name, version]),
        writer: .hub,
        fields: [
            Field(name, "name", .text, .fixed),
            Field(version, "version", .integer, .fixed),
            Field(isActive, "is_active", .bool, .authority),
            Field(stages, "stages", .list, .set),
            Field(subStages, "sub_stages", .list, .set),
            Field(subjectType, "subject_type", .text, .fixed),
            Field(isPublished, "is_published", .bool, .authority),
            Field(documents, "mandatory_documents", .list, .set),
            Field(criteria, "exit_criteria", .list, .set),
            Field(criteriaHold, "criteria_hold", .bool, .authority),
            Field(moves, "moves", .list, .set),
            Field(statuses, "statuses", .list, .set),
        ]
    )

    /// A stage of the workflow: slug, order, days, approval, then the roles.
    public struct StagePart: Hashable, Sendable {
        public let slug: String
        public var order: Int64?
        public var days: Int64?
        public var requiresApproval: Bool?
        /// Empty: those of the stage.
        public var roles: [String]

        public init(
            _ slug: String,
            order: Int64? = nil,
            days: Int64? = nil,
            requiresApproval: Bool? = nil,
            roles: [String] = []
        ) {
            self.slug = slug
            self.order = order
            self.days = days
            self.requiresApproval = requiresApproval
            self.roles = roles
        }

        public var value: Value {
            .list(
                [.text(slug), column(order), column(days), column(requiresApproval)]
                    + roles.map(Value.text)
            )
        }

        /// Nil for what is not such a list.
        public init?(_ value: Value) {
            let columns = Columns(value)
            guard let slug = columns.text(0) else { return nil }
            self.init(
                slug,
                order: columns.integer(1),
                days: columns.integer(2),
                requiresApproval: columns.bool(3),
                roles: columns.texts(from: 4)
            )
        }
    }

    /// A sub-stage of the workflow: slug, order, hours, approval, skip, auto-advance, the roles.
    public struct SubStagePart: Hashable, Sendable {
        public let slug: String
        public var order: Int64?
        public var hours: Int64?
        public var requiresApproval: Bool?
        public var canSkip: Bool?
        public var autoAdvance: Bool?
        /// Empty: those of the sub-stage.
        public var roles: [String]

        public init(
            _ slug: String,
            order: Int64? = nil,
            hours: Int64? = nil,
            requiresApproval: Bool? = nil,
            canSkip: Bool? = nil,
            autoAdvance: Bool? = nil,
            roles: [String] = []
        ) {
            self.slug = slug
            self.order = order
            self.hours = hours
            self.requiresApproval = requiresApproval
            self.canSkip = canSkip
            self.autoAdvance = autoAdvance
            self.roles = roles
        }

        public var value: Value {
            .list(
                [
                    .text(slug), column(order), column(hours), column(requiresApproval),
                    column(canSkip), column(autoAdvance),
                ] + roles.map(Value.text)
            )
        }

        /// Nil for what is not such a list.
        public init?(_ value: Value) {
            let columns = Columns(value)
            guard let slug = columns.text(0) else { return nil }
            self.init(
                slug,
                order: columns.integer(1),
                hours: columns.integer(2),
                requiresApproval: columns.bool(3),
                canSkip: columns.bool(4),
                autoAdvance: columns.bool(5),
                roles: columns.texts(from: 6)
            )
        }
    }
}

func column(_ integer: Int64?) -> Value { integer.map(Value.integer) ?? .null }
func column(_ bool: Bool?) -> Value { bool.map(Value.bool) ?? .null }

/// Reads a list value column by column; what is absent or of another kind is nil.
struct Columns {
    private let items: [Value]

    init(_ value: Value) {
        if case .list(let items) = value { self.items = items } else { items = [] }
    }

    private subscript(index: Int) -> Value? { items.indices.contains(index) ? items[index] : nil }

    func text(_ index: Int) -> String? {
        if case .text(let text) = self[index] { text } else { nil }
    }

    func integer(_ index: Int) -> Int64? {
        if case .integer(let integer) = self[index] { integer } else { nil }
    }

    func bool(_ index: Int) -> Bool? {
        if case .bool(let bool) = self[index] { bool } else { nil }
    }

    func texts(from index: Int) -> [String] {
        items.indices.filter { $0 >= index }.compactMap(text)
    }
}
