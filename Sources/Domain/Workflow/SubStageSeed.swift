public import CRDT

/// What a stage brings with it: a sub-stage as the workflow stood when the stage was entered.
///
/// Written into the stage event, so that a subject's progress depends on its own scope alone.
public struct SubStageSeed: Hashable, Sendable {
    public let slug: String
    public var order: Int64
    public var isRequired: Bool
    public var requiresApproval: Bool
    public var canSkip: Bool
    /// Whether finishing it starts the next one.
    public var autoAdvance: Bool
    public var hours: Int64?
    /// Role codes, sorted.
    public var roles: [String]

    public init(
        _ slug: String,
        order: Int64,
        isRequired: Bool = true,
        requiresApproval: Bool = false,
        canSkip: Bool = false,
        autoAdvance: Bool = false,
        hours: Int64? = nil,
        roles: [String]
    ) {
        self.slug = slug
        self.order = order
        self.isRequired = isRequired
        self.requiresApproval = requiresApproval
        self.canSkip = canSkip
        self.autoAdvance = autoAdvance
        self.hours = hours
        self.roles = roles.sorted()
    }

    public var value: Value {
        .list(
            [
                .text(slug), .integer(order), .bool(isRequired), .bool(requiresApproval),
                .bool(canSkip), .bool(autoAdvance), column(hours),
            ] + roles.map(Value.text)
        )
    }

    /// Reads a seed as an advance lists it; nil for what is not such a list.
    ///
    /// An absent flag is the cautious one.
    public init?(_ value: Value) {
        let columns = Columns(value)
        guard let slug = columns.text(0) else { return nil }
        self.init(
            slug,
            order: columns.integer(1) ?? .max,
            isRequired: columns.bool(2) ?? true,
            requiresApproval: columns.bool(3) ?? true,
            canSkip: columns.bool(4) ?? false,
            autoAdvance: columns.bool(5) ?? false,
            hours: columns.integer(6),
            roles: columns.texts(from: 7)
        )
    }

    /// The more cautious of two seeds of one sub-stage (DOM-12).
    func joined(with other: SubStageSeed) -> SubStageSeed {
        SubStageSeed(
            slug,
            order: min(order, other.order),
            isRequired: isRequired || other.isRequired,
            requiresApproval: requiresApproval || other.requiresApproval,
            canSkip: canSkip && other.canSkip,
            autoAdvance: autoAdvance && other.autoAdvance,
            hours: [hours, other.hours].compactMap(\.self).min(),
            roles: Set(roles).union(other.roles).sorted()
        )
    }
}
