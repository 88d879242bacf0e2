public import CRDT

/// That a subject enters a stage, with the sub-stages this brings.
public struct StageAdvance: Fact {
    /// Why the stage was entered.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The first stage of a subject.
        case begin
        /// All required sub-stages of the stage before are completed or skipped.
        case automatic
        /// Someone of management said so.
        case override
        /// The workflow lets the stages be entered in another order.
        case move
    }

    public static let number: UInt32 = 24
    public static let subjectField: UInt32 = 1
    public static let fromField: UInt32 = 2
    public static let toField: UInt32 = 3
    public static let kindField: UInt32 = 4
    public static let reasonField: UInt32 = 5
    public static let definitionField: UInt32 = 6
    public static let definitionVersionField: UInt32 = 7
    public static let seedsField: UInt32 = 8
    public static let daysField: UInt32 = 9
    public static let statusField: UInt32 = 10
    public static let doneStatusField: UInt32 = 11
    public static let confirmedField: UInt32 = 12

    public static let entity = Entity(
        number,
        "stage_event",
        in: [.subject],
        form: .event(stream: [subjectField]),
        fields: [
            Field(subjectField, "subject", .id, .fixed),
            Field(fromField, "from_stage", .text, .fixed),
            Field(toField, "to_stage", .text, .fixed),
            Field(kindField, "kind", .text, .fixed),
            Field(reasonField, "reason", .text, .fixed),
            Field(definitionField, "definition", .text, .fixed),
            Field(definitionVersionField, "definition_version", .integer, .fixed),
            Field(seedsField, "seeds", .list, .set),
            Field(daysField, "days", .integer, .fixed),
            Field(statusField, "status", .text, .fixed),
            Field(doneStatusField, "done_status", .text, .fixed),
            Field(confirmedField, "confirmed", .bool, .authority),
        ]
    )

    /// The subject; the key of its scope.
    public let subject: ID?
    /// The slug of the stage that is left.
    public let from: String?
    /// The slug of the stage that is entered; without one the event does nothing.
    public let to: String?
    /// Nil for a kind of a newer version, which moves the subject all the same.
    public let kind: Kind?
    public let reason: String?
    public let definition: String?
    public let definitionVersion: Int64?
    /// By order, then slug.
    public let seeds: [SubStageSeed]
    /// How long the stage is planned to last.
    public let days: Int64?
    /// What the subject is called in the stage; nil: as the stage.
    public let status: String?
    /// What it is called once all is done there; nil: the same.
    public let doneStatus: String?
    /// Whether a hub says so: then the stage is the official one.
    public var isConfirmed: Bool

    /// Enters a stage of a workflow.
    public init(
        of subject: ID,
        from: String?,
        to stage: WorkflowTemplate.Stage,
        kind: Kind,
        reason: String? = nil,
        in template: WorkflowTemplate,
        isConfirmed: Bool = false
    ) {
        self.subject = subject
        self.from = from
        to = stage.slug
        self.kind = kind
        self.reason = reason
        definition = template.name
        definitionVersion = template.version
        seeds = stage.seeds
        days = stage.days
        status = stage.status
        doneStatus = stage.doneStatus
        self.isConfirmed = isConfirmed
    }

    public init(_ fields: Fields) {
        subject = fields.id(Self.subjectField)
        from = fields.text(Self.fromField)
        to = fields.text(Self.toField)
        kind = fields.text(Self.kindField).flatMap(Kind.init)
        reason = fields.text(Self.reasonField)
        definition = fields.text(Self.definitionField)
        definitionVersion = fields.integer(Self.definitionVersionField)
        seeds = fields.elements(Self.seedsField).compactMap(SubStageSeed.init)
            .sorted { ($0.order, $0.slug) < ($1.order, $1.slug) }
        days = fields.integer(Self.daysField)
        status = fields.text(Self.statusField)
        doneStatus = fields.text(Self.doneStatusField)
        isConfirmed = fields.bool(Self.confirmedField) ?? false
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.subjectField, subject)
        values.set(Self.fromField, from)
        values.set(Self.toField, to)
        values.set(Self.kindField, kind?.rawValue)
        values.set(Self.reasonField, reason)
        values.set(Self.definitionField, definition)
        values.set(Self.definitionVersionField, definitionVersion)
        values.add(Self.seedsField, seeds.map(\.value))
        values.set(Self.daysField, days)
        values.set(Self.statusField, status)
        values.set(Self.doneStatusField, doneStatus)
        if isConfirmed { values.set(Self.confirmedField, true) }
        return values
    }
}
