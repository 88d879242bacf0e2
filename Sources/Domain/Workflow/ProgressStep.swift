public import CRDT

/// Something that happens to a sub-stage of a subject: one event of its progress.
public struct ProgressStep: Fact {
    /// What happens.
    public enum Action: Hashable, Sendable {
        case start
        /// The work is done. With approval, only a decision of the hub completes the sub-stage.
        /// The revision is the hash of what there is to review, if anything.
        case finish(needsApproval: Bool, revision: [UInt8]?)
        case block
        /// Lifts the named blocks, and no other: the ids of their events.
        case unblock([ID])
        case skip
        /// Opens a further attempt.
        case reopen
        /// The hub approves a finish of this revision.
        case approve(revision: [UInt8]?)
        /// The hub rejects a finish: a block with its reason.
        case reject(revision: [UInt8]?)
        /// Of a newer version, or set aside: it does nothing, and carries what was seen.
        case unknown
    }

    public static let number: UInt32 = 26
    public static let subStageField: UInt32 = 1
    public static let actionField: UInt32 = 2
    public static let reasonField: UInt32 = 3
    public static let commentField: UInt32 = 4
    public static let liftsField: UInt32 = 5
    public static let needsApprovalField: UInt32 = 6
    public static let revisionField: UInt32 = 7
    public static let decisionField: UInt32 = 8

    public static let entity = Entity(
        number,
        "progress_event",
        in: [.subject],
        form: .event(stream: [subStageField]),
        fields: [
            Field(subStageField, "sub_stage", .text, .fixed),
            Field(actionField, "action", .text, .fixed),
            Field(reasonField, "reason", .text, .fixed),
            Field(commentField, "comment", .text, .fixed),
            Field(liftsField, "lifts", .id, .set),
            Field(needsApprovalField, "needs_approval", .bool, .fixed),
            Field(revisionField, "revision", .bytes, .fixed),
            Field(decisionField, "decision", .text, .authority),
        ],
        searched: [
            Searched(reasonField, .description), Searched(commentField, .description),
        ]
    )

    /// The slug of the sub-stage.
    public let subStage: String
    public let action: Action
    /// Why: for block, skip, reopen and reject.
    public let reason: String?
    public let comment: String?

    public init(
        _ subStage: String,
        _ action: Action,
        reason: String? = nil,
        comment: String? = nil
    ) {
        self.subStage = subStage
        self.action = action
        self.reason = reason
        self.comment = comment
    }

    public init(_ fields: Fields) {
        subStage = fields.text(Self.subStageField) ?? ""
        reason = fields.text(Self.reasonField)
        comment = fields.text(Self.commentField)
        action = Self.action(fields)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.subStageField, subStage)
        values.set(Self.reasonField, reason)
        values.set(Self.commentField, comment)
        values.set(Self.actionField, word)
        switch action {
        case .finish(let needsApproval, let revision):
            values.set(Self.needsApprovalField, needsApproval)
            values[Self.revisionField] = revision.map(Value.bytes)
        case .unblock(let lifted):
            values.add(Self.liftsField, lifted.map(Value.id))
        case .approve(let revision):
            values.set(Self.decisionField, "approved")
            values[Self.revisionField] = revision.map(Value.bytes)
        case .reject(let revision):
            values.set(Self.decisionField, "rejected")
            values[Self.revisionField] = revision.map(Value.bytes)
        case .start, .block, .skip, .reopen, .unknown: break
        }
        return values
    }

    /// The action as the field says it.
    private var word: String? {
        switch action {
        case .start: "start"
        case .finish: "finish"
        case .block: "block"
        case .unblock: "unblock"
        case .skip: "skip"
        case .reopen: "reopen"
        case .approve, .reject: "decide"
        case .unknown: nil
        }
    }

    private static func action(_ fields: Fields) -> Action {
        let revision = fields.bytes(revisionField)
        switch (fields.text(actionField), fields.text(decisionField)) {
        case ("start", _): return .start
        case ("finish", _):
            return .finish(
                needsApproval: fields.bool(needsApprovalField) ?? true,
                revision: revision
            )
        case ("block", _): return .block
        case ("unblock", _):
            let lifted = fields.elements(liftsField).compactMap {
                if case .id(let id) = $0 { id } else { nil }
            }
            return .unblock(lifted.sorted())
        case ("skip", _): return .skip
        case ("reopen", _): return .reopen
        case ("decide", "approved"): return .approve(revision: revision)
        case ("decide", "rejected"): return .reject(revision: revision)
        default: return .unknown
        }
    }
}
