public import CRDT

/// A request to accept failed items of an inspection, or the hub's decision: one event.
///
/// It names the measurements that it is about, and no other: what is measured later is not waived.
public struct Waiver: Fact {
    public enum Decision: String, Hashable, Sendable, CaseIterable {
        case waived = "WAIVED"
        /// Accepted under conditions.
        case conditionalPass = "CONDITIONAL_PASS"
        /// Not accepted; takes back what was accepted before.
        case refused = "REFUSED"
    }

    public static let number: UInt32 = 231
    public static let inspectionField: UInt32 = 1
    public static let acceptsField: UInt32 = 2
    public static let reasonField: UInt32 = 3
    public static let conditionsField: UInt32 = 4
    public static let decisionField: UInt32 = 5

    public static let entity = Entity(
        number,
        "qc_waiver",
        in: [.subject],
        form: .event(stream: [inspectionField]),
        fields: [
            Field(inspectionField, "inspection", .id, .fixed),
            Field(acceptsField, "accepts", .id, .set),
            Field(reasonField, "reason", .text, .fixed),
            Field(conditionsField, "conditions", .text, .fixed),
            Field(decisionField, "decision", .text, .authority),
        ]
    )

    /// The record of the inspection.
    public let inspection: ID?
    /// The ids of the measurements that it is about.
    public let accepts: Set<ID>
    /// What the hub decided; nil for a request.
    ///
    /// A decision of a newer version is a refusal.
    public let decision: Decision?
    public let reason: String?
    public let conditions: String?

    public init(
        inspection: ID,
        accepts: Set<ID>,
        _ decision: Decision? = nil,
        reason: String,
        conditions: String? = nil
    ) {
        self.inspection = inspection
        self.accepts = accepts
        self.decision = decision
        self.reason = reason
        self.conditions = conditions
    }

    public init(_ fields: Fields) {
        inspection = fields.id(Self.inspectionField)
        accepts = Set(
            fields.elements(Self.acceptsField).compactMap {
                if case .id(let id) = $0 { id } else { nil }
            }
        )
        reason = fields.text(Self.reasonField)
        conditions = fields.text(Self.conditionsField)
        decision = fields.text(Self.decisionField).map { Decision(rawValue: $0) ?? .refused }
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.inspectionField, inspection)
        values.add(Self.acceptsField, accepts.map(Value.id))
        values.set(Self.reasonField, reason)
        values.set(Self.conditionsField, conditions)
        values.set(Self.decisionField, decision?.rawValue)
        return values
    }
}

/// What of an inspection is waived: the fold of its waivers.
///
/// - Source: DOM-73, DOM-139.
public struct Waivers: Hashable, Sendable {
    /// The measurements that are accepted, each with the more cautious of its decisions.
    public let accepted: [ID: Waiver.Decision]
    /// The ids of requests that no decision has seen, by rank.
    public let asked: [ID]
    /// Decisions that did not know of each other and say different things of a measurement, until
    /// a later decision has seen them: their ids, by rank.
    public let contested: [ID]

    public init(_ stream: Stream<Waiver>) {
        let decisions = stream.entries.filter { $0.event.decision != nil }
        let refusals = decisions.filter { $0.event.decision == .refused }
        var accepted: [ID: Waiver.Decision] = [:]
        for grant in decisions where grant.event.decision != .refused {
            for id in grant.event.accepts {
                let stands = refusals.allSatisfy { refusal in
                    !refusal.event.accepts.contains(id) || stream.saw(grant, refusal)
                }
                guard stands else { continue }
                let isConditional =
                    grant.event.decision == .conditionalPass || accepted[id] == .conditionalPass
                accepted[id] = isConditional ? .conditionalPass : .waived
            }
        }
        self.accepted = accepted
        asked = stream.entries.filter { request in
            request.event.decision == nil && !request.event.accepts.isEmpty
                && !decisions.contains { stream.saw($0, request) }
        }
        .map(\.id)
        contested = decisions.filter { one in
            decisions.contains { Self.contradicts(one, $0, stream, decisions) }
        }
        .map(\.id)
    }

    private static func contradicts(
        _ one: Stream<Waiver>.Entry,
        _ other: Stream<Waiver>.Entry,
        _ stream: Stream<Waiver>,
        _ decisions: [Stream<Waiver>.Entry]
    ) -> Bool {
        stream.areConcurrent(one, other) && one.event.decision != other.event.decision
            && !one.event.accepts.isDisjoint(with: other.event.accepts)
            && !decisions.contains { stream.saw($0, one) && stream.saw($0, other) }
    }

    /// Nothing is waived.
    public static let none = Waivers(Stream([]))
}
