public import CRDT

/// Something that happens to an approval request: one event of its history.
///
/// Whoever holds the subject asks and comments; all else counts only from a hub.
///
/// - Source: DOM-197.
public struct ApprovalEvent: Fact {
    /// What happens.
    public enum Action: String, Hashable, Sendable, CaseIterable {
        /// Somebody asks.
        case request
        case comment
        /// The hub says who must agree, or who is to decide a step.
        case assign
        /// Somebody else is to decide a step.
        case reassign
        case approve
        case reject
        /// Approvers are told that it is nearly due.
        case remind
        /// It was not decided in time, and those above are told.
        case escalate
        case cancel
        /// Somebody is to decide, or decided, with the rights of another.
        case delegateUsed = "delegate_used"
        case expire
        /// What was to be reviewed is no longer what is there.
        case outdated

        /// Whether it counts from every device.
        var isForAll: Bool { self == .request || self == .comment }
    }

    public static let number: UInt32 = 30
    public static let requestField: UInt32 = 1
    public static let actionField: UInt32 = 2
    public static let rulingField: UInt32 = 3
    public static let stepField: UInt32 = 4
    public static let byField: UInt32 = 5
    public static let onBehalfOfField: UInt32 = 6
    public static let peopleField: UInt32 = 7
    public static let commentField: UInt32 = 8
    public static let stepsField: UInt32 = 9
    public static let revisionField: UInt32 = 10
    public static let modeField: UInt32 = 11
    public static let dueField: UInt32 = 12
    public static let recommendsField: UInt32 = 13
    public static let flagsField: UInt32 = 14
    public static let attachmentsField: UInt32 = 15
    public static let signatureField: UInt32 = 16
    public static let amountField: UInt32 = 17
    public static let rateField: UInt32 = 18
    public static let ratedAtField: UInt32 = 19

    public static let entity = Entity(
        number,
        "approval_event",
        in: [.subject],
        form: .event(stream: [requestField]),
        fields: [
            Field(requestField, "request", .id, .fixed),
            Field(actionField, "action", .text, .fixed),
            Field(rulingField, "ruling", .text, .authority),
            Field(stepField, "step", .text, .fixed),
            Field(byField, "by", .id, .fixed),
            Field(onBehalfOfField, "on_behalf_of", .id, .fixed),
            Field(peopleField, "people", .id, .set),
            Field(commentField, "comment", .text, .fixed),
            Field(stepsField, "steps", .list, .set),
            Field(revisionField, "revision", .bytes, .fixed),
            Field(modeField, "mode", .text, .fixed),
            Field(dueField, "due", .integer, .fixed),
            Field(recommendsField, "recommends", .text, .fixed),
            Field(flagsField, "flags", .text, .set),
            Field(attachmentsField, "attachments", .list, .set),
            Field(signatureField, "signature", .bytes, .fixed),
            Field(amountField, "amount", .decimal, .fixed),
            Field(rateField, "rate", .decimal, .fixed),
            Field(ratedAtField, "rated_at", .integer, .fixed),
        ],
        searched: [Searched(commentField, .description)]
    )

    /// The record of the request; nil only in what a newer version wrote.
    public let request: ID?
    /// nil: of a newer version, set aside, or claimed by no hub: it does nothing, and carries what
    /// was seen.
    public let action: Action?
    /// The slug of a step.
    public var step: String?
    /// Who decides; nil: the machine.
    public var by: ID?
    /// Whose rights are used.
    public var onBehalfOf: ID?
    /// Who is to decide, or who is told.
    public var people: Set<ID> = []
    public var comment: String?
    /// The chain, where the hub says it first; by order, then slug.
    public var steps: [ApprovalStep] = []
    public var mode: ApprovalOutline.Mode?
    /// What was reviewed.
    public var revision: [UInt8]?
    /// When it was due, milliseconds since 1970.
    public var due: Int64?
    /// What somebody who cannot decide would decide: approve or reject.
    public var recommends: Action?
    /// What an auditor should look at, such as ``Flag/automatic``.
    public var flags: Set<String> = []
    public var attachments: Set<ApprovalEvidence> = []
    /// The encoded structure `gemba/esign/1` with its signature.
    public var signature: [UInt8]?
    /// In the tenant's currency, where the chain is said.
    public var amount: DecimalNumber?
    public var rate: DecimalNumber?
    /// When the rate was set, milliseconds since 1970.
    public var ratedAt: Int64?

    /// What flags say.
    public enum Flag {
        /// No person needs to agree.
        public static let automatic = "automatic"
        /// Together with others of one vendor, whole and day it is above what nobody looks at.
        public static let split = "split"
    }

    public init(_ request: ID, _ action: Action) {
        self.request = request
        self.action = action
    }

    public init(_ fields: Fields) {
        request = fields.id(Self.requestField)
        let said = fields.text(Self.actionField).flatMap(Action.init)
        let ruled = fields.text(Self.rulingField).flatMap(Action.init)
        action = ruled.flatMap { $0.isForAll ? nil : $0 } ?? said.flatMap { $0.isForAll ? $0 : nil }
        step = fields.text(Self.stepField)
        by = fields.id(Self.byField)
        onBehalfOf = fields.id(Self.onBehalfOfField)
        people = Set(
            fields.elements(Self.peopleField).compactMap {
                if case .id(let id) = $0 { id } else { nil }
            }
        )
        comment = fields.text(Self.commentField)
        steps = fields.elements(Self.stepsField).compactMap(ApprovalStep.init)
            .sorted(by: ApprovalStep.precedes)
        mode = fields.text(Self.modeField).flatMap(ApprovalOutline.Mode.init)
        revision = fields.bytes(Self.revisionField)
        due = fields.integer(Self.dueField)
        recommends = fields.text(Self.recommendsField).flatMap(Action.init)
        flags = fields.texts(Self.flagsField)
        attachments = Set(fields.elements(Self.attachmentsField).compactMap(ApprovalEvidence.init))
        signature = fields.bytes(Self.signatureField)
        amount = DecimalNumber(fields[Self.amountField])
        rate = DecimalNumber(fields[Self.rateField])
        ratedAt = fields.integer(Self.ratedAtField)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.requestField, request)
        let isForAll = action?.isForAll ?? true
        values.set(isForAll ? Self.actionField : Self.rulingField, action?.rawValue)
        values.set(Self.stepField, step)
        values.set(Self.byField, by)
        values.set(Self.onBehalfOfField, onBehalfOf)
        values.set(Self.commentField, comment)
        values.set(Self.modeField, mode?.rawValue)
        values[Self.revisionField] = revision.map(Value.bytes)
        values.set(Self.dueField, due)
        values.set(Self.recommendsField, recommends?.rawValue)
        values[Self.signatureField] = signature.map(Value.bytes)
        values[Self.amountField] = amount?.value
        values[Self.rateField] = rate?.value
        values.set(Self.ratedAtField, ratedAt)
        if !people.isEmpty { values.add(Self.peopleField, people.map(Value.id)) }
        if !steps.isEmpty { values.add(Self.stepsField, steps.map(\.value)) }
        if !flags.isEmpty { values.add(Self.flagsField, flags.map(Value.text)) }
        if !attachments.isEmpty { values.add(Self.attachmentsField, attachments.map(\.value)) }
        return values
    }
}
