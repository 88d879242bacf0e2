public import CRDT

/// What somebody asks to be approved: a finish, a waiver, a quote, an advance item.
///
/// Keyed by what is to be reviewed, down to its revision, so that two stations that ask for the
/// same ask once. Its status follows from its events (``ApprovalEvent``) and stands nowhere.
///
/// - Source: DOM-190.
public enum ApprovalRequest {
    public static let number: UInt32 = 29
    /// What it is called within its kind: the slug of a sub-stage, the code of a task or item.
    public static let subjectKey: UInt32 = 1
    /// Of a sub-stage: which attempt, from 1.
    public static let attempt: UInt32 = 2
    /// The hash of what is to be reviewed.
    public static let revision: UInt32 = 3
    /// One of ``types``.
    public static let approvalType: UInt32 = 4
    /// low, normal, high or urgent.
    public static let priority: UInt32 = 5
    public static let requestedBy: UInt32 = 6
    /// Milliseconds since 1970 on the wall clock of whoever asked.
    public static let requestedAt: UInt32 = 7
    /// Milliseconds since 1970 on the hub's clock.
    public static let hubReceivedAt: UInt32 = 8
    /// Milliseconds since 1970: receipt and the hours of the policy.
    public static let dueAt: UInt32 = 9
    public static let comment: UInt32 = 10
    /// One of ``ApprovalSubject/Kind``; absent: progress.
    public static let subjectType: UInt32 = 11
    public static let amount: UInt32 = 12
    /// ISO 4217; absent: the tenant's.
    public static let currency: UInt32 = 13
    /// What conditions ask of: lists of a name of ``ApprovalFact`` and its value.
    public static let facts: UInt32 = 14
    /// From whom it would be bought.
    public static let vendor: UInt32 = 15
    /// What it is a part of, such as the advance of an item.
    public static let partOf: UInt32 = 16
    /// The requests of the same subject that it takes the place of.
    public static let replaces: UInt32 = 17
    /// Lists of a name and a hash: documents that lie beside it.
    public static let attachments: UInt32 = 18
    /// The slug of the policy that the hub found; absent: none fits.
    public static let policy: UInt32 = 19
    public static let policyVersion: UInt32 = 20
    /// Milliseconds since 1970: from then on a reminder is due.
    public static let remindAt: UInt32 = 21
    /// Milliseconds since 1970: then it expires.
    public static let expiresAt: UInt32 = 22
    /// Whether a breach gives it to the next delegate.
    public static let reassigns: UInt32 = 23
    /// Whether the hub has nothing more to do for it; false from its receipt on.
    public static let isSettled: UInt32 = 24

    /// What is reviewed: the seven of the source, and those that packs bring.
    public static let types = [
        "technical_review", "quote_approval", "po_approval", "supplier_selection",
        "quality_review", "shipment_release", "final_signoff", "bom_approval",
        "configuration_approval", "order_approval", "qc_waiver", "advance_item",
        "document_release", "task_signoff",
    ]

    /// What a finish asks for, by whose duty the sub-stage is.
    public static func type(ofRoles roles: [String]) -> String {
        let types = [
            ("qa", "quality_review"), ("engineering", "technical_review"),
            ("sales", "quote_approval"), ("procurement", "po_approval"),
            ("logistics", "shipment_release"), ("management", "final_signoff"),
        ]
        return types.first { roles.contains($0.0) }?.1 ?? "technical_review"
    }

    public static let entity = Entity(
        number,
        "approval_request",
        in: [.subject],
        form: .entity(key: [subjectType, subjectKey, approvalType, revision]),
        fields: [
            Field(subjectKey, "subject_key", .text, .fixed),
            Field(attempt, "attempt", .integer, .fixed),
            Field(revision, "revision", .bytes, .fixed),
            Field(approvalType, "approval_type", .text, .fixed),
            Field(priority, "priority", .text),
            Field(requestedBy, "requested_by", .id, .fixed),
            Field(requestedAt, "requested_at", .integer, .fixed),
            Field(hubReceivedAt, "hub_received_at", .integer, .authority),
            Field(dueAt, "sla_due_at", .integer, .authority),
            Field(comment, "comment", .text, .fixed),
            Field(subjectType, "subject_type", .text, .fixed),
            Field(amount, "amount", .decimal, .fixed),
            Field(currency, "currency", .text, .fixed),
            Field(facts, "facts", .list, .set),
            Field(vendor, "vendor", .text, .fixed),
            Field(partOf, "part_of", .text, .fixed),
            Field(replaces, "replaces", .id, .set),
            Field(attachments, "attachments", .list, .set),
            Field(policy, "policy", .text, .authority),
            Field(policyVersion, "policy_version", .integer, .authority),
            Field(remindAt, "remind_at", .integer, .authority),
            Field(expiresAt, "expires_at", .integer, .authority),
            Field(reassigns, "reassigns", .bool, .authority),
            Field(isSettled, "settled", .bool, .authority),
        ],
        indexes: [open, asked]
    )

    /// What a hub has received and not settled, by when it is due.
    public static let open = Index(
        1,
        "open",
        [.value(dueAt)],
        reach: .store,
        where: Index.Condition(field: isSettled, values: [.bool(false)])
    )

    /// All of them, by when they were asked.
    public static let asked = Index(2, "asked", [.value(requestedAt)], reach: .store)
}

/// What an approval is about, within the scope of its request.
public struct ApprovalSubject: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A sub-stage, by its slug.
        case progress
        /// A task, by its code.
        case task
        /// An inspection, by its id.
        case inspection
        /// Failed items of an inspection, by its id.
        case waiver
        case project
        case quote
        case purchaseOrder = "purchase_order"
        case supplier
        case shipment
        case bom
        case configuration
        case order
        case document
        case advanceItem = "advance_item"

        /// Whether the state of the records says what is to be reviewed.
        ///
        /// Of the others the request itself does, until the records are there.
        public var isRecorded: Bool {
            switch self {
            case .progress, .task, .inspection, .waiver: true
            default: false
            }
        }

        /// What a word means, in any case of letters, by whichever name the sources use.
        ///
        /// - Source: C-26, C-77 of the design's decisions.
        public init?(word: String) {
            let word = word.lowercased()
            switch word {
            case "project_sub_stage", "project_sub_stage_progress", "sub_stage": self = .progress
            case "production_task": self = .task
            case "qc_inspection": self = .inspection
            case "qc_waiver": self = .waiver
            case "po": self = .purchaseOrder
            case "order_sink_configuration": self = .configuration
            default: self.init(rawValue: word)
            }
        }
    }

    public let kind: Kind
    public let key: String

    public init(_ kind: Kind, _ key: String) {
        self.kind = kind
        self.key = key
    }
}

extension ApprovalSubject: CustomStringConvertible {
    /// Such as `progress:assembly`.
    public var description: String { "\(kind.rawValue):\(key)" }
}

/// What is reviewed, as a list of values: equal lists are the same revision.
///
/// - Source: DOM-191.
public struct SubjectRevision: Hashable, Sendable {
    public let parts: [Value]

    /// What a sub-stage is reviewed as: whatever happened to it but starts, finishes and approvals,
    /// and what its inspections show.
    ///
    /// Two stations that finish alike finish the same; a block, a rejection or a reopening makes
    /// another of it.
    ///
    /// - Parameters:
    ///   - subStage: Its slug.
    ///   - steps: Its events, as whoever asks was shown them.
    ///   - evidence: What inspections that hold it, and documents, show.
    public init(
        ofSubStage subStage: String,
        _ steps: Stream<ProgressStep>,
        evidence: Set<ApprovalEvidence> = []
    ) {
        let changing = steps.entries.filter { $0.event.action.changesWhatIsReviewed }
        self.init(.progress, subStage, changing.map(\.id), evidence)
    }

    /// What a task is signed off as: whatever happened to it but starts, notes and completions.
    public init(
        ofTask code: String,
        _ steps: Stream<TaskStep>,
        evidence: Set<ApprovalEvidence> = []
    ) {
        let changing = steps.entries.filter { entry in
            switch entry.event.action {
            case .hold, .resume, .askToCancel, .cancel, .reopen: true
            case .start, .progress, .complete, .issue, .unknown: false
            }
        }
        self.init(.task, code, changing.map(\.id), evidence)
    }

    /// What an inspection, or a waiver of it, is reviewed as.
    ///
    /// - Parameters:
    ///   - kind: Inspection or waiver.
    ///   - inspection: Its id.
    ///   - events: The measurements that stand; of a waiver those that it is about.
    ///   - evidence: Of photos and documents.
    public init(
        _ kind: ApprovalSubject.Kind,
        of inspection: ID,
        _ events: Set<ID>,
        evidence: Set<ApprovalEvidence> = []
    ) {
        self.init(kind, "\(inspection)", Array(events), evidence)
    }

    /// What a subject is reviewed as that only its request describes.
    ///
    /// What it takes the place of is part of it: asked again, it is another request.
    public init(_ ask: ApprovalAsk) {
        var parts: [Value] = [.text(ask.subject.kind.rawValue), .text(ask.subject.key)]
        parts += [ask.amount?.value ?? .null, ask.currency.map(Value.text) ?? .null]
        parts += [ask.vendor.map(Value.text) ?? .null, ask.partOf.map(Value.text) ?? .null]
        for (fact, value) in ask.facts.values.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            parts += [.text(fact.rawValue), value.value]
        }
        parts += ask.replaces.sorted().map(Value.id)
        self.parts = parts + ask.attachments.sorted().flatMap(\.parts)
    }

    private init(
        _ kind: ApprovalSubject.Kind,
        _ key: String,
        _ events: [ID],
        _ evidence: Set<ApprovalEvidence>
    ) {
        parts =
            [.text(kind.rawValue), .text(key)] + events.sorted().map(Value.id)
            + evidence.sorted().flatMap(\.parts)
    }
}

/// A document, photo or measurement that was reviewed: what it is called, and its hash or id.
public struct ApprovalEvidence: Hashable, Comparable, Sendable {
    public let name: String
    public let hash: [UInt8]

    public init(_ name: String, _ hash: [UInt8]) {
        self.name = name
        self.hash = hash
    }

    /// Reads an attachment as a record lists it; nil for what is not such a list.
    public init?(_ value: Value) {
        guard case .list(let items) = value, items.count == 2, case .text(let name) = items[0],
            case .bytes(let hash) = items[1]
        else { return nil }
        self.init(name, hash)
    }

    public var value: Value { .list(parts) }

    var parts: [Value] { [.text(name), .bytes(hash)] }

    public static func < (left: ApprovalEvidence, right: ApprovalEvidence) -> Bool {
        guard left.name.utf8.elementsEqual(right.name.utf8) else {
            return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
        return left.hash.lexicographicallyPrecedes(right.hash)
    }
}

extension ProgressStep.Action {
    fileprivate var changesWhatIsReviewed: Bool {
        switch self {
        case .block, .unblock, .skip, .reopen, .reject: true
        case .start, .finish, .approve, .unknown: false
        }
    }
}
