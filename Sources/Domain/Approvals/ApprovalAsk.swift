public import CRDT

/// What a request asks for, as its author wrote it.
public struct ApprovalAsk: Hashable, Sendable {
    public typealias Record = ApprovalRequest

    public let subject: ApprovalSubject
    public let type: String
    public var attempt: Int64?
    /// The hash of what is to be reviewed.
    public var revision: [UInt8]?
    public var priority = "normal"
    public var requestedBy: ID
    /// Milliseconds since 1970.
    public var requestedAt: Int64
    public var comment: String?
    public var amount: DecimalNumber?
    public var currency: String?
    public var facts = ApprovalFacts()
    public var vendor: String?
    public var partOf: String?
    public var replaces: Set<ID> = []
    public var attachments: Set<ApprovalEvidence> = []

    public init(
        _ subject: ApprovalSubject,
        _ type: String,
        by requestedBy: ID,
        at requestedAt: Int64
    ) {
        self.subject = subject
        self.type = type
        self.requestedBy = requestedBy
        self.requestedAt = requestedAt
    }

    /// Reads a record of ``ApprovalRequest``; nil for a subject of a newer version.
    public init?(_ fields: Fields) {
        let word = fields.text(Record.subjectType) ?? ApprovalSubject.Kind.progress.rawValue
        guard let kind = ApprovalSubject.Kind(rawValue: word),
            let key = fields.text(Record.subjectKey)
        else { return nil }
        self.init(
            ApprovalSubject(kind, key),
            fields.text(Record.approvalType) ?? "",
            by: fields.id(Record.requestedBy) ?? .zero,
            at: fields.integer(Record.requestedAt) ?? 0
        )
        attempt = fields.integer(Record.attempt)
        revision = fields.bytes(Record.revision)
        priority = fields.text(Record.priority) ?? "normal"
        comment = fields.text(Record.comment)
        amount = DecimalNumber(fields[Record.amount])
        currency = fields.text(Record.currency)
        facts = ApprovalFacts(fields.elements(Record.facts))
        vendor = fields.text(Record.vendor)
        partOf = fields.text(Record.partOf)
        replaces = Set(
            fields.elements(Record.replaces).compactMap {
                if case .id(let id) = $0 { id } else { nil }
            }
        )
        attachments = Set(fields.elements(Record.attachments).compactMap(ApprovalEvidence.init))
    }

    /// The fields with which the record is created.
    public var values: FieldValues {
        var values = FieldValues()
        values.set(Record.subjectType, subject.kind.rawValue)
        values.set(Record.subjectKey, subject.key)
        values.set(Record.attempt, attempt)
        values[Record.revision] = revision.map(Value.bytes)
        values.set(Record.approvalType, type)
        values.set(Record.priority, priority)
        values.set(Record.requestedBy, requestedBy)
        values.set(Record.requestedAt, requestedAt)
        values.set(Record.comment, comment)
        values[Record.amount] = amount?.value
        values.set(Record.currency, currency)
        values.set(Record.vendor, vendor)
        values.set(Record.partOf, partOf)
        if !facts.values.isEmpty { values.add(Record.facts, facts.elements) }
        if !replaces.isEmpty { values.add(Record.replaces, replaces.map(Value.id)) }
        if !attachments.isEmpty { values.add(Record.attachments, attachments.map(\.value)) }
        return values
    }

    /// What conditions read: what was said, and what the request itself holds.
    ///
    /// - Parameters:
    ///   - known: What the hub knows of the subject; it counts before what was said.
    ///   - amount: In the tenant's currency; nil where it cannot be said.
    /// - Returns: The facts.
    public func facts(
        _ known: ApprovalFacts = ApprovalFacts(),
        amount: DecimalNumber?
    ) -> ApprovalFacts {
        var all = facts
        all.values.merge(known.values) { _, known in known }
        for fact in [ApprovalFact.amount, .quoteValue, .poValue] {
            all.values[fact] = amount.map(ApprovalFacts.Value.number)
        }
        all.values[.priority] = .word(priority)
        return all
    }

    /// Most attachments of a request, and most facts.
    public static let partsMax = 30

    /// Checks what a person asks for.
    ///
    /// - Throws: `unknownValue`, `empty`, `tooLong`, `outOfRange`.
    public func check() throws(RuleFault) {
        guard ApprovalRequest.types.contains(type) else {
            let known = ApprovalRequest.types.joined(separator: ", ")
            throw RuleFault(.unknownValue, "an approval is one of \(known)")
        }
        try TextRule.code(subject.key)
        try TextRule.comment(comment)
        for text in [vendor, partOf].compactMap(\.self) { try TextRule.title(text) }
        if let amount, amount.mantissa < 0 {
            throw RuleFault(.outOfRange, "an amount is not negative")
        }
        if let currency {
            let isCode =
                currency.utf8.count == 3
                && currency.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            guard isCode else { throw RuleFault(.unknownValue, "a currency is three letters: USD") }
        }
        guard attachments.count <= Self.partsMax, facts.values.count <= Self.partsMax else {
            throw RuleFault(.outOfRange, "at most \(Self.partsMax) stand beside a request")
        }
        for attachment in attachments {
            try TextRule.code(attachment.name)
            guard attachment.hash.count == 32 else {
                throw RuleFault(.unknownValue, "a document is named by a hash of 32 bytes")
            }
        }
    }
}
