import CRDT

/// What a tenant says of how long a class, or one kind of record, is kept.
///
/// It lengthens what ``RetentionClass`` says, and never shortens it.
///
/// - Source: DOM-251.
public struct RetentionPolicy: Hashable, Sendable {
    public static let number: UInt32 = 73
    public static let subjectField: UInt32 = 1
    public static let keepYears: UInt32 = 2
    public static let keepDays: UInt32 = 3
    public static let archiveDays: UInt32 = 4
    public static let description: UInt32 = 5
    public static let isActiveField: UInt32 = 6

    public static let entity = Entity(
        number,
        "retention_policy",
        in: [.tenant],
        form: .entity(key: [subjectField]),
        writer: .hub,
        fields: [
            Field(subjectField, "subject", .text, .fixed),
            Field(keepYears, "keep_years", .integer),
            Field(keepDays, "keep_days", .integer),
            Field(archiveDays, "archive_after_days", .integer),
            Field(description, "description", .text),
            Field(isActiveField, "is_active", .bool),
        ]
    )

    /// The name of a class or of an entity.
    public let subject: String
    /// nil: the class alone says.
    public let keep: RetentionPeriod?
    /// nil: the class says.
    public let archiveAfter: RetentionPeriod?

    /// Longest period that a policy says.
    public static let yearsMax: Int64 = 1_000
    /// Longest period that a policy says in days.
    public static let daysMax: Int64 = 365_000

    public init(_ subject: String, keep: RetentionPeriod?, archiveAfter: RetentionPeriod? = nil) {
        self.subject = subject
        self.keep = keep
        self.archiveAfter = archiveAfter
    }

    /// Nil for a record that is none, or is not in force; numbers out of range say nothing.
    public init?(_ fields: Fields) {
        guard let subject = fields.text(Self.subjectField),
            fields.bool(Self.isActiveField) ?? true
        else { return nil }
        let years = Self.number(fields.integer(Self.keepYears), atMost: Self.yearsMax)
        let days = Self.number(fields.integer(Self.keepDays), atMost: Self.daysMax)
        let archive = Self.number(fields.integer(Self.archiveDays), atMost: Self.daysMax)
        self.init(
            subject,
            keep: years.map(RetentionPeriod.years) ?? days.map(RetentionPeriod.days),
            archiveAfter: archive.map(RetentionPeriod.days)
        )
    }

    private static func number(_ value: Int64?, atMost limit: Int64) -> UInt64? {
        value.flatMap { (1...limit).contains($0) ? UInt64($0) : nil }
    }

    /// Refuses a policy that nothing could follow.
    ///
    /// - Throws: `unknownValue` for a name that is neither a class nor an entity, `outOfRange`.
    public static func check(
        _ subject: String,
        years: Int64?,
        days: Int64?,
        archiveDays: Int64?,
        in schema: Schema
    ) throws(RuleFault) {
        let isKnown =
            RetentionClass(rawValue: subject) != nil
            || schema.entities.contains { $0.name == subject }
        guard isKnown else {
            let classes = RetentionClass.allCases.map(\.rawValue).joined(separator: ", ")
            throw RuleFault(.unknownValue, "neither a class nor a table; classes are \(classes)")
        }
        let isInRange =
            years.map { (1...yearsMax).contains($0) } != false
            && days.map { (1...daysMax).contains($0) } != false
            && archiveDays.map { (1...daysMax).contains($0) } != false
        guard isInRange, years == nil || days == nil else {
            throw RuleFault(.outOfRange, "1 to \(yearsMax) years or 1 to \(daysMax) days")
        }
    }
}

/// All policies in force: until when what is kept.
public struct RetentionPeriods: Hashable, Sendable {
    private let bySubject: [String: RetentionPolicy]
    private let names: [UInt32: String]

    public init(_ policies: [RetentionPolicy], in schema: Schema) {
        bySubject = Dictionary(policies.map { ($0.subject, $0) }) { first, _ in first }
        names = Dictionary(schema.entities.map { ($0.number, $0.name) }) { first, _ in first }
    }

    /// When the longest of the periods of a kind of record ends; nil: never.
    ///
    /// - Parameters:
    ///   - entity: Its number; of one that nobody knows: never.
    ///   - time: When the period began, milliseconds since 1970.
    /// - Returns: Milliseconds since 1970.
    public func end(of entity: UInt32, from time: UInt64) -> UInt64? {
        guard let kind = RetentionClass.of(entity) else { return nil }
        let periods = [kind.keep] + policies(of: entity, kind).compactMap(\.keep)
        var end: UInt64 = time
        for period in periods {
            guard let next = period.end(from: time) else { return nil }
            end = max(end, next)
        }
        return end
    }

    /// When a kind of record goes to the archive; nil: with nothing of its own.
    public func archiveTime(of entity: UInt32, from time: UInt64) -> UInt64? {
        guard let kind = RetentionClass.of(entity) else { return nil }
        let said = policies(of: entity, kind).compactMap(\.archiveAfter).first
        return (said ?? kind.archiveAfter)?.end(from: time)
    }

    private func policies(of entity: UInt32, _ kind: RetentionClass) -> [RetentionPolicy] {
        [names[entity].flatMap { bySubject[$0] }, bySubject[kind.rawValue]].compactMap(\.self)
    }
}
