public import CRDT

/// How a kind of request is decided: one version of it, frozen once it is published.
///
/// - Source: DOM-194.
public enum ApprovalPolicy {
    public static let number: UInt32 = 28
    public static let slug: UInt32 = 1
    public static let version: UInt32 = 2
    public static let name: UInt32 = 3
    /// One of ``ApprovalSubject/Kind``; absent: any.
    public static let subjectType: UInt32 = 4
    public static let approvalType: UInt32 = 5
    /// sequential or parallel.
    public static let mode: UInt32 = 6
    /// Lists of ``ApprovalStep``.
    public static let steps: UInt32 = 7
    /// Lists of ``ApprovalConditions``.
    public static let conditions: UInt32 = 8
    /// Lists of ``ApprovalTier``.
    public static let tiers: UInt32 = 9
    /// Hours in which a request of a priority is due; others: what the tenant says.
    public static let hours: UInt32 = 10
    /// Days after which a request expires; absent: never.
    public static let expiryDays: UInt32 = 11
    /// Hours before it is due at which approvers are reminded; absent: they are not.
    public static let remindHours: UInt32 = 12
    /// Whether a breach gives it to the next delegate.
    public static let reassigns: UInt32 = 13
    /// Of several policies that fit the one of the greatest stands.
    public static let precedence: UInt32 = 14
    public static let isPublished: UInt32 = 15
    public static let isActive: UInt32 = 16

    public static let entity = Entity(
        number,
        "approval_policy",
        in: [.tenant],
        form: .entity(key: [slug, version]),
        writer: .hub,
        fields: [
            Field(slug, "slug", .text, .fixed),
            Field(version, "version", .integer, .fixed),
            Field(name, "name", .text, .authority),
            Field(subjectType, "subject_type", .text, .authority),
            Field(approvalType, "approval_type", .text, .authority),
            Field(mode, "mode", .text, .authority),
            Field(steps, "steps", .list, .set),
            Field(conditions, "conditions", .list, .set),
            Field(tiers, "tiers", .list, .set),
            Field(hours, "sla_hours", .list, .set),
            Field(expiryDays, "expiry_days", .integer, .authority),
            Field(remindHours, "remind_hours", .integer, .authority),
            Field(reassigns, "reassigns", .bool, .authority),
            Field(precedence, "precedence", .integer, .authority),
            Field(isPublished, "is_published", .bool, .authority),
            Field(isActive, "is_active", .bool, .authority),
        ]
    )
}

/// A place of a chain: who decides there, and how many of them.
public struct ApprovalStep: Hashable, Sendable {
    public enum Who: Hashable, Sendable {
        /// Whoever holds a role at a level or above.
        case role(String, level: Int)
        /// The person the project is assigned to.
        case projectManager
        /// Those above whoever asked.
        case managerChain
        /// Of a newer version: nobody but who is named for it.
        case unknown(String)
    }

    public let slug: String
    /// Steps of one order are decided side by side.
    public let order: Int64
    public let who: Who
    /// How many people must agree, 1 to ``peopleMax``.
    public let people: Int
    /// The least method by which a person must be known: from 5 on the decision is signed.
    public let method: UInt8

    public static let peopleMax = 8

    public init(
        _ slug: String,
        order: Int64,
        _ who: Who,
        people: Int = 1,
        method: UInt8 = 4
    ) {
        self.slug = slug
        self.order = order
        self.who = who
        self.people = people
        self.method = method
    }

    public var value: Value {
        let (role, level) =
            if case .role(let role, let level) = who { (role, level) } else { ("", 0) }
        return .list([
            .text(slug), .integer(order), .text(word), .text(role), .integer(Int64(level)),
            .integer(Int64(people)), .integer(Int64(method)),
        ])
    }

    /// Reads a step as a record lists it; nil for what is not such a list.
    ///
    /// What is absent is the cautious thing.
    public init?(_ value: Value) {
        let columns = Columns(value)
        guard let slug = columns.text(0) else { return nil }
        let word = columns.text(2) ?? ""
        let who: Who =
            switch word {
            case "role":
                .role(
                    columns.text(3) ?? "",
                    level: max(1, min(3, Int(clamping: columns.integer(4) ?? 3)))
                )
            case "project_manager": .projectManager
            case "manager_chain": .managerChain
            default: .unknown(word)
            }
        self.init(
            slug,
            order: columns.integer(1) ?? .max,
            who,
            people: max(1, min(Self.peopleMax, Int(clamping: columns.integer(5) ?? 1))),
            method: UInt8(clamping: columns.integer(6) ?? 4)
        )
    }

    /// The kind of ``who`` in a word.
    public var word: String {
        switch who {
        case .role: "role"
        case .projectManager: "project_manager"
        case .managerChain: "manager_chain"
        case .unknown(let word): word
        }
    }

    /// Who decides, for a message.
    public var words: String {
        let suffix = people > 1 ? ", \(people) of them" : ""
        return switch who {
        case .role(let role, let level): role + (level > 1 ? " level \(level)" : "") + suffix
        case .projectManager: "the project manager" + suffix
        case .managerChain: "those above who asked" + suffix
        case .unknown: "somebody named for it" + suffix
        }
    }

    /// The more cautious of two steps of one slug.
    func joined(with other: ApprovalStep) -> ApprovalStep {
        ApprovalStep(
            slug,
            order: min(order, other.order),
            Self.cautious(who, other.who),
            people: max(people, other.people),
            method: max(method, other.method)
        )
    }

    private static func cautious(_ left: Who, _ right: Who) -> Who {
        switch (left, right) {
        case (.role(let one, let low), .role(let two, let high)) where one == two:
            .role(one, level: max(low, high))
        case _ where left == right: left
        default: .unknown("several")
        }
    }

    static func precedes(_ left: ApprovalStep, _ right: ApprovalStep) -> Bool {
        (left.order, left.slug) < (right.order, right.slug)
    }
}

/// Which steps an amount needs.
public struct ApprovalTier: Hashable, Sendable {
    /// The greatest amount of the tier, itself included; nil: whatever is above the others.
    public let upTo: DecimalNumber?
    /// The slugs of its steps; none: the hub's machine approves.
    public let steps: [String]

    public init(upTo: DecimalNumber?, steps: [String]) {
        self.upTo = upTo
        self.steps = steps
    }

    /// The first column tells tiers apart: their places.
    func value(at place: Int) -> Value {
        .list([.text("\(place)"), upTo?.value ?? .null] + steps.map(Value.text))
    }

    init?(_ value: Value) {
        guard case .list(let items) = value, items.count >= 2 else { return nil }
        self.init(upTo: DecimalNumber(items[1]), steps: Columns(value).texts(from: 2))
    }

    /// The tier of an amount.
    ///
    /// - Parameters:
    ///   - amount: In the tenant's currency.
    ///   - tiers: Ascending, the one without a bound last.
    /// - Returns: The first that reaches it; of an unknown amount the last.
    public static func of(_ amount: DecimalNumber?, among tiers: [ApprovalTier]) -> ApprovalTier? {
        guard let amount else { return tiers.last }
        return tiers.first { $0.upTo.map(amount.isAtMost) ?? true } ?? tiers.last
    }

    static func precedes(_ left: ApprovalTier, _ right: ApprovalTier) -> Bool {
        guard let low = left.upTo else { return false }
        guard let high = right.upTo else { return true }
        return low.isAtMost(high) && !high.isAtMost(low)
    }
}
