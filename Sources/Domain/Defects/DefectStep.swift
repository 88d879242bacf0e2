import CRDT

/// Something that happens to a defect: one event of it.
public struct DefectStep: Fact {
    /// What happens.
    public enum Action: Hashable, Sendable {
        /// Work on it begins.
        case start
        /// It can do no more harm; its cause may still stand.
        case contain
        case resolve
        /// Somebody else has seen that the resolution holds.
        case verify
        /// Somebody has seen that the resolution does not hold.
        case refuse
        /// Opens a further attempt.
        case reopen
        /// Judges how bad it is, first in the change that opens it: without a hub's decision it
        /// only ever raises.
        case reclassify(Defect.Severity, isDecided: Bool)
        /// Asks the hub to waive it; changes nothing.
        case askToWaive
        /// The hub lets it be.
        case waive
        /// Of a newer version, or set aside: it does nothing, and carries what was seen.
        case unknown
    }

    public static let number: UInt32 = 232
    public static let defectField: UInt32 = 1
    public static let actionField: UInt32 = 2
    public static let reasonField: UInt32 = 3
    public static let commentField: UInt32 = 4
    public static let severityField: UInt32 = 5
    public static let decisionField: UInt32 = 6

    public static let entity = Entity(
        number,
        "qc_defect_event",
        in: [.subject],
        form: .event(stream: [defectField]),
        fields: [
            Field(defectField, "defect", .text, .fixed),
            Field(actionField, "action", .text, .fixed),
            Field(reasonField, "reason", .text, .fixed),
            Field(commentField, "comment", .text, .fixed),
            Field(severityField, "severity", .text, .fixed),
            Field(decisionField, "decision", .text, .authority),
        ]
    )

    /// The code of the defect.
    public let defect: String
    public let action: Action
    public let reason: String?
    public let comment: String?

    public init(
        _ defect: String,
        _ action: Action,
        reason: String? = nil,
        comment: String? = nil
    ) {
        self.defect = defect
        self.action = action
        self.reason = reason
        self.comment = comment
    }

    public init(_ fields: Fields) {
        defect = fields.text(Self.defectField) ?? ""
        reason = fields.text(Self.reasonField)
        comment = fields.text(Self.commentField)
        action = Self.action(fields)
    }

    public var values: FieldValues {
        var values = FieldValues()
        values.set(Self.defectField, defect)
        values.set(Self.reasonField, reason)
        values.set(Self.commentField, comment)
        values.set(Self.actionField, action.word)
        switch action {
        case .reclassify(let severity, let isDecided):
            values.set(Self.severityField, severity.rawValue)
            values.set(Self.decisionField, isDecided ? "reclassified" : nil as String?)
        case .waive: values.set(Self.decisionField, "waived")
        default: break
        }
        return values
    }

    private static func action(_ fields: Fields) -> Action {
        let decision = fields.text(decisionField)
        switch fields.text(actionField) {
        case "start": return .start
        case "contain": return .contain
        case "resolve": return .resolve
        case "verify": return .verify
        case "refuse": return .refuse
        case "reopen": return .reopen
        case "reclassify":
            let severity = fields.text(severityField).flatMap(Defect.Severity.init) ?? .critical
            return .reclassify(severity, isDecided: decision == "reclassified")
        case "waive": return decision == "waived" ? .waive : .askToWaive
        default: return .unknown
        }
    }
}

extension DefectStep.Action {
    /// The action as the field says it; nil for an unknown one.
    public var word: String? {
        switch self {
        case .start: "start"
        case .contain: "contain"
        case .resolve: "resolve"
        case .verify: "verify"
        case .refuse: "refuse"
        case .reopen: "reopen"
        case .reclassify: "reclassify"
        case .askToWaive, .waive: "waive"
        case .unknown: nil
        }
    }

    var isReclassification: Bool { if case .reclassify = self { true } else { false } }

    /// Whether the step shows that somebody works on the defect.
    var opens: Bool {
        switch self {
        case .start, .resolve, .refuse, .reopen: true
        default: false
        }
    }

    /// Whether the step would close a defect, alone or with another.
    var closes: Bool { self == .resolve || self == .verify || self == .waive }
}
